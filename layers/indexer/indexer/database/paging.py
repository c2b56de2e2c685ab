"""Keyset paging: a page of an ordered result, and the opaque cursor to the next one.

A cursor is the place of the last row shown, so a page costs the same wherever it lies. It grants
nothing: what it leads to is read under the same policies as the first page.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from indexer.errors import Refused

DEFAULT_PAGE_SIZE = 50
LARGEST_PAGE_SIZE = 100

# Of the rows as JSON, so that an answer stays below 1 MB with all that its route adds to them.
MOST_PAGE_BYTES = 700_000
_BYTES_OF_A_VALUE = 40

# A symbol's name is the longest thing that a cursor holds; four bytes for each of its characters.
_LONGEST_CURSOR = 8_192
_LARGEST_INTEGER = 2**31 - 1
_LARGEST_BIGINT = 2**63 - 1

Row = TypeVar("Row")
Reader = Callable[[Any], Any]


class CursorInvalid(Refused):
    """The cursor is none that this list gave out."""

    code = "cursor_invalid"
    status: ClassVar[int] = 400

    def __init__(self) -> None:
        super().__init__("The cursor is not one that this list gave out; start without one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row]):
    """Some rows of a list, and the cursor to those after them; None: there are no more."""

    items: tuple[Row, ...]
    next_cursor: str | None


def page_size(asked: int | None) -> int:
    """How many rows a page holds: 50 unless asked for, never below 1 or above 100."""
    return DEFAULT_PAGE_SIZE if asked is None else min(max(asked, 1), LARGEST_PAGE_SIZE)


def page_of(rows: Sequence[Row], *, size: int, cursor: Callable[[Row], str]) -> Page[Row]:
    """A page from up to `size` + 1 rows: the one too many only says that there are more.

    It ends before `size` where the rows would not fit into an answer.
    """
    shown = tuple(rows[: how_many_fit(rows[:size])])
    more = len(rows) > len(shown)
    return Page(items=shown, next_cursor=cursor(shown[-1]) if more else None)


def how_many_fit(rows: Iterable[object]) -> int:
    """How many of the first rows fit into one answer: 1 at the least, if there is one."""
    return how_many_within(MOST_PAGE_BYTES, map(_bytes_of, rows))


def how_many_of_each_fit(*lists: Sequence[object]) -> list[int]:
    """How many of the first rows of each of several lists fit into one answer, together.

    Each has the same room, and what the shorter ones leave of theirs; 1 at the least, as above.
    """
    sizes = [[_bytes_of(row) for row in rows] for rows in lists]
    fitting, room, waiting = [0] * len(sizes), MOST_PAGE_BYTES, len(sizes)
    for place in sorted(range(len(sizes)), key=lambda one: sum(sizes[one])):
        fitting[place] = how_many_within(room // waiting, sizes[place])
        room -= sum(sizes[place][: fitting[place]])
        waiting -= 1
    return fitting


def how_many_within(room: int, sizes: Iterable[int]) -> int:
    """How many of the first of these sizes fit into the room: 1 at the least, if there is one."""
    fitting = 0
    for size in sizes:
        room -= size
        if room < 0 and fitting:
            break
        fitting += 1
    return fitting


def _bytes_of(value: object) -> int:
    match value:
        case str():
            written = json.dumps(value, ensure_ascii=False)
            return _BYTES_OF_A_VALUE + len(written.encode(errors="surrogatepass"))
        case Mapping():
            return sum(_bytes_of(one) for one in value.values())
        case tuple() | list() | set() | frozenset():
            return sum(map(_bytes_of, value))
    if is_dataclass(value):
        return sum(_bytes_of(getattr(value, one.name)) for one in fields(value))
    return _BYTES_OF_A_VALUE


def integer(value: Any) -> int:  # noqa: ANN401 - whatever JSON holds
    """A row number as the database counts them."""
    return _counted(value, _LARGEST_INTEGER)


def large_integer(value: Any) -> int:  # noqa: ANN401 - whatever JSON holds
    """A number that another service counts by, as far as the database can hold it."""
    return _counted(value, _LARGEST_BIGINT)


def text(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """A text that the database can hold."""
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not a text")
    value.encode()
    return value


def moment(value: Any) -> datetime:  # noqa: ANN401 - whatever JSON holds
    """A time with its zone, which the database's drivers can count in UTC."""
    time = datetime.fromisoformat(text(value))
    if time.tzinfo is None:
        raise ValueError("not a time")
    return time.astimezone(UTC)


def identifier(value: Any) -> UUID:  # noqa: ANN401 - whatever JSON holds
    """A UUID in its usual form."""
    found = UUID(text(value))
    if str(found) != value:
        raise ValueError("not a UUID")
    return found


def write_cursor(of: str, *place: int | str | datetime | UUID) -> str:
    """The cursor of the list `of` to what comes after `place`."""
    values = [
        one.isoformat() if isinstance(one, datetime) else str(one) if isinstance(one, UUID) else one
        for one in place
    ]
    written = json.dumps([of, *values], separators=(",", ":"), ensure_ascii=False).encode()
    return urlsafe_b64encode(written).decode().rstrip("=")


def read_cursor(cursor: str, of: str, *readers: Reader) -> tuple[Any, ...]:
    """The place that a cursor of the list `of` holds, each part read by its reader.

    Raises:
        CursorInvalid: it is none of this list's.
    """
    if len(cursor) > _LONGEST_CURSOR:
        raise CursorInvalid
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        values = json.loads(b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(values, list) or values[:1] != [of] or len(values) != len(readers) + 1:
            raise CursorInvalid
        return tuple(read(value) for read, value in zip(readers, values[1:], strict=True))
    except (ValueError, OverflowError, RecursionError, binascii.Error):
        raise CursorInvalid from None


def _counted(value: object, largest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= largest:
        raise ValueError("not a number that the database counts by")
    return value
