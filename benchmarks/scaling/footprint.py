"""What a job, a request and a tick take, as benchmarks/RESULTS.md has it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from statistics import fmean

from . import deployed
from .pages import RESULTS, figure, table
from .workload import measured, on_lambda

LEFT_BEHIND, WAITING, STORAGE = "What a job leaves behind", "Waiting in the queue", "Storage"
AGAIN = ", after a commit"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFootprint:
    """The job after a commit of a repository of mean size. Sizes in bytes, times in seconds."""

    source: float
    seconds: float
    log: float
    wal: float
    wal_without_pages: float
    sent: float
    received: float
    stored: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One invocation: bytes of its own lines, and seconds, the first time and later ones."""

    log: float
    first: float
    seconds: float


def mean_source() -> float:
    """Bytes of source of a repository, the mean of those whose durations are used too."""
    return fmean(figure(row["MB"]) for row in table(RESULTS, "Repositories")) * 1e6


def stored_by_source() -> float:
    """Bytes that the tables hold for each byte of source."""
    return sum(figure(row["bytes a byte of source"]) for row in table(RESULTS, STORAGE))


def job() -> JobFootprint:
    """What is written grows with the source, so it is taken in proportion to it."""
    rows = [row for row in table(RESULTS, LEFT_BEHIND) if row["job"].endswith(AGAIN)]
    source = sum(figure(row["MB of source"]) for row in rows)

    def of(column: str) -> float:
        return sum(figure(row[column]) for row in rows) / source * mean_source() / 1e6

    return JobFootprint(
        source=mean_source(),
        seconds=measured().mean_again * on_lambda(),
        log=fmean(figure(row["log bytes"]) for row in rows),
        wal=of("WAL MB") * 1e6,
        wal_without_pages=(of("WAL MB") - of("whole pages in it, MB")) * 1e6,
        sent=of("MB sent to the database") * 1e6,
        received=fmean(
            figure(row["bytes received: whole, again"].rpartition(", ")[2])
            for row in table(RESULTS, "Indexing again")
        ),
        stored=stored_by_source() * mean_source(),
    )


def invocation(name: str) -> Invocation:
    """An invocation of a function of the template that the table names.

    One thread works, so a function with less than a processor takes so much longer; while an
    environment starts, Lambda gives it whole ones.
    """
    rows = {row["invocation"]: row for row in table(RESULTS, LEFT_BEHIND, number=2)}
    row = rows[name]
    slower = 1 / min(1.0, deployed.processors(_function(name)))
    return Invocation(
        log=figure(row["log bytes"]),
        first=figure(row["first, ms"]) / 1000,
        seconds=figure(row["ms, median"]) / 1000 * slower,
    )


def _function(name: str) -> str:
    who = name.partition(",")[0]
    return {"worker": "WorkerFunction", "admin": "AdminFunction"}.get(who, "ApiFunction")


def tick() -> Invocation:
    """A tick that finds nothing to do."""
    return invocation("worker, a tick that finds nothing")


def sweep() -> Invocation:
    """A sweep."""
    return invocation("admin, a sweep")


def question() -> Invocation:
    """A request to the API: the mean of the questions that were asked."""
    asked = [invocation("GET /symbols"), invocation("GET /search")]
    return Invocation(
        log=fmean(one.log for one in asked),
        first=fmean(one.first for one in asked),
        seconds=fmean(one.seconds for one in asked),
    )


def access_log() -> int:
    """Bytes of a line of the gateway's access log, with values as they are."""
    written = deployed.template()["Resources"]["HttpApi"]["Properties"]["AccessLogSettings"]
    samples = {
        "requestId": "JKJaXmPLvHcESHA=",
        "routeKey": "$default",
        "path": "/symbols",
        "status": "200",
        "responseLatency": "28",
        "integrationErrorMessage": "-",
    }
    line = re.sub(r"\$context\.(\w+)", lambda found: samples[found[1]], written["Format"])
    json.loads(line)
    return len(line)


def row_bytes() -> dict[str, float]:
    """Bytes of one job in each table of the queue."""
    rows = table(RESULTS, WAITING, number=2)
    return {row["table"]: figure(row["bytes a job"]) for row in rows}
