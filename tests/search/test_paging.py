from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from indexer.database.paging import (
    CursorInvalid,
    identifier,
    integer,
    moment,
    page_of,
    page_size,
    read_cursor,
    text,
    write_cursor,
)

NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=300)
NUMBERS = st.integers(0, 2**31 - 1)
MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(MOMENTS, st.uuids(), NUMBERS, NAMES)
def test_a_cursor_leads_back_to_the_place_it_was_written_for(when, who, number, name):
    written = write_cursor("list", when, who, number, name)
    assert read_cursor(written, "list", moment, identifier, integer, text) == (
        when,
        who,
        number,
        name,
    )


@given(st.text(max_size=400))
@example("=")
@example("WyJsaXN0Iiwg")
@example("[" * 4000)
@example("é")
def test_no_text_but_a_cursor_is_read_as_one(written):
    try:
        (number,) = read_cursor(written, "list", integer)
    except CursorInvalid:
        event("refused")
    else:
        assert read_cursor(write_cursor("list", number), "list", integer) == (number,)


@pytest.mark.parametrize(
    ("place", "reader"),
    [
        ((-1,), integer),
        ((2**31,), integer),
        ((True,), integer),
        (("7",), integer),
        (("with \0",), text),
        (("2026-01-01T00:00:00",), moment),
        (("yesterday",), moment),
        (("{12345678-1234-1234-1234-123456789abc}",), identifier),
        ((1, 2), integer),
    ],
)
def test_a_cursor_with_a_place_that_no_row_has_is_refused(place, reader):
    with pytest.raises(CursorInvalid):
        read_cursor(write_cursor("list", *place), "list", reader)


def test_a_cursor_of_one_list_is_none_of_another():
    with pytest.raises(CursorInvalid):
        read_cursor(write_cursor("jobs", 1), "symbols", integer)


def test_a_place_in_time_keeps_its_microseconds_and_zone():
    when = datetime(2026, 5, 4, 3, 2, 1, 987654, timezone(timedelta(hours=-7)))
    assert read_cursor(write_cursor("list", when), "list", moment) == (when,)
    who = UUID(int=7)
    assert read_cursor(write_cursor("list", who), "list", identifier) == (who,)


@pytest.mark.parametrize(
    ("asked", "given_size"), [(None, 50), (-5, 1), (0, 1), (7, 7), (100, 100), (10**30, 100)]
)
def test_the_size_of_a_page_is_moved_into_its_bounds(asked, given_size):
    assert page_size(asked) == given_size


def test_only_a_row_too_many_means_that_there_is_another_page():
    full = page_of([1, 2], size=2, cursor=str)
    assert (full.items, full.next_cursor) == ((1, 2), None)
    more = page_of([1, 2, 3], size=2, cursor=str)
    assert (more.items, more.next_cursor) == ((1, 2), "2")
