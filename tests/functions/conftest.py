"""The API function on a real database, and keys to call it with."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.fixtures.database import ScratchDatabase
from tests.functions.gateway import Gateway, Invocation, url_of
from tests.functions.wire import Wire, wire_to

import admin_function.application
import admin_function.handler
import worker_function.handler
from api_function import application, handler
from indexer.access.provisioning import IssuedKey, issue_key
from indexer.database.target import Target
from indexer.jobs.queue import JobQueue
from indexer.settings import Settings

IssueKey = Callable[..., IssuedKey]


@dataclass(frozen=True)
class ApiEnvironment:
    """One execution environment of the function; its variables are read by its first request."""

    variables: pytest.MonkeyPatch

    def set(self, **values: object) -> None:
        """Begin anew with these variables."""
        for name, value in values.items():
            self.variables.setenv(name, str(value))
        self.end()

    def use(self, target: Target) -> None:
        """Begin anew on another database."""
        self.set(DATABASE_URL=url_of(target))

    def end(self) -> None:
        """End the environment, as Lambda does with idle ones."""
        application.services.close()

    @property
    def client(self) -> Gateway:
        return Gateway(handler.lambda_handler)


@pytest.fixture
def issue(migrated_database: ScratchDatabase) -> Iterator[IssueKey]:
    """Makes keys as the admin does."""
    with migrated_database.database(migrated_database.admin_role) as database:

        def make(email: str = "ada@example.com", tier: str = "team") -> IssuedKey:
            return issue_key(database, Settings(), email=email, tier=tier, name="tests")

        yield make


@pytest.fixture
def environment(
    migrated_database: ScratchDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ApiEnvironment]:
    """A fresh execution environment."""
    for variable in ("SUPABASE_DB_URL", "WORKER_FUNCTION_NAME", "API_KEY_PEPPER"):
        monkeypatch.delenv(variable, raising=False)
    fresh = ApiEnvironment(monkeypatch)
    fresh.set(HEALTH_CACHE_SECONDS=0)
    fresh.use(migrated_database.api)
    yield fresh
    fresh.end()


@pytest.fixture
def stranger(environment: ApiEnvironment) -> Gateway:
    """A client without a key."""
    return environment.client


@pytest.fixture
def ada(stranger: Gateway, issue: IssueKey) -> Gateway:
    """A client with a key of the tier team."""
    return stranger.with_key(issue().api_key)


@pytest.fixture
def call(ada: Gateway) -> Callable[..., list[str]]:
    """What a tool of coding agents says, line by line."""

    def ask(tool: str, *, failed: bool = False, **arguments: object) -> list[str]:
        answer = ada.request(
            "POST",
            "/mcp",
            json_body={
                "jsonrpc": "2.0",
                "id": 1,
                "method": "tools/call",
                "params": {"name": tool, "arguments": arguments},
            },
        )
        assert answer.status == 200, answer.text
        result = answer.json["result"]
        assert result["isError"] is failed, result
        (content,) = result["content"]
        return content["text"].split("\n")

    return ask


@pytest.fixture
def eve(stranger: Gateway, issue: IssueKey) -> Gateway:
    """Another tenant's client."""
    return stranger.with_key(issue("eve@example.com").api_key)


@pytest.fixture
def queue(migrated_database: ScratchDatabase) -> Iterator[JobQueue]:
    """The worker's side of the queue."""
    with migrated_database.database(migrated_database.worker) as database:
        yield JobQueue(database, Settings(), jitter=lambda: 0.0)


@pytest.fixture
def wire(migrated_database: ScratchDatabase, environment: ApiEnvironment) -> Iterator[Wire]:
    """The environment's way to its database, under watch."""
    with wire_to(migrated_database.api) as found:
        environment.use(replace(migrated_database.api, host="127.0.0.1", port=found.port))
        yield found
        environment.end()


ADMIN_KEY = "an-admin-key-of-forty-characters-000000"


@dataclass(frozen=True)
class AdminEnvironment:
    """One execution environment of the admin function."""

    variables: pytest.MonkeyPatch

    def set(self, **values: object) -> None:
        """Begin anew with these variables."""
        for name, value in values.items():
            self.variables.setenv(name, str(value))
        self.end()

    def use(self, target: Target, **values: object) -> None:
        """Begin anew on another database."""
        self.set(DATABASE_URL=url_of(target), **values)

    def end(self) -> None:
        """End the environment, as Lambda does with idle ones."""
        admin_function.application.administrations.close()

    @property
    def client(self) -> Gateway:
        return Gateway(admin_function.handler.lambda_handler)

    def invoke(self, **event: Any) -> Any:
        """Perform an action as a plain invocation; its answer as JSON gives it."""
        answer = admin_function.handler.lambda_handler(event, Invocation())
        return json.loads(json.dumps(answer))


@pytest.fixture
def admin(
    migrated_database: ScratchDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AdminEnvironment]:
    """The admin function on a migrated database."""
    for variable in (
        *("SUPABASE_DB_URL", "MIGRATION_DATABASE_URL", "API_KEY_PEPPER"),
        "ADMIN_ALLOWED_NETWORKS",
    ):
        monkeypatch.delenv(variable, raising=False)
    fresh = AdminEnvironment(monkeypatch)
    fresh.set(ADMIN_API_KEY=ADMIN_KEY)
    fresh.use(migrated_database.admin_role)
    yield fresh
    fresh.end()


@pytest.fixture
def operator(admin: AdminEnvironment) -> Gateway:
    """A client with the admin key."""
    return admin.client.with_key(ADMIN_KEY)


@pytest.fixture
def worker_variables(
    monkeypatch: pytest.MonkeyPatch, migrated_database: ScratchDatabase
) -> Iterator[pytest.MonkeyPatch]:
    """The variables of the worker function, which its first event reads."""
    monkeypatch.setenv("DATABASE_URL", url_of(migrated_database.worker))
    monkeypatch.setenv("WORKER_FUNCTION_NAME", "")
    yield monkeypatch
    worker_function.handler.environment_worker.close()
