"""A place in an expression that is being read, and how its reader complains."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from indexer.errors import KotaError

WITHIN_A_LINE: Final = "A search matches within a line, so no line feed can be looked for."


class ExpressionInvalid(KotaError):
    """The expression cannot be searched for. The text says why, in a sentence or two.

    At fault are the `length` code points from `position` on, counted from 0; at the end of what was
    written `length` may be 0.
    """

    code: ClassVar[str] = "expression_invalid"

    def __init__(self, message: str, position: int, length: int) -> None:
        super().__init__(message)
        self.message, self.position, self.length = message, position, length


class Cursor:
    """What was written, and how far it is read."""

    __slots__ = ("at", "written")

    def __init__(self, written: str, at: int = 0) -> None:
        self.written, self.at = written, at

    @property
    def ended(self) -> bool:
        """Whether all is read."""
        return self.at >= len(self.written)

    @property
    def next(self) -> str:
        """The next character; the empty text at the end."""
        return self.written[self.at : self.at + 1]

    @property
    def after(self) -> str:
        """The character after the next; the empty text where there is none."""
        return self.written[self.at + 1 : self.at + 2]

    def take(self) -> str:
        """The next character, which is read by that."""
        letter = self.next
        self.at += 1
        return letter

    def takes(self, expected: str) -> bool:
        """Whether this text comes next; if so, it is read."""
        if not self.written.startswith(expected, self.at):
            return False
        self.at += len(expected)
        return True

    def matched(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What the pattern matches from here on; nothing is read."""
        return pattern.match(self.written, self.at)

    def refused(self, message: str, start: int, end: int) -> ExpressionInvalid:
        """The complaint about what stands from `start` to before `end`."""
        return ExpressionInvalid(message, start, min(end, len(self.written)) - start)
