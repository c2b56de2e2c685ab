"""Files and what stands in them, as a person reads them; a text goes into a pipe as it is."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from indexer.parsing.source import lines_of
from kotadb_local.cli.answers import WIDEST_COLUMN
from kotadb_local.cli.display import output, printable
from kotadb_local.wording import counted

TAB = 4


def print_files(found: Sequence[Mapping[str, Any]]) -> None:
    """Files, a line each: path, lines, bytes, and what went wrong."""
    paths = [printable(one["path"]) for one in found]
    width = min(WIDEST_COLUMN, max(map(len, paths)))
    for path, one in zip(paths, found, strict=True):
        lines, size = counted(one["line_count"], "line"), counted(one["byte_size"], "byte")
        wrong = one["failure"] or (
            f"syntax errors: {one['syntax_errors']}" if one["syntax_errors"] else ""
        )
        told = Text.assemble(f"{path:{width}}  {lines:>12}  {size:>15}", (f"  {wrong}", "yellow"))
        told.rstrip()
        output.print(told)


def print_text(part: Mapping[str, Any]) -> None:
    """Lines of a file: with their numbers on a terminal, and byte for byte into a pipe."""
    text = part["text"].encode()
    if not sys.stdout.isatty():
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
        return
    width = len(str(part["line_count"]))
    numbers = range(part["start_line"], part["end_line"] + 1)
    for number, line in zip(numbers, lines_of(text), strict=False):
        told = printable(line.expandtabs(TAB))
        output.print(Text.assemble((f"{number:{width}}  ", "dim"), told))


def print_folder(found: Sequence[Mapping[str, Any]]) -> None:
    """What lies in a folder, a line each; folders end with a slash and tell their files."""
    for one in found:
        told = Text(printable(one["path"]))
        if one["type"] == "folder":
            told.append("/")
            told.append(f"  {counted(one['files'], 'file')}", "dim")
        output.print(told)


def print_occurrences(found: Sequence[Mapping[str, Any]]) -> None:
    """Names, a line each: their places, what they are, and where they lead."""
    for one in found:
        target = one["target"]
        leads = f"-> {printable(target['path'])}:{target['line']}" if target else one["resolution"]
        output.print(
            Text.assemble(
                (f"{one['line']}:{one['column'] + 1}  ", "dim"),
                f"{one['kind'] or 'module'} ",
                (printable(one["name"]), "bold"),
                "" if one["role"] == "definition" else f"  {leads or 'leads nowhere'}",
            )
        )


def print_outline(path: str, found: Sequence[Mapping[str, Any]]) -> None:
    """Definitions, a line each, below those that stand around them."""
    output.print(Text(printable(path), "bold"))
    width = len(str(found[-1]["line"]))
    for one in found:
        shown = "  " * one["depth"] + one["kind"]
        output.print(
            Text.assemble(
                (f"{one['line']:{width}}  ", "dim"),
                f"{shown} ",
                (printable(one["name"]), "bold"),
                ("  exported" if one["exported"] else "", "dim"),
            )
        )


def print_callers(found: Sequence[Mapping[str, Any]]) -> None:
    """Callers, a line each: the place of the first call, who makes it, and how many there are."""
    if not found:
        output.print("  no call of it was found", style="dim")
    for one in found:
        first = one["sites"][0]
        at = f"{printable(one['path'])}:{first['line']}:{first['column'] + 1}"
        symbol = one["symbol"]
        who = f"in {printable(symbol['name'])}" if symbol else "at the module level"
        calls = f"  {counted(one['calls'], 'call')}" if one["calls"] > 1 else ""
        output.print(Text(f"{at}  {first['kind']}  {who}{calls}"))


def print_callees(path: str, found: Sequence[Mapping[str, Any]]) -> None:
    """Callees, a line each: the place of the first call, what it calls, and where that is."""
    if not found:
        output.print("  it calls nothing", style="dim")
    for one in found:
        first = one["sites"][0]
        calls = f"  {counted(one['calls'], 'call')}" if one["calls"] > 1 else ""
        output.print(
            Text.assemble(
                f"{printable(path)}:{first['line']}:{first['column'] + 1}  {first['kind']}  ",
                (printable(one["name"]), "bold"),
                f"  {_where(one, first['resolution'])}{calls}",
            )
        )


def _where(callee: Mapping[str, Any], resolution: str) -> str:
    if callee["path"] is not None:
        return f"-> {printable(callee['path'])}:{callee['line']}"
    taken = callee["imported"]
    if taken is None:
        return resolution
    module = "/".join(part for part in (taken["package"], taken["subpath"]) if part)
    return f"{resolution}: {printable(taken['name'])} of {printable(module)}"
