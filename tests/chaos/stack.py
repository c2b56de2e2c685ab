"""The stack that a chaos run breaks: a durable Postgres of its own behind the proxy, a git server,
worker processes, and the API and the admin function in processes of the local runtime.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import psutil
import psycopg
from tests.chaos.sources import Source
from tests.chaos.witness import FENCE, TEAM_SIZE
from tests.functions.gateway import url_of
from tests.support.git_server import GitServer
from tests.support.processes import FORK_SERVER, is_forked
from tests.support.proxy import Proxy, proxy_before
from tests.support.waiting import eventually

from indexer.access.provisioning import issue_key
from indexer.database.connection import Database
from indexer.database.drivers import connect
from indexer.database.logins import ROLE_LIMITS, ensure_login
from indexer.database.migrate import Migrator
from indexer.database.target import Target
from indexer.settings import Settings
from kotadb_local.environments import FunctionDefinition
from kotadb_local.event_log import EventLog
from kotadb_local.functions import Function
from kotadb_local.postgres import EmbeddedPostgres

ROOT = Path(__file__).parents[2]
LEASE_SECONDS = 3.0
# Short, so that leases are lost and failed runs come back many times in a run.
ENVIRONMENT = {
    "LEASE_SECONDS": str(LEASE_SECONDS),
    "HEARTBEAT_SECONDS": "0.7",
    "RETRY_DELAY": "1",
    "RETRY_DELAY_MAX": "3",
    "JOB_SECONDS": "40",
    "INVOCATION_RESERVE_SECONDS": "10",
    "DRAIN_SECONDS": "2",
    "ARCHIVE_COMPLETED_AFTER": "5",
    "WORKER_TEAM_SIZE": str(TEAM_SIZE),
    "HEALTH_CACHE_SECONDS": "0",
    "REQUESTS_PER_HOUR_TEAM": "1000000",
    "ALLOW_LOCAL_REPOSITORIES": "true",
    "PARSE_PROCESSES": "1",
    "POWERTOOLS_SERVICE_NAME": "chaos",
    "POWERTOOLS_METRICS_DISABLED": "true",
}
REPOSITORIES = 6


@dataclass
class WorkerProcess:
    """One worker at a time in a place; each process that takes it has a name of its own."""

    place: int
    generation: int = 0
    process: subprocess.Popen[bytes] | None = None
    frozen: bool = False

    @property
    def name(self) -> str:
        """How its sessions and its attempts are signed."""
        return f"w{self.place}.{self.generation}"

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


@dataclass
class Chaos:
    """Everything that runs, and the ways to hurt it that need to know how it was made."""

    folder: Path
    admin: Target
    logins: dict[str, Target]
    proxy: Proxy
    git: GitServer
    sources: list[Source]
    api: Function
    administration: Function
    api_key: str
    admin_key: str
    workers: list[WorkerProcess]
    log: IO[bytes]
    database: EmbeddedPostgres
    servers: ExitStack

    @property
    def work_directory(self) -> Path:
        return self.folder / "work"

    def commits(self) -> dict[str, tuple[str, int]]:
        """Name and number of every commit, by its id."""
        return {
            sha: (source.name, number)
            for source in self.sources
            for sha, number in list(source.numbers.items())
        }

    def start_worker(self, worker: WorkerProcess, *, clock_shift: float = 0.0) -> None:
        """A new process in a place; its clock is wrong by so many seconds."""
        worker.generation += 1
        worker.frozen = False
        worker.process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.worker_process"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
            env={
                **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
                **ENVIRONMENT,
                "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
                "PYTHONUNBUFFERED": "1",
                "DATABASE_URL": url_of(self.proxy.way_to(self.logins["kotadb_worker"])),
                "WORK_DIRECTORY": str(self.work_directory),
                "CHAOS_WORKER": worker.name,
                "CHAOS_CLOCK_SHIFT": str(clock_shift),
                "CHAOS_PARENT": str(os.getpid()),
            },
        )

    def restart_database(self, how: signal.Signals) -> None:
        """Stop the server, by SIGINT fast or by SIGQUIT at once, and start it on its port again."""
        with psycopg.connect(url_of(self.admin)) as connection:
            (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
        postmaster = psutil.Process(int(Path(folder, "postmaster.pid").read_text().split()[0]))
        postmaster.send_signal(how)
        with suppress(psutil.NoSuchProcess):
            eventually(lambda: not postmaster.is_running() or postmaster.status() == "zombie")
        # One more user of the same data, who starts the server since none runs.
        self.servers.enter_context(self.database.session())

    def leftovers(self) -> dict[str, Any]:
        """What no job may leave behind, once all workers are idle or gone."""
        with psycopg.connect(url_of(self.admin), autocommit=True) as connection:
            transactions = connection.execute(
                "SELECT usename, state, query FROM pg_stat_activity WHERE datname = "
                "current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
            ).fetchall()
        return {
            "folders": [str(one) for one in self.work_directory.rglob("*")],
            "processes": [
                " ".join(one.cmdline())[:200]
                for one in psutil.process_iter()
                if FORK_SERVER in _command_of(one) and _is_left(one)
            ],
            "transactions": transactions,
        }


def _command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _is_left(process: psutil.Process) -> bool:
    """Whether it is a sandbox's child below this process, or belongs to nobody any more.

    What a worker's children are forked from stays for as long as the worker does.
    """
    try:
        above = [one.pid for one in process.parents()]
    except psutil.Error:
        return False
    return (is_forked(process) and os.getpid() in above) or above in ([], [1])


@contextmanager
def chaos_stack(folder: Path, *, workers: int, durable: bool) -> Iterator[Chaos]:
    """Everything up and running; after the block nothing of it is, and its data is gone."""
    with ExitStack() as stack:
        database = EmbeddedPostgres(folder / "state", durable=durable)
        if durable:
            stack.callback(database.forget)
        servers = stack.enter_context(ExitStack())
        admin = Target.parse(servers.enter_context(database.session()).url)
        logins = _prepared(admin)
        # Its own superuser stays past the proxy, to watch and to restart.
        proxy = stack.enter_context(proxy_before(admin))
        for name in ("remotes", "work"):
            (folder / name).mkdir()
        sources = [Source.create(folder / "remotes", f"repo{at}") for at in range(REPOSITORIES)]
        git = stack.enter_context(GitServer(folder / "remotes"))
        log = stack.enter_context((folder / "stack.log").open("wb"))
        admin_key = secrets.token_hex(32)
        with closing(Database(logins["kotadb_admin"])) as opened:
            issued = issue_key(
                opened, Settings(), email="ada@example.com", tier="team", name="chaos"
            )
        api, administration = (
            stack.enter_context(_function(name, proxy.way_to(logins[role]), log, admin_key))
            for name, role in (("api", "kotadb_api"), ("admin", "kotadb_admin"))
        )
        made = Chaos(
            folder=folder,
            admin=admin,
            logins=logins,
            proxy=proxy,
            git=git,
            sources=sources,
            api=api,
            administration=administration,
            api_key=issued.api_key,
            admin_key=admin_key,
            workers=[WorkerProcess(place) for place in range(1, workers + 1)],
            log=log,
            database=database,
            servers=servers,
        )
        try:
            for worker in made.workers:
                made.start_worker(worker)
            yield made
        finally:
            for worker in made.workers:
                end_worker(worker)


def end_worker(worker: WorkerProcess) -> None:
    """Kill a worker and what it started; nothing happens to one that has ended."""
    if worker.process is not None:
        with suppress(ProcessLookupError):
            os.killpg(worker.process.pid, signal.SIGKILL)
        worker.process.wait()
        if worker.process.stdin is not None:
            worker.process.stdin.close()
    worker.frozen = False


def _prepared(server: Target) -> dict[str, Target]:
    """The schema with the fence's witness in it, and a login for each role."""
    Migrator(server).up()
    password = secrets.token_hex(16)
    with closing(connect("psycopg", server, connect_seconds=5, application="chaos")) as driver:
        for role in ROLE_LIMITS:
            ensure_login(driver, login=f"{role}_chaos", role=role, password=password)
        driver.script(FENCE)
    return {role: replace(server, user=f"{role}_chaos", password=password) for role in ROLE_LIMITS}


@contextmanager
def _function(name: str, login: Target, log: IO[bytes], admin_key: str) -> Iterator[Function]:
    function = Function(
        FunctionDefinition(
            name=f"kotadb-{name}",
            handler=f"{name}_function.handler.lambda_handler",
            environment={
                **ENVIRONMENT,
                "DATABASE_URL": url_of(login),
                **({"ADMIN_API_KEY": admin_key} if name == "admin" else {}),
            },
            timeout=15.0,
            memory_mb=1024,
            concurrency=3,
        ),
        EventLog(log),
    )
    try:
        yield function
    finally:
        function.kill()
        function.stop(drain_seconds=1.0)
