"""How far a change goes, breadth first: from files by their importers, from symbols by users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from indexer.database.connection import Row, Statements
from indexer.parsing.facts import ReferenceKind, SymbolFlag, SymbolKind
from indexer.search.import_cycles import Imports

MOST_ROWS: Final = 50_000
"""So many importers are followed in one step, and so many definitions within changed ones."""
MOST_USES: Final = 5_000
"""So many uses are followed in all."""

_PASSING_ON: Final = frozenset({ReferenceKind.IMPORT, ReferenceKind.EXPORT})
_GONE_AT_RUNTIME: Final = _PASSING_ON | {ReferenceKind.TYPE, ReferenceKind.IMPLEMENTS}
_OUTSIDE: Final = -1
_TYPES: Final = frozenset({SymbolKind.INTERFACE, SymbolKind.TYPE})
# What a definition is made of. A method of a class is not: who calls it names it.
_MAKING: Final = frozenset({SymbolKind.CONSTRUCTOR, SymbolKind.PROPERTY})


class Link(StrEnum):
    """How one step of a way leads to the next."""

    CHANGE = "change"
    IMPORT = "import"
    USE = "use"
    PART = "part"


class Kind(StrEnum):
    """What a way goes through.

    A file that only mentions a symbol, to import it, to pass it on, or in a type, does nothing else
    when it is loaded; its importers are not followed.
    """

    FILE = "file"
    SYMBOL = "symbol"
    MENTION = "mention"


class Node(NamedTuple):
    """A file or a symbol, by its number."""

    kind: Kind
    number: int


class Arrival(NamedTuple):
    """How a node was reached first: `before` leads to it by `link`, in a line of its file."""

    before: Node | None
    link: Link
    line: int | None


_CHANGED: Final = Arrival(None, Link.CHANGE, None)


class Start(NamedTuple):
    """A changed symbol, with what is around it: from its row."""

    symbol_no: int
    file_no: int
    whole_no: int | None


class Reach:
    """A walk of at most `depth` steps, and what it reached.

    `distances` tell how many steps away each node is, `home` has the file of each symbol, and
    `changed_parts` the symbols that are changed because they stand within a changed one. `cut`:
    there was more than is followed.
    """

    def __init__(
        self, statements: Statements, snapshot_id: int, *, depth: int, imports: Imports
    ) -> None:
        self._statements, self._snapshot_id = statements, snapshot_id
        self._depth, self._imports_left_out = depth, imports.left_out
        self._uses_left_out = [] if imports is Imports.ALL else sorted(map(int, _GONE_AT_RUNTIME))
        self.distances: dict[Kind, dict[int, int]] = {kind: {} for kind in Kind}
        self.home: dict[int, int] = {}
        self.changed_parts: set[int] = set()
        # Files are many, and most are reached by an import: these are kept as plain numbers.
        self._imported: dict[int, int] = {}
        self._arrivals: dict[Node, Arrival] = {}
        # The containers of those symbols that their containers are made of.
        self._wholes: dict[int, int] = {}
        self._uses_left = MOST_USES
        self.cut = False

    def walk(self, files: Iterable[int], symbols: Sequence[Start]) -> None:
        """Reach all that files and symbols do, themselves at distance 0.

        What stands within a changed symbol is a changed part of it.

        Raises:
            DatabaseError: the database did not answer.
        """
        for file_no in files:
            self._arrive(Node(Kind.FILE, file_no), 0, _CHANGED)
        for one in symbols:
            self._arrive(Node(Kind.SYMBOL, one.symbol_no), 0, _CHANGED)
            self.home[one.symbol_no] = one.file_no
            self._note_whole(one.symbol_no, one.whole_no)
        self._take_members(symbols)
        frontier = {kind: sorted(members) for kind, members in self.distances.items()}
        for distance in range(1, self._depth + 1):
            known = {kind: len(members) for kind, members in self.distances.items()}
            if frontier[Kind.FILE]:
                self._import(frontier[Kind.FILE], distance)
            if frontier[Kind.SYMBOL] and self._uses_left:
                self._use(frontier[Kind.SYMBOL], distance)
                self._complete(frontier[Kind.SYMBOL], distance)
            frontier = {
                kind: sorted(list(members)[known[kind] :])
                for kind, members in self.distances.items()
            }

    def distance(self, node: Node) -> int:
        """How many steps away a node is that was reached."""
        return self.distances[node.kind][node.number]

    def arrival(self, node: Node) -> Arrival:
        """How a node was reached first."""
        if node.kind is Kind.FILE and node.number in self._imported:
            return Arrival(Node(Kind.FILE, self._imported[node.number]), Link.IMPORT, None)
        return self._arrivals[node]

    def file_of(self, node: Node) -> int:
        """The file that a node is, or that the symbol stands in."""
        return self.home[node.number] if node.kind is Kind.SYMBOL else node.number

    def way_to(self, end: Node) -> Sequence[Node]:
        """A shortest way from what is changed to a node that was reached."""
        way = [end]
        while (before := self.arrival(way[-1]).before) is not None:
            way.append(before)
        return way[::-1]

    def nearest_of_files(self) -> tuple[dict[int, int], dict[int, Node]]:
        """How far away every file is that was reached, and what is nearest of and in each.

        Where that is the file itself, it is not told: of equals that comes first.
        """
        distances, nearest = dict(self.distances[Kind.FILE]), dict[int, Node]()
        for kind in (Kind.SYMBOL, Kind.MENTION):
            for number, distance in self.distances[kind].items():
                node = Node(kind, number)
                file = self.file_of(node)
                if file not in distances or distance < distances[file]:
                    distances[file], nearest[file] = distance, node
        return distances, nearest

    def _arrive(self, node: Node, distance: int, arrival: Arrival) -> None:
        if node.number not in self.distances[node.kind]:
            self.distances[node.kind][node.number] = distance
            self._arrivals[node] = arrival

    def _take_members(self, symbols: Sequence[Start]) -> None:
        if not symbols:
            return
        rows = self._statements.fetch_all(
            "members_of_files",
            snapshot_id=self._snapshot_id,
            file_nos=sorted({one.file_no for one in symbols}),
            after=min(one.symbol_no for one in symbols),
            most=MOST_ROWS,
        )
        self.cut |= len(rows) == MOST_ROWS
        changed = self.distances[Kind.SYMBOL]
        for row in rows:
            part = row["symbol_no"]
            if row["container_no"] in changed and part not in changed:
                around = Node(Kind.SYMBOL, row["container_no"])
                self._arrive(Node(Kind.SYMBOL, part), 0, Arrival(around, Link.PART, None))
                self.changed_parts.add(part)
                self.home[part] = row["file_no"]

    def _import(self, files: Sequence[int], distance: int) -> None:
        asked = {"snapshot_id": self._snapshot_id, "file_nos": files, "most": MOST_ROWS}
        left_out = self._imports_left_out
        rows = (
            self._statements.fetch_all(
                "importers_of_files_by_kind", **asked, kinds_left_out=left_out
            )
            if left_out
            else self._statements.fetch_all("importers_of_files", **asked)
        )
        self.cut |= len(rows) == MOST_ROWS
        reached = self.distances[Kind.FILE]
        for row in rows:
            importer = row["file_no"]
            if importer not in reached:
                reached[importer] = distance
                self._imported[importer] = row["to_file_no"]

    def _use(self, symbols: Sequence[int], distance: int) -> None:
        rows = self._statements.fetch_all(
            "users_of_symbols",
            snapshot_id=self._snapshot_id,
            symbol_nos=symbols,
            kinds_left_out=self._uses_left_out,
            passing_on=sorted(map(int, _PASSING_ON)),
            most=self._uses_left,
        )
        self._uses_left -= rows[0]["uses_read"] if rows else 0
        self.cut |= not self._uses_left
        for row in rows:
            before = Node(Kind.SYMBOL, row["symbol_no"])
            arrival = Arrival(before, Link.USE, row["line"])
            if row["user_no"] != _OUTSIDE:
                self._arrive(Node(Kind.SYMBOL, row["user_no"]), distance, arrival)
                self.home[row["user_no"]] = row["file_no"]
                self._note_whole(row["user_no"], whole_of(row))
            elif row["kind"] in _GONE_AT_RUNTIME:
                self._arrive(Node(Kind.MENTION, row["file_no"]), distance, arrival)
            else:
                self._arrive(Node(Kind.FILE, row["file_no"]), distance, arrival)

    def _complete(self, symbols: Sequence[int], distance: int) -> None:
        """From parts to the definitions that are made of them."""
        reached = self.distances[Kind.SYMBOL]
        found = []
        for part in symbols:
            whole = self._wholes.get(part)
            if whole is not None and whole not in reached:
                before = Node(Kind.SYMBOL, part)
                self._arrive(Node(Kind.SYMBOL, whole), distance, Arrival(before, Link.PART, None))
                self.home[whole] = self.home[part]
                found.append(whole)
        if found:
            rows = self._statements.fetch_all(
                "symbols_to_change",
                snapshot_id=self._snapshot_id,
                symbol_nos=found,
                containers=[],
                names=[],
                most=0,
            )
            for row in rows:
                self._note_whole(row["symbol_no"], whole_of(row))

    def _note_whole(self, symbol_no: int, whole: int | None) -> None:
        if whole is not None:
            self._wholes[symbol_no] = whole


def whole_of(row: Row) -> int | None:
    """The container of the symbol in a row, if the container is made of it.

    A class is made of its constructor and its properties, an object and a type of all members.
    """
    if row["container_no"] is None:
        return None
    makes = (
        row["symbol_kind"] in _MAKING
        or SymbolFlag.OBJECT_MEMBER in SymbolFlag(row["flags"])
        or row["container_kind"] in _TYPES
    )
    whole: int | None = row["container_no"] if makes else None
    return whole
