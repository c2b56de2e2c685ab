"""How tools write places, symbols and pages: one line each, lines and columns from 1."""

from __future__ import annotations

from indexer.search.repositories import Snapshot
from indexer.search.symbols import Symbol, SymbolName

LONGEST_SIGNATURE = 200
LONGEST_DOCUMENTATION = 400


def place(path: str, line: int, column: int | None = None) -> str:
    """`path:line`, or with its column; of a column the API's count from 0 is given."""
    return f"{path}:{line}" if column is None else f"{path}:{line}:{column + 1}"


def commit(snapshot: Snapshot) -> str:
    """The repository and commit that an answer is of."""
    return f"{snapshot.repository} at {snapshot.ref} ({snapshot.commit_sha[:10]})"


def kind(symbol: Symbol | SymbolName) -> str:
    """What was declared, as a word."""
    return symbol.kind.name.lower()


def qualified(symbol: Symbol) -> str:
    """The name, with that of the definition around it."""
    around = symbol.container
    return symbol.name if around is None else f"{around.name}.{symbol.name}"


def one_line(text: str, longest: int) -> str:
    """The text without line ends, cut."""
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else f"{flat[:longest]}..."


def symbol_lines(symbol: Symbol, *, of_repository: bool) -> list[str]:
    """A definition: what and where it is, its id, its signature and what is said of it."""
    where = place(symbol.path, symbol.line, symbol.column)
    repository = f"  {commit(symbol.snapshot)}" if of_repository else ""
    lines = [f"{kind(symbol)} {qualified(symbol)}  {where}  [symbol {symbol.id}]{repository}"]
    if symbol.signature:
        lines.append(f"    {one_line(symbol.signature, LONGEST_SIGNATURE)}")
    if symbol.documentation:
        lines.append(f"    /** {one_line(symbol.documentation, LONGEST_DOCUMENTATION)} */")
    return lines
