"""One data directory and the server on it: created, started, found running, stopped.

Every method expects its caller to hold the start lock: no two processes are in here at once. What a
SIGKILL may leave at any line is mended by the next call: a data directory appears by one rename,
and whether a server lives is told by a lock that the server's own processes hold.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pg8000.native
from pg8000.exceptions import DatabaseError, InterfaceError

from kotadb_local.locks import POLL_SECONDS, HeldLock, is_locked, try_lock
from kotadb_local.postgres.errors import DataOfAnotherVersion, EmbeddedPostgresFailed
from kotadb_local.postgres.installation import MAJOR_VERSION, Installation

SUPERUSER = "postgres"
LOOPBACK = "127.0.0.1"
CREATE_SECONDS = 120.0
# Long, because a server that was killed reads its log anew before it answers.
READY_SECONDS = 60.0
CONNECT_SECONDS = 5.0
PORT_ATTEMPTS = 5
# sockaddr_un holds 104 bytes on macOS and 108 on Linux, with a closing NUL.
SOCKET_PATH_BYTES = 103
LOG_TAIL_BYTES = 2_000
STOP_STEPS = (
    (signal.SIGINT, 20.0),  # fast shutdown: sessions are ended, a checkpoint is written
    (signal.SIGQUIT, 10.0),  # immediate shutdown: the next start reads the log
    (signal.SIGKILL, 5.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a server listens."""

    port: int
    socket_directory: Path | None


class Cluster:
    """The files of one server below `home`, and the server on them.

    Args:
        home: belongs to this class alone; only the lock files in it are shared with callers.
        durable: False trades the data's survival of a crash of the machine for speed.
    """

    def __init__(self, *, home: Path, installation: Installation, durable: bool) -> None:
        self.home = home
        self._installation = installation
        self._durable = durable
        self._files = home / "cluster"
        self.data = self._files / "data"
        self._log = log_directory(home)
        self._start_log = home / "start.log"
        self._server_lock = home / "server.lock"
        self._last_port = home / "port"

    @property
    def password(self) -> str:
        """The superuser's password."""
        return (self._files / "password").read_text(encoding="ascii")

    def create(self, start_lock: HeldLock) -> None:
        """Make the data directory if there is none.

        Raises:
            DataOfAnotherVersion: there is one that this server cannot read.
            EmbeddedPostgresFailed: it could not be made.
        """
        if self._files.exists():
            version = self.data / "PG_VERSION"
            if not version.exists():
                raise EmbeddedPostgresFailed(f"{self.data} is damaged: it has no PG_VERSION")
            found = version.read_text(encoding="ascii").strip()
            if found != MAJOR_VERSION:
                raise DataOfAnotherVersion(data=self.data, found=found, wanted=MAJOR_VERSION)
            return
        for half_done in self.home.glob("new-*"):
            shutil.rmtree(half_done)
        new = self.home / f"new-{secrets.token_hex(4)}"
        self._directory(new)
        self._directory(new / "data")
        password = new / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24), encoding="ascii")
        self._installation.own(password)
        self._initialise(new, start_lock)
        new.rename(self._files)

    def running(self) -> Endpoint | None:
        """Where the server listens, if one lives; waits for one that is still starting.

        Raises:
            EmbeddedPostgresFailed: one lives but does not answer.
        """
        if not is_locked(self._server_lock):
            return None
        return self._wait_until_ready()

    def start(self) -> Endpoint:
        """Start a server on a free port.

        Raises:
            EmbeddedPostgresFailed: it ended at once or never answered.
        """
        for port in self._ports():
            self._launch(port)
            if endpoint := self._wait_until_ready():
                self._last_port.write_text(str(endpoint.port), encoding="ascii")
                return endpoint
            if not self._port_was_taken():
                break
        raise EmbeddedPostgresFailed("Postgres ended while it started", log_tail=self._log_tail())

    def stop(self) -> None:
        """Stop the server if one lives.

        Raises:
            EmbeddedPostgresFailed: not even SIGKILL ended it.
        """
        for number, seconds in STOP_STEPS if self._durable else STOP_STEPS[1:]:
            if not is_locked(self._server_lock):
                return
            if pid := self._postmaster():
                os.kill(pid, number)
            if self._ends_within(seconds):
                return
        raise EmbeddedPostgresFailed("Postgres did not stop", log_tail=self._log_tail())

    def remove(self) -> None:
        """Delete everything below `home`. The server is stopped."""
        if self._spare_socket_directory().exists():
            shutil.rmtree(self._spare_socket_directory())
        shutil.rmtree(self.home)

    def _directory(self, path: Path) -> None:
        path.mkdir(mode=0o700, exist_ok=True)
        self._installation.own(path)

    def _initialise(self, new: Path, start_lock: HeldLock) -> None:
        command: list[str | Path] = [
            self._installation.bin / "initdb",
            *("--pgdata", new / "data", "--username", SUPERUSER, "--pwfile", new / "password"),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--no-instructions"),
            # The same order and case rules on every machine, whatever it has installed.
            *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            *([] if self._durable else ["--no-sync"]),
        ]
        with self._start_log.open("wb") as output:
            # An initdb whose caller was killed keeps the start lock, so nobody meets it at work.
            process = self._installation.start(
                command, output=output, pass_fds=[start_lock.descriptor]
            )
            try:
                status = process.wait(CREATE_SECONDS)
            except BaseException:
                process.kill()
                process.wait()
                raise
        if status != 0:
            raise EmbeddedPostgresFailed(
                "The data directory could not be made", log_tail=self._log_tail()
            )

    def _launch(self, port: int) -> None:
        server_lock = try_lock(self._server_lock)
        if server_lock is None:
            raise EmbeddedPostgresFailed("A server already runs on this data directory")
        try:
            # The lock says that no server lives. The process id in this file may be anybody's by
            # now (or a zombie's, in a container), and Postgres would refuse to start because of it.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            self._directory(self._log)
            self._run_postgres(port, server_lock)
        finally:
            server_lock.leave_to_heirs()

    def _run_postgres(self, port: int, server_lock: HeldLock) -> None:
        postgres: list[str | Path] = [
            *(self._installation.bin / "postgres", "-D", self.data),
            *self._options(port),
        ]
        with self._start_log.open("wb") as output:
            # The shell ends at once and leaves the server to init: a child of ours would have to
            # be waited for, by a process that may be gone before it.
            shell = self._installation.start(
                ["/bin/sh", "-c", '"$@" &', "sh", *postgres],
                output=output,
                pass_fds=[server_lock.descriptor],
            )
            shell.wait()

    def _options(self, port: int) -> list[str]:
        sockets = self._make_socket_directory(port)
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(port),
            "unix_socket_directories": "" if sockets is None else _quoted(sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "60",
            "shared_buffers": "128MB",
            "max_wal_size": "512MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "logging_collector": "on",
            "log_directory": str(self._log),
            # One file for each day of the week, written over after a week.
            "log_filename": "postgres-%a.log",
            "log_file_mode": "0600",
            "log_rotation_age": "1d",
            "log_rotation_size": "0",
            "log_truncate_on_rotation": "on",
            "log_line_prefix": "%m [%p] %u@%d ",
            # A failed statement may carry a password, as ALTER ROLE does.
            "log_min_error_statement": "panic",
            # Details and contexts quote rows, and lines of what is loaded.
            "log_error_verbosity": "terse",
            "log_checkpoints": "off",
        }
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def _ports(self) -> Iterator[int]:
        # The last port first, so that a client outlives a restart.
        if self._last_port.exists():
            last = self._last_port.read_text(encoding="ascii")
            if last.isdecimal():
                yield int(last)
        for _ in range(PORT_ATTEMPTS):
            with socket.create_server((LOOPBACK, 0)) as probe:
                port = int(probe.getsockname()[1])
            yield port

    def _make_socket_directory(self, port: int) -> Path | None:
        """A directory that is private and short enough, or None: TCP alone will do."""
        for directory in (self.home / "socket", self._spare_socket_directory()):
            if len(os.fsencode(directory / f".s.PGSQL.{port}")) > SOCKET_PATH_BYTES:
                continue
            if self._claim(directory):
                for left_behind in directory.glob(".s.PGSQL.*"):
                    left_behind.unlink()
                return directory
        return None

    def _claim(self, directory: Path) -> bool:
        """Make the directory, or take it over if it is ours.

        In a shared temporary folder the name may be somebody else's, or a link to anywhere: it is
        given to the server's user only when it was made here.
        """
        try:
            directory.mkdir(mode=0o700)
        except FileExistsError:
            found = directory.lstat()
            return stat.S_ISDIR(found.st_mode) and found.st_uid == self._server_uid
        except OSError:  # the temporary folder is gone or closed
            return False
        self._installation.own(directory)
        return True

    @property
    def _server_uid(self) -> int:
        user = self._installation.user
        return os.geteuid() if user is None else user.uid

    def _spare_socket_directory(self) -> Path:
        digest = sha256(os.fsencode(self.home)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"kotadb-{digest}"

    def _wait_until_ready(self) -> Endpoint | None:
        """The endpoint once a connection works; None when the server has ended."""
        deadline = time.monotonic() + READY_SECONDS
        while is_locked(self._server_lock):
            if (endpoint := self._announced()) and self._answers(endpoint):
                return endpoint
            if time.monotonic() >= deadline:
                raise EmbeddedPostgresFailed(
                    f"Postgres did not answer within {READY_SECONDS:g} s",
                    log_tail=self._log_tail(),
                )
            time.sleep(POLL_SECONDS)
        return None

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _announced(self) -> Endpoint | None:
        """What the server wrote about itself when it was ready (its file is written in steps)."""
        match self._pid_file():
            case [_pid, _data, _since, port, sockets, _address, _memory, status, *_] if (
                status.strip() == "ready"
            ):
                return Endpoint(port=int(port), socket_directory=Path(sockets) if sockets else None)
        return None

    def _answers(self, endpoint: Endpoint) -> bool:
        # pg8000 takes nothing from PGHOST, PGOPTIONS, PGSERVICE and their kin; libpq would.
        # It leaves its own socket open where the server hangs up at once.
        try:
            with socket.create_connection((LOOPBACK, endpoint.port), CONNECT_SECONDS) as line:
                pg8000.native.Connection(
                    SUPERUSER,
                    sock=line,
                    password=self.password,
                    database="postgres",
                    ssl_context=False,
                ).close()
        except (InterfaceError, OSError):
            return False
        except DatabaseError as error:
            details = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
            if details.get("C") == "57P03":  # cannot connect now: starting up or shutting down
                return False
            raise EmbeddedPostgresFailed(
                f"Postgres refused its own superuser: {details.get('M', 'no reason given')}"
            ) from None
        return True

    def _postmaster(self) -> int | None:
        """The server's process id, if the process by that id is this server."""
        lines = self._pid_file()
        if not lines or not lines[0].isdecimal():
            return None
        pid = int(lines[0])
        return pid if os.fsencode(self.data) in _command_line(pid) else None

    def _ends_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while is_locked(self._server_lock):
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def _port_was_taken(self) -> bool:
        tail = self._log_tail()
        return "could not bind" in tail or "could not create any TCP/IP sockets" in tail

    def _log_tail(self) -> str:
        logs = sorted(self._log.glob("*.log"), key=lambda path: path.stat().st_mtime)
        tails = [_tail(path) for path in (*logs[-1:], self._start_log) if path.exists()]
        return "\n".join(tail for tail in tails if tail)


def log_directory(home: Path) -> Path:
    """Where the server of a cluster below `home` logs."""
    return home / "log"


def _quoted(directory: Path) -> str:
    # The setting is a list; quotes keep a comma or a space inside one entry.
    return '"{}"'.format(str(directory).replace('"', '""'))


def _tail(path: Path) -> str:
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - LOG_TAIL_BYTES))
        return log.read().decode("utf-8", "replace").strip()


def _command_line(pid: int) -> bytes:
    proc = Path("/proc") / str(pid) / "cmdline"
    if proc.parent.parent.joinpath("self").exists():
        try:
            return proc.read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return b""
    return subprocess.run(
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
    ).stdout
