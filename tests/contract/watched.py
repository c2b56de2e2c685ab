"""What alarms and dashboard of a template watch, as CloudWatch would look it up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.fixtures.metrics import Series

STACK = "kotadb-tests"
# Of every function that is not published, as those of a local run.
VERSION = "$LATEST"
ALARM, DASHBOARD = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"
# Of the metrics that AWS itself tells, those that are watched here; by what they tell them.
OF_AWS = {
    "AWS/Lambda": ({"Errors", "Invocations", "Throttles", "ConcurrentExecutions"}, "FunctionName"),
    "AWS/ApiGateway": ({"Count", "4xx", "5xx", "Latency"}, "ApiId"),
}


def resolved(template: Mapping[str, Any], value: Any) -> str:
    """A text of the template as it stands in a deployed stack."""
    if isinstance(value, dict):
        ((kind, value),) = value.items()
        if kind != "Fn::Sub":
            value = f"${{{value if kind == 'Ref' else '.'.join(value)}}}"
    return re.sub(r"\$\{([\w:.]+)\}", lambda found: _named(template, found[1]), str(value))


def _named(template: Mapping[str, Any], name: str) -> str:
    if name == "AWS::StackName":
        return STACK
    if name.startswith("AWS::"):
        return name
    if name in template["Parameters"]:
        return str(template["Parameters"][name]["Default"])
    logical, _, attribute = name.partition(".")
    if attribute == "Version.Version":
        return VERSION
    # What the template does not have cannot be referred to.
    properties = template["Resources"][logical]["Properties"]
    return attribute or resolved(template, properties.get("FunctionName", logical))


def namespace(template: Mapping[str, Any]) -> str:
    """The namespace that the functions are told to use."""
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    return resolved(template, variables["POWERTOOLS_METRICS_NAMESPACE"])


def alarms(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The properties of every alarm by its logical id."""
    return {
        name: one["Properties"]
        for name, one in template["Resources"].items()
        if one["Type"] == ALARM
    }


def dashboard(template: Mapping[str, Any]) -> dict[str, Any]:
    """The body of the one dashboard."""
    (body,) = (
        one["Properties"]["DashboardBody"]
        for one in template["Resources"].values()
        if one["Type"] == DASHBOARD
    )
    loaded: dict[str, Any] = json.loads(resolved(template, body))
    return loaded


def watched(template: Mapping[str, Any]) -> Iterator[tuple[str, Series]]:
    """Every series that an alarm or a widget asks for, and where."""
    for name, alarm in alarms(template).items():
        asked = [
            one["MetricStat"]["Metric"] for one in alarm.get("Metrics", ()) if "MetricStat" in one
        ]
        for metric in asked or [alarm]:
            pairs = (
                (one["Name"], resolved(template, one["Value"])) for one in metric["Dimensions"]
            )
            space = resolved(template, metric["Namespace"])
            yield name, Series(space, str(metric["MetricName"]), frozenset(pairs))
    for widget in dashboard(template)["widgets"]:
        for space, name, *rest in widget["properties"].get("metrics", ()):
            pairs = [one for one in rest if isinstance(one, str)]
            dimensions = frozenset(zip(pairs[::2], pairs[1::2], strict=True))
            yield widget["properties"]["title"], Series(space, name, dimensions)


def untold(template: Mapping[str, Any], told: Iterable[Series]) -> list[tuple[str, str]]:
    """What is watched and never told: where, and the name of its metric."""
    known = set(told)
    return [
        (where, series.name)
        for where, series in watched(template)
        if series not in known and not _told_by_aws(template, series)
    ]


def _told_by_aws(template: Mapping[str, Any], series: Series) -> bool:
    names, key = OF_AWS.get(series.namespace, (set(), ""))
    sources = {
        resolved(template, {"Ref": name})
        for name, one in template["Resources"].items()
        if one["Type"] in {"AWS::Serverless::Function", "AWS::Serverless::HttpApi"}
    }
    dimensions = dict(series.dimensions)
    alias = dimensions.pop("Resource", None)
    # Lambda tells a version apart only below an alias.
    version = dimensions.pop("ExecutedVersion", None)
    source = dimensions.get(key)
    return (
        series.name in names
        and set(dimensions) == {key}
        and source in sources
        and alias in {None, f"{source}:live"}
        and (version is None or (alias is not None and version == VERSION))
    )
