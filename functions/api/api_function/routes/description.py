"""What the service says of itself."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from api_function.problems import answers
from indexer.http.description import description_text
from indexer.http.documentation import page, page_headers
from indexer.http.shapes import topic_router

router = topic_router()

_DESCRIPTION: dict[int, OpenAPIResponse] = {
    200: {
        "description": "The OpenAPI description of this service.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}
_PAGE: dict[int, OpenAPIResponse] = {
    200: {
        "description": "The same for people, as HTML.",
        "content": {"text/html": {"schema": {"type": "string"}}},
    }
}


@router.get(
    "/openapi.json",
    summary="This description",
    tags=["service"],
    openapi_extensions={"security": []},
    responses=answers(200, "The OpenAPI description of this service.", protected=False)
    | _DESCRIPTION,
)
def show_openapi() -> Response[str]:
    return Response(status_code=200, content_type="application/json", body=description_text())


@router.get(
    "/docs",
    summary="This description as a page to read",
    tags=["service"],
    openapi_extensions={"security": []},
    responses=answers(200, "The same for people, as HTML.", protected=False) | _PAGE,
)
def show_page() -> Response[str]:
    return Response(
        status_code=200,
        content_type="text/html; charset=utf-8",
        body=page(),
        headers=dict(page_headers()),
    )
