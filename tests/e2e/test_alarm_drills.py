"""Each alarm rings on a local stack for what it is there for, and ends by what the runbook says."""

import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from tests.contract.project import ROOT, section, template
from tests.contract.watched import namespace, resolved
from tests.e2e.conftest import ADMIN_KEY
from tests.e2e.shell import carried_out
from tests.fixtures.metrics import Series, Told, read_metrics
from tests.support.cloudwatch import WatchedAlarm
from tests.support.git_server import hang, status
from tests.support.proxy import proxy_before

pytestmark = [
    pytest.mark.proves("O18", "O19", "O21"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed"),
]

PAGE = "docs/runbook.md"
FILES = {"a.ts": b"export const one = 1;\n"}
ADMIN = {"Authorization": f"Bearer {ADMIN_KEY}"}
# What a scheduled tick is not needed for: each drill wakes the worker when it wants to.
NEVER = 3_600
# As many as a rate wants.
ENOUGH = 10


def blocks(text, language):
    return "".join(re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL))


class Drill:
    """A stack whose metrics are put into alarms, period by period."""

    def __init__(self, stack, folder, *names):
        self.stack = stack
        self._folder = folder
        self._alarms = {name: WatchedAlarm(template(), name) for name in names}
        self._seen = 0

    def goes_on_with(self, stack):
        """From now on the alarms hear of this one."""
        self.stack, self._seen = stack, 0

    def told(self):
        """What was told in the period that runs, that of AWS included."""
        lines = self.stack.logged().splitlines()[self._seen :]
        return [*read_metrics(lines), *told_by_lambda(lines)]

    def heard(self, name, times=1):
        """Wait for that much of a metric in the period that runs."""
        self.stack.wait_until(
            lambda: sum(len(one.values) for one in self.told() if one.series.name == name) >= times
        )

    def ringing(self):
        """A period is over; the alarms that ring now."""
        told = self.told()
        self._seen = self.stack.logged().count("\n")
        return {name for name, alarm in self._alarms.items() if alarm.after(told)}

    def swept(self):
        """The same after a sweep, as the schedule starts it."""
        answer = self.stack.http.post("/admin/sweep", headers=ADMIN, json={})
        assert answer.status_code == 200, answer.text
        self.heard("queue_depth")
        return self.ringing()

    def follow(self, alarm, *, known=lambda _name, _value: None):
        """Carry out the section of an alarm; the answers to its questions, in order."""
        opening = (ROOT / "docs/drills.md").read_text(encoding="utf-8").partition("\n## ")[0]
        (self._folder / ".env").write_text(
            f"KOTADB_URL={self.stack.service.url}\nKOTADB_API_KEY={self.stack.key}\n"
            f"KOTADB_ADMIN_KEY={ADMIN_KEY}\n"
        )
        return carried_out(
            blocks(opening, "sh") + blocks(section(PAGE, alarm), "sh"),
            folder=self._folder,
            known=known,
            asks=("ask", "admin"),
        )

    def query(self, alarm):
        """Run the SQL of a section as it stands; the rows of each statement."""
        statements = blocks(section(PAGE, alarm), "sql").split(";")
        return [self.stack.scratch.sql(one) for one in statements if one.strip()]


def told_by_lambda(lines):
    """What Lambda tells by itself, read from what the local runner says of invocations."""
    entries = [json.loads(line) for line in lines if line.startswith("{") and "_aws" not in line]
    failed = {"api": 0, "worker": 0, "admin": 0}
    for one in entries:
        kind = one.get("function", "").removeprefix("kotadb-")
        if one["message"] == "invocation failed" and kind in failed:
            failed[kind] += 1
    ended = sum(one["message"] == "the worker ends" for one in entries)
    worker = {"FunctionName": resolved(template(), {"Ref": "WorkerFunction"})}
    api = {"FunctionName": resolved(template(), {"Ref": "ApiFunction"})}
    live = {**api, "Resource": f"{api['FunctionName']}:live"}
    admin = {"FunctionName": resolved(template(), {"Ref": "AdminFunction"})}
    for name, dimensions, number in [
        ("Errors", worker, failed["worker"]),
        ("Invocations", worker, failed["worker"] + ended),
        ("Errors", live, failed["api"]),
        ("Errors", admin, failed["admin"]),
    ]:
        series = Series("AWS/Lambda", name, frozenset(dimensions.items()))
        yield Told(series, "Count", [float(number)])


@pytest.fixture(autouse=True)
def newest_commit(repository):
    return repository.commit_files(FILES)


@pytest.fixture
def drill(start_stack, tmp_path):
    """Starts a stack and watches the named alarms on it."""

    def start(*alarms, **options):
        stack = start_stack(
            **{
                "tick_seconds": NEVER,
                "drain_seconds": 0,
                "POWERTOOLS_METRICS_NAMESPACE": namespace(template()),
                "POWERTOOLS_LOG_LEVEL": "DEBUG",  # invocations are counted by what they log
                **options,
            }
        )
        return Drill(stack, tmp_path, *alarms)

    return start


@pytest.fixture
def proxied(migrated_database):
    """The database by way of a proxy, through which it can be slow or away."""
    with proxy_before(migrated_database.api) as proxy:
        yield (
            proxy,
            replace(
                migrated_database,
                api=proxy.way_to(migrated_database.api),
                worker=proxy.way_to(migrated_database.worker),
                admin_role=proxy.way_to(migrated_database.admin_role),
            ),
        )


def wake_the_worker(stack, times):
    for _ in range(times):
        stack.service._worker.invoke({"max_jobs": 1}).result(timeout=60)


def test_a_database_that_is_away_rings_and_ends_with_its_return(drill, proxied):
    proxy, database = proxied
    both = {"ApiErrorsAlarm", "ApiCanaryAlarm"}
    away = {"WorkerErrorsAlarm", "SweepSilentAlarm"}
    watch = drill(*both, *away, database=database)
    stack = watch.stack
    wake_the_worker(stack, 1)
    assert stack.http.get("/health").status_code == 200
    assert watch.swept() == set()

    proxy.refuse()
    proxy.cut()
    for minute in (1, 2):
        wake_the_worker(stack, ENOUGH)
        assert stack.http.get("/health").status_code == 500
        assert stack.http.post("/admin/sweep", headers=ADMIN, json={}).status_code == 503
        watch.heard("requests_failed_total")
        assert watch.ringing() == (away if minute == 1 else away | both)

    health, refused = watch.follow("ApiErrorsAlarm")
    assert (health["code"], refused["code"]) == ("database_unavailable",) * 2

    proxy.heal()
    for alarm in ("WorkerErrorsAlarm", "SweepSilentAlarm"):
        watch.follow(alarm)
    wake_the_worker(stack, ENOUGH)
    watch.heard("queue_depth")
    assert "requests_failed_total" in {one.series.name for one in watch.told()}
    watch.ringing()
    for minute in (1, 2, 3):
        wake_the_worker(stack, ENOUGH)
        assert watch.swept() == (set() if minute == 3 else both)


def test_a_slow_database_rings_and_ends_when_it_is_fast_again(drill, proxied):
    proxy, database = proxied
    watch = drill("HealthLatencyAlarm", database=database)
    watch.stack.http.get("/health")
    watch.heard("health_latency_seconds")
    assert watch.ringing() == set()
    proxy.delay(1.1)
    for period in (1, 2, 3):
        watch.stack.http.get("/health")
        watch.heard("health_latency_seconds")
        assert watch.ringing() == ({"HealthLatencyAlarm"} if period == 3 else set())
    proxy.delay(0)
    with watch.stack.scratch.connection() as blocker:
        pid = blocker.info.backend_pid
        blocker.execute("BEGIN")
        blocker.execute("LOCK TABLE kotadb.audit_log")
        (open_transactions,) = watch.query("HealthLatencyAlarm")
    assert pid in {one["pid"] for one in open_transactions}
    health, _ = watch.follow("HealthLatencyAlarm")
    assert health["status"] == "ok"
    watch.heard("health_latency_seconds")
    assert watch.ringing() == set()


def test_a_version_that_answers_with_errors_rings_until_the_one_before_is_back(drill):
    names = {"ApiErrorsAlarm", "ApiCanaryAlarm"}
    watch = drill(*names, LEASE_SECONDS="soon")
    for minute in (1, 2):
        assert watch.stack.http.get("/jobs").status_code == 500
        watch.heard("requests_failed_total")
        assert watch.ringing() == (names if minute == 2 else set())
    watch.stack.service.stop()
    watch.goes_on_with(drill().stack)
    for minute in (3, 4, 5):
        assert watch.stack.http.get("/jobs").status_code == 200
        assert watch.stack.http.get("/health").status_code == 200
        watch.heard("health_latency_seconds")
        assert watch.ringing() == (set() if minute == 5 else names)


def test_jobs_that_pile_up_ring_until_they_are_leased_again(drill, git_server):
    names = {"QueueDepthAlarm", "QueueGrowthAlarm"}
    watch = drill(*names)
    stack = watch.stack
    assert watch.swept() == set()
    assert stack.http.post("/admin/queue/pause", headers=ADMIN).status_code == 200
    url = git_server.url("owner/sources")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: stack.post(url, ref=f"refs/heads/r{n}"), range(101)))
    # The hour of the growth is over after the first sweep, 15 minutes of depth after the third.
    assert [watch.swept() for _ in range(3)] == [
        {"QueueGrowthAlarm"},
        set(),
        {"QueueDepthAlarm"},
    ]

    watch.follow("QueueGrowthAlarm")
    queue, running, resumed = watch.follow("QueueDepthAlarm")
    assert (queue["depth"], queue["leasing"]["paused"]) == (101, True)
    assert running["jobs"] == []
    assert resumed["paused"] is False
    wake_the_worker(stack, 1)
    assert watch.swept() == set()


def test_a_job_that_nobody_runs_rings_until_it_is_leased(drill, git_server):
    watch = drill("QueueStalledAlarm", "QueueDepthAlarm")
    stack = watch.stack
    assert stack.http.post("/admin/queue/pause", headers=ADMIN).status_code == 200
    job_id = stack.post(git_server.url("owner/sources"))
    assert watch.swept() == set()
    stack.scratch.pass_time(31 * 60)
    assert watch.swept() == {"QueueStalledAlarm"}
    health, queue, _ = watch.follow("QueueStalledAlarm")
    assert health["queue"] is None
    assert (queue["depth"], queue["leasing"]["paused"]) == (1, True)
    watch.ringing()
    wake_the_worker(stack, 1)
    assert stack.finished(job_id)["status"] == "completed"
    assert watch.swept() == set()


def test_a_job_that_waits_while_others_run_does_not_ring_as_one_that_nobody_runs(drill, git_server):
    git_server.fault = hang
    watch = drill("QueueStalledAlarm", TENANT_TEAM_SIZE="1")
    stack = watch.stack
    running = stack.post(git_server.url("owner/sources"))
    stack.wait_until(lambda: stack.job(running)["status"] == "processing")
    stack.post(git_server.url("owner/sources"), ref="refs/heads/waits")
    stack.scratch.sql("UPDATE kotadb_queue.live SET run_at = run_at - interval '31 minutes'")
    assert watch.swept() == set()
    told = {one.series.name: one.values for one in read_metrics(stack.logged().splitlines())}
    assert told["oldest_pending_age_seconds"][0] > 30 * 60


def test_a_job_that_hangs_rings_until_it_is_cancelled(drill, git_server):
    git_server.fault = hang
    watch = drill("JobStuckAlarm")
    stack = watch.stack
    job_id = stack.post(git_server.url("owner/sources"))
    stack.wait_until(lambda: stack.job(job_id)["status"] == "processing")
    assert watch.swept() == set()
    stack.scratch.sql(
        "UPDATE kotadb.job_attempts SET leased_at = leased_at - interval '31 minutes'"
    )
    assert watch.swept() == {"JobStuckAlarm"}

    running, job, cancelled, _ = watch.follow("JobStuckAlarm")
    assert [one["job_id"] for one in running["jobs"]] == [job_id]
    assert job["logs_query"]
    assert cancelled["status"] == "cancelled"
    watch.heard("queue_depth")
    assert stack.job(job_id)["status"] == "cancelled"
    watch.ringing()
    assert watch.swept() == set()


def test_a_git_host_that_is_away_rings_until_the_jobs_are_tried_again(
    drill, newest_commit, repository, git_server
):
    git_server.fault = status(503)
    names = {"JobFailureRateAlarm", "JobRetryRateAlarm"}
    watch = drill(
        *names, RETRY_LIMIT="2", RETRY_DELAY="0", RETRY_DELAY_MAX="0", TENANT_TEAM_SIZE="3"
    )
    stack = watch.stack
    refs = [f"refs/heads/r{number}" for number in range(ENOUGH)]
    for ref in refs:
        repository.set_ref(ref, newest_commit)
    jobs = [stack.post(git_server.url("owner/sources"), ref=ref) for ref in refs]
    assert {stack.finished(job)["status"] for job in jobs} == {"failed"}
    assert watch.swept() == names

    def known(name, _value):
        if name == "CODE":
            git_server.fault = None

    failed, failures, dry, retried = watch.follow("JobFailureRateAlarm", known=known)
    assert failed["total"] == ENOUGH
    assert failures["groups"][0]["jobs"] == ENOUGH
    assert len(dry["meant"]) == len(retried["meant"]) == ENOUGH
    wake_the_worker(stack, ENOUGH)
    assert {stack.finished(job)["status"] for job in jobs} == {"completed"}
    assert watch.swept() == {"JobRetryRateAlarm"}
    _, traced = watch.follow("JobRetryRateAlarm")
    assert {one["outcome"] for one in traced["attempts"]} == {"failed", "completed"}
    stack.scratch.pass_time(3_700)
    assert watch.swept() == set()


def test_a_table_of_jobs_that_nobody_forgot_rings_until_it_is_smaller(drill, git_server):
    watch = drill("IndexJobsSizeAlarm")
    stack = watch.stack
    assert stack.finished(stack.post(git_server.url("owner/none")))["status"] == "failed"
    # Half of a megabyte that cannot be made shorter, as a row keeps it outside of itself.
    stack.scratch.sql(
        """
        WITH noise AS MATERIALIZED (
            SELECT string_agg(md5(n::text), '') AS words FROM generate_series(1, 16384) AS n
        )
        INSERT INTO kotadb.index_jobs
        SELECT made.*
        FROM
            kotadb.index_jobs AS old, noise, generate_series(1, 199) AS number,
            jsonb_populate_record(old, jsonb_build_object(
                'id', md5(number::text)::uuid, 'error_message', noise.words, 'queue_job_id', null,
                'created_at', old.created_at - interval '95 days',
                'started_at', old.started_at - interval '95 days',
                'completed_at', old.completed_at - interval '95 days')) AS made
        """
    )
    assert watch.swept() == {"IndexJobsSizeAlarm"}
    (swept,) = watch.follow("IndexJobsSizeAlarm")
    watch.heard("queue_depth")
    rows, jobs, _ = watch.query("IndexJobsSizeAlarm")
    assert rows
    assert jobs[0]["jobs"] == 1
    assert swept["jobs_forgotten"] == 0
    watch.ringing()
    assert watch.swept() == set()


def test_somebody_who_tries_keys_rings_until_they_stop(drill):
    names = {"AdminCallsAlarm", "AdminRefusalsAlarm"}
    watch = drill(*names)

    def ask(number):
        wrong = {"Authorization": f"Bearer wrong-{number}"}
        return watch.stack.http.get("/admin/queue", headers=wrong).status_code

    def tried(times):
        with ThreadPoolExecutor(2) as threads:
            assert set(threads.map(ask, range(times))) == {403}
        watch.heard("admin_calls_total", times)
        return watch.ringing()

    assert tried(20) == set()
    assert tried(21) == {"AdminRefusalsAlarm"}
    assert tried(601) == names
    (audit,) = watch.follow("AdminCallsAlarm")
    assert audit["entries"] == []
    watch.follow("AdminRefusalsAlarm")
    assert watch.ringing() == set()


def test_a_sweep_that_fails_after_its_figures_rings_until_it_works(drill):
    watch = drill("AdminErrorsAlarm", "SweepSilentAlarm")
    stack = watch.stack

    def swept_by_schedule():
        outcome = stack.service._admin.invoke({"action": "sweep"}).result(timeout=60)
        watch.heard("queue_depth")
        if outcome.failed:
            stack.wait_until(errors)
        return not outcome.failed, watch.ringing()

    def errors():
        return sum(sum(one.values) for one in watch.told() if one.series.name == "Errors")

    assert swept_by_schedule() == (True, set())
    broken = "ALTER FUNCTION kotadb_queue.{} RENAME TO {}"
    stack.scratch.sql(broken.format("rotate_archive", "mislaid"))
    for time in (1, 2, 3):
        assert swept_by_schedule() == (False, {"AdminErrorsAlarm"} if time == 3 else set())
    stack.scratch.sql(broken.format("mislaid", "rotate_archive"))
    queue, swept = watch.follow("AdminErrorsAlarm")
    assert (queue["depth"], swept["leases_lost"]) == (0, 0)
    watch.heard("queue_depth")
    for time in (1, 2, 3):
        assert swept_by_schedule() == (True, set() if time == 3 else {"AdminErrorsAlarm"})
