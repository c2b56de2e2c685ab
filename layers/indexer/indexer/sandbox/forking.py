"""Children by way of a fork server: started in a moment, ended and waited for without their parent.

One server is started when the first child is asked for, and again when it was lost or when what
children see of the environment has changed.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import Final

from indexer.sandbox.fork_server import ENDED, LENGTH, STARTED, ForkRequest
from indexer.sandbox.limits import ChildLimits

# Of the environment a child sees these and PYTHONPATH; none holds a secret. LD_LIBRARY_PATH is
# where Lambda's interpreter finds itself, the certificates are what TLS trusts.
PASSED_ON: Final = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")


class NotEnded(Exception):
    """A child has not ended within the time that it was waited for."""


@dataclass(slots=True)
class Usage:
    """What children that ended have used; `most_memory` is of one, in the unit of `ru_maxrss`.

    The CPU seconds have those of the servers that forked them.
    """

    cpu_seconds: float = 0.0
    most_memory: int = 0


class ForkedChild:
    """A process that a fork server forked. Not for several threads."""

    def __init__(self, about: socket.socket, server: _Server) -> None:
        self._about = about
        self._server = server
        self._said = bytearray()
        self._pid: int | None = None
        self.returncode: int | None = None
        """As `subprocess` has it; None while nobody waited for the end."""

    @property
    def pid(self) -> int:
        """Its process id; 0 if it was never forked."""
        if self._pid is None:
            self._listen(STARTED.size, None)
            told = len(self._said) >= STARTED.size
            self._pid = STARTED.unpack_from(self._said)[0] if told else 0
        return self._pid

    def wait(self, seconds: float | None = None) -> int:
        """Wait for its end, at most so long, and give its exit status.

        One whose server is gone has ended with it, as if it had been killed.

        Raises:
            NotEnded: it goes on.
        """
        if self.returncode is None:
            deadline = None if seconds is None else time.monotonic() + seconds
            if self._listen(STARTED.size + ENDED.size, deadline):
                code, memory, cpu, server_cpu = ENDED.unpack_from(self._said, STARTED.size)
                self._server.note(memory=memory, cpu=cpu, own_cpu=server_cpu)
                self.returncode = code
            else:
                self.returncode = -signal.SIGKILL
            self._about.close()
        return self.returncode

    def kill(self) -> None:
        """Have it ended at once, with all it started; `wait` tells when that is done."""
        if self.returncode is not None:
            return
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._about.send(b"k")

    def _listen(self, length: int, deadline: float | None) -> bool:
        """Have so many bytes been said? False: the server ended before."""
        while len(self._said) < length:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise NotEnded
            self._about.settimeout(left)
            try:
                piece = self._about.recv(length - len(self._said))
            except TimeoutError:
                raise NotEnded from None
            except ConnectionResetError:
                piece = b""
            if not piece:
                return False
            self._said += piece
        return True


class _Server:
    def __init__(self, environment: dict[str, str], usage: Usage) -> None:
        self.environment = environment
        self.parent = os.getpid()
        self._usage = usage
        self._own_cpu = 0.0
        self._noting = threading.Lock()
        self._control, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(
                # -B: a module cache cut short by the limit on files would break every import.
                [
                    *(sys.executable, "-P", "-B", "-m", "indexer.sandbox.fork_server"),
                    str(theirs.fileno()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd="/",
                env=environment,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        except BaseException:
            self._control.close()
            raise
        finally:
            theirs.close()

    def fork(self, request: ForkRequest, channel: socket.socket, errors: int) -> ForkedChild:
        body = json.dumps(request).encode()
        about, theirs = socket.socketpair()
        try:
            with theirs:
                descriptors = [channel.fileno(), errors, theirs.fileno()]
                socket.send_fds(self._control, [LENGTH.pack(len(body)), body], descriptors)
        except BaseException:
            about.close()
            raise
        return ForkedChild(about, self)

    def note(self, *, memory: int, cpu: float, own_cpu: float) -> None:
        """Add what an ended child used, and what this server had used by then."""
        with self._noting:
            self._usage.cpu_seconds += cpu + max(0.0, own_cpu - self._own_cpu)
            self._own_cpu = max(self._own_cpu, own_cpu)
            self._usage.most_memory = max(self._usage.most_memory, memory)

    def retire(self) -> None:
        """Ask no more of it: it ends with the last of its children."""
        self._control.close()

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def end(self) -> None:
        """End the server, and every child with it."""
        self.retire()
        self._process.kill()
        self._process.wait()


class _Servers:
    """The server of this process, if it has one, and what all that it had used."""

    def __init__(self) -> None:
        self.usage = Usage()
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._retired: list[_Server] = []

    def fork(self, request: ForkRequest, channel: socket.socket, errors: int) -> ForkedChild:
        environment = _environment()
        with self._lock:
            self._retired = [one for one in self._retired if not one.has_ended]
            try:
                return self._running(environment).fork(request, channel, errors)
            except (BrokenPipeError, ConnectionResetError):
                # It was lost since the last child: killed for its memory, or by hand.
                self._end()
                return self._running(environment).fork(request, channel, errors)

    def end(self) -> None:
        with self._lock:
            self._end()

    def _running(self, environment: dict[str, str]) -> _Server:
        self._forget_those_of_another_process()
        if self._server is not None and self._server.environment != environment:
            self._server.retire()
            self._retired.append(self._server)
            self._server = None
        if self._server is None:
            self._server = _Server(environment, self.usage)
        return self._server

    def _end(self) -> None:
        self._forget_those_of_another_process()
        for one in (self._server, *self._retired):
            if one is not None:
                one.end()
        self._server, self._retired = None, []

    def _forget_those_of_another_process(self) -> None:
        """Of the process from which this one was forked: not ours to ask or to end."""
        if self._server is not None and self._server.parent != os.getpid():
            self._server, self._retired = None, []


_SERVERS: Final = _Servers()


def fork(
    target: str, *, limits: ChildLimits, directory: str, channel: socket.socket, errors: int
) -> ForkedChild:
    """Fork a process of its own session that serves `target`, "package.module:function".

    It has its own copies of the channel and of `errors`, its stderr. Where it cannot be forked both
    are closed, and the reason stands on its stderr.

    Raises:
        OSError: no server can be started.
    """
    request = ForkRequest(target, directory, limits.to_arguments())
    return _SERVERS.fork(request, channel, errors)


def end_server() -> None:
    """End the fork server and its children; the next child has a new one started."""
    _SERVERS.end()


atexit.register(end_server)


def children_usage() -> Usage:
    """What the children that ended have used, and their servers."""
    return _SERVERS.usage


def most_memory() -> int:
    """The most memory that this process, or any child it waited for, ever held.

    In the unit of `ru_maxrss`.
    """
    own = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(*(resource.getrusage(who).ru_maxrss for who in own), children_usage().most_memory)


def peak_memory_mebibytes() -> int:
    """As `most_memory`, in MiB."""
    return most_memory() // (1024 * 1024 if sys.platform == "darwin" else 1024)


def _environment() -> dict[str, str]:
    """The whole environment of a child: where the code that runs here is, and no more."""
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environment["LANG"] = "C.UTF-8"
    environment["PYTHONPATH"] = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)  # noqa: PTH100 - entries may be archives and missing folders, kept as they are named
    if sys.pycache_prefix is not None:
        environment["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
    return environment
