"""Commands about the graph of files and definitions: impact, packages, unresolved."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from indexer.resolution.rows import Unresolved
from indexer.search.import_cycles import Imports
from indexer.search.outside import EXTERNAL
from kotadb_local.cli import display, graph_answers
from kotadb_local.cli.named_repository import NamedRepository
from kotadb_local.cli.queries import JsonOption, LimitOption, OneRepositoryOption, RefOption
from kotadb_local.cli.session import connected, find_place

Reason = StrEnum(  # type: ignore[misc]  # its members are those of another enum
    "Reason", [(one.name, one.name.lower()) for one in Unresolved if one not in EXTERNAL]
)


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (impact, packages, unresolved):
        app.command()(command)


def impact(
    repository: OneRepositoryOption,
    files: Annotated[list[str] | None, typer.Argument(help="Changed files.")] = None,
    symbol: Annotated[
        list[str] | None,
        typer.Option("--symbol", "-s", help="A changed definition: its id, name, or Class.member."),
    ] = None,
    depth: Annotated[int, typer.Option("--depth", min=1, max=10, help="Steps to follow.")] = 3,
    runtime: Annotated[
        bool, typer.Option("--runtime", help="Leave out what only types use.")
    ] = False,
    tests: Annotated[
        bool, typer.Option("--tests", help="Print the paths of the tests among it, nothing else.")
    ] = False,
    skip_unknown: Annotated[
        bool, typer.Option("--skip-unknown", help="Pass over what is not indexed.")
    ] = False,
    ref: RefOption = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=1_000, help="Files and definitions to tell.")
    ] = 200,
    as_json: JsonOption = False,
) -> None:
    """Show what a change of files or definitions affects.

    The tests that a branch needs:

    kotadb impact -r owner/name --tests --skip-unknown $(git diff --name-only main)
    """
    with connected(find_place()) as api:
        named = NamedRepository(api, repository)
        answer = api.post(
            "/impact",
            {
                "repository": named.name,
                "ref": ref,
                "files": [named.path(one) for one in files or ()],
                "symbols": symbol or [],
                "depth": depth,
                "imports": Imports.RUNTIME if runtime else Imports.ALL,
                "tests_only": tests,
                "skip_unknown": skip_unknown,
                "limit": limit,
            },
        )
    if as_json:
        display.print_json(answer)
    elif tests:
        graph_answers.print_tests(answer)
    else:
        graph_answers.print_impact(answer)


def packages(
    repository: OneRepositoryOption,
    package: Annotated[str | None, typer.Argument(help="Show where this one is imported.")] = None,
    ref: RefOption = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """Show which packages a repository imports, or where it imports one."""
    route, key = ("/packages", "packages") if package is None else ("/packages/users", "imports")
    with connected(find_place()) as api:
        name = NamedRepository(api, repository).name
        found = api.listed(route, key, most=limit, repository=name, package=package, ref=ref)
    if as_json:
        display.print_json(found.page)
    elif package is None:
        graph_answers.print_packages(found)
    else:
        graph_answers.print_imports(found)
    display.tell_of_more(found.next_cursor, limit)


def unresolved(
    repository: OneRepositoryOption,
    path: Annotated[str | None, typer.Option("--path", help="How paths begin.")] = None,
    reason: Annotated[Reason | None, typer.Option("--reason", help="One reason only.")] = None,
    ref: RefOption = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """Show which imports lead nowhere although they should, and why."""
    with connected(find_place()) as api:
        named = NamedRepository(api, repository)
        asked = {
            "repository": named.name,
            "path": named.beginning(path),
            "reason": reason,
            "ref": ref,
        }
        counts = api.get("/unresolved", limit=1, **asked)["reasons"]
        found = api.listed("/unresolved", "unresolved", most=limit, **asked)
    if as_json:
        display.print_json({"reasons": counts, **found.page})
        return
    graph_answers.print_imports(found, with_reason=True)
    graph_answers.print_reasons(counts)
    display.tell_of_more(found.next_cursor, limit)
