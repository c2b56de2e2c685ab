"""The whole stack as it runs on a laptop: real HTTP, real functions in processes, real git."""

import io
import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.fixtures.database import ScratchDatabase
from tests.support.git_server import GitServer
from tests.support.repositories import Repository

from indexer.access.provisioning import issue_key
from indexer.database.connection import Database
from indexer.database.target import Target
from indexer.settings import Settings
from kotadb_local.environments import Environment
from kotadb_local.event_log import EventLog
from kotadb_local.functions import StartEnvironment
from kotadb_local.service import ADMIN, API, WORKER, Service, ServiceOptions, deployed_stack

ADMIN_KEY = "an-admin-key-of-forty-characters-000000"
FINISHED = {"completed", "failed", "cancelled", "skipped"}
# What is logged of every request, by the functions and by Lambda's emulator around them.
REPEATED = re.compile(
    r'"request answered"|"message": ?"request"|"outcomes":{}|"_aws"'
    r"|^(START|END|REPORT) RequestId: |INVOKE (START|RTDONE)\("
)


def url_of(target: Target) -> str:
    login = f"{quote(target.user)}:{quote(target.password or '')}"
    return (
        f"postgresql://{login}@{target.host}:{target.port}/{target.dbname}?sslmode={target.sslmode}"
    )


@dataclass
class Stack:
    """A running service and a key for it. ADMIN_KEY opens its administration."""

    service: Service
    scratch: ScratchDatabase
    http: httpx.Client
    work: Path
    key: str
    log: io.BytesIO = field(default_factory=io.BytesIO)

    def post(self, repository: str, **wishes: Any) -> str:
        answer = self.http.post("/index", json={"repository": repository, **wishes})
        assert answer.status_code == 202, answer.text
        return answer.json()["jobId"]

    def get(self, path: str, /, **query: Any) -> Any:
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def job(self, job_id: str) -> dict[str, Any]:
        return self.get(f"/jobs/{job_id}")

    def finished(self, job_id: str, seconds: float = 60) -> dict[str, Any]:
        job: dict[str, Any] = {}

        def done() -> bool:
            job.update(self.job(job_id))
            return job["status"] in FINISHED

        self.wait_until(done, seconds)
        return job

    def index(self, repository: str, **wishes: Any) -> dict[str, Any]:
        job = self.finished(self.post(repository, **wishes))
        assert job["status"] == "completed", job
        return job

    def woken_by_enqueue(self, repository: str) -> bool:
        """Whether the hint of an enqueue wakes the worker; it may be lost, and the schedule runs
        the job."""
        before = len(self.logged())
        self.finished(self.post(repository))
        woken, lost = '"trigger":"enqueue"', "could not be woken"
        self.wait_until(lambda: any(one in self.logged()[before:] for one in (woken, lost)))
        return woken in self.logged()[before:]

    def wait_until(self, holds: Callable[[], Any], seconds: float = 30) -> None:
        ends = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < ends, f"not in time; the log says:\n{self.told()[-6000:]}"
            time.sleep(0.05)

    def logged(self) -> str:
        return self.log.getvalue().decode()

    def told(self) -> str:
        """What the log says but for what repeats itself while something is waited for."""
        return "\n".join(one for one in self.logged().splitlines() if not REPEATED.search(one))

    def log_lines(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.logged().splitlines() if line.startswith("{")]
        # A line of metrics tells no event and has no message.
        return [line for line in lines if "_aws" not in line]

    def attempts(self, job_id: str) -> list[str | None]:
        rows = self.scratch.sql(
            "SELECT outcome FROM kotadb.job_attempts WHERE job_id = %s ORDER BY attempt", job_id
        )
        return [row["outcome"] for row in rows]

    def worker_pids(self) -> list[int]:
        return [one.process.pid for one in self.service._worker._environments if one.alive]

    def wait_for_the_first_tick(self) -> None:
        """Until its invocation has ended, so that the next one finds a worker that is free."""
        worker = self.service._worker
        self.wait_until(lambda: self.worker_pids() and not worker._open_events)

    def signal_workers(self, number: signal.Signals) -> None:
        for pid in self.worker_pids():
            os.kill(pid, number)

    def leftovers(self) -> list[str]:
        return [entry.name for entry in self.work.iterdir()]


@pytest.fixture
def start_stack(
    migrated_database: ScratchDatabase, tmp_path: Path
) -> Iterator[Callable[..., Stack]]:
    """Starts a stack; settings of the functions are given as variables, and its database
    may be another way to the same one. Stopped after the test."""
    running: list[Stack] = []

    def start(
        *,
        tick_seconds: float = 0.5,
        drain_seconds: float = 5,
        database: ScratchDatabase = migrated_database,
        start_environment: StartEnvironment = Environment,
        **variables: str,
    ) -> Stack:
        work = tmp_path / "work"
        work.mkdir(exist_ok=True)
        log = io.BytesIO()
        service = Service(
            stack=deployed_stack(
                database_urls={
                    API: url_of(database.api),
                    WORKER: url_of(database.worker),
                    ADMIN: url_of(database.admin_role),
                },
                settings=Settings(),
                admin_keys=(ADMIN_KEY,),
                environment={
                    "ALLOW_LOCAL_REPOSITORIES": "true",
                    "HEALTH_CACHE_SECONDS": "0",
                    "WORK_DIRECTORY": str(work),
                    "LEASE_SECONDS": "4",
                    "HEARTBEAT_SECONDS": "1",
                    **variables,
                },
            ),
            options=ServiceOptions(tick_seconds=tick_seconds, drain_seconds=drain_seconds),
            log=EventLog(log),
            check=lambda: None,
            start_environment=start_environment,
        )
        service.start()
        with closing(Database(migrated_database.admin_role)) as connection:
            key = issue_key(connection, Settings(), email="ada@example.com", tier="team").api_key
        client = httpx.Client(
            base_url=service.url, headers={"Authorization": f"Bearer {key}"}, timeout=35
        )
        stack = Stack(service, migrated_database, client, work, key, log)
        running.append(stack)
        return stack

    yield start
    for stack in running:
        stack.http.close()
        stack.service.stop()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository that the server knows as owner/sources."""
    return Repository.create(tmp_path / "remotes" / "owner" / "sources")


@pytest.fixture
def git_server(tmp_path: Path) -> Iterator[GitServer]:
    """Serves every repository below `remotes` over HTTP."""
    with GitServer(tmp_path / "remotes") as running:
        yield running
