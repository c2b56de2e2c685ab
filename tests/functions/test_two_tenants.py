"""What is another tenant's is answered as what does not exist, on every route there is.

Two requests of one tenant that differ only in whether another tenant has what they ask for must get
one answer, by the same statements with the same plans. Requests are drawn from the description, so
a new route is tried by itself; a parameter that no list below knows fails the test.
"""

import base64
import itertools
import json
import re
from contextlib import closing
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from tests.fixtures.database import ScratchDatabase
from tests.functions.contents import contents_of
from tests.functions.described import DESCRIPTION
from tests.functions.gateway import Answer, Gateway
from tests.functions.questions import Filling, Question, questions
from tests.functions.wire import Sent
from tests.functions.world import PLAIN, REFERENCES, Values, ask_once, make_world, nothing

from admin_function.application import application as admin_application
from api_function.application import application
from indexer.database.target import Target

EXAMPLES = 8
# Routes that ask for no tenant's key, and why nothing of a tenant can be asked for there.
OPEN = {
    "GET /docs": "a page that is made from the description",
    "GET /health": "figures of all tenants together",
    "GET /openapi.json": "the description",
    "GET /ui": "a page that holds no data",
    "POST /webhooks/github": "GitHub's signature is asked for before anything is read",
}
SIGNED = {"x-hub-signature-256", "x-github-event", "x-github-delivery"}
# Of one request and its moment, and nothing that was asked for.
OF_THE_REQUEST = {"x-request-id", "x-ratelimit-remaining", "x-ratelimit-reset", "date"}
OF_THE_MOMENT = {"request_id", "age_seconds", "created_at", "valid_until", "api_key", "key_id"}
UUID_TEXT = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@st.composite
def drawn(draw, question: Question, theirs: Values, absent: Values):
    """Two fillings of one question: with what the other tenant has, and with what nobody has."""
    asked: list[dict[str, dict[str, Any]]] = [{}, {}]
    for place, required in question.required.items():
        optional = [name for name in sorted(question.optional[place]) if draw(st.booleans())]
        for filling in asked:
            filling[place] = {}
        for name in [*sorted(required), *optional]:
            if name == "cursor":
                continue
            if name in PLAIN:
                both = (draw(st.sampled_from(PLAIN[name])),) * 2
            else:
                choice = draw(st.integers(0, len(theirs[name]) - 1))
                both = (theirs[name][choice], absent[name][choice])
            for filling, value in zip(asked, both, strict=True):
                filling[place][name] = value
    return asked


def with_cursor(question, owner, parts, theirs, absent):
    """The fillings with the cursor that the owner gets, and with one that leads to nobody's."""
    first = {**parts[0], "query": {**parts[0]["query"], "limit": 1}}
    answer = question.send(owner, first)
    cursor = answer.json.get("next_cursor") if answer.status == 200 else None
    assume(cursor)
    place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    for name, values in theirs.items():
        for has, has_not in zip(values, absent[name], strict=True):
            # A cursor holds no list.
            if isinstance(has, str):
                place = [moved(one, has, has_not) for one in place]
    told = json.dumps(place, separators=(",", ":"), ensure_ascii=False)
    other = base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")
    return [
        {**filling, "query": {**filling["query"], "cursor": one}}
        for filling, one in zip(parts, (cursor, other), strict=True)
    ]


def moved(part: Any, has: str, has_not: str) -> Any:
    """A part of a cursor that names nobody's thing. An id holds letters of a name by chance."""
    if not isinstance(part, str) or UUID_TEXT.fullmatch(part):
        return has_not if part == has else part
    return part.replace(has, has_not)


def seen(answer: Answer, filling: Filling) -> Any:
    """An answer without what differs between any two."""
    body = answer.json if answer.text else None
    if answer.status in {201, 202} and answer.text:
        # What was made has an id of its own, and is called as its maker wished.
        text = UUID_TEXT.sub("an id", answer.text)
        for value in filling["body"].values():
            text = text.replace(json.dumps(value), '"as asked for"')
        body = json.loads(text)
    asked = filling["query"]
    for term in f"{asked.get('q', '')} {asked.get('ref', '')}".split():
        # What was looked for may be named in the answer.
        body = json.loads(json.dumps(body).replace(json.dumps(term)[1:-1], "as asked for"))
    headers = {
        name: UUID_TEXT.sub("an id", value)
        for name, value in answer.headers.items()
        if name not in OF_THE_REQUEST
    }
    return answer.status, headers, without_the_moment(body)


def without_the_moment(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: without_the_moment(member)
            for name, member in value.items()
            if name not in OF_THE_MOMENT
        }
    if isinstance(value, list):
        return [without_the_moment(member) for member in value]
    return value


def plans_of(target: Target, sent: list[Sent]) -> list[str]:
    """The statements with their plans, as the server makes them for these very parameters."""
    plans = []
    with closing(
        psycopg.connect(
            host=target.host,
            port=target.port,
            user=target.user,
            password=target.password or "",
            dbname=target.dbname,
            sslmode=target.sslmode,
            autocommit=True,
        )
    ) as connection:
        for one in sent:
            explained = not one.text.startswith(("BEGIN", "COMMIT", "ROLLBACK"))
            text = f"EXPLAIN (COSTS OFF) {one.text}" if explained else one.text
            if explained:
                result = connection.pgconn.exec_params(
                    text.encode(), list(one.values), one.types, one.formats
                )
            else:
                result = connection.pgconn.exec_(text.encode())
            assert not result.error_message, result.error_message.decode()
            lines = [(result.get_value(row, 0) or b"").decode() for row in range(result.ntuples)]
            plans.append("\n".join(map(shape_of, [one.text, *lines])))
    return plans


def shape_of(line: str) -> str:
    """A line of a plan without the parameters that stand in it."""
    return re.sub(r"'[^']*'|\b\d+\b", "?", line)


@pytest.fixture
def mallory(migrated_database: ScratchDatabase, issue, stranger) -> Gateway:
    """Who asks for it, with a world of his own."""
    key = issue("mallory@example.com")
    make_world(migrated_database, key.tenant_id, "mallory")
    return stranger.with_key(key.api_key)


@pytest.fixture
def theirs(migrated_database: ScratchDatabase, issue, mallory: Gateway) -> Values:
    """What Ada has; made last, since her waiting job is the next that a worker would take."""
    assert mallory.key
    values = make_world(migrated_database, tenant_id := issue().tenant_id, "ada")
    waiting = ask_once(migrated_database, tenant_id, "ada/other", key="ada-key")
    return {**values, "job_id": [str(waiting), *values["job_id"]]}


def test_every_route_is_a_tenants_an_operators_or_open_for_a_reason():
    """A route that is none of these would be asked by no property below."""
    tenants, operators = questions(application), questions(admin_application)
    described = {
        f"{method.upper()} {path}"
        for path, methods in DESCRIPTION["paths"].items()
        for method in methods
    }
    assert described == set(map(str, [*tenants, *operators]))
    assert {str(one) for one in tenants if not one.protected} == set(OPEN)
    assert set().union(*(one.names for one in tenants if not one.protected)) == SIGNED
    assert {str(one) for one in operators if not one.protected} == {"GET /admin/ui"}


def planned_alike(scratch, asked):
    """The plans of each answer's statements; made anew where an autovacuum came between the two."""
    for _ in range(3):
        # What the planner knows of all tenants' values would choose between two plans of one cost.
        scratch.sql("DELETE FROM pg_statistic WHERE starelid >= 16384")
        plans = [plans_of(scratch.api, sent) for sent in asked]
        if plans[0] == plans[1]:
            break
    return plans


@pytest.mark.proves("J18")
@pytest.mark.parametrize(
    "question", [one for one in questions(application) if one.protected], ids=str
)
def test_what_another_tenant_has_is_answered_as_what_does_not_exist(
    question, migrated_database, environment, wire, theirs, mallory, ada, stranger, issue
):
    unknown = question.names - REFERENCES - set(PLAIN)
    assert not unknown, f"say in tests/functions/world.py what they lead to: {sorted(unknown)}"
    environment.set(REQUESTS_PER_HOUR_TEAM=10**6)
    ada.get("/jobs")  # an environment's first request also looks at its login
    absent = nothing()
    answered: set[int] = set()
    strangers = itertools.count()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn(question, theirs, absent), st.booleans())
    def hold(parts, paged):
        if paged and "cursor" in question.names:
            parts = with_cursor(question, ada, parts, theirs, absent)
        answers, asked = [], []
        for filling in parts:
            # Who was given something by a request before is no stranger to it any more.
            asking = mallory
            if question.method != "GET":
                asking = stranger.with_key(issue(f"mallory{next(strangers)}@example.com").api_key)
            before = contents_of(migrated_database)
            wire.forget()
            answers.append(question.send(asking, filling))
            asked.append(list(wire.sent))
            if answers[-1].status >= 400 or question.method == "GET":
                assert contents_of(migrated_database) == before
        first, second = (seen(*one) for one in zip(answers, parts, strict=True))
        assert first == second
        plans = planned_alike(migrated_database, asked)
        assert plans[0] == plans[1]
        assert len(plans[0]) > 0
        if question.method == "GET":
            answered.add(question.send(ada, parts[0]).status)

    hold()
    if question.method == "GET":
        assert 200 in answered, "nothing of this was ever there to be hidden"
    else:
        assert question.send(ada, question.with_required({**PLAIN, **theirs})).status < 300
