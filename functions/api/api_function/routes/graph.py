"""The graph of imports: as data with a layout, as a picture, for Graphviz."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypedDict

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import Field

from api_function.dependencies import PROTECTED, CurrentServices, CurrentTenant
from api_function.problems import answers
from api_function.routes.commits import CommitView, commit_of
from api_function.routes.dependencies import DependencyKindName
from indexer.drawing.layout import lay_out
from indexer.drawing.model import Picture
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import LONGEST_PATH, RefName, RepositoryName, View, topic_router
from indexer.search import neighbourhood, overview
from indexer.search.dependencies import DEEPEST, Direction
from indexer.search.files import FileNotFound
from indexer.search.neighbourhood import (
    DEFAULT_DEPTH,
    DEFAULT_NODES,
    MOST_NODES,
    Neighbourhood,
    Side,
)
from indexer.search.overview import DEFAULT_SHOWN, Overview
from indexer.search.pictures import dot_of, svg_of
from indexer.search.repositories import NotIndexed, RepositoryAmbiguous, RepositoryNotFound

router = topic_router()

_SVG, _DOT = "image/svg+xml", "text/vnd.graphviz"
# A file's name may hold markup. It is escaped; should it not be, the browser runs none of it.
_PICTURE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


class GraphFormat(StrEnum):
    """How a graph is told."""

    JSON = "json"
    DOT = "dot"
    SVG = "svg"


class GraphNodeView(View):
    """A file or a folder of the graph, and its box in the picture."""

    path: str = Field(description="Of an overview a folder's; . is that of files in no folder.")
    distance: int | None = Field(
        description="How many imports away it is; 0: the file asked for. Null in an overview."
    )
    side: Side | None = Field(
        description="What it is to the file asked for. both is in a cycle with it, and drawn on "
        "the side on which it is nearer. Null in an overview."
    )
    files: int = Field(description="How many files it stands for: 1 but in an overview.")
    in_cycle: bool = Field(
        description="Imports lead from it back to itself, by way of what is shown."
    )
    label: str = Field(description="The path, as short as tells it from the others; it prints.")
    x: float = Field(description="The left border of its box, in pixels.")
    y: float = Field(description="The upper border of its box.")
    width: float
    height: float


class GraphEdgeView(View):
    """One file imports another one, or itself; or files of a folder those of another one."""

    from_path: str
    to_path: str
    kinds: list[DependencyKindName] = Field(
        description="How it is imported, each way once. Empty in an overview."
    )
    imports: int = Field(description="How many pairs of files it stands for: 1 but in an overview.")
    in_cycle: bool = Field(description="Imports lead from to_path back to from_path.")
    points: list[Annotated[list[float], Field(min_length=2, max_length=2)]] = Field(
        description="Cubic Bézier curves, one behind the other, as x and y in pixels. The first "
        "point is where the edge begins, at the border of from_path; each three after it are a "
        "curve: two control points, and where it ends. The last is at the border of to_path."
    )


class GraphView(CommitView):
    """Files or folders and every import between them, laid out as a picture."""

    path: str | None = Field(description="The file asked for; null: this is an overview.")
    direction: Direction | None = Field(description="Null in an overview.")
    depth: int = Field(description="Of an overview how deep folders are told apart.")
    truncated: bool = Field(description="There is more within depth than is shown.")
    width: float = Field(description="Of the picture, in pixels.")
    height: float
    nodes: list[GraphNodeView] = Field(description="The nearest first, then by path.")
    edges: list[GraphEdgeView]

    @classmethod
    def from_neighbourhood(cls, one: Neighbourhood) -> GraphView:
        """The view of a neighbourhood, with the layout of its picture."""
        places = _Places(lay_out(one.graph()))
        return cls(
            **commit_of(one.snapshot),
            path=one.path,
            direction=one.direction,
            depth=one.depth,
            truncated=one.truncated,
            width=places.picture.width,
            height=places.picture.height,
            nodes=[
                GraphNodeView(
                    path=each.path,
                    distance=each.distance,
                    side=each.side,
                    files=1,
                    in_cycle=each.in_cycle,
                    **places.of_node(each.path),
                )
                for each in one.files
            ],
            edges=[
                GraphEdgeView(
                    from_path=each.from_path,
                    to_path=each.to_path,
                    kinds=list(each.kinds),
                    imports=1,
                    in_cycle=each.in_cycle,
                    points=places.of_edge(each.from_path, each.to_path),
                )
                for each in one.imports
            ],
        )

    @classmethod
    def from_overview(cls, one: Overview) -> GraphView:
        """The view of an overview, with the layout of its picture."""
        places = _Places(lay_out(one.graph()))
        return cls(
            **commit_of(one.snapshot),
            path=None,
            direction=None,
            depth=one.depth,
            truncated=one.truncated,
            width=places.picture.width,
            height=places.picture.height,
            nodes=[
                GraphNodeView(
                    path=each.path,
                    distance=None,
                    side=None,
                    files=each.files,
                    in_cycle=each.in_cycle,
                    **places.of_node(each.path),
                )
                for each in one.folders
            ],
            edges=[
                GraphEdgeView(
                    from_path=each.from_path,
                    to_path=each.to_path,
                    kinds=[],
                    imports=each.imports,
                    in_cycle=each.in_cycle,
                    points=places.of_edge(each.from_path, each.to_path),
                )
                for each in one.imports
            ],
        )


class _BoxFields(TypedDict):
    label: str
    x: float
    y: float
    width: float
    height: float


class _Places:
    """Where the nodes and edges of a picture are, by their names."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self._boxes = {box.node.name: box for box in picture.boxes}
        self._points = {(one.edge.source, one.edge.target): one.points for one in picture.curves}

    def of_node(self, path: str) -> _BoxFields:
        box = self._boxes[path]
        return _BoxFields(label=box.label, x=box.x, y=box.y, width=box.width, height=box.height)

    def of_edge(self, from_path: str, to_path: str) -> list[list[float]]:
        return [list(point) for point in self._points[from_path, to_path]]


_SUCCESS = "The graph, as it was asked for."
_FORMATS: dict[int, OpenAPIResponse] = {
    200: {
        "description": _SUCCESS,
        "content": {
            "application/json": {"model": GraphView},
            _SVG: {"schema": {"type": "string"}},
            _DOT: {"schema": {"type": "string"}},
        },
    }
}


@router.get(
    "/graph",
    summary="The graph of imports, also as a picture",
    description="With `path`: what needs the file stands to its left, what it needs to its right. "
    "Without: the repository's folders, with how many files import files of which other. Arrows "
    "point at what is imported. `format=svg` is a picture for people, `format=dot` is read by "
    "Graphviz, and the JSON has the places of the same picture.",
    tags=["dependencies"],
    security=PROTECTED,
    responses=answers(
        200,
        _SUCCESS,
        RepositoryNotFound,
        NotIndexed,
        FileNotFound,
        RepositoryAmbiguous,
        ValidationFailed,
    )
    | _FORMATS,
)
def show_graph(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    repository: Annotated[str, RepositoryName],
    path: Annotated[
        str | None,
        Query(
            description="The file's path; without it the answer is an overview of folders.",
            min_length=1,
            max_length=LONGEST_PATH,
        ),
    ] = None,
    direction: Annotated[
        Direction | None,
        Query(description="Which way to walk from the file: both unless asked for."),
    ] = None,
    depth: Annotated[
        int | None,
        Query(
            description=f"How many imports far: 1 to {DEEPEST}, {DEFAULT_DEPTH} unless asked for. "
            "Of an overview how deep folders are told apart at the most.",
            ge=1,
            le=DEEPEST,
        ),
    ] = None,
    limit: Annotated[
        int | None,
        Query(
            description=f"What is shown: 1 to {MOST_NODES}; what lies outside is moved to the "
            f"nearer end. Unless asked for {DEFAULT_NODES} files, or {DEFAULT_SHOWN} folders."
        ),
    ] = None,
    form: Annotated[
        GraphFormat, Query(alias="format", description="What the answer is.")
    ] = GraphFormat.JSON,
    ref: Annotated[str | None, RefName] = None,
) -> Response[GraphView | str]:
    found: Neighbourhood | Overview
    if path is None:
        if direction is not None:
            raise _misplaced("direction")
        found = overview.of_repository(
            services.database,
            tenant_id=tenant.tenant_id,
            repository=repository,
            ref=ref,
            depth=depth,
            limit=limit,
        )
    else:
        found = neighbourhood.around_file(
            services.database,
            tenant_id=tenant.tenant_id,
            repository=repository,
            path=path,
            ref=ref,
            direction=direction or Direction.BOTH,
            depth=depth or DEFAULT_DEPTH,
            limit=limit,
        )
    if form is GraphFormat.SVG:
        return Response(200, _SVG, svg_of(found), headers=dict(_PICTURE_HEADERS))
    if form is GraphFormat.DOT:
        return Response(200, f"{_DOT}; charset=utf-8", dot_of(found))
    return Response(200, "application/json", _view_of(found))


def _view_of(found: Neighbourhood | Overview) -> GraphView:
    if isinstance(found, Neighbourhood):
        return GraphView.from_neighbourhood(found)
    return GraphView.from_overview(found)


def _misplaced(parameter: str) -> RequestValidationError:
    return RequestValidationError(
        [{"type": "value_error", "loc": ("query", parameter), "msg": "it goes with path"}]
    )
