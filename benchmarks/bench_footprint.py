"""What the stack leaves behind: log, write-ahead log, traffic to the database, storage, idle time.

    python benchmarks/bench_footprint.py REPOSITORY...          (paths of Git repositories)

The whole local stack runs, on an embedded Postgres with durable settings. Each repository is
indexed, then again after a commit that changes one file. Bytes of log are those of the functions'
own lines; what Lambda and the gateway write beside them is not in them. What a job replaces is
removed at once, so that its removal counts. Storage is by how much the tables with their indexes
grew; the space of removed rows is used again only after a vacuum. `docs/cost.md` and
`docs/scaling.md` read the tables that this prints from `benchmarks/RESULTS.md`.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import psycopg
from console import commit, tell
from counting_relay import CountingRelay
from indexing.inputs import git
from indexing.options import a_repository
from service_stack import Stack, running_stack, wait_for

from kotadb_local.event_log import EventLog
from kotadb_local.postgres import EmbeddedPostgres
from kotadb_local.service import ADMIN, API, WORKER

REQUESTS = 50
JOB_SECONDS = 600
SETTLE_SECONDS = 1.0
STORED = """
SELECT sum(pg_total_relation_size(c.oid))::bigint
FROM pg_class AS c INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE n.nspname = 'kotadb' AND c.relkind = 'r'
"""
WRITTEN = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint"
WHOLE_PAGES = "SELECT (wal_fpi * current_setting('block_size')::bigint)::bigint FROM pg_stat_wal"
SOURCE = """
SELECT sum(files.byte_size)::bigint
FROM kotadb.files AS files
INNER JOIN kotadb.snapshots AS snaps USING (snapshot_id)
INNER JOIN kotadb.repositories AS places USING (repository_id)
WHERE places.repository_id = %s::uuid AND snaps.state = 'current'
"""


class Job(NamedTuple):
    """One job, in bytes and seconds."""

    seconds: float
    log: int
    wal: int
    pages: int
    sent: int
    stored: int
    source: int


class Bench:
    """A running stack, and all that is counted beside it."""

    def __init__(self, stack: Stack, stream: io.BytesIO, relay: CountingRelay) -> None:
        self.stack = stack
        self._stream = stream
        self._relay = relay
        self._database = psycopg.connect(
            host=stack.admin.host,
            port=stack.admin.port,
            user=stack.admin.user,
            password=stack.admin.password or "",
            dbname=stack.admin.dbname,
            autocommit=True,
        )
        self._lambda = boto3.client(
            "lambda",
            endpoint_url=stack.service.url,
            region_name="us-east-1",
            aws_access_key_id=stack.service.access_key_id,
            aws_secret_access_key="local",  # noqa: S106 - its presence is checked, not what it is
        )

    def number(self, statement: str, *parameters: object) -> int:
        row = self._database.execute(statement.encode(), parameters or None).fetchone()
        return int(row[0] or 0) if row else 0

    def log_bytes(self, service: str) -> int:
        """Of the lines that a function wrote, and of metrics that do not say which one did."""
        told = f'"service":"{service}"'.encode()
        return sum(
            len(line)
            for line in self._stream.getvalue().splitlines()
            if told in line or (b'"_aws"' in line and b'"service"' not in line)
        )

    def figures(self) -> tuple[int, int, int, int, int]:
        """What grows with every job: log, write-ahead log, traffic to the database, storage."""
        written, pages, stored = (self.number(one) for one in (WRITTEN, WHOLE_PAGES, STORED))
        return self.log_bytes("worker"), written, pages, self._relay.sent, stored

    def job(self, repository: Path) -> Job:
        """Index what HEAD of a repository stands at, and see what that took."""
        before = self.figures()
        answer = self.stack.http.post("/index", json={"repository": str(repository)})
        answer.raise_for_status()
        started = time.perf_counter()
        job = wait_for(self.stack.http, answer.json()["jobId"], seconds=JOB_SECONDS)
        if job["status"] != "completed":
            raise SystemExit(f"{repository.name}: the job is {job['status']}")
        seconds = time.perf_counter() - started
        time.sleep(SETTLE_SECONDS)  # the worker's last lines come after the job has ended
        after = self.figures()
        source = self.number(SOURCE, job["repository_id"])
        return Job(seconds, *(b - a for a, b in zip(before, after, strict=True)), source)

    def invoke(self, function: str, event: dict[str, Any]) -> None:
        answer = self._lambda.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        if "FunctionError" in answer:
            raise SystemExit(f"{function} failed: {answer['Payload'].read().decode()}")

    def repeated(self, service: str, action: Callable[[], object]) -> tuple[float, float, float]:
        """Log bytes each time, milliseconds of the first time, and their median afterwards."""
        started = time.perf_counter()
        action()
        first = time.perf_counter() - started
        time.sleep(SETTLE_SECONDS)
        before, times = self.log_bytes(service), []
        for _ in range(REQUESTS):
            started = time.perf_counter()
            action()
            times.append(time.perf_counter() - started)
        time.sleep(SETTLE_SECONDS)
        written = (self.log_bytes(service) - before) / REQUESTS
        return written, first * 1000, statistics.median(times) * 1000

    def ask(self, path: str) -> None:
        self.stack.http.get(path).raise_for_status()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "repositories",
        nargs="+",
        type=a_repository,
        metavar="REPOSITORY",
        help="path of a Git repository, whose HEAD is indexed; nothing is written into it",
    )
    arguments = parser.parse_args()
    stream = io.BytesIO()
    with ExitStack() as ending:
        folder = ending.enter_context(tempfile.TemporaryDirectory(prefix="kotadb-footprint-"))
        ending.callback(EmbeddedPostgres(Path(folder) / "state").forget)
        relays: list[CountingRelay] = []

        def reach(function: str, url: str) -> str:
            if function != WORKER:
                return url
            relays.append(CountingRelay(url))
            return relays[-1].url

        with running_stack(
            Path(folder), log=EventLog(stream), reach=reach, RETIRED_KEEP_SECONDS="0"
        ) as stack:
            bench = Bench(stack, stream, relays[0])
            _jobs(bench, arguments.repositories, Path(folder))
            _invocations(bench)
    print(f"\nCommit {commit()}")


def _jobs(bench: Bench, repositories: list[Path], folder: Path) -> None:
    print(
        "| job | MB of source | s | log bytes | WAL MB | whole pages in it, MB "
        "| MB sent to the database | MB stored |\n|---|---|---|---|---|---|---|---|"
    )
    for given in repositories:
        copy = folder / given.name
        # Complete, since a shallow clone cannot be cloned from.
        git(folder, "clone", "--quiet", str(given), str(copy))
        tell(f"{given.name} …")
        _print(f"{given.name}, first", bench.job(copy))
        _change_one_file(copy)
        _print(f"{given.name}, after a commit", bench.job(copy))


def _change_one_file(repository: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", "*.ts", "*.js"],  # noqa: S607 - the person's own git
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [repository / name for name in listed.stdout.split("\0") if name]
    files.sort(key=lambda one: one.stat().st_size)
    middling = files[len(files) // 2]
    middling.write_bytes(middling.read_bytes() + b"\nexport const changed = 1;\n")
    git(
        *(repository, "-c", "user.name=b", "-c", "user.email=b@localhost"),
        *("commit", "--quiet", "--all", "--message", "change"),
    )


def _print(name: str, job: Job) -> None:
    mega = [f"{figure / 1e6:.1f}" for figure in (job.wal, job.pages, job.sent, job.stored)]
    print(
        f"| {name} | {job.source / 1e6:.2f} | {job.seconds:.1f} | {job.log:,} "
        f"| {' | '.join(mega)} |",
        flush=True,
    )


def _invocations(bench: Bench) -> None:
    repository = bench.stack.http.get("/repositories").json()["repositories"][0]["id"]
    print("\n| invocation | log bytes | first, ms | ms, median |\n|---|---|---|---|")
    for function, name, action in (
        (
            WORKER,
            "worker, a tick that finds nothing",
            lambda: bench.invoke(WORKER, {"source": "aws.scheduler"}),
        ),
        (ADMIN, "admin, a sweep", lambda: bench.invoke(ADMIN, {"action": "sweep"})),
        (API, "GET /health", lambda: bench.ask("/health")),
        (API, "GET /symbols", lambda: bench.ask(f"/symbols?repository={repository}&name=create")),
        (API, "GET /search", lambda: bench.ask("/search?q=create")),
    ):
        written, first, median = bench.repeated(function.removeprefix("kotadb-"), action)
        print(f"| {name} | {written:,.0f} | {first:,.0f} | {median:.1f} |", flush=True)


if __name__ == "__main__":
    main()
