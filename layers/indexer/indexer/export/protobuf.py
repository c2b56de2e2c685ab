"""Protocol buffers as bytes: the three kinds of field that an export needs.

Written here rather than by the `protobuf` library: its generated classes would be some thousand
generated lines and a package of 1 MB for the eight messages that SCIP takes, and a stream of
messages has to be framed by hand with it too. The tests decode what this writes with the published
schema.
"""

from __future__ import annotations

from collections.abc import Iterable

_VARINT = 0
_BYTES = 2
_LOW_BITS = 0x7F


def varint(number: int) -> bytes:
    """A number of 0 or more, 7 bits a byte, the lowest first."""
    written = bytearray()
    while number > _LOW_BITS:
        written.append(number & _LOW_BITS | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


def number(field: int, value: int) -> bytes:
    """A field that holds an integer, a bool or an enum; nothing for 0, which is the default."""
    return varint(field << 3 | _VARINT) + varint(value) if value else b""


def numbers(field: int, values: Iterable[int]) -> bytes:
    """A packed repeated field of integers."""
    return message(field, b"".join(map(varint, values)))


def text(field: int, value: str | None) -> bytes:
    """A field that holds a text; nothing for an empty one, which is the default."""
    return message(field, value.encode()) if value else b""


def message(field: int, content: bytes) -> bytes:
    """A field that holds another message, or one element of a repeated one."""
    return varint(field << 3 | _BYTES) + varint(len(content)) + content
