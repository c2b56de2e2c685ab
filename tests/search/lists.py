"""Every list that is of commits, two commits to read them of, and where a reading stands."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.fixtures.queue import OTHER_SHA
from tests.search.conftest import Reader
from tests.search.indexed import Commit

from indexer.database.connection import Database
from indexer.database.paging import Page
from indexer.search import (
    callees,
    callers,
    code_search,
    files,
    folders,
    import_cycles,
    outlines,
    references,
    symbols,
)
from indexer.search.symbols import SymbolQuery

MOST_PAGES = 50
NAME = "ada/engine"
PATHS = ("a.ts", "b.ts", "c.ts", "d.ts", "e.ts")
OF_SYMBOLS = {"references", "callers", "callees"}
OVER_ALL = {"symbols everywhere", "search"}
KEPT = 900


def older() -> Commit:
    """Five files, two cycles, and a symbol that uses three others and is used by them."""
    commit = Commit(PATHS, texts=dict.fromkeys(PATHS, "// run\n// ran\n"))
    used = commit.define("b.ts", "run")
    for line, name in enumerate(("rest", "rise", "row"), 3):
        user = commit.define("b.ts", name, line=line)
        commit.use("b.ts", used, line=line, enclosing=user)
        commit.use("b.ts", user, line=2, column=line, enclosing=used)
    commit.define("d.ts", "ring")
    for one, other in (("a.ts", "b.ts"), ("b.ts", "a.ts"), ("c.ts", "d.ts"), ("d.ts", "c.ts")):
        commit.depend(one, f"./{other}", to=other)
    return commit


def newer() -> Commit:
    """The same names and paths at other numbers, and more of everything."""
    paths = ("0.ts", *PATHS[1:], "f.ts")
    commit = Commit(paths, texts=dict.fromkeys(paths, "// ran, run, run\n"))
    commit.define("0.ts", "rank")
    for line, name in enumerate(("rest", "rinse", "run", "ruse"), 2):
        commit.define("b.ts", name, line=line)
        commit.use("f.ts", 0, line=line)
    for ring in (commit.paths[:2], commit.paths[2:]):
        for one, other in zip(ring, (*ring[1:], ring[0]), strict=True):
            commit.depend(one, f"./{other}", to=other)
    return commit


@dataclass(frozen=True)
class Place:
    """Whom a list is read for, and of what."""

    reader: Reader
    symbol: str = ""
    repository: str = NAME
    ref: str | None = None

    def read(self, which: str, cursor: str | None, limit: int | None = None) -> Page:
        return LISTS[which](self, cursor, limit)

    def rows(self, which: str, cursor: str | None = None, limit: int | None = None) -> list[object]:
        """The rows of this page and all that follow."""
        found: list[object] = []
        for _ in range(MOST_PAGES):
            page = self.read(which, cursor, limit)
            found += page.items
            if (cursor := page.next_cursor) is None:
                return found
        raise AssertionError("the pages do not end")


def of_repository(ask: Callable) -> Callable:
    return lambda place, cursor, limit: (
        ask(
            place.reader.database,
            tenant_id=place.reader.tenant_id,
            repository=place.repository,
            ref=place.ref,
            cursor=cursor,
            limit=limit,
        ).page
    )


def of_symbol(ask: Callable) -> Callable:
    return lambda place, cursor, limit: (
        ask(
            place.reader.database,
            place.symbol,
            tenant_id=place.reader.tenant_id,
            cursor=cursor,
            limit=limit,
        ).page
    )


def everywhere(place: Place, cursor: str | None, limit: int | None) -> Page:
    return symbols.find(
        place.reader.database,
        SymbolQuery(prefix="r", ref=place.ref),
        tenant_id=place.reader.tenant_id,
        cursor=cursor,
        limit=limit,
    )


def found(place: Place, cursor: str | None, limit: int | None) -> Page:
    answer = code_search.find(
        place.reader.database,
        tenant_id=place.reader.tenant_id,
        q="run",
        ref=place.ref,
        cursor=cursor,
        limit=limit,
    )
    return Page(items=tuple(answer.results), next_cursor=answer.next_cursor)


def symbols_of(**wanted: str) -> Callable:
    return lambda place, cursor, limit: symbols.find(
        place.reader.database,
        SymbolQuery(repository=place.repository, ref=place.ref, **wanted),
        tenant_id=place.reader.tenant_id,
        cursor=cursor,
        limit=limit,
    )


def outline(database: Database, **how: object) -> outlines.Outline:
    return outlines.of_file(database, path="b.ts", **how)


LISTS: dict[str, Callable] = {
    "files": of_repository(files.find),
    "folder": of_repository(folders.find),
    "outline": of_repository(outline),
    "cycles": of_repository(import_cycles.find),
    "symbols in order": symbols_of(),
    "symbols by name": symbols_of(prefix="r"),
    "symbols everywhere": everywhere,
    "search": found,
    "references": of_symbol(references.of_symbol),
    "callers": of_symbol(callers.of_symbol),
    "callees": of_symbol(callees.of_symbol),
}


def lands(reader: Reader, **how: str | None) -> None:
    """The next index of the repository."""
    reader.index(newer(), commit_sha=OTHER_SHA, **how)


def cursor_of(place: Place, which: str) -> str:
    cursor = place.read(which, None, 1).next_cursor
    assert cursor, "there is no second page"
    return cursor


def shown(reader: Reader) -> set[int]:
    """The snapshots of which a tenant is shown anything at all."""
    tables = (
        *("snapshots", "files", "symbols", "symbol_references", "dependencies"),
        *("file_texts", "text_postings", "symbol_names"),
        *("imported_names", "package_entries", "package_exports"),
    )
    with reader.database.transaction(principal=reader.tenant_id, read_only=True) as statements:
        return {
            number
            for table in tables
            for (number,) in statements._driver.script(
                f"SELECT DISTINCT snapshot_id FROM kotadb.{table}"
            ).rows
        }
