"""Orders to the queue: stop leasing, go on, and what to run sooner."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from admin_function.actions.action import Action, NothingToSay, Wish
from admin_function.actions.jobs import JobWish
from admin_function.actions.monitoring import LeasingView
from admin_function.administration import Administration
from indexer.access.audit import Origin
from indexer.http.shapes import View
from indexer.jobs import control
from indexer.jobs.control import LEAST_URGENT, MOST_URGENT


class PriorityWish(Wish):
    """Where a job shall stand."""

    priority: int = Field(
        ge=MOST_URGENT,
        le=LEAST_URGENT,
        description=f"{MOST_URGENT} to {LEAST_URGENT}: the lower, the sooner. Requests get 0.",
    )


class JobPriorityWish(PriorityWish, JobWish):
    """Which job shall stand where."""


class PriorityView(View):
    """Where the job stands."""

    job_id: UUID
    priority: int


def pause_leasing(
    administration: Administration, _wish: NothingToSay, origin: Origin
) -> LeasingView:
    """Stop leasing, in every worker. Jobs that run go on, accepted ones wait."""
    with administration.writing(origin, "pause_leasing") as change:
        found, changed = control.pause(change.statements, administration.settings)
        if changed:
            change.record()
    return LeasingView.model_validate(found, from_attributes=True)


def resume_leasing(
    administration: Administration, _wish: NothingToSay, origin: Origin
) -> LeasingView:
    """Lease again. The time of the pause does not count towards the time that a job has."""
    with administration.writing(origin, "resume_leasing") as change:
        found, changed = control.resume(change.statements, administration.settings)
        if changed:
            change.record()
    return LeasingView.model_validate(found, from_attributes=True)


def prioritise_job(
    administration: Administration, wish: JobPriorityWish, origin: Origin
) -> PriorityView:
    """Move a job that waits before or behind others.

    Raises:
        JobNotFound: there is none with this id.
        JobNotDue: it runs or has ended.
    """
    with administration.writing(origin, "prioritise_job") as change:
        job_id, changed = control.prioritise(
            change.statements, administration.settings, wish.job_id, wish.priority
        )
        if changed:
            change.record(job_id, priority=wish.priority)
    return PriorityView(job_id=job_id, priority=wish.priority)


ACTIONS = (
    Action(name="pause_leasing", wish=NothingToSay, perform=pause_leasing),
    Action(name="resume_leasing", wish=NothingToSay, perform=resume_leasing),
    Action(name="prioritise_job", wish=JobPriorityWish, perform=prioritise_job),
)
