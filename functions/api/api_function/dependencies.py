"""What routes are given: the tenant who asks, and the things of this execution environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast

from aws_lambda_powertools.event_handler import Request
from aws_lambda_powertools.event_handler.depends import Depends

from indexer.access.tenants import Tenant, Unauthenticated
from indexer.database.connection import Database, open_database
from indexer.database.logins import CheckedDatabase
from indexer.http.application import Scope, scope_of
from indexer.jobs.health import HealthMonitor
from indexer.jobs.queue import JobQueue
from indexer.jobs.wake import WorkerWaker
from indexer.settings import Settings
from indexer.webhooks.deliveries import Deliveries

# On a route: the caller must be known. The handler enforces exactly what the description says.
PROTECTED: list[dict[str, list[str]]] = [{"apiKey": []}]


class Services:
    """One execution environment's settings, its one connection, and what works on it."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.health = HealthMonitor(database, settings)
        self.queue = JobQueue(database, settings)
        self.waker = WorkerWaker(settings)
        self._database = database
        self._checked = CheckedDatabase(database)

    def hurry(self, seconds_left: Callable[[], float]) -> None:
        """Give the database up where it would not answer within this time; until the next call."""
        self._database.hurry(seconds_left)

    @property
    def deliveries(self) -> Deliveries:
        """What takes the deliveries of GitHub.

        Raises:
            LoginTooPowerful, DatabaseError: as `database`.
        """
        return Deliveries(self.database, self.settings)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Services:
        """The services that these variables describe; nothing is connected yet.

        Raises:
            ConfigurationError: a variable is missing or cannot be used.
        """
        settings = Settings.from_environment(environment)
        database = open_database(
            environment,
            driver=settings.database_driver,
            connect_seconds=settings.database_connect_seconds,
            answer_seconds=settings.database_answer_seconds,
            application="kotadb-api",
        )
        return cls(settings, database)

    @property
    def database(self) -> Database:
        """The connection, its login checked once.

        Raises:
            LoginTooPowerful: the login would pass by the tenants' policies.
            DatabaseError: the database did not answer.
        """
        return self._checked.get()

    def close(self) -> None:
        """Close the connection, if one is open."""
        self._checked.close()


@dataclass(slots=True, kw_only=True)
class ApiScope(Scope):
    """One request to the API: who asks, once that is settled, and from where."""

    tenant: Tenant | None = None
    services: Services | None = None
    source_address: object = None

    @property
    def caller(self) -> Mapping[str, Any]:
        """The tenant, for the log."""
        return {"tenant_id": None if self.tenant is None else str(self.tenant.tenant_id)}


def current_scope(request: Request) -> ApiScope:
    """The scope that was opened for this request."""
    return cast("ApiScope", scope_of(request))


def authenticated_tenant(request: Request) -> Tenant:
    """The tenant who asks.

    Raises:
        Unauthenticated: nobody was admitted, as on a route that is not marked as protected.
    """
    tenant = current_scope(request).tenant
    if tenant is None:
        raise Unauthenticated(key_given=False)
    return tenant


def current_services(request: Request) -> Services:
    """The services of this execution environment."""
    services = current_scope(request).services
    if services is None:
        raise AssertionError("admit gives every scope its services")
    return services


def current_headers(request: Request) -> Mapping[str, str]:
    """The headers of the request, by their names in small letters."""
    return {name.lower(): value for name, value in request.headers.items()}


CurrentHeaders = Annotated[Mapping[str, str], Depends(current_headers)]
CurrentScope = Annotated[ApiScope, Depends(current_scope)]
CurrentTenant = Annotated[Tenant, Depends(authenticated_tenant)]
CurrentServices = Annotated[Services, Depends(current_services)]
