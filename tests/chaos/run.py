"""One chaos run from beginning to end: break everything, heal everything, look at what is left."""

from __future__ import annotations

import random
import re
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from tests.chaos.checker import ENDED, Remains, Violation, check
from tests.chaos.clients import Client
from tests.chaos.history import INVOKE, History, about
from tests.chaos.nemesis import Nemesis
from tests.chaos.stack import Chaos, chaos_stack
from tests.chaos.witness import FILES, SYMBOLS, Witness
from tests.functions.gateway import url_of

PROGRESS_SECONDS = 15.0
DRAIN_SECONDS = 180.0
STOP_SECONDS = 60.0
CLIENTS = 3

JOBS = """
SELECT id::text, status, repository_id::text, retry_count, queue_job_id::text, error_code
FROM kotadb.index_jobs
"""
ATTEMPTS = """
SELECT job_id::text, attempt, round, outcome, error_code, worker, leased_at, ended_at
FROM kotadb.job_attempts ORDER BY job_id, attempt
"""
QUEUE = """
SELECT queue_job_id::text, 'live' AS place FROM kotadb_queue.live
UNION ALL SELECT queue_job_id::text, 'archive' FROM kotadb_queue.archive
UNION ALL SELECT queue_job_id::text, 'dead' FROM kotadb_queue.dead_letters
"""
TABLES = ("files", "file_texts", "symbols", "symbol_references", "dependencies")
DIGEST = "SELECT md5(string_agg(row, ' ' ORDER BY row)) AS digest FROM ({}) AS everything".format(
    " UNION ALL ".join(
        f"SELECT (to_jsonb(t) - 'snapshot_id')::text AS row FROM kotadb.{table} AS t "
        "WHERE snapshot_id = %(snapshot_id)s"
        for table in TABLES
    )
)
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a run is to be like. Times are in seconds."""

    seconds: float
    workers: int
    seed: int
    folder: Path
    fault_every: float = 0.7
    request_every: float = 0.5
    durable: bool = True


@dataclass(kw_only=True)
class Result:
    """What a run did and found."""

    operations: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    jobs: Counter[str] = field(default_factory=Counter)
    looks: int = 0
    violations: list[Violation] = field(default_factory=list)

    def summary(self) -> str:
        """All of it in one line."""

        def counted(what: Counter[str]) -> str:
            each = ", ".join(f"{name} {count}" for name, count in sorted(what.items()))
            return f"{what.total()} ({each})"

        return (
            f"operations {counted(self.operations)}; faults {counted(self.faults)}; "
            f"jobs {counted(self.jobs)}; looks {self.looks}; violations {len(self.violations)}"
        )


def run(options: Options, say: Say, stopping: threading.Event) -> Result:
    """Carry a run out; `stopping` ends the raging early, and what follows is done all the same."""
    history = History(options.folder / "history.jsonl")
    result = Result()
    with chaos_stack(options.folder, workers=options.workers, durable=options.durable) as chaos:
        seen: dict[str, Violation] = {}

        def report(rule: str, found: Any) -> None:
            if rule not in seen:
                # Whatever ids it names lead to the history of what it is about.
                words = tuple(dict.fromkeys(UUIDS.findall(str(found))))
                seen[rule] = Violation(rule, str(found)[:2_000], words)
                say(f"VIOLATION {rule}: {str(found)[:300]}")

        witness = Witness(url_of(chaos.admin), chaos.commits, report)
        watched = threading.Event()
        watching = threading.Thread(target=witness.watch, args=(watched,), daemon=True)
        watching.start()
        nemesis = _rage(options, chaos, history, say, stopping)
        say("healing, and waiting until every job has ended")
        nemesis.heal()
        quiet = _drain(chaos)
        remains = _remains(chaos, again=quiet)
        say("stopping the workers")
        stopped = _stop_workers(chaos)
        watched.set()
        watching.join()
        left = {**chaos.leftovers(), "workers that did not end": stopped}
        remains = Remains(**{**vars(remains), "leftovers": left})
        result.violations = [*seen.values(), *check(history.entries, remains)]
        result.looks = witness.looks
        result.faults = nemesis.done
        result.jobs = Counter(job["status"] for job in remains.jobs.values())
        result.operations = Counter(one.end for one in history.entries if one.end != INVOKE)
        for violation in result.violations:
            _explain(violation, history, remains, say)
    history.close()
    return result


def _rage(
    options: Options, chaos: Chaos, history: History, say: Say, stopping: threading.Event
) -> Nemesis:
    """Clients and nemesis at work for as long as was asked for."""
    began = time.monotonic()
    over = threading.Event()
    clients = [
        Client(
            name=f"client-{number}",
            chaos=chaos,
            history=history,
            chance=random.Random(f"{options.seed}/client-{number}"),
            pause_seconds=options.request_every,
            stopping=over,
        )
        for number in range(1, CLIENTS + 1)
    ]
    threads = [threading.Thread(target=client.live, daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    nemesis = Nemesis(
        chaos=chaos,
        history=history,
        chance=random.Random(f"{options.seed}/nemesis"),
        pause_seconds=options.fault_every,
        stopping=over,
    )
    told = began

    def tick() -> None:
        nonlocal told
        now = time.monotonic()
        if stopping.is_set() or now - began >= options.seconds:
            over.set()
        if now - told >= PROGRESS_SECONDS:
            told = now
            say(
                f"{now - began:5.0f} s: {len(history.entries) // 2} operations, "
                f"{nemesis.done.total()} faults"
            )

    nemesis.rage(tick)
    for thread in threads:
        thread.join(STOP_SECONDS)
    return nemesis


def _connected(chaos: Chaos) -> psycopg.Connection[dict[str, Any]]:
    return psycopg.connect(url_of(chaos.admin), autocommit=True, row_factory=dict_row)


def _drain(chaos: Chaos) -> bool:
    """Whether every job has ended in time."""
    ends_at = time.monotonic() + DRAIN_SECONDS
    with _connected(chaos) as connection:
        while time.monotonic() < ends_at:
            rows = connection.execute(JOBS).fetchall()
            if all(row["status"] in ENDED for row in rows):
                return True
            time.sleep(0.2)
    return False


def _remains(chaos: Chaos, *, again: bool) -> Remains:
    with _connected(chaos) as connection:
        indexes = _indexes(chaos, connection)
        jobs = {row["id"]: row for row in connection.execute(JOBS).fetchall()}
        attempts = connection.execute(ATTEMPTS).fetchall()
        queue: dict[str, list[str]] = {}
        for row in connection.execute(QUEUE).fetchall():
            queue.setdefault(row["queue_job_id"], []).append(row["place"])
        once_more = _index_again(chaos, connection) if again else []
    return Remains(jobs=jobs, attempts=attempts, queue=queue, indexes=indexes, again=once_more)


def _indexes(chaos: Chaos, connection: psycopg.Connection[dict[str, Any]]) -> list[dict[str, Any]]:
    commits = chaos.commits()
    symbols = {row["snapshot_id"]: row["rows"] for row in connection.execute(SYMBOLS).fetchall()}
    found = []
    for row in connection.execute(FILES).fetchall():
        name, number = commits.get(row["commit_sha"], ("unknown", 0))
        snapshot = row["snapshot_id"]
        (digest,) = connection.execute(DIGEST, {"snapshot_id": snapshot}).fetchall()
        found.append(
            {
                "repository_id": str(row["repository_id"]),
                "name": name,
                "number": number,
                "commit_sha": row["commit_sha"],
                "files": frozenset(tuple(one.split(" ")) for one in row["rows"]),
                "symbols": frozenset(tuple(one.split(" ")) for one in symbols[snapshot]),
                "digest": digest["digest"],
            }
        )
    return found


def _index_again(
    chaos: Chaos, connection: psycopg.Connection[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Have every commit that stands indexed once more, in peace; what stands then."""
    history = History(chaos.folder / "again.jsonl")
    client = Client("again", chaos, history, random.Random(0), 0.0, threading.Event())
    for row in _indexes(chaos, connection):
        url = chaos.git.url(f"chaos/{row['name']}")
        client.ask_for({"repository": url, "commit_sha": row["commit_sha"], "force": True})
    history.close()
    _drain(chaos)
    return _indexes(chaos, connection)


def _stop_workers(chaos: Chaos) -> list[str]:
    """Let every worker end by itself; those that did not, or ended badly."""
    bad = []
    for worker in chaos.workers:
        if worker.process is not None and worker.process.stdin is not None:
            worker.process.stdin.close()
    for worker in chaos.workers:
        if worker.process is None:
            continue
        try:
            status = str(worker.process.wait(STOP_SECONDS))
        except subprocess.TimeoutExpired:
            status = "still running"
        if status != "0":
            bad.append(f"{worker.name}: {status}")
    return bad


def _explain(violation: Violation, history: History, remains: Remains, say: Say) -> None:
    say(f"BROKEN {violation.rule}: {violation.about}")
    for word in violation.words[:3]:
        for line in about(history.entries, word)[-40:]:
            say(f"    {line}")
        for attempt in remains.attempts:
            if attempt["job_id"] == word:
                say(f"    attempt {attempt}")
