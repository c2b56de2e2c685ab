"""The process that children are forked from: it holds our modules, and nothing of any job.

To start an interpreter and to import what a child needs takes longer than many a child then works.
This process is started once, by `forking`, with the environment of a child. It imports what it is
asked to serve, which is code of ours alone, and forks. It has one thread and reads nothing but what
its parent asks. When its parent dies it ends, and every child with it.

A request on the control socket is its length in four bytes, which come with three descriptors, and
then that many bytes of JSON, a `ForkRequest`. The descriptors are the child's channel, its stderr
and a socket about it alone: there this process says the child's process id, and how it ended, and
the parent that it is to end at once, by a byte or by closing.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import selectors
import signal
import socket
import struct
import sys
import time
from types import FrameType
from typing import Final, NamedTuple, NoReturn

from indexer.collector import imports_that_last
from indexer.sandbox.entry import serve
from indexer.sandbox.limits import ChildLimits
from indexer.traces import trace_of

LENGTH: Final = struct.Struct("!I")
STARTED: Final = struct.Struct("!q")
"""The process id of the child."""
ENDED: Final = struct.Struct("!iqdd")
"""The exit status as `subprocess` has it; the most memory, in the unit of `ru_maxrss`; CPU seconds
of the child with those that it waited for, and of this process so far."""
DESCRIPTORS: Final = 3
FAILED: Final = 1


class ForkRequest(NamedTuple):
    """What a child serves, where, and within which limits (`ChildLimits.to_arguments`)."""

    target: str
    directory: str
    limits: list[str]


class _NobodyAsks(Exception):
    """The control socket was closed at its other end."""


class ForkServer:
    """Forks for the parent at the other end of `control`."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._pid = os.getpid()
        self._asked = True
        self._ends, self._tell_end = socket.socketpair()
        self._children: dict[int, socket.socket] = {}
        self._watched = selectors.DefaultSelector()
        self._watched.register(self._control, selectors.EVENT_READ)
        self._watched.register(self._ends, selectors.EVENT_READ)

    def serve(self) -> None:
        """Fork, tell and end children until nobody asks and the last has ended.

        Of a parent that dies every socket closes, and so its children are ended too.
        """
        for one in (self._ends, self._tell_end):
            one.settimeout(0)
        # With a handler, whichever, the end of a child wakes the loop.
        signal.signal(signal.SIGCHLD, _noticed)
        signal.set_wakeup_fd(self._tell_end.fileno(), warn_on_full_buffer=False)
        while self._asked or self._children:
            for key, _ in self._watched.select():
                self._attend(key)
            self._reap()

    def _attend(self, key: selectors.SelectorKey) -> None:
        if key.fileobj is self._control:
            try:
                self._fork()
            except (_NobodyAsks, ConnectionResetError):
                self._watched.unregister(self._control)
                self._asked = False
        elif key.fileobj is self._ends:
            with contextlib.suppress(BlockingIOError):
                self._ends.recv(4096)
        else:
            _kill(key.data)
            # It would stay readable for as long as the child takes to end.
            self._watched.unregister(key.fileobj)

    def _fork(self) -> None:
        header, descriptors, _, _ = socket.recv_fds(self._control, LENGTH.size, DESCRIPTORS)
        if len(header) < LENGTH.size:
            raise _NobodyAsks
        request = ForkRequest(*json.loads(self._receive(*LENGTH.unpack(header))))
        channel, errors, told = descriptors
        about = socket.socket(fileno=told)
        _import_for(request.target)
        try:
            pid = os.fork()
        except OSError as error:
            os.write(errors, f"no child could be forked: {error.strerror}\n".encode())
            about.close()
        else:
            if pid == 0:
                about.close()
                self._become_child(request, channel, errors)
            self._children[pid] = about
            self._watched.register(about, selectors.EVENT_READ, pid)
            _tell(about, STARTED.pack(pid))
        os.close(channel)
        os.close(errors)

    def _receive(self, length: int) -> bytes:
        received = b""
        while len(received) < length:
            piece = self._control.recv(length - len(received))
            if not piece:
                raise _NobodyAsks
            received += piece
        return received

    def _become_child(self, request: ForkRequest, channel: int, errors: int) -> NoReturn:
        status = FAILED
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._watched.close()
            for one in (self._control, self._ends, self._tell_end, *self._children.values()):
                one.close()
            os.setsid()
            os.dup2(errors, sys.stderr.fileno())
            os.close(errors)
            os.chdir(request.directory)
            limits = ChildLimits.from_arguments(request.limits)
            status = serve(request.target, channel, limits=limits, parent=self._pid)
        except SystemExit as leaving:
            told = 0 if leaving.code is None else leaving.code
            status = told if isinstance(told, int) else FAILED
        except BaseException as error:  # noqa: BLE001 - only the log hears of it, never the loop
            sys.stderr.write(f"{trace_of(error)}\n")
        finally:
            sys.stderr.flush()
            os._exit(status)

    def _reap(self) -> None:
        for pid, about in list(self._children.items()):
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            if not ended:
                continue
            # Its group may hold more than it did; the number is given anew only when none is left.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            del self._children[pid]
            with contextlib.suppress(KeyError):
                self._watched.unregister(about)
            code = os.waitstatus_to_exitcode(status)
            used = usage.ru_utime + usage.ru_stime
            _tell(about, ENDED.pack(code, usage.ru_maxrss, used, time.process_time()))
            about.close()


def _noticed(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: see `ForkServer.serve`."""


def _tell(about: socket.socket, what: bytes) -> None:
    # Whoever asked may have lost interest, and then closed its end.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        about.sendall(what)


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    # Its group, unless it came to an end before it had one; macOS forbids a group of zombies.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _import_for(target: str) -> None:
    """Import the module of a target, once and for all children to come."""
    module = target.partition(":")[0]
    if module in sys.modules:
        return
    # A child tries again, and says on its stderr what is the matter. Pages that are shared with it
    # stay so where no collector writes to them.
    with imports_that_last(), contextlib.suppress(Exception):
        importlib.import_module(module)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        ForkServer(connection).serve()
