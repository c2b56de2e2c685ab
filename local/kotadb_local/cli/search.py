"""The command that searches code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from kotadb_local.cli import display
from kotadb_local.cli.display import messages, output, printable
from kotadb_local.cli.named_repository import meant_repository
from kotadb_local.cli.queries import (
    FAILED,
    JsonOption,
    LimitOption,
    RefOption,
    RepositoryOption,
)
from kotadb_local.cli.session import connected, find_place

INDENT = "    "
HIGHLIGHT = "bold red"


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(search)


def search(
    query: Annotated[
        list[str],
        typer.Argument(
            help='What to look for: words, "texts", /expressions/, repo: path: lang: kind: '
            "symbol:, and - before what is left out. Several arguments are one query."
        ),
    ],
    repository: RepositoryOption = None,
    ref: RefOption = None,
    limit: LimitOption = 30,
    as_json: JsonOption = False,
) -> None:
    """Search code: definitions by their names first, then lines of text.

    A query that begins with - stands after --, and quotes are the shell's unless quoted again:
    kotadb search 'retry "at least" -path:test'
    """
    with connected(find_place()) as api:
        if repository is not None:
            # By its id: a name would find those as well that hold it.
            query = [*query, f"repo:{meant_repository(api, repository)['id']}"]
        pages = list(api.pages("/search", "results", most=limit, q=" ".join(query), ref=ref))
    found, page = [one for page in pages for one in page["results"]], pages[-1]
    if as_json:
        display.print_json({**page, "results": found})
        return
    print_results(found)
    if page["empty"]:
        messages.print(printable(page["empty"]["message"]), style="yellow", markup=False)
        raise typer.Exit(FAILED)
    display.tell_of_more(page["next_cursor"], limit)
    if page["not_searchable"]:
        names = ", ".join(map(printable, page["not_searchable"]))
        messages.print(
            f"indexed before there was a search, and left out: {names}",
            style="yellow",
            markup=False,
        )


def print_results(found: Sequence[Mapping[str, Any]]) -> None:
    """Lines of files, each file named above its lines; what was looked for stands out."""
    named: tuple[str, str, str] | None = None
    for one in found:
        file = (one["repository"], one["ref"], one["path"])
        if file != named:
            output.print(
                Text.assemble(
                    (printable(one["path"]), "bold"),
                    (f"  {printable(one['repository'])} at {printable(one['ref'])}", "dim"),
                )
            )
            named = file
        kind = f"{one['symbol']['kind']}  " if one["symbol"] else ""
        output.print(
            Text.assemble(
                f"{INDENT}{one['line']}:{one['column'] + 1}  ", (kind, "cyan"), _snippet(one)
            )
        )


def _snippet(one: Mapping[str, Any]) -> Text:
    """The snippet without what a terminal would obey, its highlights marked."""
    units = one["snippet"].encode("utf-16-le")
    first, shown, at = one["snippet_column"], Text(), 0
    for highlight in one["highlights"]:
        start, end = highlight["start"] - first, highlight["end"] - first
        if start >= at:
            shown.append(_cut(units, at, start))
            shown.append(_cut(units, start, end), style=HIGHLIGHT)
            at = end
    shown.append(_cut(units, at, len(units)))
    shown.rstrip()
    stripped = len(shown.plain) - len(shown.plain.lstrip())
    return shown[stripped:]


def _cut(units: bytes, start: int, end: int) -> str:
    text = units[2 * start : 2 * end].decode("utf-16-le", "replace")
    return printable(text.replace("\t", "    "))
