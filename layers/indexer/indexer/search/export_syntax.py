"""How exports are written: what the index does not keep of them is read in the text of the file.

The rows tell where a name stands in an export list and what it leads to, the text by which name
others get it. A place is an offset in UTF-8; everything here takes linear time.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from indexer.parsing.source import line_starts

DEFAULT: Final = "default"
EXPORT_EQUALS: Final = "export="
EVERYTHING: Final = "*"

_NAME = rb"[\w$\x80-\xff]+"
_WORD: Final = re.compile(_NAME)
_STRING: Final = re.compile(rb"\"([^\"\n]*)\"|'([^'\n]*)'")
_WHOLE_MODULE: Final = re.compile(
    rb"\bmodule\.exports[ \t]*=[ \t]*(?:exports[ \t]*=[ \t]*)?("
    + _NAME
    + rb")[ \t]*(?:;|/[/*]|\r?\n|\Z)"
)
_WHOLE_DECLARED: Final = re.compile(rb"(?:exports[ \t]*=[ \t]*)?module\.exports[ \t]*=")
# A colon stands before a statement too, behind a label; that is rare.
_BEFORE_VALUES: Final = tuple(bytes([one]) for one in b"(,=:?[!&|+-*/%^~<>")
_WORDS_BEFORE_VALUES: Final = frozenset(
    b"return throw typeof void delete new await yield in of instanceof case extends default".split()
)
_OF_THE_MODULE: Final = frozenset(("exports", "module"))
_BLANK: Final = b" \t\r\n"
_WORD_BYTES: Final = bytes(one for one in range(256) if _WORD.match(bytes([one])))
_QUOTES: Final = (b'"', b"'")
# What stands before a specifier is looked for no further back than a long name and some blanks.
_FAR: Final = 2_000


class Assigned(Enum):
    """What a file says in CommonJS where a use of a name exports something."""

    NAME = "name"
    """It exports what the name means, by that name."""
    WHOLE = "whole"
    """The use is of `exports` in `module.exports = …`: what it leads to is all of the module."""
    ALL_NAMES = "all names"
    """All that the module exports which the use leads to."""
    OPEN = "open"
    """Something, by names that are not known."""


class ExportText:
    """The text of a file that exports something."""

    def __init__(self, content: str) -> None:
        self._text = content.encode()
        self._starts = line_starts(self._text)

    def exported_as(self, name: str, line: int, column: int) -> str:
        """By which name others get what `name` at this place of an export statement means."""
        at = self._offset(line, column)
        spelled = name.encode()
        if at is None or not self._text.startswith(spelled, at):
            return name
        before = self._before(at)
        if before.endswith(b"="):
            return EXPORT_EQUALS
        if _last_word(before) == b"default":
            return DEFAULT
        after = self._skip(at + len(spelled))
        if _word_at(self._text, after) != b"as":
            return name
        return self._name_at(self._skip(after + len(b"as"))) or name

    def assigned_at(self, name: str, line: int, column: int) -> Assigned:
        """How JavaScript exports something where `name` stands at this place."""
        at = self._offset(line, column)
        before = b"" if at is None else self._before(at)
        if name == "exports" and before.endswith(b"."):
            return Assigned.WHOLE
        if name in _OF_THE_MODULE:
            return Assigned.OPEN
        passes_on = name == "require" or before.endswith((b"...", b"="))
        return Assigned.ALL_NAMES if passes_on else Assigned.NAME

    def is_required_as(self, name: str, line: int, column: int) -> bool:
        """Whether the module specifier at this place is that of `name = require("…")`."""
        at = self._offset(line, column)
        before = b"" if at is None else self._before(at)
        for written in (b"(", b"require", b"="):
            if not before.endswith(written):
                return False
            before = _trimmed(before.removesuffix(written))
        return _last_word(before) == name.encode()

    def taken_from(self, line: int, column: int) -> str | None:
        """What the statement takes whose module specifier stands at this place.

        EVERYTHING for `export * from`, the name in `export * as name from`, None for a list.
        """
        at = self._offset(line, column)
        if at is None:
            return None
        before = self._before(at).removesuffix(b"from")
        before = _trimmed(before)
        if before.endswith(b"*"):
            return EVERYTHING
        name = _last_string(before) or _last_word(before)
        before = _trimmed(before.removesuffix(name))
        if not name or _last_word(before) != b"as":
            return None
        if not _trimmed(before.removesuffix(b"as")).endswith(b"*"):
            return None
        return _decoded(name[1:-1] if name.endswith(_QUOTES) else name)

    def is_declared_as_export(self, line: int, column: int) -> bool:
        """Whether what begins at this place begins with `export`."""
        at = self._offset(line, column)
        return at is not None and _word_at(self._text, at) == b"export"

    def is_all_of_the_module(self, line: int, column: int) -> bool:
        """Whether what begins at this place is `module.exports = …`."""
        at = self._offset(line, column)
        return at is not None and _WHOLE_DECLARED.match(self._text, at) is not None

    def is_expression(self, line: int, column: int) -> bool:
        """Whether the function or class that begins at this place is a value where it stands."""
        at = self._offset(line, column)
        if at is None:
            return False
        before = self._before(at)
        return before.endswith(_BEFORE_VALUES) or _last_word(before) in _WORDS_BEFORE_VALUES

    def names_of_the_module(self) -> set[str]:
        """The names in `module.exports = name`."""
        return {_decoded(found[1]) for found in _WHOLE_MODULE.finditer(self._text)}

    def _offset(self, line: int, column: int) -> int | None:
        if line > len(self._starts):
            return None
        start = self._starts[line - 1]
        # A code unit has three bytes at the most.
        written = self._text[start : start + 3 * column]
        if written.isascii():
            return start + column
        units = written.decode("utf-8", "ignore").encode("utf-16-le")[: 2 * column]
        return start + len(units.decode("utf-16-le", "ignore").encode())

    def _before(self, at: int) -> bytes:
        return _trimmed(self._text[max(0, at - _FAR) : at])

    def _skip(self, at: int) -> int:
        """Where the next thing begins that is no blank and no comment."""
        text = self._text
        while at < len(text):
            if text[at] in _BLANK:
                at += 1
            elif text.startswith(b"//", at):
                end = text.find(b"\n", at)
                at = len(text) if end < 0 else end + 1
            elif text.startswith(b"/*", at):
                end = text.find(b"*/", at + 2)
                at = len(text) if end < 0 else end + 2
            else:
                break
        return at

    def _name_at(self, at: int) -> str | None:
        if (word := _WORD.match(self._text, at)) is not None:
            return _decoded(word[0])
        string = _STRING.match(self._text, at)
        return None if string is None else _decoded(string[1] or string[2] or b"")


def _trimmed(text: bytes) -> bytes:
    """Without the blanks and the comments of the form `/* */` at its end."""
    text = text.rstrip(_BLANK)
    while text.endswith(b"*/") and (start := text.rfind(b"/*")) >= 0:
        text = text[:start].rstrip(_BLANK)
    return text


def _word_at(text: bytes, at: int) -> bytes:
    found = _WORD.match(text, at)
    return b"" if found is None else found[0]


def _last_word(text: bytes) -> bytes:
    return text[len(text.rstrip(_WORD_BYTES)) :]


def _last_string(text: bytes) -> bytes:
    """With its quotes; empty: the text ends with none."""
    if not text.endswith(_QUOTES):
        return b""
    start = text.rfind(text[-1:], 0, len(text) - 1)
    return text[start:] if start >= 0 else b""


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "replace")
