"""Sets of files as one number each: bit n for file n, so that sets are joined and met at once."""

from __future__ import annotations

from collections.abc import Iterable


def set_of(numbers: Iterable[int]) -> int:
    """The set of these numbers, in any order."""
    members = list(numbers)
    bits = bytearray(max(members, default=0) // 8 + 1)
    for number in members:
        bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


def members_of(files: int) -> list[int]:
    """The numbers of a set, upwards."""
    return [number for number, bit in enumerate(reversed(f"{files:b}")) if bit == "1"]
