"""Orders to the queue, over HTTP: stop leasing, go on, and what to run sooner."""

from contextlib import closing
from uuid import UUID

import pytest
from tests.fixtures.queue import QueueBench

from indexer.database.connection import Database

UNKNOWN = str(UUID(int=7))


@pytest.fixture
def bench(migrated_database, api_database, make_tenant):
    """A queue beside the function."""
    with closing(Database(migrated_database.worker)) as worker:
        yield QueueBench(migrated_database, api_database, worker, make_tenant())


def audited(bench):
    rows = bench.scratch.sql(
        "SELECT action, target, details FROM kotadb.audit_log ORDER BY audit_id"
    )
    return [tuple(row.values()) for row in rows]


def test_a_paused_queue_leases_nothing_and_goes_on_where_it_was(operator, bench):
    made = bench.enqueue()
    stopped = operator.post("/admin/queue/pause")
    assert stopped.status == 200
    assert (stopped.json["paused"], stopped.json["switched_off"]) == (True, False)
    assert operator.get("/admin/queue").json["leasing"] == stopped.json
    assert stopped.json["stopped_at"] is not None
    assert bench.queue.lease_next(worker="tests") is None
    again = operator.post("/admin/queue/resume")
    assert (again.json["paused"], again.json["stopped_at"]) == (False, None)
    assert bench.lease().job_id == made.job_id
    assert audited(bench) == [("pause_leasing", None, {}), ("resume_leasing", None, {})]


def test_the_same_order_again_changes_nothing_and_is_not_written_down(operator, bench):
    assert operator.post("/admin/queue/resume").status == 200
    assert audited(bench) == []
    first = operator.post("/admin/queue/pause").json
    assert operator.post("/admin/queue/pause").json == first
    assert audited(bench) == [("pause_leasing", None, {})]


def test_a_job_that_runs_goes_on_while_leasing_is_paused(operator, bench):
    made = bench.enqueue()
    lease = bench.lease()
    operator.post("/admin/queue/pause")
    bench.renew(lease)
    bench.complete(lease)
    assert bench.status(made.job_id) == "completed"


def test_a_job_that_waits_is_moved_before_the_others(operator, bench):
    first, second = bench.enqueue("ada/one").job_id, bench.enqueue("ada/two").job_id
    answer = operator.post(f"/admin/jobs/{second}/priority", {"priority": -5})
    assert (answer.status, answer.json) == (200, {"job_id": str(second), "priority": -5})
    told = operator.get(f"/admin/jobs/{second}").json
    assert (told["priority"], told["queue_state"]) == (-5, "ready")
    assert [bench.lease().job_id for _ in range(2)] == [second, first]
    assert audited(bench) == [("prioritise_job", str(second), {"priority": -5})]


def test_the_same_priority_again_is_not_written_down(operator, bench):
    job = bench.enqueue().job_id
    for _ in range(2):
        assert operator.post(f"/admin/jobs/{job}/priority", {"priority": 7}).status == 200
    assert len(audited(bench)) == 1
    assert operator.post(f"/admin/jobs/{job}/priority", {"priority": 0}).status == 200
    assert len(audited(bench)) == 2


@pytest.mark.parametrize("state", ["processing", "completed", "cancelled"])
def test_what_does_not_wait_has_no_place_to_change(operator, bench, state):
    job = bench.enqueue().job_id
    if state == "cancelled":
        bench.cancel(job)
    else:
        lease = bench.lease()
    if state == "completed":
        bench.complete(lease)
    answer = operator.post(f"/admin/jobs/{job}/priority", {"priority": 1})
    assert (answer.status, answer.code) == (409, "job_not_due")
    assert (bench.status(job), audited(bench)) == (state, [])


@pytest.mark.parametrize("job_id", [UNKNOWN, "not-a-uuid", "%00"])
def test_a_job_that_is_not_there_is_a_404(operator, bench, job_id):
    answer = operator.post(f"/admin/jobs/{job_id}/priority", {"priority": 1})
    assert (answer.status, answer.code) == (404, "job_not_found")
    assert audited(bench) == []


@pytest.mark.parametrize(
    "body",
    [
        {"priority": 101},
        {"priority": -101},
        {"priority": 10**30},
        {"priority": "1"},
        {"priority": True},
        {"priority": 1.5},
        {"priority": None},
        {},
        {"priority": 1, "job_id": UNKNOWN},
        None,
    ],
)
def test_a_priority_that_cannot_be_is_refused(operator, bench, body):
    job = bench.enqueue().job_id
    answer = operator.post(f"/admin/jobs/{job}/priority", body)
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert audited(bench) == []
