"""The one logger, and the one home of metrics. Every line is one JSON object with named fields.

Metrics are written to the log in CloudWatch's embedded format, so that telling one costs no call.
What alarms, dashboard and documentation name is a `Metric`; the tests compare them all with what
the running functions write.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from enum import StrEnum
from types import TracebackType
from typing import TypeAlias

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
    AmazonCloudWatchEMFProvider,
)

from indexer.traces import trace_of

SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "kotadb")
NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "KotaDB")
# What is deployed here: two versions of one function answer side by side while one is tried.
VERSION = f"{SERVICE}:{os.environ.get('AWS_LAMBDA_FUNCTION_VERSION', '$LATEST')}"

ExceptionInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)
Dimensions: TypeAlias = tuple[tuple[str, str], ...]


class _Formatter(LambdaPowertoolsFormatter):
    """Lines of JSON whose exceptions hold no foreign words."""

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - the name that logging calls
        return "" if ei[1] is None else trace_of(ei[1])


# Powertools' other form of an exception repeats its text.
logger = Logger(
    service=SERVICE,
    logger_formatter=_Formatter(use_rfc3339=True, utc=True, serialize_stacktrace=False),
)


class Metric(StrEnum):
    """Every metric that there is. The end of a name tells its unit; others count things."""

    # Counted where they happen. An invocation that is killed takes its last counts with it.
    JOB_STATUS_TRANSITIONS = "job_status_transitions_total"
    JOB_DURATION = "job_duration_seconds"
    LEASES_LOST = "leases_lost_total"
    FILES_INDEXED = "files_indexed_total"
    WORKER_CONNECTIONS = "worker_database_connections"
    WORKER_WAKES_FAILED = "worker_wakes_failed_total"
    ADMIN_CALLS = "admin_calls_total"
    ADMIN_REFUSALS = "admin_refusals_total"
    HEALTH_LATENCY = "health_latency_seconds"
    REQUESTS_FAILED = "requests_failed_total"

    # Read from the database by the scheduled sweep, so nothing that was killed is missing in them.
    QUEUE_DEPTH = "queue_depth"
    QUEUE_ROWS = "queue_rows"
    OLDEST_PENDING_AGE = "oldest_pending_age_seconds"
    OLDEST_PROCESSING_AGE = "oldest_processing_age_seconds"
    DEAD_LETTERS = "dead_letters"
    JOBS_ENDED = "jobs_ended_last_hour"
    JOBS_FAILED = "jobs_failed_last_hour"
    JOB_RETRIES = "job_retries_last_hour"
    JOB_FAILURE_RATE = "job_failure_rate"
    JOB_RETRY_RATE = "job_retry_rate"
    INDEX_JOBS_SIZE = "index_jobs_bytes"
    DATABASE_CONNECTIONS = "database_connections"
    LEASING_STOPPED = "leasing_stopped"

    @property
    def unit(self) -> MetricUnit:
        """The unit that CloudWatch is told; a rate is a percentage."""
        ending = self.value.rpartition("_")[2]
        return _UNITS.get(ending, MetricUnit.Count)


_UNITS = {
    "seconds": MetricUnit.Seconds,
    "bytes": MetricUnit.Bytes,
    "rate": MetricUnit.Percent,
}


class _Metrics:
    """What was told since the last line of each set of dimensions. For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: defaultdict[tuple[Dimensions, Metric], float] = defaultdict(float)
        self._lines: dict[Dimensions, AmazonCloudWatchEMFProvider] = {}

    def add(self, metric: Metric, value: float, dimensions: Dimensions) -> None:
        with self._lock:
            self._counts[dimensions, metric] += value

    def observe(self, metric: Metric, value: float, dimensions: Dimensions) -> None:
        with self._lock:
            self._line(dimensions).add_metric(metric.value, metric.unit, value)

    def flush(self) -> None:
        with self._lock:
            for (dimensions, metric), value in self._counts.items():
                self._line(dimensions).add_metric(metric.value, metric.unit, value)
            self._counts.clear()
            for line in self._lines.values():
                # A line that was full has been written already.
                if line.metric_set:
                    line.flush_metrics()
            self._lines.clear()

    def _line(self, dimensions: Dimensions) -> AmazonCloudWatchEMFProvider:
        if dimensions not in self._lines:
            # An empty service keeps Powertools from adding that dimension to every other: what has
            # dimensions of its own is one series, whichever function tells it.
            self._lines[dimensions] = AmazonCloudWatchEMFProvider(
                namespace=NAMESPACE, service="", dimension_set=dict(dimensions)
            )
        return self._lines[dimensions]


_metrics = _Metrics()


def count(metric: Metric, value: float = 1, **dimensions: str) -> None:
    """Add to what happened since the last `flush_metrics`, which tells the sum."""
    _metrics.add(metric, value, _named(dimensions))


def observe(metric: Metric, value: float, **dimensions: str) -> None:
    """Tell one measured value; CloudWatch keeps each, so that percentiles can be asked for."""
    _metrics.observe(metric, value, _named(dimensions))


def flush_metrics() -> None:
    """Write what was told, one line for each set of dimensions; nothing when there is none."""
    _metrics.flush()


def _named(dimensions: dict[str, str]) -> Dimensions:
    return tuple(sorted(dimensions.items())) or (("service", SERVICE),)
