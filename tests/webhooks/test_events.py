import json
from contextlib import suppress

import pytest
from hypothesis import given
from tests.support.github_deliveries import (
    NO_COMMIT,
    SHA,
    installation,
    mutated_deliveries,
    push,
    repository,
)

from indexer.settings import Settings
from indexer.webhooks.events import (
    DeliveryMalformed,
    Ignored,
    InstallationChanged,
    InstallationState,
    Ping,
    Push,
    RepositoryChanged,
    read_delivery,
)

SETTINGS = Settings()


def read(event, payload):
    return read_delivery(event, json.dumps(payload).encode(), SETTINGS)


def test_a_push_says_which_branch_stands_where():
    told = read("push", push(ref="refs/heads/feature/a"))
    assert isinstance(told, Push)
    assert (told.branch, told.commit_sha) == ("feature/a", SHA)
    assert (told.repository.github_id, told.repository.owner_id) == (1296269, 1)
    assert told.repository.remote.location == "https://github.com/ada/engine.git"
    assert (told.repository.private, told.repository.default_branch) == (False, "main")


def test_zeros_say_that_the_branch_is_gone():
    assert read("push", push(after=NO_COMMIT)).commit_sha is None


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("push", push(ref="refs/tags/v1")),
        ("push", push(repository(clone_url="https://git.example.com/ada/engine.git"))),
        ("star", {"action": "created"}),
        ("", {}),
    ],
)
def test_what_an_index_need_not_know_is_ignored(event, payload):
    assert read(event, payload) == Ignored()


def test_a_ping_is_one():
    assert read("ping", {"zen": "Keep it logically awesome.", "hook_id": 1}) == Ping()


@pytest.mark.parametrize(
    ("changes", "formerly"),
    [
        ({"repository": {"name": {"from": "motor"}}}, ("https://github.com/ada/motor.git",)),
        (
            {"owner": {"from": {"user": {"login": "eve"}}}},
            ("https://github.com/eve/engine.git",),
        ),
        (
            {"owner": {"from": {"organization": {"login": "acme"}}}},
            ("https://github.com/acme/engine.git",),
        ),
        ({"default_branch": {"from": "master"}}, ()),
        ({"repository": {"name": {"from": ["motor"]}}}, ()),
        ({"owner": {"from": None}}, ()),
        (None, ()),
    ],
)
def test_a_repository_that_moved_says_where_it_was(changes, formerly):
    told = read("repository", {"action": "renamed", "repository": repository(), "changes": changes})
    assert isinstance(told, RepositoryChanged)
    assert (told.formerly, told.gone) == (formerly, False)


def test_a_deleted_repository_is_gone():
    assert read("repository", {"action": "deleted", "repository": repository()}).gone


@pytest.mark.parametrize(
    ("payload", "state"),
    [
        (installation("created"), InstallationState.ACTIVE),
        (installation("deleted"), InstallationState.DELETED),
        (installation("suspend", suspended=True), InstallationState.SUSPENDED),
        (installation("unsuspend"), InstallationState.ACTIVE),
    ],
)
def test_an_installation_says_whether_it_can_be_used(payload, state):
    told = read("installation", payload)
    assert told == InstallationChanged(
        installation_id=77,
        account_id=1,
        account_login="ada",
        state=state,
        all_repositories=False,
    )


def test_repositories_that_are_taken_from_an_installation_are_named():
    payload = installation("removed", repositories_removed=[{"id": 5}, {"id": 6}])
    assert read("installation_repositories", payload).lost == (5, 6)


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("push", []),
        ("push", {}),
        ("push", push() | {"ref": None}),
        ("push", push() | {"ref": "refs/heads/a\0b"}),
        ("push", push() | {"ref": "refs/heads/.."}),
        ("push", push() | {"after": "HEAD"}),
        ("push", push() | {"after": None}),
        ("push", push(repository(clone_url="ext::sh -c id"))),
        ("push", push(repository(clone_url="https://user:word@github.com/ada/engine"))),
        ("push", push(repository(number=0))),
        ("push", push(repository(number=2**63))),
        ("push", push(repository(number=True))),
        ("push", push(repository(owner={"login": "ada"}))),
        ("push", push(repository(private="no"))),
        ("push", push(repository(default_branch=""))),
        ("repository", {"action": "renamed"}),
        ("installation", {"action": "created"}),
        ("installation", installation("created", login="x" * 101)),
        ("installation_repositories", installation("removed", repositories_removed="5")),
        ("installation_repositories", installation("removed", repositories_removed=[5])),
    ],
)
def test_what_github_never_sends_is_refused(event, payload):
    with pytest.raises(DeliveryMalformed):
        read(event, payload)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'"' + b"a" * 100])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(DeliveryMalformed):
        read_delivery("push", body, SETTINGS)


@given(mutated_deliveries())
def test_whatever_stands_in_place_of_a_part_it_is_read_or_refused(delivery):
    event, body = delivery
    with suppress(DeliveryMalformed):
        told = read_delivery(event, body, SETTINGS)
        assert isinstance(told, Push | RepositoryChanged | InstallationChanged | Ignored)
