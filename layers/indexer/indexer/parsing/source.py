"""A file's text as the parser needs it: clean UTF-8 bytes and the places in them.

Every byte sequence either becomes text that Postgres can store (no U+0000, no surrogates) or is
refused with a reason.
"""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import accumulate
from typing import ClassVar

from indexer.errors import KotaError

NAME_LIMIT = 512
"""Characters of a name or specifier that are kept."""

_UTF16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# More broken bytes than one in this many: not a text with a blemish but something else.
_TEXT_PER_BLEMISH = 20
# What U+2028 and U+2029 begin with.
_SEPARATORS = (b"\xe2\x80\xa8", b"\xe2\x80\xa9")


class FileNotParsed(KotaError):
    """Nothing can be said about this file. `reason` is stable and is what files are counted by."""

    code = "file_not_parsed"
    reason: ClassVar[str]


class NotText(FileNotParsed):
    """The bytes are no text: too many of them are NUL or no UTF-8."""

    reason = "not_text"

    def __init__(self, *, broken: int, size: int) -> None:
        super().__init__(f"{broken} of {size} bytes are not text")
        self.broken, self.size = broken, size


class NotUtf16(FileNotParsed):
    """The bytes begin with the mark of UTF-16 and go on as something else."""

    reason = "not_utf16"

    def __init__(self, *, size: int) -> None:
        super().__init__(f"the {size} bytes are marked as UTF-16 and are not")
        self.size = size


def _from_utf16(raw: bytes, encoding: str) -> bytes:
    try:
        return raw[2:].decode(encoding).encode("utf-8")
    except UnicodeDecodeError:
        raise NotUtf16(size=len(raw)) from None


def _cleaned(raw: bytes) -> tuple[bytes, int]:
    """The text in UTF-8, and how many NULs and broken sequences were replaced."""
    if encoding := _UTF16_MARKS.get(raw[:2]):
        text = _from_utf16(raw, encoding)
    else:
        text = raw.removeprefix(codecs.BOM_UTF8)
    broken = text.count(0)
    if broken:
        text = text.replace(b"\0", b" ")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        mended = text.decode("utf-8", "replace")
        broken += mended.count("\ufffd")
        text = mended.encode("utf-8")
    return text, broken


def line_starts(text: bytes) -> list[int]:
    """The offset at which each line of a text in UTF-8 begins; an empty text has one line.

    Lines end as the TypeScript compiler ends them: at LF, CR, CRLF, U+2028 and U+2029.
    """
    if not text.isascii():
        # Bytes are split at LF, CR and CRLF alone: one of them where a separator ends.
        for separator in _SEPARATORS:
            text = text.replace(separator, b"  \n")
    lines = text.splitlines(keepends=True)
    starts = list(accumulate(map(len, lines), initial=0))
    if lines and not lines[-1].endswith((b"\n", b"\r")):
        starts.pop()
    return starts


def lines_of(text: bytes) -> list[str]:
    """The lines of a text in UTF-8, as `line_starts` counts them, without what ends them."""
    starts = line_starts(text)
    ends = [*starts[1:], len(text)]
    return [
        text[start:end].decode().rstrip("\r\n\u2028\u2029")
        for start, end in zip(starts, ends, strict=True)
    ]


class _Names(dict[bytes, str]):
    """The text of names by their bytes; what was asked for before is found without a call."""

    def __missing__(self, spelled: bytes) -> str:
        text = self[spelled] = spelled.decode("utf-8", "replace")[:NAME_LIMIT]
        return text


class SourceText:
    """The clean text of one file and its line table.

    `text` is what offsets count in: UTF-8 without a byte order mark. `blemishes` is the number of
    NULs (now spaces) and of broken UTF-8 sequences (now U+FFFD) that were replaced.
    """

    def __init__(self, raw: bytes) -> None:
        self.text, self.blemishes = _cleaned(raw)
        if self.blemishes * _TEXT_PER_BLEMISH > len(raw):
            raise NotText(broken=self.blemishes, size=len(raw))
        self.is_ascii = self.text.isascii()
        self.name: Callable[[bytes], str] = _Names().__getitem__
        """The text of a name or specifier, bounded; equal bytes give the same object."""

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset at which each line begins."""
        return line_starts(self.text)

    def position(self, offset: int) -> tuple[int, int]:
        """Line (from 1) and column (from 0, in UTF-16 code units) of an offset."""
        line = bisect_right(self.line_starts, offset)
        start = self.line_starts[line - 1]
        if self.is_ascii:
            return line, offset - start
        before = self.text[start:offset]
        if before.isascii():
            return line, offset - start
        return line, len(before.decode("utf-8", "replace").encode("utf-16-le")) // 2

    def positions(self, offsets: Iterable[int]) -> Iterator[tuple[int, int]]:
        """`position` of each of many offsets, which must not go down."""
        starts = [*self.line_starts, len(self.text) + 1]
        line, start, end = 0, 0, 0
        ascii_line = self.is_ascii
        for offset in offsets:
            while offset >= end:
                start, end = end, starts[line + 1]
                line += 1
                ascii_line = self.is_ascii or self.text[start:end].isascii()
            yield (line, offset - start) if ascii_line else self.position(offset)
