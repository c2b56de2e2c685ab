import threading
from contextlib import closing
from dataclasses import astuple
from datetime import timedelta

import pytest

from indexer.access.api_keys import Tier
from indexer.access.provisioning import (
    AccessRequestInvalid,
    EnsuredTenant,
    KeyNotFound,
    KeyRevoked,
    add_key,
    end_of_replaced_key,
    ensure_organization,
    ensure_user,
    issue_key,
    key_is_valid,
    keys_page,
    revoke_key,
)
from indexer.database.connection import Database
from indexer.settings import Settings

SETTINGS = Settings()


def test_a_second_key_for_an_address_is_the_same_users(admin_database, migrated_database):
    first = issue_key(admin_database, SETTINGS, email=" Ada@Example.com ", tier="free")
    second = issue_key(admin_database, SETTINGS, email="ada@example.com", tier="team")
    assert first.tenant_id == second.tenant_id
    assert first.key_id != second.key_id
    assert migrated_database.sql("SELECT kind, tier FROM kotadb.tenants") == [
        {"kind": "user", "tier": "team"}
    ]


def test_no_secret_is_stored(admin_database, migrated_database):
    issued = issue_key(admin_database, SETTINGS, email="ada@example.com")
    secret = issued.api_key.rpartition("_")[2]
    (row,) = migrated_database.sql("SELECT * FROM kotadb.api_keys")
    assert row["key_id"] == issued.key_id
    assert secret not in str(row)
    assert secret.encode() not in row["secret_hash"]
    assert secret not in repr(issued)


@pytest.mark.parametrize(
    "wish",
    [
        {"email": "nobody"},
        {"email": "a@b@c"},
        {"email": "a b@c"},
        {"email": "a\0@c"},
        {"email": "x" * 320 + "@c"},
        {"email": "a@b", "tier": "gold"},
        {"email": "a@b", "name": " "},
        {"email": "a@b", "name": "x" * 201},
        {"email": "a@b", "name": "line\nbreak"},
    ],
)
def test_what_cannot_be_used_makes_nothing(admin_database, migrated_database, wish):
    with pytest.raises(AccessRequestInvalid):
        issue_key(admin_database, SETTINGS, **wish)
    assert migrated_database.value("SELECT count(*) FROM kotadb.tenants") == 0


def test_without_a_tier_a_user_keeps_the_one_they_have(admin_database):
    first = issue_key(admin_database, SETTINGS, email="ada@example.com")
    assert first.tier is Tier.FREE
    issue_key(admin_database, SETTINGS, email="ada@example.com", tier="team")
    assert issue_key(admin_database, SETTINGS, email="ada@example.com").tier is Tier.TEAM


@pytest.mark.parametrize("ensure", [ensure_user, ensure_organization])
def test_first_calls_for_one_tenant_at_one_instant_make_one(migrated_database, ensure):
    calls, together = 6, threading.Barrier(6)
    said = {"email": "ada@example.com"} if ensure is ensure_user else {"name": "engines"}
    made: list[EnsuredTenant] = []

    def call() -> None:
        with closing(Database(migrated_database.admin_role)) as database:
            database.fetch_one("database_answers")
            together.wait()
            with database.transaction() as statements:
                made.append(ensure(statements, **said))

    threads = [threading.Thread(target=call) for _ in range(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == calls
    assert len({one.tenant_id for one in made}) == 1
    assert [one.created for one in made].count(True) == 1
    assert migrated_database.value("SELECT count(*) FROM kotadb.tenants") == 1


def test_a_first_call_waits_for_another_that_is_not_committed_yet(migrated_database):
    """Deterministic where the one above is not: the second call meets the first one's row."""
    second: list[EnsuredTenant] = []

    def call() -> None:
        with (
            closing(Database(migrated_database.admin_role)) as database,
            database.transaction() as statements,
        ):
            second.append(ensure_user(statements, email="ada@example.com", tier="team"))

    with closing(Database(migrated_database.admin_role)) as database:
        with database.transaction() as statements:
            first = ensure_user(statements, email="ada@example.com")
            other = threading.Thread(target=call)
            other.start()
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
            while not migrated_database.value(f"{waiting} datname = current_database()"):
                assert other.is_alive()
        other.join()
    assert (first.created, second[0].created, second[0].changed) == (True, False, True)
    assert second[0].tenant_id == first.tenant_id


def test_a_key_with_a_life_ends_by_itself(admin_database, migrated_database):
    with admin_database.transaction() as statements:
        user = ensure_user(statements, email="ada@example.com")
        key = add_key(
            statements,
            SETTINGS,
            tenant_id=user.tenant_id,
            tier=user.tier,
            name="guest",
            valid_days=2,
        )
    left = migrated_database.value("SELECT expires_at - now() FROM kotadb.api_keys")
    assert timedelta(days=2, minutes=-1) < left < timedelta(days=2, minutes=1)
    assert key_is_valid(admin_database, SETTINGS, key.api_key)
    migrated_database.sql("UPDATE kotadb.api_keys SET expires_at = now()")
    assert not key_is_valid(admin_database, SETTINGS, key.api_key)


def test_the_end_of_a_key_is_told_where_another_was_given_for_it(admin_database, migrated_database):
    old, new = (
        issue_key(admin_database, SETTINGS, email="ada@example.com", name=name)
        for name in ("old", "new")
    )

    def end():
        return end_of_replaced_key(admin_database, old.api_key)

    assert end() is None
    migrated_database.sql(
        "UPDATE kotadb.api_keys SET expires_at = now() + interval '1 hour' WHERE key_id = %s",
        old.key_id,
    )
    assert end() is None
    migrated_database.sql(
        "UPDATE kotadb.api_keys SET replaces = %s WHERE key_id = %s", old.key_id, new.key_id
    )
    ends_at = migrated_database.value(
        "SELECT expires_at FROM kotadb.api_keys WHERE expires_at IS NOT NULL"
    )
    assert end() == ends_at
    assert end_of_replaced_key(admin_database, new.api_key) is None
    assert end_of_replaced_key(admin_database, "no key") is None


def test_a_key_is_revoked_once(admin_database):
    issued = issue_key(admin_database, SETTINGS, email="ada@example.com")
    with admin_database.transaction() as statements:
        revoke_key(statements, issued.key_id)
    assert not key_is_valid(admin_database, SETTINGS, issued.api_key)
    for key_id, refused in (
        (issued.key_id, KeyRevoked),
        ("A" * 12, KeyNotFound),
        ("a\0b", KeyNotFound),
        ("", KeyNotFound),
    ):
        with pytest.raises(refused), admin_database.transaction() as statements:
            revoke_key(statements, key_id)


def test_keys_are_listed_page_by_page_without_their_hashes(admin_database):
    issued = [issue_key(admin_database, SETTINGS, email=f"{n}@example.com") for n in range(5)]
    first = keys_page(admin_database, limit=3)
    rest = keys_page(admin_database, limit=3, cursor=first.next_cursor)
    assert [one.key_id for one in (*first.items, *rest.items)] == [one.key_id for one in issued]
    assert rest.next_cursor is None
    assert first.items[0].owner == "0@example.com"
    assert not any(isinstance(value, bytes) for value in astuple(first.items[0]))
    (only,) = keys_page(admin_database, tenant_id=issued[2].tenant_id).items
    assert only.key_id == issued[2].key_id
