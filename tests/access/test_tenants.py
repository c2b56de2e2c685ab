import threading
from contextlib import closing

import pytest

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
    peppered = Settings(api_key_pepper="north")
    issued = issue_key(key_maker, peppered, email="ada@example.com")
    assert authenticate(asking_database, bearer(issued), peppered)
    for other in (SETTINGS, Settings(api_key_pepper="south")):
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


def test_parallel_requests_use_a_quota_up_exactly(key_maker, migrated_database):
    settings = Settings(requests_per_hour_free=20)
    issued = issue_key(key_maker, settings, email="ada@example.com")
    together = threading.Barrier(4)
    outcomes: list[str] = []

    def ask() -> None:
        with closing(Database(migrated_database.api)) as database:
            together.wait()
            for _ in range(10):
                try:
                    authenticate(database, bearer(issued), settings)
                    outcomes.append("admitted")
                except RateLimited:
                    outcomes.append("refused")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count("admitted"), outcomes.count("refused")) == (20, 20)
