"""A TCP proxy before Postgres that knows statements, and does harm exactly where it is told.

It listens on the loopback and reads the protocol of both sides. What a client sends until the
server is ready again is one statement of the trace: a script, a COPY, or Parse to Sync. (pg8000
sends a statement with parameters in three such turns; each is a statement here, by the same text.)

    with proxy_before(target) as proxy:
        plan = proxy.plan(Fault.CUT_AFTER, lambda one: one.text == "COMMIT")
        work(Database(proxy.way_to(target)))
        assert plan.met.is_set()
        assert [one.name for one in proxy.trace] == ["BEGIN", "lease_next", "COMMIT"]
"""

from __future__ import annotations

import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache

from tests.support import postgres_wire as wire

from indexer.database.queries import named_queries
from indexer.database.target import Target

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
# A client in the middle of COPY has to hear that it may go on.
COPY_BEGINS = frozenset((b"G", b"H", b"W"))
LONGEST_NAME = 60
JOIN_SECONDS = 5


class Fault(Enum):
    """What happens to one statement."""

    CUT_BEFORE = "cut before"
    """The server never sees it; both sides lose the connection."""
    CUT_AFTER = "cut after"
    """The server has done it; both sides lose the connection before the client hears so."""
    LOSE_BEFORE = "lose before"
    """The server never sees it, and nobody hears anything: the connection stays open."""
    LOSE_AFTER = "lose after"
    """The server has done it, and the client never hears so: the connection stays open."""
    HOLD = "hold"
    """It is kept back until `Plan.let_go`."""


AFTER = frozenset((Fault.CUT_AFTER, Fault.LOSE_AFTER))


@dataclass(kw_only=True)
class Statement:
    """One turn of a client. `number` counts from 1 among those of its application."""

    application: str
    connection: int
    number: int
    text: str
    tags: list[str] = field(default_factory=list)
    """What the server said of each command in it: `UPDATE 1`, `COMMIT`."""
    sqlstate: str | None = None
    answered: bool = False
    """Whether the server was ready again, whatever the client heard."""

    @property
    def name(self) -> str:
        """The name of a named query, or how the text begins."""
        return _names().get(self.text, " ".join(self.text.split())[:LONGEST_NAME])


@dataclass
class Plan:
    """A fault for the first statement that is chosen; it happens once."""

    fault: Fault
    chosen: Callable[[Statement], bool]
    met: threading.Event = field(default_factory=threading.Event)
    """Set once the fault has happened; for the faults `after`, once the server is done."""
    statement: Statement | None = None
    released: threading.Event = field(default_factory=threading.Event)

    def let_go(self) -> None:
        """Send on the statement that was held, or will be."""
        self.released.set()


def numbered(application: str, number: int) -> Callable[[Statement], bool]:
    """Chooses the statement of that number among those of an application."""
    return lambda one: (one.application, one.number) == (application, number)


class Proxy:
    """The proxy, for any thread. Faults that are planned or switched on hold until `heal`.

    `trace` is every statement since the last `forget`, and `connections` how many were made since
    the start; those that only cancel a statement are not counted.
    """

    def __init__(self, target: Target, *, port: int) -> None:
        self.target = target
        self.port = port
        self.trace: list[Statement] = []
        self.connections = 0
        self._dark = False
        self._delay = 0.0
        self._plans: list[Plan] = []
        self._counts: Counter[str] = Counter()
        self._open: set[_Connection] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.RLock()
        self._healed = threading.Event()
        self._listener: socket.socket | None = None

    def way_to(self, login: Target) -> Target:
        """The same login, by way of this proxy."""
        return replace(
            login, host=wire.LOOPBACK, port=self.port, sslmode="disable", sslrootcert=None
        )

    def plan(self, fault: Fault, chosen: Callable[[Statement], bool]) -> Plan:
        """Let the fault happen to the first statement from now on that is chosen."""
        plan = Plan(fault, chosen)
        with self._lock:
            self._plans.append(plan)
        return plan

    def forget(self) -> None:
        """Begin the trace anew; statements are counted from 1 again."""
        with self._lock:
            self.trace.clear()
            self._counts.clear()

    def cut(self, application: str | None = None) -> int:
        """Cut the connections that stand, or those of one application; how many."""
        with self._lock:
            cut = [one for one in self._open if application in {None, one.application}]
        for one in cut:
            one.cut()
        return len(cut)

    def blackhole(self, application: str | None = None) -> int:
        """Let every byte of the standing connections vanish, with nobody told; how many they are.

        Without an application also new connections get no answer.
        """
        with self._lock:
            self._dark = self._dark or application is None
            lost = [one for one in self._open if application in {None, one.application}]
            for one in lost:
                one.lost.set()
        return len(lost)

    def refuse(self) -> None:
        """Refuse new connections; those that stand go on."""
        with self._lock:
            listener, self._listener = self._listener, None
        if listener is not None:
            wire.end(listener)
            listener.close()

    def delay(self, seconds: float) -> None:
        """Keep every statement back for so long."""
        self._delay = seconds

    def heal(self) -> None:
        """Undo all faults. Connections that lost bytes are cut; plans are forgotten."""
        with self._lock:
            self._dark, self._delay = False, 0.0
            plans, self._plans = self._plans, []
            lost = [one for one in self._open if one.lost.is_set()]
            self._healed.set()
            self._healed = threading.Event()
        for plan in plans:
            plan.let_go()
        for one in lost:
            one.cut()
        self._listen()

    def _listen(self) -> None:
        with self._lock:
            if self._listener is not None:
                return
            self._listener = listener = wire.bound(self.port)
            listener.listen(128)
            self._start(self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                wire.at_once(client)
                connection = _Connection(self, client)
                with self._lock:
                    if self._listener is not listener:
                        client.close()
                        return
                    self._open.add(connection)
                    if self._dark:
                        connection.lost.set()
                    self._start(connection.serve)

    def _start(self, act: Callable[..., None], *words: object) -> None:
        thread = threading.Thread(target=act, args=words, name="proxy", daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()]
        self._threads.append(thread)
        thread.start()

    def _stop(self) -> None:
        self.refuse()
        with self._lock:
            self._healed.set()
            for plan in self._plans:
                plan.let_go()
        self.cut()
        for thread in self._threads:
            thread.join(JOIN_SECONDS)

    def _note(self, connection: _Connection, text: str) -> tuple[Statement, Plan | None]:
        """Write a statement down; the plan that is for it, if any."""
        with self._lock:
            self._counts[connection.application] += 1
            statement = Statement(
                application=connection.application,
                connection=connection.number,
                number=self._counts[connection.application],
                text=text,
            )
            self.trace.append(statement)
            for plan in self._plans:
                if plan.statement is None and plan.chosen(statement):
                    plan.statement = statement
                    return statement, plan
        return statement, None

    def _joined(self) -> int:
        with self._lock:
            self.connections += 1
            return self.connections

    def _left(self, connection: _Connection) -> None:
        with self._lock:
            self._open.discard(connection)

    def _kept_back(self) -> None:
        if self._delay:
            self._healed.wait(self._delay)


class _Connection:
    """One client and its session on the server. `lost`: its bytes vanish from now on."""

    def __init__(self, proxy: Proxy, client: socket.socket) -> None:
        self.application = ""
        self.number = 0
        self.lost = threading.Event()
        self._proxy = proxy
        self._client = client
        self._server: socket.socket | None = None
        self._over = threading.Event()
        self._parsed = ""
        self._turn: Statement | None = None
        self._plan: Plan | None = None
        # Set with the server's first readiness; what comes before is the login.
        self._ready = False

    def serve(self) -> None:
        try:
            with self._client, suppress(OSError):
                server = self._greeted()
                if server is None:
                    return
                down = threading.Thread(target=self._downward, args=(server,), daemon=True)
                down.start()
                try:
                    self._upward(server)
                finally:
                    self._leave(server)
                    down.join()
        finally:
            # Also one that was cut before the client's first words had passed.
            if self._server is not None:
                self._server.close()
            self._proxy._left(self)

    def cut(self) -> None:
        """End both sides at once."""
        self._over.set()
        for one in (self._client, self._server):
            if one is not None:
                wire.end(one)

    def _leave(self, other: socket.socket) -> None:
        """One side is gone; the other hears of it, unless nothing passes any more."""
        if self.lost.is_set():
            self._over.wait()
        wire.end(other)

    def _greeted(self) -> socket.socket | None:
        """Read the client's first words, and pass them on to a new session of the server."""
        while True:
            head = wire.exactly(self._client, 8)
            size, code = struct.unpack("!II", head)
            words = head + wire.exactly(self._client, size - 8)
            if code not in {SSL_REQUEST, GSS_REQUEST}:
                break
            self._client.sendall(b"N")
        if code != CANCEL_REQUEST:
            pairs = words[8:].rstrip(b"\0").split(b"\0")
            said = dict(zip(pairs[::2], pairs[1::2], strict=True))
            self.application = said.get(b"application_name", b"").decode()
            self.number = self._proxy._joined()
        if self.lost.is_set():
            self._over.wait()
            return None
        self._server = wire.session_of(self._proxy.target)
        if self._over.is_set():
            return None
        self._server.sendall(words)
        return self._server

    def _upward(self, server: socket.socket) -> None:
        for kind, data in wire.messages(self._client):
            begins = self._ready and self._turn is None and kind != b"X"
            if begins and not self._begin(kind, data):
                return
            if not self.lost.is_set():
                server.sendall(data)

    def _begin(self, kind: bytes, data: bytes) -> bool:
        """A new statement; whether the connection goes on."""
        if kind == b"Q":
            text = data[5:-1].decode()
        else:
            if kind == b"P":
                self._parsed = data[5:].split(b"\0")[1].decode()
            text = self._parsed
        self._turn, self._plan = self._proxy._note(self, text)
        self._proxy._kept_back()
        match self._plan:
            case Plan(fault=Fault.CUT_BEFORE) as plan:
                plan.met.set()
                self.cut()
                return False
            case Plan(fault=Fault.LOSE_BEFORE) as plan:
                self.lost.set()
                plan.met.set()
            case Plan(fault=Fault.HOLD) as plan:
                plan.met.set()
                plan.released.wait()
        return True

    def _downward(self, server: socket.socket) -> None:
        with suppress(OSError):
            for kind, data in wire.messages(server):
                after = self._plan if self._plan and self._plan.fault in AFTER else None
                if kind == b"Z":
                    self._answered()
                elif self._turn is not None:
                    self._told(self._turn, kind, data)
                if after is not None and kind == b"Z":
                    self.lost.set()
                    after.met.set()
                    if after.fault is Fault.CUT_AFTER:
                        self.cut()
                elif (after is None or kind in COPY_BEGINS) and not self.lost.is_set():
                    self._client.sendall(data)
        self._leave(self._client)

    def _told(self, turn: Statement, kind: bytes, data: bytes) -> None:
        if kind == b"C":
            turn.tags.append(data[5:-1].decode())
        elif kind == b"E":
            told = {one[:1]: one[1:].decode(errors="replace") for one in data[5:].split(b"\0")}
            turn.sqlstate = told.get(b"C")

    def _answered(self) -> None:
        self._ready = True
        if self._turn is not None:
            self._turn.answered = True
        self._turn = self._plan = None


@contextmanager
def proxy_before(target: Target) -> Iterator[Proxy]:
    """A proxy before the target's server, of whatever login; it is gone after the block."""
    # Bound for all the time, so that nobody takes the port while connections are refused.
    with wire.bound(0) as holder:
        proxy = Proxy(target, port=holder.getsockname()[1])
        proxy._listen()
        try:
            yield proxy
        finally:
            proxy._stop()


@cache
def _names() -> dict[str, str]:
    return {query.numbered: query.name for query in named_queries().values()}
