"""The search for text and names in all that is indexed, one page at a time.

Definitions whose names answer come first, by how well the name fits, by what their file is, and by
how often they are used. Then come lines of text: files are taken by what they are and by path, some
at a time, and within each such window lines rank by how many terms stand on them and whether those
are whole words. Nothing but the files of a page is read, and a page that would read too many ends
early: its cursor goes on from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final
from uuid import UUID

from indexer.database.connection import Database
from indexer.database.paging import (
    CursorInvalid,
    integer,
    page_size,
    read_cursor,
    text,
    write_cursor,
)
from indexer.parsing.endings import Language
from indexer.parsing.facts import SymbolKind
from indexer.search.candidates import Candidates, Searched, candidates, searchable
from indexer.search.empty_answers import EmptyAnswer, why_empty
from indexer.search.grammar import read_query
from indexer.search.named import Named, named_symbols
from indexer.search.query import Filter
from indexer.search.repositories import AS_OF, AsOf, snapshots_of_all
from indexer.search.walk import START, Place, Result, Walk

MOST_FACETS: Final = 50
MOST_ANSWER_BYTES: Final = 800_000
"""Bytes of the results of one page as JSON, at the most; then it ends early."""

_BYTES_OF_RESULT: Final = 800
_BYTES_OF_HIGHLIGHT: Final = 60
# A character outside of the first plane is written as two escapes.
_BYTES_OF_CHARACTER: Final = 12

_LIST: Final = "search"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """How many files may answer, by repository and language, and how many definitions, by kind.

    Told by the index: of the files some may turn out not to. `left_out` is how many files the
    filters of files took away, one after the other.
    """

    repositories: Sequence[tuple[str, int]]
    languages: Sequence[tuple[Language, int]]
    kinds: Sequence[tuple[SymbolKind, int]]
    left_out: Mapping[Filter, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAnswer:
    """A page of results.

    `complete` is false where the page ended before all files of its part were read; `next_cursor`
    goes on. `definitions_cut`: more definitions have such names than are ranked.
    `not_searchable` are repositories that were indexed before there was a search. `empty` says why
    nothing was found: neither here nor on the pages before.
    """

    results: Sequence[Result]
    next_cursor: str | None
    complete: bool
    repositories: int
    files: int
    definitions_cut: bool
    facets: Facets
    not_searchable: Sequence[str]
    empty: EmptyAnswer | None


def find(
    database: Database,
    *,
    tenant_id: UUID,
    q: str,
    ref: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
    clock: Callable[[], float] = monotonic,
) -> SearchAnswer:
    """Lines that answer the query `q`, at most `limit` (1 to 100, else 50) of them.

    It is asked of the tenant's repositories at `ref`, else at their default refs. `clock` counts
    seconds: after a few of them a page ends early.

    Raises:
        QueryInvalid: the query cannot be read.
        CursorInvalid, CursorExpired: the cursor is none of this query's, or is too old.
        DatabaseError: the database did not answer.
    """
    query = read_query(q)
    size = page_size(limit)
    asked = (q, ref or "")
    place, as_of, before = _read(cursor, asked)
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        everything, as_of = snapshots_of_all(statements, ref=ref, as_of=as_of)
        chosen = [
            one for one in everything if query.wants_repository(one.repository_id, one.repository)
        ]
        searched, others = searchable(statements, chosen)
        found = candidates(statements, searched, query)
        named = _narrowed(named_symbols(statements, searched, query), found)
        walk = Walk(statements, searched, query, found=found, named=named, clock=clock)
        results, after, complete = _page(walk, place, size)
        empty = None
        before += len(results)
        if not before and after is None:
            empty = why_empty(
                statements,
                query,
                ref=ref,
                indexed=len(everything),
                chosen=len(chosen),
                searched=len(searched),
                found=found,
            )
    return SearchAnswer(
        results=results,
        next_cursor=None if after is None else write_cursor(_LIST, *asked, *as_of, *after, before),
        complete=complete,
        repositories=len(searched),
        files=found.count,
        definitions_cut=named.cut,
        facets=_facets(searched, found, named),
        not_searchable=[one.repository for one in others],
        empty=empty,
    )


def _read(cursor: str | None, asked: tuple[str, str]) -> tuple[Place, AsOf | None, int]:
    """Where a page begins, in which commits, and how many results the pages before had."""
    if cursor is None:
        return START, None, 0
    q, ref, publication, snapshots, *place, before = read_cursor(
        cursor, _LIST, text, text, *AS_OF, integer, integer, integer, integer, integer
    )
    if (q, ref) != asked:
        raise CursorInvalid
    return Place(*place), AsOf(publication, snapshots), before


def _narrowed(named: Named, found: Candidates) -> Named:
    """The definitions in files that may hold the rest of the query."""
    return named._replace(
        symbols=[
            one for one in named.symbols if found.chosen.get(one.snapshot_id, 0) >> one.file_no & 1
        ]
    )


def _page(walk: Walk, place: Place, size: int) -> tuple[list[Result], Place | None, bool]:
    """Results from a place on, the place after them, and whether no file was left unread."""
    results: list[Result] = []
    room = MOST_ANSWER_BYTES
    for step in walk.steps(place):
        if step.result is not None:
            room -= _bytes_of(step.result)
            if len(results) == size or (results and room < 0):
                return results, place, True
            results.append(step.result)
        place = step.after
        if step.result is None and walk.is_spent:
            return results, place, False
    return results, None, True


def _bytes_of(one: Result) -> int:
    """The most that a result takes in an answer."""
    name = "" if one.symbol is None else one.symbol.name
    shown = (one.path, one.snippet.text, one.snapshot.repository, one.snapshot.ref, name)
    return (
        _BYTES_OF_RESULT
        + _BYTES_OF_CHARACTER * sum(map(len, shown))
        + _BYTES_OF_HIGHLIGHT * len(one.snippet.highlights)
    )


def _facets(searched: Sequence[Searched], found: Candidates, named: Named) -> Facets:
    of_repositories: Counter[str] = Counter()
    of_languages: Counter[Language] = Counter()
    for one in searched:
        files = found.chosen[one.snapshot.snapshot_id]
        of_repositories[one.snapshot.repository] += files.bit_count()
        for language, members in one.groups.languages.items():
            of_languages[language] += (files & members).bit_count()
    of_kinds = Counter(one.kind for one in named.symbols)
    return Facets(
        repositories=[one for one in of_repositories.most_common(MOST_FACETS) if one[1]],
        languages=[one for one in of_languages.most_common() if one[1]],
        kinds=of_kinds.most_common(),
        left_out=found.left_out,
    )
