"""The hourly quota as a client meets it."""

import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime

import pytest
from tests.functions.gateway import url_of

from indexer.access.provisioning import revoke_key
from indexer.database.connection import Database

QUOTA = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")


@pytest.mark.proves("J21")
def test_the_101st_request_of_the_hour_of_a_free_key_is_refused(stranger, issue, migrated_database):
    issued = issue("ada@example.com", "free")
    ada = stranger.with_key(issued.api_key)
    statuses = [ada.get("/jobs/unknown").status for _ in range(100)]
    assert statuses == [404] * 100
    refused = ada.post("/index", {"repository": "ada/engine"})
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert [refused.headers[name] for name in QUOTA[:2]] == ["100", "0"]
    assert 1 <= int(refused.headers["retry-after"]) <= 3_600
    begins = datetime.fromtimestamp(int(refused.headers["x-ratelimit-reset"]), UTC)
    assert (
        f"100 requests an hour is used up; the next hour begins at {begins:%H:%M} UTC"
        in refused.text
    )
    assert migrated_database.value("SELECT count(*) FROM kotadb.index_jobs") == 0
    # Another key of the same tenant has the same quota, and another tenant their own.
    assert stranger.with_key(issue("ada@example.com", "free").api_key).get("/jobs").status == 429
    assert stranger.with_key(issue("bob@example.com", "free").api_key).get("/jobs").status == 200
    # A wrong secret is a wrong secret, also when the quota of its key is used up.
    wrong = issued.api_key[:-1] + ("a" if issued.api_key[-1] != "a" else "b")
    unknown = stranger.with_key(wrong).get("/jobs")
    assert (unknown.status, unknown.code) == (401, "unauthenticated")
    assert not set(QUOTA) & set(unknown.headers)


def test_every_answer_of_a_route_tells_the_quota_and_what_is_no_route_takes_nothing_of_it(
    stranger, issue
):
    ada = stranger.with_key(issue("ada@example.com", "free").api_key)
    refused = ada.get("/jobs", limit="many")
    assert (refused.status, refused.headers["x-ratelimit-remaining"]) == (422, "99")
    for nowhere in (ada.get("/nowhere"), ada.post("/jobs", {})):
        assert nowhere.status in {404, 405}
        assert not set(QUOTA) & set(nowhere.headers)
    assert ada.get("/jobs").headers["x-ratelimit-remaining"] == "98"


@pytest.mark.proves("J21")
def test_the_next_hour_begins_anew(stranger, issue, migrated_database):
    ada = stranger.with_key(issue("ada@example.com", "free").api_key)
    ada.get("/jobs")
    migrated_database.sql("UPDATE kotadb.rate_limit_counters SET used = 100")
    assert ada.get("/jobs").status == 429
    migrated_database.sql(
        "UPDATE kotadb.rate_limit_counters SET window_start = window_start - interval '1 hour'"
    )
    fresh = ada.get("/jobs")
    assert (fresh.status, fresh.headers["x-ratelimit-remaining"]) == (200, "99")


ENVIRONMENT = """
import json, sys
from api_function.handler import lambda_handler
from tests.functions.gateway import Gateway

print("begun", flush=True)
for line in sys.stdin:
    print("status", Gateway(lambda_handler, line.strip()).get("/jobs").status, flush=True)
"""


class Environment:
    """An execution environment of the API: a process of its own that stays warm."""

    def __init__(self, database):
        self.process = subprocess.Popen(
            [sys.executable, "-c", ENVIRONMENT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": ":".join(sys.path), "DATABASE_URL": url_of(database.api)},
        )

    def status(self, key):
        self.process.stdin.write(f"{key}\n")
        self.process.stdin.flush()
        while not (line := self.process.stdout.readline()).startswith("status"):
            assert line, "the environment ended"
        return int(line.split()[1])

    def end(self):
        self.process.communicate(timeout=30)


@pytest.fixture
def environments(migrated_database):
    """Two environments that know nothing of one another."""
    both = [Environment(migrated_database) for _ in range(2)]
    yield both
    for one in both:
        one.end()


def test_a_key_that_ends_is_refused_by_every_warm_environment_with_its_next_request(
    environments, issue, migrated_database
):
    revoked, expired = issue(), issue()
    for key in (revoked, expired):
        assert [one.status(key.api_key) for one in environments * 2] == [200] * 4
    with closing(Database(migrated_database.admin_role)) as database:
        revoke_key(database, revoked.key_id)
    migrated_database.sql(
        "UPDATE kotadb.api_keys SET expires_at = clock_timestamp() WHERE key_id = %s",
        expired.key_id,
    )
    for key in (revoked, expired):
        assert [one.status(key.api_key) for one in environments] == [401, 401]
