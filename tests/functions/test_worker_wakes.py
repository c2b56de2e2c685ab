"""What starts the worker, and when it has another started after it."""

import json
from contextlib import closing

import pytest
from tests.fixtures.queue import QueueBench
from tests.functions.gateway import Invocation
from tests.functions.test_index_route import lambda_endpoint

from indexer.database.connection import Database
from indexer.jobs.wake import LONGEST_CHAIN
from indexer.observability import logger
from worker_function import handler
from worker_function.events import MOST_JOBS, EventUnknown, Trigger, WakeUp, read_event

NAME = "worker_wakes_failed_total"
# What Invocation has left is too short for a job, so that every one leaves work behind.
SCHEDULED = {"source": "aws.scheduler"}


@pytest.fixture
def variables(worker_variables, tmp_path):
    """The worker's environment, where it may wake another."""
    worker_variables.setenv("WORK_DIRECTORY", str(tmp_path))
    worker_variables.setenv("WORKER_FUNCTION_NAME", "kota-worker")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        worker_variables.setenv(name, "none")
    return worker_variables


@pytest.fixture
def calls(variables, migrated_database, api_database, make_tenant):
    """The invocations that the worker asked for; one job waits."""
    with closing(Database(migrated_database.worker)) as worker:
        QueueBench(migrated_database, api_database, worker, make_tenant()).enqueue()
    with lambda_endpoint(202) as (endpoint, calls):
        variables.setenv("AWS_ENDPOINT_URL_LAMBDA", endpoint)
        yield calls


@pytest.mark.parametrize(
    ("event", "chain"),
    [(SCHEDULED, 1), ({"source": "enqueue"}, 1), ({"source": "enqueue", "chain": 4}, 5)],
)
def test_a_worker_that_leaves_work_wakes_the_next(calls, event, chain):
    report = handler.lambda_handler(event, Invocation())
    assert (report["outcomes"], report["work_left"]) == ({}, True)
    assert [payload for _, _, payload in calls] == [{"source": "enqueue", "chain": chain}]


def ends(lines):
    return [line["level"] for line in lines if line["message"] == "the worker ends"]


@pytest.mark.usefixtures("variables")
def test_a_run_that_found_nothing_to_do_is_logged_for_who_debugs_only(log_lines):
    handler.lambda_handler(SCHEDULED, Invocation())
    assert ends(log_lines()) == []
    before = logger.log_level
    logger.setLevel("DEBUG")
    try:
        handler.lambda_handler(SCHEDULED, Invocation())
    finally:
        logger.setLevel(before)
    assert ends(log_lines()) == ["DEBUG"]


@pytest.mark.usefixtures("calls")
def test_a_run_that_leaves_work_is_logged(log_lines):
    handler.lambda_handler(SCHEDULED, Invocation())
    assert ends(log_lines()) == ["INFO"]


def test_a_worker_that_was_told_to_stop_wakes_nobody(calls):
    handler.lambda_handler(SCHEDULED, Invocation())
    calls.clear()
    handler.environment_worker.get().stop.request()
    assert handler.lambda_handler(SCHEDULED, Invocation())["work_left"]
    assert not calls


def test_a_chain_of_workers_ends_before_lambda_takes_it_for_a_loop(calls):
    event = SCHEDULED
    for _ in range(LONGEST_CHAIN):
        handler.lambda_handler(event, Invocation())
        event = calls[-1][2]
    assert handler.lambda_handler(event, Invocation())["work_left"]
    assert len(calls) == LONGEST_CHAIN < 16


def test_a_wake_up_that_fails_is_counted_by_the_invocation_that_tried(calls, variables, capsys):
    with lambda_endpoint(500) as (endpoint, _):
        variables.setenv("AWS_ENDPOINT_URL_LAMBDA", endpoint)
        handler.lambda_handler(SCHEDULED, Invocation())
    assert not calls
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    counted = [line[NAME] for line in lines if NAME in line]
    assert counted == [[1.0]]


@pytest.mark.parametrize(
    ("event", "wake_up"),
    [
        (SCHEDULED, WakeUp(trigger=Trigger.SCHEDULE)),
        ({"source": "aws.events"}, WakeUp(trigger=Trigger.SCHEDULE)),
        ({"source": "reconcile"}, WakeUp(trigger=Trigger.RECONCILE)),
        (
            {"source": "reconcile", "when_due": True},
            WakeUp(trigger=Trigger.RECONCILE, when_due=True),
        ),
        ({"source": "enqueue", "job_id": "1"}, WakeUp(trigger=Trigger.ENQUEUE)),
        (
            {"source": "enqueue", "chain": LONGEST_CHAIN},
            WakeUp(trigger=Trigger.ENQUEUE, chain=LONGEST_CHAIN),
        ),
        ({"max_jobs": MOST_JOBS}, WakeUp(trigger=Trigger.MANUAL, max_jobs=MOST_JOBS)),
    ],
)
def test_an_event_means_a_wake_up(event, wake_up):
    assert read_event(event) == wake_up


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"source": "aws.s3"},
        {"max_jobs": 0},
        {"max_jobs": MOST_JOBS + 1},
        {"max_jobs": True},
        {"max_jobs": "1"},
        {"source": "reconcile", "when_due": 1},
        {"source": "reconcile", "when_due": None},
        {"source": "enqueue", "chain": -1},
        {"source": "enqueue", "chain": LONGEST_CHAIN + 1},
        {"source": "enqueue", "chain": True},
        {"source": "enqueue", "chain": None},
    ],
    ids=str,
)
def test_an_event_that_means_none_is_refused(event):
    with pytest.raises(EventUnknown) as refused:
        read_event(event)
    assert refused.value.code == "event_unknown"
