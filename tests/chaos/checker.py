"""Says what of the promises does not hold, from the history and from what the database ends with.

A pure function: values in, sentences out, so that it can be shown to be able to fail.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.chaos import sources
from tests.chaos.history import INVOKE, OK, UNKNOWN, Entry

ENDED = frozenset({"completed", "failed", "cancelled", "skipped"})
# An operator may run a failed job again; nothing else goes on after its end.
FINAL = ENDED - {"failed"}

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Remains:
    """What the database holds when everything has come to rest, ids as text."""

    jobs: dict[str, Row] = field(default_factory=dict)
    """By id: status, repository_id, deleted, retry_count, queue_job_id."""
    attempts: list[Row] = field(default_factory=list)
    """job_id, attempt, round, outcome."""
    queue: dict[str, list[str]] = field(default_factory=dict)
    """By queue_job_id: the tables that hold it, of live, archive and dead."""
    indexes: list[Row] = field(default_factory=list)
    """repository_id, name, number (of the commit), files, symbols; of every current snapshot."""
    again: list[Row] = field(default_factory=list)
    """The same after every commit was indexed once more."""
    leftovers: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Violation:
    """A promise that was broken, and the ids that lead to its history."""

    rule: str
    about: str
    words: tuple[str, ...] = ()


def check(history: list[Entry], remains: Remains) -> list[Violation]:
    """Everything that is not as it was promised."""
    rules: tuple[Callable[[list[Entry], Remains], Iterator[Violation]], ...] = (
        conservation,
        answers,
        single_effect,
        counts,
        places,
        whole_commits,
        nothing_left,
    )
    return [violation for rule in rules for violation in rule(history, remains)]


def conservation(history: list[Entry], remains: Remains) -> Iterator[Violation]:
    """Every id of a good answer exists and has ended; every job was asked for by somebody."""
    began = {one.number: one.at for one in history if one.end == INVOKE}
    told: dict[str, Entry] = {}
    for one in history:
        if one.operation == "enqueue" and one.end == OK:
            told.setdefault(one.value["jobId"], one)
    for job_id in sorted(set(told) - set(remains.jobs)):
        name = told[job_id].value["name"]
        # Its jobs go with a repository that was deleted after it was asked for.
        if not any(since >= began[told[job_id].number] for since in _deletions(history, name)):
            yield Violation("lost", f"job {job_id} was promised and is not there", (job_id,))
    for job_id, job in remains.jobs.items():
        if job["status"] not in ENDED:
            yield Violation("not ended", f"job {job_id} is {job['status']}", (job_id,))
    unknown = sum(one.operation == "enqueue" and one.end == UNKNOWN for one in history)
    untold = sorted(set(remains.jobs) - set(told))
    if len(untold) > unknown:
        yield Violation("nobody asked", f"{len(untold)} jobs, {unknown} unknown", tuple(untold))


def _deletions(history: list[Entry], name: str) -> Iterator[float]:
    """Until when each deletion of the repository of that name may have taken place."""
    for one in history:
        if one.operation == "delete" and one.value.get("name") == name:
            if one.end == OK:
                yield one.at
            elif one.end == UNKNOWN:
                yield float("inf")


def answers(history: list[Entry], _remains: Remains) -> Iterator[Violation]:
    """One key has one job, and nobody hears of a job going on after its end."""
    began = {one.number: one.at for one in history if one.end == INVOKE}
    by_key: dict[str, set[str]] = defaultdict(set)
    ended: dict[str, tuple[str, float]] = {}
    for one in history:
        if one.end == OK and one.operation == "enqueue" and one.value["key"]:
            by_key[one.value["key"]].add(one.value["jobId"])
        if one.end == OK and one.operation == "poll":
            job_id, status = one.value["id"], one.value["status"]
            before, since = ended.get(job_id, (status, 0.0))
            # An answer that was asked for before the end may be heard after it.
            if status != before and began[one.number] > since:
                yield Violation("rose again", f"{job_id} was {before}, is {status}", (job_id,))
            if status in FINAL:
                ended.setdefault(job_id, (status, one.at))
    for key, jobs in by_key.items():
        if len(jobs) > 1:
            yield Violation("two answers", f"key {key} got {sorted(jobs)}", (key,))


def single_effect(_history: list[Entry], remains: Remains) -> Iterator[Violation]:
    """A job completes once, in the attempt that says so, and no attempt is open."""
    done: dict[str, list[str | None]] = defaultdict(list)
    for one in remains.attempts:
        done[one["job_id"]].append(one["outcome"])
    for job_id, job in remains.jobs.items():
        outcomes = done[job_id]
        for end in ("completed", "skipped"):
            if outcomes.count(end) > int(job["status"] == end):
                yield Violation("effect", f"job {job_id} ({job['status']}): {outcomes}", (job_id,))
        if job["status"] == "completed" and outcomes[-1:] != ["completed"]:
            yield Violation("effect", f"job {job_id} completed by {outcomes}", (job_id,))
        if None in outcomes:
            yield Violation("open attempt", f"job {job_id}: {outcomes}", (job_id,))


def counts(_history: list[Entry], remains: Remains) -> Iterator[Violation]:
    """retry_count is leases - released - 1, and a round has at most four runs."""
    rounds: dict[tuple[str, int], int] = defaultdict(int)
    for one in remains.attempts:
        rounds[one["job_id"], one["round"]] += one["outcome"] != "released"
    for job_id, job in remains.jobs.items():
        runs = sum(count for (whose, _), count in rounds.items() if whose == job_id)
        if job["retry_count"] != max(runs - 1, 0):
            about = f"job {job_id}: {job['retry_count']} after {runs} runs"
            yield Violation("retry count", about, (job_id,))
    for (job_id, number), count in rounds.items():
        if count > 4:
            yield Violation("round", f"job {job_id}: {count} runs in round {number}", (job_id,))


def places(_history: list[Entry], remains: Remains) -> Iterator[Violation]:
    """The failed are the dead; every other job's queue row is in live or archive."""
    for job_id, job in remains.jobs.items():
        found = remains.queue.get(job["queue_job_id"], [])
        wanted = [["dead"]] if job["status"] == "failed" else [["live"], ["archive"]]
        if found not in wanted:
            yield Violation("place", f"job {job_id} ({job['status']}) is in {found}", (job_id,))


def whole_commits(_history: list[Entry], remains: Remains) -> Iterator[Violation]:
    """Every index is one commit as the oracle has it, and the same when it is made once more."""
    for row in (*remains.indexes, *remains.again):
        name, number = row["name"], row["number"]
        if (row["files"], row["symbols"]) != (
            sources.stored_files(name, number),
            sources.stored_symbols(name, number),
        ):
            yield Violation("index", f"{name} is not commit {number}", (row["repository_id"],))
    for row in remains.again:
        twin = [one for one in remains.indexes if _same_commit(one, row)]
        if any(one["digest"] != row["digest"] for one in twin):
            about = f"{row['name']} at commit {row['number']} was indexed in two ways"
            yield Violation("determinism", about, (row["repository_id"],))


def _same_commit(one: Row, other: Row) -> bool:
    return (one["name"], one["number"]) == (other["name"], other["number"])


def nothing_left(_history: list[Entry], remains: Remains) -> Iterator[Violation]:
    """No folder, no process, no transaction is left of any job."""
    for kind, found in remains.leftovers.items():
        if found:
            yield Violation("leftover", f"{kind}: {found}")
