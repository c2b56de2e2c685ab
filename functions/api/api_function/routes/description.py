"""What the service says of itself."""

from __future__ import annotations

from typing import Any

from api_function.problems import answers
from indexer.http.shapes import topic_router

router = topic_router()


@router.get(
    "/openapi.json",
    summary="This description",
    tags=["service"],
    openapi_extensions={"security": []},
    responses=answers(200, "The OpenAPI description of this service.", protected=False),
)
def show_description() -> dict[str, Any]:
    # Describing takes longer than answering, and few ask for it.
    from api_function.application import application
    from indexer.http.description import describe

    return describe(application.resolver)
