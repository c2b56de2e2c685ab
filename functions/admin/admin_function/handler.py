"""The entry of the admin function: HTTP requests under /admin, actions, and the stack itself.

An invoked action that fails raises, so that whoever invoked it (a deployment, a person) sees a
failed invocation and not a success that says otherwise.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from aws_lambda_powertools.utilities.typing import LambdaContext

from admin_function.actions.action import perform
from admin_function.actions.catalogue import CATALOGUE
from admin_function.application import administrations, application
from indexer.access.audit import Origin
from indexer.errors import KotaError
from indexer.observability import flush_metrics, logger

INVOKED = "invocation"
STACK = "cloudformation"


class ActionFailed(Exception):
    """An action failed; the text begins with the stable code of the cause."""


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an HTTP request, run the action that the event names, or migrate for the stack.

    Raises:
        ActionFailed: the action is unknown, or failed.
    """
    if "requestContext" in event:
        return application.answer(event, context)
    request_id = getattr(context, "aws_request_id", None) or str(uuid4())
    logger.set_correlation_id(request_id)
    if "ResponseURL" in event:
        from admin_function.stack_events import answer_stack

        return answer_stack(event, administrations.get, Origin(request_id=request_id, caller=STACK))
    try:
        done = perform(
            CATALOGUE, event, administrations.get, Origin(request_id=request_id, caller=INVOKED)
        )
    except KotaError as error:
        logger.error("action failed", exc_info=error, error_code=error.code)
        raise ActionFailed(f"{error.code}: {error}") from None
    finally:
        flush_metrics()
    logger.info("action done", action=event["action"])
    return done
