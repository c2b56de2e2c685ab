"""Deliveries of GitHub: who is believed, what they do, and that each does it once."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from tests.fixtures.queue import OTHER_SHA, SHA
from tests.search.indexed import Commit, index
from tests.support.github_deliveries import (
    NO_COMMIT,
    SECRET,
    deliver_to,
    headers,
    installation,
    mutated_deliveries,
    push,
    repository,
    signed,
)

from indexer.database.connection import Database
from indexer.settings import Settings
from indexer.webhooks.deliveries import Deliveries, Delivery
from indexer.webhooks.events import read_delivery

HEAD = "c" * 40
TABLES = (
    "kotadb.index_jobs",
    "kotadb.repositories",
    "kotadb.github_installations",
    "kotadb_queue.webhook_deliveries",
    "kotadb_queue.branch_heads",
)


@pytest.fixture
def deliver(environment, stranger):
    environment.set(GITHUB_WEBHOOK_SECRET=SECRET)
    return deliver_to(stranger)


@pytest.fixture
def track(migrated_database, issue):
    """Have somebody's repository indexed at SHA; its tenant."""

    def make(email="ada@example.com", name="ada/engine", ref="main"):
        tenant = issue(email).tenant_id
        commit = Commit(("a.ts",))
        commit.define("a.ts", "run")
        index(migrated_database, tenant, commit, name=name, ref=ref, default_ref="main")
        return tenant

    return make


@pytest.fixture
def link(deliver, migrated_database):
    """Have the App installed by ada, and give the installation to a tenant."""

    def make(tenant):
        deliver("installation", installation("created"))
        migrated_database.sql(
            "UPDATE kotadb.github_installations SET tenant_id = %s, linked_at = clock_timestamp()",
            tenant,
        )

    return make


def jobs(database, status="pending"):
    return database.sql(
        "SELECT jobs.*, places.full_name FROM kotadb.index_jobs AS jobs "
        "JOIN kotadb.repositories AS places USING (repository_id) "
        "WHERE status = %s ORDER BY jobs.created_at",
        status,
    )


def counts(database):
    return {table: database.value(f"SELECT count(*) FROM {table}") for table in TABLES}


@pytest.mark.proves("W10")
def test_a_push_to_the_default_branch_is_a_committed_job_when_it_is_answered(
    deliver, track, migrated_database
):
    tenant = track()
    answer = deliver("push", push(after=HEAD))
    assert (answer.status, answer.json) == (202, {"outcome": "accepted", "jobs": 1})
    (job,) = jobs(migrated_database)
    assert (job["tenant_id"], job["full_name"]) == (tenant, "ada/engine")
    # The branch as it stands when the job runs: a push that comes late leads to nothing older.
    assert (job["requested_ref"], job["requested_commit"]) == ("", None)
    assert job["request_id"] == answer.headers["x-request-id"]


def test_each_tenant_that_tracks_the_repository_gets_a_job(deliver, track, migrated_database):
    tenants = {track(), track("eve@example.com", name="Ada/Engine")}
    track("bob@example.com", name="bob/engine")
    assert deliver("push", push(after=HEAD)).json["jobs"] == 2
    assert {job["tenant_id"] for job in jobs(migrated_database)} == tenants


def test_a_branch_is_tracked_that_has_an_index_or_a_job_on_its_way(
    deliver, track, ada, migrated_database
):
    track(ref="release")
    assert deliver("push", push(ref="refs/heads/release", after=HEAD)).json["jobs"] == 1
    assert deliver("push", push(ref="refs/heads/other", after=HEAD)).json["jobs"] == 0
    ada.post("/index", {"repository": "ada/engine", "ref": "other"})
    deliver("push", push(ref="refs/heads/other", after=OTHER_SHA))
    assert [job["requested_ref"] for job in jobs(migrated_database)] == ["release", "other"]


def test_nobody_tracks_a_repository_that_nobody_asked_for(deliver, migrated_database):
    assert deliver("push", push()).json == {"outcome": "accepted", "jobs": 0}
    assert migrated_database.value("SELECT count(*) FROM kotadb.repositories") == 0


@pytest.mark.parametrize("delivery", ["the-same", "another"])
def test_a_body_that_was_received_does_nothing_again_under_whatever_id(
    deliver, track, migrated_database, delivery
):
    track()
    assert deliver("push", push(after=HEAD), delivery="the-same").json["jobs"] == 1
    again = deliver("push", push(after=HEAD), delivery=delivery)
    assert (again.status, again.json) == (202, {"outcome": "duplicate", "jobs": 0})
    assert len(jobs(migrated_database)) == 1


def test_a_body_that_comes_four_times_at_one_instant_is_acted_on_once(track, migrated_database):
    track()
    body = json.dumps(push(after=HEAD)).encode()
    together = threading.Barrier(4)

    def receive(number):
        with closing(Database(migrated_database.api)) as database:
            deliveries = Deliveries(database, Settings())
            delivery = Delivery(
                delivery_id=f"delivery-{number}", event="push", body=body, request_id="r"
            )
            event = read_delivery("push", body, Settings())
            together.wait(10)
            return deliveries.receive(delivery, event).outcome.value

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(receive, range(4)))
    assert outcomes == ["accepted", "duplicate", "duplicate", "duplicate"]
    assert len(jobs(migrated_database)) == 1


def test_a_commit_that_is_indexed_or_on_its_way_needs_no_job(deliver, track, migrated_database):
    track()
    assert deliver("push", push(after=SHA)).json["jobs"] == 0
    assert deliver("push", push(after=HEAD)).json["jobs"] == 1
    assert deliver("push", push(after=HEAD, before=SHA)).json["jobs"] == 0
    assert len(jobs(migrated_database)) == 1


def test_a_branch_that_goes_back_to_an_earlier_commit_is_followed(
    deliver, track, migrated_database
):
    track()
    deliver("push", push(after=HEAD))
    # The newer push waits in the queue, so the index would not stay at the older commit by itself.
    assert deliver("push", push(after=SHA, before=HEAD)).json["outcome"] == "accepted"
    (job,) = jobs(migrated_database)
    assert job["requested_commit"] is None
    assert migrated_database.value("SELECT commit_sha FROM kotadb_queue.branch_heads") == SHA


def test_a_deleted_branch_takes_its_index_and_its_job_along(deliver, track, ada, migrated_database):
    track(ref="release")
    ada.post("/index", {"repository": "ada/engine", "ref": "release"})
    assert deliver("push", push(ref="refs/heads/release", after=NO_COMMIT)).status == 202
    assert migrated_database.value("SELECT state FROM kotadb.snapshots") == "retired"
    (job,) = jobs(migrated_database, "cancelled")
    assert job["error_code"] == "branch_deleted"


def test_the_index_of_the_default_branch_outlives_its_deletion(deliver, track, migrated_database):
    track()
    deliver("push", push(after=NO_COMMIT))
    assert migrated_database.value("SELECT state FROM kotadb.snapshots") == "current"


def test_a_renamed_repository_is_fetched_and_found_by_its_new_name(deliver, track, ada):
    track()
    changes = {"repository": {"name": {"from": "engine"}}}
    moved = repository("ada/motor")
    deliver("repository", {"action": "renamed", "repository": moved, "changes": changes})
    (place,) = ada.get("/repositories").json["repositories"]
    assert place["repository"] == "ada/motor"
    assert deliver("push", push(moved, after=HEAD)).json["jobs"] == 1


def test_a_rename_into_a_name_that_the_tenant_has_indexed_leaves_both(
    deliver, track, migrated_database
):
    track()
    track(name="ada/motor")
    deliver("push", push(after=HEAD))
    moved = {"action": "renamed", "repository": repository("ada/motor")}
    moved["changes"] = {"repository": {"name": {"from": "engine"}}}
    assert deliver("repository", moved).status == 202
    names = migrated_database.sql("SELECT full_name FROM kotadb.repositories ORDER BY full_name")
    assert [row["full_name"] for row in names] == ["ada/engine", "ada/motor"]


def test_a_deleted_repository_is_waited_for_no_more_and_its_index_stays(
    deliver, track, ada, migrated_database
):
    track()
    ada.post("/index", {"repository": "ada/engine"})
    deliver("repository", {"action": "deleted", "repository": repository()})
    (job,) = jobs(migrated_database, "cancelled")
    assert job["error_code"] == "repository_gone"
    assert ada.get("/symbols", name="run", repository="ada/engine").json["symbols"]
    assert migrated_database.value("SELECT gone_at IS NOT NULL FROM kotadb.repositories")
    # It is made again under its name, and GitHub counts it as another one.
    deliver("push", push(repository(number=2), after=HEAD))
    assert len(jobs(migrated_database)) == 1


def test_that_a_repository_became_private_or_public_is_remembered(
    deliver, track, migrated_database
):
    track()
    deliver("push", push())
    for action, private in (("privatized", True), ("publicized", False)):
        deliver("repository", {"action": action, "repository": repository(private=private)})
        assert migrated_database.value("SELECT is_private FROM kotadb.repositories") is private


def test_an_installation_is_nobodys_until_it_is_given_to_somebody(
    deliver, link, issue, migrated_database
):
    tenant = issue().tenant_id
    deliver("installation", installation("created"))
    (found,) = migrated_database.sql("SELECT * FROM kotadb.github_installations")
    assert (found["tenant_id"], found["state"]) == (None, "active")
    link(tenant)
    deliver("installation", installation("suspend", suspended=True))
    (found,) = migrated_database.sql("SELECT * FROM kotadb.github_installations")
    assert (found["tenant_id"], found["state"]) == (tenant, "suspended")
    deliver("installation", installation("deleted"))
    (found,) = migrated_database.sql("SELECT * FROM kotadb.github_installations")
    assert (found["tenant_id"], found["linked_at"], found["state"]) == (None, None, "deleted")


def test_what_goes_on_in_a_private_repository_is_told_to_whoever_may_read_it_alone(
    deliver, track, link, stranger, issue, migrated_database
):
    link(track())
    # Who merely asked for it has its name, and nothing else of it.
    mallory = stranger.with_key(issue("mallory@example.com").api_key)
    track("mallory@example.com")

    def seen():
        (place,) = mallory.get("/repositories").json["repositories"]
        return place["repository"], place["url"], place["default_ref"]

    before = seen()
    secret = repository(private=True, default_branch="next")
    assert deliver("push", push(secret, ref="refs/heads/next", after=HEAD)).json["jobs"] == 1
    moved = repository("ada/motor", private=True)
    renamed = {"action": "renamed", "repository": moved}
    renamed["changes"] = {"repository": {"name": {"from": "engine"}}}
    deliver("repository", renamed)
    deliver("repository", {"action": "deleted", "repository": moved})
    assert seen() == before
    assert len(mallory.get("/jobs").json["jobs"]) == 1  # the one that indexed it
    (job,) = jobs(migrated_database, "cancelled")
    assert job["full_name"] == "ada/motor"
    gone = "SELECT full_name FROM kotadb.repositories WHERE gone_at IS NOT NULL"
    assert migrated_database.value(gone) == "ada/motor"


def test_a_suspended_installation_lets_nobody_hear_of_private_repositories(deliver, track, link):
    link(track())
    deliver("installation", installation("suspend", suspended=True))
    assert deliver("push", push(repository(private=True), after=HEAD)).json["jobs"] == 0
    assert deliver("push", push(repository(private=False), after=HEAD)).json["jobs"] == 1


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (installation("deleted"), "deleted"),
        (installation("suspend", suspended=True), "suspended"),
    ],
)
def test_late_word_of_its_repositories_brings_no_installation_back(
    deliver, migrated_database, end, state
):
    late = installation("removed", repositories_removed=[{"id": 5}])
    deliver("installation_repositories", late)
    known = "SELECT state FROM kotadb.github_installations"
    assert migrated_database.value(known) == "active"
    deliver("installation", end)
    deliver("installation_repositories", late | {"sender": {"id": 1}})
    assert migrated_database.value(known) == state


def test_jobs_for_repositories_that_the_app_may_no_longer_read_are_cancelled(
    deliver, track, link, migrated_database
):
    link(track())
    private = repository(private=True)
    deliver("push", push(private, after=HEAD))
    removed = installation("removed", repositories_removed=[{"id": private["id"]}])
    deliver("installation_repositories", removed)
    (job,) = jobs(migrated_database, "cancelled")
    assert job["error_code"] == "access_removed"


@pytest.mark.parametrize(
    ("event", "payload", "outcome"),
    [("ping", {"zen": "Anything added dilutes everything else."}, "pong"), ("star", {}, "ignored")],
)
def test_what_asks_for_nothing_writes_nothing(deliver, migrated_database, event, payload, outcome):
    answer = deliver(event, payload)
    assert (answer.status, answer.json) == (202, {"outcome": outcome, "jobs": 0})
    assert not any(counts(migrated_database).values())


@pytest.mark.parametrize(
    ("body", "instead", "status", "code"),
    [
        (json.dumps(push()).encode(), {"signature": None}, 401, "signature_invalid"),
        (json.dumps(push()).encode(), {"signature": signed(b"")}, 401, "signature_invalid"),
        (json.dumps(push()).encode(), {"delivery": None}, 400, "delivery_malformed"),
        (json.dumps(push()).encode(), {"delivery": "a b"}, 400, "delivery_malformed"),
        (json.dumps(push()).encode(), {"delivery": "x" * 101}, 400, "delivery_malformed"),
        (b"[" * 50_000, {}, 400, "delivery_malformed"),
        (b'{"ref": "\\ud800"}', {}, 400, "delivery_malformed"),
        (b"a" * (6 * 1024 * 1024 + 1), {}, 413, "body_too_large"),
    ],
)
def test_a_refused_delivery_says_why_and_writes_nothing(
    deliver, track, migrated_database, body, instead, status, code
):
    track()
    before = counts(migrated_database)
    answer = deliver("push", body, **instead)
    assert (answer.status, answer.code) == (status, code)
    assert counts(migrated_database) == before


def test_a_delivery_as_a_form_is_a_415(environment, stranger, track, migrated_database):
    """GitHub sends forms unless a webhook is told otherwise."""
    environment.set(GITHUB_WEBHOOK_SECRET=SECRET)
    track()
    body = urlencode({"payload": json.dumps(push(after=HEAD))}).encode()
    sent = headers("push", body) | {"Content-Type": "application/x-www-form-urlencoded"}
    answer = stranger.request("POST", "/webhooks/github", headers=sent, body=body)
    assert (answer.status, answer.code) == (415, "content_type_unsupported")
    assert not jobs(migrated_database)


def test_a_body_changed_by_one_byte_is_not_believed(
    environment, stranger, track, migrated_database
):
    environment.set(GITHUB_WEBHOOK_SECRET=SECRET)
    track()
    body = json.dumps(push(after=HEAD)).encode()
    changed = body.replace(b"engine", b"Engine", 1)
    sent = headers("push", changed, signature=signed(body))
    answer = stranger.request("POST", "/webhooks/github", headers=sent, body=changed)
    assert answer.code == "signature_invalid"
    assert not jobs(migrated_database)


def test_the_signature_is_over_the_bytes_and_not_over_what_they_mean(deliver, stranger, track):
    track()
    body = json.dumps(push(after=HEAD), indent=3).encode() + b"\n"
    text = stranger.request(
        "POST", "/webhooks/github", headers=headers("push", body), body=body.decode()
    )
    assert text.json["jobs"] == 1
    latin = '{"zen": "é"}'.encode("latin-1")
    assert deliver("ping", latin).code == "delivery_malformed"


def test_whatever_a_signed_body_says_it_is_answered_and_a_refused_one_writes_nothing(
    deliver, track, migrated_database
):
    track()
    statuses = set()

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(mutated_deliveries())
    def hold(delivery):
        before = counts(migrated_database)
        answer = deliver(*delivery)
        statuses.add(answer.status)
        assert answer.status in {202, 400}
        if answer.status == 400:
            assert answer.code in {"delivery_malformed", "body_malformed"}
            assert counts(migrated_database) == before

    hold()
    assert statuses == {202, 400}


def test_without_a_secret_the_route_is_closed(environment, stranger):
    environment.set(GITHUB_WEBHOOK_SECRET="")
    answer = deliver_to(stranger)("push", push(), signature=signed(b"", ""))
    assert (answer.status, answer.code) == (403, "webhooks_closed")


def test_a_webhook_secret_that_cannot_be_used_closes_its_route_and_no_other(
    environment, stranger, ada, secret_store, monkeypatch, log_lines
):
    short = "w" * 31
    arn = secret_store.create_secret(Name="webhook", SecretString=short)["ARN"]
    monkeypatch.delenv("GITHUB_WEBHOOK_SECRET", raising=False)
    environment.set(GITHUB_WEBHOOK_SECRET_ARN=arn)
    assert stranger.get("/health").status == 200
    assert ada.get("/jobs").status == 200
    answer = deliver_to(stranger)("push", push(), signature=signed(b"", short))
    assert (answer.status, answer.code) == (403, "webhooks_closed")
    (line,) = [line for line in log_lines() if line["level"] == "ERROR"]
    assert line["error_code"] == "setting_unusable"
    assert "GITHUB_WEBHOOK_SECRET" in line["exception"]
    assert short not in str(line)


def test_while_the_secret_is_changed_both_are_good_and_then_the_old_one_is_not(
    environment, stranger, track
):
    old, new = SECRET, "the-next-webhook-secret-of-more-than-32-characters"
    track()
    for number, (secrets, good) in enumerate(
        [(old, [old]), (f"{new} {old}", [old, new]), (new, [new])]
    ):
        environment.set(GITHUB_WEBHOOK_SECRET=secrets)
        for place, secret in enumerate((old, new)):
            body = json.dumps(push(after=f"{number}{place}" * 20)).encode()
            answer = deliver_to(stranger)("push", body, signature=signed(body, secret))
            assert answer.status == (202 if secret in good else 401)


def test_a_delivery_that_met_a_database_that_was_away_can_be_delivered_again(
    environment, deliver, track, migrated_database
):
    track()
    environment.use(replace(migrated_database.api, host="127.0.0.1", port=1))
    answer = deliver("push", push(after=HEAD), delivery="the-same")
    assert (answer.status, answer.code) == (503, "database_unavailable")
    environment.use(migrated_database.api)
    assert deliver("push", push(after=HEAD), delivery="the-same").json["jobs"] == 1


@pytest.mark.proves("O17")
def test_a_delivery_costs_one_transaction_of_two_statements(deliver, track, wire):
    track()
    deliver("push", push(after=SHA))
    wire.forget()
    assert deliver("push", push(after=HEAD)).json["jobs"] == 1
    begin, *statements, commit = wire.statements
    assert (begin.upper(), commit.upper()) == ("BEGIN", "COMMIT")
    assert len(statements) == 2


def test_a_delivery_is_forgotten_when_it_is_old(deliver, bench, migrated_database):
    deliver("push", push())
    assert bench.sweep.everything().deliveries_forgotten == 0
    migrated_database.sql(
        "UPDATE kotadb_queue.webhook_deliveries SET received_at = received_at - interval '91 days'"
    )
    assert bench.sweep.everything().deliveries_forgotten == 1


def test_an_installation_that_is_deleted_and_nobodys_is_forgotten_when_that_is_long_ago(
    deliver, bench, migrated_database
):
    for number in (1, 2):
        deliver("installation", installation("created", number=number))
    deliver("installation", installation("deleted", number=1))
    known = "SELECT sum(installation_id) FROM kotadb.github_installations"
    bench.sweep.everything()
    assert migrated_database.value(known) == 1 + 2
    migrated_database.sql(
        "UPDATE kotadb.github_installations SET heard_at = heard_at - interval '91 days'"
    )
    bench.sweep.everything()
    assert migrated_database.value(known) == 2
