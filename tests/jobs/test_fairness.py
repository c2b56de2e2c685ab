"""Who runs when: shares of tenants, priorities, pauses and snoozes."""

from dataclasses import replace

import pytest
from tests.fixtures.queue import SHA, STATS

from indexer.errors import LeaseLost, TransientJobError
from indexer.jobs.health import HealthMonitor
from indexer.jobs.model import PriorityOutcome
from indexer.jobs.queue import JobQueue


class Passing(TransientJobError):
    code = "remote_unavailable"


@pytest.fixture
def shared(bench):
    """A team of four, of which one tenant gets two."""
    bench.settings = replace(bench.settings, worker_team_size=4, tenant_team_size=2)
    bench.queue.obey_settings()
    return bench


@pytest.fixture
def eve(make_tenant):
    return make_tenant("eve@example.com")


def leased(bench):
    """Lease all that can be leased."""
    leases = []
    while (lease := bench.queue.lease_next(worker="tests")) is not None:
        leases.append(lease)
    return leases


def states(bench, *jobs):
    return [bench.live(job.job_id)["state"] for job in jobs]


def test_a_tenant_with_many_jobs_leaves_room_for_another(shared, eve):
    mine = [shared.enqueue(f"ada/{number}") for number in range(20)]
    hers = shared.enqueue("eve/one", tenant_id=eve)
    assert [lease.job_id for lease in leased(shared)] == [
        *(job.job_id for job in mine[:2]),
        hers.job_id,
    ]
    assert shared.queue.work_is_waiting() is False


def test_the_next_job_of_a_tenant_comes_in_when_one_ends(shared):
    jobs = [shared.enqueue(f"ada/{number}") for number in range(4)]
    first, second = leased(shared)
    shared.complete(first)
    assert states(shared, *jobs[1:]) == ["leased", "ready", "waiting"]
    shared.queue.fail(second, Passing("no answer"))
    assert states(shared, *jobs[1:]) == ["delayed", "ready", "ready"]


def test_a_job_that_waits_for_its_next_try_keeps_no_place(shared):
    poison = shared.enqueue("ada/poison")
    good = [shared.enqueue(f"ada/{number}") for number in range(6)]
    shared.queue.fail(shared.lease(), Passing("no answer"))
    done = []
    while (lease := shared.queue.lease_next(worker="tests")) is not None:
        shared.complete(lease)
        done.append(lease.job_id)
    assert done == [job.job_id for job in good]
    assert states(shared, poison) == ["delayed"]


def test_a_raised_share_is_used_at_once_and_a_lowered_one_holds_for_what_comes(shared):
    jobs = [shared.enqueue(f"ada/{number}") for number in range(5)]
    assert states(shared, *jobs) == ["ready", "ready", "waiting", "waiting", "waiting"]
    shared.settings = replace(shared.settings, tenant_team_size=4)
    shared.queue.obey_settings()
    assert states(shared, *jobs) == ["ready", "ready", "ready", "ready", "waiting"]
    shared.settings = replace(shared.settings, tenant_team_size=1)
    shared.queue.obey_settings()
    for lease in leased(shared)[:3]:
        shared.complete(lease)
    assert states(shared, *jobs[3:]) == ["leased", "waiting"]


def test_without_a_share_of_its_own_a_tenant_gets_the_whole_team(bench):
    bench.settings = replace(bench.settings, worker_team_size=5)
    bench.queue.obey_settings()
    for number in range(6):
        bench.enqueue(f"ada/{number}")
    assert len(leased(bench)) == 5


def test_an_urgent_job_takes_the_place_of_one_that_is_ready(shared):
    jobs = [shared.enqueue(f"ada/{number}") for number in range(4)]
    assert shared.commands.prioritise(jobs[3].job_id, -1) is PriorityOutcome.PRIORITISED
    assert states(shared, *jobs) == ["ready", "waiting", "waiting", "ready"]
    assert [lease.job_id for lease in leased(shared)] == [jobs[3].job_id, jobs[0].job_id]


def test_the_newer_request_inherits_the_urgency_of_the_one_that_gave_way(shared):
    jobs = [shared.enqueue(f"ada/{number}") for number in range(3)]
    old = shared.enqueue("ada/urgent")
    shared.commands.prioritise(old.job_id, -7)
    fresh = shared.enqueue("ada/urgent", commit_sha=SHA)
    assert shared.status(old.job_id) == "skipped"
    assert shared.live(fresh.job_id)["priority"] == -7
    assert shared.lease().job_id == fresh.job_id
    assert shared.lease().job_id == jobs[0].job_id


def test_only_a_job_that_waits_can_be_moved(shared, make_tenant):
    job = shared.enqueue()
    lease = shared.lease()
    assert shared.commands.prioritise(job.job_id, 1) is PriorityOutcome.NOT_DUE
    shared.complete(lease)
    assert shared.commands.prioritise(job.job_id, 1) is PriorityOutcome.NOT_DUE
    assert shared.commands.prioritise(make_tenant("x@example.com"), 1) is PriorityOutcome.NOT_FOUND


@pytest.mark.proves("Q27", "D12")
def test_while_leasing_is_paused_jobs_are_accepted_and_wait(bench):
    running = bench.enqueue("ada/running")
    lease = bench.lease()
    bench.commands.pause()
    waits = bench.enqueue("ada/waits")
    assert bench.queue.lease_next(worker="tests") is None
    assert bench.queue.work_is_waiting() is False
    bench.renew(lease)
    bench.complete(lease)
    assert bench.status(running.job_id) == "completed"
    assert HealthMonitor(bench.api, bench.settings).figures() is None
    bench.commands.resume()
    assert bench.lease().job_id == waits.job_id
    assert HealthMonitor(bench.api, bench.settings).figures() is not None


@pytest.mark.parametrize("how", ["paused", "switched off"])
def test_time_in_which_nothing_could_be_leased_does_not_count_against_a_job(bench, how):
    job = bench.enqueue()
    off = JobQueue(bench.worker, replace(bench.settings, worker_enabled=False))
    bench.scratch.pass_time(23 * 3_600)
    if how == "paused":
        bench.commands.pause()
    else:
        assert off.obey_settings()
    bench.scratch.pass_time(100 * 3_600)
    assert bench.sweep.everything().expired == 0
    bench.commands.resume()
    assert not bench.queue.obey_settings()
    bench.scratch.pass_time(3_000)
    assert bench.sweep.recover().expired == 0
    bench.scratch.pass_time(700)
    assert bench.sweep.recover().expired == 1
    assert bench.job(job.job_id)["error_code"] == "expired"


def test_leasing_goes_on_only_when_no_reason_to_stop_is_left(bench):
    bench.enqueue()
    bench.commands.pause()
    JobQueue(bench.worker, replace(bench.settings, worker_enabled=False)).obey_settings()
    bench.commands.resume()
    assert bench.queue.lease_next(worker="tests") is None
    assert bench.queue.obey_settings() is False
    assert bench.lease() is not None


def test_a_snoozed_job_waits_without_losing_an_attempt(bench):
    job = bench.enqueue()
    for _ in range(6):
        lease = bench.lease()
        bench.queue.release(lease, after_seconds=100, reason=Passing("not yet"))
        assert bench.queue.lease_next(worker="tests") is None
        assert 95 < bench.waits(job.job_id) <= 100
        bench.scratch.pass_time(101)
    row = bench.job(job.job_id)
    assert (row["status"], row["retry_count"], row["error_message"]) == ("pending", 0, "not yet")
    assert bench.attempts(job.job_id) == ["released"] * 6
    last = bench.lease()
    assert (last.attempt, last.round_attempt) == (7, 1)


def test_completing_a_job_leases_the_next_in_its_slot_and_with_one_commit(bench):
    bench.settings = replace(bench.settings, worker_team_size=1)
    jobs = [bench.enqueue(f"ada/{number}") for number in range(2)]
    lease = bench.lease()
    done = {"ref": "main", "commit_sha": SHA, "stats": STATS, "next_for": "tests"}
    successor = bench.queue.complete(lease, **done)
    assert (successor.job_id, successor.attempt) == (jobs[1].job_id, 1)
    assert successor.lease_token != lease.lease_token
    with pytest.raises(LeaseLost):
        bench.queue.complete(lease, **done)
    assert bench.queue.complete(successor, **done) is None
    assert [bench.status(job.job_id) for job in jobs] == ["completed", "completed"]


def test_the_next_lease_keeps_the_slot_though_a_lower_one_is_free(bench):
    for number in range(3):
        bench.enqueue(f"ada/{number}")
    first, second = bench.lease(), bench.lease()
    slots = [bench.live(lease.job_id)["slot"] for lease in (first, second)]
    assert slots == [1, 2]
    bench.complete(first)
    successor = bench.queue.complete(
        second, ref="main", commit_sha=SHA, stats=STATS, next_for="tests"
    )
    assert bench.live(successor.job_id)["slot"] == 2


@pytest.mark.parametrize("leased_again", [False, True])
def test_a_lost_lease_ends_nothing_and_leases_nothing(bench, leased_again):
    lost = bench.enqueue("ada/lost")
    lease = bench.lease()
    bench.scratch.pass_time(bench.settings.lease_seconds + 1)
    bench.sweep.recover()
    if leased_again:
        assert bench.lease().job_id == lost.job_id
    waits = bench.enqueue("ada/waits")
    with pytest.raises(LeaseLost):
        bench.queue.complete(lease, ref="main", commit_sha=SHA, stats=STATS, next_for="tests")
    assert bench.status(lost.job_id) == ("processing" if leased_again else "pending")
    assert bench.status(waits.job_id) == "pending"
    assert bench.attempts(waits.job_id) == []


def test_the_end_of_a_job_makes_room_for_what_waited_behind_it(bench):
    bench.enqueue()
    lease = bench.lease()
    behind = bench.enqueue()
    successor = bench.queue.complete(
        lease, ref="main", commit_sha=SHA, stats=STATS, next_for="tests"
    )
    assert successor.job_id == behind.job_id


def test_the_kept_depth_is_added_up_and_stays_the_same(bench):
    jobs = [bench.enqueue(f"ada/{number}") for number in range(5)]
    bench.cancel(jobs[0].job_id)
    bench.complete(bench.lease())
    changes = "SELECT count(*) FROM kotadb_queue.depth_changes"
    assert bench.scratch.value(changes) > 2
    assert bench.worker.fetch_one("wake_delayed", batch_size=1, most_changes=2)["added_up"] > 0
    assert bench.scratch.value(changes) == 1
    assert HealthMonitor(bench.api, bench.settings).figures().depth == 3
