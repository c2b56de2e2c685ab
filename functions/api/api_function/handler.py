"""The entry of the API function: admits the caller, lets the routes answer, dresses the answer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from aws_lambda_powertools.utilities.typing import LambdaContext

from api_function.application import app, route_of
from api_function.dependencies import Scope, Services
from api_function.problems import gateway_answer, reported
from api_function.requests import check_parameters, request_id_of, with_plain_body
from indexer.access.tenants import authenticate
from indexer.observability import flush_metrics, logger

_METHODS_WITH_BODY = {"POST", "PUT", "PATCH"}


@cache
def services() -> Services:
    """The services of this execution environment, made by its first request."""
    return Services.from_environment()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request. Whatever happens, the answer has the one shape and the common headers."""
    began = time.perf_counter()
    request = APIGatewayProxyEventV2(event)
    scope = Scope(request_id=request_id_of(_headers(event), context))
    logger.set_correlation_id(scope.request_id)
    route: Route | None = None
    try:
        route = route_of(request)
        answer = _answer(request, context, route, scope)
    except Exception as error:  # noqa: BLE001 - this is where every error gets its shape
        problem = reported(error)
        scope.error_code = problem.code
        answer = gateway_answer(problem, scope.request_id)
    answer["headers"] = {
        **answer["headers"],
        **scope.headers,
        "X-Request-Id": scope.request_id,
        "Cache-Control": "no-store",
    }
    logger.info(
        "request answered",
        method=None if route is None else route.method,
        route=None if route is None else route.path,
        status=answer["statusCode"],
        error_code=scope.error_code,
        tenant_id=None if scope.tenant is None else str(scope.tenant.tenant_id),
        milliseconds=round((time.perf_counter() - began) * 1000, 1),
    )
    flush_metrics()
    return answer


def _answer(
    request: APIGatewayProxyEventV2, context: LambdaContext, route: Route, scope: Scope
) -> dict[str, Any]:
    scope.services = services()
    # Strangers are turned away first: only who may make a request is told what is wrong with it.
    if route.security:
        scope.tenant = authenticate(
            scope.services.database,
            request.headers.get("authorization"),
            scope.services.settings,
        )
        scope.headers.update(scope.tenant.quota.headers)
        known = {parameter.alias for parameter in route.dependant.query_params}
        check_parameters(request.query_string_parameters, known)
    event = request.raw_event
    if route.method in _METHODS_WITH_BODY:
        event = with_plain_body(event, request.headers)
    app.context["scope"] = scope
    answer: dict[str, Any] = app.resolve(event, context)
    return answer


def _headers(event: object) -> Mapping[str, str]:
    headers = event.get("headers") if isinstance(event, Mapping) else None
    return APIGatewayProxyEventV2({"headers": headers or {}}).headers
