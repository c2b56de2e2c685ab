import threading
from contextlib import closing

import psycopg
import pytest

from indexer.access.api_keys import ApiKey
from indexer.access.audit import Origin
from indexer.access.provisioning import revoke_key
from indexer.access.rotation import KeyReplaced, rotate_key
from indexer.access.tenants import Unauthenticated, authenticate
from indexer.database.connection import Database
from indexer.settings import Settings

DAY = 86_400
ORIGIN = Origin(request_id="req-1", caller="192.0.2.1")


def seconds_left(database, key_id):
    return float(
        database.value(
            "SELECT extract(epoch FROM expires_at - clock_timestamp()) "
            "FROM kotadb.api_keys WHERE key_id = %s",
            key_id,
        )
    )


def test_a_holder_gets_a_new_key_and_the_old_one_goes_on_for_a_day(
    stranger, issue, migrated_database
):
    old = issue(tier="solo")
    answer = stranger.with_key(old.api_key).post("/keys/rotate", {})
    assert answer.status == 201
    assert answer.headers["cache-control"] == "no-store"
    made = answer.json
    assert made["api_key"].startswith("kota_solo_")
    assert (made["name"], made["tier"], made["expires_at"]) == ("tests", "solo", None)
    assert made["replaces"]["key_id"] == old.key_id
    assert made["key_id"] == ApiKey.parse(made["api_key"]).key_id != old.key_id
    for key in (old.api_key, made["api_key"]):
        assert stranger.with_key(key).get("/jobs").status == 200
    assert DAY - 60 < seconds_left(migrated_database, old.key_id) <= DAY


def test_the_old_key_is_refused_from_the_end_of_the_overlap_on(ada, migrated_database):
    made = ada.post("/keys/rotate", {"overlap_seconds": 60, "name": "laptop"}).json
    assert made["name"] == "laptop"
    assert ada.get("/jobs").status == 200
    migrated_database.sql(
        "UPDATE kotadb.api_keys SET expires_at = clock_timestamp() WHERE replaces IS NULL"
    )
    refused = ada.get("/jobs")
    assert (refused.status, refused.code) == (401, "unauthenticated")
    assert ada.with_key(made["api_key"]).get("/jobs").status == 200


def test_who_revokes_a_key_hears_of_every_successor_that_is_still_good(ada, migrated_database):
    first = ApiKey.parse(ada.key).key_id
    second = ada.post("/keys/rotate", {"overlap_seconds": 0}).json
    third = ada.with_key(second["api_key"]).post("/keys/rotate", {}).json
    with (
        closing(Database(migrated_database.admin_role)) as database,
        database.transaction() as statements,
    ):
        assert revoke_key(statements, first) == (second["key_id"], third["key_id"])
        assert revoke_key(statements, second["key_id"]) == (third["key_id"],)
        assert revoke_key(statements, third["key_id"]) == ()
    assert ada.with_key(third["api_key"]).get("/jobs").status == 401


def test_without_an_overlap_the_old_key_ends_at_once(ada):
    made = ada.post("/keys/rotate", {"overlap_seconds": 0}).json
    assert ada.get("/jobs").status == 401
    assert ada.post("/keys/rotate", {}).status == 401
    assert ada.with_key(made["api_key"]).get("/jobs").status == 200


def test_a_key_begets_one_successor(ada):
    first = ada.post("/keys/rotate", {})
    again = ada.post("/keys/rotate", {})
    assert (again.status, again.code) == (409, "key_replaced")
    assert "api_key" not in again.json
    # The successor is a key like any other.
    assert ada.with_key(first.json["api_key"]).post("/keys/rotate", {}).status == 201


def test_of_rotations_at_one_instant_one_makes_a_key(issue, migrated_database):
    settings, old = Settings(), issue()
    together = threading.Barrier(4)
    outcomes: list[str] = []

    def ask() -> None:
        with closing(Database(migrated_database.api)) as database:
            tenant = authenticate(database, f"Bearer {old.api_key}", settings)
            together.wait()
            try:
                rotate_key(database, settings, tenant, overlap_seconds=60, name=None, origin=ORIGIN)
                outcomes.append("made")
            except KeyReplaced:
                outcomes.append("replaced")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "replaced", "replaced", "replaced"]
    assert migrated_database.value("SELECT count(*) FROM kotadb.api_keys") == 2


def test_a_key_that_is_revoked_between_its_check_and_its_rotation_begets_nothing(
    issue, migrated_database
):
    settings, old = Settings(), issue()
    with closing(Database(migrated_database.api)) as database:
        tenant = authenticate(database, f"Bearer {old.api_key}", settings)
        migrated_database.sql("UPDATE kotadb.api_keys SET revoked_at = now()")
        with pytest.raises(Unauthenticated):
            rotate_key(database, settings, tenant, overlap_seconds=60, name=None, origin=ORIGIN)
    assert migrated_database.value("SELECT count(*) FROM kotadb.api_keys") == 1


def test_nobody_rotates_a_key_by_its_id_alone(api_database, issue, migrated_database):
    """The function itself asks for the secret: whoever reaches it past the routes gains nothing."""
    victim = issue("victim@example.com")
    row = api_database.fetch_one(
        "rotate_key",
        key_id=victim.key_id,
        secret_hashes=[b"x" * 32],
        new_key_id="A" * 12,
        new_secret_hash=b"y" * 32,
        new_name=None,
        overlap_seconds=0,
        request_id="req-1",
        caller="192.0.2.1",
    )
    assert row is None
    assert migrated_database.value("SELECT expires_at FROM kotadb.api_keys") is None


def test_a_successor_ends_when_its_predecessor_would_have(ada, migrated_database):
    migrated_database.sql(
        "UPDATE kotadb.api_keys SET expires_at = clock_timestamp() + interval '1 hour'"
    )
    made = ada.post("/keys/rotate", {"overlap_seconds": DAY}).json
    assert made["expires_at"] is not None
    assert made["expires_at"] == made["replaces"]["valid_until"]


def test_a_rotation_is_written_down_without_the_secret(ada, migrated_database):
    made = ada.post("/keys/rotate", {}, headers={"X-Request-Id": "mine"}).json
    (row,) = migrated_database.sql("SELECT * FROM kotadb.audit_log")
    assert (row["action"], row["request_id"], row["caller"]) == ("rotate_key", "mine", "192.0.2.1")
    assert row["target"] == made["replaces"]["key_id"]
    assert row["details"]["successor"] == made["key_id"]
    assert made["api_key"].rpartition("_")[2] not in str(row)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"overlap_seconds": -1}, 422, "validation_failed"),
        ({"overlap_seconds": 604_801}, 422, "validation_failed"),
        ({"overlap_seconds": "60"}, 422, "validation_failed"),
        ({"overlap_seconds": True}, 422, "validation_failed"),
        ({"overlap_seconds": 10**30}, 422, "validation_failed"),
        ({"name": ""}, 422, "validation_failed"),
        ({"name": "x" * 201}, 422, "validation_failed"),
        ({"name": "line\nbreak"}, 422, "access_request_invalid"),
        ({"key_id": "A" * 12}, 422, "validation_failed"),
        ([], 400, "body_malformed"),
        (None, 422, "validation_failed"),
    ],
)
def test_what_cannot_be_used_makes_no_key(ada, migrated_database, body, status, code):
    answer = ada.post("/keys/rotate", body)
    assert (answer.status, answer.code) == (status, code)
    (row,) = migrated_database.sql("SELECT expires_at FROM kotadb.api_keys")
    assert row["expires_at"] is None
    assert migrated_database.value("SELECT count(*) FROM kotadb.audit_log") == 0


def test_a_rotation_needs_a_key(stranger):
    assert stranger.post("/keys/rotate", {}).status == 401


@pytest.mark.proves("J21")
def test_a_rotation_counts_against_the_quota(environment, ada, migrated_database):
    environment.set(REQUESTS_PER_HOUR_TEAM=1)
    assert ada.get("/jobs").status == 200
    refused = ada.post("/keys/rotate", {})
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert migrated_database.value("SELECT count(*) FROM kotadb.api_keys") == 1


def test_a_rotation_is_two_statements(wire, ada):
    ada.get("/jobs")
    wire.statements.clear()
    assert ada.post("/keys/rotate", {}).status == 201
    assert len(wire.statements) == 2


def test_the_schema_itself_knows_one_successor_for_a_key(issue, migrated_database):
    old, first, second = (issue().key_id for _ in range(3))
    replaced = "UPDATE kotadb.api_keys SET replaces = %s WHERE key_id = %s"
    migrated_database.sql(replaced, old, first)
    with pytest.raises(psycopg.errors.UniqueViolation, match="one_successor_per_key"):
        migrated_database.sql(replaced, old, second)
