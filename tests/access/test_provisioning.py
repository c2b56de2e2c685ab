import pytest

from indexer.access.provisioning import KeyRequestInvalid, issue_key
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
    with pytest.raises(KeyRequestInvalid):
        issue_key(admin_database, SETTINGS, **wish)
    assert migrated_database.value("SELECT count(*) FROM kotadb.tenants") == 0
