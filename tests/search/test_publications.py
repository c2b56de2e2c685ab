"""What a list over all repositories is read from, and in which order publications are seen."""

from collections.abc import Callable
from contextlib import closing

import pytest
from tests.fixtures.queue import OTHER_SHA
from tests.search.conftest import Reader
from tests.search.lists import KEPT, Place, cursor_of, lands, newer, older, shown
from tests.support.waiting import meanwhile

from indexer.database.connection import Database
from indexer.search import (
    repositories,
)
from indexer.search.repositories import AsOf, CursorExpired


@pytest.fixture
def two(ada: Reader) -> Place:
    """Two repositories, and a list over both."""
    for name in ("ada/one", "ada/two"):
        ada.index(older(), name=name)
    return Place(ada)


def test_a_repository_that_comes_meanwhile_is_not_in_the_list(two):
    rows = two.rows("symbols everywhere")
    cursor = cursor_of(two, "symbols everywhere")
    two.reader.index(newer(), name="ada/0")
    lands(two.reader, name="ada/two")
    assert two.rows("symbols everywhere", cursor, 2) == rows[1:]
    assert len(two.rows("symbols everywhere")) > len(rows)


def test_a_list_over_all_is_of_no_fewer_repositories_when_one_is_deleted(two):
    cursor = cursor_of(two, "symbols everywhere")
    gone = two.reader.scratch.value(
        "SELECT repository_id FROM kotadb.repositories WHERE full_name = 'ada/two'"
    )
    repositories.delete(two.reader.database, str(gone), tenant_id=two.reader.tenant_id)
    with pytest.raises(CursorExpired):
        two.read("symbols everywhere", cursor)


def test_a_list_over_all_begins_again_when_a_repository_is_renamed(two):
    """The order of the repositories is that of their names."""
    cursor = cursor_of(two, "symbols everywhere")
    two.reader.scratch.sql(
        "UPDATE kotadb.repositories SET full_name = 'ada/zoo' WHERE full_name = 'ada/one'"
    )
    with pytest.raises(CursorExpired):
        two.read("symbols everywhere", cursor)


def test_a_cursor_that_names_other_snapshots_than_answered_leads_nowhere(two):
    with two.reader.database.transaction(
        principal=two.reader.tenant_id, read_only=True
    ) as statements:
        _, seen = repositories.snapshots_of_all(statements, ref=None)
        for other in (
            AsOf(seen.publication - 1, seen.digest),
            AsOf(seen.publication, "0" * 16),
            AsOf(2**63 - 1, ""),
        ):
            with pytest.raises(CursorExpired):
                repositories.snapshots_of_all(statements, ref=None, as_of=other)
        again, same = repositories.snapshots_of_all(statements, ref=None, as_of=seen)
    assert (len(again), same) == (2, seen)


PUBLISH = "SELECT kotadb.publish_snapshot(%s, 900)"


@pytest.fixture
def loaded(two: Place) -> Callable[[str], int]:
    """Loads a snapshot of a repository that has the files and symbols of its current one."""

    def load(name: str) -> int:
        scratch = two.reader.scratch
        number = scratch.value(
            "INSERT INTO kotadb.snapshots (tenant_id, repository_id, ref, commit_sha, generation, "
            "job_id, stats) SELECT tenant_id, repository_id, 'main', %s, 9, gen_random_uuid(), '{}'"
            " FROM kotadb.repositories WHERE full_name = %s RETURNING snapshot_id",
            OTHER_SHA,
            name,
        )
        assert isinstance(number, int)
        for table in ("files", "symbols"):
            scratch.sql(
                f"INSERT INTO kotadb.{table} SELECT (jsonb_populate_record(NULL::kotadb.{table}, "
                "to_jsonb(rows) || jsonb_build_object('snapshot_id', %s::integer))).* "
                f"FROM kotadb.{table} AS rows INNER JOIN kotadb.snapshots USING (snapshot_id) "
                "INNER JOIN kotadb.repositories USING (repository_id) "
                "WHERE state = 'current' AND full_name = %s",
                number,
                name,
            )
        return number

    return load


def test_what_is_published_but_not_committed_answers_no_page_of_an_earlier_list(two, loaded):
    rows = two.rows("symbols everywhere")
    snapshot = loaded("ada/one")
    with two.reader.scratch.connection() as other:
        other.execute("BEGIN")
        other.execute(PUBLISH, (snapshot,))
        cursor = cursor_of(two, "symbols everywhere")
        other.execute("COMMIT")
    assert two.rows("symbols everywhere", cursor, 1) == rows[1:]


def test_publications_of_a_tenant_are_seen_in_the_order_of_their_numbers(two, loaded):
    """Else a list that saw the later number would take the earlier one in on its second page."""
    earlier, later = loaded("ada/one"), loaded("ada/two")
    scratch = two.reader.scratch

    def publish() -> tuple[str, list[object]]:
        with closing(Database(scratch.worker)) as worker:
            worker.fetch_one("publish_snapshot", snapshot_id=later, keep_seconds=900)
        return cursor_of(two, "symbols everywhere"), two.rows("symbols everywhere")

    with scratch.connection() as other:
        other.execute("BEGIN")
        other.execute(PUBLISH, (earlier,))
        with meanwhile(scratch, scratch.worker, publish) as outcome:
            other.execute("COMMIT")
    ((cursor, rows),) = outcome
    assert two.rows("symbols everywhere", cursor, 1) == rows[1:]
    numbers = scratch.sql(
        "SELECT snapshot_id FROM kotadb.snapshots WHERE state = 'current' ORDER BY publication"
    )
    assert [row["snapshot_id"] for row in numbers] == [earlier, later]


@pytest.mark.parametrize(("arguments", "kept"), [("%s", KEPT), ("%s, 60", 60), ("%s, 0", 0)])
def test_how_long_is_said_when_a_newer_one_is_published(two, loaded, arguments, kept):
    """The release before says nothing, and what it replaces is kept too."""
    reader = two.reader
    reader.scratch.sql(f"SELECT kotadb.publish_snapshot({arguments})", loaded("ada/one"))
    assert len(shown(reader)) == 2 + (kept > 0)
    reader.scratch.pass_time(max(0, kept - 30))
    assert len(shown(reader)) == 2 + (kept > 0)
    reader.scratch.pass_time(31)
    assert len(shown(reader)) == 2
