"""Asking for a repository to be indexed."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Header
from pydantic import BaseModel, ConfigDict, Field

from api_function.dependencies import PROTECTED, CurrentScope, CurrentServices, CurrentTenant
from api_function.problems import answers
from indexer.git.refs import CommitInvalid, RefInvalid
from indexer.git.remote import HostNotAllowed, RepositoryInvalid
from indexer.http.problems import ValidationFailed
from indexer.http.requests import BodyMalformed, BodyTooLarge, ContentTypeUnsupported
from indexer.http.shapes import (
    LONGEST_NAME,
    LONGEST_REF,
    View,
    topic_router,
)
from indexer.indexing.wish import index_request
from indexer.jobs.idempotency import (
    LONGEST_KEY,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    parse_idempotency_key,
)
from indexer.observability import logger

router = topic_router()

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description=f"1 to {LONGEST_KEY} printable ASCII characters of your own choice. The same "
        "request under the same key gets the first answer again, with the header "
        "Idempotent-Replayed, for 24 hours.",
    ),
]


class IndexWish(BaseModel):
    """What to index."""

    model_config = ConfigDict(extra="forbid", strict=True, title="IndexWish")

    repository: str = Field(
        description="owner/name, or an https URL on an allowed host.",
        min_length=1,
        max_length=LONGEST_NAME,
        examples=["sindresorhus/ky"],
    )
    ref: str | None = Field(
        default=None,
        description="A branch or tag; the remote's default branch unless named.",
        max_length=LONGEST_REF,
    )
    commit_sha: str | None = Field(
        default=None,
        description="A full commit id; the ref's newest commit unless named.",
        max_length=64,
    )
    force: bool = Field(
        default=False, description="Index again although the index stands at this commit already."
    )


class AcceptedJob(View):
    """The job that will do it."""

    jobId: UUID = Field(description="Ask GET /jobs/{jobId} how far it is.")  # noqa: N815 - the published name
    runId: UUID = Field(description="The same id by its old name.", deprecated=True)  # noqa: N815 - the same
    status: Literal["pending"] = "pending"
    deduplicated: bool = Field(
        description="A job that does this was there already, and this is its id."
    )


class AcceptedRun(View):
    """The answer where job tracking is switched off."""

    runId: UUID  # noqa: N815 - the published name


@router.post(
    "/index",
    summary="Have a repository indexed",
    description="Answers at once; the work is done by a worker.",
    tags=["jobs"],
    security=PROTECTED,
    status_code=202,
    responses=answers(
        202,
        "The job is stored and will run.",
        BodyMalformed,
        BodyTooLarge,
        ContentTypeUnsupported,
        ValidationFailed,
        RepositoryInvalid,
        HostNotAllowed,
        RefInvalid,
        CommitInvalid,
        IdempotencyKeyInvalid,
        IdempotencyKeyReused,
    ),
)
def index_repository(
    wish: Annotated[IndexWish, Body()],
    tenant: CurrentTenant,
    services: CurrentServices,
    scope: CurrentScope,
    idempotency_key: IdempotencyKey = None,
) -> AcceptedJob | AcceptedRun:
    settings = services.settings
    request = index_request(
        settings,
        tenant_id=tenant.tenant_id,
        repository=wish.repository,
        ref=wish.ref,
        commit_sha=wish.commit_sha,
        force=wish.force,
        request_id=scope.request_id,
    )
    if idempotency_key is None:
        made = services.queue.enqueue(request)
    else:
        key = parse_idempotency_key(idempotency_key)
        made = services.queue.enqueue_once(request, key=key)
    logger.info(
        "job accepted",
        job_id=str(made.job_id),
        repository_id=str(made.repository_id),
        deduplicated=made.deduplicated,
        replayed=made.replayed,
    )
    if made.replayed:
        scope.headers["Idempotent-Replayed"] = "true"
    elif not made.deduplicated:
        services.waker.wake(made.job_id)
    if not settings.job_status_tracking_enabled:
        return AcceptedRun(runId=made.job_id)
    scope.headers["Location"] = f"/jobs/{made.job_id}"
    return AcceptedJob(jobId=made.job_id, runId=made.job_id, deduplicated=made.deduplicated)
