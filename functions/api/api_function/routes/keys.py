"""A key's holder replaces it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, ConfigDict, Field

from api_function.dependencies import PROTECTED, CurrentScope, CurrentServices, CurrentTenant
from api_function.problems import answers
from indexer.access.api_keys import Tier
from indexer.access.audit import Origin
from indexer.access.operators import told_address
from indexer.access.provisioning import AccessRequestInvalid
from indexer.access.rotation import LONGEST_OVERLAP_SECONDS, KeyReplaced, Rotation, rotate_key
from indexer.http.problems import ValidationFailed
from indexer.http.requests import BodyMalformed, BodyTooLarge, ContentTypeUnsupported
from indexer.http.shapes import UtcTime, View, topic_router

router = topic_router()


class RotationWish(BaseModel):
    """How the key that asks is to be replaced."""

    model_config = ConfigDict(extra="forbid", strict=True, title="RotationWish")

    overlap_seconds: int | None = Field(
        default=None,
        ge=0,
        le=LONGEST_OVERLAP_SECONDS,
        description="How long the old key goes on; 0: it ends now. A day unless set otherwise.",
    )
    name: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="What the new key is for; as the old one's unless given.",
    )


class ReplacedKeyView(View):
    """The key that wish."""

    key_id: str
    valid_until: UtcTime = Field(description="From then on it is refused.")


class RotatedKeyView(View):
    """The new key."""

    api_key: str = Field(description="The key itself. It is shown here and never again.")
    key_id: str
    tenant_id: UUID
    tier: Tier
    name: str
    expires_at: UtcTime | None = Field(description="When it ends by itself; null: it does not.")
    replaces: ReplacedKeyView

    @classmethod
    def from_rotation(cls, rotation: Rotation) -> RotatedKeyView:
        """The view of a rotation, with the secret in it."""
        issued = rotation.issued
        return cls(
            api_key=issued.api_key,
            key_id=issued.key_id,
            tenant_id=issued.tenant_id,
            tier=issued.tier,
            name=issued.name,
            expires_at=issued.expires_at,
            replaces=ReplacedKeyView(
                key_id=rotation.replaced_key_id, valid_until=rotation.valid_until
            ),
        )


@router.post(
    "/keys/rotate",
    summary="Replace the key that asks by a new one",
    description="Both keys are good until the old one ends. A key is replaced once.",
    tags=["keys"],
    security=PROTECTED,
    status_code=201,
    responses=answers(
        201,
        "The new key, shown this once.",
        BodyMalformed,
        BodyTooLarge,
        ContentTypeUnsupported,
        ValidationFailed,
        AccessRequestInvalid,
        KeyReplaced,
    ),
)
def rotate_own_key(
    wish: Annotated[RotationWish, Body()],
    tenant: CurrentTenant,
    services: CurrentServices,
    scope: CurrentScope,
) -> RotatedKeyView:
    return RotatedKeyView.from_rotation(
        rotate_key(
            services.database,
            services.settings,
            tenant,
            overlap_seconds=wish.overlap_seconds,
            name=wish.name,
            origin=Origin(request_id=scope.request_id, caller=told_address(scope.source_address)),
        )
    )
