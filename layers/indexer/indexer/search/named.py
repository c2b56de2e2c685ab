"""Definitions whose names answer a search, the likeliest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from indexer.database.connection import Row, Statements
from indexer.parsing.facts import SymbolKind
from indexer.postings.groups import Group
from indexer.postings.words import LONGEST_WORD, found_by, is_boundary
from indexer.search.candidates import Searched
from indexer.search.query import NameWanted, SearchQuery, TermKind
from indexer.search.ranges import TextRange, exactly, starting_with

MOST_DEFINITIONS: Final = 2_000
"""Definitions that are ranked by name; those beyond are found by their lines."""

# So short a text begins too many names: only whole words are meant.
_SHORTEST_PREFIX: Final = 3
_LAST_REST: Final = "\U0010ffff" * (LONGEST_WORD + 1)
_ALL_KINDS: Final = sum(1 << kind for kind in SymbolKind)

_EXACT, _SAME_LETTERS, _WHOLE_WORD, _BEGINS_NAME, _BEGINS_WORD = range(5)


class NamedSymbol(NamedTuple):
    """A definition whose name answers. Lines count from 1, columns from 0 in UTF-16 code units."""

    snapshot_id: int
    symbol_no: int
    file_no: int
    line: int
    column: int
    kind: SymbolKind
    uses: int
    name: str


class Named(NamedTuple):
    """Definitions in the order of their rank; `cut`: there are more than were ranked.

    `unwanted` are those that have such a name and that the query leaves out.
    """

    symbols: list[NamedSymbol]
    unwanted: list[NamedSymbol]
    cut: bool


def names_wanted(query: SearchQuery) -> list[NameWanted]:
    """What names of definitions a query looks for; none: it looks for text alone."""
    if query.only.symbols:
        return list(query.only.symbols)
    return [
        NameWanted(text=one.name, exact=one.kind is TermKind.PHRASE)
        for one in query.sought
        if one.name is not None
    ]


def named_symbols(
    statements: Statements, searched: Sequence[Searched], query: SearchQuery
) -> Named:
    """The definitions that a query looks for by name, in the snapshots that it looks into."""
    wanted = names_wanted(query)
    if not wanted or not searched:
        return Named([], [], cut=False)
    kinds = sum(1 << kind for kind in set(query.only.kinds)) or _ALL_KINDS
    words = [_words(one) for one in wanted]
    names = statements.fetch_all(
        "names_by_word",
        snapshot_ids=[one.snapshot.snapshot_id for one in searched],
        rests_from=[one.start for one in words],
        # Behind an OR for "no end" the index would be read to the end of the snapshot's names.
        rests_below=[one.below or _LAST_REST for one in words],
        kinds=kinds,
        most=MOST_DEFINITIONS,
    )
    # Repositories share many names.
    ranked = {name: _rank(name, wanted) for name in {row["name"] for row in names}}
    fitting = [(row, rank) for row in names if (rank := ranked[row["name"]]) is not None]
    fitting.sort(key=lambda one: (one[1], -one[0]["uses"], one[0]["name"]))
    rows = statements.fetch_all(
        "symbols_of_names",
        snapshot_ids=[row["snapshot_id"] for row, _ in fitting],
        names=[row["name"] for row, _ in fitting],
        kinds=kinds,
        most=MOST_DEFINITIONS,
    )
    ranks = {(row["snapshot_id"], row["name"]): rank for row, rank in fitting}
    order = {one.snapshot.snapshot_id: at for at, one in enumerate(searched)}
    groups = {one.snapshot.snapshot_id: one.groups.groups for one in searched}
    symbols: list[NamedSymbol] = []
    unwanted: list[NamedSymbol] = []
    for one in map(_symbol, rows):
        (unwanted if _is_unwanted(one, query) else symbols).append(one)
    symbols.sort(
        key=lambda one: (
            ranks[one.snapshot_id, one.name],
            _group(groups[one.snapshot_id], one.file_no),
            -one.uses,
            one.name,
            order[one.snapshot_id],
            one.symbol_no,
        )
    )
    return Named(symbols, unwanted, cut=MOST_DEFINITIONS in {len(names), len(rows)})


def _is_unwanted(one: NamedSymbol, query: SearchQuery) -> bool:
    return one.kind in query.without.kinds or any(
        _fit(one.name, name) is not None for name in query.without.symbols
    )


def _words(one: NameWanted) -> TextRange:
    word = found_by(one.text)
    if one.exact or len(word) < _SHORTEST_PREFIX:
        return exactly(word)
    return starting_with(word)


def _rank(name: str, wanted: Sequence[NameWanted]) -> tuple[int, int] | None:
    """The fewest of the wanted that it lacks, and how well it fits the best of them."""
    fits = [fit for one in wanted if (fit := _fit(name, one)) is not None]
    return (-len(fits), min(fits)) if fits else None


def _fit(name: str, wanted: NameWanted) -> int | None:
    if name == wanted.text:
        return _EXACT
    if wanted.exact:
        return None
    small, word = name.encode().lower(), wanted.text.encode().lower()
    if small == word:
        return _SAME_LETTERS
    written = name.encode()
    found = None
    at = small.find(word)
    while at >= 0:
        if is_boundary(written, at):
            whole = is_boundary(written, at + len(word))
            fit = _WHOLE_WORD if whole else _BEGINS_WORD if at else _BEGINS_NAME
            found = fit if found is None else min(found, fit)
        at = small.find(word, at + 1)
    return found


def _group(groups: Sequence[int], file_no: int) -> int:
    return next((at for at, files in enumerate(groups) if files >> file_no & 1), len(Group))


def _symbol(row: Row) -> NamedSymbol:
    return NamedSymbol(
        snapshot_id=row["snapshot_id"],
        symbol_no=row["symbol_no"],
        file_no=row["file_no"],
        line=row["line"],
        column=row["column_no"],
        kind=SymbolKind(row["kind"]),
        uses=row["uses"],
        name=row["name"],
    )
