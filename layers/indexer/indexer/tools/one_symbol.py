"""Questions about one definition, named by its id, or by a name that may be that of several."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Final

from pydantic import Field

from indexer.http.shapes import LONGEST_NAME, LONGEST_PATH, LONGEST_REF
from indexer.parsing.facts import SymbolKind
from indexer.search import symbols
from indexer.search.symbols import Declarations, Symbol, SymbolId, SymbolNotFound, SymbolQuery
from indexer.tools.pages import Listing, page_that_fits
from indexer.tools.registry import Arguments, Caller
from indexer.tools.wording import symbol_lines

FEW: Final = 20
"""Definitions of a name that are told where nobody asks for more."""

_CHOOSE: Final = "The same symbol name is defined several times; call again with one of the ids."
_MORE: Final = (
    f"There are more than these {FEW}: repository, path or Container.member narrow them, and "
    "find_definition tells them all."
)


class OfSymbol(Arguments):
    """What is asked of one definition."""

    symbol: str = Field(
        description="A symbol id of another answer, such as 42-7, a whole name, or "
        "Container.member.",
        min_length=1,
        max_length=2 * LONGEST_NAME,
    )
    repository: str | None = Field(
        default=None,
        description="Where the name is defined.",
        min_length=1,
        max_length=LONGEST_NAME,
    )
    path: str | None = Field(
        default=None,
        description="How the path of the file begins that defines the name.",
        min_length=1,
        max_length=LONGEST_PATH,
    )
    ref: str | None = Field(
        default=None, description="A ref that was indexed.", min_length=1, max_length=LONGEST_REF
    )


def of_one(
    caller: Caller,
    wanted: OfSymbol,
    answer: Callable[[str], str],
    *,
    kinds: Collection[SymbolKind] = (),
) -> str:
    """What `answer` says of the symbol with an id, or which symbols the name may mean.

    Where the name has symbols of `kinds`, it means none of another kind.
    """
    if _is_id(wanted.symbol):
        return answer(wanted.symbol)
    found = symbols.find(
        caller.database,
        SymbolQuery(
            name=wanted.symbol,
            path=wanted.path,
            repository=wanted.repository,
            ref=wanted.ref,
            declarations=Declarations.FIRST,
        ),
        tenant_id=caller.tenant_id,
        limit=FEW,
    )
    if not found.items:
        where = "" if wanted.path is None else f" in a file whose path begins with {wanted.path}"
        return f"No definition is named {wanted.symbol}{where}. find_definition takes places too."
    items: Sequence[Symbol] = found.items
    if found.next_cursor is None:
        items = [one for one in items if one.kind in kinds] or items
    if len(items) == 1:
        return answer(str(items[0].id))
    hint = _CHOOSE if found.next_cursor is None else f"{_CHOOSE} {_MORE}"
    lines = [line for one in items for line in symbol_lines(one, of_repository=True)]
    return "\n".join([hint, *lines])


def pages_of_one(
    caller: Caller, wanted: OfSymbol, limit: int, page: Callable[[str, int], Listing]
) -> str:
    """The page that `page` gives for the id of the symbol and a limit, else as `of_one`."""
    return of_one(caller, wanted, lambda symbol_id: page_that_fits(limit, partial(page, symbol_id)))


def _is_id(text: str) -> bool:
    try:
        SymbolId.parse(text)
    except SymbolNotFound:
        return False
    return True
