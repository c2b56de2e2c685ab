"""GitHub and the stack: an App, its installation, private repositories and their pushes."""

import json
from base64 import b64encode

import pytest
from tests.e2e.conftest import ADMIN_KEY
from tests.e2e.leaks import Watch, columns_with, servers_log
from tests.support.canaries import Canaries
from tests.support.git_server import GitServer
from tests.support.github_deliveries import headers, installation, push, repository, signed
from tests.support.github_server import APP_ID
from tests.support.repositories import Repository

ENGINE = "ada/engine"
# What `github` calls the account of its installation.
ADA = 6001


@pytest.fixture
def engine(tmp_path):
    return Repository.create(tmp_path / "remotes" / "ada" / "engine")


@pytest.fixture
def git_server(tmp_path, github, engine):
    """A host of repositories that takes the tokens of `github`, where ada/engine is private."""
    assert engine
    with GitServer(tmp_path / "remotes", authorised=github.authorises) as running:
        yield running


@pytest.mark.proves("W10", "W18", "Q24")
def test_a_private_repository_is_read_and_followed_by_the_app_and_no_secret_comes_out(
    start_stack, git_server, github, engine, app_keys, migrated_database
):
    watch = Watch(canaries := Canaries())
    secret = canaries.plant("webhook secret") * 2
    wrong = canaries.plant("wrong webhook secret") * 2
    private_key = app_keys[0].private
    for number, line in enumerate(private_key.splitlines()[1:-1]):
        canaries.know(f"line {number} of the App's key", line)
    stack = start_stack(
        GITHUB_APP_ID=APP_ID,
        GITHUB_APP_PRIVATE_KEY=private_key,
        GITHUB_API_URL=github.url,
        GITHUB_WEBHOOK_SECRET=secret,
    )
    http = watch.client(stack)

    def deliver(event, payload, *, by=secret):
        body = json.dumps(payload).encode()
        signature = signed(body, by)
        answer = http.post(
            "/webhooks/github", content=body, headers=headers(event, body, signature=signature)
        )
        return answer.status_code, answer.json().get("jobs")

    engine.commit_files({"a.ts": b"export const first = 1;\n"})
    url = git_server.url(ENGINE)
    assert deliver("installation", installation("created", number=1001, account=ADA)) == (202, 0)
    refused = stack.finished(stack.post(url))
    assert (refused["status"], refused["error_code"]) == ("failed", "authentication_required")
    linked = http.post(
        "/admin/installations/1001/link",
        json={"email": "ada@example.com"},
        headers={"Authorization": f"Bearer {ADMIN_KEY}"},
    )
    assert linked.status_code == 200, linked.text
    stack.index(url)
    (first,) = stack.get("/symbols", name="first")["symbols"]
    assert first["path"] == "a.ts"

    sha = engine.commit_files({"a.ts": b"export const second = 2;\n"})
    owner = {"login": "ada", "id": ADA}
    told = push(repository(ENGINE, private=True, clone_url=url, owner=owner), after=sha)
    assert deliver("push", told, by=wrong) == (401, None)
    assert deliver("push", told) == (202, 1)
    stack.wait_until(lambda: stack.get("/symbols", name="second")["symbols"])
    (second,) = stack.get("/symbols", name="second")["symbols"]
    assert second["path"] == "a.ts"

    # A token that has ended is replaced, and one that GitHub does not give is told as such.
    for token in github.valid_tokens():
        github.expire(token)
    stack.index(url, force=True)
    halt = installation("suspend", number=1001, account=ADA, suspended=True)
    assert deliver("installation", halt) == (202, 0)
    suspended = stack.finished(stack.post(url, force=True))
    assert suspended["error_code"] == "installation_suspended"

    for number, token in enumerate(github.tokens):
        canaries.know(f"token {number}", token)
        credentials = b64encode(f"x-access-token:{token}".encode()).decode()
        canaries.know(f"credentials {number}", credentials)
    assert len(github.tokens) >= 2
    assert '"outcome":"accepted"' in watch.log()
    assert canaries.in_text(watch.log()) == set()
    assert canaries.in_text("\n".join(text for _, text in watch.answers)) == set()
    assert columns_with(migrated_database, canaries) == {}
    assert canaries.in_text(servers_log(migrated_database)) == set()
    assert not [path for _, path, _ in git_server.log if canaries.in_text(path)]
