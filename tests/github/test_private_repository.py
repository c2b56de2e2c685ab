"""A private repository behind a git server that takes the tokens of GitHub's API alone."""

from __future__ import annotations

import pytest
from tests.support.git_server import GitServer
from tests.support.repositories import Repository

from indexer.git import protocol
from indexer.git.failures import AuthenticationRequired
from indexer.git.limits import FetchLimits, Meter
from indexer.git.transport import HttpTransport
from indexer.github.tokens import InstallationTokens


@pytest.fixture
def git_server(tmp_path, github):
    for name in ("ada/engine", "ada/other", "ada/open"):
        Repository.create(tmp_path / name).commit_files({"a.ts": b"a"})
    github.host("ada/other", installation_id=1001)
    with GitServer(tmp_path, authorised=github.authorises) as running:
        yield running


def capabilities(server, name, token):
    meter = Meter(limits=FetchLimits(public_only=False), report=lambda _progress: None)
    way = HttpTransport(f"http://127.0.0.1:{server.port}/{name}.git", meter=meter, token=token)
    try:
        with way.advertise() as stream:
            return protocol.read_capabilities(stream)
    finally:
        way.close()


@pytest.mark.proves("W10")
def test_a_private_repository_opens_to_its_token_and_to_nothing_else(git_server, github, api):
    token = api.installation_token(1001, "engine").token
    assert capabilities(git_server, "ada/engine", token)
    assert capabilities(git_server, "ada/open", None)
    for wrong in (None, "ghs_guessed", api.installation_token(1001, "other").token):
        with pytest.raises(AuthenticationRequired):
            capabilities(git_server, "ada/engine", wrong)
    assert [path for _, path, _ in git_server.log if "ghs_" in path] == []
    github.installations[1001].suspended = True
    with pytest.raises(AuthenticationRequired):
        capabilities(git_server, "ada/engine", token)


def test_a_token_that_ended_meanwhile_is_refreshed_once_at_the_git_server_too(
    git_server, github, api
):
    tokens = InstallationTokens(api)
    github.expire(tokens.token(1001, "engine"))
    assert tokens.used(
        1001,
        "engine",
        lambda token: capabilities(git_server, "ada/engine", token),
        refusals=(AuthenticationRequired,),
    )
    assert len(github.valid_tokens()) == 1
    assert len(git_server.log) == 2
