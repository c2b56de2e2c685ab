"""API keys of all tenants."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from admin_function.actions import keys
from admin_function.actions.keys import (
    IssuedKeyView,
    KeysView,
    KeysWish,
    KeyWish,
    RevocationWish,
    RevokedKeyView,
)
from admin_function.dependencies import OPERATORS_ONLY, CurrentAdministration, CurrentOrigin
from admin_function.problems import BODY_ERRORS, answers
from indexer.access.organizations import OrganizationNotFound, UserNotFound
from indexer.access.provisioning import AccessRequestInvalid, KeyNotFound, KeyRevoked
from indexer.database.paging import CursorInvalid
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import Cursor, Limit, topic_router

router = topic_router()


@router.post(
    "/admin/keys",
    summary="Make a key for a user or an organisation",
    tags=["administration"],
    security=OPERATORS_ONLY,
    status_code=201,
    responses=answers(
        201,
        "The key, shown this once.",
        AccessRequestInvalid,
        OrganizationNotFound,
        *BODY_ERRORS,
    ),
)
def create_key(
    wish: Annotated[KeyWish, Body()],
    administration: CurrentAdministration,
    origin: CurrentOrigin,
) -> IssuedKeyView:
    return keys.create_key(administration, wish, origin)


@router.get(
    "/admin/keys",
    summary="Keys, oldest first, without their secrets",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(
        200,
        "A page of keys.",
        CursorInvalid,
        OrganizationNotFound,
        UserNotFound,
        ValidationFailed,
    ),
)
def list_keys(
    *,
    administration: CurrentAdministration,
    origin: CurrentOrigin,
    email: Annotated[
        str | None, Query(min_length=1, max_length=320, description="Those of this user.")
    ] = None,
    organization: Annotated[
        str | None,
        Query(min_length=1, max_length=320, description="Those of this one, by id or name."),
    ] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> KeysView:
    wish = KeysWish(email=email, organization=organization, limit=limit, cursor=cursor)
    return keys.keys(administration, wish, origin)


@router.delete(
    "/admin/keys/<key_id>",
    summary="Revoke a key",
    description="It is refused with the next request, by every running function.",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "The key is refused from now on.", KeyNotFound, KeyRevoked),
)
def revoke_key(
    key_id: str, administration: CurrentAdministration, origin: CurrentOrigin
) -> RevokedKeyView:
    return keys.revoke_key(administration, RevocationWish(key_id=key_id), origin)
