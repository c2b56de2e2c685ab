"""Deliveries that meet each other, a request, or the end of a run: none of them is lost."""

import contextlib
import json
import threading
from contextlib import closing
from itertools import count
from uuid import UUID

import pytest
from tests.fixtures.queue import SHA
from tests.support.github_deliveries import installation, push, repository
from tests.support.storm import Storm
from tests.support.waiting import eventually, meanwhile

from indexer.database.connection import Database
from indexer.database.failures import ConstraintViolated
from indexer.jobs.model import IndexRequest
from indexer.jobs.queue import JobQueue
from indexer.settings import Settings
from indexer.webhooks import deliveries
from indexer.webhooks.deliveries import Deliveries, Delivery
from indexer.webhooks.events import read_delivery

HEAD = "c" * 40
WAITING_FOR_LOCKS = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE wait_event_type = 'Lock' AND datname = current_database()"
)
ROW_OF = "SELECT FROM kotadb_queue.live WHERE repository_id = %s AND state <> 'finished' FOR UPDATE"
PUSHED = (
    "receive_push(5, 1, 'https://github.com/ada/5.git', 'ada/5', "
    "true, 'main', '{}', '{}', 'r', 3, 24)"
)
READ_FROM_END_TO_END = (
    "SELECT relname FROM pg_stat_xact_user_tables WHERE seq_scan > 0 AND relname IN "
    "('repositories', 'live', 'branch_heads', 'snapshots', 'index_jobs', 'job_attempts')"
)


@pytest.fixture
def receive(migrated_database):
    """Takes a delivery on a connection of its own; its outcome."""
    ids = count(1)

    def take(event, payload):
        body = json.dumps(payload).encode()
        with closing(Database(migrated_database.api)) as database:
            delivery = Delivery(
                delivery_id=f"delivery-{next(ids)}", event=event, body=body, request_id="r"
            )
            told = read_delivery(event, body, Settings())
            return Deliveries(database, Settings()).receive(delivery, told).outcome.value

    return take


@pytest.fixture
def ask_for(migrated_database):
    """Makes a repository of a tenant, under an id of its own, with a job for a commit of it."""

    def make(tenant, name, number, *, github_id=None, private=None):
        made, url = UUID(int=number, version=4), f"https://github.com/{name}.git"
        migrated_database.sql(
            "INSERT INTO kotadb.repositories (repository_id, tenant_id, clone_url, full_name, "
            "default_ref, github_id, is_private) VALUES (%s, %s, %s, %s, 'main', %s, %s)",
            *(made, tenant, url, name, github_id, private),
        )
        with closing(Database(migrated_database.api)) as database:
            JobQueue(database, Settings()).enqueue(
                IndexRequest(
                    tenant_id=tenant,
                    clone_url=url,
                    full_name=name,
                    commit_sha=SHA,
                    request_id="tests",
                )
            )
        return made

    return make


@pytest.fixture
def linked(migrated_database, make_tenant):
    """A tenant that installation 77 is linked to."""
    tenant = make_tenant("linked@example.com")
    migrated_database.sql(
        "INSERT INTO kotadb.github_installations (installation_id, account_id, account_login, "
        "state, all_repositories, tenant_id, linked_at) "
        "VALUES (77, 1, 'ada', 'active', false, %s, clock_timestamp())",
        tenant,
    )
    return tenant


def push_to(name, number):
    return "push", push(repository(name, number=number), after=HEAD)


def deletion_of(name, number):
    return "repository", {"action": "deleted", "repository": repository(name, number=number)}


def removal_of(*numbers):
    lost = [{"id": number} for number in numbers]
    return "installation_repositories", installation("removed", repositories_removed=lost)


@pytest.mark.parametrize("telling", [push_to, deletion_of])
def test_two_deliveries_about_the_same_tenants_do_not_wait_for_each_other(
    migrated_database, make_tenant, ask_for, receive, telling, monkeypatch
):
    # A repetition would hide that one of them was undone.
    monkeypatch.setattr(deliveries, "TRIES", 1)
    first, second = sorted(make_tenant(who) for who in ("ada@example.com", "eve@example.com"))
    ask_for(first, "ada/one", 1)
    ask_for(second, "ada/two", 3)
    later = [ask_for(second, "ada/one", 2), ask_for(first, "ada/two", 4)]
    outcomes = []

    def tell(name, number):
        outcomes.append(receive(*telling(name, number)))

    both = [threading.Thread(target=tell, args=told) for told in (("ada/one", 1), ("ada/two", 2))]
    with migrated_database.connection() as holding:
        holding.execute("BEGIN")
        for place in later:
            assert holding.execute(ROW_OF, (place,)).rowcount == 1
        for one in both:
            one.start()
        eventually(lambda: migrated_database.value(WAITING_FOR_LOCKS) == len(both))
        holding.execute("COMMIT")
    for one in both:
        one.join(15)
    assert outcomes == ["accepted", "accepted"]


def test_a_removal_of_many_repositories_locks_them_all_before_it_gives_places_away(
    migrated_database, linked, ask_for, receive, monkeypatch
):
    monkeypatch.setattr(deliveries, "TRIES", 1)
    numbers = range(1, 13)
    *_, last = [
        ask_for(linked, f"ada/{number}", number, github_id=number, private=True)
        for number in numbers
    ]
    with migrated_database.connection() as ending:
        # As a run ends: its repository first, the admission of its tenant last.
        ending.execute("BEGIN")
        ending.execute(
            "SELECT FROM kotadb.repositories WHERE repository_id = %s FOR NO KEY UPDATE", (last,)
        )
        with meanwhile(
            migrated_database, migrated_database.api, lambda: receive(*removal_of(*numbers))
        ) as outcomes:
            ending.execute("SELECT kotadb_queue.lock_admission(%s)", (linked,))
            ending.execute("COMMIT")
    assert outcomes == ["accepted"]
    cancelled = "SELECT count(*) FROM kotadb.index_jobs WHERE error_code = 'access_removed'"
    assert migrated_database.value(cancelled) == len(numbers)


def test_a_removal_that_meets_a_lease_ends_the_run_with_its_attempt(
    linked, ask_for, receive, bench
):
    ask_for(linked, "ada/one", 1, github_id=1, private=True)
    lease = bench.lease()
    receive(*removal_of(1))
    assert (bench.status(lease.job_id), bench.attempts(lease.job_id)) == (
        "cancelled",
        ["cancelled"],
    )


def test_a_rename_that_meets_a_request_for_the_new_name_leaves_both(
    migrated_database, make_tenant, ask_for, receive
):
    tenant = make_tenant()
    ask_for(tenant, "ada/engine", 1)
    changes = {"repository": {"name": {"from": "engine"}}}
    renamed = {"action": "renamed", "repository": repository("ada/motor"), "changes": changes}
    with migrated_database.connection() as asking:
        asking.execute("BEGIN")
        asking.execute(
            "SELECT job_id FROM kotadb_queue.enqueue(%s, 'https://github.com/ada/motor.git', "
            "'ada/motor', '', NULL, false, 'r', 3, 24)",
            (tenant,),
        )
        with meanwhile(
            migrated_database, migrated_database.api, lambda: receive("repository", renamed)
        ) as outcomes:
            asking.execute("COMMIT")
    assert outcomes == ["accepted"]
    names = migrated_database.sql("SELECT full_name FROM kotadb.repositories ORDER BY full_name")
    assert [row["full_name"] for row in names] == ["ada/engine", "ada/motor"]


def test_a_storm_of_deliveries_about_one_repository_locks_nothing_up(
    migrated_database, make_tenant, ask_for, monkeypatch
):
    monkeypatch.setattr(deliveries, "TRIES", 1)
    for number, who in enumerate(("ada@example.com", "eve@example.com")):
        tenant = make_tenant(who)
        ask_for(tenant, "ada/engine", 2 * number + 1)
        ask_for(tenant, "ada/motor", 2 * number + 2)
    ids = count(1)

    def deliver(database, chance):
        number = next(ids)
        of = repository(chance.choice(["ada/engine", "ada/motor"]), number=chance.choice([1, 2]))
        event, payload = "push", push(of, after=chance.choice([SHA, HEAD]))
        if chance.random() < 0.4:
            changes = {"repository": {"name": {"from": chance.choice(["engine", "motor"])}}}
            event, payload = "repository", {"repository": of, "changes": changes}
        body = json.dumps(payload | {"number": number}).encode()
        told = read_delivery(event, body, Settings())
        delivery = Delivery(delivery_id=f"storm-{number}", event=event, body=body, request_id="r")
        # Two rows may be about to get one name at one instant; that is what a repetition is for.
        with contextlib.suppress(ConstraintViolated):
            Deliveries(database, Settings()).receive(delivery, told)

    storm = Storm()
    storm.rage([(migrated_database.api, deliver)] * 4)
    assert storm.trouble == []


@pytest.mark.parametrize(
    "call",
    [
        PUSHED.format("main", HEAD),
        PUSHED.format("other", HEAD),
        "receive_repository(5, 1, '{https://github.com/ada/5.git}', 'ada/5', true, true)",
        "receive_lost_access(77, '{5,6}')",
    ],
)
def test_no_delivery_reads_a_table_from_end_to_end_whatever_the_statistics_say(
    migrated_database, linked, ask_for, call
):
    # A table of one page is what the planner would best read whole.
    for number in range(1, 9):
        ask_for(linked, f"ada/{number}", number, github_id=number, private=True)
    migrated_database.sql("ANALYZE")
    with migrated_database.connection() as session:
        session.execute("BEGIN")
        session.execute(f"SELECT * FROM kotadb_queue.{call}")
        read = session.execute(READ_FROM_END_TO_END).fetchall()
        session.execute("ROLLBACK")
    assert read == []
