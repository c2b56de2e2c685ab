"""Execution environments as Lambda has them: processes that are kept warm and killed when late."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from indexer.errors import KotaError
from kotadb_local import frames

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kotadb_local.event_log import EventLog

ACCOUNT = "000000000000"
REGION = "us-east-1"
INIT_SECONDS = 60.0
LOG_LINE_BYTES = 1 << 20
# What a process needs of the machine to run and to reach the network, and nothing of what a
# person's shell may hold: no credentials, no PG* variables, no DATABASE_URL.
INHERITED = frozenset(
    {
        *("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
        # Test runs measure and seed their child processes through these.
        *("COVERAGE_PROCESS_START", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionDefinition:
    """One function of the stack.

    Attributes:
        handler: `module.function`.
        environment: its variables, secrets included.
        timeout: seconds after which an invocation is killed.
        concurrency: environments at most; what comes on top waits.
        maximum_event_age: seconds after which a waiting asynchronous event is dropped.
    """

    name: str
    handler: str
    environment: Mapping[str, str] = field(repr=False)
    timeout: float
    memory_mb: int
    concurrency: int
    maximum_event_age: float = 60.0

    @property
    def arn(self) -> str:
        """The name that AWS would know it by."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}"

    def variables(self) -> dict[str, str]:
        """The environment of its processes, but for where Python finds modules."""
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return {
            **{name: value for name, value in os.environ.items() if name in INHERITED},
            "TZ": ":UTC",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{version}",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "local",
            "_HANDLER": self.handler,
            **self.environment,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an invocation ended. `payload` is JSON: what the handler returned, or the error."""

    request_id: str
    payload: bytes
    failed: bool = False


class EventNotTaken(KotaError):
    """The environment was told to stop before it had the event, which so did not run at all."""

    code = "event_not_taken"


class Environment:
    """One process with an imported handler. Used by one thread at a time, stopped by any.

    The kernel ends the process with the *thread* that started it, so that thread must live on.
    """

    def __init__(self, definition: FunctionDefinition, log: EventLog) -> None:
        self._definition = definition
        self._connection, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "kotadb_local.runtime"),
                    *(str(theirs.fileno()), definition.handler, str(os.getpid())),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={
                    # It imports what its parent could, wherever that came from.
                    "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
                    **definition.variables(),
                },
                pass_fds=[theirs.fileno()],
                # Its own session: Ctrl-C in the terminal is for the parent to pass on, and one
                # kill ends the environment with all that it started.
                start_new_session=True,
            )
        self.alive = True
        self._killing = threading.Lock()
        self._initialised = False
        self._told_to_stop = False
        self._logs = threading.Thread(
            target=forward, args=(self.process.stdout, log), name=f"{definition.name}-log"
        )
        self._logs.daemon = True
        self._logs.start()

    def invoke(self, event: Any, *, request_id: str) -> Outcome:  # noqa: ANN401 - any JSON value
        """Run the handler on one event; a failure of any kind is an outcome, not an exception.

        Raises:
            EventNotTaken: the environment was told to stop before.
        """
        try:
            if not self._initialised and (failure := self._initialise(request_id)):
                return failure
            return self._run(event, request_id)
        except OSError:
            return self._ended(request_id)

    def _initialise(self, request_id: str) -> Outcome | None:
        try:
            answer = frames.receive(self._connection, within=INIT_SECONDS)
        except TimeoutError:
            self.kill()
            return failure(request_id, "Sandbox.Timedout", f"Init took over {INIT_SECONDS:g} s")
        if answer is None:
            self._refuse_if_told_to_stop()
            return self._ended(request_id)
        if "error" in answer:
            self.kill()
            return failed_with(answer["error"] | {"requestId": request_id}, request_id)
        self._initialised = True
        return None

    def _run(self, event: Any, request_id: str) -> Outcome:  # noqa: ANN401 - any JSON value
        timeout = self._definition.timeout
        invocation = {
            "request_id": request_id,
            "function_arn": self._definition.arn,
            "deadline": time.time() + timeout,
            "event": event,
        }
        try:
            self._connection.settimeout(timeout)
            self._send(invocation)
            answer = frames.receive(self._connection, within=timeout)
        except TimeoutError:
            self.kill()
            return failure(
                request_id, "Sandbox.Timedout", f"Task timed out after {timeout:.2f} seconds"
            )
        if answer is None:
            return self._ended(request_id)
        if "error" in answer:
            return failed_with(answer["error"], request_id)
        return Outcome(
            request_id=request_id, payload=answer["payload"].encode("utf-8", "surrogatepass")
        )

    def _send(self, invocation: dict[str, Any]) -> None:
        try:
            frames.send(self._connection, invocation)
        except TimeoutError:
            raise
        except OSError:
            self._refuse_if_told_to_stop()
            raise

    def _refuse_if_told_to_stop(self) -> None:
        if self._told_to_stop:
            raise EventNotTaken(f"{self._definition.name} is stopping")

    def _ended(self, request_id: str) -> Outcome:
        self.kill()
        code = self.process.returncode
        how = f"signal: {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
        return failure(request_id, "Runtime.ExitError", f"Runtime exited with error: {how}")

    def ask_to_stop(self) -> None:
        """Send SIGTERM and no more events: it ends after the invocation that runs, if one does."""
        self._told_to_stop = True
        # No event first: one that came behind the signal would not know of it.
        with suppress(OSError):  # it ended by itself meanwhile
            self._connection.shutdown(socket.SHUT_WR)
            self.process.terminate()

    def stop(self, *, deadline: float) -> None:
        """Wait for the end until the deadline (of `time.monotonic`), then kill."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0, deadline - time.monotonic()))
        self.kill()

    def kill(self) -> None:
        """End the process and all that it started, now."""
        with self._killing:
            if not self.alive:
                return
            self.alive = False
            # The group may be empty, or (macOS) hold nothing but a process not yet waited for.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self._logs.join(1)
            self._connection.close()

    @property
    def ended(self) -> bool:
        """Whether the process has ended by itself or was killed."""
        return not self.alive or self.process.poll() is not None


def forward(output: IO[bytes] | None, log: EventLog) -> None:
    """Pass on the lines of a process until it closes its output."""
    if output is None:
        return
    with output:
        while line := output.readline(LOG_LINE_BYTES):
            log.forward(line.rstrip(b"\r\n"))


def failure(request_id: str, error_type: str, message: str) -> Outcome:
    """An invocation that failed outside of the handler, told as Lambda tells it."""
    error = {
        "errorType": error_type,
        "errorMessage": f"RequestId: {request_id} Error: {message}",
        "requestId": request_id,
    }
    return failed_with(error, request_id)


def failed_with(error: dict[str, Any], request_id: str) -> Outcome:
    """An invocation that failed with this error."""
    return Outcome(request_id=request_id, payload=json.dumps(error).encode(), failed=True)
