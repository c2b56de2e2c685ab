import json
import socket
import threading
import time
from contextlib import closing
from dataclasses import replace

import pytest
from tests.fixtures.queue import SHA, STATS, QueueBench
from tests.functions.wire import wire_to
from tests.support.proxy import Fault, proxy_before
from tests.support.waiting import eventually

from indexer.database.connection import Database
from indexer.database.failures import DatabaseUnavailable
from indexer.errors import LeaseLost, PermanentJobError, TransientJobError
from indexer.jobs import run as run_module
from indexer.jobs.model import Phase
from indexer.jobs.queue import JobQueue
from indexer.jobs.run import StopSignal
from indexer.jobs.runner import Runner
from indexer.jobs.sweep import Sweep
from indexer.settings import Settings

LONG = 3_600.0


class Passing(TransientJobError):
    code = "remote_unavailable"


class Lasting(PermanentJobError):
    code = "ref_not_found"


@pytest.fixture
def bench(migrated_database, api_database, make_tenant, tmp_path):
    settings = Settings(work_directory=str(tmp_path), heartbeat_seconds=1.0)
    with closing(Database(migrated_database.worker)) as worker:
        yield QueueBench(migrated_database, api_database, worker, make_tenant(), settings)


@pytest.fixture
def run(bench, migrated_database):
    """Runs the worker's loop once with the given work."""
    stop = StopSignal(drain_seconds=0.0)
    with closing(Database(migrated_database.worker)) as heartbeats:

        def run(work, *, remaining=LONG, max_jobs=None, settings=bench.settings, stop=stop):
            runner = Runner(
                database=bench.worker,
                heartbeats=heartbeats,
                settings=settings,
                work=work,
                stop=stop,
            )
            left = remaining if callable(remaining) else lambda: remaining
            return runner.run(worker="tests", remaining_seconds=left, max_jobs=max_jobs)

        run.stop = stop
        yield run


def completes(run, database):
    with database.transaction() as statements:
        queue = JobQueue(statements, Settings())
        queue.complete(run.lease, ref="main", commit_sha=SHA, stats=STATS)


def test_every_due_job_is_run_one_after_the_other(bench, run):
    jobs = [bench.enqueue(f"ada/engine-{number}").job_id for number in range(4)]
    report = run(completes)
    assert report.outcomes == {str(job_id): "completed" for job_id in jobs}
    assert {bench.status(job_id) for job_id in jobs} == {"completed"}
    assert not report.work_left


def test_a_manual_invocation_runs_no_more_than_asked_and_says_that_work_is_left(bench, run):
    for number in range(3):
        bench.enqueue(f"ada/engine-{number}")
    report = run(completes, max_jobs=2)
    assert len(report.outcomes) == 2
    assert report.work_left


def test_rows_that_cannot_be_tidied_away_cost_no_finished_job_and_no_wake_up(bench, run, log_lines):
    made = [bench.enqueue(f"ada/engine-{number}").job_id for number in range(2)]
    # The worker's login may not even look at the snapshots.
    bench.scratch.sql("REVOKE SELECT ON kotadb.snapshots FROM kotadb_worker")
    try:
        report = run(completes, max_jobs=1)
    finally:
        bench.scratch.sql("GRANT SELECT ON kotadb.snapshots TO kotadb_worker")
    assert report.outcomes == {str(made[0]): "completed"}
    assert report.work_left
    assert any(line["message"].startswith("retired snapshots stay") for line in log_lines())


@pytest.mark.proves("W7", "W8")
@pytest.mark.parametrize("ending", ["success", "failure", "crash"])
def test_the_working_folder_is_private_and_gone_afterwards(bench, run, tmp_path, ending):
    made = bench.enqueue()
    seen = []

    def work(running, database):
        seen.append(running.directory)
        assert running.directory.stat().st_mode & 0o077 == 0
        (running.directory / "objects").mkdir()
        (running.directory / "objects" / "pack").write_bytes(b"x" * 1000)
        if ending == "failure":
            raise Passing("no answer")
        if ending == "crash":
            raise ZeroDivisionError
        completes(running, database)

    run(work)
    assert seen == [tmp_path / f"kotadb-{made.job_id}" / "run-1"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.proves("W9")
def test_leftovers_of_a_killed_run_are_removed_and_counted_and_a_living_run_is_left_alone(
    bench, run, tmp_path
):
    leftover = tmp_path / "kotadb-0f0e0d0c-0b0a-4908-8706-050403020100" / "run-1"
    leftover.mkdir(parents=True)
    (leftover / "pack").write_bytes(b"x")
    (tmp_path / "somebody-elses").mkdir()
    bench.enqueue()
    inside = []

    def work(running, database):
        assert run(completes).leftovers_removed == 0
        inside.append(running.directory.exists())
        completes(running, database)

    assert run(work).leftovers_removed == 1
    assert inside == [True]
    assert [entry.name for entry in tmp_path.iterdir()] == ["somebody-elses"]


def test_a_link_in_place_of_the_working_folder_is_not_followed(bench, run, tmp_path):
    made = bench.enqueue()
    target = tmp_path / "precious"
    target.mkdir()
    (target / "run-1").mkdir()
    (target / "run-1" / "letter").write_text("keep me")
    (tmp_path / f"kotadb-{made.job_id}").symlink_to(target)
    run(completes)
    assert bench.job(made.job_id)["error_code"] == "workspace_unusable"
    assert (target / "run-1" / "letter").read_text() == "keep me"


@pytest.mark.proves("W15", "W18")
@pytest.mark.parametrize(
    ("error", "status", "code", "message"),
    [
        (Passing("no answer"), "pending", "remote_unavailable", "no answer"),
        (Lasting("no such branch"), "failed", "ref_not_found", "no such branch"),
        (
            ZeroDivisionError("secret detail"),
            "pending",
            "internal_error",
            "the indexer failed in a way that it does not know",
        ),
        (
            MemoryError(),
            "pending",
            "internal_error",
            "the indexer failed in a way that it does not know",
        ),
    ],
)
def test_an_error_ends_the_run_by_its_class(bench, run, log_lines, error, status, code, message):
    made = bench.enqueue()

    def work(_run, _database):
        raise error

    run(work)
    job = bench.job(made.job_id)
    assert (job["status"], job["error_code"], job["error_message"]) == (status, code, message)
    if code == "internal_error":
        assert any("Traceback" in line.get("exception", "") for line in log_lines())


@pytest.mark.proves("W5")
def test_phase_and_counts_are_seen_while_the_job_runs(bench, run):
    made = bench.enqueue()
    seen = []

    def work(running, database):
        running.report(Phase.PARSE, done=3, total=9)
        eventually(lambda: bench.job(made.job_id)["phase"] == "parse")
        job = bench.job(made.job_id)
        seen.append((job["status"], job["files_done"], job["files_total"]))
        completes(running, database)

    run(work)
    assert seen == [("processing", 3, 9)]


@pytest.mark.proves("Q22")
def test_a_long_job_keeps_its_lease(bench, run):
    bench.enqueue()
    settings = replace(bench.settings, lease_seconds=3.0, heartbeat_seconds=0.6)
    ends = []

    def work(running, database):
        first = lease_end(bench)
        eventually(lambda: lease_end(bench) > first)
        ends.append(True)
        completes(running, database)

    assert list(run(work, settings=settings).outcomes.values()) == ["completed"]
    assert ends == [True]


def test_a_run_that_lost_its_lease_hears_of_it_and_its_statement_is_stopped(bench, run):
    made = bench.enqueue()
    stopped = []

    def work(running, database):
        bench.scratch.sql(
            "UPDATE kotadb_queue.live SET lease_token = gen_random_uuid() WHERE job_id = %s",
            made.job_id,
        )
        with bench.scratch.connection() as holder, holder.transaction():
            holder.execute("LOCK TABLE kotadb.snapshots IN ACCESS EXCLUSIVE MODE")
            try:
                database.fetch_all("retired_snapshots", batch_size=1)
            finally:
                stopped.append(True)
                with pytest.raises(LeaseLost):
                    running.check()

    assert run(work).outcomes == {str(made.job_id): "lost"}
    assert stopped == [True]
    assert bench.status(made.job_id) == "processing"


def test_a_run_that_ended_its_lease_itself_is_not_said_to_have_lost_it(bench, run, log_lines):
    made = bench.enqueue()

    def work(running, database):
        completes(running, database)
        with pytest.raises(LeaseLost):  # a heartbeat came between the COMMIT and the end of the run
            eventually(running.check)

    assert run(work).outcomes == {str(made.job_id): "completed"}
    assert [line for line in log_lines() if line["level"] == "WARNING"] == []


def runner_on(bench, work, *, database=None, heartbeats=None, **changes):
    return Runner(
        database=database or bench.worker,
        heartbeats=heartbeats or bench.worker,
        settings=replace(bench.settings, **changes),
        work=work,
        stop=StopSignal(drain_seconds=0.0),
    )


def test_a_run_whose_lease_cannot_be_renewed_stops_when_the_lease_ends(bench):
    made = bench.enqueue()

    def work(running, _database):
        eventually(lambda: running.check() or False)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    nowhere = replace(bench.scratch.worker, host="127.0.0.1", port=port)
    with closing(Database(nowhere)) as heartbeats:
        runner = runner_on(
            bench, work, heartbeats=heartbeats, lease_seconds=1.0, heartbeat_seconds=0.2
        )
        report = runner.run(worker="tests", remaining_seconds=lambda: LONG, max_jobs=1)
    assert report.outcomes == {str(made.job_id): "lost"}
    assert bench.attempts(made.job_id) == [None]


@pytest.mark.proves("W12")
def test_a_job_whose_commit_got_no_answer_is_done_and_not_run_again(bench):
    made = bench.enqueue()

    def cut_once_committed():
        eventually(lambda: bench.status(made.job_id) == "completed")
        wire.cut_the_silent()

    cutting = threading.Thread(target=cut_once_committed)

    def work(running, database):
        with database.transaction() as statements:
            queue = JobQueue(statements, Settings())
            queue.complete(running.lease, ref="main", commit_sha=SHA, stats=STATS)
            wire.fall_silent()
            cutting.start()

    with wire_to(bench.scratch.worker) as wire:
        way = replace(bench.scratch.worker, host="127.0.0.1", port=wire.port)
        with closing(Database(way)) as database:
            runner = runner_on(bench, work, database=database)
            report = runner.run(worker="tests", remaining_seconds=lambda: LONG, max_jobs=1)
        cutting.join(timeout=20)
    assert report.outcomes == {str(made.job_id): "completed"}
    assert bench.attempts(made.job_id) == ["completed"]


@pytest.mark.parametrize("end", ["completed", "skipped"])
def test_a_run_that_was_done_counts_as_done_though_its_heartbeat_says_the_lease_is_gone(bench, end):
    made = bench.enqueue()

    def work(running, database):
        try:
            with database.transaction() as statements:
                queue = JobQueue(statements, Settings())
                if end == "completed":
                    queue.complete(running.lease, ref="main", commit_sha=SHA, stats=STATS)
                else:
                    queue.skip(running.lease, code="x", message="x", ref=None, commit_sha=None)
        except DatabaseUnavailable:
            eventually(running.check)

    with proxy_before(bench.scratch.worker) as proxy:
        plan = proxy.plan(Fault.CUT_AFTER, lambda one: one.text == "COMMIT")
        with (
            closing(Database(proxy.way_to(bench.scratch.worker))) as database,
            closing(Database(bench.scratch.worker)) as heartbeats,
        ):
            runner = runner_on(bench, work, database=database, heartbeats=heartbeats)
            report = runner.run(worker="tests", remaining_seconds=lambda: LONG, max_jobs=1)
    assert plan.met.is_set()
    assert report.outcomes == {str(made.job_id): "completed"}
    assert bench.attempts(made.job_id) == [end]


def test_a_run_that_was_done_counts_as_done_though_its_time_ended_before_the_answer(bench, run):
    made, following = bench.enqueue(), bench.enqueue("ada/second")
    done = []

    def work(running, database):
        with database.transaction() as statements:
            taken = JobQueue(statements, bench.settings).complete(
                running.lease, ref="main", commit_sha=SHA, stats=STATS, next_for=running.next_for()
            )
        if not done:
            done.append(running.lease)
            eventually(lambda: running.remaining_seconds == 0)
            raise DatabaseUnavailable("the answer to the COMMIT was lost")
        return taken

    report = run(work, settings=replace(bench.settings, job_seconds=0.5))
    assert report.outcomes == {
        str(made.job_id): "completed",
        str(following.job_id): "completed",
    }
    assert bench.attempts(following.job_id) == ["completed"]


@pytest.mark.parametrize("fault", [Fault.LOSE_BEFORE, Fault.LOSE_AFTER])
def test_a_statement_that_never_gets_an_answer_holds_no_worker_longer_than_its_run(
    bench, monkeypatch, fault
):
    monkeypatch.setattr(run_module, "STOP_SECONDS", 0.5)
    stuck, next_one = bench.enqueue(), bench.enqueue("ada/second")
    reports = []

    def work(running, database):
        if running.lease.job_id == stuck.job_id:
            plan = proxy.plan(fault, lambda one: one.name == "retired_snapshots")
            database.fetch_all("retired_snapshots", batch_size=1)
            assert plan.met.is_set()
        completes(running, database)

    with (
        proxy_before(bench.scratch.worker) as proxy,
        closing(Database(proxy.way_to(bench.scratch.worker))) as database,
        closing(Database(bench.scratch.worker)) as heartbeats,
    ):
        runner = runner_on(bench, work, database=database, heartbeats=heartbeats, job_seconds=1.0)
        thread = threading.Thread(
            target=lambda: reports.append(
                runner.run(worker="tests", remaining_seconds=lambda: LONG)
            )
        )
        thread.start()
        thread.join(timeout=20)
        ended = not thread.is_alive()
        proxy.heal()
        thread.join(timeout=20)
    assert ended
    assert reports[0].outcomes == {
        str(stuck.job_id): "failed: pending",
        str(next_one.job_id): "completed",
    }
    assert bench.job(stuck.job_id)["error_code"] == "job_timed_out"


def test_a_run_that_uses_up_its_time_fails_as_timed_out(bench, run):
    made = bench.enqueue()

    def work(running, _database):
        eventually(lambda: running.remaining_seconds == 0)
        running.check()

    run(work, settings=replace(bench.settings, job_seconds=0.5))
    job = bench.job(made.job_id)
    assert (job["status"], job["error_code"]) == ("pending", "job_timed_out")
    assert bench.attempts(made.job_id) == ["failed"]


def test_no_lease_is_taken_when_the_invocation_has_too_little_time(bench, run):
    made = bench.enqueue()
    report = run(completes, remaining=20)
    assert report.outcomes == {}
    assert bench.live(made.job_id)["leases"] == 0
    assert report.work_left


def test_a_worker_that_finds_every_slot_taken_leaves_the_work_to_those_that_run(bench, run):
    bench.enqueue("ada/engine")
    waiting = bench.enqueue("ada/motor")
    settings = replace(bench.settings, worker_team_size=1)
    assert JobQueue(bench.worker, settings).lease_next(worker="another") is not None
    report = run(completes, settings=settings)
    assert (report.outcomes, report.work_left) == ({}, False)
    assert bench.live(waiting.job_id)["state"] == "ready"


@pytest.mark.parametrize("meanwhile", ["nothing", "the lease is lost"])
def test_a_job_that_was_leased_with_the_end_of_another_is_given_back_when_the_time_is_over(
    bench, run, log_lines, meanwhile
):
    first, second = (bench.enqueue(f"ada/{name}").job_id for name in ("first", "second"))
    left = [LONG]

    def work(running, database):
        with database.transaction() as statements:
            successor = JobQueue(statements, Settings()).complete(
                running.lease, ref="main", commit_sha=SHA, stats=STATS, next_for=running.next_for()
            )
        assert successor.job_id == second
        left[0] = 0.0
        if meanwhile == "the lease is lost":
            bench.scratch.pass_time(Settings().lease_seconds + 1)
            bench.sweep.recover()
        return successor

    report = run(work, remaining=lambda: left[0])
    assert (report.outcomes, report.work_left) == ({str(first): "completed"}, True)
    job = bench.job(second)
    assert (job["status"], job["retry_count"]) == ("pending", 0)
    lost = meanwhile == "the lease is lost"
    assert bench.attempts(second) == ["lost" if lost else "released"]
    told = [line for line in log_lines() if line["message"].startswith("a lease ended before it")]
    assert len(told) == lost
    assert run(completes).outcomes == {str(second): "completed"}
    assert bench.job(second)["retry_count"] == lost


@pytest.mark.proves("Q19")
def test_a_stopping_worker_releases_its_job_without_using_up_the_attempt(bench, run):
    made = bench.enqueue()

    def work(running, _database):
        run.stop.request()
        running.check()

    report = run(work)
    assert report.outcomes == {str(made.job_id): "released: pending"}
    job = bench.job(made.job_id)
    assert (job["status"], job["retry_count"]) == ("pending", 0)
    assert bench.attempts(made.job_id) == ["released"]
    assert run(completes).outcomes == {}


@pytest.mark.proves("Q19")
def test_a_stopping_worker_does_not_wait_for_a_long_statement(bench, run):
    made = bench.enqueue()

    def work(_running, database):
        with bench.scratch.connection() as holder, holder.transaction():
            holder.execute("LOCK TABLE kotadb.snapshots IN ACCESS EXCLUSIVE MODE")
            run.stop.request()
            database.fetch_all("retired_snapshots", batch_size=1)

    began = time.monotonic()
    assert run(work).outcomes == {str(made.job_id): "released: pending"}
    # The lock alone would have ended the statement after 30 s.
    assert time.monotonic() - began < 20
    assert bench.job(made.job_id)["retry_count"] == 0


@pytest.mark.proves("Q19")
def test_a_stopping_worker_lets_its_job_finish_within_the_drain_time(bench, run):
    made = bench.enqueue()
    bench.enqueue("ada/second")
    stop = StopSignal(drain_seconds=30)

    def work(running, database):
        stop.request()
        running.check()
        completes(running, database)

    assert run(work, stop=stop).outcomes == {str(made.job_id): "completed"}


@pytest.mark.proves("Q27", "D12")
def test_with_leasing_off_accepted_jobs_wait(bench, run):
    made = bench.enqueue()
    off = replace(bench.settings, worker_enabled=False)
    assert run(completes, settings=off).outcomes == {}
    assert bench.status(made.job_id) == "pending"
    assert run(completes).outcomes == {str(made.job_id): "completed"}


def test_a_killed_workers_job_is_taken_over_by_the_next(bench, run):
    made = bench.enqueue()
    bench.lease()
    bench.scratch.pass_time(bench.settings.lease_seconds + 1)
    report = run(completes)
    assert report.leases_lost == 1
    assert report.outcomes == {str(made.job_id): "completed"}
    assert bench.job(made.job_id)["retry_count"] == 1


@pytest.mark.proves("W20", "Q24", "W21", "Q25")
def test_every_log_line_of_a_job_joins_by_its_ids(bench, run, capsys, log_lines):
    made = bench.enqueue(request_id="req-42")
    capsys.readouterr()

    def work(running, database):
        running.report(Phase.PARSE)
        completes(running, database)

    run(work)
    logs = log_lines()
    assert [line["message"] for line in logs] == ["job started", "phase started", "job finished"]
    for line in logs:
        assert line["job_id"] == str(made.job_id)
        assert line["repository_id"] == str(made.repository_id)
        assert line["attempt"] == 1
        assert line["correlation_id"] == "req-42"
    assert logs[-1]["peak_memory_mebibytes"] > 0
    assert logs[-1]["duration_seconds"] >= 0
    emitted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (told,) = [line for line in emitted if "worker_database_connections" in line]
    assert told["worker_database_connections"] == [logs[-1]["database_connections"]]
    assert bench.scratch.worker.password not in json.dumps([logs, emitted])


@pytest.mark.proves("Q25")
def test_the_worker_holds_two_connections(bench, run):
    bench.enqueue()
    # Those of a test before may take their time to go.
    others, held = connections(bench), []

    def work(running, database):
        running.report(Phase.PARSE)
        eventually(lambda: len(connections(bench) - others) == 2)
        held.append(len(connections(bench) - others))
        completes(running, database)

    run(work)
    assert held == [2]


def connections(bench):
    rows = bench.scratch.sql(
        "SELECT pid FROM pg_stat_activity WHERE usename = %s AND datname = current_database()",
        bench.scratch.worker.user,
    )
    return {row["pid"] for row in rows}


def lease_end(bench):
    return bench.scratch.value("SELECT lease_expires_at FROM kotadb_queue.live")


@pytest.mark.proves("W8", "J9")
@pytest.mark.parametrize("end", ["cancelled", "deleted", "deleted and swept"])
def test_a_run_whose_job_is_ended_stops_leaves_nothing_and_the_worker_goes_on(
    bench, run, tmp_path, log_lines, end
):
    ended, other = bench.enqueue(), bench.enqueue("ada/other")

    def work(running, database):
        if running.lease.job_id == other.job_id:
            return completes(running, database)
        (running.directory / "pack").write_bytes(b"x")
        if end == "cancelled":
            bench.cancel(ended.job_id)
        else:
            bench.delete(ended.repository_id)
        if end == "deleted and swept":
            with closing(Database(bench.scratch.worker)) as sweeper:
                queue = JobQueue(sweeper, bench.settings)
                assert Sweep(sweeper, queue, bench.settings).everything().repositories_purged == 1
        return eventually(running.check)

    report = run(work)
    assert report.outcomes == {str(ended.job_id): "cancelled", str(other.job_id): "completed"}
    assert bench.status(other.job_id) == "completed"
    assert list(tmp_path.iterdir()) == []
    (told,) = (line for line in log_lines() if "was cancelled" in line["message"])
    assert (told["job_id"], told["level"]) == (str(ended.job_id), "INFO")
    if end == "cancelled":
        assert bench.attempts(ended.job_id) == ["cancelled"]


def test_a_job_cancelled_while_it_is_stored_keeps_nothing_of_it(bench, run):
    made = bench.enqueue()

    def work(running, database):
        with database.transaction() as statements:
            snapshot = statements.fetch_one(
                "add_snapshot",
                repository_id=made.repository_id,
                ref="main",
                commit_sha=SHA,
                generation=running.lease.generation,
                job_id=made.job_id,
            )
            bench.cancel(made.job_id)
            assert statements.fetch_one("publish_snapshot", **snapshot, keep_seconds=9) == {
                "published": True
            }
            queue = JobQueue(statements, bench.settings)
            queue.complete(running.lease, ref="main", commit_sha=SHA, stats=STATS)

    assert run(work).outcomes == {str(made.job_id): "cancelled"}
    assert bench.status(made.job_id) == "cancelled"
    assert bench.scratch.value("SELECT count(*) FROM kotadb.snapshots") == 0
