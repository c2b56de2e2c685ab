import subprocess
import sys
from contextlib import closing
from itertools import pairwise

import pytest
from tests.functions.gateway import url_of

from indexer.access.api_keys import ApiKey, Tier
from indexer.access.provisioning import issue_key
from indexer.access.tenants import RateLimited, Unauthenticated, authenticate
from indexer.database.connection import Database
from indexer.settings import Settings

SETTINGS = Settings()


def bearer(issued) -> str:
    return f"Bearer {issued.api_key}"


def test_a_valid_key_tells_its_tenant_and_what_is_left_of_the_hour(asking_database, key_maker):
    issued = issue_key(key_maker, SETTINGS, email="ada@example.com", tier="solo")
    first = authenticate(asking_database, bearer(issued), SETTINGS)
    second = authenticate(asking_database, bearer(issued), SETTINGS)
    assert (first.tenant_id, first.tier) == (issued.tenant_id, Tier.SOLO)
    assert (first.quota.limit, first.quota.remaining) == (1_000, 999)
    assert second.quota.remaining == 998
    assert second.quota.resets_at.minute == 0


@pytest.mark.proves("J19")
@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic YWRhOnNlY3JldA==",
        "Bearer kota_free_short_secret",
        "Bearer é",
        "Bearer " + "x" * 5_000,
        "Bearer {key} {key}",
        "Bearer {key},Bearer {key}",
        "{key}",
        "Bearer {key}x{key}",
    ],
)
def test_a_header_without_one_whole_key_admits_nobody(asking_database, key_maker, header):
    issued = issue_key(key_maker, SETTINGS, email="ada@example.com")
    written = None if header is None else header.format(key=issued.api_key)
    with pytest.raises(Unauthenticated):
        authenticate(asking_database, written, SETTINGS)


@pytest.mark.parametrize("header", ["bearer {key}", "BEARER  {key}", " Bearer {key}\t"])
def test_the_scheme_is_read_as_http_reads_it(asking_database, key_maker, header):
    issued = issue_key(key_maker, SETTINGS, email="ada@example.com")
    tenant = authenticate(asking_database, header.format(key=issued.api_key), SETTINGS)
    assert tenant.tenant_id == issued.tenant_id


def test_wrong_secret_unknown_id_and_revoked_key_are_refused_alike(
    asking_database, key_maker, migrated_database
):
    issued = issue_key(key_maker, SETTINGS, email="ada@example.com")
    authenticate(asking_database, bearer(issued), SETTINGS)
    wrong = issued.api_key[:-1] + ("a" if issued.api_key[-1] != "a" else "b")
    told = set()
    for key in (wrong, ApiKey.mint(Tier.FREE).reveal()):
        with pytest.raises(Unauthenticated) as refused:
            authenticate(asking_database, f"Bearer {key}", SETTINGS)
        told.add((str(refused.value), tuple(refused.value.headers.items())))
    migrated_database.sql("UPDATE kotadb.api_keys SET revoked_at = now()")
    with pytest.raises(Unauthenticated) as refused:
        authenticate(asking_database, bearer(issued), SETTINGS)
    told.add((str(refused.value), tuple(refused.value.headers.items())))
    assert len(told) == 1


def test_the_tier_is_that_of_the_row_and_not_of_the_text(
    asking_database, key_maker, migrated_database
):
    issued = issue_key(key_maker, SETTINGS, email="ada@example.com", tier="free")
    forged = bearer(issued).replace("kota_free_", "kota_team_")
    assert authenticate(asking_database, forged, SETTINGS).quota.limit == 100
    migrated_database.sql("UPDATE kotadb.tenants SET tier = 'team'")
    assert authenticate(asking_database, bearer(issued), SETTINGS).tier is Tier.TEAM


def test_a_key_made_under_another_pepper_is_wrong(asking_database, key_maker):
    peppered = Settings(api_key_peppers=("north",))
    issued = issue_key(key_maker, peppered, email="ada@example.com")
    assert authenticate(asking_database, bearer(issued), peppered)
    for other in (SETTINGS, Settings(api_key_peppers=("south",))):
        with pytest.raises(Unauthenticated):
            authenticate(asking_database, bearer(issued), other)


@pytest.mark.proves("J21")
def test_the_request_after_the_last_of_the_hour_is_refused(asking_database, key_maker):
    settings = Settings(requests_per_hour_free=3)
    issued = issue_key(key_maker, settings, email="ada@example.com")
    for left in (2, 1, 0):
        assert authenticate(asking_database, bearer(issued), settings).quota.remaining == left
    with pytest.raises(RateLimited) as refused:
        authenticate(asking_database, bearer(issued), settings)
    assert refused.value.headers["X-RateLimit-Remaining"] == "0"
    assert 1 <= int(refused.value.headers["Retry-After"]) <= 3_600


@pytest.mark.parametrize(("away", "told"), [(-90_000, 3_600), (90_000, 1)])
def test_a_machine_whose_clock_is_wrong_still_gives_a_pause_within_the_hour(
    key_maker, migrated_database, away, told
):
    settings = Settings(requests_per_hour_free=0)
    issued = issue_key(key_maker, settings, email="ada@example.com")
    now = migrated_database.value("SELECT extract(epoch FROM now())::float")
    with (
        closing(Database(migrated_database.api)) as database,
        pytest.raises(RateLimited) as refused,
    ):
        authenticate(database, bearer(issued), settings, clock=lambda: now + away)
    assert refused.value.headers["Retry-After"] == str(told)


@pytest.mark.parametrize("used_up", [False, True])
def test_a_known_key_id_with_a_wrong_secret_is_refused_at_all_times(
    asking_database, key_maker, used_up
):
    settings = Settings(requests_per_hour_free=0 if used_up else 100)
    issued = issue_key(key_maker, settings, email="ada@example.com")
    wrong = issued.api_key[:-1] + ("a" if issued.api_key[-1] != "a" else "b")
    for _ in range(2):
        if used_up:
            with pytest.raises(RateLimited):
                authenticate(asking_database, bearer(issued), settings)
        else:
            authenticate(asking_database, bearer(issued), settings)
        with pytest.raises(Unauthenticated):
            authenticate(asking_database, f"Bearer {wrong}", settings)


def test_a_refused_credential_counts_against_nobody(asking_database, key_maker, migrated_database):
    issued = issue_key(key_maker, SETTINGS, email="ada@example.com")
    wrong = issued.api_key[:-1] + ("a" if issued.api_key[-1] != "a" else "b")
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            authenticate(asking_database, f"Bearer {wrong}", SETTINGS)
    assert migrated_database.value("SELECT count(*) FROM kotadb.rate_limit_counters") == 0


def test_a_key_that_has_ended_is_as_a_revoked_one(asking_database, key_maker, migrated_database):
    issued = issue_key(key_maker, SETTINGS, email="ada@example.com")
    migrated_database.sql("UPDATE kotadb.api_keys SET expires_at = now() + interval '1 hour'")
    assert authenticate(asking_database, bearer(issued), SETTINGS)
    migrated_database.sql("UPDATE kotadb.api_keys SET expires_at = now()")
    with pytest.raises(Unauthenticated):
        authenticate(asking_database, bearer(issued), SETTINGS)


@pytest.mark.parametrize("how", ["revoked_at", "expires_at"])
def test_an_end_reaches_every_warm_connection_with_its_next_request(
    key_maker, migrated_database, how
):
    issued = issue_key(key_maker, SETTINGS, email="ada@example.com")
    with (
        closing(Database(migrated_database.api)) as one,
        closing(Database(migrated_database.api, driver="pg8000")) as other,
    ):
        for database in (one, other, one, other):
            authenticate(database, bearer(issued), SETTINGS)
        migrated_database.sql(f"UPDATE kotadb.api_keys SET {how} = clock_timestamp()")
        for database in (one, other):
            with pytest.raises(Unauthenticated):
                authenticate(database, bearer(issued), SETTINGS)


def under(*peppers: str) -> Settings:
    return Settings(api_key_peppers=peppers)


def test_a_pepper_is_changed_in_three_steps_without_one_refused_request(asking_database, key_maker):
    """Environments take a changed secret up within minutes, so two steps meet at any time."""
    steps = [under("old"), under("old", "new"), under("new", "old"), under("new")]
    kept = issue_key(key_maker, steps[0], email="ada@example.com")
    for before, after in pairwise(steps):
        made = issue_key(key_maker, after, email="ada@example.com")
        for settings in (before, after, before, after):
            assert authenticate(asking_database, bearer(kept), settings)
            assert authenticate(asking_database, bearer(made), settings)


def test_a_key_that_nobody_used_while_both_peppers_were_in_force_ends_with_the_old_one(
    asking_database, key_maker, migrated_database
):
    used = issue_key(key_maker, under("old"), email="ada@example.com")
    unused = issue_key(key_maker, under("old"), email="bob@example.com")
    before = migrated_database.value("SELECT clock_timestamp()")
    authenticate(asking_database, bearer(used), under("new", "old"))
    hashed_since = migrated_database.sql(
        "SELECT key_id FROM kotadb.api_keys WHERE hashed_at > %s", before
    )
    assert hashed_since == [{"key_id": used.key_id}]
    assert authenticate(asking_database, bearer(used), under("new"))
    with pytest.raises(Unauthenticated):
        authenticate(asking_database, bearer(unused), under("new"))


def test_the_release_before_admits_as_ever(key_maker, migrated_database):
    """It asks with one hash, by the function's first signature."""
    issued = issue_key(key_maker, SETTINGS, email="ada@example.com", tier="solo")
    secret_hash = ApiKey.parse(issued.api_key).secret_hash("")
    asked = "SELECT * FROM kotadb.admit_request(%s, %s, 100, 1000, 10000)"
    (row,) = migrated_database.sql(asked, issued.key_id, secret_hash)
    assert (row["tenant_id"], row["request_limit"], row["used"]) == (issued.tenant_id, 1_000, 1)
    assert migrated_database.sql(asked, issued.key_id, b"x" * 32) == []
    migrated_database.sql("UPDATE kotadb.api_keys SET expires_at = now()")
    assert migrated_database.sql(asked, issued.key_id, secret_hash) == []


def test_a_hash_that_is_none_matches_no_key(key_maker, migrated_database):
    """Nothing here sends one; who may call the function might."""
    issued = issue_key(key_maker, SETTINGS, email="ada@example.com")
    for asked in (
        "SELECT * FROM kotadb.admit_request(%s, ARRAY[NULL]::bytea[], 9, 9, 9)",
        "SELECT * FROM kotadb.admit_request(%s, ARRAY[]::bytea[], 9, 9, 9)",
        "SELECT * FROM kotadb.admit_request(%s, NULL::bytea, 9, 9, 9)",
        (
            "SELECT * FROM kotadb.rotate_key(%s, ARRAY[NULL]::bytea[], 'BBBBBBBBBBBB', "
            "decode(repeat('00', 32), 'hex'), NULL, 60, 'req-1', '192.0.2.1')"
        ),
    ):
        assert migrated_database.sql(asked, issued.key_id) == []


ASK_MANY = """
import sys
from contextlib import closing
from indexer.access.tenants import RateLimited, authenticate
from indexer.database.connection import Database
from indexer.database.target import Target
from indexer.settings import Settings

settings = Settings(requests_per_hour_free=int(sys.argv[3]))
admitted = refused = 0
with closing(Database(Target.parse(sys.argv[1]))) as database:
    database.fetch_one("database_answers")
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(int(sys.argv[4])):
        try:
            authenticate(database, sys.argv[2], settings)
            admitted += 1
        except RateLimited:
            refused += 1
print(admitted, refused)
"""


@pytest.mark.proves("J21")
def test_two_hundred_parallel_requests_on_a_quota_of_l_give_exactly_l(key_maker, migrated_database):
    processes, each, limit = 8, 25, 120
    issued = issue_key(key_maker, SETTINGS, email="ada@example.com", tier="free")
    command = [
        *(sys.executable, "-c", ASK_MANY, url_of(migrated_database.api)),
        *(bearer(issued), str(limit), str(each)),
    ]
    runs = [
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": ":".join(sys.path)},
        )
        for _ in range(processes)
    ]
    for run in runs:
        assert run.stdout.readline() == "ready\n"
    for run in runs:
        run.stdin.write("go\n")
        run.stdin.flush()
    told = [run.communicate(timeout=60)[0].split() for run in runs]
    assert sum(int(admitted) for admitted, _ in told) == limit
    assert sum(int(refused) for _, refused in told) == processes * each - limit
