"""Whether the service works."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Literal

from pydantic import Field

from api_function.dependencies import CurrentServices
from api_function.problems import Unhealthy, answers
from indexer import __version__
from indexer.database.failures import DatabaseRefusedLogin, DatabaseUnavailable
from indexer.http.shapes import (
    View,
    topic_router,
)
from indexer.jobs.health import QueueFigures
from indexer.observability import Metric, logger, observe

router = topic_router()


class QueueView(View):
    """The queue of the whole deployment."""

    depth: int = Field(description="Jobs that wait.")
    workers: int = Field(description="Jobs that may run at one time.")
    running: int = Field(description="Jobs that run.")
    failed_24h: int = Field(description="Jobs that failed for good within 24 hours.")
    oldest_pending_age_seconds: float | None = Field(
        description="How long the oldest job that could run has been waiting; null: none is."
    )

    @classmethod
    def from_figures(cls, figures: QueueFigures) -> QueueView:
        """The view of the queue's figures."""
        return cls(
            depth=figures.depth,
            workers=figures.workers,
            running=figures.running,
            failed_24h=figures.failed_24h,
            oldest_pending_age_seconds=figures.oldest_pending_age_seconds,
        )


class HealthView(View):
    """The service answers, and so does its database."""

    status: Literal["ok"] = "ok"
    version: str
    timestamp: datetime
    queue: QueueView | None = Field(
        description="Null: leasing is switched off, or the queue did not answer in time."
    )


@router.get(
    "/health",
    summary="Whether the service works",
    description="Needs no key and changes nothing. The figures are up to 10 seconds old.",
    tags=["service"],
    openapi_extensions={"security": []},
    responses=answers(200, "The service works.", Unhealthy, protected=False),
)
def show_health(services: CurrentServices) -> HealthView:
    began = time.perf_counter()
    try:
        _ = services.database
        figures = services.health.figures()
    except (DatabaseUnavailable, DatabaseRefusedLogin) as error:
        logger.error("the database is away", error_code=error.code)
        raise Unhealthy from error
    finally:
        # The gateway knows one route, $default, so its own latency tells nothing of this one.
        observe(Metric.HEALTH_LATENCY, time.perf_counter() - began)
    return HealthView(
        version=__version__,
        timestamp=datetime.now(UTC),
        queue=None if figures is None else QueueView.from_figures(figures),
    )
