"""One server for all users of a state directory: the first one starts it, the last one stops it.

Each user process holds a shared lock on `users.lock`; coming and going happen one at a time under
`start.lock`. Both are freed by the kernel, so a killed user counts as gone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from kotadb_local.locks import HeldLock, is_locked, lock, try_lock
from kotadb_local.postgres.cluster import LOOPBACK, SUPERUSER, Cluster, Endpoint, log_directory
from kotadb_local.postgres.errors import DataInUse, EndedInUse
from kotadb_local.postgres.installation import find_installation, make_reachable

# Longer than the longest thing done under the lock: a start that reads a killed server's log anew.
TURN_SECONDS = 200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A running server, as its superuser sees it."""

    port: int
    password: str = field(repr=False)
    binaries: Path
    socket_directory: Path | None

    @property
    def url(self) -> str:
        """The superuser's connection string for the database `postgres`."""
        return self.url_of()

    def url_of(
        self, *, database: str = "postgres", user: str = SUPERUSER, password: str | None = None
    ) -> str:
        """A connection string over TCP. `password` may be omitted for the superuser only."""
        secret = self.password if password is None else password
        login = f"{quote(user, safe='')}:{quote(secret, safe='')}"
        return f"postgresql://{login}@{LOOPBACK}:{self.port}/{quote(database, safe='')}"


class EmbeddedPostgres:
    """The bundled Postgres with its data below a state directory.

    As root the data lies below `root_directory`, in a folder named after the state directory,
    because the server then runs as another user, who may not be able to reach the latter.

    Args:
        state_directory: created if need be; users that name the same one share one server.
        durable: False is for tests: no fsync, and the data goes when the last user leaves. Durable
            and throw-away data of one state directory are apart and never touch each other.
        root_directory: a place that unprivileged users may enter.
    """

    def __init__(
        self,
        state_directory: Path,
        *,
        durable: bool = True,
        root_directory: Path = Path("/var/lib/kotadb"),
    ) -> None:
        self._state_directory = state_directory.resolve()
        self._durable = durable
        self._root_directory = root_directory

    @property
    def log_directory(self) -> Path:
        """Where the server logs."""
        return log_directory(self._home())

    @contextmanager
    def session(self, *, restart: bool = True) -> Iterator[PostgresServer]:
        """Use the server; it is started for the first user and stopped after the last.

        One that ended while others use it is started again, unless `restart` is false.

        Raises:
            EndedInUse: it ended while others use it, and is not to be started again.
            EmbeddedPostgresUnavailable: this machine cannot run it.
            DataOfAnotherVersion: the data needs another Postgres.
            EmbeddedPostgresFailed: it did not start; the text ends with the server's last words.
        """
        cluster, user, server = self._enter(restart=restart)
        try:
            yield server
        finally:
            self._leave(cluster, user)

    def forget(self) -> None:
        """Delete the data, for good.

        Raises:
            DataInUse: a session uses it.
        """
        installation = find_installation(root_directory=self._root_directory)
        cluster = Cluster(home=self._home(), installation=installation, durable=self._durable)
        with self._turn():
            last_one = try_lock(cluster.home / "users.lock")
            if last_one is None:
                raise DataInUse
            with last_one:
                cluster.stop()
                self._remove(cluster)

    def _remove(self, cluster: Cluster) -> None:
        cluster.remove()
        if os.geteuid() == 0:
            self._remove_folder_of_project()

    def _enter(self, *, restart: bool) -> tuple[Cluster, HeldLock, PostgresServer]:
        installation = find_installation(root_directory=self._root_directory)
        cluster = Cluster(home=self._home(), installation=installation, durable=self._durable)
        with self._turn() as turn:
            may_start = restart or not is_locked(cluster.home / "users.lock")
            user = lock(cluster.home / "users.lock", shared=True, within=TURN_SECONDS)
            try:
                cluster.create(turn)
                endpoint = cluster.running() or self._started(cluster, may_start=may_start)
            except BaseException:
                self._leave_in_turn(cluster, user)
                raise
        server = PostgresServer(
            port=endpoint.port,
            password=cluster.password,
            binaries=installation.bin,
            socket_directory=endpoint.socket_directory,
        )
        return cluster, user, server

    def _started(self, cluster: Cluster, *, may_start: bool) -> Endpoint:
        if not may_start:
            raise EndedInUse
        return cluster.start()

    def _leave(self, cluster: Cluster, user: HeldLock) -> None:
        with self._turn():
            self._leave_in_turn(cluster, user)

    def _leave_in_turn(self, cluster: Cluster, user: HeldLock) -> None:
        user.release()
        last_one = try_lock(cluster.home / "users.lock")
        if last_one is None:
            return
        with last_one:
            cluster.stop()
            if not self._durable:
                self._remove(cluster)

    def _remove_folder_of_project(self) -> None:
        # Durable data of the same project may lie beside; then the folder is not empty, and stays.
        with suppress(OSError):
            self._home().parent.rmdir()

    def _turn(self) -> HeldLock:
        """The start lock. The last user of throw-away data may remove it while we wait."""
        while True:
            self._make_home()
            try:
                return lock(self._home() / "start.lock", within=TURN_SECONDS)
            except FileNotFoundError:
                continue

    def _make_home(self) -> None:
        home = self._home()
        if os.geteuid() == 0:
            make_reachable(home)
        else:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _home(self) -> Path:
        name = "postgres" if self._durable else "postgres-throwaway"
        if os.geteuid() != 0:
            return self._state_directory / name
        digest = sha256(os.fsencode(self._state_directory)).hexdigest()[:12]
        readable = re.sub(r"[^a-z0-9]+", "-", self._state_directory.parent.name.lower())[:24]
        return self._root_directory / f"{readable.strip('-') or 'project'}-{digest}" / name
