"""Answers about the graph as lines that a person reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from kotadb_local.cli.answers import WIDEST_COLUMN, place
from kotadb_local.cli.display import messages, output, printable
from kotadb_local.wording import counted

INDENT = "    "


def print_impact(answer: Mapping[str, Any]) -> None:
    """What a change affects, the nearest first: a line each, and below it the way to it."""
    for one in answer["files"]:
        test = (" (test)", "green") if one["test"] else ""
        output.print(Text.assemble(f"{one['depth']}  ", (printable(one["path"]), "bold"), test))
        _print_way(one)
    for one in answer["symbols"]:
        where = f"  {one['symbol']['kind']}  {printable(one['path'])}:{one['line']}"
        name = (printable(one["symbol"]["name"]), "bold")
        output.print(Text.assemble(f"{one['depth']}  ", name, where))
        _print_way(one)
    output.print(
        Text(
            f"{counted(answer['total_files'], 'file')}, {counted(answer['total_tests'], 'test')} "
            f"among them; {counted(answer['total_symbols'], 'definition')}",
            "dim",
        )
    )
    _warn(answer)


def print_tests(answer: Mapping[str, Any]) -> None:
    """The tests alone, a path on a line: what a test runner takes."""
    for one in answer["files"]:
        output.print(Text(printable(one["path"])))
    _warn(answer)


def print_packages(found: Sequence[Mapping[str, Any]]) -> None:
    """Packages, a line each: how many files import it, its name, and who of all indexed has it."""
    digits = max((len(f"{one['files']:,}") for one in found), default=0)
    for one in found:
        said = "of the runtime" if one["builtin"] else ""
        if one["repositories"]:
            said = f"of {', '.join(map(printable, one['repositories']))}"
        beside = (f"  {said}", "dim") if said else ""
        output.print(Text.assemble(f"{one['files']:{digits},}  {printable(one['name'])}", beside))
    if not found:
        output.print("no file imports a package", style="dim")


def print_imports(found: Sequence[Mapping[str, Any]], *, with_reason: bool = False) -> None:
    """Imports that lead out of the repository, a line each: place, specifier, and the reason."""
    places = min(WIDEST_COLUMN, max((len(place(one)) for one in found), default=0))
    for one in found:
        why = f"  ({one['reason']})" if with_reason else ""
        output.print(Text(f"{place(one):{places}}  {printable(one['specifier'])}{why}"))


def print_reasons(counts: Sequence[Mapping[str, Any]]) -> None:
    """How many imports lead nowhere, by reason."""
    for one in counts:
        said = f"{one['reason']}: {counted(one['imports'], 'import')} in "
        output.print(Text(f"{said}{counted(one['files'], 'file')}", "dim"))
    if not counts:
        output.print("every import leads somewhere", style="dim")


def print_graph(answer: Mapping[str, Any]) -> None:
    """A file as two trees: what it imports, and what imports it."""
    for line in graph_lines(answer):
        output.print(line)
    if answer["truncated"]:
        what = "folders" if answer["path"] is None else "files"
        messages.print(f"there are more {what} than are shown", style="yellow")


def graph_lines(answer: Mapping[str, Any]) -> Iterator[Text]:
    """The lines of the trees. A file stands once in each, below the nearest that leads to it.

    Of an overview each folder, and below it what it imports, most first.
    """
    cyclic = {one["path"] for one in answer["nodes"] if one["in_cycle"]}
    if answer["path"] is None:
        yield from _folder_lines(answer, cyclic)
        return
    yield _file_of_graph(answer["path"], cyclic, "bold")
    for title, direction, source, target in (
        ("imports", "dependencies", "from_path", "to_path"),
        ("is imported by", "dependents", "to_path", "from_path"),
    ):
        if answer["direction"] in {direction, "both"}:
            sides = {direction, "both"}
            there = {one["path"] for one in answer["nodes"] if one["side"] in sides}
            links = [(one[source], one[target]) for one in answer["edges"]]
            branches = _branches(answer["path"], there, links)
            yield Text(title if branches else f"{title}: no file of the repository", "dim")
            yield from _tree(branches, answer["path"], cyclic, "")
    files, imports = len(answer["nodes"]), len(answer["edges"])
    in_cycles = f"; {counted(len(cyclic), 'file')} in cycles" if cyclic else ""
    yield Text(f"{counted(files, 'file')}, {counted(imports, 'import')}{in_cycles}", "dim")


def _folder_lines(answer: Mapping[str, Any], cyclic: set[str]) -> Iterator[Text]:
    for one in answer["nodes"]:
        name = _file_of_graph(one["path"], cyclic, "bold")
        yield Text.assemble(name, (f"  {counted(one['files'], 'file')}", "dim"))
        links = [edge for edge in answer["edges"] if edge["from_path"] == one["path"]]
        for edge in sorted(links, key=lambda edge: (-edge["imports"], edge["to_path"])):
            cycle = (" (cycle)", "yellow") if edge["in_cycle"] else ""
            to = printable(edge["to_path"])
            yield Text.assemble(f"{INDENT}{edge['imports']:,}  {to}", cycle)
    imports = sum(edge["imports"] for edge in answer["edges"])
    folders = len(answer["nodes"])
    told = f"{counted(folders, 'folder')}, {counted(imports, 'import')} between them"
    yield Text(told, "dim")


def _branches(
    root: str, there: set[str], links: Sequence[tuple[str, str]]
) -> Mapping[str, Sequence[str]]:
    """What hangs below each file of a tree, breadth first: the nearest that leads to it has it."""
    following = defaultdict(list)
    for source, target in sorted(links):
        following[source].append(target)
    branches: dict[str, list[str]] = {}
    left, row = there - {root}, [root]
    while row:
        for one in row:
            below = [target for target in following[one] if target in left]
            left.difference_update(below)
            if below:
                branches[one] = below
        row = [below for one in row for below in branches.get(one, ())]
    return branches


def _tree(
    branches: Mapping[str, Sequence[str]], root: str, cyclic: set[str], before: str
) -> Iterator[Text]:
    below = branches.get(root, ())
    for number, one in enumerate(below, 1):
        last = number == len(below)
        guide = (f"{before}{'└── ' if last else '├── '}", "dim")
        yield Text.assemble(guide, _file_of_graph(one, cyclic, ""))
        yield from _tree(branches, one, cyclic, before + ("    " if last else "│   "))


def _file_of_graph(path: str, cyclic: set[str], style: str) -> Text:
    cycle = (" (cycle)", "yellow") if path in cyclic else ""
    return Text.assemble((printable(path), style), cycle)


def _print_way(one: Mapping[str, Any]) -> None:
    if one["depth"]:
        output.print(Text(INDENT + " < ".join(map(_step, reversed(one["way"]))), "dim"))


def _step(step: Mapping[str, Any]) -> str:
    line = "" if step["line"] is None else f":{step['line']}"
    name = f" {step['symbol']['name']}" if step["symbol"] else ""
    return printable(f"{step['path']}{line}{name}")


def _warn(answer: Mapping[str, Any]) -> None:
    if answer["truncated"]:
        messages.print("there is more than is told here", style="yellow")
    for one in answer["unknown"]:
        messages.print(Text(f"not indexed: {printable(one)}", "yellow"))
