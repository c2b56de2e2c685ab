"""Alarms of a template, evaluated as CloudWatch does, over metrics that were really told.

Time is not waited for: whoever watches says when a period is over.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tests.contract.watched import alarms, resolved
from tests.fixtures.metrics import Series, Told

Point = float | None

STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    "Minimum": min,
    "Maximum": max,
    "Average": lambda values: sum(values) / len(values),
    "SampleCount": len,
}
OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Eq: operator.eq,
    ast.GtE: operator.ge,
}
BREACHES = {
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
}


def percentile(name: str, values: Sequence[float]) -> float:
    """The p99 or the like of a few values: the nearest that so many are not above."""
    ordered = sorted(values)
    share = float(name.removeprefix("p")) / 100
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def statistic(name: str, values: Sequence[float]) -> Point:
    """None: nothing was told, whatever the statistic."""
    if not values:
        return None
    return STATISTICS[name](values) if name in STATISTICS else percentile(name, values)


class WatchedAlarm:
    """One alarm of the template, from its deployment on."""

    def __init__(self, template: Mapping[str, Any], name: str) -> None:
        self._template = template
        self._alarm = alarms(template)[name]
        self._points: list[Point] = []
        self._before: dict[str, Point] = {}
        self.rings = False

    def after(self, told: Iterable[Told]) -> bool:
        """Whether it rings when one more period is over, in which these metrics were told."""
        told = list(told)
        self._points.append(self._point(told))
        number = self._alarm["EvaluationPeriods"]
        recent = [self._breaching(point) for point in self._points[-number:]]
        if None in recent:
            return self.rings  # ignore: it keeps the state that it has
        self.rings = recent.count(True) >= self._alarm.get("DatapointsToAlarm", number)
        return self.rings

    def _breaching(self, point: Point) -> bool | None:
        if point is not None:
            threshold = float(resolved(self._template, self._alarm["Threshold"]))
            return bool(BREACHES[self._alarm["ComparisonOperator"]](point, threshold))
        return {"breaching": True, "notBreaching": False, "ignore": None}[
            self._alarm["TreatMissingData"]
        ]

    def _point(self, told: Sequence[Told]) -> Point:
        if "MetricName" in self._alarm:
            name = self._alarm.get("Statistic") or self._alarm["ExtendedStatistic"]
            return self._value(self._alarm, name, told)
        values = {
            one["Id"]: self._value(one["MetricStat"]["Metric"], one["MetricStat"]["Stat"], told)
            for one in self._alarm["Metrics"]
            if "MetricStat" in one
        }
        (expression,) = (one["Expression"] for one in self._alarm["Metrics"] if "Expression" in one)
        point = _Expression(values, self._before).value(str(expression))
        self._before = values
        return point

    def _value(self, metric: Mapping[str, Any], name: str, told: Sequence[Told]) -> Point:
        series = Series(
            resolved(self._template, metric["Namespace"]),
            str(metric["MetricName"]),
            frozenset(
                (one["Name"], resolved(self._template, one["Value"]))
                for one in metric["Dimensions"]
            ),
        )
        values = [value for one in told if one.series == series for value in one.values]
        return statistic(name, values)


class _Expression:
    """Metric math on one period, as far as the template uses it. None: the point is missing."""

    def __init__(self, values: Mapping[str, Point], before: Mapping[str, Point]) -> None:
        self._values = values
        self._before = before

    def value(self, expression: str) -> Point:
        return self._of(ast.parse(expression, mode="eval").body)

    def _of(self, node: ast.expr) -> Point:
        match node:
            case ast.Constant(value=int() | float() as number):
                return number
            case ast.Name(id=name):
                return self._values[name]
            case ast.BinOp(left=left, op=op, right=right):
                return self._both(op, left, right)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._both(op, left, right)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._called(name, arguments)
        raise AssertionError(f"metric math that is not known here: {ast.unparse(node)}")

    def _called(self, name: str, arguments: list[ast.expr]) -> Point:
        match name, arguments:
            case "FILL", [inner, instead]:
                found = self._of(inner)
                return self._of(instead) if found is None else found
            case "DIFF", [ast.Name(id=metric)]:
                now, before = self._values[metric], self._before.get(metric)
                return None if now is None or before is None else now - before
            case "IF", [condition, then, otherwise]:
                holds = self._of(condition)
                return None if holds is None else self._of(then if holds else otherwise)
        raise AssertionError(f"metric math that is not known here: {name}")

    def _both(self, op: ast.AST, left: ast.expr, right: ast.expr) -> Point:
        values = self._of(left), self._of(right)
        return None if None in values else OPERATORS[type(op)](*values)
