"""The one logger and the one metrics collector. Every line is one JSON object with named fields."""

from __future__ import annotations

import os
import resource
import sys

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

logger = Logger(
    service=os.environ.get("POWERTOOLS_SERVICE_NAME", "kotadb"), use_rfc3339=True, utc=True
)
metrics = Metrics(
    namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "KotaDB"),
    service=os.environ.get("POWERTOOLS_SERVICE_NAME", "kotadb"),
)


def count(name: str, value: float = 1) -> None:
    """Add to a metric that counts things."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def seconds(name: str, value: float) -> None:
    """Add to a metric that measures time."""
    metrics.add_metric(name=name, unit=MetricUnit.Seconds, value=value)


def flush_metrics() -> None:
    """Write the collected metrics as one line; nothing when there are none."""
    if metrics.metric_set:
        metrics.flush_metrics()


def peak_memory_mebibytes() -> int:
    """The most memory that this process, or any child it waited for, ever held."""
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    usages = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(who).ru_maxrss for who in usages) // unit
