"""What is told to people: words that depend on a number, and who hears the steps of a long work."""

from __future__ import annotations

from collections.abc import Callable

# Takes one step, as a line of text.
Say = Callable[[str], None]


def counted(number: int, thing: str) -> str:
    """`1 job`, `2 jobs`, `1,000 jobs`: for things whose plural takes an s."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
