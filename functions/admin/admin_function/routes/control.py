"""Orders to the queue."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from admin_function.actions import control
from admin_function.actions.action import NothingToSay
from admin_function.actions.control import JobPriorityWish, PriorityView, PriorityWish
from admin_function.actions.monitoring import LeasingView
from admin_function.dependencies import OPERATORS_ONLY, CurrentAdministration, CurrentOrigin
from admin_function.problems import BODY_ERRORS, answers
from indexer.http.shapes import topic_router
from indexer.jobs.control import JobNotDue
from indexer.jobs.records import JobNotFound

router = topic_router()


@router.post(
    "/admin/queue/pause",
    summary="Stop leasing, in every worker",
    description="Jobs that run go on, accepted ones wait, and their time stands still.",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "How leasing stands.", *BODY_ERRORS),
)
def pause_leasing(administration: CurrentAdministration, origin: CurrentOrigin) -> LeasingView:
    return control.pause_leasing(administration, NothingToSay(), origin)


@router.post(
    "/admin/queue/resume",
    summary="Lease again",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "How leasing stands.", *BODY_ERRORS),
)
def resume_leasing(administration: CurrentAdministration, origin: CurrentOrigin) -> LeasingView:
    return control.resume_leasing(administration, NothingToSay(), origin)


@router.post(
    "/admin/jobs/<job_id>/priority",
    summary="Move a job that waits before or behind others",
    tags=["administration"],
    security=OPERATORS_ONLY,
    responses=answers(200, "Where the job stands.", JobNotFound, JobNotDue, *BODY_ERRORS),
)
def prioritise_job(
    job_id: str,
    wish: Annotated[PriorityWish, Body()],
    administration: CurrentAdministration,
    origin: CurrentOrigin,
) -> PriorityView:
    meant = JobPriorityWish(job_id=job_id, priority=wish.priority)
    return control.prioritise_job(administration, meant, origin)
