"""Functions as Lambda runs them: with as many environments as events at a time, up to a maximum."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

from indexer.errors import KotaError
from kotadb_local.environments import Environment, EventNotTaken

if TYPE_CHECKING:
    from concurrent.futures import Future

    from kotadb_local.environments import FunctionDefinition, Outcome
    from kotadb_local.event_log import EventLog

# Asynchronous events of one function that have not ended yet; one more is dropped.
MAX_OPEN_EVENTS = 1_000


class FunctionStopped(KotaError):
    """The service is going down and takes no more events."""

    code = "function_stopped"


class ExecutionEnvironment(Protocol):
    """What runs a function, one event at a time; used by one thread at a time, stopped by any."""

    def invoke(self, event: Any, *, request_id: str) -> Outcome:  # noqa: ANN401 - any JSON value
        """Run the handler on one event; a failure of any kind is an outcome, not an exception.

        Raises:
            EventNotTaken: it was asked to stop before.
        """

    def ask_to_stop(self) -> None:
        """Ask what runs to come to an end, and what waits to end."""

    def stop(self, *, deadline: float) -> None:
        """Wait for the end until the deadline (of `time.monotonic`), then kill."""

    def kill(self) -> None:
        """End it with all that it started, now."""

    @property
    def ended(self) -> bool:
        """Whether it has ended by itself or was killed."""


StartEnvironment = Callable[["FunctionDefinition", "EventLog"], ExecutionEnvironment]


class Function:
    """A function with its environments: warm ones are reused, new ones made up to the maximum."""

    def __init__(
        self,
        definition: FunctionDefinition,
        log: EventLog,
        *,
        start_environment: StartEnvironment = Environment,
    ) -> None:
        self.definition = definition
        self._start_environment = start_environment
        self._log = log
        # A thread uses one environment: when all are busy, events wait in the pool's queue.
        self._threads = ThreadPoolExecutor(definition.concurrency, definition.name)
        self._lock = threading.Lock()
        self._environments: set[ExecutionEnvironment] = set()
        self._warm: list[ExecutionEnvironment] = []
        self._open_events = 0
        self._stopping = False

    def invoke(self, event: Any) -> Future[Outcome]:  # noqa: ANN401 - any JSON value
        """Run an event when an environment is free.

        Raises:
            FunctionStopped: the function takes no more events; the future may raise it too.
        """
        try:
            return self._threads.submit(self._run, event, str(uuid.uuid4()))
        except RuntimeError:  # the pool's word for "shut down"
            raise FunctionStopped(f"{self.definition.name} is stopping") from None

    def invoke_async(self, event: Any) -> str:  # noqa: ANN401 - any JSON value
        """Queue an event and return its request id. It runs once at most, and not when too old.

        Raises:
            FunctionStopped: the function takes no more events.
        """
        request_id = str(uuid.uuid4())
        with self._lock:
            accepted = self._open_events < MAX_OPEN_EVENTS
            if accepted:
                self._open_events += 1
        if not accepted:
            self._drop(self._log.warning, request_id, reason="too many events are open")
            return request_id
        try:
            future = self._threads.submit(self._run_async, event, request_id, time.monotonic())
        except RuntimeError:  # the pool's word for "shut down"
            raise FunctionStopped(f"{self.definition.name} is stopping") from None
        future.add_done_callback(lambda _: self._close_event())
        return request_id

    def stop(self, *, drain_seconds: float) -> None:
        """Refuse what waits, let what runs end within `drain_seconds`, then kill it."""
        with self._lock:
            self._stopping = True
            environments = list(self._environments)
        deadline = time.monotonic() + drain_seconds
        for environment in environments:
            environment.ask_to_stop()
        for environment in environments:
            environment.stop(deadline=deadline)
        # Last, because the kernel ends an environment with the thread that started it.
        self._threads.shutdown(wait=True, cancel_futures=True)

    def kill(self) -> None:
        """End everything now; a `stop` that is under way returns."""
        with self._lock:
            self._stopping = True
            environments = list(self._environments)
        for environment in environments:
            environment.kill()

    def _close_event(self) -> None:
        with self._lock:
            self._open_events -= 1

    def _run_async(self, event: Any, request_id: str, queued_at: float) -> None:  # noqa: ANN401 - any JSON value
        if time.monotonic() - queued_at > self.definition.maximum_event_age:
            self._drop(self._log.warning, request_id, reason="older than the maximum age")
            return
        try:
            self._run(event, request_id)
        except FunctionStopped:
            # No warning: jobs wait in the queue, and the next start begins with a tick.
            self._drop(self._log.info, request_id, reason="the service is stopping")

    def _drop(self, log: Callable[..., None], request_id: str, *, reason: str) -> None:
        log("event dropped", function=self.definition.name, request_id=request_id, reason=reason)

    def _run(self, event: Any, request_id: str) -> Outcome:  # noqa: ANN401 - any JSON value
        environment = self._take()
        try:
            outcome = environment.invoke(event, request_id=request_id)
        except EventNotTaken:
            raise FunctionStopped(f"{self.definition.name} is stopping") from None
        # Before the outcome is known: who asks again because of it finds it warm.
        self._give_back(environment)
        if outcome.failed:
            self._log.error(
                "invocation failed",
                function=self.definition.name,
                request_id=request_id,
                error=json.loads(outcome.payload).get("errorType"),
                reason=json.loads(outcome.payload).get("errorMessage"),
            )
        return outcome

    def _take(self) -> ExecutionEnvironment:
        """The environment that was used last of those that wait, or a new one."""
        with self._lock:
            if self._stopping:
                raise FunctionStopped(f"{self.definition.name} is stopping")
            while self._warm:
                environment = self._warm.pop()
                if not environment.ended:
                    return environment
                self._environments.discard(environment)
                environment.kill()
            environment = self._start_environment(self.definition, self._log)
            self._environments.add(environment)
            return environment

    def _give_back(self, environment: ExecutionEnvironment) -> None:
        with self._lock:
            self._warm.append(environment)
