"""Which repository of which tenant a delivery means, by its number and its address."""

import json
from contextlib import closing
from itertools import count

import pytest
from tests.support.github_deliveries import installation, push, repository

from indexer.database.connection import Database
from indexer.jobs.queue import JobQueue
from indexer.jobs.sweep import Sweep
from indexer.settings import Settings
from indexer.webhooks.deliveries import Deliveries, Delivery
from indexer.webhooks.events import read_delivery

SEEN = "SELECT full_name, clone_url, default_ref FROM kotadb.repositories"


@pytest.fixture
def tell(migrated_database):
    """Has GitHub tell of something; how many jobs that made."""
    numbers = count(1)

    def take(event, payload):
        number = next(numbers)
        body = json.dumps(payload | {"number": number}).encode()
        with closing(Database(migrated_database.api)) as database:
            delivery = Delivery(
                delivery_id=f"delivery-{number}", event=event, body=body, request_id="r"
            )
            told = read_delivery(event, body, Settings())
            return len(Deliveries(database, Settings()).receive(delivery, told).job_ids)

    return take


@pytest.fixture
def tenant(make_tenant):
    return make_tenant()


@pytest.fixture
def ask_for(migrated_database, tenant):
    """Makes a repository of the tenant."""

    def make(name="ada/engine"):
        migrated_database.sql(
            "INSERT INTO kotadb.repositories (tenant_id, clone_url, full_name) VALUES (%s, %s, %s)",
            *(tenant, f"https://github.com/{name}.git", name),
        )

    return make


@pytest.fixture
def waiting(migrated_database):
    """The names of the repositories that have a job which waits."""
    return lambda: [
        row["full_name"]
        for row in migrated_database.sql(
            "SELECT full_name FROM kotadb.index_jobs JOIN kotadb.repositories "
            "USING (repository_id) WHERE status = 'pending' ORDER BY full_name"
        )
    ]


@pytest.fixture
def sweep(worker_database):
    return Sweep(worker_database, JobQueue(worker_database, Settings()), Settings())


def renamed(name, before="engine", **more):
    changes = {"repository": {"name": {"from": before}}}
    return {"action": "renamed", "repository": repository(name, **more), "changes": changes}


def pushed(name="ada/engine", *, after="c", **more):
    return push(repository(name, **more), after=after * 40)


@pytest.mark.proves("J18", "W10")
def test_what_a_private_repository_was_called_is_not_told_when_it_becomes_public(
    tell, ask_for, migrated_database
):
    # Somebody guessed its name, and has no link.
    ask_for()
    before = migrated_database.sql(SEEN)
    tell("push", pushed(private=True))
    tell("repository", renamed("ada/launch", private=True))
    tell("repository", {"action": "publicized", "repository": repository("ada/launch")})
    tell("push", pushed("ada/launch", after="d"))
    assert migrated_database.sql(SEEN) == before


@pytest.mark.proves("J18", "W10")
@pytest.mark.parametrize("was_there", [True, False])
def test_a_public_repository_is_followed_alike_whether_a_private_one_was_there_before(
    tell, ask_for, waiting, was_there
):
    ask_for()
    if was_there:
        tell("push", pushed(private=True))
        tell("repository", {"action": "deleted", "repository": repository(private=True)})
    assert tell("push", pushed(number=2, after="d")) == 1
    assert waiting() == ["ada/engine"]


def test_an_address_is_followed_with_the_repository_that_is_there_now(
    tell, ask_for, migrated_database
):
    ask_for()
    assert tell("push", pushed()) == 1
    # That the first one was renamed was never delivered.
    tell("push", pushed(number=2, after="d"))
    heads = "SELECT github_id, commit_sha FROM kotadb.repositories JOIN kotadb_queue.branch_heads "
    (head,) = migrated_database.sql(heads + "USING (repository_id)")
    assert (head["github_id"], head["commit_sha"]) == (2, "d" * 40)


def test_a_late_word_of_the_end_of_the_one_before_does_not_touch_the_one_that_is_there(
    tell, ask_for, waiting
):
    ask_for()
    tell("push", pushed())
    tell("push", pushed(number=2, after="d"))
    tell("repository", {"action": "deleted", "repository": repository()})
    assert waiting() == ["ada/engine"]


def test_what_stays_behind_at_the_old_name_follows_the_old_name(tell, ask_for, waiting):
    ask_for()
    ask_for("ada/motor")
    tell("repository", renamed("ada/motor"))
    tell("push", pushed("ada/motor"))
    assert waiting() == ["ada/motor"]
    tell("push", pushed(number=2, after="d"))
    assert waiting() == ["ada/engine", "ada/motor"]


@pytest.mark.parametrize("after", ["c", "d"])
def test_what_waits_expires_24_hours_after_the_last_push_that_it_is_for(
    tell, ask_for, sweep, migrated_database, after
):
    ask_for()
    assert tell("push", pushed()) == 1
    migrated_database.pass_time(24 * 3600 - 60)
    assert tell("push", pushed(after=after)) == 0
    migrated_database.pass_time(24 * 3600 - 60)
    assert sweep.recover().expired == 0
    migrated_database.pass_time(120)
    assert sweep.recover().expired == 1


def test_an_account_that_is_renamed_takes_its_repositories_along_with_their_next_push(
    tell, ask_for, waiting, migrated_database
):
    ask_for()
    tell("push", pushed())
    # GitHub tells nothing of a repository whose account has another name.
    tell("push", pushed("lovelace/engine", after="d"))
    (place,) = migrated_database.sql("SELECT clone_url, full_name FROM kotadb.repositories")
    assert tuple(place.values()) == (
        *("https://github.com/lovelace/engine.git", "lovelace/engine"),
    )
    assert waiting() == ["lovelace/engine"]


def test_a_repository_is_shown_as_github_spells_it_once_it_told(
    tell, ask_for, waiting, migrated_database
):
    ask_for("ADA/engine")
    assert tell("push", pushed("Ada/Engine")) == 1
    (place,) = migrated_database.sql("SELECT clone_url, full_name FROM kotadb.repositories")
    assert tuple(place.values()) == ("https://github.com/Ada/Engine.git", "Ada/Engine")
    assert waiting() == ["Ada/Engine"]
    assert tell("push", pushed("Ada/Engine", after="d")) == 0


@pytest.mark.proves("W10")
def test_an_installation_that_is_of_another_account_is_nobodys_any_more(
    tell, tenant, migrated_database
):
    tell("installation", installation("created"))
    migrated_database.sql(
        "UPDATE kotadb.github_installations SET tenant_id = %s, linked_at = clock_timestamp()",
        tenant,
    )
    linked = "SELECT tenant_id FROM kotadb.github_installations"
    tell("installation", installation("new_permissions_accepted", login="lovelace"))
    assert migrated_database.value(linked) == tenant
    tell("installation", installation("new_permissions_accepted", account=2))
    assert migrated_database.value(linked) is None
