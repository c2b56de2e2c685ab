"""What alarms and dashboard watch is what running functions tell."""

import copy
import signal

import pytest
from tests.contract.project import template
from tests.contract.watched import STACK, namespace, untold
from tests.e2e.conftest import ADMIN_KEY
from tests.fixtures.metrics import read_metrics
from tests.support.git_server import hang

from indexer.jobs.model import JobStatus
from indexer.observability import Metric

FILES = {"a.ts": b"export const one = 1;\n"}


def told(stack):
    return list(read_metrics(stack.logged().splitlines()))


def has_told(stack, name, **dimensions):
    return any(
        one.series.name == name and one.series.dimensions == frozenset(dimensions.items())
        for one in told(stack)
    )


def sweep(stack):
    headers = {"Authorization": f"Bearer {ADMIN_KEY}", "Content-Type": "application/json"}
    assert stack.http.post("/admin/sweep", headers=headers, content=b"{}").status_code == 200


def lose_a_lease(stack, git_server, name):
    """Kill the worker amid a run, and let its lease run out."""
    git_server.fault = hang
    stack.post(git_server.url("owner/sources"), ref=name)
    leased = "SELECT EXISTS (SELECT FROM kotadb_queue.live WHERE state = 'leased')"
    stack.wait_until(lambda: stack.scratch.value(leased))
    stack.signal_workers(signal.SIGKILL)
    git_server.fault = None
    stack.scratch.pass_time(60)


@pytest.fixture
def driven(start_stack, repository, git_server):
    """A stack in which everything happened that a metric counts."""
    repository.commit_files(FILES)
    url = git_server.url("owner/sources")
    # Ticks would take a lost lease back before the administration sees it.
    stack = start_stack(
        tick_seconds=3_600,
        drain_seconds=0,
        WORKER_TEAM_SIZE="1",
        POWERTOOLS_METRICS_NAMESPACE=namespace(template()),
    )
    assert stack.index(url)["attempts"][0]["outcome"] == "completed"
    assert stack.finished(stack.post(url))["status"] == "skipped"
    assert stack.finished(stack.post(url, ref="no-such"))["status"] == "failed"
    lose_a_lease(stack, git_server, "refs/heads/first")
    sweep(stack)
    lose_a_lease(stack, git_server, "refs/heads/second")
    stack.post(url, ref="refs/heads/third")
    stack.wait_until(lambda: has_told(stack, "leases_lost_total", service="worker"))
    git_server.fault = hang
    waiting = stack.post(url, ref="refs/heads/fourth")
    stack.http.delete(f"/jobs/{waiting}").raise_for_status()
    assert stack.http.get("/admin/queue").status_code == 403
    assert stack.http.get("/health").status_code == 200
    git_server.fault = None
    sweep(stack)
    return stack


@pytest.mark.proves("O18", "O19", "O20", "O21", "Q26")
def test_every_alarm_and_widget_watches_what_the_running_functions_tell(driven, start_stack):
    driven.service.stop()
    asleep = start_stack(
        tick_seconds=3_600,
        WORKER_FUNCTION_NAME="nobody",
        POWERTOOLS_METRICS_NAMESPACE=namespace(template()),
    )
    asleep.post("https://github.com/ada/engine")
    asleep.service.stop()
    broken_setting = start_stack(
        tick_seconds=3_600,
        LEASE_SECONDS="soon",
        POWERTOOLS_METRICS_NAMESPACE=namespace(template()),
    )
    for path in ("/jobs", "/admin/queue"):
        assert broken_setting.http.get(path).status_code == 500
    broken_setting.service.stop()
    lines = told(driven) + told(asleep) + told(broken_setting)
    series = {one.series for one in lines}

    assert untold(template(), series) == []
    assert {one.series.name for one in lines} == {metric.value for metric in Metric}
    assert {one.series.namespace for one in lines} == {f"KotaDB/{STACK}"}
    for one in lines:
        assert one.unit == Metric(one.series.name).unit.value
        assert one.values
        assert min(one.values) >= 0
    transitions = [one for one in lines if one.series.name == "job_status_transitions_total"]
    assert {value for one in transitions for _, value in one.series.dimensions} == set(JobStatus)
    for where, path, wrong in [
        ("QueueDepthAlarm", ("Dimensions", 0, "Value"), "worker"),
        ("HealthLatencyAlarm", ("Dimensions", 0, "Name"), "Service"),
        ("AdminCallsAlarm", ("MetricName",), "AdminCalls"),
        ("JobStuckAlarm", ("Namespace",), {"Fn::Sub": "KotaDB"}),
    ]:
        broken = copy.deepcopy(template())
        node = broken["Resources"][where]["Properties"]
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = wrong
        assert [found for found, _ in untold(broken, series)] == [where]
