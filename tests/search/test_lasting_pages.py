"""Whoever reads a list page by page reads it of one commit, whatever is indexed meanwhile."""

import pytest
from tests.search.conftest import Reader
from tests.search.lists import (
    KEPT,
    LISTS,
    NAME,
    OF_SYMBOLS,
    OVER_ALL,
    Place,
    cursor_of,
    lands,
    newer,
    older,
    shown,
)

from indexer.database.paging import CursorInvalid
from indexer.search import (
    repositories,
    symbols,
)
from indexer.search.repositories import CursorExpired, NotIndexed, RepositoryNotFound
from indexer.search.symbols import SymbolQuery

every_list = pytest.mark.parametrize("which", LISTS)


@pytest.fixture
def place(ada: Reader) -> Place:
    """A repository whose older commit is indexed, and the symbol that is used there."""
    ada.index(older())
    query = SymbolQuery(name="run", repository=NAME)
    (found,) = symbols.find(ada.database, query, tenant_id=ada.tenant_id).items
    return Place(ada, str(found.id))


@every_list
def test_the_pages_of_a_list_are_of_one_commit_whatever_is_indexed_meanwhile(place, which):
    expected = place.rows(which)
    first = place.read(which, None, 1)
    lands(place.reader)
    assert len(expected) > 1
    assert [*first.items, *place.rows(which, first.next_cursor, 1)] == expected
    if which not in OF_SYMBOLS:
        assert place.rows(which) != expected


@every_list
def test_a_list_is_read_on_after_several_more_commits(place, which):
    expected = place.rows(which)
    cursor = cursor_of(place, which)
    lands(place.reader)
    between = None if which in OF_SYMBOLS else cursor_of(place, which)
    rows_between = place.rows(which)
    place.reader.index(older(), commit_sha="c" * 40)
    assert place.rows(which, cursor, 2) == expected[1:]
    if between is not None:
        assert place.rows(which, between, 2) == rows_between[1:]


@every_list
def test_a_list_of_a_commit_that_is_no_longer_kept_has_to_begin_again(place, which):
    cursor = cursor_of(place, which)
    lands(place.reader)
    place.reader.scratch.pass_time(KEPT - 60)
    assert place.read(which, cursor, 1).items
    place.reader.scratch.pass_time(61)
    with pytest.raises(CursorExpired) as refused:
        place.read(which, cursor)
    assert (refused.value.status, refused.value.code) == (410, "cursor_expired")


@every_list
def test_what_is_deleted_is_gone_at_once_though_it_was_replaced_a_moment_ago(place, which):
    cursor = cursor_of(place, which)
    lands(place.reader)
    place_id = place.reader.scratch.value("SELECT repository_id FROM kotadb.repositories")
    repositories.delete(place.reader.database, str(place_id), tenant_id=place.reader.tenant_id)
    of_the_repository = which not in OF_SYMBOLS | OVER_ALL
    with pytest.raises(RepositoryNotFound if of_the_repository else CursorExpired):
        place.read(which, cursor)
    with pytest.raises(symbols.SymbolNotFound):
        symbols.get(place.reader.database, place.symbol, tenant_id=place.reader.tenant_id)


@every_list
def test_another_tenant_reads_nothing_of_a_replaced_commit(place, eve, which):
    cursor = cursor_of(place, which)
    lands(place.reader)
    thief = Place(eve, place.symbol)
    of_the_repository = which not in OF_SYMBOLS | OVER_ALL
    with pytest.raises(RepositoryNotFound if of_the_repository else CursorExpired):
        thief.read(which, cursor)
    # Nor by a repository of that name that is the thief's own.
    eve.index(older())
    with pytest.raises(CursorExpired):
        thief.read(which, cursor)


def test_what_was_replaced_is_shown_to_its_tenant_alone_and_for_its_time(ada, eve):
    ada.index(older())
    eve.index(older())
    (before,) = shown(ada)
    (theirs,) = shown(eve)
    lands(ada)
    assert len(shown(ada)) == 2
    assert before in shown(ada)
    assert shown(eve) == {theirs}
    ada.scratch.pass_time(KEPT + 1)
    (after,) = shown(ada)
    assert after > before


def test_a_branch_that_is_taken_away_takes_its_replaced_commits_along(ada):
    for ref in ("main", "release"):
        ada.index(older(), ref=ref)
        lands(ada, ref=ref)
    place = Place(ada, ref="release")
    assert len(shown(ada)) == 4
    cursor = cursor_of(place, "files")
    ada.scratch.sql(
        "UPDATE kotadb.snapshots SET state = 'retired' WHERE ref = 'release' AND state = 'current'"
    )
    refs = ada.scratch.sql(
        "SELECT DISTINCT ref FROM kotadb.snapshots WHERE snapshot_id = ANY(%s)", [*shown(ada)]
    )
    assert [row["ref"] for row in refs] == ["main"]
    assert len(shown(ada)) == 2
    with pytest.raises(NotIndexed):
        place.read("files", cursor)
    # Indexed again it is another one, and what it had before stays away.
    ada.index(older(), ref="release")
    with pytest.raises(CursorExpired):
        place.read("files", cursor)


@pytest.mark.parametrize("which", sorted({*LISTS} - OF_SYMBOLS - OVER_ALL))
def test_a_cursor_belongs_to_its_repository_and_ref(place, which):
    reader = place.reader
    reader.index(older(), name="ada/other")
    reader.index(older(), ref="next")
    cursor = cursor_of(place, which)
    rows = place.rows(which)
    for other in (Place(reader, repository="ada/other"), Place(reader, ref="next")):
        with pytest.raises(CursorInvalid):
            other.read(which, cursor)
    # By whatever name, and with the ref that it is of.
    place_id = reader.scratch.value(
        "SELECT repository_id FROM kotadb.repositories WHERE full_name = %s", NAME
    )
    for same in (Place(reader, repository=str(place_id)), Place(reader, ref="main")):
        assert same.rows(which, cursor, 2) == rows[1:]


@pytest.mark.parametrize("which", sorted(OF_SYMBOLS))
def test_a_cursor_belongs_to_the_commit_of_its_symbol(place, which):
    cursor = cursor_of(place, which)
    place.reader.index(older(), name="ada/other")
    query = SymbolQuery(name="run", repository="ada/other")
    reader = place.reader
    (other,) = symbols.find(reader.database, query, tenant_id=reader.tenant_id).items
    with pytest.raises(CursorInvalid):
        Place(reader, str(other.id)).read(which, cursor)


@every_list
def test_a_list_is_read_on_when_another_branch_becomes_the_default(place, which):
    cursor, rows = cursor_of(place, which), place.rows(which)
    place.reader.index(newer(), ref="trunk", default_ref="trunk")
    if which in OVER_ALL:
        # Which commit of the repository answers has changed: the two are not mixed.
        with pytest.raises(CursorExpired):
            place.read(which, cursor)
    else:
        assert place.rows(which, cursor, 1) == rows[1:]
