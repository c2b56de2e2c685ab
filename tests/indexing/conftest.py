"""A worker that indexes repositories of a git server, on a real database."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.fixtures.database import ScratchDatabase
from tests.fixtures.queue import QueueBench
from tests.support.git_server import GitServer
from tests.support.repositories import Repository

from indexer.database.connection import Database
from indexer.indexing.pipeline import Indexer
from indexer.indexing.standing import unpacked_links
from indexer.jobs.model import Enqueued, JobStatus
from indexer.jobs.run import StopSignal
from indexer.jobs.runner import Runner
from indexer.settings import Settings

TABLES = (
    *("files", "file_texts", "symbols", "symbol_references", "dependencies"),
    *("symbol_names", "text_postings"),
    *("imported_names", "package_entries", "package_exports"),
)
SAVED = ("bytes_received", "bytes_not_transferred", "files_reused", "files_linked")
"""What a job did not have to do: only here an index that takes rows over may differ."""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository that the server knows as owner/sources."""
    return Repository.create(tmp_path / "remotes" / "owner" / "sources")


@pytest.fixture
def git_server(tmp_path: Path) -> Iterator[GitServer]:
    """Serves the repositories below `remotes`."""
    with GitServer(tmp_path / "remotes") as running:
        yield running


@pytest.fixture
def indexing(
    migrated_database: ScratchDatabase, make_tenant: Callable[..., Any], tmp_path: Path
) -> Iterator[QueueBench]:
    """A queue whose worker may fetch from this machine."""
    work = tmp_path / "work"
    work.mkdir()
    settings = Settings(work_directory=str(work), allow_local_repositories=True, parse_processes=2)
    with (
        closing(Database(migrated_database.api)) as api,
        closing(Database(migrated_database.worker)) as worker,
    ):
        yield QueueBench(migrated_database, api, worker, make_tenant(), settings)


@pytest.fixture
def ask(indexing: QueueBench, git_server: GitServer) -> Callable[..., Enqueued]:
    """Asks for owner/sources to be indexed."""

    def enqueue(**wishes: Any) -> Enqueued:
        return indexing.enqueue(
            "owner/sources", clone_url=git_server.url("owner/sources"), **wishes
        )

    return enqueue


@pytest.fixture
def work_off(indexing: QueueBench) -> Iterator[Callable[..., dict[str, str]]]:
    """Runs what is due, with the indexer or other work; how each job ended, by its id."""
    with closing(Database(indexing.scratch.worker)) as heartbeats:

        def run(work: Any = None, **more: Any) -> dict[str, str]:
            runner = Runner(
                database=indexing.worker,
                heartbeats=heartbeats,
                settings=indexing.settings,
                work=work or Indexer(indexing.settings).index_repository,
                stop=StopSignal(drain_seconds=0.0),
            )
            report = runner.run(worker="tests", remaining_seconds=lambda: 3_600.0, **more)
            return report.outcomes

        yield run


@pytest.fixture
def stats_after(
    indexing: QueueBench, ask: Callable[..., Enqueued], work_off: Callable[..., Any]
) -> Callable[..., dict[str, Any]]:
    """Indexes what is committed; the stats of the job."""

    def run(work: Any = None, **wishes: Any) -> dict[str, Any]:
        made = ask(**wishes)
        work_off(work)
        job = indexing.job(made.job_id)
        assert job["status"] == JobStatus.COMPLETED, job
        stats: dict[str, Any] = job["stats"]
        return stats

    return run


@pytest.fixture
def rows(indexing: QueueBench) -> Callable[..., dict[str, Any]]:
    """The rows of the current snapshot of a repository, without what may differ."""

    def read(name: str = "owner/sources", ref: str = "main") -> dict[str, Any]:
        # Imported names are numbered in the order in which they were met.
        found = {
            table: indexing.scratch.sql(
                "SELECT to_jsonb(t) - 'snapshot_id' - 'imported_no' || jsonb_build_object("
                "'imported', (SELECT concat_ws(' ', n.package, n.subpath, n.name) "
                "FROM kotadb.imported_names AS n WHERE n.snapshot_id = t.snapshot_id "
                "AND n.imported_no = (to_jsonb(t) ->> 'imported_no')::integer)) AS row "
                f"FROM kotadb.{table} AS t "
                "WHERE snapshot_id = (SELECT snapshot_id FROM kotadb.snapshots "
                "JOIN kotadb.repositories USING (repository_id) "
                "WHERE state = 'current' AND full_name = %s AND ref = %s) ORDER BY 1",
                name,
                ref,
            )
            for table in TABLES
        }
        (snapshot,) = indexing.scratch.sql(
            "SELECT file_groups, linked_by, links, stats - %s::text[] AS stats "
            "FROM kotadb.snapshots JOIN kotadb.repositories USING (repository_id) "
            "WHERE state = 'current' AND full_name = %s AND ref = %s",
            list(SAVED),
            name,
            ref,
        )
        # What linking took is no smaller than that, and may be more.
        links = snapshot["links"] and unpacked_links(snapshot["links"])
        return found | snapshot | {"links": links and (links.files, links.answered_by)}

    return read


@pytest.fixture
def equals_a_fresh_index(
    rows: Callable[..., dict[str, Any]], stats_after: Callable[..., dict[str, Any]]
) -> Callable[[], None]:
    """Asserts that the index is what an index that takes nothing over gives."""

    def check() -> None:
        incremental = rows()
        assert incremental["files"]
        stats = stats_after(force=True)
        assert stats["files_reused"] == stats["bytes_not_transferred"] == 0
        assert incremental == rows()

    return check
