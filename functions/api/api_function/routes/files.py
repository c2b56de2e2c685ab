"""Files: which are indexed, what they say, what they define."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from api_function.dependencies import PROTECTED, CurrentServices, CurrentTenant
from api_function.problems import answers
from api_function.routes.commits import CommitView, commit_of
from api_function.routes.symbols import RangeView, SymbolKindName, SymbolNameView
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
from indexer.parsing.endings import Language
from indexer.parsing.facts import SymbolFlag
from indexer.search import files, outlines, texts
from indexer.search.files import FileNotFound, IndexedFile
from indexer.search.outlines import DEEPEST, OutlineEntry
from indexer.search.repositories import (
    CursorExpired,
    NotIndexed,
    RepositoryAmbiguous,
    RepositoryNotFound,
)
from indexer.search.texts import (
    MOST_TEXT_BYTES,
    FileNotText,
    FileText,
    LinesBeyondEnd,
    LinesInvalid,
    TextNotStored,
)

router = topic_router()

FilePath = Annotated[
    str, Query(description="The file's path.", min_length=1, max_length=LONGEST_PATH)
]
LANGUAGE = Field(description="By its name; null where the name tells none.")


class FileView(View):
    """An indexed file."""

    path: str
    language: Language | None = LANGUAGE
    blob_id: str = Field(description="The id that Git gives its content.")
    byte_size: int = Field(description="Of the file in Git.")
    line_count: int = Field(description="An empty file has one line; 0 where it has no text.")
    syntax_errors: int
    failure: str | None = Field(description="Why it could not be parsed; null: it was.")

    @classmethod
    def from_file(cls, one: IndexedFile) -> FileView:
        """The view of a file."""
        return cls(
            path=one.path,
            language=one.language,
            blob_id=one.blob_id,
            byte_size=one.byte_size,
            line_count=one.line_count,
            syntax_errors=one.syntax_errors,
            failure=one.failure,
        )


class FilesPage(CommitView):
    """Files in the order of their paths."""

    files: list[FileView]
    next_cursor: str | None


class FileTextView(CommitView):
    """Lines of a file."""

    path: str
    language: Language | None = LANGUAGE
    line_count: int = Field(description="Of the whole file; an empty one has one line.")
    start_line: int
    end_line: int = Field(description="The last line that is told.")
    text: str = Field(description="The lines with what ends them.")
    truncated: bool = Field(description="More was asked for than one answer holds.")
    next_line: int | None = Field(
        description="Where to go on when lines were left out. Null with truncated: of the last "
        "line, which alone is too long, only the beginning is told."
    )

    @classmethod
    def from_text(cls, one: FileText) -> FileTextView:
        """The view of some lines of a file."""
        return cls(
            **commit_of(one.snapshot),
            path=one.file.path,
            language=one.file.language,
            line_count=one.excerpt.line_count,
            start_line=one.excerpt.start_line,
            end_line=one.excerpt.end_line,
            text=one.excerpt.text,
            truncated=one.excerpt.truncated,
            next_line=one.excerpt.next_line,
        )


class OutlineEntryView(View):
    """A definition in its file."""

    id: str = Field(description="Of this commit, and kept as long as it is.")
    name: str
    kind: SymbolKindName
    depth: int = Field(description=f"How many definitions stand around it, {DEEPEST} at the most.")
    container: SymbolNameView | None = Field(description="The innermost of them.")
    line: int = Field(description="Of the name, from 1.")
    column: int = Field(description="Of the name, from 0, in UTF-16 code units.")
    range: RangeView
    exported: bool
    signature: str | None

    @classmethod
    def from_entry(cls, one: OutlineEntry) -> OutlineEntryView:
        """The view of an entry."""
        symbol = one.symbol
        return cls(
            id=str(symbol.id),
            name=symbol.name,
            kind=symbol.kind,
            depth=one.depth,
            container=SymbolNameView.from_name(symbol.container),
            line=symbol.line,
            column=symbol.column,
            range=RangeView.of_symbol(symbol),
            exported=SymbolFlag.EXPORTED in symbol.flags,
            signature=symbol.signature,
        )


class OutlinePage(CommitView):
    """The definitions of a file in the order of its source."""

    path: str
    symbols: list[OutlineEntryView]
    next_cursor: str | None


@router.get(
    "/files",
    summary="The indexed files of a repository, by path",
    tags=["files"],
    security=PROTECTED,
    responses=answers(
        200,
        "A page of files.",
        CursorInvalid,
        CursorExpired,
        RepositoryNotFound,
        RepositoryAmbiguous,
        NotIndexed,
        ValidationFailed,
    ),
)
def list_files(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    repository: Annotated[str, RepositoryName],
    path: Annotated[
        str | None,
        Query(
            description="How the path begins, for example src/.",
            min_length=1,
            max_length=LONGEST_PATH,
        ),
    ] = None,
    contains: Annotated[
        str | None,
        Query(
            description="What stands anywhere in the path, letters of ASCII in any case.",
            min_length=1,
            max_length=LONGEST_PATH,
        ),
    ] = None,
    language: Annotated[Language | None, Query(description="Files of this language only.")] = None,
    ref: Annotated[str | None, RefName] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> FilesPage:
    found = files.find(
        services.database,
        tenant_id=tenant.tenant_id,
        repository=repository,
        ref=ref,
        path=path,
        contains=contains,
        language=language,
        cursor=cursor,
        limit=limit,
    )
    return FilesPage(
        **commit_of(found.snapshot),
        files=[FileView.from_file(one) for one in found.page.items],
        next_cursor=found.page.next_cursor,
    )


@router.get(
    "/file",
    summary="The text of a file, or some of its lines",
    description="The text is what was parsed: UTF-8 without a byte order mark. One answer holds "
    f"at most {MOST_TEXT_BYTES // 1024} KiB of it, in whole lines where one is not longer.",
    tags=["files"],
    security=PROTECTED,
    responses=answers(
        200,
        "The lines.",
        RepositoryNotFound,
        NotIndexed,
        FileNotFound,
        FileNotText,
        RepositoryAmbiguous,
        TextNotStored,
        LinesInvalid,
        LinesBeyondEnd,
        ValidationFailed,
    ),
)
def show_file(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    repository: Annotated[str, RepositoryName],
    path: FilePath,
    lines: Annotated[
        str | None,
        Query(description="10, 10-20 or 10-, counted from 1 and the last included."),
    ] = None,
    ref: Annotated[str | None, RefName] = None,
) -> FileTextView:
    found = texts.of_file(
        services.database,
        tenant_id=tenant.tenant_id,
        repository=repository,
        path=path,
        ref=ref,
        lines=lines,
    )
    return FileTextView.from_text(found)


@router.get(
    "/outline",
    summary="What a file defines, in the order of its source",
    tags=["files"],
    security=PROTECTED,
    responses=answers(
        200,
        "A page of definitions.",
        CursorInvalid,
        CursorExpired,
        RepositoryNotFound,
        NotIndexed,
        FileNotFound,
        RepositoryAmbiguous,
        ValidationFailed,
    ),
)
def show_outline(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    repository: Annotated[str, RepositoryName],
    path: FilePath,
    ref: Annotated[str | None, RefName] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> OutlinePage:
    found = outlines.of_file(
        services.database,
        tenant_id=tenant.tenant_id,
        repository=repository,
        path=path,
        ref=ref,
        cursor=cursor,
        limit=limit,
    )
    return OutlinePage(
        **commit_of(found.snapshot),
        path=found.path,
        symbols=[OutlineEntryView.from_entry(one) for one in found.page.items],
        next_cursor=found.page.next_cursor,
    )
