"""GitHub on the loopback with an App, two accounts and some repositories."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from tests.support.github_accounts import AppKey
from tests.support.github_server import APP_ID, GitHubServer

from indexer.github.app import GitHubApp
from indexer.github.exchange import GitHubLimits
from indexer.github.rest import GitHubApi

HEAD = "a1" * 20


@pytest.fixture(scope="session")
def app_keys() -> tuple[AppKey, AppKey]:
    """Two keys; GitHub knows the first, and the second where a test says so."""
    return AppKey.make(), AppKey.make(traditional=False)


@pytest.fixture
def github(app_keys: tuple[AppKey, AppKey]) -> Iterator[GitHubServer]:
    """GitHub, where "ada" has the private ada/engine within the App's reach."""
    with GitHubServer([app_keys[0]]) as server:
        server.install("ada", number=1001)
        server.host("ada/engine", installation_id=1001, branches={"main": HEAD})
        yield server


@pytest.fixture
def api_of(app_keys: tuple[AppKey, AppKey]) -> Callable[..., GitHubApi]:
    """The client of a server; `keys` are the App's private ones."""

    def make(
        server: GitHubServer, *, keys: tuple[AppKey, ...] = app_keys[:1], **rest: object
    ) -> GitHubApi:
        app = GitHubApp(APP_ID, [key.private for key in keys])
        limits = GitHubLimits(seconds=10, connect_seconds=5, read_seconds=10)
        return GitHubApi(
            app, **{"base_url": server.url, "public_only": False, "limits": limits, **rest}
        )

    return make


@pytest.fixture
def api(github: GitHubServer, api_of: Callable[..., GitHubApi]) -> GitHubApi:
    return api_of(github)
