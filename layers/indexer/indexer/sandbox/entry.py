"""What runs inside a child: take the limits on, then serve the channel.

The exit status tells the parent what an answer no longer can.
"""

from __future__ import annotations

import importlib
import socket
from collections.abc import Callable
from typing import Final

from indexer.sandbox.channel import Channel, ChannelClosed
from indexer.sandbox.limits import ChildLimits, die_with_parent

OUT_OF_MEMORY: Final = 71


def serve(target: str, descriptor: int, *, limits: ChildLimits, parent: int) -> int:
    """Serve the channel of this descriptor until its other end closes or `target` returns.

    `parent` is the process with which this one ends. Gives the exit status; what else `target`
    raises is passed on.
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
    return 0


def _resolve(target: str) -> Callable[[Channel], None]:
    """The function named `package.module:function`."""
    module, _, name = target.partition(":")
    serve: Callable[[Channel], None] = getattr(importlib.import_module(module), name)
    return serve
