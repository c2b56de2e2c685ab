"""The database away, on every route: an answer soon, that says when to try again."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

import pytest
from tests.functions.gateway import Answer, Gateway, Invocation
from tests.functions.questions import Question, questions
from tests.functions.world import PLAIN, make_world, nothing
from tests.support.proxy import proxy_before

from admin_function.application import application as admin_application
from api_function import handler
from api_function.application import application as api_application
from indexer.http.application import RESERVE_SECONDS

HOST = "127.0.0.1"
# What a pooler says that has no room, or whose own server is away.
POOLER_SAYS = b"SFATAL\0VFATAL\0C08P01\0Mno more connections allowed\0\0"
API, ADMIN = questions(api_application), questions(admin_application)
# What is not signed is refused before a database is asked.
NEED_NO_DATABASE = {
    **dict.fromkeys(("/openapi.json", "/docs", "/ui", "/admin/ui"), 200),
    "/webhooks/github": 403,
}
VALUES = {
    **PLAIN,
    **nothing(),
    **{name: ["engines"] for name in ("key_id", "organization")},
    **{name: ["ada@example.com"] for name in ("email", "user")},
    "installation_id": ["77"],
    "priority": [0],
}


def sent(question: Question, client: Gateway) -> Answer:
    """The answer to the shortest request that there is nothing to say against."""
    filling = question.with_required(VALUES)
    if question.takes_body and {"email", "organization"} <= question.optional["body"]:
        filling["body"]["email"] = "ada@example.com"  # or an organisation: one of the two
    return question.send(client, filling)


@contextmanager
def listening(answer: bytes | None) -> Iterator[int]:
    """A port where somebody listens who says this to everybody and hangs up; None: says nothing."""
    with socket.create_server((HOST, 0), backlog=64) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    with client, suppress(OSError):
                        client.recv(4_096)
                        client.sendall(answer or b"")

        thread = threading.Thread(target=serve)
        if answer is not None:
            thread.start()
        yield listener.getsockname()[1]
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        if thread.is_alive():
            thread.join(5)


@pytest.fixture(params=["refused", "silent", "pooler"])
def away_port(request) -> Iterator[int]:
    """The port of a database that is not to be had, in each of its ways."""
    if request.param == "refused":
        yield 1
        return
    message = b"E" + struct.pack("!I", len(POOLER_SAYS) + 4) + POOLER_SAYS
    with listening(message if request.param == "pooler" else None) as port:
        yield port


def hold_to_the_contract(answer: Answer) -> None:
    assert (answer.status, answer.code) == (503, "database_unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["x-request-id"] == answer.json["request_id"]
    # Far below the 30 s of the gateway; a loaded machine adds seconds of its own.
    assert answer.seconds < 10
    assert HOST not in answer.text


@pytest.mark.proves("J23")
@pytest.mark.parametrize("driver", ["psycopg", "pg8000"])
def test_every_route_of_the_api_says_soon_that_the_database_is_away(
    environment, ada, migrated_database, away_port, driver
):
    environment.set(DATABASE_CONNECT_SECONDS=0.2, DATABASE_DRIVER=driver)
    environment.use(replace(migrated_database.api, host=HOST, port=away_port))
    for question in API:
        answer = sent(question, ada)
        if question.path in NEED_NO_DATABASE:
            assert answer.status == NEED_NO_DATABASE[question.path]
        elif question.path == "/health":
            assert (answer.status, answer.code) == (500, "database_unavailable")
        else:
            hold_to_the_contract(answer)


@pytest.mark.proves("J23")
def test_every_route_of_the_administration_says_soon_that_the_database_is_away(
    admin, operator, migrated_database, away_port
):
    admin.set(DATABASE_CONNECT_SECONDS=0.2)
    admin.use(replace(migrated_database.admin_role, host=HOST, port=away_port))
    for question in ADMIN:
        if question.path not in NEED_NO_DATABASE:
            hold_to_the_contract(sent(question, operator))


@pytest.mark.proves("J23", "O5")
def test_the_wait_for_a_silent_database_is_short_by_itself(environment, ada, migrated_database):
    with listening(None) as port:
        environment.use(replace(migrated_database.api, host=HOST, port=port))
        hold_to_the_contract(ada.get("/jobs"))
        health = ada.get("/health")
    assert (health.status, health.code) == (500, "database_unavailable")
    assert health.seconds < 3


@pytest.mark.proves("J23")
def test_the_administration_waits_no_longer(admin, operator, migrated_database):
    with listening(None) as port:
        admin.use(replace(migrated_database.admin_role, host=HOST, port=port))
        for path in ("/admin/sweep", "/admin/migrate"):
            hold_to_the_contract(operator.post(path))


@pytest.mark.proves("J23")
@pytest.mark.parametrize("question", [one for one in API if one.protected], ids=str)
def test_every_route_gives_a_database_up_that_falls_silent(environment, ada, wire, question):
    environment.set(DATABASE_ANSWER_SECONDS=0.2)
    assert ada.get("/jobs").status == 200
    wire.fall_silent()
    hold_to_the_contract(sent(question, ada))


# What the statements of one request may take together, and each of them, in a drill.
TOGETHER_SECONDS, EACH_SECONDS = 0.8, 0.3


@dataclass(frozen=True)
class Ending(Invocation):
    """An invocation that Lambda kills when its time is over."""

    ends: float = field(
        default_factory=lambda: time.monotonic() + TOGETHER_SECONDS + RESERVE_SECONDS
    )

    def get_remaining_time_in_millis(self) -> int:
        return int(1000 * (self.ends - time.monotonic()))


@pytest.mark.proves("J23")
def test_statements_that_are_slow_each_are_given_up_together_before_lambda_kills_the_request(
    environment, issue, migrated_database
):
    """With two seconds for each statement a request of eight would not live to say anything."""
    key = issue()
    values = {**PLAIN, **make_world(migrated_database, key.tenant_id, "ada")}
    client = Gateway(lambda event, _: handler.lambda_handler(event, Ending()), key.api_key)
    given_up = set()
    with proxy_before(migrated_database.api) as proxy:
        environment.use(proxy.way_to(migrated_database.api))
        assert client.get("/jobs").status == 200
        proxy.delay(EACH_SECONDS)
        for question in (one for one in API if one.protected):
            answer = question.send(client, question.with_required(values))
            assert answer.seconds < TOGETHER_SECONDS + RESERVE_SECONDS / 2, question
            if answer.status == 503:
                hold_to_the_contract(answer)
                given_up.add(question.path)
        proxy.heal()
        # What was given up holds nothing back afterwards.
        assert client.get("/jobs").status == 200
    assert {"/jobs", "/search", "/occurrences", "/dependencies", "/impact"} <= given_up
    assert "/index" not in given_up
