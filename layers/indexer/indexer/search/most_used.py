"""The definitions of a repository that are used most: what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from indexer.database.connection import Database
from indexer.parsing.facts import SymbolKind
from indexer.postings.groups import Group, group_of
from indexer.search.files import numbers_below
from indexer.search.repositories import Snapshot, snapshot_of
from indexer.search.symbols import Symbol, SymbolId

MOST: Final = 500
"""Definitions of one answer."""

# What a reader looks for first; members of types and local values say little by themselves.
KINDS: Final = (
    *(SymbolKind.FUNCTION, SymbolKind.CLASS, SymbolKind.INTERFACE, SymbolKind.TYPE),
    *(SymbolKind.ENUM, SymbolKind.CONSTANT, SymbolKind.METHOD, SymbolKind.NAMESPACE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MostUsed:
    """Definitions of sources, the most used first, then those of examples and tests.

    With them comes how many references lead to each.
    """

    snapshot: Snapshot
    symbols: Sequence[Symbol]
    uses: Mapping[SymbolId, int]


def find(
    database: Database,
    *,
    tenant_id: UUID,
    repository: str,
    ref: str | None = None,
    path: str | None = None,
) -> MostUsed:
    """The most used definitions in files whose path begins with `path`.

    Of an index that an earlier release made no use is counted; there they come in order.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        DatabaseError: the database did not answer.
    """
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref)
        first_file, last_file = numbers_below(statements, snapshot, path)
        chosen = statements.fetch_all(
            "symbols_most_used",
            snapshot_id=snapshot.snapshot_id,
            kinds=[int(kind) for kind in KINDS],
            first_file=first_file,
            last_file=last_file,
            most=MOST,
        )
        rows = statements.fetch_all(
            "symbols_by_number",
            snapshot_id=snapshot.snapshot_id,
            symbol_nos=[row["symbol_no"] for row in chosen],
        )
    # They came in the order of their numbers, and equals stay so.
    rows.sort(key=lambda row: -row["uses"])
    uses = {SymbolId(row["snapshot_id"], row["symbol_no"]): row["uses"] for row in rows}
    found = [Symbol.from_row(row, snapshot) for row in rows]
    # What tests and examples define is of use to them alone. The sort keeps the order of uses.
    found.sort(key=lambda one: group_of(one.path) > Group.DECLARATION)
    return MostUsed(snapshot=snapshot, symbols=found, uses=uses)
