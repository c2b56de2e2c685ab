"""What runs inside a child: take the limits on, then serve the channel.

The exit status tells the parent what an answer no longer can.
"""

from __future__ import annotations

import importlib
import socket
import sys
from collections.abc import Callable
from typing import Final

from indexer.sandbox.channel import Channel, ChannelClosed
from indexer.sandbox.limits import ChildLimits, die_with_parent
from indexer.traces import trace_of

FAILED: Final = 1
OUT_OF_MEMORY: Final = 71


def serve(target: str, descriptor: int, *, limits: ChildLimits, parent: int) -> int:
    """Serve the channel of this descriptor until its other end closes or `target` returns.

    `parent` is the process with which this one ends. Gives the exit status.
    """
    die_with_parent(parent)
    limits.apply()
    connection = socket.socket(fileno=descriptor)
    try:
        with Channel(connection, message_bytes=limits.message_bytes) as channel:
            _resolve(target)(channel)
    except MemoryError:
        return OUT_OF_MEMORY
    except ChannelClosed:
        # The parent wants nothing more: the ordinary end of a child that serves in a loop.
        return 0
    except Exception as error:  # noqa: BLE001 - whatever it was, only the log hears of it
        sys.stderr.write(f"{trace_of(error)}\n")
        return FAILED
    return 0


def _resolve(target: str) -> Callable[[Channel], None]:
    """The function named `package.module:function`."""
    module, _, name = target.partition(":")
    serve: Callable[[Channel], None] = getattr(importlib.import_module(module), name)
    return serve
