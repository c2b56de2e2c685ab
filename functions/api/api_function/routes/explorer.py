"""The page on which a person explores what is indexed."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from api_function.page import EXPLORER_PAGE
from api_function.problems import answers
from indexer.http.shapes import topic_router

router = topic_router()

_PAGE: dict[int, OpenAPIResponse] = {
    200: {
        "description": "The page, as HTML.",
        "content": {"text/html": {"schema": {"type": "string"}}},
    }
}


@router.get(
    "/ui",
    summary="A page to search and read what is indexed",
    description="It holds no data, so it needs no key; whoever opens it gives an API key to it, "
    "and it asks the other routes.",
    tags=["service"],
    openapi_extensions={"security": []},
    responses=answers(200, "The page, as HTML.", protected=False) | _PAGE,
)
def show_explorer() -> Response[str]:
    return Response(
        status_code=200,
        content_type="text/html; charset=utf-8",
        body=EXPLORER_PAGE.html,
        headers=dict(EXPLORER_PAGE.headers),
    )
