"""The worker's handler finds pushes that nobody told of, from its event to the job."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from tests.fixtures.github import HEAD
from tests.functions.gateway import Invocation, url_of
from tests.functions.reconciling_process import LongInvocation
from tests.functions.test_index_route import lambda_endpoint
from tests.search.indexed import Commit, index
from tests.support import github_faults
from tests.support.github_accounts import account_id
from tests.support.github_server import APP_ID
from tests.support.waiting import eventually

from indexer.database.failures import DatabaseUnavailable
from indexer.github.failures import GitHubUnavailable
from worker_function import handler

NAMES = ("ada/engine", "ada/motor", "ada/wheel")
EVENT = {"source": "reconcile"}


@pytest.fixture
def variables(worker_variables, github, app_keys):
    """The worker's environment, with an App at GitHub."""
    worker_variables.setenv("GITHUB_APP_ID", APP_ID)
    worker_variables.setenv("GITHUB_APP_PRIVATE_KEY", app_keys[0].private)
    worker_variables.setenv("GITHUB_API_URL", github.url)
    worker_variables.setenv("ALLOW_LOCAL_REPOSITORIES", "true")
    return worker_variables


@pytest.fixture
def jobs(variables, github, issue, migrated_database):
    """The names of those that wait, where ada has indexed three private repositories before."""
    assert variables
    tenant = issue("ada@example.com").tenant_id
    for name in NAMES:
        url = f"http://127.0.0.1:9/{name}.git"
        index(migrated_database, tenant, Commit(("a.ts",)), name=name, url=url)
    for name in NAMES[1:]:
        github.host(name, installation_id=1001, branches={"main": HEAD})
    migrated_database.sql(
        "INSERT INTO kotadb.github_installations (installation_id, account_id, account_login, "
        "state, all_repositories, tenant_id, linked_at) "
        "VALUES (1001, %s, 'ada', 'active', false, %s, clock_timestamp())",
        account_id(1001),
        tenant,
    )

    def waiting():
        rows = migrated_database.sql(
            "SELECT full_name FROM kotadb.index_jobs JOIN kotadb.repositories "
            "USING (repository_id) WHERE status = 'pending' ORDER BY full_name"
        )
        return [row["full_name"] for row in rows]

    return waiting


@pytest.mark.proves("W10")
def test_the_event_has_lost_pushes_found_and_the_worker_woken(variables, jobs, log_lines):
    with lambda_endpoint(202) as (endpoint, calls):
        variables.setenv("AWS_ENDPOINT_URL_LAMBDA", endpoint)
        variables.setenv("WORKER_FUNCTION_NAME", "kota-worker")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
            variables.setenv(name, "none")
        report = handler.lambda_handler(EVENT, LongInvocation())
        assert (report["installations"], report["repositories"], report["jobs"]) == (1, 3, 3)
        assert jobs() == list(NAMES)
        again = handler.lambda_handler(EVENT, LongInvocation())
        assert (again["refs"], again["jobs"]) == (3, 0)
        assert [payload for _, _, payload in calls] == [{"source": "enqueue", "chain": 1}]
    lines = log_lines()
    (ended, _) = [line for line in lines if line["message"] == "the reconciliation ends"]
    assert (ended["trigger"], ended["jobs"], ended["failures"]) == ("reconcile", 3, {})
    found = [line for line in lines if line["message"] == "a push was found that nobody told of"]
    assert len({line["job_id"] for line in found}) == 3


def test_of_events_that_come_every_few_minutes_one_in_an_hour_asks_github(
    jobs, github, migrated_database
):
    assert jobs() == []
    every_few_minutes = {"source": "reconcile", "when_due": True}
    done = handler.lambda_handler(every_few_minutes, LongInvocation())
    assert (done["repositories"], done["jobs"]) == (3, 3)
    asked = len(github.log)
    done = handler.lambda_handler(every_few_minutes, LongInvocation())
    assert (done["repositories"], done["work_left"]) == (0, False)
    assert len(github.log) == asked
    # By hand it is done all the same.
    assert handler.lambda_handler(EVENT, LongInvocation())["repositories"] == 3
    migrated_database.sql(
        "UPDATE kotadb.repositories SET heads_checked_at = heads_checked_at - interval '55 min'"
    )
    assert handler.lambda_handler(every_few_minutes, LongInvocation())["repositories"] == 3


def test_no_job_is_leased_and_none_is_made_when_the_invocation_is_nearly_over(jobs, github):
    report = handler.lambda_handler(EVENT, Invocation())
    assert (report["repositories"], report["work_left"], jobs()) == (0, True, [])
    assert not github.asked("/repos/")


def test_a_stopping_worker_looks_at_no_other_repository(jobs, github):
    stop = handler.environment_worker.get().stop

    def stopped(exchange):
        stop.request()
        exchange.decent()

    github.fail(stopped, only="/branches/")
    report = handler.lambda_handler(EVENT, LongInvocation())
    assert (report["repositories"], report["jobs"], report["work_left"]) == (1, 1, True)
    assert len(jobs()) == 1


def test_where_github_is_away_the_invocation_fails(jobs, github):
    github.fail(github_faults.status(503))
    with pytest.raises(GitHubUnavailable):
        handler.lambda_handler(EVENT, LongInvocation())
    assert jobs() == []


def test_where_the_database_is_away_the_invocation_fails(variables, jobs, migrated_database):
    away = replace(migrated_database.worker, host="127.0.0.1", port=1)
    assert jobs() == []
    variables.setenv("DATABASE_URL", url_of(away))
    with pytest.raises(DatabaseUnavailable):
        handler.lambda_handler(EVENT, LongInvocation())


def test_a_run_that_is_killed_halfway_is_finished_by_the_next(jobs, github):
    def hang_at_the_second(exchange):
        if len(github.asked("/branches/")) == 1:
            exchange.decent()
        else:
            github_faults.hang(exchange)

    github.fail(hang_at_the_second, only="/branches/")
    child = [sys.executable, "-m", "tests.functions.reconciling_process"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(one for one in sys.path if one)}
    with subprocess.Popen(child, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: len(github.asked("/branches/")) == 2)
        finally:
            process.kill()
    assert len(jobs()) == 1
    github.fail(None)
    report = handler.lambda_handler(EVENT, LongInvocation())
    assert (report["repositories"], report["jobs"]) == (3, 2)
    assert jobs() == list(NAMES)
