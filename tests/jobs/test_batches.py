from contextlib import closing

import pytest
from tests.fixtures.queue import OTHER_SHA, SHA, STATS
from tests.support.waiting import meanwhile

from indexer.database.connection import Database
from indexer.jobs.batches import Completion, JobBatches
from indexer.settings import Settings

WIDE = Settings(worker_team_size=10, tenant_team_size=10)


def _batches(bench) -> tuple[JobBatches, JobBatches]:
    bench.settings = WIDE
    bench.queue.obey_settings()
    return JobBatches(bench.api, WIDE), JobBatches(bench.worker, WIDE)


def _requests(bench, *refs, **wishes):
    return [bench.request(ref=ref, **wishes) for ref in refs]


def _completion(lease):
    return Completion(lease=lease, ref="main", commit_sha=SHA, stats=STATS)


@pytest.mark.parametrize("driver_name", ["psycopg", "pg8000"])
def test_a_batch_makes_a_job_and_a_queue_row_of_each_request(bench, migrated_database, driver_name):
    with closing(Database(migrated_database.api, driver=driver_name)) as database:
        made = JobBatches(database, Settings()).enqueue(_requests(bench, "a", "b", commit_sha=SHA))
    assert [one.deduplicated for one in made] == [False, False]
    for one, ref in zip(made, ("a", "b"), strict=True):
        job, live = bench.job(one.job_id), bench.live(one.job_id)
        assert (job["requested_ref"], job["status"]) == (ref, "pending")
        assert (job["queue_job_id"], live["state"]) == (live["queue_job_id"], "ready")
        assert live["payload"] == {
            "indexJobId": str(one.job_id),
            "repositoryId": str(one.repository_id),
            "commitSha": SHA,
        }


def test_a_batch_leaves_the_queue_as_the_same_requests_one_by_one(bench, make_tenant):
    """Repetitions, other commits, running refs and a full share among them."""
    wishes = [
        ("a", None), ("b", SHA), ("a", None), ("c", None), ("b", OTHER_SHA), ("d", SHA),
        ("running", SHA), ("e", None), ("d", SHA), ("running", OTHER_SHA), ("waits", OTHER_SHA),
    ]  # fmt: skip
    bench.settings = Settings(worker_team_size=10, tenant_team_size=4)
    outcomes = []
    for in_a_batch in (False, True):
        bench.scratch.empty()
        bench.tenant = make_tenant()
        bench.queue.obey_settings()
        bench.enqueue(ref="running", commit_sha=SHA)
        bench.lease()
        bench.enqueue(ref="waits", commit_sha=SHA)
        requests = [bench.request(ref=ref, commit_sha=sha) for ref, sha in wishes]
        if in_a_batch:
            made = JobBatches(bench.api, bench.settings).enqueue(requests)
        else:
            made = [bench.enqueue(ref=ref, commit_sha=sha) for ref, sha in wishes]
        outcomes.append(([one.deduplicated for one in made], _jobs_of(bench)))
    assert outcomes[0] == outcomes[1]


def _jobs_of(bench) -> list[tuple[str, ...]]:
    """Every job that was made, and how many may run: which ones is a matter of order alone."""
    rows = bench.scratch.sql(
        "SELECT requested_ref, requested_commit, status, error_code FROM kotadb.index_jobs "
        "ORDER BY requested_ref, requested_commit, status"
    )
    states = bench.scratch.sql(
        "SELECT state, count(*) FROM kotadb_queue.live GROUP BY state ORDER BY state"
    )
    return [tuple(row.values()) for row in (*rows, *states)]


def test_a_batch_takes_no_more_than_its_tenants_share(bench):
    made = JobBatches(bench.api, Settings()).enqueue(_requests(bench, *"abcde"))
    assert [bench.live(one.job_id)["state"] for one in made] == [
        "ready", "ready", "ready", "waiting", "waiting",
    ]  # fmt: skip


def test_a_job_that_a_batch_asks_for_again_expires_24_hours_after_that(bench):
    incoming, _ = _batches(bench)
    made = bench.enqueue(ref="a")
    bench.scratch.pass_time(24 * 3600 - 60)
    again, other = incoming.enqueue(_requests(bench, "a", "b"))
    assert (again.job_id, again.deduplicated) == (made.job_id, True)
    bench.scratch.pass_time(24 * 3600 - 60)
    assert bench.sweep.recover().expired == 0
    bench.scratch.pass_time(120)
    assert bench.sweep.recover().expired == 2
    assert bench.status(other.job_id) == "failed"


def test_a_batch_that_joins_a_job_which_is_just_woken_lets_it_be_woken(bench):
    incoming, _ = _batches(bench)
    woken = bench.enqueue(ref="a")
    with bench.scratch.connection() as waking:
        waking.execute("BEGIN")
        waking.execute(
            "UPDATE kotadb_queue.live SET state = 'waiting', tenant_slot = NULL WHERE job_id = %s",
            (woken.job_id,),
        )
        with meanwhile(
            bench.scratch, bench.scratch.api, lambda: incoming.enqueue(_requests(bench, "b", "a"))
        ) as done:
            waking.execute("SELECT kotadb_queue.admit(%s)", (bench.tenant,))
            waking.execute("COMMIT")
    ((_, joined),) = done
    assert (joined.job_id, joined.deduplicated) == (woken.job_id, True)
    assert bench.live(woken.job_id)["state"] == "ready"


def test_of_a_repository_the_later_request_of_a_batch_is_the_newer(bench):
    made = JobBatches(bench.api, Settings()).enqueue(_requests(bench, *"cab"))
    generations = [bench.job(one.job_id)["generation"] for one in made]
    assert generations == sorted(set(generations))
    assert bench.job(bench.enqueue(ref="d").job_id)["generation"] > generations[-1]


def test_a_batch_of_several_tenants_is_refused(bench, make_tenant):
    other = bench.request(tenant_id=make_tenant(email="bo@example.com"))
    with pytest.raises(ValueError, match="one tenant"):
        JobBatches(bench.api, Settings()).enqueue([bench.request(), other])
    assert JobBatches(bench.api, Settings()).enqueue([]) == []


def test_a_batch_is_leased_in_order_each_job_under_a_token_of_its_own(bench):
    incoming, outgoing = _batches(bench)
    made = incoming.enqueue(_requests(bench, *"abcde"))
    leases = outgoing.lease(3, worker="tests")
    assert {one.job_id for one in leases} == {one.job_id for one in made[:3]}
    assert len({one.lease_token for one in leases}) == 3
    assert all(bench.status(one.job_id) == "processing" for one in leases)
    assert [one.attempt for one in leases] == [1, 1, 1]


def test_leases_of_many_repositories_come_in_the_order_of_the_queue(bench):
    incoming, outgoing = _batches(bench)
    made = incoming.enqueue([bench.request("ada/first")])
    # A planner that knows of one repository is tempted to begin with the repositories.
    bench.scratch.sql("VACUUM ANALYZE kotadb.repositories")
    made += incoming.enqueue([bench.request(f"ada/{name}") for name in "bcdefgh"])
    leases = outgoing.lease(len(made), worker="tests")
    assert [one.job_id for one in leases] == [one.job_id for one in made]


def test_a_batch_of_leases_leaves_the_team_its_size(bench):
    incoming, _ = _batches(bench)
    incoming.enqueue(_requests(bench, *"abcde"))
    small = JobBatches(bench.worker, Settings(worker_team_size=2))
    assert len(small.lease(5, worker="tests")) == 2
    assert small.lease(5, worker="tests") == []


@pytest.mark.proves("W3")
def test_of_a_batch_only_the_jobs_whose_lease_is_held_are_completed(bench):
    incoming, outgoing = _batches(bench)
    incoming.enqueue(_requests(bench, *"abc"))
    leases = outgoing.lease(3, worker="first")
    bench.scratch.pass_time(WIDE.lease_seconds + 1)
    bench.renew(leases[0])
    bench.sweep.recover()
    again = outgoing.lease(1, worker="second")
    assert outgoing.complete([_completion(one) for one in leases]) == {leases[0].job_id}
    assert bench.status(again[0].job_id) == "processing"
    assert outgoing.complete([_completion(one) for one in again]) == {again[0].job_id}


def test_a_batch_is_completed_once(bench):
    incoming, outgoing = _batches(bench)
    incoming.enqueue(_requests(bench, *"ab"))
    runs = [_completion(one) for one in outgoing.lease(2, worker="tests")]
    assert outgoing.complete(runs) == {one.lease.job_id for one in runs}
    assert outgoing.complete(runs) == frozenset()
    for run in runs:
        job = bench.job(run.lease.job_id)
        assert (job["status"], job["commit_sha"], job["stats"]) == ("completed", SHA, STATS)
        assert bench.live(run.lease.job_id)["result"]["filesProcessed"] == STATS["files_indexed"]
    assert bench.scratch.value(
        "SELECT count(*) FROM kotadb.job_attempts WHERE outcome = 'completed'"
    ) == len(runs)


def test_what_waited_behind_a_completed_batch_may_run(bench):
    incoming, outgoing = _batches(bench)
    incoming.enqueue(_requests(bench, "a"))
    runs = [_completion(one) for one in outgoing.lease(1, worker="tests")]
    (behind,) = incoming.enqueue(_requests(bench, "a"))
    assert outgoing.lease(1, worker="tests") == []
    outgoing.complete(runs)
    assert [one.job_id for one in outgoing.lease(1, worker="tests")] == [behind.job_id]


def _every_other_tenant_waits(bench, make_tenant):
    """Four tenants with a share of one: of each a job is leased, and two have one that waits."""
    bench.settings = Settings(worker_team_size=10, tenant_team_size=1)
    bench.queue.obey_settings()
    behind = []
    for number in range(4):
        bench.tenant = make_tenant(email=f"{number}@example.com")
        bench.enqueue(ref="first")
        if number % 2:
            behind.append(bench.enqueue(ref="behind"))
    outgoing = JobBatches(bench.worker, bench.settings)
    return behind, [_completion(one) for one in outgoing.lease(4, worker="tests")], outgoing


def test_a_completed_batch_of_many_tenants_lets_in_what_waits_of_each(bench, make_tenant):
    behind, runs, outgoing = _every_other_tenant_waits(bench, make_tenant)
    assert len(runs) == 4
    assert [bench.live(one.job_id)["state"] for one in behind] == ["waiting", "waiting"]
    outgoing.complete(runs)
    assert [bench.live(one.job_id)["state"] for one in behind] == ["ready", "ready"]


def test_what_comes_to_wait_while_a_batch_is_completed_is_let_in(bench, make_tenant):
    _, runs, outgoing = _every_other_tenant_waits(bench, make_tenant)
    tenant = runs[0].lease.tenant_id  # one that has nothing waiting yet
    with bench.scratch.connection() as other:
        other.execute("BEGIN")
        newer = other.execute(
            "SELECT job_id FROM kotadb_queue.enqueue(%s, 'https://github.com/ada/other.git', "
            "'ada/other', '', NULL, false, 'req-2', 3, 24)",
            (tenant,),
        ).fetchone()["job_id"]
        with meanwhile(
            bench.scratch, bench.scratch.worker, lambda: outgoing.complete(runs)
        ) as done:
            assert done == []
            other.execute("COMMIT")
    assert bench.live(newer)["state"] == "ready"
