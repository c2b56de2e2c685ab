"""What the service says of itself."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from api_function.problems import answers
from indexer.http.description import description_text
from indexer.http.shapes import topic_router

router = topic_router()

_DESCRIPTION: dict[int, OpenAPIResponse] = {
    200: {
        "description": "The OpenAPI description of this service.",
        "content": {"application/json": {"schema": {"type": "object"}}},
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
