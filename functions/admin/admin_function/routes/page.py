"""The page for operators."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from admin_function.page import OPERATORS_PAGE
from admin_function.problems import page_answers
from indexer.http.shapes import topic_router

router = topic_router()

_PAGE: dict[int, OpenAPIResponse] = {
    200: {
        "description": "The page, as HTML.",
        "content": {"text/html": {"schema": {"type": "string"}}},
    }
}


@router.get(
    "/admin/ui",
    summary="A page to watch the queue and to act on it",
    description="It holds no data, so it needs no key; whoever opens it gives the admin key to it, "
    "and it asks the other routes. Where no admin key is set it is closed like them.",
    tags=["administration"],
    openapi_extensions={"security": []},
    responses=page_answers() | _PAGE,
)
def show_operators_page() -> Response[str]:
    return Response(
        status_code=200,
        content_type="text/html; charset=utf-8",
        body=OPERATORS_PAGE.html,
        headers=dict(OPERATORS_PAGE.headers),
    )
