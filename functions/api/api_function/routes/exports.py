"""What a file exports."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from api_function.dependencies import PROTECTED, CurrentServices, CurrentTenant
from api_function.problems import answers
from api_function.routes.commits import CommitView, commit_of
from api_function.routes.dependencies import UnresolvedName
from api_function.routes.symbols import ResolutionName, SymbolPlaceView
from indexer.database.paging import CursorInvalid
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import (
    LONGEST_PATH,
    Cursor,
    Limit,
    RefName,
    RepositoryName,
    View,
    topic_router,
)
from indexer.search import exports
from indexer.search.exported_files import MOST_FILES
from indexer.search.exports import MOST_OPEN_ENDS, MOST_SYMBOLS, Export, UnknownExports
from indexer.search.files import FileNotFound
from indexer.search.repositories import (
    CursorExpired,
    NotIndexed,
    RepositoryAmbiguous,
    RepositoryNotFound,
)
from indexer.search.texts import TextNotStored

router = topic_router()


class TargetView(View):
    """What an export leads to that is no symbol: a module is line 1 of its file."""

    path: str
    line: int


class ExportView(View):
    """A name that a file exports."""

    name: str = Field(
        description="`default` for a default export, `export=` for `export =` and "
        "`module.exports =`."
    )
    path: str = Field(description="The file that gives it the name.")
    line: int
    column: int
    via: list[str] = Field(
        description="The files between the one asked for and path, each passed on by `export *`."
    )
    symbols: list[SymbolPlaceView] = Field(
        description="What it means: a type and a value, say, or overloads; "
        f"{MOST_SYMBOLS} at the most."
    )
    target: TargetView | None = Field(description="What it means where that is no symbol.")
    resolution: ResolutionName = Field(description="Why it leads to nothing that is indexed.")
    ambiguous: bool = Field(
        description="Files passed on mean different things by it: the language leaves it out."
    )

    @classmethod
    def from_export(cls, one: Export) -> ExportView:
        """The view of an export."""
        target = None
        if one.target_path is not None and one.target_line is not None:
            target = TargetView(path=one.target_path, line=one.target_line)
        return cls(
            name=one.name,
            path=one.path,
            line=one.line,
            column=one.column,
            via=list(one.via),
            symbols=[SymbolPlaceView.from_symbol(each) for each in one.symbols],
            target=target,
            resolution=one.resolution,
            ambiguous=one.ambiguous,
        )


class UnknownExportsView(View):
    """A place that exports names which are not known."""

    path: str
    line: int
    column: int
    specifier: str = Field(
        description="The module whose exports these are; empty where none is named, as in "
        "`exports[name] =`."
    )
    package: str | None
    reason: UnresolvedName

    @classmethod
    def from_unknown(cls, one: UnknownExports) -> UnknownExportsView:
        """The view of one of them."""
        return cls(
            path=one.path,
            line=one.line,
            column=one.column,
            specifier=one.specifier,
            package=one.package,
            reason=one.reason,
        )


class ExportsPage(CommitView):
    """What a file exports, by name."""

    path: str = Field(description="The file; of a folder its index file, of a package its entry.")
    total: int = Field(description="How many names it exports.")
    truncated: bool = Field(
        description=f"It passes on more than {MOST_FILES} files, or too many names."
    )
    unknown: list[UnknownExportsView] = Field(
        description="Here it exports more, such as all of a package: nobody knows what that is. "
        f"{MOST_OPEN_ENDS} at the most, fewer where they are long."
    )
    exports: list[ExportView]
    next_cursor: str | None


@router.get(
    "/exports",
    summary="What a file or a package exports",
    description="Every name that it exports, with what the name means: declarations, lists, other "
    "names, `export … from`, `export *` through as many files as there are, and CommonJS.",
    tags=["symbols"],
    security=PROTECTED,
    responses=answers(
        200,
        "A page of exports.",
        CursorInvalid,
        CursorExpired,
        RepositoryNotFound,
        NotIndexed,
        FileNotFound,
        RepositoryAmbiguous,
        TextNotStored,
        ValidationFailed,
    ),
)
def list_exports(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    repository: Annotated[str, RepositoryName],
    path: Annotated[
        str,
        Query(
            description="The file's path, that of a folder with an index file, or the name of a "
            "package of the repository, as an import of it is written.",
            min_length=1,
            max_length=LONGEST_PATH,
        ),
    ],
    ref: Annotated[str | None, RefName] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> ExportsPage:
    found = exports.of_path(
        services.database,
        tenant_id=tenant.tenant_id,
        repository=repository,
        path=path,
        ref=ref,
        cursor=cursor,
        limit=limit,
    )
    return ExportsPage(
        **commit_of(found.snapshot),
        path=found.path,
        total=found.total,
        truncated=found.truncated,
        unknown=[UnknownExportsView.from_unknown(one) for one in found.unknown],
        exports=[ExportView.from_export(one) for one in found.page.items],
        next_cursor=found.page.next_cursor,
    )
