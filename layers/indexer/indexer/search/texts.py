"""What a file says: its text, or some lines of it."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import ClassVar, NamedTuple
from uuid import UUID

from indexer.database.connection import Database, Row
from indexer.errors import Refused
from indexer.parsing.source import line_starts
from indexer.search.files import FileNotFound, IndexedFile
from indexer.search.repositories import Snapshot, snapshot_of

MOST_TEXT_BYTES = 512 * 1024
"""Bytes of UTF-8 in one answer."""

MOST_WRITTEN_BYTES = 900_000
"""Bytes of the text as JSON, where a quote has two bytes and most control characters have six."""

_NUMBER = r"([1-9][0-9]{0,8})"
_LINES = re.compile(f"{_NUMBER}(?:(-){_NUMBER}?)?", re.ASCII)
_CONTINUES = range(0x80, 0xC0)

# RFC 8259, section 7: those with a short escape, and those that are written as \u00XX.
_ESCAPED_BY_ONE = b'"\\\b\f\n\r\t'
_ESCAPED_BY_FIVE = bytes(set(range(0x20)) - set(_ESCAPED_BY_ONE))


class LinesInvalid(Refused):
    """The lines are not written as one number, or as a first and a last one."""

    code = "lines_invalid"
    status: ClassVar[int] = 422

    def __init__(self) -> None:
        super().__init__("Write lines as 10, 10-20 or 10-, counted from 1.")


class LinesBeyondEnd(Refused):
    """The first line that is wanted is beyond the last one of the file."""

    code = "lines_beyond_end"
    status: ClassVar[int] = 422

    def __init__(self, line_count: int) -> None:
        super().__init__(f"The last line of the file is {line_count}.")


class FileNotText(Refused):
    """The bytes of the file are no text."""

    code = "file_not_text"
    status: ClassVar[int] = 404

    def __init__(self, reason: str) -> None:
        super().__init__(f"The file is indexed without a text: {reason}.")


class TextNotStored(Refused):
    """The commit was indexed before texts were stored; indexed again it has them."""

    code = "text_not_stored"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(
            "This commit was indexed before texts of files were stored; index it again."
        )


class LineRange(NamedTuple):
    """Lines counted from 1, the last included; None: to the end of the file."""

    first: int = 1
    last: int | None = None

    @classmethod
    def parse(cls, written: str) -> LineRange:
        """The lines that `10`, `10-20` or `10-` names.

        Raises:
            LinesInvalid: it is written otherwise, or ends before it begins.
        """
        found = _LINES.fullmatch(written)
        if found is None:
            raise LinesInvalid
        first, open_end, last = found.groups()
        lines = cls(int(first), int(last or first) if last or not open_end else None)
        if lines.last is not None and lines.last < lines.first:
            raise LinesInvalid
        return lines


class Excerpt(NamedTuple):
    """Lines of a text with what ends them, so that excerpts put together are the text again.

    `truncated`: there was more than one answer holds. It then ends before the line `next_line`, or,
    where that line alone is too long, amid its first and only line.
    """

    text: str
    line_count: int
    start_line: int
    end_line: int
    truncated: bool
    next_line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileText:
    """A file and the part of its text that was asked for."""

    snapshot: Snapshot
    file: IndexedFile
    excerpt: Excerpt


def of_file(
    database: Database,
    *,
    tenant_id: UUID,
    repository: str,
    path: str,
    ref: str | None = None,
    lines: str | None = None,
) -> FileText:
    """The text of a file, or those of its lines that `lines` names (`10`, `10-20`, `10-`).

    Raises:
        LinesInvalid, LinesBeyondEnd: the lines are none, or none of this file.
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        FileNotFound, FileNotText, TextNotStored: it has no such file, or not its text.
        DatabaseError: the database did not answer.
    """
    wanted = LineRange() if lines is None else LineRange.parse(lines)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref)
        row = statements.fetch_one("file_with_text", snapshot_id=snapshot.snapshot_id, path=path)
    if row is None:
        raise FileNotFound
    return FileText(
        snapshot=snapshot,
        file=IndexedFile.from_row(row),
        excerpt=excerpt(_content(row), wanted),
    )


def excerpt(content: str, wanted: LineRange) -> Excerpt:
    """The wanted lines, as many as one answer holds.

    Raises:
        LinesBeyondEnd: the text has fewer lines.
    """
    text = content.encode()
    starts = line_starts(text)
    line_count, first = len(starts), wanted.first
    if first > line_count:
        raise LinesBeyondEnd(line_count)
    last = line_count if wanted.last is None else min(wanted.last, line_count)
    start, shown = starts[first - 1], last
    end = starts[last] if last < line_count else len(text)
    limit = _limit(text, start, end)
    truncated = limit < end
    if truncated:
        # The lines that end within the limit; where the first does not, a part of it.
        shown = bisect_right(starts, limit) - 1
        end = starts[shown] if shown >= first else _character_before(text, limit)
        shown = max(shown, first)
    return Excerpt(
        text=text[start:end].decode(),
        line_count=line_count,
        start_line=first,
        end_line=shown,
        truncated=truncated,
        next_line=shown + 1 if truncated and shown < last else None,
    )


def _limit(text: bytes, start: int, end: int) -> int:
    """Where the part from `start` has to end at the latest, to fit into an answer."""
    most = min(end, start + MOST_TEXT_BYTES)
    fits = bisect_right(
        range(start, most + 1), MOST_WRITTEN_BYTES, key=lambda at: _written_bytes(text[start:at])
    )
    return start + fits - 1


def _written_bytes(text: bytes) -> int:
    """Bytes of UTF-8 as they stand between the quotes of JSON."""
    escaped_by_one = len(text) - len(text.translate(None, _ESCAPED_BY_ONE))
    escaped_by_five = len(text) - len(text.translate(None, _ESCAPED_BY_FIVE))
    return len(text) + escaped_by_one + 5 * escaped_by_five


def _character_before(text: bytes, at: int) -> int:
    while text[at] in _CONTINUES:
        at -= 1
    return at


def _content(row: Row) -> str:
    if row["content"] is None:
        if row["has_texts"]:
            raise FileNotText(row["failure"])
        raise TextNotStored
    content: str = row["content"]
    return content
