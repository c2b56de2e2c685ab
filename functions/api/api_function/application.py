"""The routes, joined into one application, and its description."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.api_gateway import Response, Route
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from api_function.dependencies import Scope
from api_function.problems import MethodNotAllowed, RouteNotFound, answers, reported
from api_function.requests import NotAnApiRequest, strict_json
from api_function.routes import dependencies, health, index, jobs, repositories, symbols

app = APIGatewayHttpResolver(enable_validation=True, json_body_deserializer=strict_json)
for topic in (index, jobs, repositories, symbols, dependencies, health):
    app.include_router(topic.router)


def answer_problem(error: Exception) -> Response[dict[str, Any]]:
    scope: Scope = app.context["scope"]
    problem = reported(error)
    scope.headers.update(problem.headers)
    scope.error_code = problem.code
    return Response(
        status_code=problem.status,
        content_type="application/json",
        body=problem.body(scope.request_id),
    )


app.exception_handler(Exception)(answer_problem)


@app.get(
    "/openapi.json",
    summary="This description",
    tags=["service"],
    openapi_extensions={"security": []},
    responses=answers(200, "The OpenAPI description of this service.", protected=False),
)
def show_description() -> dict[str, Any]:
    # Describing takes longer than answering, and few ask for it.
    from api_function.description import describe

    return describe(app)


def route_of(event: APIGatewayProxyEventV2) -> Route:
    """The route that the request is for.

    Raises:
        NotAnApiRequest: the event is no HTTP request.
        RouteNotFound, MethodNotAllowed: no route has this path, or none of them this method.
    """
    try:
        method, path = event.http_method.upper(), event.path
    except (KeyError, TypeError, AttributeError):
        raise NotAnApiRequest from None
    registered = (*app._static_routes, *app._dynamic_routes)  # noqa: SLF001 - it has no public list
    candidates = [route for route in registered if route.rule.fullmatch(path)]
    for route in candidates:
        if route.method == method:
            return route
    if candidates:
        raise MethodNotAllowed(sorted({route.method for route in candidates}))
    raise RouteNotFound
