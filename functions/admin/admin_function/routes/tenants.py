"""Users, organisations and their members."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from admin_function.actions import tenants
from admin_function.actions.paging import PageWish
from admin_function.actions.tenants import (
    EnsuredOrganizationView,
    EnsuredUserView,
    LeaverWish,
    LeftView,
    MemberBody,
    MemberWish,
    OrganizationsView,
    OrganizationView,
    OrganizationWish,
    UsersView,
    UserWish,
)
from admin_function.dependencies import OPERATORS_ONLY, CurrentAdministration, CurrentOrigin
from admin_function.problems import BODY_ERRORS, answers
from indexer.access.organizations import (
    LastOwner,
    MemberNotFound,
    OrganizationNotFound,
    UserNotFound,
)
from indexer.access.provisioning import AccessRequestInvalid
from indexer.database.paging import CursorInvalid
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import Cursor, Limit, topic_router

router = topic_router()


@router.post(
    "/admin/users",
    summary="Make a user, or give one another tier",
    description="The same request again changes nothing and gives the same user.",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "The user.", AccessRequestInvalid, *BODY_ERRORS),
)
def create_user(
    wish: Annotated[UserWish, Body()],
    administration: CurrentAdministration,
    origin: CurrentOrigin,
) -> EnsuredUserView:
    return tenants.create_user(administration, wish, origin)


@router.get(
    "/admin/users",
    summary="Users by address",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "A page of users.", CursorInvalid, ValidationFailed),
)
def list_users(
    administration: CurrentAdministration,
    origin: CurrentOrigin,
    limit: Limit = None,
    cursor: Cursor = None,
) -> UsersView:
    return tenants.users(administration, PageWish(limit=limit, cursor=cursor), origin)


@router.post(
    "/admin/organizations",
    summary="Make an organisation, or give one another tier",
    description="The same request again changes nothing and gives the same organisation.",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "The organisation.", AccessRequestInvalid, UserNotFound, *BODY_ERRORS),
)
def create_organization(
    wish: Annotated[OrganizationWish, Body()],
    administration: CurrentAdministration,
    origin: CurrentOrigin,
) -> EnsuredOrganizationView:
    return tenants.create_organization(administration, wish, origin)


@router.get(
    "/admin/organizations",
    summary="Organisations by name, with their members",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "A page of organisations.", CursorInvalid, ValidationFailed),
)
def list_organizations(
    administration: CurrentAdministration,
    origin: CurrentOrigin,
    limit: Limit = None,
    cursor: Cursor = None,
) -> OrganizationsView:
    return tenants.list_organizations(administration, PageWish(limit=limit, cursor=cursor), origin)


@router.post(
    "/admin/organizations/<organization>/members",
    summary="Make a user a member, or give a member another role",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(
        200,
        "The organisation with its members.",
        OrganizationNotFound,
        UserNotFound,
        LastOwner,
        *BODY_ERRORS,
    ),
)
def add_member(
    organization: str,
    wish: Annotated[MemberBody, Body()],
    administration: CurrentAdministration,
    origin: CurrentOrigin,
) -> OrganizationView:
    member = MemberWish(organization=organization, user=wish.user, role=wish.role)
    return tenants.add_member(administration, member, origin)


@router.delete(
    "/admin/organizations/<organization>/members/<user>",
    summary="End a membership",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(
        200,
        "The user is a member no more.",
        OrganizationNotFound,
        UserNotFound,
        MemberNotFound,
        LastOwner,
    ),
)
def remove_member(
    organization: str,
    user: str,
    administration: CurrentAdministration,
    origin: CurrentOrigin,
) -> LeftView:
    leaver = LeaverWish(organization=organization, user=user)
    return tenants.remove_member(administration, leaver, origin)
