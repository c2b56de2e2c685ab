"""How a text names symbols: by their own name, or as `Container.member`."""

from __future__ import annotations

from typing import NamedTuple

from indexer.database.connection import Row


class Called(NamedTuple):
    """A name, and that of the definition right around it; None: of whatever is around it."""

    container: str | None
    name: str


def readings(named: str) -> list[Called]:
    """What `named` may mean: where it has a dot, first a member by the last one; a name as it is.

    There are names with dots: keys of objects, and modules that are described.
    """
    whole = Called(None, named)
    container, dot, member = named.rpartition(".")
    return [Called(container, member), whole] if dot and container and member else [whole]


def is_called(row: Row, named: str) -> bool:
    """Whether the symbol of `row`, which has its container's name beside it, is named so."""
    qualified = f"{row['container_name']}.{row['name']}"
    return named == row["name"] or (row["container_no"] is not None and named == qualified)
