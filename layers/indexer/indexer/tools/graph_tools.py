"""Tools that follow the graph: what files need, what a change affects, what goes in a circle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, TypeAlias

from pydantic import Field, StringConstraints

from indexer.http.shapes import LONGEST_PATH, read_name, show_names
from indexer.parsing.facts import SymbolFlag, SymbolKind
from indexer.search import dependencies, impact, import_cycles, unused
from indexer.search.changes import MOST_SYMBOLS, Change
from indexer.search.dependencies import Direction
from indexer.search.impact import Step
from indexer.search.import_cycles import MOST_LINKS, Cycle, Imports
from indexer.search.unused import MOST_ENTRIES, Unused, UnusedQuery
from indexer.tools.pages import Listing, page_that_fits
from indexer.tools.registry import Caller, OfFile, OfRepository, Tool
from indexer.tools.wording import commit, kind, place, qualified

MANY: Final = 100
MOST_CHANGED: Final = 200
MOST_OF_WAY: Final = 7
"""Files of a way around a cycle; a path may have thousands of characters."""

Entry: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PATH)]


class SearchDependencies(OfFile):
    """What `search_dependencies` takes."""

    direction: Direction = Field(
        default=Direction.BOTH,
        description="dependencies: what the file needs; dependents: what needs it.",
    )
    depth: int = Field(default=1, ge=1, le=10, description="Imports to follow.")


class AnalyzeChange(OfRepository):
    """What `analyze_change_impact` takes."""

    files: list[str] = Field(
        default_factory=list, max_length=MOST_CHANGED, description="Paths of changed files."
    )
    symbols: list[str] = Field(
        default_factory=list,
        max_length=MOST_SYMBOLS,
        description="Ids or names of changed definitions, or Container.member; narrower.",
    )
    depth: int = Field(default=3, ge=1, le=10, description="Steps to follow.")
    tests_only: bool = Field(default=False, description="Only which tests are affected.")
    limit: int = Field(default=50, ge=1, le=200, description="Files and definitions at the most.")


class FindCycles(OfRepository):
    """What `find_cycles` takes."""

    runtime: bool = Field(default=False, description="Leave out what only types import.")
    limit: int = Field(default=20, ge=1, le=MANY, description="Cycles at the most.")
    cursor: str | None = Field(default=None, description="Of the answer before.")


class FindUnused(OfRepository):
    """What `find_unused` takes."""

    path: str | None = Field(
        default=None,
        description="How the paths begin, for example src/.",
        min_length=1,
        max_length=LONGEST_PATH,
    )
    kind: Annotated[SymbolKind, read_name(SymbolKind), show_names(SymbolKind)] | None = Field(
        default=None,
        description="What was declared; methods, properties and other members only if named.",
    )
    exported_only: bool = Field(
        default=True,
        description="Only what its file exports; else all definitions. Members are told "
        "either way.",
    )
    entries: list[Entry] = Field(
        default_factory=list,
        max_length=MOST_ENTRIES,
        description="Files, or folders with an index file, whose exports count as used.",
    )
    limit: int = Field(default=50, ge=1, le=MANY, description="Definitions at the most.")
    cursor: str | None = Field(default=None, description="Of the answer before.")


def search_dependencies(caller: Caller, wanted: SearchDependencies) -> str:
    """What a file needs, and what needs it."""
    found = dependencies.of_file(
        caller.database,
        tenant_id=caller.tenant_id,
        repository=wanted.repository,
        path=wanted.path,
        ref=wanted.ref,
        direction=wanted.direction,
        depth=wanted.depth,
    )
    lines = [f"{found.path}  {commit(found.snapshot)}"]
    for title, walk in (("needs", found.dependencies), ("is needed by", found.dependents)):
        if walk is not None:
            more = ", cut" if walk.truncated else ""
            lines.append(f"{title} ({len(walk.files)} files{more}):")
            lines += [
                f"  {one.path}  depth {one.depth}{'  in a cycle' if one.in_cycle else ''}"
                for one in walk.files
            ]
    lines += _listed("packages", [one.name for one in found.external_packages])
    lines += _listed(
        "unresolved",
        [
            f"{one.path}:{one.line} {one.specifier} ({one.reason.name.lower()})"
            for one in found.unresolved
        ],
    )
    return "\n".join(lines)


def _listed(title: str, entries: Sequence[str]) -> list[str]:
    return [f"{title}: {', '.join(entries)}"] if entries else []


def analyze_change_impact(caller: Caller, wanted: AnalyzeChange) -> str:
    """What a change may break, the nearest first, each with a shortest way to it."""
    found = impact.of_change(
        caller.database,
        Change(files=wanted.files, symbols=wanted.symbols),
        tenant_id=caller.tenant_id,
        repository=wanted.repository,
        ref=wanted.ref,
        depth=wanted.depth,
        tests_only=wanted.tests_only,
        limit=wanted.limit,
    )
    more = ", not all of them told" if found.truncated else ""
    total = f"{found.total_files} files, {found.total_tests} of them tests, "
    total += f"and {found.total_symbols} definitions within {wanted.depth} steps"
    lines = [f"{commit(found.snapshot)}: {total}{more}"]
    for file in found.files:
        test = "  test" if file.test else ""
        lines.append(f"  {file.path}  depth {file.depth}{test}{_way(file.way)}")
    for one in found.symbols:
        where = f"{kind(one.symbol)} {one.symbol.name}  {one.path}:{one.line}"
        lines.append(f"  {where}  depth {one.depth}{'  test' if one.test else ''}{_way(one.way)}")
    return "\n".join(lines)


def _way(way: Sequence[Step]) -> str:
    """The steps between the change and what it affects, where there are any."""
    between = way[1:-1]
    if not between:
        return ""
    named = [one.path if one.symbol is None else one.symbol.name for one in between]
    return f"  by {' > '.join(named)}"


def find_cycles(caller: Caller, wanted: FindCycles) -> str:
    """The circles of imports of a repository, the largest first, each with a shortest way."""

    def page(limit: int) -> Listing:
        found = import_cycles.find(
            caller.database,
            tenant_id=caller.tenant_id,
            repository=wanted.repository,
            ref=wanted.ref,
            imports=Imports.RUNTIME if wanted.runtime else Imports.ALL,
            cursor=wanted.cursor,
            limit=limit,
        )
        total = f"{found.total} cycles of imports, {found.files_in_cycles} files in them"
        cut = f"; only the first {MOST_LINKS:,} imports were looked at" if found.truncated else ""
        return Listing(
            head=[f"{commit(found.snapshot)}: {total}{cut}"],
            entries=[[_cycle(one)] for one in found.page.items],
            next_cursor=found.page.next_cursor,
        )

    return page_that_fits(wanted.limit, page)


def _cycle(one: Cycle) -> str:
    way = list(one.shortest)
    if not way:
        return f"  {one.size} files, {one.files[0]} among them; a way around is long"
    if (left_out := len(way) - MOST_OF_WAY) > 0:
        way[MOST_OF_WAY:] = [f"({left_out} more)"]
    return f"  {one.size} files: {' > '.join([*way, way[0]])}"


def find_unused(caller: Caller, wanted: FindUnused) -> str:
    """Definitions that nothing in their repository is known to use, by file."""
    query = UnusedQuery(
        repository=wanted.repository,
        ref=wanted.ref,
        path=wanted.path,
        kind=wanted.kind,
        exported_only=wanted.exported_only,
        entries=wanted.entries,
    )

    def page(limit: int) -> Listing:
        found = unused.find(
            caller.database, query, tenant_id=caller.tenant_id, cursor=wanted.cursor, limit=limit
        )
        head = [commit(found.snapshot)]
        if not found.page.items:
            # A page ends after a number of definitions, used or not.
            ended = found.page.next_cursor is None
            nothing = "Nothing is known to be" if ended else "Not all was looked at; nothing is"
            head.append(f"  {nothing} unused.")
        return Listing(
            head=head,
            entries=[[_unused(one)] for one in found.page.items],
            next_cursor=found.page.next_cursor,
        )

    return page_that_fits(wanted.limit, page)


def _unused(one: Unused) -> str:
    symbol = one.symbol
    said = [
        f"{count} {what}"
        for count, what in ((one.imports, "imports"), (one.exports, "export lists"))
        if count
    ]
    if SymbolFlag.EXPORTED in symbol.flags and not one.file_is_imported:
        said.append("nothing imports its file")
    told = f"  {', '.join(said)}" if said else ""
    at = place(symbol.path, symbol.line, symbol.column)
    return f"  {kind(symbol)} {qualified(symbol)}  {at}  [symbol {symbol.id}]{told}"


TOOLS: Final = (
    Tool(
        name="search_dependencies",
        title="Search dependencies",
        description="What a file imports and what imports it, to a depth, with packages and "
        "imports that lead nowhere.",
        arguments=SearchDependencies,
        answer=search_dependencies,
    ),
    Tool(
        name="analyze_change_impact",
        title="Analyze the impact of a change",
        description="Which files, definitions and tests a change of files or definitions affects, "
        "by distance, with the way. Before an edit, and to know which tests to run after it.",
        arguments=AnalyzeChange,
        answer=analyze_change_impact,
    ),
    Tool(
        name="find_cycles",
        title="Find import cycles",
        description="Which files of a repository import each other in a circle, the largest "
        "circles first, each with a shortest way around.",
        arguments=FindCycles,
        answer=find_cycles,
    ),
    Tool(
        name="find_unused",
        title="Find unused definitions",
        description="Definitions that nothing in their repository is known to use. What other "
        "repositories, frameworks or names at run time use is not known: look before you delete.",
        arguments=FindUnused,
        answer=find_unused,
    ),
)
