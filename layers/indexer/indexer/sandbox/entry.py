"""What runs inside a child: take the limits on, then serve the channel.

Started by `child.Child` as `python -m indexer.sandbox.entry DESCRIPTOR PARENT TARGET LIMITS…`.
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


def main(arguments: list[str]) -> int:
    """Serve until the parent closes the channel or the target returns; the exit status."""
    descriptor, parent, target, *words = arguments
    die_with_parent(int(parent))
    limits = ChildLimits.from_arguments(words)
    limits.apply()
    connection = socket.socket(fileno=int(descriptor))
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
