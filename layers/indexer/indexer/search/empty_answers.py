"""Why a search found nothing: what a person would try next depends on it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from indexer.database.connection import Statements
from indexer.search.candidates import Candidates
from indexer.search.query import Filter, SearchQuery
from indexer.search.repositories import MOST_REPOSITORIES


class EmptyReason(StrEnum):
    """Why nothing was found. The values are stable."""

    NOTHING_INDEXED = "nothing_indexed"
    NOT_INDEXED_YET = "not_indexed_yet"
    REPOSITORY_FILTER = "repository_filter"
    INDEX_TOO_OLD = "index_too_old"
    TERM_NOT_FOUND = "term_not_found"
    TERMS_NOT_TOGETHER = "terms_not_together"
    FILES_FILTERED = "files_filtered"
    NO_MATCH = "no_match"


class EmptyAnswer(NamedTuple):
    """Why nothing was found, and the same as a sentence for a person."""

    reason: EmptyReason
    message: str


def why_empty(
    statements: Statements,
    query: SearchQuery,
    *,
    ref: str | None,
    indexed: int,
    chosen: int,
    searched: int,
    found: Candidates,
) -> EmptyAnswer:
    """Why a search that looked into `searched` repositories found nothing.

    `indexed` are those that have an index at the ref, `chosen` those of them that `repo:` admits.

    Raises:
        DatabaseError: the database did not answer.
    """
    if not indexed or not chosen:
        return _no_repository(statements, query, ref, indexed)
    if not searched:
        return EmptyAnswer(
            EmptyReason.INDEX_TOO_OLD,
            "The repositories were indexed before they could be searched; index them again.",
        )
    return _no_file(query, found) or EmptyAnswer(
        EmptyReason.NO_MATCH,
        "No definition has such a name."
        if query.definitions_only
        else "No line matches; a word is found where a word of an identifier begins: quote it to "
        "look for it anywhere.",
    )


def _no_repository(
    statements: Statements, query: SearchQuery, ref: str | None, indexed: int
) -> EmptyAnswer:
    rows = statements.fetch_all(
        "repositories_wanted",
        repository_id=None,
        name=None,
        ref=ref,
        publication=None,
        most=MOST_REPOSITORIES,
    )
    waiting = [
        row["full_name"]
        for row in rows
        if row["snapshot_id"] is None
        and query.wants_repository(row["repository_id"], row["full_name"])
    ]
    if waiting:
        at = f" at the ref {ref}" if ref else ""
        return EmptyAnswer(
            EmptyReason.NOT_INDEXED_YET,
            f"Nothing of {waiting[0]} is indexed{at} yet; GET /jobs tells how far it is.",
        )
    if indexed:
        return EmptyAnswer(
            EmptyReason.REPOSITORY_FILTER, "repo: leaves none of the indexed repositories."
        )
    return EmptyAnswer(
        EmptyReason.NOTHING_INDEXED, "Nothing is indexed; POST /index adds a repository."
    )


def _no_file(query: SearchQuery, found: Candidates) -> EmptyAnswer | None:
    if found.count:
        return None
    absent = [written for written, files in found.holding.items() if not files]
    if absent:
        return EmptyAnswer(EmptyReason.TERM_NOT_FOUND, f"No file holds {absent[0]}.")
    taken = [name for name in (Filter.PATH, Filter.LANG) if found.left_out.get(name)]
    if taken:
        count = sum(found.left_out.values())
        return EmptyAnswer(
            EmptyReason.FILES_FILTERED,
            f"{count:,} files may hold what is looked for, and "
            f"{' and '.join(f'{one}:' for one in taken)} left none of them.",
        )
    if len(query.sought) > 1:
        return EmptyAnswer(
            EmptyReason.TERMS_NOT_TOGETHER, "Each term is somewhere, but no file holds them all."
        )
    return None
