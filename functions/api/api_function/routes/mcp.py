"""The tools of coding agents, by the Model Context Protocol."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from api_function.dependencies import (
    PROTECTED,
    CurrentHeaders,
    CurrentScope,
    CurrentServices,
    CurrentTenant,
)
from api_function.problems import answers
from indexer.http.problems import ValidationFailed
from indexer.http.requests import BodyMalformed, BodyTooLarge, ContentTypeUnsupported
from indexer.http.shapes import View, topic_router
from indexer.observability import logger
from indexer.tools import protocol
from indexer.tools.registry import Caller
from indexer.tools.toolbox import TOOLBOX

router = topic_router()

LONGEST_METHOD = 200


class RpcMessage(BaseModel):
    """A message of JSON-RPC 2.0."""

    model_config = ConfigDict(extra="allow", title="RpcMessage")

    jsonrpc: Literal["2.0"]
    method: str | None = Field(
        default=None,
        description="initialize, server/discover, ping, tools/list, tools/call, or a notification.",
        max_length=LONGEST_METHOD,
    )
    id: StrictInt | StrictStr | None = Field(
        default=None, description="Of a request; the answer has it too. Without one: no answer."
    )
    params: dict[str, Any] | None = None


class RpcResult(View):
    """The answer to a request of JSON-RPC 2.0."""

    jsonrpc: Literal["2.0"]
    id: StrictInt | StrictStr
    result: dict[str, Any]


class RpcFailure(View):
    """What is wrong with a request of JSON-RPC 2.0."""

    jsonrpc: Literal["2.0"]
    id: StrictInt | StrictStr
    error: dict[str, Any]


@router.post(
    "/mcp",
    summary="Speak with a coding agent",
    description="The Model Context Protocol over stateless HTTP: one JSON-RPC message, one answer. "
    "Revisions 2024-11-05, 2025-06-18, 2025-11-25 and 2026-07-28; there are tools, no sessions, no "
    "streams and no batches. Of the last one an error of JSON-RPC may have the status 400 or 404.",
    tags=["mcp"],
    security=PROTECTED,
    responses={
        **answers(
            200,
            "The JSON-RPC answer, which may be an error of JSON-RPC.",
            BodyMalformed,
            BodyTooLarge,
            ContentTypeUnsupported,
            ValidationFailed,
        ),
        202: {"description": "It was a notification: there is no answer.", "content": {}},
    },
)
def answer_message(
    message: Annotated[RpcMessage, Body()],
    headers: CurrentHeaders,
    tenant: CurrentTenant,
    services: CurrentServices,
    scope: CurrentScope,
) -> Response[RpcResult | RpcFailure | None]:
    caller = Caller(
        tenant_id=tenant.tenant_id,
        request_id=scope.request_id,
        settings=services.settings,
        database=services.database,
        queue=services.queue,
        wake=services.waker.wake,
    )
    reply = protocol.answer(
        message.model_dump(exclude_unset=True), headers, caller=caller, tools=TOOLBOX
    )
    logger.info("message answered", rpc_method=message.method, rpc_status=reply.status)
    if reply.message is None:
        return Response(status_code=reply.status)
    kind = RpcFailure if "error" in reply.message else RpcResult
    return Response(
        status_code=reply.status,
        content_type="application/json",
        body=kind.model_validate(reply.message),
    )
