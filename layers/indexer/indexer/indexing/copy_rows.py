r"""The rows of an index as lines of Postgres's COPY text format.

Fields are separated by a tab and rows by a newline; None is ``\N``, and backslash, tab, newline and
carriage return within a text are escaped with a backslash.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from indexer.indexing.known import BlobRow
from indexer.indexing.names import NameRow
from indexer.postings.blocks import Block
from indexer.resolution.rows import DependencyRow, ReferenceRow, SymbolRow

ROWS_PER_BLOCK = 2_000
# Columns of minified lines go beyond what the narrow column holds; they are clamped.
LAST_COLUMN = 32_767
# So large is a file that is left out at most said to be.
LAST_SIZE = 2**31 - 1

# Names of which the escaped form is held: most uses are of a few names.
NAMES_HELD = 16_384
_NULL = "\\N"

# The backslash first: the others bring one along.
_ESCAPED = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
_ESCAPES = str.maketrans(dict(_ESCAPED))
_ESCAPED_BYTES = tuple((plain.encode(), written.encode()) for plain, written in _ESCAPED)


class FileRow(NamedTuple):
    """One file of the snapshot. `failure` is the reason why it could not be parsed, or None."""

    file_no: int
    path: str
    blob_id: str
    byte_size: int
    line_count: int
    syntax_errors: int
    failure: str | None


class FileText(NamedTuple):
    """The text of one file, in UTF-8 without U+0000."""

    file_no: int
    content: bytes


class KnownText(NamedTuple):
    """A file whose text is that of its blob in another snapshot of the repository."""

    file_no: int
    snapshot_id: int
    blob_id: str


def copy_blocks(rows: Iterable[tuple[object, ...]]) -> Iterator[bytes]:
    """Rows of integers, texts and None, as blocks of lines."""
    return line_blocks(map(_line, rows))


def line_blocks(lines: Iterator[str]) -> Iterator[bytes]:
    """Lines, many to a block."""
    while block := "".join(islice(lines, ROWS_PER_BLOCK)):
        yield block.encode()


def _line(row: tuple[object, ...]) -> str:
    return "\t".join(map(_field, row)) + "\n"


def _field(value: object) -> str:
    if value is None:
        return _NULL
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    return str(value)


def text_line(row: FileText) -> bytes:
    """The line of a text."""
    # A block by itself, of bytes: a text may be large, and replacing is faster than translating.
    content = row.content
    for plain, written in _ESCAPED_BYTES:
        content = content.replace(plain, written)
    return b"%d\t%b\n" % (row.file_no, content)


def file_columns(row: FileRow) -> tuple[object, ...]:
    """The columns of a file."""
    return (
        row.file_no,
        row.path,
        f"\\x{row.blob_id}",
        row.byte_size,
        row.line_count,
        row.syntax_errors,
        row.failure,
    )


def blob_line(row: BlobRow) -> bytes:
    """The line of what was learned of a blob."""
    # Bytes in hexadecimal are escaped as they are written: looking at each digit takes far longer.
    blob_id, reading = row.key
    plain = (reading, min(row.byte_size, LAST_SIZE), row.text_bytes, row.skip_reason)
    fields = (
        f"\\\\x{blob_id}",
        *map(_field, plain),
        _bytes(row.content),
        _bytes(row.trigrams),
    )
    return ("\t".join(fields) + "\n").encode()


def _bytes(content: bytes | None) -> str:
    return _NULL if content is None else f"\\\\x{content.hex()}"


def name_columns(row: NameRow) -> tuple[object, ...]:
    """The columns of a name by one of its words."""
    return row.rest, "t" if row.is_whole else "f", row.name, row.kinds, row.uses


def posting_line(row: Block) -> bytes:
    """The line of a block of posting lists."""
    return b"%d\t%d\t\\\\x%b\n" % (*row[:2], row.content.hex().encode())


def symbol_columns(row: SymbolRow) -> tuple[object, ...]:
    """The columns of a symbol."""
    return (
        row.symbol_no,
        row.file_no,
        row.container_no,
        row.line,
        row.start_line,
        row.end_line,
        int(row.flags),
        int(row.kind),
        min(row.column, LAST_COLUMN),
        min(row.start_column, LAST_COLUMN),
        min(row.end_column, LAST_COLUMN),
        row.name,
        row.signature,
        row.documentation,
        row.uses,
    )


def reference_line(row: ReferenceRow) -> str:
    """The line of a reference."""
    # By itself: of these there are a million, and the general way takes twice as long.
    file_no, line, column, kind, name, enclosing, resolution, symbol, target, at, imported = row
    column = column if column < LAST_COLUMN else LAST_COLUMN  # noqa: FURB136 - a call costs more
    return (
        f"{file_no}\t{line}\t{_NULL if symbol is None else symbol}\t"
        f"{_NULL if enclosing is None else enclosing}\t{_NULL if target is None else target}\t"
        f"{_NULL if at is None else at}\t{column}\t"
        f"{kind:d}\t{resolution:d}\t{_escaped(name)}\t{_NULL if imported is None else imported}\n"
    )


@lru_cache(maxsize=NAMES_HELD)
def _escaped(name: str) -> str:
    return name.translate(_ESCAPES)


def dependency_columns(row: DependencyRow) -> tuple[object, ...]:
    """The columns of a dependency."""
    return (
        row.file_no,
        row.line,
        row.to_file_no,
        min(row.column, LAST_COLUMN),
        int(row.kind),
        None if row.reason is None else int(row.reason),
        row.specifier,
        row.package,
    )
