"""The database away, silent, slow or full, as the worker and the API meet it."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from tests.fixtures.queue import SHA, STATS, small_commit
from tests.support.clocks_by_hand import ClocksByHand
from tests.support.proxy import proxy_before
from tests.support.waiting import eventually

from indexer.database.connection import TRUSTED_SILENCE_SECONDS, Database
from indexer.database.failures import DatabaseUnavailable
from indexer.database.logins import ROLE_LIMITS
from indexer.errors import LeaseLost
from indexer.indexing.store import store_indexed_data
from indexer.jobs import run as run_module
from indexer.jobs.queue import JobQueue
from indexer.jobs.run import StopSignal
from indexer.jobs.runner import Runner

LONG = 3_600.0
WORK, HEARTBEAT = "kotadb-worker", "kotadb-heartbeat"


@pytest.fixture
def proxy(migrated_database):
    with proxy_before(migrated_database.worker) as running:
        yield running


@pytest.fixture
def work_through(bench, proxy, driver, tmp_path, monkeypatch):
    """Runs the worker's loop once, both of its connections by way of the proxy."""
    monkeypatch.setattr(run_module, "STOP_SECONDS", 0.5)
    way = proxy.way_to(bench.scratch.worker)
    settings = replace(bench.settings, work_directory=str(tmp_path), heartbeat_seconds=0.2)
    with (
        closing(Database(way, driver=driver, application=WORK)) as database,
        closing(
            Database(way, driver=driver, application=HEARTBEAT, answer_seconds=0.5)
        ) as heartbeats,
    ):

        def run(work, **changes):
            runner = Runner(
                database=database,
                heartbeats=heartbeats,
                settings=replace(settings, **changes),
                work=work,
                stop=StopSignal(drain_seconds=0.0),
            )
            report = runner.run(worker="tests", remaining_seconds=lambda: LONG, max_jobs=1)
            return list(report.outcomes.values())

        yield run


def completes(run, database):
    with database.transaction() as statements:
        queue = JobQueue(statements, run._settings)
        queue.complete(run.lease, ref="main", commit_sha=SHA, stats=STATS)


def test_heartbeats_that_vanish_end_no_run_as_long_as_the_next_gets_through(
    bench, proxy, work_through
):
    made = bench.enqueue()
    ends = "SELECT lease_expires_at FROM kotadb_queue.live"

    def work(run, database):
        first = bench.scratch.value(ends)
        eventually(lambda: bench.scratch.value(ends) > first)
        # A network that forgot the connection tells nobody; another connection works.
        assert proxy.blackhole(HEARTBEAT) == 1
        then = bench.scratch.value(ends)
        eventually(lambda: bench.scratch.value(ends) > then)
        run.check()
        completes(run, database)

    assert work_through(work) == ["completed"]
    assert bench.attempts(made.job_id) == ["completed"]


def test_a_run_whose_heartbeats_all_vanish_stops_and_the_next_one_keeps_its_lease(
    bench, proxy, work_through
):
    made, stopped = bench.enqueue(), []

    def work(run, _database):
        proxy.blackhole()
        try:
            eventually(lambda: run.check() or False)
        except LeaseLost:
            stopped.append(True)
            raise

    # Afterwards the worker finds the database away, and its invocation ends.
    with pytest.raises(DatabaseUnavailable):
        work_through(work, lease_seconds=1.5)
    assert stopped == [True]
    proxy.heal()
    bench.scratch.pass_time(2)
    ends = "SELECT lease_expires_at FROM kotadb_queue.live"

    def later(run, database):
        first = bench.scratch.value(ends)
        eventually(lambda: bench.scratch.value(ends) > first)
        completes(run, database)

    assert work_through(later) == ["completed"]
    assert bench.attempts(made.job_id) == ["lost", "completed"]


def test_a_run_that_hangs_in_a_statement_without_an_answer_ends_when_its_time_is_over(
    bench, proxy, work_through
):
    made = bench.enqueue()

    def work(_run, database):
        database.fetch_one("database_answers")
        proxy.blackhole(WORK)
        database.fetch_one("database_answers")

    assert work_through(work, job_seconds=0.5) == ["failed: pending"]
    job = bench.job(made.job_id)
    assert (job["status"], job["error_code"]) == ("pending", "job_timed_out")
    assert bench.attempts(made.job_id) == ["failed"]


def test_a_run_that_listens_to_nobody_loses_its_lease_some_time_after_its_end(bench, work_through):
    bench.enqueue()

    def work(run, database):
        # Deaf to its deadline, as native code may be.
        eventually(lambda: bench.sweep.recover().leases_lost == 1)
        completes(run, database)

    assert work_through(work, job_seconds=0.5, lease_seconds=1.0) == ["lost"]
    assert bench.scratch.value("SELECT state FROM kotadb_queue.live") == "ready"


def test_the_first_statement_after_a_thaw_finds_its_connection_forgotten_and_works(
    migrated_database, proxy, driver
):
    hand = ClocksByHand()
    way = proxy.way_to(migrated_database.worker)
    with closing(Database(way, driver=driver, application=WORK, clocks=hand.clocks)) as database:
        assert database.fetch_one("database_answers") == {"answer": 1}
        assert proxy.blackhole(WORK) == 1
        hand.freeze(TRUSTED_SILENCE_SECONDS + 1)
        assert database.fetch_one("database_answers") == {"answer": 1}
    assert proxy.connections == 2


def test_a_worker_that_finds_the_database_away_ends_and_uses_up_no_attempt(
    bench, proxy, start_worker, driver
):
    made = bench.enqueue()
    proxy.refuse()
    worker = start_worker("store", driver=driver, target=proxy.way_to(bench.scratch.worker))
    assert worker.ends() == 1
    assert bench.live(made.job_id)["leases"] == 0
    assert bench.attempts(made.job_id) == []
    proxy.heal()
    again = start_worker("store", driver=driver, target=proxy.way_to(bench.scratch.worker))
    assert again.hears("over")["outcomes"] == {str(made.job_id): "completed"}


@pytest.mark.proves("J23")
@pytest.mark.parametrize("delay", [0.05, 1.0], ids=["slow", "too slow"])
def test_a_slow_database_is_waited_for_or_given_up_and_nothing_piles_up(
    environment, ada, migrated_database, delay
):
    with proxy_before(migrated_database.api) as proxy:
        environment.set(DATABASE_ANSWER_SECONDS=0.5)
        environment.use(proxy.way_to(migrated_database.api))
        assert ada.get("/jobs").status == 200
        proxy.delay(delay)
        answers = [ada.get("/jobs") for _ in range(3)]
        proxy.heal()
        if delay < 0.5:
            assert [answer.status for answer in answers] == [200] * 3
            assert proxy.connections == 1
        else:
            assert [(one.status, one.code) for one in answers] == [
                (503, "database_unavailable")
            ] * 3
            assert all(int(one.headers["retry-after"]) >= 1 for one in answers)
        assert ada.get("/jobs").status == 200
        held = (
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'kotadb-api'"
        )
        eventually(lambda: migrated_database.value(held) == 1)


def test_more_callers_than_connections_are_told_to_come_back_and_then_served(
    start_stack, migrated_database
):
    stack = start_stack(WORKER_ENABLED="false", tick_seconds=LONG)
    name = migrated_database.admin.dbname

    def ask(_number):
        return stack.http.get("/jobs").status_code

    # The superuser's own connections do not count, so nobody else gets in.
    migrated_database.sql(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')
    try:
        with ThreadPoolExecutor(20) as crowd:
            refused = list(crowd.map(ask, range(60)))
    finally:
        migrated_database.sql(f'ALTER DATABASE "{name}" CONNECTION LIMIT -1')
    assert set(refused) == {503}
    with ThreadPoolExecutor(20) as crowd:
        assert set(crowd.map(ask, range(60))) == {200}
    held = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'kotadb-api'"
    assert migrated_database.value(f"{held} AND datname = current_database()") <= 4


@pytest.mark.parametrize("role", ROLE_LIMITS)
def test_every_session_of_a_service_is_bounded_by_the_server(migrated_database, driver, role):
    login = {
        "kotadb_api": migrated_database.api,
        "kotadb_worker": migrated_database.worker,
        "kotadb_admin": migrated_database.admin_role,
    }[role]
    limits = ROLE_LIMITS[role]
    with closing(Database(login, driver=driver)) as database:
        database.fetch_one("database_answers")
        told = {
            name: database._open.script(f"SHOW {name}").rows[0][0]
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        }
    shall = {
        "statement_timeout": limits.statement_timeout,
        "lock_timeout": limits.lock_timeout,
        "idle_in_transaction_session_timeout": limits.idle_timeout,
    }
    assert {name: seconds(value) for name, value in told.items()} == {
        name: seconds(value) for name, value in shall.items()
    }


def seconds(duration):
    number, unit = re.fullmatch(r"(\d+)(ms|s|min)", duration).groups()
    return int(number) * {"ms": 0.001, "s": 1, "min": 60}[unit]


@pytest.fixture
def failing_store(bench):
    """Lets the database refuse every snapshot with an SQLSTATE, until told otherwise."""
    bench.scratch.sql("CREATE TABLE public.planted (sqlstate text)")
    bench.scratch.sql("GRANT SELECT ON public.planted TO PUBLIC")
    bench.scratch.sql(
        "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT FROM public.planted) THEN RAISE EXCEPTION USING "
        "ERRCODE = (SELECT sqlstate FROM public.planted); END IF; RETURN NEW; END $$"
    )
    bench.scratch.sql(
        "CREATE TRIGGER planted BEFORE INSERT ON kotadb.files "
        "FOR EACH ROW EXECUTE FUNCTION public.refuse()"
    )
    yield lambda sqlstate: bench.scratch.sql("INSERT INTO public.planted VALUES (%s)", sqlstate)
    bench.scratch.sql("DROP TRIGGER planted ON kotadb.files")
    bench.scratch.sql("DROP FUNCTION public.refuse")
    bench.scratch.sql("DROP TABLE public.planted")


@pytest.mark.proves("W13", "W15")
@pytest.mark.parametrize("sqlstate", ["53100", "40P01", "40001", "25006"])
def test_a_store_that_the_database_cannot_take_now_keeps_nothing_and_is_tried_again(
    bench, work_through, failing_store, sqlstate
):
    made = bench.enqueue()

    def work(run, database):
        store_indexed_data(database, run._settings, run.lease, small_commit())

    failing_store(sqlstate)
    assert work_through(work) == ["failed: pending"]
    assert bench.job(made.job_id)["error_code"] == "database_failed"
    assert bench.scratch.value("SELECT count(*) FROM kotadb.snapshots") == 0
    bench.scratch.sql("TRUNCATE public.planted")
    bench.scratch.pass_time(70)
    assert work_through(work) == ["completed"]
    assert bench.attempts(made.job_id) == ["failed", "completed"]


@contextmanager
def read_only(scratch):
    """Every new session takes no writes, as with a database that is full, or a standby."""
    name = scratch.admin.dbname
    scratch.sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    try:
        yield
    finally:
        with scratch.connection() as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')


def test_a_database_that_takes_no_writes_gives_out_no_job(bench, driver, tmp_path):
    made = bench.enqueue()
    with read_only(bench.scratch), closing(Database(bench.scratch.worker, driver=driver)) as new:
        runner = Runner(
            database=new,
            heartbeats=new,
            settings=replace(bench.settings, work_directory=str(tmp_path)),
            work=completes,
            stop=StopSignal(drain_seconds=0.0),
        )
        with pytest.raises(DatabaseUnavailable, match="takes no writes"):
            runner.run(worker="tests", remaining_seconds=lambda: LONG)
    assert bench.live(made.job_id)["leases"] == 0
    assert bench.lease().job_id == made.job_id


def test_a_database_that_takes_no_writes_still_answers_questions(
    environment, ada, migrated_database
):
    job_id = ada.post("/index", {"repository": "ada/engine"}).json["jobId"]
    with read_only(migrated_database):
        environment.end()
        assert ada.get(f"/jobs/{job_id}").status == 200
        assert ada.get("/repositories").status == 200
        refused = ada.post("/index", {"repository": "ada/other"})
        assert (refused.status, refused.code) == (503, "database_unavailable")
        assert ada.get("/health").json["queue"]["depth"] == 1
    environment.end()
    assert ada.post("/index", {"repository": "ada/other"}).status == 202
