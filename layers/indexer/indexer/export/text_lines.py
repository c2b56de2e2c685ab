"""The text of one file by lines and by columns in UTF-16 code units, as an index counts them."""

from __future__ import annotations

import re
from typing import Final

_LINE_END = re.compile("\r\n|\n|\r|\u2028|\u2029")
_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[#@]?[\w$]+")
_WORD = re.compile(r"[\w$\u200c\u200d]+")
# How a name goes on that is bound under another one, and what may stand between a name and the
# module that it is taken from.
_ALIAS = re.compile(r"\s+as\s+([\w$]+)|\s*:\s*([\w$]+)")
_WHOLE = re.compile(
    r"([\w$]+)\s*=\s*(?:await\s+)?(?:require|import)\s*\(\s*$|\*\s*as\s+([\w$]+)\s+from\s*$"
)
_ASKS = re.compile(r"(?:\bfrom|=\s*(?:await\s+)?(?:require|import)\s*\()\s*$")
_LIST = re.compile(r"\{[^{}]*\}")
_MOST_BETWEEN: Final = 20_000
_LOOKED_BACK: Final = 200


def utf16_length(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


class TextLines:
    """A text; an empty one where it is not known, of which every line is empty.

    Lines count from 1, columns from 0.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        ends = list(_LINE_END.finditer(text))
        self._starts = [0, *(end.end() for end in ends)]
        self._ends = [*(end.start() for end in ends), len(text)]

    def line(self, number: int) -> str:
        """A line without its end; empty where there is none."""
        if not 1 <= number <= len(self._starts):
            return ""
        return self._text[self._starts[number - 1] : self._ends[number - 1]]

    def length(self, number: int) -> int:
        """How long a line is, in UTF-16 code units."""
        return utf16_length(self.line(number))

    def end_of_name(self, line: int, column: int, name: str) -> int:
        """Where what is called `name` ends, which begins at that column.

        It may be written in another way: quoted, or as `export default` without any name. Then it
        is the word or string that stands there; nothing, if neither does.
        """
        text = self.line(line)
        if not text:
            return column + utf16_length(name)
        at = _index(text, column)
        if text.startswith(name, at) and name:
            return column + utf16_length(name)
        token = _TOKEN.match(text, at)
        return column + utf16_length(token.group()) if token else column

    def words(self, line: int, word: str) -> list[int]:
        """The columns at which a word stands in a line, comments and strings among them."""
        text = self.line(line)
        return [
            utf16_length(text[: found.start()])
            for found in _WORD.finditer(text)
            if found.group() == word
        ]

    def follows_a_dot(self, line: int, column: int) -> bool:
        """Whether what stands there is a member of what stands before it."""
        before = self._before(line, column).rstrip()
        return before.endswith(".") and not before.endswith("...")

    def alias(self, line: int, end: int) -> str | None:
        """The name that an imported one gets, whose own name ends at `end`."""
        found = _ALIAS.match(self._text, self._offset(line, end))
        return (found.group(1) or found.group(2)) if found else None

    def whole_module(self, line: int, column: int) -> str | None:
        """The name that gets all of the module whose specifier stands there.

        As in `x = require(…)` and `import * as x from …`.
        """
        found = _WHOLE.search(self._before(line, column))
        return (found.group(1) or found.group(2)) if found else None

    def taken_from(self, end: tuple[int, int], specifier: tuple[int, int]) -> bool | None:
        """Whether a name that ends at one place is taken out of the module named at the other.

        True: it is one of the names in braces. False: it stands for the module, or its default.
        None: the two do not belong together.
        """
        first, last = self._offset(*end), self._offset(*specifier)
        if not 0 <= last - first <= _MOST_BETWEEN:
            return None
        between = self._text[first:last]
        asks = _ASKS.search(between)
        if asks is None:
            return None
        between = _LIST.sub("", between[: asks.start()])
        inside, brace, after = between.partition("}")
        if any(mark in inside + after for mark in ";'\"`(){}") or (brace and after.strip()):
            return None
        return bool(brace)

    def _before(self, line: int, column: int) -> str:
        offset = self._offset(line, column)
        return self._text[max(0, offset - _LOOKED_BACK) : offset]

    def _offset(self, line: int, column: int) -> int:
        if not 1 <= line <= len(self._starts):
            return len(self._text)
        return self._starts[line - 1] + _index(self.line(line), column)


def _index(text: str, column: int) -> int:
    """Where in a text the code unit of that number is."""
    if text.isascii():
        return min(column, len(text))
    units = text.encode("utf-16-le")[: 2 * column]
    return len(units.decode("utf-16-le", "ignore"))
