"""The routes of the administration, joined: the admin key is asked for before any is entered."""

from __future__ import annotations

from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from admin_function.administration import Administration
from admin_function.dependencies import AdminScope
from indexer.access.operators import admit_operator, told_address
from indexer.environment import FromEnvironment
from indexer.errors import Refused
from indexer.http.application import Application
from indexer.http.events import source_address_of
from indexer.observability import Metric, count

# What holds no data, and so is given out without a key.
PUBLIC = frozenset({"/admin/ui"})

administrations = FromEnvironment(Administration.from_environment)


def admit(request: APIGatewayProxyEventV2, route: Route, scope: AdminScope) -> None:
    """Let the holder of the admin key in. No database is asked who that is.

    What is public is given to whoever could use a key here: from an allowed network, where an
    admin key is set.

    Raises:
        Unauthenticated, Forbidden, NetworkNotAllowed: the caller may not administer.
        ConfigurationError: nobody can be served.
    """
    source = source_address_of(request.raw_event)
    scope.address = told_address(source)
    count(Metric.ADMIN_CALLS)
    administration = administrations.get()
    try:
        admit_operator(
            administration.settings,
            authorization=request.headers.get("authorization"),
            source_address=source,
            needs_key=route.path not in PUBLIC,
        )
    except Refused:
        count(Metric.ADMIN_REFUSALS)
        raise
    scope.administration = administration


application = Application(
    "admin_function.routes",
    {
        "admin": [
            *("page", "monitoring", "control", "jobs", "tenants", "keys", "installations", "upkeep")
        ]
    },
    open_scope=lambda request_id: AdminScope(request_id=request_id),
    admit=admit,
)
