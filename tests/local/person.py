"""A person at the command line, with a home and a database of their own."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from tests.fixtures.database import ScratchDatabase

# Below those that the system gives out itself; each worker of a run of the tests has a thousand.
_FIRST_PORT, _PORTS_OF_A_WORKER = 18_000, 1_000
_persons = count()
KOTADB = [sys.executable, "-c", "from kotadb_local.cli import main; main()"]


@contextmanager
def person_on(folder: Path, database: ScratchDatabase) -> Iterator["Person"]:
    """A person on a database of the tests' server; their logins go with them."""
    target = database.admin
    home = folder / "state"
    one = Person(
        home,
        {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(sys.path),
            "KOTADB_HOME": str(home),
            "KOTADB_ENV_FILE": str(folder / "person.env"),
            "WORK_DIRECTORY": str(folder),
            "KOTADB_PORT": str(own_port()),
            "DATABASE_URL": f"postgresql://{target.user}:{target.password}"
            f"@{target.host}:{target.port}/{target.dbname}",
        },
    )
    try:
        yield one
    finally:
        one.stop()
        for role, (login, _password) in one.logins().items():
            database.sql(f"DROP OWNED BY {login}")
            database.sql(f"DROP ROLE {login}")
            assert role


def own_port() -> int:
    """A port that no other test takes: a service that starts again wants the one it had."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return _FIRST_PORT + worker * _PORTS_OF_A_WORKER + next(_persons) % _PORTS_OF_A_WORKER


class Person:
    """Runs commands and perhaps one service."""

    def __init__(self, home, environment):
        self.home, self.environment = home, environment
        self.service = None

    def run(self, *words, **variables):
        return subprocess.run(
            [*KOTADB, *map(str, words)],
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def answer(self, *words):
        done = self.run(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def raw(self, *words):
        """What a command writes into a pipe."""
        done = subprocess.run(
            [*KOTADB, *map(str, words)],
            env=self.environment,
            capture_output=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def seen(self, *words, **variables):
        """What a command shows on a terminal."""
        ours, theirs = pty.openpty()
        environment = {**self.environment, "COLUMNS": "100", **variables}
        with subprocess.Popen(
            [*KOTADB, *map(str, words)], env=environment, stdout=theirs, stderr=theirs
        ) as process:
            os.close(theirs)
            shown = b""
            # The terminal of a process that ended gives an error on Linux and nothing elsewhere.
            with suppress(OSError):
                while piece := os.read(ours, 4096):
                    shown += piece
            os.close(ours)
            assert process.wait(timeout=90) == 0, shown
        return shown.decode()

    def up(self):
        self.service = subprocess.Popen(
            [*KOTADB, "up", "--log", str(self.log)], env=self.environment, stderr=subprocess.PIPE
        )
        ends = time.monotonic() + 60
        while "Job queue started" not in self.logged():
            assert self.service.poll() is None, self.service.communicate()[1].decode()
            assert time.monotonic() < ends, self.logged()
            time.sleep(0.05)

    def stop(self, number=signal.SIGTERM):
        if self.service is None:
            return None
        self.service.send_signal(number)
        self.service.communicate(timeout=60)
        status, self.service = self.service.returncode, None
        return status

    @property
    def log(self):
        return self.home.parent / "service.log"

    def logged(self):
        return self.log.read_text() if self.log.exists() else ""

    def env_file(self):
        return Path(self.environment["KOTADB_ENV_FILE"])

    def env(self):
        lines = [line for line in self.env_file().read_text().splitlines() if "=" in line]
        return dict(line.split("=", 1) for line in lines)

    def logins(self):
        vault = self.home / "logins.json"
        return json.loads(vault.read_text()) if vault.exists() else {}
