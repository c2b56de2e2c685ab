"""The judges of a chaos run are able to say no: each broken promise is planted, and reported."""

from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Any

import pytest
from tests.chaos import sources
from tests.chaos.checker import Remains, check
from tests.chaos.history import FAIL, INVOKE, OK, UNKNOWN, Entry
from tests.chaos.witness import AT_ANY_TIME, FENCE, Witness
from tests.fixtures.queue import SHA, STATS, small_commit

from indexer.database.connection import Database
from indexer.errors import TransientJobError
from indexer.indexing.copy_rows import FileRow
from indexer.indexing.store import store_indexed_data
from indexer.jobs.model import Progress
from indexer.jobs.queue import JobQueue
from indexer.resolution.rows import SymbolRow
from indexer.settings import Settings


class Passing(TransientJobError):
    code = "remote_unavailable"


JOB, OTHER, PLACE = "job-1", "job-2", "repository-1"


def asked(number: int, operation: str, end: str, *, at: float = 0.0, **value: Any) -> list[Entry]:
    """An operation and how it ended."""
    common = {"number": number, "client": "c", "operation": operation}
    return [
        Entry(at=at, end=INVOKE, **common, value={}),
        Entry(at=at + 1, end=end, **common, value=value),
    ]


def polled(number: int, status: str, *, at: float) -> list[Entry]:
    return asked(number, "poll", OK, at=at, id=JOB, status=status, repository_id=PLACE)


HISTORY = [
    *asked(1, "enqueue", OK, jobId=JOB, key="k", name="repo0"),
    *asked(2, "enqueue", OK, jobId=JOB, key="k", name="repo0"),
    *asked(3, "enqueue", OK, jobId=OTHER, key=None, name="repo1"),
    *asked(4, "enqueue", FAIL, key=None),
    *polled(5, "completed", at=5),
]


def index(name: str = "repo0", number: int = 3, **changes: Any) -> dict[str, Any]:
    return {
        "repository_id": PLACE,
        "name": name,
        "number": number,
        "files": sources.stored_files(name, number),
        "symbols": sources.stored_symbols(name, number),
        "digest": "d",
        **changes,
    }


def job(status: str, row: str, retry_count: int = 0) -> dict[str, Any]:
    return {"status": status, "queue_job_id": row, "retry_count": retry_count}


def attempt(job_id: str, number: int, outcome: str | None, **changes: Any) -> dict[str, Any]:
    return {"job_id": job_id, "attempt": number, "round": 1, "outcome": outcome, **changes}


REMAINS = Remains(
    jobs={JOB: job("completed", "row-1", 1), OTHER: job("failed", "row-2", 3)},
    attempts=[
        attempt(JOB, 1, "lost"),
        attempt(JOB, 2, "released"),
        attempt(JOB, 3, "completed"),
        *(attempt(OTHER, number, "failed") for number in range(1, 5)),
    ],
    queue={"row-1": ["archive"], "row-2": ["dead"]},
    indexes=[index()],
    again=[index()],
    leftovers={"folders": []},
)


def rules(history: list[Entry], remains: Remains) -> set[str]:
    return {violation.rule for violation in check(history, remains)}


def test_a_run_that_kept_every_promise_is_found_innocent():
    assert check(HISTORY, REMAINS) == []


def without(job_id: str) -> Remains:
    left = {key: row for key, row in REMAINS.jobs.items() if key != job_id}
    return replace(REMAINS, jobs=left)


def with_attempts(*attempts: dict[str, Any]) -> Remains:
    return replace(REMAINS, attempts=[*REMAINS.attempts, *attempts])


PLANTED = {
    "a lost job": ("lost", HISTORY, without(JOB)),
    "a job that is gone with a repository that was deleted before": (
        "lost",
        [
            *asked(8, "delete", OK, at=-9, repository_id=PLACE, name="repo0"),
            *HISTORY,
        ],
        without(JOB),
    ),
    "a job that nobody asked for": (
        "nobody asked",
        HISTORY,
        replace(REMAINS, jobs={**REMAINS.jobs, "job-3": job("failed", "row-2")}),
    ),
    "a job that never ended": (
        "not ended",
        HISTORY,
        replace(REMAINS, jobs={**REMAINS.jobs, JOB: job("pending", "row-1", 1)}),
    ),
    "two jobs for one key": (
        "two answers",
        [*HISTORY, *asked(6, "enqueue", OK, jobId=OTHER, key="k", name="repo0")],
        REMAINS,
    ),
    "a job that goes on after its end": (
        "rose again",
        [*HISTORY, *polled(7, "processing", at=9)],
        REMAINS,
    ),
    "a duplicated effect": ("effect", HISTORY, with_attempts(attempt(JOB, 4, "completed"))),
    "an effect of a job that failed": (
        "effect",
        HISTORY,
        with_attempts(attempt(OTHER, 5, "completed")),
    ),
    "an attempt that never ended": ("open attempt", HISTORY, with_attempts(attempt(JOB, 4, None))),
    "a wrong retry count": (
        "retry count",
        HISTORY,
        replace(REMAINS, jobs={**REMAINS.jobs, JOB: job("completed", "row-1", 2)}),
    ),
    "a fifth run of a round": ("round", HISTORY, with_attempts(attempt(OTHER, 5, "failed"))),
    "a failed job without a dead letter": (
        "place",
        HISTORY,
        replace(REMAINS, queue={"row-1": ["live"]}),
    ),
    "a queue row in two places": (
        "place",
        HISTORY,
        replace(REMAINS, queue={"row-1": ["live", "archive"], "row-2": ["dead"]}),
    ),
    "an index with a file of another commit": (
        "index",
        HISTORY,
        replace(REMAINS, indexes=[index(files=sources.stored_files("repo0", 4))]),
    ),
    "an index without a symbol": (
        "index",
        HISTORY,
        replace(
            REMAINS,
            indexes=[index(symbols=frozenset(list(sources.stored_symbols("repo0", 3))[1:]))],
        ),
    ),
    "a commit that is indexed in two ways": (
        "determinism",
        HISTORY,
        replace(REMAINS, again=[index(digest="e")]),
    ),
    "a folder that was left": (
        "leftover",
        HISTORY,
        replace(REMAINS, leftovers={"folders": ["kotadb-job-1"]}),
    ),
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_a_planted_violation_is_reported(planted):
    rule, history, remains = planted
    assert rule in rules(history, remains)


def test_what_is_not_known_is_not_held_against_the_product():
    unknown = asked(6, "enqueue", UNKNOWN, key=None)
    remains = replace(
        REMAINS,
        jobs={**REMAINS.jobs, "job-3": job("failed", "row-2", 0)},
    )
    assert rules([*HISTORY, *unknown], remains) == set()
    for end in (OK, UNKNOWN):
        deleted = asked(7, "delete", end, at=3, repository_id=PLACE, name="repo0")
        assert rules([*HISTORY, *deleted], without(JOB)) == set()
        assert rules([*HISTORY, *deleted], without(OTHER)) == {"lost"}
    # Asked before the end was known, heard after it.
    late = [
        Entry(at=5.5, number=8, client="d", operation="poll", end=INVOKE),
        Entry(
            at=7,
            number=8,
            client="d",
            operation="poll",
            end=OK,
            value={"id": JOB, "status": "processing", "repository_id": PLACE},
        ),
    ]
    assert rules([*HISTORY, *late], REMAINS) == set()


@pytest.fixture
def fenced(migrated_database):
    migrated_database.sql(FENCE)
    yield migrated_database
    migrated_database.sql("DROP SCHEMA chaos CASCADE")


@pytest.fixture
def seen(fenced):
    """What the witness says when it looks once."""

    def look(numbers: dict[str, tuple[str, int]] | None = None) -> set[str]:
        said: set[str] = set()
        witness = Witness("", lambda: numbers or {}, lambda rule, _found: said.add(rule))
        with fenced.connection() as connection:
            witness.look(connection)
            witness.read(connection, {})
        return said

    return look


@pytest.fixture
def as_process(fenced):
    """The queue as a worker process of that name has it."""
    with ExitStack() as opened:

        def queue(name: str) -> JobQueue:
            database = Database(fenced.worker, application=f"kotadb-worker {name}")
            return JobQueue(opened.enter_context(closing(database)), Settings())

        yield queue


@pytest.fixture
def leased(bench, as_process):
    bench.enqueue()
    lease = as_process("w1.1").lease_next(worker="w1.1/7")
    assert lease is not None
    return lease


STALE = "somebody wrote who held no lease"
WRITES = {
    "completes": lambda queue, lease: queue.complete(
        lease, ref="main", commit_sha=SHA, stats=STATS
    ),
    "fails": lambda queue, lease: queue.fail(lease, Passing("no answer")),
    "releases": lambda queue, lease: queue.release(lease),
    "renews": lambda queue, lease: queue.renew(lease, Progress(files_done=1)),
}


@pytest.mark.parametrize("driver", ["psycopg"])
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_of_another_process_than_the_holder_is_seen_whatever_token_it_names(
    as_process, leased, seen, write
):
    write(as_process("w2.1"), leased)
    assert seen() == {STALE}


@pytest.mark.parametrize("driver", ["psycopg"])
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_the_holder_writes_is_in_order(as_process, leased, seen, write):
    write(as_process("w1.1"), leased)
    assert seen() == set()


@pytest.mark.parametrize("driver", ["psycopg"])
@pytest.mark.usefixtures("leased")
def test_a_lease_that_ran_out_may_be_taken_back_by_anybody_and_a_living_one_may_not(
    as_process, seen, fenced
):
    fenced.pass_time(600)
    (row,) = fenced.sql("SELECT * FROM kotadb_queue.leases_run_out(1)")
    assert as_process("w2.1").lose(row) is not None
    assert seen() == set()
    again = as_process("w2.1").lease_next(worker="w2.1/1")
    # As a product without its fence would let the first process do.
    with closing(Database(fenced.admin, application="kotadb-heartbeat w1.1")) as stale:
        stale._checked().script("UPDATE kotadb_queue.live SET lease_expires_at = 'infinity'")
    assert again is not None
    assert seen() == {STALE}


@pytest.mark.parametrize("driver", ["psycopg"])
def test_a_snapshot_that_another_process_publishes_is_seen(leased, seen, fenced):
    with closing(Database(fenced.worker, application="kotadb-worker w2.1")) as other:
        store_indexed_data(other, Settings(), leased, small_commit())
    assert STALE in seen()


# What the schema forbids is planted where its index is gone, in a transaction that is undone.
PLANTED_ROWS = {
    "more jobs run than the team may": """
        ALTER TABLE kotadb_queue.live DROP CONSTRAINT whoever_may_run_holds_a_place;
        UPDATE kotadb_queue.live SET state = 'leased', lease_token = gen_random_uuid(),
            leased_at = clock_timestamp(), lease_expires_at = 'infinity'
    """,
    "two jobs of one ref run": """
        DROP INDEX kotadb_queue.one_leased_row_per_ref;
        ALTER TABLE kotadb_queue.live DROP CONSTRAINT whoever_may_run_holds_a_place;
        UPDATE kotadb_queue.live SET state = 'leased', lease_token = gen_random_uuid(),
            leased_at = clock_timestamp(), lease_expires_at = 'infinity',
            repository_id = (SELECT min(repository_id::text)::uuid FROM kotadb_queue.live)
    """,
    "a job has two attempts that have not ended": """
        DROP INDEX kotadb.one_open_attempt_per_job;
        INSERT INTO kotadb.job_attempts (job_id, attempt, round, worker, leased_at)
        SELECT job_id, 2, 1, worker, leased_at FROM kotadb.job_attempts
    """,
    "status and queue disagree": "UPDATE kotadb.index_jobs SET status = 'pending'",
    "failed jobs and dead letters differ": """
        UPDATE kotadb.index_jobs SET status = 'failed', completed_at = clock_timestamp(),
            error_code = 'x', error_message = 'x'
    """,
    "a queue row is in two places": """
        INSERT INTO kotadb_queue.dead_letters (
            queue_job_id, job_id, tenant_id, repository_id, payload, result, leases, enqueued_at
        )
        SELECT queue_job_id, job_id, tenant_id, repository_id, '{}', '{}', 1, enqueued_at
        FROM kotadb_queue.live
    """,
    "retry_count is not leases - released - 1": "UPDATE kotadb.index_jobs SET retry_count = 1",
    "a round has more than four runs": """
        INSERT INTO kotadb.job_attempts (
            job_id, attempt, round, worker, leased_at, ended_at, outcome
        )
        SELECT job_id, n, 1, worker, leased_at, leased_at, 'lost'
        FROM kotadb.job_attempts, generate_series(2, 5) AS n
    """,
    "two snapshots of one ref are current": """
        DROP INDEX kotadb.one_current_snapshot_per_ref;
        INSERT INTO kotadb.snapshots (
            tenant_id, repository_id, ref, commit_sha, generation, job_id, state, stats
        )
        SELECT tenant_id, repository_id, 'main', repeat('a', 40), 1, job_id, 'current', '{}'
        FROM kotadb_queue.live, generate_series(1, 2)
    """,
    "times go backwards": "UPDATE kotadb.index_jobs SET started_at = created_at - interval '1 s'",
}


@pytest.mark.parametrize("driver", ["psycopg"])
@pytest.mark.parametrize("rule", PLANTED_ROWS)
@pytest.mark.usefixtures("leased")
def test_rows_that_break_a_rule_are_seen(bench, seen, fenced, rule):
    for number in range(3):
        bench.enqueue(f"ada/other-{number}")
    assert seen() == set()
    with fenced.connection() as connection, connection.transaction(force_rollback=True):
        connection.execute(PLANTED_ROWS[rule])
        assert connection.execute(AT_ANY_TIME[rule]).fetchall()


def test_every_rule_of_the_witness_has_a_test_that_breaks_it():
    assert {*PLANTED_ROWS, STALE} == set(AT_ANY_TIME)


@pytest.mark.parametrize("driver", ["psycopg"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE kotadb.files SET path = 'src/f9_c1_.ts' WHERE file_no = 0",
        "DELETE FROM kotadb.files WHERE file_no = 0",
        "UPDATE kotadb.snapshots SET commit_sha = repeat('b', 40)",
    ],
)
def test_an_index_that_is_not_one_whole_commit_is_seen(leased, seen, fenced, change):
    numbers = {SHA: ("repo0", 1), "b" * 40: ("repo0", 2)}
    files = [
        FileRow(number, path, blob, 1, 1, 0, None)
        for number, (path, blob) in enumerate(sorted(sources.stored_files("repo0", 1)))
    ]
    symbols = [
        SymbolRow(number, number, None, 1, 0, name, 1, 0, 1, 0, 1, 1, None, None)
        for number, (_path, name) in enumerate(sorted(sources.stored_symbols("repo0", 1)))
    ]
    with closing(Database(fenced.worker, application="kotadb-worker w1.1")) as holder:
        commit = replace(small_commit(files=files), symbols=symbols)
        store_indexed_data(holder, Settings(), leased, commit)
    assert seen(numbers) == set()
    fenced.sql(change)
    assert seen(numbers) == {"an index is not one whole commit"}
