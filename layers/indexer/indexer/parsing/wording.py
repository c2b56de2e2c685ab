"""The words of a declaration: its signature on one line, and its own JSDoc."""

from __future__ import annotations

import re

SIGNATURE_LIMIT = 2_000
"""Characters of a signature that are kept."""
DOCUMENTATION_LIMIT = 8_000
"""Characters of a documentation comment that are kept."""

# Twice the limit in bytes: enough for any text that collapses to it, and a bound for hostile ones.
_SIGNATURE_BYTES = 2 * SIGNATURE_LIMIT
_DOCUMENTATION_BYTES = 2 * DOCUMENTATION_LIMIT

_STRING_OR_COMMENT = re.compile(
    rb"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|//[^\n]*|/\*.*?\*/""",
    re.DOTALL,
)
_LICENCE = re.compile(
    rb"@licen[cs]e|@preserve|@copyright|@fileoverview|@packagedocumentation|\bcopyright\b|SPDX-",
    re.IGNORECASE,
)
_MARGIN = re.compile(r"^[ \t]*\*? ?", re.MULTILINE)
_BLANK = b" \t\r\n"
# Not `@typedef`, which declares another type.
_TYPE = re.compile(r"@type(?![A-Za-z])")
_THIS = re.compile(r"@this(?![A-Za-z])")


def signature(written: bytes) -> str:
    """The head of a declaration on one line, without its comments."""
    written = written[:_SIGNATURE_BYTES]
    if b"//" in written or b"/*" in written:
        written = _STRING_OR_COMMENT.sub(lambda found: found[1] or b" ", written)
    return " ".join(written.decode("utf-8", "replace").split())[:SIGNATURE_LIMIT]


def _cleaned(comment: bytes) -> str | None:
    inner = comment[3:-2][:_DOCUMENTATION_BYTES].decode("utf-8", "replace")
    lines = _MARGIN.sub("", inner.replace("\r\n", "\n")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()[:DOCUMENTATION_LIMIT] or None


def _heads_the_file(text: bytes, start: int, end: int, declared_at: int) -> bool:
    """Whether the first comment of a file stands apart from what follows it."""
    return not text[:start].strip() and text.count(b"\n", end, declared_at) > 1


class Comments:
    """The comments of a file by where they end, filled while the tree is walked."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._starts: dict[int, int] = {}

    def add(self, start: int, end: int) -> None:
        """Remember a comment that may document what follows it."""
        self._starts[end] = start

    def jsdoc(self) -> list[tuple[int, int]]:
        """Where the JSDoc comments begin and end, in their order."""
        text = self._text
        return sorted((at, end) for end, at in self._starts.items() if text.startswith(b"/**", at))

    def says_type(self, declared_at: int) -> bool:
        """Whether the JSDoc right before a declaration or a value says what type it has."""
        return _TYPE.search(self.documentation(declared_at) or "") is not None

    def says_this(self, declared_at: int) -> bool:
        """Whether the JSDoc right before a declaration says what `this` is in it."""
        return _THIS.search(self.documentation(declared_at) or "") is not None

    def documentation(self, declared_at: int) -> str | None:
        """The JSDoc right before a declaration, without its stars; other comments between pass."""
        text, end = self._text, declared_at
        while True:
            while end and text[end - 1] in _BLANK:
                end -= 1
            start = self._starts.get(end)
            if start is None:
                return None
            if text.startswith(b"/**", start) and end - start > len(b"/***/"):
                break
            end = start
        if _LICENCE.search(text, start, end) or _heads_the_file(text, start, end, declared_at):
            return None
        return _cleaned(text[start:end])
