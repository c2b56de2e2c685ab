"""Alarms and dashboard of the template; the end-to-end tests hold them against a running stack."""

import copy
import re
import tomllib
from typing import Any

import pytest
from tests.contract.project import ROOT, table, template, text
from tests.contract.watched import VERSION, alarms, dashboard, namespace, resolved, untold, watched
from tests.fixtures.metrics import Series

from indexer.jobs.gauges import ROW_STATES
from indexer.jobs.model import JobStatus
from indexer.observability import Metric

# What CloudFormation takes of a template from a bucket; without one it is 51,200.
BUCKET_BYTES = 1_000_000
# By requirement: what rings, on which metric, above what.
REQUIRED = {
    "HealthLatencyAlarm": ("health_latency_seconds", 1),
    "QueueDepthAlarm": ("queue_depth", 100),
    "QueueGrowthAlarm": ("queue_depth", 100),
    "WorkerErrorsAlarm": ("Errors", 10),
    "JobFailureRateAlarm": ("job_failure_rate", 10),
    "JobStuckAlarm": ("oldest_processing_age_seconds", 30 * 60),
    "JobRetryRateAlarm": ("job_retry_rate", 50),
    "IndexJobsSizeAlarm": ("index_jobs_bytes", 100_000_000),
    "AdminCallsAlarm": ("admin_calls_total", 600),
}


def every_series() -> set[Series]:
    """What the code could tell, as far as names go; who tells what is seen in a running stack."""
    own = {
        "status": JobStatus,
        "state": ROW_STATES,
        "service": ("api", "worker", "admin"),
        "version": (f"api:{VERSION}",),
    }
    return {
        Series(namespace(template()), metric.value, frozenset({(name, str(value))}))
        for metric in Metric
        for name, values in own.items()
        for value in values
    }


def ours() -> list[tuple[str, Series]]:
    return [(where, one) for where, one in watched(template()) if "AWS/" not in one.namespace]


@pytest.mark.proves("O18", "O19", "O20", "O21")
def test_every_alarm_and_widget_names_a_metric_that_there_is():
    assert len(ours()) > 40
    assert untold(template(), every_series()) == []


@pytest.mark.proves("O18", "O19", "O21")
@pytest.mark.parametrize("alarm", REQUIRED)
def test_a_required_alarm_rings_above_its_threshold(alarm):
    metric, threshold = REQUIRED[alarm]
    properties = alarms(template())[alarm]
    assert float(resolved(template(), properties["Threshold"])) == threshold
    assert properties["ComparisonOperator"] == "GreaterThanThreshold"
    assert metric in {series.name for where, series in watched(template()) if where == alarm}


def rate_expressions() -> dict[str, str]:
    return {
        name: str(one["Expression"])
        for name, properties in alarms(template()).items()
        for one in properties.get("Metrics", ())
        if "Expression" in one and name.endswith(("RateAlarm", "WorkerErrorsAlarm"))
    }


@pytest.mark.proves("O18", "O19", "O21")
def test_a_rate_of_a_few_rings_nobody():
    expressions = rate_expressions()
    assert set(expressions) == {"JobFailureRateAlarm", "JobRetryRateAlarm", "WorkerErrorsAlarm"}
    for expression in expressions.values():
        assert re.fullmatch(r"IF\((ended|invocations) >= 10, .+, 0\)", expression)
    alone = {
        properties.get("MetricName")
        for properties in alarms(template()).values()
        if "MetricName" in properties
    }
    assert not {name for name in alone if str(name).endswith("_rate")}


@pytest.mark.parametrize("alarm", alarms(template()))
def test_an_alarm_says_what_to_look_at_whom_it_tells_and_what_silence_means(alarm):
    properties = alarms(template())[alarm]
    assert re.search(r"Look at|an operator has an old one", properties["AlarmDescription"])
    told = {"Fn::If": ["Notifies", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
    assert properties["AlarmActions"] == properties["OKActions"] == told
    gauges = {"queue_depth", "job_failure_rate", "job_retry_rate"} | {
        *("oldest_processing_age_seconds", "index_jobs_bytes")
    }
    names = {series.name for where, series in watched(template()) if where == alarm}
    silence = "ignore" if names & gauges else "notBreaching"
    # The one that rings for the silence of all figures.
    expected = "breaching" if alarm == "SweepSilentAlarm" else silence
    assert properties["TreatMissingData"] == expected


def test_the_dashboard_shows_every_metric_and_every_alarm():
    widgets = dashboard(template())["widgets"]
    titles = {widget["properties"]["title"] for widget in widgets}
    shown = {series.name for where, series in watched(template()) if where in titles}
    assert {metric.value for metric in Metric} <= shown
    (listed,) = [one["properties"]["alarms"] for one in widgets if one["type"] == "alarm"]
    body = template()["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    assert set(re.findall(r"\$\{(\w+)\.Arn\}", body)) == set(alarms(template()))
    assert len(listed) == len(alarms(template()))


def test_widgets_of_the_dashboard_do_not_lie_upon_each_other():
    taken = [
        (x, y)
        for widget in dashboard(template())["widgets"]
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


def test_every_state_and_status_has_its_line_on_the_dashboard():
    dimensions = [dict(series.dimensions) for _, series in ours()]
    assert {one["status"] for one in dimensions if "status" in one} == set(JobStatus)
    assert {one["state"] for one in dimensions if "state" in one} == set(ROW_STATES)


def test_a_deployment_hands_the_template_over_in_a_bucket():
    stages = tomllib.loads(text("samconfig.toml"))
    deployments = [one["deploy"]["parameters"] for name, one in stages.items() if name != "version"]
    assert all(one["resolve_s3"] is True for one in deployments)
    assert (ROOT / "template.yaml").stat().st_size < BUCKET_BYTES


def planted(path: str, value: Any) -> dict[str, Any]:
    """The template with one value changed."""
    broken = copy.deepcopy(template())
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    node = broken["Resources"]
    for step in way:
        node = node[step]
    assert node[last] != value
    node[last] = value
    return broken


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("QueueDepthAlarm/Properties/MetricName", "queue_dept", "QueueDepthAlarm"),
        ("QueueDepthAlarm/Properties/Namespace", "KotaDB", "QueueDepthAlarm"),
        ("QueueDepthAlarm/Properties/Dimensions", [], "QueueDepthAlarm"),
        (
            "QueueDepthAlarm/Properties/Dimensions",
            [{"Name": "service", "Value": "sweeper"}],
            "QueueDepthAlarm",
        ),
        (
            "JobRetryRateAlarm/Properties/Metrics/1/MetricStat/Metric/MetricName",
            "jobs_ended",
            "JobRetryRateAlarm",
        ),
        (
            "WorkerErrorsAlarm/Properties/Metrics/0/MetricStat/Metric/MetricName",
            "Error",
            "WorkerErrorsAlarm",
        ),
        (
            "ApiErrorsAlarm/Properties/Metrics/0/MetricStat/Metric/Dimensions/1/Value",
            {"Fn::Sub": "${AWS::StackName}-api:alive"},
            "ApiErrorsAlarm",
        ),
        (
            "ApiCanaryAlarm/Properties/Metrics/0/MetricStat/Metric/Dimensions/2/Value",
            {"Fn::GetAtt": ["ApiFunction", "Arn"]},
            "ApiCanaryAlarm",
        ),
        (
            "ApiCanaryAlarm/Properties/Metrics/1/MetricStat/Metric/Dimensions/0/Value",
            {"Fn::Sub": "${ApiFunction.Version.Version}"},
            "ApiCanaryAlarm",
        ),
    ],
)
def test_an_alarm_on_nothing_is_found(path, value, found):
    assert [where for where, _ in untold(planted(path, value), every_series())] == [found]


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        (
            ('"queue_rows", "state", "ready"', '"queue_rows", "status", "reedy"'),
            "Queue rows by state",
        ),
        (('"5xx", "ApiId"', '"5XX", "ApiId"'), "API: requests and errors"),
    ],
)
def test_a_widget_on_nothing_is_found(wrong, where):
    body = template()["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    assert wrong[0] in body
    broken = planted("Dashboard/Properties/DashboardBody", {"Fn::Sub": body.replace(*wrong)})
    assert [found for found, _ in untold(broken, every_series())] == [where]


def test_each_stack_has_a_namespace_of_its_own():
    variables = template()["Globals"]["Function"]["Environment"]["Variables"]
    assert "${AWS::StackName}" in variables["POWERTOOLS_METRICS_NAMESPACE"]["Fn::Sub"]
    assert resolved(template(), variables["POWERTOOLS_METRICS_NAMESPACE"]) == namespace(template())


def test_operations_explains_every_metric_by_its_dimensions():
    rows = table("docs/operations.md", "Metrics")
    explained = {row[0].strip("`"): set(re.findall("`(.+?)`", row[1])) for row in rows}
    assert set(explained) == {metric.value for metric in Metric}
    assert len(rows) == len(explained)
    shown = {name: set() for name in explained}
    for _, series in ours():
        shown[series.name] |= {name for name, _ in series.dimensions}
    assert explained == shown
