"""The embedded Postgres, used by real processes that come, go and are killed."""

import fcntl
import json
import os
import pwd
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pg8000.native
import psycopg
import pytest

from kotadb_local.locks import LockBusy, is_locked, lock, try_lock
from kotadb_local.postgres import (
    DataInUse,
    DataOfAnotherVersion,
    EmbeddedPostgres,
    EmbeddedPostgresFailed,
    EmbeddedPostgresUnavailable,
)
from kotadb_local.postgres.cluster import Cluster
from kotadb_local.postgres.installation import Installation, ServerUser

HERE = Path(__file__).parent
AS_ROOT = os.geteuid() == 0
PATIENCE = 60


class User:
    """A process that uses the server of a state directory until it is told to leave."""

    def __init__(self, state, root_directory, *, durable=True, python=sys.executable, **popen):
        environment = popen.pop("env", dict(os.environ))
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        mode = "durable" if durable else "throwaway"
        self.process = subprocess.Popen(
            [python, HERE / "postgres_user.py", state, root_directory, mode],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            **popen,
        )

    def said(self):
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        assert ready, "the user said nothing"
        return self.process.stdout.readline()

    def answer(self):
        return json.loads(self.said())

    def url(self):
        return self.answer()["url"]

    def leave(self):
        self.process.stdin.close()
        assert self.said() == "left\n"
        assert self.process.wait(PATIENCE) == 0
        self.close()

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.close()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture(scope="session")
def root_directory():
    """What /var/lib/kotadb is to root: other users can enter it, as they cannot enter tmp_path."""
    directory = Path(tempfile.mkdtemp(prefix="kotadb-root-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def state(tmp_path):
    directory = tmp_path / "a project" / ".kotadb"
    directory.mkdir(parents=True)
    return directory


@pytest.fixture(scope="session")
def initialised(root_directory, tmp_path_factory):
    """The files of a server that was started and stopped once, to copy from."""
    embedded = EmbeddedPostgres(tmp_path_factory.mktemp("x") / "s", root_directory=root_directory)
    with embedded.session():
        return embedded._home() / "cluster"


@pytest.fixture
def fresh(state, root_directory):
    """Durable data that is not there yet, and no server left behind by users that were killed."""
    embedded = EmbeddedPostgres(state, root_directory=root_directory)
    yield embedded
    with embedded.session():
        pass


@pytest.fixture
def embedded(fresh, initialised):
    """Durable data from an earlier start."""
    fresh._make_home()
    subprocess.run(["cp", "-a", initialised, fresh._home()], check=True)
    return fresh


@pytest.fixture
def throwaway(state, root_directory):
    return EmbeddedPostgres(state, durable=False, root_directory=root_directory)


def query(url, statement):
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone() if cursor.description else None


def postmaster(embedded):
    """Process id of the server on the embedded instance's data."""
    return int((embedded._home() / "cluster/data/postmaster.pid").read_text().splitlines()[0])


def answers(url):
    try:
        query(url, "SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.proves("Q22")
def test_data_survives_the_last_user_and_is_found_by_the_next(embedded):
    with embedded.session() as server:
        query(server.url, "CREATE TABLE kept AS SELECT 7 AS number")
    assert not answers(server.url)
    with embedded.session() as again:
        assert query(again.url, "SELECT number FROM kept") == (7,)
        assert again.port == server.port


def test_the_server_is_a_small_safe_utf8_server_on_loopback(fresh):
    with fresh.session() as server:
        settings = {
            name: query(server.url, f"SHOW {name}")[0]
            for name in (
                "server_encoding",
                "timezone",
                "fsync",
                "listen_addresses",
                "max_connections",
                "password_encryption",
                "logging_collector",
            )
        }
        assert settings == {
            "server_encoding": "UTF8",
            "timezone": "UTC",
            "fsync": "on",
            "listen_addresses": "127.0.0.1",
            "max_connections": "60",
            "password_encryption": "scram-sha-256",
            "logging_collector": "on",
        }
        assert query(server.url, "SELECT lower('ÄÖ')") == ("äö",)
        assert query(server.url, "SELECT 'a' > 'B'") == (True,)


def test_nobody_gets_in_without_the_password(throwaway):
    with throwaway.session() as server:
        for host in ("127.0.0.1", str(server.socket_directory)):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(
                    host=host,
                    port=server.port,
                    user="postgres",
                    password="guess",
                    dbname="postgres",
                )
        assert server.password not in repr(server)


def test_the_password_and_the_data_are_private(throwaway):
    with throwaway.session() as server:
        files = throwaway._home() / "cluster"
        assert stat.S_IMODE((files / "password").stat().st_mode) == 0o600
        assert stat.S_IMODE((files / "data").stat().st_mode) == 0o700
        assert stat.S_IMODE(server.socket_directory.stat().st_mode) == 0o700


def test_the_unix_socket_works_too(throwaway):
    with throwaway.session() as server:
        connection = pg8000.native.Connection(
            "postgres",
            unix_sock=str(server.socket_directory / f".s.PGSQL.{server.port}"),
            password=server.password,
        )
        with closing(connection):
            assert connection.run("SELECT inet_client_addr()") == [[None]]


@pytest.mark.usefixtures("fresh")
def test_users_of_one_directory_share_one_server_and_the_last_one_stops_it(state, root_directory):
    users = [User(state, root_directory) for _ in range(4)]
    urls = {user.url() for user in users}
    assert len(urls) == 1
    url = urls.pop()
    for user in users[:-1]:
        user.leave()
    assert answers(url)
    users[-1].leave()
    assert not answers(url)


def test_two_sessions_of_one_process_share_the_server(throwaway):
    with throwaway.session() as outer:
        with throwaway.session() as inner:
            assert inner.url == outer.url
        assert answers(outer.url)


@pytest.mark.usefixtures("embedded")
def test_a_killed_user_does_not_keep_the_server_from_being_stopped(state, root_directory):
    killed, patient = User(state, root_directory), User(state, root_directory)
    url = killed.url()
    assert patient.url() == url
    killed.kill()
    assert answers(url)
    patient.leave()
    assert not answers(url)


def test_a_server_left_behind_by_killed_users_is_taken_over_by_the_next(
    state, root_directory, embedded
):
    user = User(state, root_directory)
    url = user.url()
    user.kill()
    assert answers(url)
    with embedded.session() as server:
        assert server.url == url
    assert not answers(url)


@pytest.mark.proves("Q22")
def test_a_killed_server_is_started_again_with_all_that_was_committed(embedded):
    with embedded.session() as server:
        query(server.url, "CREATE TABLE kept AS SELECT 7 AS number")
        os.kill(postmaster(embedded), signal.SIGKILL)
        with embedded.session() as again:
            assert query(again.url, "SELECT number FROM kept") == (7,)


def test_a_process_id_that_belongs_to_somebody_else_now_does_not_matter(embedded):
    bystander = subprocess.Popen(["sleep", "60"], user=embedded_user().pw_uid if AS_ROOT else None)
    try:
        stale = embedded._home() / "cluster/data/postmaster.pid"
        stale.write_text(f"{bystander.pid}\n/elsewhere\n1\n5432\n\n127.0.0.1\n 1 1\nready   \n")
        with embedded.session() as server:
            assert answers(server.url)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def embedded_user():
    return pwd.getpwnam("nobody")


def test_a_user_killed_while_it_starts_leaves_what_the_next_start_mends(
    state, root_directory, fresh
):
    for wanted in ("new-*", "cluster", "cluster/data/postmaster.pid"):
        user = User(state, root_directory)
        while not list(fresh._home().glob(wanted)) and user.process.poll() is None:
            time.sleep(0.001)
        user.kill()
    with fresh.session() as server:
        assert answers(server.url)
        assert not list(fresh._home().glob("new-*"))


def test_a_port_taken_meanwhile_is_replaced_by_another(embedded):
    with embedded.session() as first:
        pass
    with socket.create_server(("127.0.0.1", first.port)), embedded.session() as server:
        assert server.port != first.port
        assert answers(server.url)


def test_data_of_another_major_version_is_refused_by_name(embedded):
    version = embedded._home() / "cluster/data/PG_VERSION"
    version.write_text("16\n")
    refused = pytest.raises(DataOfAnotherVersion, match=r"belongs to Postgres 16.* is 18")
    with refused, embedded.session():
        pass
    version.write_text("18\n")


def test_a_server_that_cannot_start_says_why(embedded):
    configuration = embedded._home() / "cluster/data/postgresql.conf"
    good = configuration.read_text()
    configuration.write_text(good + "\nno_such_setting = 1\n")
    with pytest.raises(EmbeddedPostgresFailed, match="no_such_setting"), embedded.session():
        pass
    configuration.write_text(good)


@pytest.mark.usefixtures("embedded")
def test_variables_meant_for_other_servers_change_nothing(state, root_directory):
    disturbing = {
        "PGHOST": "203.0.113.1",
        "PGHOSTADDR": "203.0.113.1",
        "PGPORT": "1",
        "PGUSER": "somebody",
        "PGPASSWORD": "wrong",
        "PGDATABASE": "elsewhere",
        "PGOPTIONS": "-c nonsense=1",
        "PGSERVICE": "missing",
        "PGDATA": "/nonexistent",
        "PGSSLMODE": "verify-full",
        "TMPDIR": "/nonexistent/odd folder",
        "HOME": "",
    }
    user = User(state, root_directory, env=os.environ | disturbing)
    assert answers(user.url())
    user.leave()


def test_throwaway_data_is_not_synced_and_goes_with_its_last_user(throwaway, state, root_directory):
    with throwaway.session() as server:
        assert query(server.url, "SHOW fsync") == ("off",)
        user = User(state, root_directory, durable=False)
        assert user.url() == server.url
        user.leave()
        assert answers(server.url)
    assert not throwaway._home().exists()


def test_durable_and_throwaway_data_of_one_directory_are_apart(embedded, throwaway):
    with embedded.session() as durable:
        query(durable.url, "CREATE TABLE kept AS SELECT 7 AS number")
        with throwaway.session() as passing:
            assert query(passing.url, "SELECT to_regclass('kept')") == (None,)
        assert query(durable.url, "SELECT number FROM kept") == (7,)


@pytest.mark.skipif(
    not AS_ROOT, reason="only root has a folder that the server's user cannot enter"
)
def test_root_under_a_closed_folder_runs_the_server_as_somebody_else(
    tmp_path, root_directory, throwaway
):
    tmp_path.chmod(0o700)
    with throwaway.session() as server:
        assert Path(f"/proc/{postmaster(throwaway)}").stat().st_uid == embedded_user().pw_uid
        assert server.binaries.is_relative_to(root_directory)
        assert answers(server.url)


@pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")
def test_an_ordinary_user_without_a_home_keeps_the_data_in_the_state_folder():
    nobody = embedded_user()
    python = next((one for one in (sys.executable, "/usr/bin/python3") if _runs(one, nobody)), None)
    if python is None:
        pytest.skip("the other user can run no Python that fits")
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        state = Path(folder) / f"a checkout {'far ' * 20}away" / ".kotadb"
        user = User(
            state,
            "/nonexistent",
            python=python,
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
            cwd="/",
            env={"PATH": os.defpath},
        )
        answer = user.answer()
        assert answers(answer["url"])
        assert (state / "postgres/cluster/data/PG_VERSION").read_text() == "18\n"
        # The state folder's own path is too long for a unix socket.
        assert not Path(answer["sockets"]).is_relative_to(folder)
        user.leave()


def _reaches(entry, python):
    """Whether that user may execute the file, whatever links lead to it."""
    command = ["/usr/bin/test", "-x", python]
    who = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return subprocess.run(command, check=False, **who).returncode == 0


def _runs(python, entry):
    """Whether that user can run this Python with what these tests import."""
    if not _reaches(entry, python):
        return False
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    finished = subprocess.run(
        [
            python,
            "-c",
            "import sys, kotadb_local.postgres; print(*sys.version_info[:2])",
        ],
        check=False,
        user=entry.pw_uid,
        group=entry.pw_gid,
        extra_groups=[],
        cwd="/",
        env=environment,
        capture_output=True,
    )
    return finished.stdout.decode().split() == [str(part) for part in sys.version_info[:2]]


def test_a_machine_without_the_binaries_is_told_what_to_set(monkeypatch, throwaway):
    monkeypatch.setattr("kotadb_local.postgres.installation.PACKAGE", "no_such_package")
    with pytest.raises(EmbeddedPostgresUnavailable, match="DATABASE_URL"), throwaway.session():
        pass


def test_a_lock_is_shared_or_exclusive_and_bounded_in_time(tmp_path):
    path = tmp_path / "lock"
    with lock(path, shared=True, within=1), lock(path, shared=True, within=1):
        assert is_locked(path)
        with pytest.raises(LockBusy):
            lock(path, within=0.05)
    assert not is_locked(path)


def test_a_lock_on_a_file_that_was_replaced_meanwhile_does_not_count(tmp_path, monkeypatch):
    path = tmp_path / "lock"
    path.touch()
    really_lock = fcntl.flock

    def replace_and_lock(descriptor, operation):
        path.rename(tmp_path / "old")
        path.touch()
        really_lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", replace_and_lock)
    assert try_lock(path) is None


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_the_server_inherits_nothing_of_the_shell(monkeypatch, throwaway):
    monkeypatch.setenv("GITHUB_TOKEN", "secret of the shell")
    with throwaway.session():
        environment = Path(f"/proc/{postmaster(throwaway)}/environ").read_bytes()
        assert b"PATH=" in environment
        assert b"secret of the shell" not in environment


def test_a_socket_folder_that_is_somebody_elses_is_not_used(tmp_path):
    user = pwd.getpwnam("nobody")
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    link = tmp_path / "link"
    link.symlink_to(theirs)
    installation = Installation(
        bin=tmp_path, user=ServerUser(name="nobody", uid=user.pw_uid, gid=user.pw_gid)
    )
    cluster = Cluster(home=tmp_path, installation=installation, durable=False)
    assert not cluster._claim(theirs)
    assert not cluster._claim(link)
    assert theirs.stat().st_uid == os.geteuid()


def test_data_that_is_forgotten_is_gone_and_never_while_it_is_used(state, root_directory):
    postgres = EmbeddedPostgres(state, root_directory=root_directory)
    with postgres.session() as server:
        first = server.password
        with pytest.raises(DataInUse):
            postgres.forget()
    postgres.forget()
    with postgres.session() as server:
        assert server.password != first
    postgres.forget()
