"""Many at once: requests for one thing, workers for one queue, ticks for one job."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from threading import Barrier, Event
from urllib.parse import urlsplit

import pytest
from tests.support.waiting import PATIENCE

# Of each attempt's time how much is shared with others, by the database's own clock.
MOST_AT_ONCE = """
SELECT max(at_once) FROM (
    SELECT count(*) AS at_once
    FROM kotadb.job_attempts AS one
    INNER JOIN kotadb.job_attempts AS other
    ON other.leased_at <= one.leased_at AND coalesce(other.ended_at, 'infinity') > one.leased_at
    GROUP BY one.job_id, one.attempt
) AS counted
"""
ENQUEUE_MANY = """
SELECT job_id FROM generate_series(1, %s) AS numbers (number), LATERAL kotadb_queue.enqueue(
    %s, format('https://github.com/ada/%%s.git', number), format('ada/%%s', number), '', NULL,
    false, 'req-1', 3, 24
)
"""


@pytest.mark.proves("W3", "J10")
@pytest.mark.parametrize(("workers", "team", "jobs"), [(6, 16, 60), (5, 3, 24)])
def test_processes_at_one_barrier_run_each_job_once_and_never_more_than_the_team(
    bench, start_worker, driver, workers, team, jobs
):
    made = {row["job_id"] for row in bench.scratch.sql(ENQUEUE_MANY, jobs, bench.tenant)}
    # As after an hour without a tick.
    bench.scratch.pass_time(3_600)
    crew = [
        start_worker("store", driver=driver, barrier=True, worker_team_size=team)
        for _ in range(workers)
    ]
    for worker in crew:
        worker.hears("ready")
    for worker in crew:
        worker.go_on()
    outcomes = [worker.hears("over")["outcomes"] for worker in crew]
    done = [job_id for one in outcomes for job_id in one]
    assert sorted(done) == sorted(map(str, made))
    assert {how for one in outcomes for how in one.values()} == {"completed"}
    attempts = "SELECT count(*) FROM kotadb.job_attempts WHERE outcome = 'completed'"
    assert bench.scratch.value(attempts) == jobs
    assert bench.scratch.value("SELECT count(*) FROM kotadb.snapshots") == jobs
    assert 1 <= bench.scratch.value(MOST_AT_ONCE) <= team


@pytest.mark.proves("J22")
def test_two_hundred_requests_for_one_ref_at_once_are_one_job(start_stack):
    stack = start_stack(WORKER_ENABLED="false")
    # As many connections as the gateway of this machine takes, each with two requests.
    clients = 100
    barrier, answers = Barrier(clients), []
    headers = {"Authorization": f"Bearer {stack.key}", "Content-Type": "application/json"}
    wish = json.dumps({"repository": "ada/engine", "ref": "main"})

    def ask(_number):
        with closing(HTTPConnection(urlsplit(stack.service.url).netloc, timeout=PATIENCE)) as http:
            barrier.wait(timeout=PATIENCE)
            for _ in range(2):
                http.request("POST", "/index", body=wish, headers=headers)
                answer = http.getresponse()
                answers.append((answer.status, json.loads(answer.read())))

    with ThreadPoolExecutor(clients) as crowd:
        list(crowd.map(ask, range(clients)))
    assert [status for status, _ in answers] == [202] * 200
    assert len({told["jobId"] for _, told in answers}) == 1
    assert [told["deduplicated"] for _, told in answers].count(False) == 1
    for table in ("kotadb.repositories", "kotadb.index_jobs", "kotadb_queue.live"):
        assert stack.scratch.value(f"SELECT count(*) FROM {table}") == 1


@pytest.mark.proves("D14")
def test_a_hundred_jobs_at_once_are_all_indexed_and_at_most_three_at_a_time(
    start_stack, repository, git_server
):
    sha = repository.commit_files({"a.ts": b"export const a = 1;\n"})
    names = [f"owner/copy-{number}" for number in range(100)]
    for name in names:
        (git_server.root / name).symlink_to(repository.path)
    stack = start_stack(PARSE_PROCESSES="1")
    with ThreadPoolExecutor(20) as crowd:
        jobs = list(crowd.map(lambda name: stack.post(git_server.url(name)), names))
    assert len(set(jobs)) == len(names)

    def unfinished():
        return stack.scratch.value(
            "SELECT count(*) FROM kotadb.index_jobs WHERE status <> 'completed'"
        )

    stack.wait_until(lambda: unfinished() == 0, seconds=300)
    assert [stack.attempts(job_id) for job_id in jobs] == [["completed"]] * len(jobs)
    indexed = stack.scratch.sql(
        "SELECT commit_sha, count(DISTINCT repository_id) AS repositories FROM kotadb.snapshots "
        "INNER JOIN kotadb.files USING (snapshot_id) WHERE state = 'current' GROUP BY 1"
    )
    assert indexed == [{"commit_sha": sha, "repositories": len(names)}]
    assert stack.scratch.value(MOST_AT_ONCE) <= 3
    stack.wait_until(lambda: stack.leftovers() == [])


@pytest.mark.proves("W3")
def test_a_tick_that_is_delivered_three_times_does_the_work_once(
    start_stack, repository, git_server
):
    repository.commit_files({"a.ts": b"export const a = 1;\n"})
    may_answer = Event()

    def wait_and_answer(exchange):
        may_answer.wait(timeout=PATIENCE)
        exchange.answer(exchange.real_answer())

    git_server.fault = wait_and_answer
    stack = start_stack(tick_seconds=3_600, POWERTOOLS_LOG_LEVEL="DEBUG")
    tick = {"source": "aws.scheduler", "id": "d6b4c2f0-0000-4000-8000-000000000000"}
    stack.wait_until(lambda: "the worker ends" in stack.logged())  # the tick of the start
    stack.scratch.sql(
        "SELECT job_id FROM kotadb_queue.enqueue((SELECT tenant_id FROM kotadb.tenants), %s, "
        "'owner/sources', '', NULL, false, 'req-1', 3, 24)",
        git_server.url("owner/sources"),
    )
    (job_id,) = stack.scratch.sql("SELECT id FROM kotadb.index_jobs")
    ticks = [stack.service._worker.invoke(tick) for _ in range(3)]
    stack.wait_until(lambda: sum(one.done() for one in ticks) == 2)
    may_answer.set()
    ended = [one.result(timeout=PATIENCE) for one in ticks]
    assert [one.failed for one in ended] == [False] * 3
    outcomes = [json.loads(one.payload)["outcomes"] for one in ended]
    assert sorted(outcomes, key=len) == [{}, {}, {str(job_id["id"]): "completed"}]
    assert stack.attempts(job_id["id"]) == ["completed"]
