from contextlib import closing
from dataclasses import replace

import pytest
from tests.functions.contents import contents_of
from tests.functions.wire import wire_to
from tests.support.clocks_by_hand import ClocksByHand

from indexer import __version__
from indexer.database.connection import Database
from indexer.database.queries import named_queries
from indexer.errors import PermanentJobError
from indexer.jobs.health import HealthMonitor, check_queue_health
from indexer.jobs.queue import JobQueue
from indexer.settings import Settings


class Lasting(PermanentJobError):
    code = "ref_not_found"


def posted(client, name: str) -> None:
    assert client.post("/index", {"repository": name}).status == 202


@pytest.mark.proves("O1")
def test_health_tells_version_time_and_the_queue_without_a_key(stranger):
    told = stranger.get("/health").json
    assert (told["status"], told["version"]) == ("ok", __version__)
    assert told["timestamp"].endswith("Z")
    assert told["queue"] == {
        "depth": 0,
        "workers": 3,
        "running": 0,
        "failed_24h": 0,
        "oldest_pending_age_seconds": None,
    }


@pytest.mark.proves("O1", "O6")
def test_the_figures_are_those_of_the_whole_deployment(ada, eve, stranger, migrated_database):
    for client, name in ((ada, "ada/a"), (ada, "ada/b"), (eve, "eve/c"), (eve, "eve/d")):
        posted(client, name)
    with closing(Database(migrated_database.worker)) as worker:
        queue = JobQueue(worker, Settings())
        queue.fail(queue.lease_next(worker="tests"), Lasting("no such ref"))
        queue.lease_next(worker="tests")
    first = stranger.get("/health").json["queue"]
    assert (first["depth"], first["running"], first["failed_24h"]) == (2, 1, 1)
    migrated_database.pass_time(600)
    later = stranger.get("/health").json["queue"]
    grown = later["oldest_pending_age_seconds"] - first["oldest_pending_age_seconds"]
    assert 600 <= grown < 660


@pytest.mark.proves("O3")
def test_the_figures_come_in_one_round_trip_and_change_nothing(stranger, wire, migrated_database):
    assert stranger.get("/health").status == 200
    before = contents_of(migrated_database)
    wire.statements.clear()
    for _ in range(20):
        assert stranger.get("/health").status == 200
    assert len(wire.statements) == 20
    assert {one.strip() for one in wire.statements} == {
        named_queries()["queue_figures_in_time"].text
    }
    assert contents_of(migrated_database) == before


@pytest.mark.proves("O18")
def test_every_answer_of_health_tells_how_long_it_took(
    environment, stranger, migrated_database, told_metrics
):
    assert stranger.get("/health").status == 200
    (told,) = told_metrics()["health_latency_seconds"]
    assert 0 < told < 5
    environment.use(replace(migrated_database.api, host="127.0.0.1", port=1))
    assert environment.client.get("/health").status == 500
    assert len(told_metrics()["health_latency_seconds"]) == 1


@pytest.mark.proves("O4")
def test_figures_are_read_anew_only_when_they_are_old(environment, ada, stranger):
    environment.set(HEALTH_CACHE_SECONDS=3600)
    assert stranger.get("/health").json["queue"]["depth"] == 0
    posted(ada, "ada/engine")
    assert stranger.get("/health").json["queue"]["depth"] == 0
    environment.set(HEALTH_CACHE_SECONDS=0)
    assert stranger.get("/health").json["queue"]["depth"] == 1


@pytest.mark.proves("O4")
def test_figures_from_before_a_freeze_are_read_anew(ada, migrated_database):
    hand = ClocksByHand()
    with migrated_database.database(migrated_database.api) as database:
        monitor = HealthMonitor(database, Settings(), clocks=hand.clocks)
        assert monitor.figures().depth == 0
        posted(ada, "ada/engine")
        assert monitor.figures().depth == 0
        hand.freeze(Settings().health_cache_seconds)
        assert monitor.figures().depth == 1


@pytest.mark.proves("O2", "Q27")
def test_with_leasing_switched_off_the_queue_is_null(environment, stranger):
    environment.set(WORKER_ENABLED="false")
    answer = stranger.get("/health")
    assert (answer.status, answer.json["queue"]) == (200, None)


@pytest.mark.proves("O2")
def test_without_our_tables_the_queue_is_null(environment, empty_database, migrated_database):
    environment.use(replace(migrated_database.api, dbname=empty_database.admin.dbname))
    answer = environment.client.get("/health")
    assert (answer.status, answer.json["queue"]) == (200, None)


@pytest.mark.proves("O3")
def test_figures_that_do_not_come_in_time_are_null(stranger, migrated_database):
    with migrated_database.connection() as blocking, blocking.transaction():
        blocking.execute("LOCK TABLE kotadb_queue.live IN ACCESS EXCLUSIVE MODE")
        answer = stranger.get("/health")
    assert (answer.status, answer.json["queue"]) == (200, None)
    assert answer.seconds < 3
    assert stranger.get("/health").json["queue"] is not None


@pytest.mark.proves("O5")
def test_with_the_database_gone_health_is_500_soon_and_says_so_in_the_log(
    environment, migrated_database, log_lines
):
    environment.use(replace(migrated_database.api, host="127.0.0.1", port=1))
    answer = environment.client.get("/health")
    assert (answer.status, answer.code) == (500, "database_unavailable")
    assert answer.seconds < 3
    errors = [line for line in log_lines() if line["level"] == "ERROR"]
    assert "the database is away" in [line["message"] for line in errors]


@pytest.mark.proves("O5")
@pytest.mark.parametrize("warm", [False, True])
def test_a_database_that_falls_silent_is_noticed_soon(stranger, wire, warm):
    if warm:
        assert stranger.get("/health").status == 200
    wire.fall_silent()
    answer = stranger.get("/health")
    assert (answer.status, answer.code) == (500, "database_unavailable")
    assert answer.seconds < 3.5


@pytest.mark.proves("O5")
def test_a_refused_login_is_an_unhealthy_service(environment, migrated_database):
    environment.use(replace(migrated_database.api, password="wrong"))
    answer = environment.client.get("/health")
    assert answer.status == 500
    assert "wrong" not in answer.text


def test_health_recovers_by_itself(stranger, wire):
    assert stranger.get("/health").status == 200
    wire.cut()
    assert [stranger.get("/health").status for _ in range(2)][-1] == 200


@pytest.mark.proves("Q21")
def test_the_queue_is_healthy_unless_it_is_stopped_or_its_database_away(migrated_database):
    settings = Settings()
    with closing(Database(migrated_database.worker)) as database:
        assert check_queue_health(database, settings)
        assert not check_queue_health(database, replace(settings, worker_enabled=False))
    away = Database(replace(migrated_database.worker, host="127.0.0.1", port=1))
    assert not check_queue_health(away, settings)


def test_silence_ends_with_the_wire(migrated_database):
    """The wire itself forwards, writes down and ends: what the tests above rely on."""
    with wire_to(migrated_database.api) as wire:
        target = replace(migrated_database.api, host="127.0.0.1", port=wire.port)
        with closing(Database(target)) as database:
            database.script("database_answers")
        assert wire.statements == ["SELECT 1 AS answer"]
    assert all(one.fileno() == -1 for one in wire.sockets)
