"""The proxy that other tests trust: each fault, seen from the client and from the server."""

import socket
import threading
from contextlib import closing, suppress

import psycopg
import pytest
from tests.support import postgres_wire as wire
from tests.support.proxy import Fault, numbered, proxy_before
from tests.support.waiting import eventually

from indexer.database.connection import Database
from indexer.database.failures import DatabaseError, DatabaseUnavailable

# What one write is on the wire; pg8000 sends a statement with parameters in three parts.
WRITES = {
    "psycopg": ["BEGIN", "note_default_ref", "COMMIT"],
    "pg8000": ["BEGIN", *["note_default_ref"] * 3, "COMMIT"],
}


@pytest.fixture
def place(migrated_database, make_tenant):
    """A repository, to write something into it."""
    return migrated_database.value(
        "INSERT INTO kotadb.repositories (tenant_id, clone_url, full_name) "
        "VALUES (%s, 'https://github.com/ada/engine.git', 'ada/engine') RETURNING repository_id",
        make_tenant(),
    )


@pytest.fixture
def proxy(migrated_database):
    with proxy_before(migrated_database.worker) as running:
        yield running


@pytest.fixture
def database(proxy, migrated_database, driver):
    way = proxy.way_to(migrated_database.worker)
    with closing(Database(way, driver=driver, application="tests")) as opened:
        yield opened


@pytest.fixture
def write(database, place):
    def write(ref):
        with database.transaction() as statements:
            statements.execute("note_default_ref", repository_id=place, default_ref=ref)

    return write


@pytest.fixture
def written(migrated_database):
    """What a write left behind, once no session of the tests is in a transaction any more."""

    def written():
        eventually(lambda: not sessions(migrated_database, "AND xact_start IS NOT NULL"))
        return migrated_database.value("SELECT default_ref FROM kotadb.repositories")

    return written


def sessions(scratch, which=""):
    return scratch.value(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        f"AND application_name = 'tests' {which}"
    )


def copied():
    return (b"%d\ttext\n" % number for number in range(5_000))


def is_commit(statement):
    return statement.text == "COMMIT"


def in_background(act):
    def quietly():
        with suppress(DatabaseError):
            act()

    thread = threading.Thread(target=quietly)
    thread.start()
    return thread


def test_the_trace_names_each_statement_and_says_what_the_server_answered(
    proxy, database, write, written, driver
):
    write("main")
    assert [one.name for one in proxy.trace] == WRITES[driver]
    assert [one.number for one in proxy.trace] == list(range(1, len(proxy.trace) + 1))
    assert {one.application for one in proxy.trace} == {"tests"}
    assert [one.tags for one in proxy.trace if one.tags] == [["BEGIN"], ["UPDATE 1"], ["COMMIT"]]
    assert all(one.answered for one in proxy.trace)
    assert written() == "main"
    proxy.forget()
    with pytest.raises(DatabaseError):
        database.execute("note_default_ref", repository_id="no-uuid", default_ref="main")
    assert [one.sqlstate for one in proxy.trace if one.sqlstate] == ["22P02"]
    assert proxy.trace[0].number == 1
    assert proxy.connections == 1


def test_a_copy_is_one_statement(proxy, database, driver):
    proxy.forget()
    with database.transaction() as statements:
        statements.script("make_staging")
        statements.copy("copy_texts", copied())
    copies = [one for one in proxy.trace if one.name == "copy_texts"]
    assert [one.tags for one in copies if one.tags] == [["COPY 5000"]]
    assert len(copies) == len({"psycopg": "1", "pg8000": "123"}[driver])


@pytest.mark.parametrize(
    ("driver", "k"), [(one, k) for one, names in WRITES.items() for k in range(1, len(names) + 1)]
)
def test_a_statement_that_was_cut_before_did_not_happen(proxy, write, written, k):
    plan = proxy.plan(Fault.CUT_BEFORE, numbered("tests", k))
    with pytest.raises(DatabaseUnavailable):
        write("main")
    assert plan.met.is_set()
    assert plan.statement is proxy.trace[k - 1]
    assert not plan.statement.answered
    assert written() is None
    write("next")
    assert written() == "next"
    assert proxy.connections == 2


def test_a_commit_that_was_cut_after_did_happen_and_nobody_was_told(proxy, write, written):
    plan = proxy.plan(Fault.CUT_AFTER, is_commit)
    with pytest.raises(DatabaseUnavailable):
        write("main")
    assert plan.met.is_set()
    assert plan.statement.tags == ["COMMIT"]
    assert written() == "main"


# The rows go in the turn after BEGIN and the staging, with pg8000 in the third of the COPY.
@pytest.mark.parametrize(("driver", "number"), [("psycopg", 3), ("pg8000", 5)])
def test_a_copy_that_was_cut_after_was_done_whole(proxy, database, number):
    plan = proxy.plan(Fault.CUT_AFTER, numbered("tests", number))

    def copy():
        with database.transaction() as statements:
            statements.script("make_staging")
            statements.copy("copy_texts", copied())

    with pytest.raises(DatabaseUnavailable):
        copy()
    assert plan.met.is_set()
    assert (plan.statement.name, plan.statement.tags) == ("copy_texts", ["COPY 5000"])


@pytest.mark.parametrize(("fault", "left"), [(Fault.LOSE_BEFORE, None), (Fault.LOSE_AFTER, "main")])
def test_a_lost_statement_leaves_its_client_waiting_until_the_proxy_heals(
    proxy, write, migrated_database, fault, left
):
    plan = proxy.plan(fault, is_commit)
    waiting = in_background(lambda: write("main"))
    assert plan.met.wait(20)
    assert waiting.is_alive()
    assert sessions(migrated_database) == 1
    assert migrated_database.value("SELECT default_ref FROM kotadb.repositories") == left
    proxy.heal()
    waiting.join(20)
    assert not waiting.is_alive()
    eventually(lambda: sessions(migrated_database) == 0)


def test_a_statement_is_held_for_as_long_as_a_test_wants(proxy, write, written):
    plan = proxy.plan(Fault.HOLD, is_commit)
    waiting = in_background(lambda: write("main"))
    assert plan.met.wait(20)
    assert waiting.is_alive()
    assert not plan.statement.answered
    plan.let_go()
    waiting.join(20)
    assert written() == "main"


def test_a_plan_is_carried_out_once(proxy, write, written):
    proxy.plan(Fault.CUT_BEFORE, is_commit)
    with pytest.raises(DatabaseUnavailable):
        write("main")
    write("main")
    assert written() == "main"


def test_the_connections_of_one_application_are_cut_and_others_stand(
    proxy, database, migrated_database, driver
):
    way = proxy.way_to(migrated_database.worker)
    with closing(Database(way, driver=driver, application="other")) as other:
        other.fetch_one("database_answers")
        database.fetch_one("database_answers")
        assert proxy.cut("other") == 1
        database.fetch_one("database_answers")
        assert proxy.connections == 2
        eventually(other._open.stale)
        other.fetch_one("database_answers")
        assert proxy.connections == 3


def test_refused_connections_are_refused_at_once_and_taken_again_later(proxy, database):
    database.fetch_one("database_answers")
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", proxy.port))
    database.fetch_one("database_answers")  # its connection stands
    proxy.cut()
    with pytest.raises(DatabaseUnavailable):
        database.fetch_one("database_answers")
    proxy.heal()
    assert database.fetch_one("database_answers") == {"answer": 1}


def test_a_session_that_ends_before_the_first_words_have_passed_is_closed(database, monkeypatch):
    made = []

    def ended(target, begin=wire.session_of):
        made.append(begin(target))
        wire.end(made[-1])
        return made[-1]

    with monkeypatch.context() as patched:
        patched.setattr(wire, "session_of", ended)
        with pytest.raises(DatabaseUnavailable):
            database.fetch_one("database_answers")
    assert made
    eventually(lambda: all(one.fileno() == -1 for one in made))
    assert database.fetch_one("database_answers") == {"answer": 1}


def test_in_a_black_hole_standing_and_new_connections_hear_nothing(
    proxy, database, migrated_database
):
    database.fetch_one("database_answers")
    assert proxy.blackhole() == 1
    threads = [in_background(lambda: database.fetch_one("database_answers"))]
    with closing(Database(proxy.way_to(migrated_database.worker), connect_seconds=2)) as late:
        with pytest.raises(DatabaseUnavailable):
            late.fetch_one("database_answers")
        assert threads[0].is_alive()
        assert sessions(migrated_database) == 1  # the server knows of nothing
        proxy.heal()
        threads[0].join(20)
        assert not threads[0].is_alive()
        assert late.fetch_one("database_answers") == {"answer": 1}
    assert database.fetch_one("database_answers") == {"answer": 1}


def test_a_slow_database_answers_and_keeps_nobody_waiting_after_it_healed(proxy, database):
    database.fetch_one("database_answers")
    proxy.delay(3_600)
    waiting = in_background(lambda: database.fetch_one("database_answers"))
    eventually(lambda: not proxy.trace[-1].answered)
    assert waiting.is_alive()
    proxy.heal()
    waiting.join(20)
    assert not waiting.is_alive()
    assert proxy.trace[-1].answered


@pytest.mark.parametrize("driver", ["psycopg"])  # the other cannot ask the server
def test_a_statement_can_be_cancelled_through_the_proxy(proxy, database, migrated_database):
    with migrated_database.connection() as holder, holder.transaction():
        holder.execute("LOCK TABLE kotadb.snapshots IN ACCESS EXCLUSIVE MODE")
        waiting = in_background(lambda: database.fetch_all("retired_snapshots", batch_size=1))
        eventually(lambda: sessions(migrated_database, "AND wait_event_type = 'Lock'"))
        database.cancel()
        waiting.join(20)
        assert not waiting.is_alive()
    assert proxy.connections == 1
    assert [one.sqlstate for one in proxy.trace] == ["57014"]


def test_nothing_of_a_proxy_is_left_after_its_block(migrated_database):
    before = threading.active_count()
    with proxy_before(migrated_database.worker) as proxy:
        way = proxy.way_to(migrated_database.worker)
        with closing(Database(way, application="tests")) as one:
            one.fetch_one("database_answers")
            proxy.plan(Fault.LOSE_BEFORE, lambda _statement: True)
            waiting = in_background(lambda: one.fetch_one("database_answers"))
            eventually(lambda: len(proxy.trace) == 2)
    waiting.join(20)
    assert threading.active_count() == before
    assert eventually(lambda: not sessions(migrated_database))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host="127.0.0.1", port=proxy.port, user="nobody", dbname="nothing")
