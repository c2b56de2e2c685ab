"""A whole stack on one machine: functions, HTTP, schedule; started and stopped as one."""

from __future__ import annotations

import os
import secrets
import signal
import threading
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from indexer.errors import KotaError
from indexer.settings import Settings
from kotadb_local.environments import Environment, FunctionDefinition
from kotadb_local.functions import Function, StartEnvironment
from kotadb_local.invoke_api import InvokeApi
from kotadb_local.schedule import Schedule, reconcile_event
from kotadb_local.server import LocalServer, address_of, bind
from kotadb_local.stop_signals import StopSignals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kotadb_local.event_log import EventLog

API, WORKER, ADMIN = "kotadb-api", "kotadb-worker", "kotadb-admin"
# Settings that are nobody's business but the administration's.
ADMIN_ONLY = frozenset({"ADMIN_API_KEY", "ADMIN_ALLOWED_NETWORKS", "MIGRATION_DATABASE_URL"})
LOG_LEVEL = "POWERTOOLS_LOG_LEVEL"
# What a draining worker may take beyond its drain to give the job back.
RELEASE_SECONDS = 5.0
REQUEST_GRACE_SECONDS = 5.0
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """How the stack listens and ticks. Durations are in seconds.

    Without `reconcile_seconds` nobody asks GitHub for pushes that it did not tell of.
    """

    host: str = "127.0.0.1"
    port: int = 0
    tick_seconds: float = 60.0
    reconcile_seconds: float | None = None
    drain_seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The three functions of the stack."""

    api: FunctionDefinition
    worker: FunctionDefinition
    admin: FunctionDefinition


def deployed_stack(
    *,
    database_urls: Mapping[str, str],
    settings: Settings,
    environment: Mapping[str, str],
    admin_keys: Sequence[str] = (),
) -> Stack:
    """The functions as they are deployed, with the settings of this process handed on.

    Args:
        database_urls: by function: `kotadb-api`, `kotadb-worker`, `kotadb-admin`.
        settings: for the number of workers.
        environment: where set settings are found, and what else is put into every function.
        admin_keys: what opens the administration; without any it is closed.
    """
    known = {one.metadata["variable"] for one in fields(Settings)} - ADMIN_ONLY | {LOG_LEVEL}
    handed_on = {name: value for name, value in os.environ.items() if name in known}
    administration = {name: value for name, value in os.environ.items() if name in ADMIN_ONLY}
    shared = {**handed_on, "WORKER_FUNCTION_NAME": WORKER, **environment}
    return Stack(
        api=FunctionDefinition(
            name=API,
            handler="api_function.handler.lambda_handler",
            environment={
                "POWERTOOLS_SERVICE_NAME": "api",
                **shared,
                "DATABASE_URL": database_urls[API],
            },
            timeout=10.0,
            memory_mb=1024,
            concurrency=4,
        ),
        worker=FunctionDefinition(
            name=WORKER,
            handler="worker_function.handler.lambda_handler",
            environment={
                "POWERTOOLS_SERVICE_NAME": "worker",
                **shared,
                "DATABASE_URL": database_urls[WORKER],
            },
            timeout=900.0,
            memory_mb=3008,
            concurrency=max(1, settings.worker_team_size),
        ),
        admin=FunctionDefinition(
            name=ADMIN,
            handler="admin_function.handler.lambda_handler",
            environment={
                "POWERTOOLS_SERVICE_NAME": "admin",
                "DATABASE_DRIVER": "pg8000",
                **shared,
                **administration,
                "ADMIN_API_KEY": " ".join(admin_keys),
                "DATABASE_URL": database_urls[ADMIN],
            },
            timeout=900.0,
            memory_mb=512,
            concurrency=2,
        ),
    )


def _heeded() -> list[signal.Signals]:
    # Under nohup a hang-up is to be ignored. A shell has jobs in the background ignore SIGINT too,
    # but whoever sends that one to a service means it.
    under_nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [one for one in STOP_SIGNALS if one is not signal.SIGHUP or not under_nohup]


class Service:
    """Runs a stack from `start` to `stop`.

    Args:
        stack: what to run; the address of the local Lambda service is added to each function.
        options: where to listen, how often to tick, how long to drain.
        log: gets the functions' lines and the service's own.
        check: called before the worker starts; what it raises keeps everything from starting.
        start_environment: what runs the functions, else processes that import them from here.

    Raises:
        PortTaken: the port is in use.
    """

    def __init__(
        self,
        *,
        stack: Stack,
        options: ServiceOptions,
        log: EventLog,
        check: Callable[[], None],
        start_environment: StartEnvironment = Environment,
    ) -> None:
        self._options = options
        self._log = log
        self._check = check
        self.access_key_id = f"LOCAL{secrets.token_hex(8).upper()}"
        listening = bind(options.host, options.port)
        lambda_service = {
            "AWS_ENDPOINT_URL_LAMBDA": address_of(listening),
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": "local",
        }
        self._api, self._worker, self._admin = (
            Function(
                replace(definition, environment={**lambda_service, **definition.environment}),
                log,
                start_environment=start_environment,
            )
            for definition in (stack.api, stack.worker, stack.admin)
        )
        functions = (self._api, self._worker, self._admin)
        self._server = LocalServer(
            listening=listening,
            api=self._api,
            admin=self._admin,
            invoke_api=InvokeApi(
                {one.definition.name: one for one in functions}, access_key_id=self.access_key_id
            ),
            log=log,
        )
        self._schedules = [Schedule(self._worker, seconds=options.tick_seconds)]
        if options.reconcile_seconds is not None:
            self._schedules.append(
                Schedule(self._worker, seconds=options.reconcile_seconds, event=reconcile_event)
            )
        self._worker_started = False

    @property
    def url(self) -> str:
        """Where the API answers."""
        return self._server.url

    @property
    def longest_stop_seconds(self) -> float:
        """What `stop` may take: open requests, the worker, the API and the administration."""
        return self._worker_seconds + 3 * REQUEST_GRACE_SECONDS

    @property
    def _worker_seconds(self) -> float:
        return self._options.drain_seconds + RELEASE_SECONDS

    def start(self) -> None:
        """Answer requests and start the worker; on an error everything is stopped again."""
        try:
            self._start_worker()
            self._server.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything: open requests end, the worker drains its jobs, the rest is killed."""
        for schedule in self._schedules:
            schedule.stop()
        self._server.stop(grace_seconds=REQUEST_GRACE_SECONDS)
        self._worker.stop(drain_seconds=self._worker_seconds)
        for function in (self._api, self._admin):
            function.stop(drain_seconds=REQUEST_GRACE_SECONDS)
        if self._worker_started:
            self._worker_started = False
            self._log.info("Job queue stopped", function=self._worker.definition.name)

    def run(
        self,
        *,
        on_ready: Callable[[], None] = lambda: None,
        on_stopping: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        """Start, serve until SIGTERM, SIGINT or SIGHUP, stop. A second signal ends the draining.

        `on_stopping` is called before it begins, with the seconds that it may take.
        To be called in the main thread, which alone receives signals.
        """
        with StopSignals(_heeded(), again=self._end_draining) as signals:
            self.start()
            try:
                on_ready()
                signals.wait()
                on_stopping(self.longest_stop_seconds)
            finally:
                self.stop()

    def _start_worker(self) -> None:
        try:
            self._check()
        except Exception as error:
            reason = str(error) if isinstance(error, KotaError) else type(error).__name__
            self._log.error("Job queue not started", reason=reason)
            raise
        for schedule in self._schedules:
            schedule.start()
        self._worker_started = True
        self._log.info(
            "Job queue started",
            function=self._worker.definition.name,
            workers=self._worker.definition.concurrency,
            tick_seconds=self._options.tick_seconds,
        )

    def _end_draining(self) -> None:
        # In a thread: the main one may hold the very locks that killing needs.
        threading.Thread(target=self._kill, name="kill").start()

    def _kill(self) -> None:
        for function in (self._worker, self._api, self._admin):
            function.kill()
