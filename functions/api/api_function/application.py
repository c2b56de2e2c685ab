"""The routes, joined into one application: who asks is known before a route is entered."""

from __future__ import annotations

from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from api_function.dependencies import ApiScope, Services
from indexer.access.tenants import authenticate
from indexer.environment import FromEnvironment
from indexer.http.application import Application
from indexer.http.events import source_address_of

services = FromEnvironment(Services.from_environment)


def admit(request: APIGatewayProxyEventV2, route: Route, scope: ApiScope) -> None:
    """Give the request its services and, on a route that is marked as protected, its tenant.

    Raises:
        Unauthenticated, RateLimited: the caller may not ask, or not now.
        ConfigurationError, DatabaseError: nobody can be served.
    """
    scope.services = services.get()
    scope.services.hurry(scope.seconds_left)
    scope.source_address = source_address_of(request.raw_event)
    if route.security:
        scope.tenant = authenticate(
            scope.services.database,
            request.headers.get("authorization"),
            scope.services.settings,
        )
        scope.headers.update(scope.tenant.quota.headers)


application = Application(
    "api_function.routes",
    {
        "index": ["index"],
        "jobs": ["jobs"],
        "repositories": ["repositories"],
        "search": ["search"],
        "symbols": ["symbols", "calls"],
        "definition": ["definitions"],
        "hover": ["hovers"],
        "hierarchy": ["type_hierarchy"],
        "files": ["files"],
        "file": ["files"],
        "outline": ["files"],
        "folder": ["folders"],
        "occurrences": ["occurrences"],
        "exports": ["exports"],
        "unused": ["unused"],
        "dependencies": ["dependencies"],
        "graph": ["graph"],
        "cycles": ["cycles"],
        "impact": ["impact"],
        "packages": ["outside"],
        "unresolved": ["outside"],
        "mcp": ["mcp"],
        "keys": ["keys"],
        "health": ["health"],
        "openapi.json": ["description"],
        "docs": ["description"],
        "ui": ["explorer"],
        "webhooks": ["webhooks"],
    },
    open_scope=lambda request_id: ApiScope(request_id=request_id),
    admit=admit,
)
