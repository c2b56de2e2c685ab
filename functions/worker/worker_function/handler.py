"""The Lambda handler of the worker: it reads the event and runs the loop of the layer."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from indexer.database.connection import Database, open_database
from indexer.database.logins import refuse_powerful_login
from indexer.environment import FromEnvironment
from indexer.indexing.pipeline import Indexer
from indexer.jobs.run import StopSignal
from indexer.jobs.runner import Runner, WorkerReport
from indexer.jobs.wake import WorkerWaker
from indexer.observability import flush_metrics, logger
from indexer.settings import Settings
from indexer.webhooks.reconciliation import ReconciliationReport, is_due, reconcile
from worker_function.events import Trigger, read_event

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """What one execution environment keeps between invocations."""

    settings: Settings
    runner: Runner
    stop: StopSignal
    connections: tuple[Database, Database]
    waker: WorkerWaker

    def close(self) -> None:
        """Close the connections."""
        for connection in self.connections:
            connection.close()


def make_worker(environment: Mapping[str, str]) -> Worker:
    """The worker that these variables describe.

    Raises:
        ConfigurationError: it cannot work as it is configured.
        DatabaseUnavailable: the database does not answer.
    """
    settings = Settings.from_environment(environment)

    def connection(application: str, *, answer_seconds: float | None = None) -> Database:
        return open_database(
            environment,
            driver=settings.database_driver,
            connect_seconds=settings.database_connect_seconds,
            answer_seconds=answer_seconds,
            application=application,
        )

    database = connection("kotadb-worker")
    refuse_powerful_login(database)
    stop = StopSignal(drain_seconds=settings.drain_seconds)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda _number, _frame: stop.request())
    # A renewal whose answer was lost is given up while there is time for others.
    heartbeats = connection("kotadb-heartbeat", answer_seconds=settings.lease_seconds / 3)
    return Worker(
        settings=settings,
        stop=stop,
        connections=(database, heartbeats),
        runner=Runner(
            database=database,
            heartbeats=heartbeats,
            settings=settings,
            work=Indexer(settings).index_repository,
            stop=stop,
        ),
        waker=WorkerWaker(settings),
    )


environment_worker = FromEnvironment(make_worker)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run what is due, or reconcile, while the invocation has time; what was done.

    Raises DatabaseError, so that the invocation counts as failed, when the database is away: then
    nothing was leased. A reconciliation raises GitHubUnavailable likewise.
    """
    wake_up = read_event(event)
    worker = environment_worker.get()
    logger.append_keys(trigger=wake_up.trigger.value)

    def remaining_seconds() -> float:
        return context.get_remaining_time_in_millis() / 1000

    try:
        if wake_up.trigger is Trigger.RECONCILE:
            if wake_up.when_due and not is_due(worker.connections[0]):
                return asdict(ReconciliationReport())
            return _reconcile(worker, context.aws_request_id, remaining_seconds)
        report = worker.runner.run(
            worker=context.aws_request_id,
            remaining_seconds=remaining_seconds,
            max_jobs=wake_up.max_jobs,
        )
        if report.work_left and wake_up.max_jobs is None and not worker.stop.requested:
            worker.waker.wake(chain=wake_up.chain + 1)
    finally:
        flush_metrics()
    # Most ticks find nothing, and say nothing unless somebody debugs.
    log = logger.debug if report == WorkerReport() else logger.info
    log("the worker ends", **asdict(report))
    return asdict(report)


def _reconcile(
    worker: Worker, request_id: str, remaining_seconds: Callable[[], float]
) -> dict[str, Any]:
    reserve = worker.settings.invocation_reserve_seconds
    report = reconcile(
        worker.connections[0],
        worker.settings,
        request_id=request_id,
        go_on=lambda: not worker.stop.requested and remaining_seconds() > reserve,
    )
    if report.jobs and not worker.stop.requested:
        worker.waker.wake(chain=1)
    return asdict(report)
