"""Installations of the GitHub App, and whom each is linked to."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from admin_function.actions import installations
from admin_function.actions.holders import HolderWish
from admin_function.actions.installations import (
    LONGEST_ACCOUNT,
    InstallationsView,
    InstallationsWish,
    InstallationWish,
    LinkedInstallationView,
    LinkWish,
)
from admin_function.dependencies import OPERATORS_ONLY, CurrentAdministration, CurrentOrigin
from admin_function.problems import BODY_ERRORS, answers
from indexer.access.installations import (
    InstallationDeleted,
    InstallationLinked,
    InstallationNotFound,
    TenantNotFound,
)
from indexer.access.organizations import OrganizationNotFound, UserNotFound
from indexer.database.paging import CursorInvalid
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import Cursor, Limit, topic_router

router = topic_router()


@router.get(
    "/admin/installations",
    summary="Installations of the GitHub App, and whom each is linked to",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "A page of installations.", CursorInvalid, ValidationFailed),
)
def list_installations(
    *,
    administration: CurrentAdministration,
    origin: CurrentOrigin,
    account: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=LONGEST_ACCOUNT,
            description="Those on this account of GitHub's, by login.",
        ),
    ] = None,
    linked: Annotated[
        bool | None,
        Query(description="Those that are linked to a tenant, or those that are not."),
    ] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> InstallationsView:
    wish = InstallationsWish(account=account, linked=linked, limit=limit, cursor=cursor)
    return installations.list_installations(administration, wish, origin)


@router.post(
    "/admin/installations/<installation_id>/link",
    summary="Give an installation to a user or an organisation",
    description="Whoever it is linked to may have the private repositories that it reaches "
    "indexed. The same request again changes nothing.",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(
        200,
        "The installation and whom it is linked to.",
        InstallationNotFound,
        InstallationLinked,
        InstallationDeleted,
        OrganizationNotFound,
        UserNotFound,
        TenantNotFound,
        *BODY_ERRORS,
    ),
)
def link_installation(
    installation_id: str,
    wish: Annotated[HolderWish, Body()],
    administration: CurrentAdministration,
    origin: CurrentOrigin,
) -> LinkedInstallationView:
    meant = LinkWish(
        installation_id=installation_id, email=wish.email, organization=wish.organization
    )
    return installations.link_installation(administration, meant, origin)


@router.delete(
    "/admin/installations/<installation_id>/link",
    summary="Take an installation back",
    description="From now on nothing is read with it. What was indexed stays until its tenant "
    "deletes it. The same request again changes nothing.",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "The installation, linked to nobody.", InstallationNotFound),
)
def unlink_installation(
    installation_id: str, administration: CurrentAdministration, origin: CurrentOrigin
) -> LinkedInstallationView:
    wish = InstallationWish(installation_id=installation_id)
    return installations.unlink_installation(administration, wish, origin)
