"""The two drivers behind one face. Each is imported only when it is used.

psycopg sends a statement in one round trip; pg8000 is pure Python, imports in less time and sends a
statement with parameters in three. Both run the same named queries.
"""

from __future__ import annotations

import importlib
import os
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Protocol, cast

from indexer.database.failures import DatabaseError, failure_for
from indexer.errors import ConfigurationError

if TYPE_CHECKING:
    import ssl

    import psycopg

    from indexer.database.queries import Query
    from indexer.database.target import Target

# Half-open connections are noticed within about 15 s of silence, and unsent bytes sooner.
KEEPALIVE_IDLE_SECONDS = 5
KEEPALIVE_INTERVAL_SECONDS = 3
KEEPALIVE_COUNT = 3
# A message of 8 bytes with the number that stands for it.
SSL_REQUEST = struct.pack("!ii", 8, 80_877_103)


class Answer(NamedTuple):
    """What a statement gave: column names, rows, and how many rows it touched."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    row_count: int


class Driver(Protocol):
    """One open connection in autocommit mode. Every method raises only DatabaseError."""

    def run(self, query: Query, parameters: dict[str, Any]) -> Answer:
        """Run a named query."""

    def script(self, text: str) -> Answer:
        """Run statements without parameters in one round trip; the last result counts."""

    def copy(self, statement: str, blocks: Iterable[bytes]) -> None:
        """COPY … FROM STDIN in text format."""

    def stale(self) -> bool:
        """Whether the server closed the connection, told without a round trip."""

    def cancel(self) -> None:
        """Ask the server to stop the running statement; may be called from another thread."""

    def abort(self) -> None:
        """Cut the connection under the running statement, which then fails; for another thread."""

    def close(self) -> None:
        """Close at once; an open transaction is undone by the server."""


def _cut(descriptor: int) -> None:
    # A copy of the descriptor, so that the driver's own socket object keeps its state.
    with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as copy:
        copy.shutdown(socket.SHUT_RDWR)


def _readable(descriptor: int) -> bool:
    # The server speaks first only to say that it is leaving, or by closing the socket.
    return bool(select.select([descriptor], [], [], 0)[0])


def _forget_variables_of_libpq() -> None:
    """Take the variables that libpq would read (PGHOSTADDR, PGOPTIONS, …) out of this process.

    They would be mixed into the target, which says all there is to say. Passing each option along
    is no way out: PGSERVICE is read whatever else is said.
    """
    from psycopg.pq import Conninfo

    for option in Conninfo.get_defaults():
        if option.envvar:
            os.environ.pop(option.envvar.decode(), None)


class PsycopgDriver:
    """psycopg 3 without prepared statements, so that a transaction pooler may stand between."""

    def __init__(self, target: Target, *, connect_seconds: float, application: str) -> None:
        import psycopg
        from psycopg.rows import tuple_row

        self._psycopg = psycopg
        _forget_variables_of_libpq()
        options: dict[str, Any] = {
            "host": target.host,
            "port": target.port,
            "user": target.user,
            "password": target.password or "",
            "dbname": target.dbname,
            "sslmode": target.sslmode,
            # Of each address; libpq counts whole seconds and takes 1 for 2.
            "connect_timeout": max(2, round(connect_seconds)),
            "application_name": application,
            "keepalives_idle": KEEPALIVE_IDLE_SECONDS,
            "keepalives_interval": KEEPALIVE_INTERVAL_SECONDS,
            "keepalives_count": KEEPALIVE_COUNT,
            "tcp_user_timeout": 15_000,
        }
        if target.sslrootcert:
            options["sslrootcert"] = target.sslrootcert
        try:
            self._connection: psycopg.Connection[tuple[Any, ...]] = psycopg.connect(
                "", autocommit=True, prepare_threshold=None, row_factory=tuple_row, **options
            )
        except psycopg.Error as error:
            raise _connect_failure(error.sqlstate, str(error)) from None

    def run(self, query: Query, parameters: dict[str, Any]) -> Answer:
        try:
            # Values are bound below; the text is one of our own files.
            cursor = self._connection.execute(cast("Any", query.text), parameters)
            return self._answer(cursor)
        except self._psycopg.Error as error:
            self._fail(error)

    def script(self, text: str) -> Answer:
        try:
            cursor = self._connection.execute(cast("Any", text))
            answer = self._answer(cursor)
            while cursor.nextset():
                later = self._answer(cursor)
                answer = later if later.columns else answer
        except self._psycopg.Error as error:
            self._fail(error)
        return answer

    def copy(self, statement: str, blocks: Iterable[bytes]) -> None:
        try:
            with (
                self._connection.cursor() as cursor,
                cursor.copy(cast("Any", statement)) as copy,
            ):
                for block in blocks:
                    copy.write(block)
        except self._psycopg.Error as error:
            self._fail(error)

    def stale(self) -> bool:
        return self._connection.closed or _readable(self._connection.fileno())

    def cancel(self) -> None:
        self._connection.cancel_safe(timeout=5)

    def abort(self) -> None:
        if not self._connection.closed:
            _cut(self._connection.fileno())

    def close(self) -> None:
        self._connection.close()

    def _answer(self, cursor: psycopg.Cursor[tuple[Any, ...]]) -> Answer:
        if cursor.description is None:
            return Answer((), (), cursor.rowcount)
        columns = tuple(column.name for column in cursor.description)
        return Answer(columns, cursor.fetchall(), cursor.rowcount)

    def _fail(self, error: psycopg.Error) -> NoReturn:
        raise failure_for(error.sqlstate, error.diag.constraint_name) from error


class Pg8000Driver:
    """pg8000, pure Python. Under a pooler its statements want an explicit transaction."""

    def __init__(self, target: Target, *, connect_seconds: float, application: str) -> None:
        from pg8000 import exceptions, native

        self._exceptions = exceptions
        try:
            with ExitStack() as undone:
                # Its own it leaves open where a server hangs up before it was greeted.
                line = undone.enter_context(_line_to(target, seconds=connect_seconds))
                self._connection = native.Connection(
                    target.user,
                    password=target.password,
                    database=target.dbname,
                    sock=line,
                    ssl_context=False,
                    application_name=application,
                )
                undone.pop_all()
        except exceptions.DatabaseError as error:
            raise failure_for(*_pg8000_codes(error)) from None
        except (exceptions.InterfaceError, OSError):
            raise failure_for(None) from None
        self._connection._usock.settimeout(None)  # noqa: SLF001 - its only way to bound the connect alone

    def run(self, query: Query, parameters: dict[str, Any]) -> Answer:
        if not query.parameters:
            return self.script(query.text)
        return self._guarded(
            lambda: self._connection.execute_unnamed(query.numbered, query.values(parameters))
        )

    def script(self, text: str) -> Answer:
        return self._guarded(lambda: self._connection.execute_simple(text))

    def copy(self, statement: str, blocks: Iterable[bytes]) -> None:
        try:
            self._guarded(lambda: self._connection.execute_unnamed(statement, stream=iter(blocks)))
        except DatabaseError:
            raise
        except BaseException:
            # It cannot leave a COPY that its own caller broke off; the server undoes it.
            self.cancel()
            raise

    def stale(self) -> bool:
        return _readable(self._connection._usock.fileno())  # noqa: SLF001 - it has no public handle

    def cancel(self) -> None:
        # It cannot ask the server; hanging up ends the wait here, and the transaction there.
        with suppress(OSError):
            self._connection._usock.shutdown(socket.SHUT_RDWR)  # noqa: SLF001 - as in stale()

    def abort(self) -> None:
        self.cancel()

    def close(self) -> None:
        try:
            self._connection.close()
        except (self._exceptions.InterfaceError, OSError):
            # Already gone, which is what was asked for.
            return

    def _guarded(self, statement: Callable[[], Any]) -> Answer:
        try:
            context = statement()
        except self._exceptions.DatabaseError as error:
            raise failure_for(*_pg8000_codes(error)) from error
        except (self._exceptions.InterfaceError, OSError, AttributeError) as error:
            # A closed socket surfaces as an AttributeError of its own reader.
            raise failure_for(None) from error
        columns = tuple(column["name"] for column in context.columns or ())
        return Answer(columns, context.rows or (), context.row_count)


def _line_to(target: Target, *, seconds: float) -> socket.socket:
    """A socket that is connected to a server, encrypted where the target says so.

    Each of its reads ends within as many seconds.
    """
    with ExitStack() as undone:
        if target.host.startswith("/"):
            line = undone.enter_context(socket.socket(socket.AF_UNIX))
            line.settimeout(seconds)
            line.connect(f"{target.host}/.s.PGSQL.{target.port}")
        else:
            address = (target.host, target.port)
            line = undone.enter_context(socket.create_connection(address, seconds))
            line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        context = _encryption(target)
        if context is not None:
            line = undone.enter_context(_encrypted(line, context, target.host))
        undone.pop_all()
    return line


def _encrypted(line: socket.socket, context: ssl.SSLContext, host: str) -> socket.socket:
    """The line, once the server agreed to encrypt it.

    https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
    """
    line.sendall(SSL_REQUEST)
    if line.recv(1) != b"S":
        raise ConnectionRefusedError
    return context.wrap_socket(line, server_hostname=host)


def _pg8000_codes(error: Exception) -> tuple[str | None, str | None]:
    detail = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    return detail.get("C"), detail.get("n")


def _connect_failure(sqlstate: str | None, text: str) -> Exception:
    # libpq gives no code for a refused login, only its text.
    if sqlstate is None and ("authentication failed" in text or "does not exist" in text):
        return failure_for("28P01")
    return failure_for(sqlstate)


class CertificatesUnreadable(ConfigurationError):
    """The file that sslrootcert names is not there, or holds no certificates."""

    code = "database_certificates_unreadable"

    def __init__(self) -> None:
        super().__init__("the file that sslrootcert names cannot be read as certificates")


@cache
def tls_context(sslmode: str, sslrootcert: str | None) -> ssl.SSLContext:
    """What connections are encrypted with, and whom they take for the server; as libpq does it.

    It is made once for a process: reading certificates takes longer than connecting.

    Raises:
        CertificatesUnreadable: there is nothing to verify the server with.
    """
    import ssl

    # ssl.create_default_context is stricter from Python 3.13 on: it refuses forms that libpq takes.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = sslmode == "verify-full"
    try:
        if sslrootcert:
            context.load_verify_locations(sslrootcert)
        elif sslmode == "require":
            context.verify_mode = ssl.CERT_NONE
        else:
            context.load_default_certs()
    except OSError:
        raise CertificatesUnreadable from None
    return context


def _encryption(target: Target) -> ssl.SSLContext | None:
    if target.sslmode == "disable":
        return None
    return tls_context(target.sslmode, target.sslrootcert)


class DriverUnknown(ConfigurationError):
    """DATABASE_DRIVER names no driver."""

    code = "database_driver_unknown"

    def __init__(self) -> None:
        super().__init__("DATABASE_DRIVER must be psycopg or pg8000")


def connect(driver: str, target: Target, *, connect_seconds: float, application: str) -> Driver:
    """Open a connection in autocommit mode.

    Raises:
        DatabaseUnavailable: no connection within `connect_seconds`.
        DatabaseRefusedLogin: the server refused the login.
        CertificatesUnreadable: there is nothing to verify the server with.
        DriverUnknown: there is no such driver.
    """
    kinds: dict[str, type[PsycopgDriver | Pg8000Driver]] = {
        "psycopg": PsycopgDriver,
        "pg8000": Pg8000Driver,
    }
    if driver not in kinds:
        raise DriverUnknown
    # What it takes to load is no time of the server's.
    importlib.import_module(driver)
    # libpq reads the certificates itself, and tells a file that is missing as a refused login.
    if driver == "pg8000" or target.sslrootcert:
        _encryption(target)
    return _Opening(
        lambda: kinds[driver](target, connect_seconds=connect_seconds, application=application)
    ).within(connect_seconds)


class _Opening:
    """A connection that is being opened in a thread of its own, which can be left alone.

    The drivers bound one attempt, or one read. A name may stand for many addresses, its lookup may
    take long, and a server may speak a byte at a time.
    """

    def __init__(self, open_one: Callable[[], Driver]) -> None:
        self._open_one = open_one
        self._settled = threading.Condition()
        self._driver: Driver | None = None
        self._error: BaseException | None = None
        self._given_up = False

    def within(self, seconds: float) -> Driver:
        """The connection.

        Raises:
            DatabaseUnavailable: it was not there in time.
            DatabaseError: as the driver.
        """
        threading.Thread(target=self._open, daemon=True).start()
        with self._settled:
            self._settled.wait_for(lambda: self._driver or self._error, seconds)
            if self._error is not None:
                raise self._error
            if self._driver is None:
                self._given_up = True
                raise failure_for(None)
            return self._driver

    def _open(self) -> None:
        driver: Driver | None = None
        error: BaseException | None = None
        try:
            driver = self._open_one()
        except BaseException as failure:  # noqa: BLE001 - whoever waits is to have it
            error = failure
        with self._settled:
            self._driver, self._error = driver, error
            self._settled.notify_all()
            late = self._given_up
        if late and driver is not None:
            driver.close()
