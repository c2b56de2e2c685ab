"""Repositories, a server for them, and a fetch from it, for every test of the git room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.git_server import GitServer
from tests.support.repositories import Repository

from indexer.git import fetch as fetch_room
from indexer.git.fetch import FetchedCommit, FetchFailure, WantedCommit, fetch_commit
from indexer.git.fetch_child import Visit
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


def request_of(
    job: Path,
    url: str,
    *,
    ref: str | None = None,
    commit_sha: str | None = None,
    token: str | None = None,
    **limits: Any,
) -> tuple[WantedCommit, dict[str, Any]]:
    remote = Remote.parse(url, allowed_hosts=(), allow_local=True)
    wanted = WantedCommit(remote=remote, ref=ref, commit_sha=commit_sha)
    return wanted, {
        "directory": job / "repository",
        "limits": LIMITS._replace(**limits),
        "token": token,
    }


@pytest.fixture
def fetch(tmp_path: Path, server: GitServer) -> Fetch:
    """Fetch from the server into the folder `job`; limits may be given by name."""

    def run(
        name: str = "owner/sources",
        *,
        url: str | None = None,
        on_progress: Callable[..., None] = lambda _progress: None,
        **asked: Any,
    ) -> FetchedCommit:
        wanted, rest = request_of(tmp_path / "job", url or server.url(name), **asked)
        return fetch_commit(wanted, on_progress=on_progress, **rest)

    return run


@pytest.fixture
def fetch_here(tmp_path: Path, server: GitServer) -> Fetch:
    """As `fetch`, with what the child does done in this process: for long tables of small cases."""

    def run(name: str = "owner/sources", *, url: str | None = None, **asked: Any) -> FetchedCommit:
        wanted, rest = request_of(tmp_path / "job", url or server.url(name), **asked)
        rest["directory"].mkdir(parents=True)
        request = fetch_room.request_for(wanted, **rest)
        visit = Visit(request, report=lambda _progress: None)
        answer = visit.commit()
        visit.close()
        if isinstance(answer, FetchFailure):
            raise fetch_room.error_of(answer, rest["limits"])
        return answer

    return run
