"""Repositories, a server for them, and a fetch from it, for every test of the git room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.git_server import GitServer
from tests.support.repositories import Repository

from indexer.git.fetch import FetchedCommit, WantedCommit, fetch_commit
from indexer.git.limits import FetchLimits
from indexer.git.remote import Remote
from indexer.settings import MEBIBYTE

Fetch = Callable[..., FetchedCommit]

LIMITS = FetchLimits(
    seconds=30, connect_seconds=5, read_seconds=20, memory_bytes=512 * MEBIBYTE, public_only=False
)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository that the server knows as owner/sources."""
    return Repository.create(tmp_path / "remotes" / "owner" / "sources")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with GitServer(tmp_path / "remotes") as running:
        yield running


@pytest.fixture
def fetch(tmp_path: Path, server: GitServer) -> Fetch:
    """Fetch from the server into the folder `job`; limits may be given by name."""

    def run(
        name: str = "owner/sources",
        *,
        url: str | None = None,
        ref: str | None = None,
        commit_sha: str | None = None,
        token: str | None = None,
        on_progress: Callable[..., None] = lambda _progress: None,
        **limits: Any,
    ) -> FetchedCommit:
        remote = Remote.parse(url or server.url(name), allowed_hosts=(), allow_local=True)
        return fetch_commit(
            WantedCommit(remote=remote, ref=ref, commit_sha=commit_sha),
            directory=tmp_path / "job" / "repository",
            limits=LIMITS._replace(**limits),
            token=token,
            on_progress=on_progress,
        )

    return run
