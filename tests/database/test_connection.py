import gc
import secrets
import select
import socket
import struct
import threading
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from uuid import uuid4

import pytest
from tests.functions.wire import server_of
from tests.support.waiting import eventually

from indexer.database.connection import Database
from indexer.database.drivers import connect
from indexer.database.failures import (
    DatabaseError,
    DatabaseRefusedLogin,
    DatabaseTimeout,
    DatabaseUnavailable,
)
from indexer.database.logins import LoginTooPowerful, ensure_login, refuse_powerful_login

BOTH = pytest.mark.parametrize("driver", ["psycopg", "pg8000"])


@BOTH
def test_a_killed_connection_is_noticed_and_opened_anew(migrated_database, driver):
    with closing(Database(migrated_database.worker, driver=driver)) as database:
        assert database.fetch_one("database_answers") == {"answer": 1}
        migrated_database.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND usename = %s",
            migrated_database.worker.user,
        )
        eventually(database._open.stale)
        assert database.fetch_one("database_answers") == {"answer": 1}


@BOTH
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PGHOSTADDR", "203.0.113.1"),
        ("PGSERVICE", "nobody-has-this-one"),
        ("PGOPTIONS", "-c default_transaction_read_only=on -c nonsense=1"),
        ("PGSSLMODE", "verify-full"),
        ("PGREQUIREAUTH", "none"),
        ("PGTARGETSESSIONATTRS", "standby"),
    ],
)
def test_variables_of_the_shell_change_nothing_of_the_target(
    migrated_database, monkeypatch, driver, variable, value
):
    monkeypatch.setenv(variable, value)
    with closing(Database(migrated_database.worker, driver=driver)) as database:
        assert database.fetch_one("database_answers") == {"answer": 1}


def test_a_block_that_raises_leaves_nothing_behind(worker_database, migrated_database):
    database = worker_database

    class Planned(Exception):
        pass

    def plan():
        with database.transaction() as statements:
            statements.execute("rotate_archive", keep_days=7)
            raise Planned

    with pytest.raises(Planned):
        plan()
    assert database.fetch_one("database_answers") == {"answer": 1}
    assert (
        migrated_database.value(
            "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%%' "
            "AND datname = %s",
            migrated_database.admin.dbname,
        )
        == 0
    )


@pytest.mark.proves("Q6", "Q9")
@BOTH
def test_an_unreachable_database_is_a_clear_error_without_the_password(migrated_database, driver):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        target = replace(migrated_database.worker, port=nobody.getsockname()[1])
        with pytest.raises(DatabaseUnavailable, match=r"^the database cannot be reached$"):
            Database(target, driver=driver).fetch_one("database_answers")


@contextmanager
def dribbling():
    """The port of a server that tells the beginning of a long message, a byte at a time."""
    ends = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            with suppress(OSError), listener.accept()[0] as client:
                for byte in b"R" + struct.pack("!I", 1_500) + bytes(100):
                    client.sendall(bytes([byte]))
                    if ends.wait(0.05):
                        return

        serving = threading.Thread(target=serve)
        serving.start()
        yield listener.getsockname()[1]
        ends.set()
        serving.join(10)


@pytest.mark.proves("J23", "Q6")
@BOTH
def test_the_whole_of_opening_a_connection_has_an_end(migrated_database, driver):
    """A server that says a little each time, or a name of many addresses, restarts no clock."""
    with dribbling() as port:
        target = replace(migrated_database.worker, host="127.0.0.1", port=port)
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailable):
            connect(driver, target, connect_seconds=0.3, application="tests")
        assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("sslmode", ["disable", "require"])
@BOTH
def test_nothing_stays_open_where_somebody_else_than_a_server_answers(
    migrated_database, driver, sslmode
):
    with hanging_up(b"\xff" if sslmode == "require" else b"") as port:
        target = replace(migrated_database.worker, host="127.0.0.1", port=port, sslmode=sslmode)
        for _ in range(20):
            with pytest.raises(DatabaseUnavailable):
                connect(driver, target, connect_seconds=5, application="tests")
        # A socket that nobody closed is told of when it is collected, as an error of this test.
        gc.collect()


@contextmanager
def hanging_up(said):
    """The port of somebody who says so much to whoever comes, and resets the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            with suppress(OSError):
                while True:
                    with listener.accept()[0] as client:
                        now = struct.pack("ii", 1, 0)
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
                        client.sendall(said)

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            serving.join(10)


def test_a_connection_that_comes_too_late_is_closed(migrated_database):
    server = migrated_database.worker
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        target = replace(server, host="127.0.0.1", port=listener.getsockname()[1])
        with pytest.raises(DatabaseUnavailable):
            connect("psycopg", target, connect_seconds=0.1, application="tests")
        with listener.accept()[0] as client, server_of(server) as upstream:
            sent, told = relayed(client, upstream)
    assert told.endswith(READY_FOR_QUERY)
    assert sent.endswith(TERMINATE)


READY_FOR_QUERY, TERMINATE = b"Z\0\0\0\x05I", b"X\0\0\0\x04"


def relayed(client, server):
    """What each of the two said until the client hung up."""
    said = {client: b"", server: b""}
    while ready := select.select([client, server], [], [], 10)[0]:
        for one in ready:
            data = one.recv(65_536)
            if not data:
                return said[client], said[server]
            said[one] += data
            (server if one is client else client).sendall(data)
    raise AssertionError("nobody said anything any more")


@pytest.mark.proves("Q6")
@BOTH
def test_a_wrong_password_is_a_clear_error_without_it(migrated_database, driver):
    target = replace(migrated_database.worker, password="hunter2")
    with pytest.raises(DatabaseRefusedLogin) as refused:
        Database(target, driver=driver).fetch_one("database_answers")
    assert "check user, password" in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.proves("J23")
@BOTH
def test_a_statement_that_takes_too_long_is_ended_as_a_timeout(migrated_database, driver):
    api = migrated_database.api
    with (
        migrated_database.connection() as holder,
        closing(Database(api, driver=driver)) as database,
        holder.transaction(),
    ):
        holder.execute("LOCK TABLE kotadb_queue.live IN ACCESS EXCLUSIVE MODE")
        started = time.monotonic()
        with pytest.raises(DatabaseTimeout):
            database.fetch_one("queue_figures")
        assert time.monotonic() - started < 10


@BOTH
def test_another_thread_can_stop_a_running_statement(migrated_database, driver):
    with (
        migrated_database.connection() as holder,
        closing(Database(migrated_database.worker, driver=driver)) as database,
        holder.transaction(),
    ):
        holder.execute("LOCK TABLE kotadb_queue.live IN ACCESS EXCLUSIVE MODE")
        outcome = []

        def ask():
            try:
                database.fetch_one("queue_figures")
            except DatabaseError as error:
                outcome.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        eventually(
            lambda: (
                migrated_database.value(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                    "AND datname = current_database()"
                )
                == 1
            )
        )
        database.cancel()
        asking.join(timeout=10)
    ended_as = {"psycopg": DatabaseTimeout, "pg8000": DatabaseUnavailable}
    assert [type(one) for one in outcome] == [ended_as[driver]]


def test_the_service_refuses_a_login_that_could_see_too_much(migrated_database):
    with (
        closing(Database(migrated_database.admin)) as database,
        pytest.raises(LoginTooPowerful, match="is a superuser"),
    ):
        refuse_powerful_login(database)
    for login in (migrated_database.api, migrated_database.worker, migrated_database.admin_role):
        with closing(Database(login)) as database:
            refuse_powerful_login(database)


@pytest.mark.parametrize(
    ("second", "what"),
    [
        ("kotadb_owner", "owns the tables"),
        ("kotadb_worker", "is a member of more than one service's role"),
    ],
)
def test_a_member_of_a_second_role_is_refused_too(migrated_database, second, what):
    # A login of its own: by one of the others the tests beside this one would see too much.
    login = f"kotadb_tests_{secrets.token_hex(4)}_two"
    target = replace(migrated_database.api, user=login)
    with closing(
        connect("psycopg", migrated_database.admin, connect_seconds=5, application="tests")
    ) as driver:
        ensure_login(driver, login=login, role="kotadb_api", password=target.password)
    try:
        with closing(Database(target)) as database:
            refuse_powerful_login(database)
            migrated_database.sql(f"GRANT {second} TO {login}")
            with pytest.raises(LoginTooPowerful, match=what):
                refuse_powerful_login(database)
    finally:
        migrated_database.sql(f"DROP ROLE {login}")


@BOTH
def test_only_what_a_tenant_reads_is_read_by_index_alone(migrated_database, driver):
    """Whoever writes, or reads for all tenants, may want a whole table."""
    shown = (
        "SELECT current_setting('enable_seqscan') || ' ' || current_setting('enable_bitmapscan')"
    )
    with closing(Database(migrated_database.api, driver=driver)) as database:

        def settings(**how):
            with database.transaction(**how):
                ((found,),) = database._open.script(shown).rows
            return found

        tenant = uuid4()
        assert settings(principal=tenant, read_only=True) == "off off"
        assert settings(principal=tenant) == "on on"
        assert settings(read_only=True) == "on on"
