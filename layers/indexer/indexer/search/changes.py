"""What is changed, as it is named: files by path, symbols by id or name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

from indexer.database.connection import Row, Statements
from indexer.database.paging import text
from indexer.errors import Refused
from indexer.search.reach import Start, whole_of
from indexer.search.repositories import Snapshot
from indexer.search.symbol_names import Called, is_called, readings
from indexer.search.symbols import SymbolId, SymbolNotFound

MOST_FILES: Final = 1_000
MOST_SYMBOLS: Final = 100
"""So many changed files and symbols are taken, and so many definitions of one name."""

# What an error tells of them.
_MOST_NAMED: Final = 10
_LONGEST_NAMED: Final = 200


class ChangeMissing(Refused):
    """Neither a file nor a symbol is named as changed."""

    code = "change_missing"
    status: ClassVar[int] = 422

    def __init__(self) -> None:
        super().__init__("Name at least one changed file or symbol.")


class ChangeNotFound(Refused):
    """A file or a symbol that is named as changed is not in the index of the commit."""

    code = "change_not_found"
    status: ClassVar[int] = 404

    def __init__(self, missing: Sequence[Missing]) -> None:
        shown = [shortened(one.named) for one in missing[:_MOST_NAMED]]
        more = len(missing) - len(shown)
        also = f" and {more:,} more" if more else ""
        super().__init__(
            f"Not in the index of this commit: {', '.join(shown)}{also}. Symbols are named by "
            "their ids of this commit, or by their names."
        )
        self.details: Sequence[Mapping[str, str | int]] = [
            {"field": f"body.{one.place}", "problem": f"nothing indexed is {shown[number]}"}
            for number, one in enumerate(missing[:_MOST_NAMED])
        ]


class ChangeAmbiguous(Refused):
    """A name of a changed symbol is that of too many definitions."""

    code = "change_ambiguous"
    status: ClassVar[int] = 409

    def __init__(self, named: str) -> None:
        super().__init__(
            f"{shortened(named)} names more than {MOST_SYMBOLS} definitions; name one by its id, "
            "or with its container: Container.member."
        )


class Missing(NamedTuple):
    """What was named as changed and is not indexed; `place` is where: files.0, symbols.2."""

    place: str
    named: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is changed: files by path; symbols by id, by name, or as `Container.member`.

    A name stands for every definition that has it.
    """

    files: Sequence[str] = ()
    symbols: Sequence[str] = ()


class Changed:
    """What is named as changed, by number; `missing` is what the index does not know."""

    def __init__(self, statements: Statements, snapshot: Snapshot) -> None:
        self._statements, self._snapshot = statements, snapshot
        self.missing: list[Missing] = []

    def files(self, paths: Sequence[str]) -> Sequence[int]:
        """The numbers of the files with these paths."""
        stored = [one for one in dict.fromkeys(paths) if _storable(one)]
        rows = self._fetch("files_by_paths", paths=stored) if stored else []
        known = {row["path"] for row in rows}
        self._miss("files", paths, known)
        return [row["file_no"] for row in rows]

    def symbols(self, named: Sequence[str]) -> Sequence[Start]:
        """The definitions that are named so.

        Raises:
            ChangeAmbiguous: a name is that of too many.
        """
        numbers: dict[str, int] = {}
        names: dict[Called, None] = {}
        for one in filter(_storable, named):
            number = self._number(one)
            if number is not None:
                numbers[one] = number
            else:
                names.update(dict.fromkeys(readings(one)))
        asked = {
            "symbol_nos": list(numbers.values()),
            "containers": [container for container, _ in names],
            "names": [name for _, name in names],
        }
        rows = (
            self._fetch("symbols_to_change", **asked, most=MOST_SYMBOLS + 1)
            if numbers or names
            else []
        )
        found: dict[int, Start] = {}
        known: set[str] = set()
        for one in dict.fromkeys(named):
            number = numbers.get(one)
            those = [
                row
                for row in rows
                if (is_called(row, one) if number is None else row["symbol_no"] == number)
            ]
            if len(those) > MOST_SYMBOLS:
                raise ChangeAmbiguous(one)
            if those:
                known.add(one)
            for row in those:
                found[row["symbol_no"]] = Start(row["symbol_no"], row["file_no"], whole_of(row))
        self._miss("symbols", named, known)
        return list(found.values())

    def _number(self, named: str) -> int | None:
        """The number of a symbol of this snapshot that is named by its id."""
        try:
            wanted = SymbolId.parse(named)
        except SymbolNotFound:
            return None
        return wanted.symbol_no if wanted.snapshot_id == self._snapshot.snapshot_id else None

    def _miss(self, field: str, named: Sequence[str], known: set[str]) -> None:
        self.missing += [
            Missing(f"{field}.{number}", one)
            for number, one in enumerate(named)
            if one not in known
        ]

    def _fetch(self, name: str, **parameters: object) -> list[Row]:
        return self._statements.fetch_all(
            name, snapshot_id=self._snapshot.snapshot_id, **parameters
        )


def _storable(named: str) -> bool:
    """Whether the database can hold the text, without which nothing there can have it."""
    try:
        return bool(text(named))
    except ValueError:
        return False


def shortened(named: str) -> str:
    """As much of a name as an answer repeats, in characters that every answer can hold."""
    shown = named.encode("utf-8", "replace").decode()
    return shown if len(shown) <= _LONGEST_NAMED else f"{shown[:_LONGEST_NAMED]}…"
