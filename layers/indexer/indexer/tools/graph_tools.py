"""Tools that follow the graph: what a file needs and what needs it, and what a change affects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from indexer.search import dependencies, impact
from indexer.search.changes import MOST_SYMBOLS, Change
from indexer.search.dependencies import Direction
from indexer.search.impact import Step
from indexer.tools.registry import Caller, OfFile, OfRepository, Tool
from indexer.tools.wording import commit, kind

MOST_CHANGED: Final = 200


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
)
