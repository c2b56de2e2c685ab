"""The HTTP side of a function.

Who asks is settled first, then a route answers; whatever happens, the answer has the one shape and
the common headers.
"""

from __future__ import annotations

import importlib
import json
import math
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import chain
from typing import Any, Generic, TypeVar, cast

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Request
from aws_lambda_powertools.event_handler.api_gateway import Response, Route
from aws_lambda_powertools.shared.json_encoder import Encoder
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from indexer.http.events import ApiRequest, headers_of, readable
from indexer.http.problems import MethodNotAllowed, RouteNotFound, reported
from indexer.http.requests import (
    check_parameters,
    raw_body_of,
    refuse_fields,
    request_id_of,
    strict_json,
    with_plain_body,
)
from indexer.observability import VERSION, Metric, count, flush_metrics, logger

_METHODS_WITH_BODY = {"POST", "PUT", "PATCH"}

# A route with this among its extensions takes its body as it was sent: it is signed as it is.
RAW_BODY = {"x-raw-body": True}

# Of an invocation, kept for what comes after the last statement: waking the worker, the answer, the
# log. Lambda kills what takes longer, and the gateway then answers in its own words.
RESERVE_SECONDS = 2.0


@dataclass(slots=True, kw_only=True)
class Scope:
    """One request: its id, and what is found out on the way to its answer.

    `headers` go onto the answer besides its own; `error_code` is what the log says of it.
    `seconds_left` tells at any time how long it may still take to find the answer.
    `raw_body` is what a route with RAW_BODY reads, before anything was made of it.
    """

    request_id: str
    headers: dict[str, str] = field(default_factory=dict)
    error_code: str | None = None
    seconds_left: Callable[[], float] = field(default=lambda: math.inf, repr=False)
    raw_body: bytes = field(default=b"", repr=False)

    @property
    def caller(self) -> Mapping[str, Any]:
        """Who asked, for the log: nothing secret."""
        return {}


AnyScope = TypeVar("AnyScope", bound=Scope)
Admit = Callable[[APIGatewayProxyEventV2, Route, AnyScope], None]


def as_json(answer: object) -> str:
    """What a route answers, compact and in UTF-8: escapes take up to twice as many bytes."""
    written = json.dumps(answer, separators=(",", ":"), cls=Encoder, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:  # half a surrogate pair, repeated from the request
        return json.dumps(answer, separators=(",", ":"), cls=Encoder)
    return written


class _Resolver(APIGatewayHttpResolver):
    """Takes whatever stands between two slashes for an id: its route says that there is none."""

    def _to_proxy_event(self, event: dict[str, Any]) -> APIGatewayProxyEventV2:
        return ApiRequest(event, self._json_body_deserializer)

    @staticmethod
    def _compile_regex(rule: str, base_regex: str = "^{}$") -> re.Pattern[str]:
        return re.compile(base_regex.format(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", rule)))


class Application(Generic[AnyScope]):
    """Routes, and who may ask them.

    `topics` are the modules of `package` that hold routes in a `router`, by the first part of their
    paths. Each is imported when such a path is asked for first, so that a cold start costs what its
    request needs. `open_scope` makes the scope of a request from its id. `admit` is asked before
    anything of the request is read but its route; what it raises is the answer.
    """

    def __init__(
        self,
        package: str,
        topics: Mapping[str, Sequence[str]],
        *,
        open_scope: Callable[[str], AnyScope],
        admit: Admit[AnyScope],
    ) -> None:
        self.resolver = _Resolver(
            serializer=as_json, enable_validation=True, json_body_deserializer=strict_json
        )
        self._package = package
        self._topics_below = topics
        self._imported: set[str] = set()
        self.resolver.exception_handler(Exception)(self._answer_problem)
        self._open_scope = open_scope
        self._admit = admit

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every route there is."""
        self._import(chain.from_iterable(self._topics_below.values()))
        return self._known_routes

    @property
    def _known_routes(self) -> tuple[Route, ...]:
        return (*self.resolver._static_routes, *self.resolver._dynamic_routes)  # noqa: SLF001 - it has no public list

    def _import(self, topics: Iterable[str]) -> None:
        for topic in topics:
            if topic not in self._imported:
                module = importlib.import_module(f"{self._package}.{topic}")
                self.resolver.include_router(module.router)
                self._imported.add(topic)

    def answer(self, event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever Lambda gives
        """Answer one request of API Gateway (payload version 2.0). Raises nothing."""
        began = time.perf_counter()
        scope = self._open_scope(request_id_of(headers_of(event), context))
        scope.seconds_left = lambda: context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
        logger.set_correlation_id(scope.request_id)
        route: Route | None = None
        try:
            request = APIGatewayProxyEventV2(readable(event))
            route = self._route_of(request)
            answer = self._resolved(request, context, route, scope)
        except Exception as error:  # noqa: BLE001 - this is where every error gets its shape
            problem = reported(error)
            scope.error_code = problem.code
            answer = problem.answer(scope.request_id)
        answer["headers"] = {
            "Cache-Control": "no-store",
            **answer["headers"],
            **scope.headers,
            "X-Request-Id": scope.request_id,
        }
        logger.info(
            "request answered",
            method=None if route is None else route.method,
            route=None if route is None else route.path,
            status=answer["statusCode"],
            error_code=scope.error_code,
            milliseconds=round((time.perf_counter() - began) * 1000, 1),
            **scope.caller,
        )
        if answer["statusCode"] == HTTPStatus.INTERNAL_SERVER_ERROR:
            # Lambda counts it as a success: the function has returned an answer. For all versions
            # that answer, and for each by itself.
            count(Metric.REQUESTS_FAILED)
            count(Metric.REQUESTS_FAILED, version=VERSION)
        flush_metrics()
        return answer

    def _resolved(
        self, request: APIGatewayProxyEventV2, context: object, route: Route, scope: AnyScope
    ) -> dict[str, Any]:
        # Strangers are turned away first: only who may ask is told what is wrong with the request.
        self._admit(request, route, scope)
        if route.security:
            known = {parameter.alias for parameter in route.dependant.query_params}
            check_parameters(request.query_string_parameters, known)
        event = request.raw_event
        if (route.openapi_extensions or {}).get("x-raw-body"):
            scope.raw_body = raw_body_of(event, request.headers)
            event = {**event, "body": "", "isBase64Encoded": False}
        elif route.method in _METHODS_WITH_BODY:
            event = with_plain_body(event, request.headers)
            if not route.dependant.body_params:
                # Its resolver reads no body, and somebody's "dry_run" would count for nothing.
                refuse_fields(event["body"])
        self.resolver.context["scope"] = scope
        answer: dict[str, Any] = self.resolver.resolve(event, cast("Any", context))
        return answer

    def _route_of(self, event: APIGatewayProxyEventV2) -> Route:
        method, path = event.http_method.upper(), event.path
        self._import(self._topics_below.get(path.lstrip("/").partition("/")[0], ()))
        matching = [route for route in self._known_routes if route.rule.fullmatch(path)]
        # A word that a path has for itself is no id to the route beside it.
        candidates = [route for route in matching if route.path == path] or matching
        for route in candidates:
            if route.method == method:
                return route
        if candidates:
            raise MethodNotAllowed(sorted({route.method for route in candidates}))
        raise RouteNotFound

    def _answer_problem(self, error: Exception) -> Response[dict[str, Any]]:
        scope: Scope = self.resolver.context["scope"]
        problem = reported(error)
        scope.headers.update(problem.headers)
        scope.error_code = problem.code
        return Response(
            status_code=problem.status,
            content_type="application/json",
            body=problem.body(scope.request_id),
        )


def scope_of(request: Request) -> Scope:
    """The scope of a request that a route was given."""
    return cast("Scope", request.context["scope"])
