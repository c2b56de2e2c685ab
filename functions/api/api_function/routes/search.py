"""The search for text and names in everything that is indexed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from api_function.dependencies import PROTECTED, CurrentServices, CurrentTenant
from api_function.problems import answers
from api_function.routes.commits import commit_of
from api_function.routes.symbols import SymbolKindName, SymbolNameView
from indexer.database.paging import CursorInvalid
from indexer.http.problems import ValidationFailed
from indexer.http.shapes import Cursor, Limit, RefName, View, topic_router
from indexer.parsing.endings import Language
from indexer.search import code_search
from indexer.search.code_search import MOST_FACETS, Facets, SearchAnswer
from indexer.search.empty_answers import EmptyReason
from indexer.search.grammar import LONGEST_QUERY, QueryInvalid
from indexer.search.matching import LONGEST_SNIPPET
from indexer.search.repositories import MOST_REPOSITORIES, CursorExpired
from indexer.search.walk import Result

router = topic_router()

# What is longer is told by the search itself, with the place.
_LONGEST_TAKEN = 2 * LONGEST_QUERY


class HighlightView(View):
    """Columns of a line from 0, in UTF-16 code units; the end is exclusive."""

    start: int
    end: int


class SearchResultView(View):
    """A line that answers."""

    repository_id: UUID
    repository: str
    ref: str
    commit_sha: str
    path: str
    line: int = Field(description="From 1.")
    column: int = Field(description="Of the match within the line, from 0, in UTF-16 code units.")
    end_column: int = Field(description="Exclusive.")
    snippet: str = Field(
        description=f"The line; of one that is longer {LONGEST_SNIPPET} characters about the match."
    )
    snippet_column: int = Field(description="Of the line, where the snippet begins.")
    highlights: list[HighlightView] = Field(description="Where terms stand in the snippet.")
    symbol: SymbolNameView | None = Field(
        description="What the line defines, where its name is what was looked for."
    )

    @classmethod
    def from_result(cls, one: Result) -> SearchResultView:
        """The view of a result."""
        shown = one.snippet
        return cls(
            **commit_of(one.snapshot),
            path=one.path,
            line=one.line,
            column=shown.column,
            end_column=shown.end_column,
            snippet=shown.text,
            snippet_column=shown.first_column,
            highlights=[HighlightView(start=start, end=end) for start, end in shown.highlights],
            symbol=SymbolNameView.from_name(one.symbol),
        )


class RepositoryCountView(View):
    """Files of a repository that may answer."""

    repository: str
    files: int


class LanguageCountView(View):
    """Files of a language that may answer."""

    language: Language
    files: int


class KindCountView(View):
    """Definitions of a kind whose names answer."""

    kind: SymbolKindName
    definitions: int


class FacetsView(View):
    """What may answer, as the index tells it: of the files some may not."""

    repositories: list[RepositoryCountView] = Field(
        description=f"Those with the most files, {MOST_FACETS} at the most."
    )
    languages: list[LanguageCountView]
    kinds: list[KindCountView]
    left_out: dict[str, int] = Field(
        description="Files that hold what is looked for and that a filter took away, by filter."
    )

    @classmethod
    def from_facets(cls, facets: Facets) -> FacetsView:
        """The view of facets."""
        return cls(
            repositories=[
                RepositoryCountView(repository=name, files=files)
                for name, files in facets.repositories
            ],
            languages=[
                LanguageCountView(language=language, files=files)
                for language, files in facets.languages
            ],
            kinds=[
                KindCountView(kind=kind, definitions=definitions)
                for kind, definitions in facets.kinds
            ],
            left_out={name.value: files for name, files in facets.left_out.items()},
        )


class EmptyView(View):
    """Why nothing was found."""

    reason: EmptyReason
    message: str


class SearchPage(View):
    """Results, the likeliest first: definitions by their names, then lines of text."""

    results: list[SearchResultView]
    next_cursor: str | None
    complete: bool = Field(
        description="False where the page ended before it was full, as it read as many files as "
        "one page may; next_cursor goes on."
    )
    repositories: int = Field(
        description=f"How many were looked into: {MOST_REPOSITORIES:,} at the most."
    )
    files: int = Field(description="How many may hold all terms, by the index.")
    definitions_truncated: bool = Field(
        description="More definitions have such names than are ranked; the others come as text."
    )
    facets: FacetsView
    not_searchable: list[str] = Field(
        description="Repositories that were indexed before there was a search; index them again."
    )
    empty: EmptyView | None = Field(
        description="On the last page: why nothing was found, there and on those before."
    )

    @classmethod
    def from_answer(cls, one: SearchAnswer) -> SearchPage:
        """The view of an answer."""
        empty = one.empty
        return cls(
            results=[SearchResultView.from_result(result) for result in one.results],
            next_cursor=one.next_cursor,
            complete=one.complete,
            repositories=one.repositories,
            files=one.files,
            definitions_truncated=one.definitions_cut,
            facets=FacetsView.from_facets(one.facets),
            not_searchable=list(one.not_searchable),
            empty=None if empty is None else EmptyView(reason=empty.reason, message=empty.message),
        )


@router.get(
    "/search",
    summary="Search code by words, text, expressions and names",
    description="The grammar stands in docs/search.md: words, texts in quotes, /expressions/, "
    "repo: path: lang: kind: symbol:, and - before what is left out.",
    tags=["search"],
    security=PROTECTED,
    responses=answers(
        200, "A page of results.", QueryInvalid, CursorInvalid, CursorExpired, ValidationFailed
    ),
)
def search_code(
    *,
    tenant: CurrentTenant,
    services: CurrentServices,
    q: Annotated[
        str,
        Query(
            description=f"The query, of at most {LONGEST_QUERY:,} characters.",
            max_length=_LONGEST_TAKEN,
        ),
    ],
    ref: Annotated[str | None, RefName] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> SearchPage:
    return SearchPage.from_answer(
        code_search.find(
            services.database,
            tenant_id=tenant.tenant_id,
            q=q,
            ref=ref,
            cursor=cursor,
            limit=limit,
        )
    )
