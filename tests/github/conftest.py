"""Clients of the App."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.support.github_accounts import AppKey
from tests.support.github_server import APP_ID, GitHubServer

from indexer.github.app import GitHubApp
from indexer.github.exchange import GitHubLimits
from indexer.github.rest import GitHubApi


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
