"""The database itself."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from admin_function.actions import seed as seeding
from admin_function.actions import upkeep
from admin_function.actions.action import NothingToSay
from admin_function.actions.seed import SeededView
from admin_function.actions.upkeep import (
    AuditView,
    AuditWish,
    MigratedView,
    SweptView,
)
from admin_function.dependencies import OPERATORS_ONLY, CurrentAdministration, CurrentOrigin
from admin_function.problems import BODY_ERRORS, answers
from indexer.database.paging import CursorInvalid
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import Cursor, Limit, topic_router

router = topic_router()


@router.post(
    "/admin/migrate",
    summary="Bring the schema to this release",
    description="The gateway waits 30 seconds; a migration that takes longer goes on.",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "The migrations that were applied.", *BODY_ERRORS),
)
def migrate(administration: CurrentAdministration, origin: CurrentOrigin) -> MigratedView:
    return upkeep.migrate(administration, NothingToSay(), origin)


@router.post(
    "/admin/sweep",
    summary="Take back lost leases, archive, and forget what is old",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "How much was moved.", *BODY_ERRORS),
)
def sweep(administration: CurrentAdministration, origin: CurrentOrigin) -> SweptView:
    return upkeep.sweep(administration, NothingToSay(), origin)


@router.post(
    "/admin/seed",
    summary="Make data to try things on",
    description="3 repositories of 3 users with their jobs and an index. Again: nothing changes.",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "Whether it was made, with the keys of its users.", *BODY_ERRORS),
)
def seed(administration: CurrentAdministration, origin: CurrentOrigin) -> SeededView:
    return seeding.seed(administration, NothingToSay(), origin)


@router.get(
    "/admin/audit",
    summary="What was changed by hand, newest first",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "A page of changes.", CursorInvalid, ValidationFailed),
)
def list_audit(
    *,
    administration: CurrentAdministration,
    origin: CurrentOrigin,
    action: Annotated[
        str | None, Query(min_length=1, max_length=100, description="This action only.")
    ] = None,
    target: Annotated[
        str | None,
        Query(min_length=1, max_length=2_048, description="What was done to this id only."),
    ] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> AuditView:
    wish = AuditWish(only_action=action, target=target, limit=limit, cursor=cursor)
    return upkeep.show_audit(administration, wish, origin)
