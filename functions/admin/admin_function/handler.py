"""The entry of the admin function: the actions that an operator invokes, one at a time.

An action that fails raises, so that whoever invoked it (a deployment, a person) sees a failed
invocation and not a success that says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache
from typing import Any
from uuid import uuid4

from aws_lambda_powertools.utilities.typing import LambdaContext

from admin_function.actions import Administration
from indexer.errors import KotaError
from indexer.http.problems import Problem
from indexer.observability import flush_metrics, logger

_NO_ROUTES = Problem(
    status=404, code="route_not_found", message="The administration has no such route."
)


class ActionUnknown(KotaError):
    """The event names no action that there is."""

    code = "action_unknown"

    def __init__(self, known: Mapping[str, object]) -> None:
        super().__init__(f"the event's action must be one of {', '.join(sorted(known))}")


class ActionFailed(Exception):
    """An action failed; the text begins with the stable code of the cause."""


@cache
def administration() -> Administration:
    """What this execution environment administers."""
    return Administration.from_environment()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the action that the event names, or answer an HTTP request.

    Raises:
        ActionFailed: the action is unknown, or failed.
    """
    request_id = getattr(context, "aws_request_id", None) or str(uuid4())
    logger.set_correlation_id(request_id)
    if "requestContext" in event:
        return {
            "statusCode": _NO_ROUTES.status,
            "headers": {"Content-Type": "application/json", "X-Request-Id": request_id},
            "body": json.dumps(_NO_ROUTES.body(request_id)),
        }
    try:
        done = _action(event.get("action"))(event)
    except KotaError as error:
        logger.error("action failed", exc_info=error, error_code=error.code)
        raise ActionFailed(f"{error.code}: {error}") from None
    finally:
        flush_metrics()
    logger.info("action done", action=event["action"])
    return done


def _action(name: object) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    actions: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
        "migrate": lambda _: {"applied": administration().migrate()},
        "sweep": lambda _: asdict(administration().sweep()),
        "create_key": lambda event: administration().create_key(event),
    }
    if not isinstance(name, str) or name not in actions:
        raise ActionUnknown(actions)
    return actions[name]
