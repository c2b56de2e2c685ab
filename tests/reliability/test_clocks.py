"""Whose clock counts: the database's, and the time of the statement, not of its transaction."""

import ast
from datetime import timedelta

import pytest
from tests.contract.project import ROOT
from tests.support.waiting import eventually

from indexer.jobs.queue import JobQueue

# What runs between a lease and its end; nothing here may ask this machine for the date.
TIMELESS = (
    *(f"layers/indexer/indexer/{room}" for room in ("jobs", "indexing", "database", "git")),
    "functions/worker/worker_function",
)
DATES = {"time.time", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
FROZEN = ("now()", "current_timestamp", "transaction_timestamp", "localtimestamp")


@pytest.mark.parametrize("skew", [-3_600, 3_600], ids=["an hour slow", "an hour fast"])
def test_a_worker_whose_clock_is_wrong_leases_renews_and_backs_off_as_any_other(
    bench, start_worker, driver, skew
):
    made = bench.enqueue()
    began = bench.scratch.value("SELECT clock_timestamp()")
    holding = start_worker("hold", driver=driver, skew=skew, lease_seconds=30.0)
    holding.hears("holds")
    first = bench.live(made.job_id)
    assert began <= first["leased_at"] <= bench.scratch.value("SELECT clock_timestamp()")
    # The heartbeat goes on, and lengthens the lease by no more than its length from now.
    ends = "SELECT lease_expires_at FROM kotadb_queue.live"
    eventually(lambda: bench.scratch.value(ends) > first["lease_expires_at"])
    left = bench.scratch.value("SELECT lease_expires_at - clock_timestamp() FROM kotadb_queue.live")
    assert timedelta(0) < left <= timedelta(seconds=30)
    # Nobody takes a lease that stands, and no sweep ends it.
    idle = start_worker("store", driver=driver, skew=-skew)
    assert idle.hears("over") == {"word": "over", "outcomes": {}, "leases_lost": 0}
    holding.go_on()
    assert holding.hears("over")["outcomes"] == {str(made.job_id): "completed"}

    failing = bench.enqueue("ada/other")
    start_worker("fail", driver=driver, skew=skew).hears("over")
    assert 55 < bench.waits(failing.job_id) <= 66
    job = bench.job(made.job_id)
    assert began <= job["started_at"] <= job["completed_at"]


def test_nothing_between_lease_and_end_asks_this_machine_for_the_date():
    asked = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for folder in TIMELESS
        for file in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in DATES
    ]
    assert asked == []


def test_no_function_of_the_queue_takes_the_time_of_its_transaction(migrated_database):
    bodies = migrated_database.sql(
        "SELECT proname, lower(prosrc) AS body FROM pg_proc "
        "WHERE pronamespace = 'kotadb_queue'::regnamespace"
    )
    assert len(bodies) > 10
    queries = (ROOT / "sql/queries/queue.sql").read_text(encoding="utf-8").lower()
    for word in FROZEN:
        assert [row["proname"] for row in bodies if word in row["body"]] == []
        assert word not in queries


def test_a_lease_taken_late_in_a_long_transaction_lasts_its_full_length(bench):
    bench.enqueue()
    settings = bench.settings
    with bench.worker.transaction() as statements:
        statements.fetch_one("database_answers")
        begun = "SELECT min(xact_start) FROM pg_stat_activity WHERE usename = %s"
        began = bench.scratch.value(begun, bench.scratch.worker.user)
        waited = timedelta(seconds=0.2)
        eventually(lambda: bench.scratch.value("SELECT clock_timestamp()") > began + waited)
        lease = JobQueue(statements, settings).lease_next(worker="tests")
    held = bench.live(lease.job_id)
    assert held["leased_at"] > began + waited
    assert held["lease_expires_at"] >= held["leased_at"] + timedelta(seconds=settings.lease_seconds)
