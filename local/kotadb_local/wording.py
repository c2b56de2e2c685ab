"""Words that depend on a number."""

from __future__ import annotations


def counted(number: int, thing: str) -> str:
    """`1 job`, `2 jobs`, `1,000 jobs`: for things whose plural takes an s."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
