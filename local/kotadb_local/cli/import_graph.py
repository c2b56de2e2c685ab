"""The graph of imports: as a tree to read, as a picture, for Graphviz."""

from __future__ import annotations

import json
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from indexer.search.dependencies import DEEPEST, Direction
from indexer.search.neighbourhood import DEFAULT_DEPTH, DEFAULT_NODES, MOST_NODES
from indexer.search.overview import DEFAULT_SHOWN
from kotadb_local.cli import graph_answers
from kotadb_local.cli.named_repository import NamedRepository
from kotadb_local.cli.output_files import output_file
from kotadb_local.cli.queries import JsonOption, OneRepositoryOption, RefOption
from kotadb_local.cli.session import connected, find_place, say


class Form(StrEnum):
    """What a graph can be shown as."""

    TEXT = "text"
    SVG = "svg"
    DOT = "dot"
    JSON = "json"


_BY_ENDING = {
    "": Form.TEXT,
    ".txt": Form.TEXT,
    ".svg": Form.SVG,
    ".dot": Form.DOT,
    ".gv": Form.DOT,
    ".json": Form.JSON,
}


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(graph)


def graph(
    repository: OneRepositoryOption,
    path: Annotated[
        str | None, typer.Argument(help="A file of the repository; else its folders are shown.")
    ] = None,
    direction: Annotated[
        Direction | None,
        typer.Option("--direction", help="Which way to follow imports from the file; else both."),
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option(
            "--depth",
            min=1,
            max=DEEPEST,
            help=f"Imports to follow, else {DEFAULT_DEPTH}; or how deep to tell folders apart.",
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            "-n",
            min=1,
            max=MOST_NODES,
            help=f"Files at the most, else {DEFAULT_NODES}; or folders, else {DEFAULT_SHOWN}.",
        ),
    ] = None,
    form: Annotated[
        Form | None,
        typer.Option(
            "--format",
            help="A tree to read; a picture; for Graphviz; the API's answer. Else as the ending "
            "of --output says, or text.",
        ),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="A file, which is replaced once all is written; else output."
        ),
    ] = None,
    ref: RefOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a file imports and what imports it, or which folders do so; or draw it."""
    if path is None and direction is not None:
        raise typer.BadParameter("it goes with a file", param_hint="--direction")
    form = _form(form, to, as_json=as_json)
    # What cannot be written is told before anything is asked.
    with output_file(to) if to else nullcontext() as file, connected(find_place()) as api:
        named = NamedRepository(api, repository)
        asked = {
            "repository": named.name,
            "path": None if path is None else named.path(path),
            "direction": direction,
            "depth": depth,
            "limit": limit,
            "ref": ref,
        }
        if form in {Form.SVG, Form.DOT}:
            text = api.text("/graph", **asked, format=form)
        else:
            answer = api.get("/graph", **asked)
            if form is Form.JSON:
                text = json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
            elif file is None:
                graph_answers.print_graph(answer)
                return
            else:
                text = "".join(f"{line.plain}\n" for line in graph_answers.graph_lines(answer))
        if file is None:
            typer.echo(text, nl=False)
        else:
            file.write(text.encode())
    if to:
        say(f"written to {escape(str(to))}")


def _form(form: Form | None, to: Path | None, *, as_json: bool) -> Form:
    if as_json:
        if form not in {None, Form.JSON}:
            raise typer.BadParameter("it is another format than --format", param_hint="--json")
        return Form.JSON
    if form is not None:
        return form
    ending = "" if to is None else to.suffix.lower()
    if ending not in _BY_ENDING:
        known = ", ".join(filter(None, _BY_ENDING))
        raise typer.BadParameter(
            f"nothing is written as {ending}: name a file in {known}, or a --format",
            param_hint="--output",
        )
    return _BY_ENDING[ending]
