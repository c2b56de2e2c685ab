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
from indexer.jobs.model import Enqueued
from indexer.jobs.run import StopSignal
from indexer.jobs.runner import Runner
from indexer.settings import Settings


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
