import threading
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.queue import OTHER_SHA, SHA, STATS

from indexer.database.connection import Database
from indexer.errors import LeaseLost
from indexer.indexing.copy_rows import FileRow, FileText, copy_blocks
from indexer.indexing.store import (
    IndexedCommit,
    SnapshotSuperseded,
    skip_if_indexed,
    store_indexed_data,
)
from indexer.resolution.rows import DependencyRow, ReferenceRow, Resolution, SymbolRow, Unresolved
from indexer.settings import Settings

FILES = [
    FileRow(0, "src/a.ts", "0a" * 20, 120, 9, 0, None),
    FileRow(1, "src/b.ts", "0b" * 20, 80, 5, 1, "parser_crashed"),
]
TEXTS = [
    FileText(0, "class Engine {\\\\.\t\r\n\\N}\u2028\U0001d49c\\".encode()),
    FileText(1, b""),
]
SYMBOLS = [
    SymbolRow(0, 0, None, 2, 1, "Engine", 1, 13, 1, 0, 9, 1, "class Engine", "Runs."),
    SymbolRow(1, 0, 0, 9, 0, "start", 2, 2, 2, 2, 4, 3, "start(): void", None),
]
REFERENCES = [
    ReferenceRow(0, 7, 4, 3, "start", 0, Resolution.EXACT, 1, None, None),
    ReferenceRow(1, 3, 99_999, 1, "x", None, Resolution.UNDECLARED, None, None, None),
]
DEPENDENCIES = [
    DependencyRow(1, 1, 0, 1, "./a", 0, None, None),
    DependencyRow(1, 2, 0, 1, "react", None, "react", Unresolved.EXTERNAL_PACKAGE),
]


def commit(**changes):
    return replace(
        IndexedCommit(
            ref="main",
            default_ref="main",
            commit_sha=SHA,
            files=FILES,
            texts=TEXTS,
            symbols=SYMBOLS,
            references=REFERENCES,
            dependencies=DEPENDENCIES,
            stats=lambda: STATS,
        ),
        **changes,
    )


def index(bench, lease, **changes):
    store_indexed_data(bench.worker, bench.settings, lease, commit(**changes))


def current_paths(bench):
    """What the tenant's own connection sees."""
    with bench.api.transaction(principal=bench.tenant) as statements:
        found = statements.fetch_all("snapshot_to_export", repository="ada/engine", ref="main")
        assert len(found) <= 1
        return [
            (row["path"], found[0]["commit_sha"])
            for snapshot in found
            for row in statements.fetch_all(
                "export_files", snapshot_id=snapshot["snapshot_id"], after_no=-1, page_size=10
            )
        ]


@pytest.mark.proves("W4", "W19", "J3")
def test_a_stored_commit_is_what_its_tenant_sees(bench):
    made = bench.enqueue()
    index(bench, bench.lease())
    assert current_paths(bench) == [("src/a.ts", SHA), ("src/b.ts", SHA)]
    job = bench.job(made.job_id)
    assert (job["status"], job["commit_sha"], job["stats"]) == ("completed", SHA, STATS)
    texts = bench.scratch.sql("SELECT content FROM kotadb.file_texts ORDER BY file_no")
    assert [row["content"].encode() for row in texts] == [one.content for one in TEXTS]
    symbols = bench.scratch.sql("SELECT name, container_no FROM kotadb.symbols ORDER BY symbol_no")
    assert [tuple(row.values()) for row in symbols] == [("Engine", None), ("start", 0)]
    (clamped,) = bench.scratch.sql(
        "SELECT column_no FROM kotadb.symbol_references WHERE name = 'x'"
    )
    assert clamped["column_no"] == 32_767
    (external,) = bench.scratch.sql(
        "SELECT package, reason FROM kotadb.dependencies WHERE specifier = 'react'"
    )
    assert external == {"package": "react", "reason": Unresolved.EXTERNAL_PACKAGE}


@pytest.mark.proves("W11", "W13")
@pytest.mark.parametrize("table", ["files", "texts", "symbols", "references", "dependencies"])
def test_an_error_anywhere_in_the_load_leaves_the_previous_commit(bench, table):
    bench.enqueue()
    index(bench, bench.lease())
    made = bench.enqueue(force=True)
    lease = bench.lease()

    def broken():
        yield from {
            "files": FILES,
            "texts": TEXTS,
            "symbols": SYMBOLS,
            "references": REFERENCES,
            "dependencies": DEPENDENCIES,
        }[table]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        index(bench, lease, commit_sha=OTHER_SHA, **{table: broken()})
    assert current_paths(bench)[0] == ("src/a.ts", SHA)
    assert bench.scratch.value("SELECT count(*) FROM kotadb.snapshots") == 1
    assert bench.scratch.value("SELECT count(*) FROM kotadb.symbols") == len(SYMBOLS)
    assert bench.status(made.job_id) == "processing"
    index(bench, lease, commit_sha=OTHER_SHA)
    assert current_paths(bench)[0] == ("src/a.ts", OTHER_SHA)


@pytest.mark.proves("W13")
def test_a_cut_connection_leaves_the_previous_commit(bench):
    bench.enqueue()
    index(bench, bench.lease())
    bench.enqueue(force=True)
    lease = bench.lease()

    def cut():
        yield from REFERENCES
        bench.scratch.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE usename = %s AND datname = current_database()",
            bench.scratch.worker.user,
        )

    with pytest.raises(Exception, match=r"cannot be reached|cannot serve"):
        index(bench, lease, commit_sha=OTHER_SHA, references=cut())
    assert current_paths(bench)[0] == ("src/a.ts", SHA)
    index(bench, lease, commit_sha=OTHER_SHA)
    assert current_paths(bench)[0] == ("src/a.ts", OTHER_SHA)


def test_readers_see_the_old_commit_whole_until_the_new_one_stands(bench):
    bench.enqueue()
    index(bench, bench.lease())
    bench.enqueue(force=True)
    lease = bench.lease()
    seen = []

    def looking():
        yield from DEPENDENCIES
        seen.append(current_paths(bench))

    index(bench, lease, commit_sha=OTHER_SHA, files=FILES[:1], dependencies=looking())
    assert seen == [[("src/a.ts", SHA), ("src/b.ts", SHA)]]
    assert current_paths(bench) == [("src/a.ts", OTHER_SHA)]


def test_a_run_without_its_lease_publishes_nothing(bench):
    bench.enqueue()
    lease = bench.lease()
    bench.scratch.sql("UPDATE kotadb_queue.live SET lease_token = gen_random_uuid()")
    with pytest.raises(LeaseLost):
        index(bench, lease)
    assert current_paths(bench) == []
    assert bench.scratch.value("SELECT count(*) FROM kotadb.symbols") == 0


def test_an_older_request_that_finishes_later_replaces_nothing(bench):
    bench.enqueue(ref="main")
    older = bench.lease()
    bench.enqueue()
    newer = bench.lease()
    index(bench, newer, commit_sha=OTHER_SHA)
    with pytest.raises(SnapshotSuperseded):
        index(bench, older)
    assert current_paths(bench)[0] == ("src/a.ts", OTHER_SHA)


def skipped(bench, lease, sha):
    return skip_if_indexed(bench.worker, bench.settings, lease, ref="main", commit_sha=sha)


def test_a_commit_that_stands_already_ends_its_job_as_skipped(bench):
    bench.enqueue()
    index(bench, bench.lease())
    made = bench.enqueue()
    assert skipped(bench, bench.lease(), SHA)
    job = bench.job(made.job_id)
    assert (job["status"], job["error_code"]) == ("skipped", "already_indexed")
    assert (job["ref"], job["commit_sha"]) == ("main", SHA)


def test_a_job_goes_on_when_the_index_stands_at_another_commit(bench):
    bench.enqueue()
    index(bench, bench.lease())
    made = bench.enqueue()
    lease = bench.lease()
    assert not skipped(bench, lease, OTHER_SHA)
    assert bench.status(made.job_id) == "processing"
    index(bench, lease, commit_sha=OTHER_SHA)
    assert current_paths(bench)[0] == ("src/a.ts", OTHER_SHA)


def test_a_commit_that_stands_without_its_texts_is_indexed_again(bench):
    bench.enqueue()
    index(bench, bench.lease())
    # As the release before stored it.
    bench.scratch.sql("UPDATE kotadb.snapshots SET has_texts = DEFAULT")
    bench.enqueue()
    lease = bench.lease()
    assert not skipped(bench, lease, SHA)
    index(bench, lease)
    assert bench.scratch.value("SELECT has_texts FROM kotadb.snapshots WHERE state = 'current'")


def test_an_older_request_does_not_replace_a_commit_that_a_newer_one_found_standing(bench):
    bench.enqueue()
    index(bench, bench.lease())
    bench.enqueue(ref="main")
    older = bench.lease()
    bench.enqueue()
    assert skipped(bench, bench.lease(), SHA)
    with pytest.raises(SnapshotSuperseded):
        index(bench, older, commit_sha=OTHER_SHA)
    assert current_paths(bench)[0] == ("src/a.ts", SHA)


def test_a_run_without_its_lease_skips_nothing(bench):
    bench.enqueue()
    index(bench, bench.lease())
    made = bench.enqueue()
    lease = bench.lease()
    bench.scratch.sql("UPDATE kotadb_queue.live SET lease_token = gen_random_uuid()")
    with pytest.raises(LeaseLost):
        skipped(bench, lease, SHA)
    assert bench.status(made.job_id) == "processing"


@pytest.mark.proves("W12")
def test_indexing_again_gives_the_same_rows_and_the_old_ones_go(bench):
    def rows():
        return [
            bench.scratch.sql(
                f"SELECT to_jsonb(t) - 'snapshot_id' AS row FROM kotadb.{table} AS t "
                "WHERE snapshot_id IN (SELECT snapshot_id FROM kotadb.snapshots "
                "WHERE state = 'current') ORDER BY 1"
            )
            for table in ("files", "file_texts", "symbols", "symbol_references", "dependencies")
        ]

    bench.enqueue()
    index(bench, bench.lease())
    first = rows()
    bench.enqueue(force=True)
    index(bench, bench.lease())
    assert rows() == first
    assert all(first)
    assert bench.sweep.drop_retired_snapshots() == 0
    bench.scratch.pass_time(bench.settings.retired_keep_seconds + 1)
    assert bench.sweep.drop_retired_snapshots() == 1
    assert rows() == first
    for table, stored in (
        ("file_texts", TEXTS),
        ("symbols", SYMBOLS),
        ("symbol_references", REFERENCES),
    ):
        assert bench.scratch.value(f"SELECT count(*) FROM kotadb.{table}") == len(stored)


def test_a_deleted_repository_takes_its_index_along(bench):
    bench.enqueue()
    index(bench, bench.lease())
    bench.scratch.sql("DELETE FROM kotadb.repositories")
    for table in (
        *("snapshots", "files", "file_texts", "parsed_blobs"),
        *("symbols", "symbol_references", "dependencies"),
        *("imported_names", "package_entries", "package_exports"),
    ):
        assert bench.scratch.value(f"SELECT count(*) FROM kotadb.{table}") == 0


def test_a_commit_whose_answer_was_lost_counts_as_done(bench):
    bench.enqueue()
    lease = bench.lease()
    assert not bench.queue.attempt_took_effect(lease)
    index(bench, lease)
    assert bench.queue.attempt_took_effect(lease)


def test_the_heartbeat_is_not_held_up_by_the_load(bench, migrated_database):
    bench.enqueue()
    lease = bench.lease()
    beats = []

    def beating():
        yield from DEPENDENCIES

        def beat():
            with closing(Database(migrated_database.worker)) as other:
                from indexer.jobs.model import Progress
                from indexer.jobs.queue import JobQueue

                JobQueue(other, Settings()).renew(lease, Progress())
                beats.append(True)

        thread = threading.Thread(target=beat)
        thread.start()
        thread.join(timeout=10)

    index(bench, lease, dependencies=beating())
    assert beats == [True]


storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(st.tuples(st.integers(), st.one_of(st.none(), storable)), max_size=20))
def test_any_text_survives_the_copy_format(rows):
    text = b"".join(copy_blocks(iter(rows))).decode()
    assert text.count("\n") == len(rows)
    back = [line.split("\t") for line in text.split("\n")[:-1]]
    unescaped = [
        (int(number), None if field == "\\N" else unescape(field)) for number, field in back
    ]
    assert unescaped == rows


def unescape(field):
    plain, escaped = [], False
    for character in field:
        if escaped:
            plain.append({"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}[character])
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            plain.append(character)
    return "".join(plain)


def test_odd_texts_come_back_from_the_database_as_they_went_in(bench):
    odd = "tab\t newline\n return\r backslash\\ \\N \\. 'quote' \"double\" %s \U0001d49c\u2028"
    bench.enqueue()
    index(bench, bench.lease(), symbols=[SYMBOLS[0]._replace(documentation=odd)])
    assert bench.scratch.value("SELECT documentation FROM kotadb.symbols") == odd
