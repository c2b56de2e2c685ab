"""What an editor shows of the name at a place of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from indexer.database.connection import Database, Statements
from indexer.search.definitions import NameAt, name_at
from indexer.search.repositories import snapshot_of
from indexer.search.symbols import Definition, SymbolId
from indexer.search.texts import LineRange, LinesBeyondEnd, excerpt

MOST_MEANINGS: Final = 20
"""Of one name; each may have some thousand characters of documentation."""

LONGEST_LINE: Final = 300
"""Characters of the line that declares a local."""


class Meaning(StrEnum):
    """What a name may mean."""

    SYMBOL = "symbol"
    LOCAL = "local"
    MODULE = "module"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hovered:
    """One thing that the name means.

    `uses` counts the references to a symbol in its own repository; None: it is none, or its commit
    was indexed before they were counted. `text` is the line that declares a local, without its
    indentation; None: it is no local, or the text of its file is not stored.
    """

    meaning: Meaning
    definition: Definition
    uses: int | None
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hover:
    """The name at a place, and at most MOST_MEANINGS of the things that it means."""

    name: NameAt
    meanings: Sequence[Hovered]


def at(
    database: Database,
    *,
    tenant_id: UUID,
    repository: str,
    path: str,
    line: int,
    column: int,
    ref: str | None = None,
) -> Hover:
    """What is to be shown of the name over which `column` of `line` lies, or that ends there.

    Raises:
        RepositoryNotFound, RepositoryAmbiguous, NotIndexed: the repository cannot answer.
        FileNotFound: it has no such file.
        NameNotFound: no name that leads anywhere stands there.
        DatabaseError: the database did not answer.
    """
    with database.transaction(principal=tenant_id, read_only=True) as statements:
        snapshot = snapshot_of(statements, repository, ref=ref)
        name = name_at(statements, snapshot, path=path, line=line, column=column)
        shown = name.definitions[:MOST_MEANINGS]
        meanings = [_meaning(one, name) for one in shown]
        uses = _uses(statements, shown)
        lines = _lines(
            statements,
            [one for one, kind in zip(shown, meanings, strict=True) if kind is Meaning.LOCAL],
        )
    return Hover(
        name=name,
        meanings=[
            Hovered(
                meaning=kind,
                definition=one,
                uses=None if one.symbol is None else uses.get(one.symbol.id),
                text=lines.get(one) if kind is Meaning.LOCAL else None,
            )
            for one, kind in zip(shown, meanings, strict=True)
        ],
    )


def _meaning(one: Definition, name: NameAt) -> Meaning:
    if one.symbol is not None:
        return Meaning.SYMBOL
    # A module is line 1 of its file. On the first line of the file itself a local is likelier, and
    # what another file exports there is, as a rule, all of it.
    elsewhere = (one.snapshot, one.path) != (name.snapshot, name.path)
    if name.kind is None or (one.line == 1 and elsewhere):
        return Meaning.MODULE
    return Meaning.LOCAL


def _uses(statements: Statements, shown: Sequence[Definition]) -> dict[SymbolId, int]:
    symbols = [one.symbol.id for one in shown if one.symbol is not None]
    return {
        SymbolId(snapshot_id, row["symbol_no"]): row["uses"]
        for snapshot_id in dict.fromkeys(one.snapshot_id for one in symbols)
        for row in statements.fetch_all(
            "uses_of_symbols",
            snapshot_id=snapshot_id,
            symbol_nos=[one.symbol_no for one in symbols if one.snapshot_id == snapshot_id],
        )
    }


def _lines(statements: Statements, locals_: Sequence[Definition]) -> dict[Definition, str]:
    found = {}
    by_file: dict[tuple[int, str], list[Definition]] = {}
    for one in locals_:
        by_file.setdefault((one.snapshot.snapshot_id, one.path), []).append(one)
    for (snapshot_id, path), there in by_file.items():
        row = statements.fetch_one("file_with_text", snapshot_id=snapshot_id, path=path)
        if row is None or row["content"] is None:
            continue
        for one in there:
            try:
                text = excerpt(row["content"], LineRange(one.line, one.line)).text
            except LinesBeyondEnd:
                continue
            found[one] = text.strip()[:LONGEST_LINE]
    return found
