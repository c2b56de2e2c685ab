"""A list over all repositories, read while they are indexed, deleted and forgotten in any order."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from hypothesis import event, given, settings
from hypothesis import strategies as st
from tests.search.conftest import Reader

from indexer.database.connection import Database
from indexer.jobs.queue import JobQueue
from indexer.jobs.sweep import Sweep
from indexer.search import symbols
from indexer.search.repositories import CursorExpired
from indexer.search.symbols import SymbolQuery
from indexer.settings import Settings

REPOSITORIES = ("a", "b", "c")
REFS = ("main", "next")
KEPT = 900
LONGEST_LIST = 40

_INDEX = """
WITH place AS (
    INSERT INTO kotadb.repositories AS known (tenant_id, clone_url, full_name, default_ref)
    VALUES (%(tenant_id)s, %(name)s, %(name)s, 'main')
    ON CONFLICT (tenant_id, clone_url) WHERE deleted_at IS NULL DO UPDATE
    SET enqueue_generation = known.enqueue_generation + 1
    RETURNING repository_id, enqueue_generation
), made AS (
    INSERT INTO kotadb.snapshots
        (tenant_id, repository_id, ref, commit_sha, generation, job_id, stats)
    SELECT
        %(tenant_id)s, repository_id, %(ref)s, repeat('a', 40), enqueue_generation,
        gen_random_uuid(), '{}'
    FROM place
    RETURNING snapshot_id
), file AS (
    INSERT INTO kotadb.files (snapshot_id, file_no, path, blob_id, byte_size, line_count)
    SELECT snapshot_id, 0, 'a.ts', decode(repeat('00', 20), 'hex'), 1, 1 FROM made
)
INSERT INTO kotadb.symbols
SELECT snapshot_id, n, 0, NULL, 1, 1, 1, 0, 1, 0, 0, 0, 'r' || mod(n * 7, 3), NULL, NULL
FROM made, generate_series(1, %(many)s) AS n
RETURNING snapshot_id
"""
_DELETE = """
SELECT set_config('app.user_id', %(tenant_id)s::text, true), kotadb.delete_repository(repository_id)
FROM kotadb.repositories WHERE full_name = %(name)s AND deleted_at IS NULL
"""
_BRANCH_IS_DELETED = """
UPDATE kotadb.snapshots SET state = 'retired'
FROM kotadb.repositories
WHERE
    repositories.repository_id = snapshots.repository_id
    AND full_name = %(name)s AND ref = %(ref)s AND state = 'current'
"""
_DEFAULT = "UPDATE kotadb.repositories SET default_ref = %(ref)s WHERE full_name = %(name)s"

NAMES, OF_REF = st.sampled_from(REPOSITORIES), st.sampled_from(REFS)
STEPS = st.one_of(
    st.tuples(st.just("index"), NAMES, OF_REF, st.integers(1, 4)),
    st.tuples(st.just("index"), NAMES, OF_REF, st.integers(1, 4)),
    st.tuples(st.just("delete"), NAMES),
    st.tuples(st.just("delete branch"), NAMES, OF_REF),
    st.tuples(st.just("default"), NAMES, OF_REF),
    st.tuples(st.just("time"), st.integers(1, KEPT)),
    st.tuples(st.just("sweep")),
    *[st.tuples(st.just("begin"), st.sampled_from([None, *REFS]))] * 2,
    *[st.tuples(st.just("page"), st.integers(1, 3))] * 4,
)


@dataclass
class World:
    """A tenant's repositories, and one list that is being read."""

    reader: Reader
    sweep: Sweep
    ref: str | None = None
    cursor: str | None = None
    left: list[object] = field(default_factory=list)
    # What may end the list: a deletion, another default, or the time since it began.
    taken_away: bool = False
    seconds: int = 0

    def index(self, name: str, ref: str, many: int) -> None:
        with self.reader.scratch.connection() as connection:
            asked = {"tenant_id": self.reader.tenant_id, "name": name, "ref": ref, "many": many}
            row = connection.execute(_INDEX, asked).fetchone()
            assert row is not None
            connection.execute("SELECT kotadb.publish_snapshot(%s, %s)", (row["snapshot_id"], KEPT))

    def change(self, text: str, name: str, ref: str = "") -> None:
        with self.reader.scratch.connection() as connection, connection.transaction():
            connection.execute(text, {"tenant_id": self.reader.tenant_id, "name": name, "ref": ref})
        self.taken_away = True

    def ask(self, cursor: str | None, limit: int) -> tuple[list[object], str | None]:
        page = symbols.find(
            self.reader.database,
            SymbolQuery(prefix="r", ref=self.ref),
            tenant_id=self.reader.tenant_id,
            cursor=cursor,
            limit=limit,
        )
        return list(page.items), page.next_cursor

    def begin(self, ref: str | None) -> None:
        """The first page, of one row; what is to follow is what the same moment has."""
        self.ref, self.taken_away, self.seconds = ref, False, 0
        whole, more = self.ask(None, LONGEST_LIST)
        assert more is None
        first, self.cursor = self.ask(None, 1)
        assert first == whole[:1]
        assert len({one.snapshot.repository for one in whole}) == len(
            {one.snapshot.snapshot_id for one in whole}
        )
        self.left = whole[1:]

    def page(self, limit: int) -> None:
        if self.cursor is None:
            return
        try:
            rows, self.cursor = self.ask(self.cursor, limit)
        except CursorExpired:
            assert self.taken_away or self.seconds >= KEPT, "nothing was taken away"
            event("expired")
            self.cursor = None
            return
        assert rows == self.left[:limit]
        self.left = self.left[limit:]
        assert (self.cursor is None) == (self.left == [])
        event("went on")

    def step(self, kind: str, *how: object) -> None:
        act = {
            "index": self.index,
            "delete": lambda name: self.change(_DELETE, name),
            "delete branch": lambda *which: self.change(_BRANCH_IS_DELETED, *which),
            "default": lambda *which: self.change(_DEFAULT, *which),
            "time": self.pass_time,
            "sweep": self.sweep.drop_retired_snapshots,
            "begin": self.begin,
            "page": self.page,
        }[kind]
        act(*how)

    def pass_time(self, seconds: int) -> None:
        self.reader.scratch.pass_time(seconds)
        self.seconds += seconds


@contextmanager
def world_of(reader: Reader) -> Iterator[World]:
    reader.scratch.sql("DELETE FROM kotadb.repositories")
    with closing(Database(reader.scratch.worker)) as worker:
        yield World(reader, Sweep(worker, JobQueue(worker, Settings()), Settings()))


def test_a_list_over_repositories_never_mixes_commits_and_never_leaves_rows_out(ada):
    @settings(
        max_examples=25,
        database=None,
    )
    @given(st.lists(STEPS, min_size=4, max_size=14))
    def check(steps):
        with world_of(ada) as world:
            for name in REPOSITORIES[:2]:
                world.index(name, "main", 3)
            world.begin(None)
            for step in steps:
                world.step(*step)
            while world.cursor is not None:
                world.page(2)

    check()
