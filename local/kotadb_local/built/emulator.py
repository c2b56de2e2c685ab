"""Execution environments in which a build runs as in Lambda: under AWS's own emulator and client.

The emulator enforces the time-out; memory and /tmp are held to by `limits`. It is a program for
Linux, comes with the SAM CLI, and takes one invocation at a time.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kotadb_local.built.artifacts import (
    BuildMissing,
    BuiltFunction,
    built_functions,
    own_architecture,
)
from kotadb_local.built.limits import Limits, Watch, processes_of
from kotadb_local.environments import Outcome, failed_with, failure, forward

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kotadb_local.environments import FunctionDefinition
    from kotadb_local.event_log import EventLog

SAM: Final = ".venv-sam"
CLIENT: Final = ".venv-emulator"
INIT_SECONDS: Final = 60.0
# The emulator ends an invocation that is late; only if it does not, it is ended with it.
LATE_SECONDS: Final = 5.0
LOOKS: Final = 5
LOOPBACK: Final = IPv4Network("127.0.0.0/8")
_INVOKE: Final = "/2015-03-31/functions/function/invocations"
_TIMED_OUT: Final = b"Task timed out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulator:
    """The emulator, the Python with Lambda's client, and the functions of a build, by handler."""

    program: Path
    python: Path
    functions: Mapping[str, BuiltFunction]

    @classmethod
    def of(cls, build: Path, *, project: Path) -> Emulator:
        """The emulator for a build, as `make build` installs it in a project.

        Raises:
            BuildMissing: the build or the emulator is not there, or not for this machine.
        """
        if sys.platform != "linux":
            raise BuildMissing(f"the emulator runs on Linux, and this machine is {sys.platform}")
        name = f"aws-lambda-rie-{own_architecture()}"
        programs = sorted(
            (project / SAM).glob(f"lib/python3*/site-packages/samcli/local/rapid/{name}")
        )
        python = project / CLIENT / "bin" / "python"
        if not programs or not python.exists():
            raise BuildMissing("the emulator is not installed; install it with: make build-here")
        functions = {one.handler: one for one in built_functions(build)}
        return cls(program=programs[0], python=python, functions=functions)

    def start(self, definition: FunctionDefinition, log: EventLog) -> EmulatedEnvironment:
        """An environment in which the built function of this handler runs."""
        return EmulatedEnvironment(self, self.functions[definition.handler], definition, log)


class EmulatedEnvironment:
    """One emulator with its runtime. Used by one thread at a time, stopped by any.

    The kernel ends the emulator with the *thread* that started it, so that thread must live on.
    """

    def __init__(
        self,
        emulator: Emulator,
        built: BuiltFunction,
        definition: FunctionDefinition,
        log: EventLog,
    ) -> None:
        self._built, self._log = built, log
        self._name = definition.name
        self._tmp = Path(tempfile.mkdtemp(prefix="kotadb-lambda-"))
        self._address, runtime_api = free_address(), free_address()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-P", "-m", "kotadb_local.built.bound", str(os.getpid())),
                *(emulator.program, "--runtime-interface-emulator-address", written(self._address)),
                *("--runtime-api-address", written(runtime_api)),
                *(emulator.python, "-P", Path(__file__).with_name("runtime.py")),
                *(built.code, built.layer, built.handler),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=built.code,
            env=self._variables(definition),
            start_new_session=True,
        )
        self.alive = True
        self._killing = threading.Lock()
        self._reason: str | None = None
        self._ready = False
        self._busy = threading.Lock()
        self._logs = threading.Thread(
            target=forward, args=(self.process.stdout, log), name=f"{definition.name}-log"
        )
        self._logs.daemon = True
        self._logs.start()
        limits = Limits(memory_mb=built.memory_mb, tmp_mb=built.tmp_mb)
        self.watch = Watch(self.process.pid, self._tmp, limits, over=self._over)

    def _variables(self, definition: FunctionDefinition) -> dict[str, str]:
        tmp = str(self._tmp)
        return {
            **definition.variables(),
            # For the way to the emulator, which does not see it.
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": tmp,
            "WORK_DIRECTORY": tmp,
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "LAMBDA_TASK_ROOT": str(self._built.code),
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(self._built.timeout),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._built.memory_mb),
        }

    def invoke(self, event: Any, *, request_id: str) -> Outcome:  # noqa: ANN401 - any JSON value
        """Run the handler on one event; a failure of any kind is an outcome, not an exception."""
        with self._busy:
            try:
                if not self._ready:
                    self._wait_until_it_listens()
                payload = self._answer(json.dumps(event).encode())
            except TimeoutError:
                self.kill()
                late = f"Task timed out after {self._built.timeout:.2f} seconds"
                return failure(request_id, "Sandbox.Timedout", late)
            except (OSError, http.client.HTTPException):
                self.kill()
                reason = self._reason or "Runtime exited"
                return failure(request_id, "Runtime.ExitError", reason)
        return _outcome(payload, request_id)

    def _wait_until_it_listens(self) -> None:
        ends = time.monotonic() + INIT_SECONDS
        while True:
            with suppress(ConnectionRefusedError):
                socket.create_connection(self._address, timeout=1).close()
                self._ready = True
                return
            if self.process.poll() is not None or time.monotonic() > ends:
                raise ConnectionRefusedError
            time.sleep(0.01)

    def _answer(self, body: bytes) -> bytes:
        # An init that is late counts into the invocation.
        within = INIT_SECONDS + self._built.timeout + LATE_SECONDS
        connection = http.client.HTTPConnection(*self._address, timeout=within)
        try:
            connection.request("POST", _INVOKE, body=body)
            return connection.getresponse().read()
        finally:
            connection.close()

    def ask_to_stop(self) -> None:
        """Send SIGTERM to a runtime that takes it as the sign to drain."""
        for pid in processes_of(self.process.pid):
            if pid != self.process.pid and _heeds_sigterm(pid):
                with suppress(OSError):  # it ended by itself meanwhile
                    os.kill(pid, signal.SIGTERM)

    def stop(self, *, deadline: float) -> None:
        """Wait for the end of what runs until the deadline (of `time.monotonic`), then kill."""
        if self._busy.acquire(timeout=max(0, deadline - time.monotonic())):
            self._busy.release()
        self.kill()

    def kill(self) -> None:
        """End the emulator and all that runs in it, now, and remove its /tmp."""
        with self._killing:
            if not self.alive:
                return
            self.alive = False
            self.watch.stop()
            # The emulator puts its runtime into a process group of its own. What is started while
            # this looks is seen by the next look.
            for _ in range(LOOKS):
                left = [self.process.pid, *processes_of(self.process.pid)]
                for pid in left:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                if len(left) == 1:
                    break
            self.process.wait()
            self._logs.join(1)
            shutil.rmtree(self._tmp, ignore_errors=True)

    @property
    def ended(self) -> bool:
        """Whether the process has ended by itself or was killed."""
        return not self.alive or self.process.poll() is not None

    def _over(self, what: str) -> None:
        self._reason = f"The environment used {what}"
        self._log.error("limit passed", function=self._name, reason=self._reason)
        self.kill()


def free_address() -> tuple[str, int]:
    """A loopback address of which nobody else will take a port before the emulator does.

    Linux answers to all of 127.0.0.0/8, and whoever asks for any free port asks at 127.0.0.1.
    """
    one = LOOPBACK[secrets.randbelow(LOOPBACK.num_addresses - 2) + 1]
    with socket.socket() as probe:
        probe.bind((str(one), 0))
        host, port = probe.getsockname()
    return host, port


def written(address: tuple[str, int]) -> str:
    """An address as the emulator reads it."""
    return f"{address[0]}:{address[1]}"


def _outcome(payload: bytes, request_id: str) -> Outcome:
    """The emulator answers everything with 200: errors show in what it answers."""
    if payload.startswith(_TIMED_OUT):
        return failure(request_id, "Sandbox.Timedout", payload.decode(errors="replace"))
    try:
        answer = json.loads(payload)
    except ValueError:
        return failure(request_id, "Runtime.ExitError", payload.decode(errors="replace")[:1_000])
    if isinstance(answer, dict) and "errorType" in answer and "statusCode" not in answer:
        return failed_with(answer | {"requestId": request_id}, request_id)
    return Outcome(request_id=request_id, payload=payload)


def _heeds_sigterm(pid: int) -> bool:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("SigCgt:"):
                return bool(int(line.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
    return False
