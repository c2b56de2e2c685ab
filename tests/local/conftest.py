"""What the tests of the local run share."""

import io
import json

import pytest
from tests.local.person import person_on
from tests.support.repositories import Repository

from kotadb_local.environments import FunctionDefinition
from kotadb_local.event_log import EventLog
from kotadb_local.functions import Function


class RecordedLog(EventLog):
    """A log whose lines a test can read while it is written."""

    def __init__(self):
        self.buffer = io.BytesIO()
        super().__init__(self.buffer)

    def lines(self):
        return self.buffer.getvalue().decode().splitlines()

    def events(self, message):
        found = [json.loads(line) for line in self.lines() if line.startswith("{")]
        return [event for event in found if event["message"] == message]


@pytest.fixture
def log():
    return RecordedLog()


@pytest.fixture
def define():
    def define(handler, *, name="kotadb-test", **changes):
        values = {"environment": {}, "timeout": 20.0, "memory_mb": 256, "concurrency": 2} | changes
        return FunctionDefinition(
            name=name, handler=f"tests.local.stub_handlers.{handler}", **values
        )

    return define


@pytest.fixture
def function(define, log):
    """Makes functions, and stops them at the end."""
    made = []

    def function(handler, **changes):
        made.append(Function(define(handler, **changes), log))
        return made[-1]

    yield function
    for one in made:
        one.stop(drain_seconds=0)


@pytest.fixture
def person(tmp_path, fresh_database):
    """A person with a home of their own, on a database of the tests' server."""
    with person_on(tmp_path, fresh_database) as one:
        yield one


@pytest.fixture(scope="module")
def serving_person(tmp_path_factory, fresh_copy):
    """A person whose service runs, and their database."""
    with fresh_copy() as database, person_on(tmp_path_factory.mktemp("served"), database) as one:
        one.up()
        yield one, database


@pytest.fixture
def served(serving_person):
    """A person whose service runs, and who has no repositories yet."""
    person, database = serving_person
    yield person
    database.sql("DELETE FROM kotadb.repositories")


@pytest.fixture
def newcomer(tmp_path, empty_database):
    """As a person, on a database that has nothing of ours yet."""
    with person_on(tmp_path, empty_database) as one:
        yield one


@pytest.fixture
def shop(tmp_path):
    """A repository with a definition and a use of it."""
    repository = Repository.create(tmp_path / "shop")
    repository.commit_files(
        {
            "src/cart.ts": b'import { total } from "./money";\nexport const sum = total([1]);\n',
            "src/money.ts": b"export function total(all: number[]) { return all.length; }\n",
        }
    )
    return repository.path
