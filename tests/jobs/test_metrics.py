"""What is told of jobs as metrics, compared with what happened to their rows."""

from collections import Counter
from contextlib import closing

import pytest
from tests.fixtures.queue import SHA, STATS

from indexer.database.connection import Database
from indexer.errors import PermanentJobError, TransientJobError
from indexer.jobs.gauges import observe_gauges
from indexer.jobs.queue import JobQueue

RECORDED = """
CREATE TABLE public.recorded (status text NOT NULL);
CREATE FUNCTION public.record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO public.recorded VALUES (new.status);
    RETURN NULL;
END;
$$;
CREATE TRIGGER recorded_insert AFTER INSERT ON kotadb.index_jobs
FOR EACH ROW EXECUTE FUNCTION public.record();
CREATE TRIGGER recorded_update AFTER UPDATE ON kotadb.index_jobs
FOR EACH ROW WHEN (old.status IS DISTINCT FROM new.status) EXECUTE FUNCTION public.record();
"""
FORGOTTEN = "DROP FUNCTION public.record() CASCADE; DROP TABLE public.recorded"


class Passing(TransientJobError):
    code = "remote_unavailable"


class Lasting(PermanentJobError):
    code = "ref_not_found"


class Undone(Exception):
    pass


@pytest.fixture
def recorded(migrated_database):
    """Gives the statuses that rows of jobs came to have, written down by the database itself."""
    migrated_database.sql(RECORDED)
    yield lambda: Counter(
        row["status"] for row in migrated_database.sql("SELECT status FROM public.recorded")
    )
    migrated_database.sql(FORGOTTEN)


def transitions(told):
    return Counter(
        {key[1]: sum(values) for key, values in told().items() if "transitions" in key[0]}
    )


@pytest.mark.proves("O20")
def test_every_change_of_a_jobs_status_is_counted_once(bench, recorded, told_metrics):
    done, skipped, cancelled = (bench.enqueue(f"ada/{name}") for name in ("a", "b", "c"))
    bench.enqueue("ada/a")  # joins the one that waits
    bench.complete(bench.lease())
    bench.queue.skip(bench.lease(), code="already_indexed", message="-", ref="main", commit_sha=SHA)
    bench.cancel(cancelled.job_id)
    failing = bench.enqueue("ada/d")
    bench.queue.fail(bench.lease(), Passing("away"))
    bench.scratch.pass_time(400)
    bench.sweep.recover()
    bench.queue.fail(bench.lease(), Lasting("no such ref"))
    bench.retry(failing.job_id)
    bench.queue.release(bench.lease())
    lost = bench.lease()
    assert lost.job_id == failing.job_id
    bench.scratch.pass_time(bench.settings.lease_seconds + 1)
    bench.sweep.recover()
    bench.scratch.pass_time(25 * 3600)
    bench.sweep.recover()
    assert [bench.status(one.job_id) for one in (done, skipped, cancelled, failing)] == [
        *("completed", "skipped", "cancelled", "failed")
    ]
    assert transitions(told_metrics) == recorded()
    assert recorded() == {
        "pending": 8,
        "processing": 6,
        "failed": 2,
        **dict.fromkeys(("completed", "skipped", "cancelled"), 1),
    }


def test_the_lease_that_is_taken_with_the_end_of_a_job_is_counted_too(
    bench, recorded, told_metrics
):
    bench.enqueue("ada/first")
    second = bench.enqueue("ada/second")
    taken = bench.queue.complete(
        bench.lease(), ref="main", commit_sha=SHA, stats=STATS, next_for="tests"
    )
    assert taken.job_id == second.job_id
    assert transitions(told_metrics) == recorded()


def test_what_is_undone_is_not_counted(bench, recorded, told_metrics):
    made = bench.enqueue()
    lease = bench.lease()

    def complete_and_undo():
        with bench.worker.transaction() as statements:
            queue = JobQueue(statements, bench.settings)
            queue.complete(lease, ref="main", commit_sha=SHA, stats=STATS)
            raise Undone

    with pytest.raises(Undone):
        complete_and_undo()
    assert bench.status(made.job_id) == "processing"
    assert transitions(told_metrics) == recorded() == {"pending": 1, "processing": 1}


def gauges(bench, told):
    told()
    assert bench.admin is not None
    with bench.admin.transaction(read_only=True) as statements:
        observe_gauges(statements)
    return {
        name if isinstance(name, str) else ".".join(name): value
        for name, (value,) in told().items()
    }


@pytest.mark.proves("Q26", "O20")
def test_an_idle_deployment_tells_every_figure_as_nothing(bench, told_metrics):
    told = gauges(bench, told_metrics)
    size, connections = told.pop("index_jobs_bytes"), told.pop("database_connections")
    assert size > 0
    # That of the worker's and the API's fixtures may not have been opened yet.
    assert connections >= 1
    assert told == dict.fromkeys(told, 0)
    assert {"queue_depth", "job_failure_rate", "queue_rows.ready", "dead_letters"} <= set(told)


@pytest.mark.proves("Q26", "O20", "O21")
def test_figures_tell_depth_ages_failures_and_retries(bench, told_metrics):
    for number in range(4):
        bench.enqueue(f"ada/done-{number}")
        bench.complete(bench.lease())
    for number in range(2):
        bench.enqueue(f"ada/failed-{number}")
        bench.queue.fail(bench.lease(), Lasting("no such ref"))
    poor = bench.enqueue("ada/poor")
    for _ in range(2):
        bench.queue.fail(bench.lease(), Passing("away"))
        bench.scratch.pass_time(190)
    bench.complete(bench.lease())
    assert bench.job(poor.job_id)["retry_count"] == 2
    bench.enqueue("ada/slow")
    bench.lease()
    bench.scratch.pass_time(100)
    bench.scratch.sql("UPDATE kotadb.job_attempts SET leased_at = leased_at - interval '100 s'")
    for number in range(3):
        bench.enqueue(f"ada/waits-{number}")
    bench.scratch.pass_time(50)
    told = gauges(bench, told_metrics)
    # The tenant's place for a third is taken by the one that runs.
    assert (told["queue_depth"], told["queue_rows.ready"], told["queue_rows.waiting"]) == (3, 2, 1)
    assert (told["queue_rows.leased"], told["queue_rows.finished"]) == (1, 5)
    assert (told["dead_letters"], told["jobs_failed_last_hour"]) == (2, 2)
    assert (told["jobs_ended_last_hour"], told["job_retries_last_hour"]) == (7, 2)
    assert told["job_failure_rate"] == pytest.approx(100 * 2 / 7)
    assert told["job_retry_rate"] == pytest.approx(100 / 7)
    assert 50 <= told["oldest_pending_age_seconds"] < 60
    assert 100 <= told["oldest_processing_age_seconds"] < 110


@pytest.mark.proves("Q27")
def test_that_leasing_is_stopped_is_told(bench, told_metrics):
    bench.commands.pause()
    assert gauges(bench, told_metrics)["leasing_stopped"] == 1
    bench.commands.resume()
    assert gauges(bench, told_metrics)["leasing_stopped"] == 0


def test_jobs_that_ended_longer_ago_are_in_no_rate(bench, told_metrics):
    bench.enqueue()
    bench.queue.fail(bench.lease(), Lasting("no such ref"))
    bench.scratch.pass_time(3_700)
    told = gauges(bench, told_metrics)
    assert (told["jobs_ended_last_hour"], told["job_failure_rate"]) == (0, 0)
    assert told["dead_letters"] == 1


@pytest.mark.proves("Q25")
def test_connections_in_use_are_those_of_our_logins(bench, told_metrics):
    before = gauges(bench, told_metrics)["database_connections"]
    with (
        closing(Database(bench.scratch.worker)) as other,
        bench.scratch.connection() as superuser,
    ):
        superuser.execute("SELECT 1")
        other.fetch_one("server_version")
        assert gauges(bench, told_metrics)["database_connections"] == before + 1
