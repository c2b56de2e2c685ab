"""What GitHub tells of by itself: pushes, repositories, installations of the App."""

from __future__ import annotations

import re
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Header
from pydantic import Field

from api_function.dependencies import CurrentScope, CurrentServices
from api_function.problems import answers
from indexer.http.application import RAW_BODY
from indexer.http.requests import BodyMalformed, BodyTooLarge, ContentTypeUnsupported
from indexer.http.responses import DATABASE_AWAY
from indexer.http.shapes import View, topic_router
from indexer.observability import logger
from indexer.webhooks.deliveries import Delivery, Outcome
from indexer.webhooks.events import DeliveryMalformed, read_delivery
from indexer.webhooks.signature import SignatureInvalid, WebhooksClosed, check_signature

router = topic_router()

_TOKEN = re.compile(r"[A-Za-z0-9_.-]{1,100}", re.ASCII)

Signature = Annotated[
    str | None,
    Header(
        alias="X-Hub-Signature-256",
        description="sha256= and the HMAC-SHA-256 of the body under the webhook secret, in hex.",
    ),
]
EventName = Annotated[
    str | None, Header(alias="X-GitHub-Event", description="What the delivery is about.")
]
DeliveryId = Annotated[
    str | None,
    Header(alias="X-GitHub-Delivery", description="Its id; a redelivery comes under the same one."),
]


class DeliveryView(View):
    """What became of a delivery."""

    outcome: Outcome = Field(
        description="accepted: it was acted on. duplicate: it, or its very body, was received "
        "before. ignored: nothing that an index needs to know. pong: it was a ping."
    )
    jobs: int = Field(description="How many jobs it made.")


@router.post(
    "/webhooks/github",
    summary="Take a delivery of GitHub",
    description="A push to a branch that is tracked enqueues its job before the answer. The "
    "body is JSON, signed with the webhook secret. The gateway answers with 413 where it does not "
    "fit into 6 MB with its quotation marks escaped. Needs no key.",
    tags=["webhooks"],
    status_code=202,
    openapi_extensions={"security": [], **RAW_BODY},
    responses=answers(
        202,
        "It was received, and what it asks for is committed.",
        WebhooksClosed,
        SignatureInvalid,
        DeliveryMalformed,
        BodyMalformed,
        BodyTooLarge,
        ContentTypeUnsupported,
        *DATABASE_AWAY,
        protected=False,
    ),
)
def receive_delivery(
    services: CurrentServices,
    scope: CurrentScope,
    signature: Signature = None,
    event_name: EventName = None,
    delivery_id: DeliveryId = None,
) -> DeliveryView:
    body = scope.raw_body
    check_signature(body, signature, services.settings.github_webhook_secrets)
    delivery = Delivery(
        delivery_id=_named(delivery_id, "X-GitHub-Delivery"),
        event=_named(event_name, "X-GitHub-Event"),
        body=body,
        request_id=scope.request_id,
    )
    event = read_delivery(delivery.event, body, services.settings)
    received = services.deliveries.receive(delivery, event)
    logger.info(
        "delivery received",
        delivery_id=delivery.delivery_id,
        github_event=delivery.event,
        outcome=received.outcome.value,
        job_ids=[str(one) for one in received.job_ids],
    )
    if received.job_ids:
        services.waker.wake(received.job_ids[0])
    return DeliveryView(outcome=received.outcome, jobs=len(received.job_ids))


def _named(value: str | None, header: str) -> str:
    if value is None or not _TOKEN.fullmatch(value):
        raise DeliveryMalformed(f"its header {header} is missing or unusable")
    return value
