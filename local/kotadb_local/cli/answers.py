"""The API's answers as lines that a person reads, and that editors and terminals make clickable.

Nothing is folded into columns: in a pipe the lines are the same, without colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from kotadb_local.cli.display import local_time, output, printable, retries_told, status_style
from kotadb_local.wording import counted

INDENT = "    "
# Longer entries of a column stick out instead of moving all others to the right.
WIDEST_COLUMN = 56


def print_symbols(found: Sequence[Mapping[str, Any]], *, console: Console = output) -> None:
    """Definitions, two lines each: kind, name and place; below them the id and the signature."""
    kinds = _width(one["kind"] for one in found)
    several = len({(one["repository_id"], one["ref"]) for one in found}) > 1
    for one in found:
        console.print(
            Text.assemble(f"{one['kind']:{kinds}}  ", (qualified(one), "bold"), f"  {place(one)}")
        )
        repository = f"{printable(one['repository'])} at {printable(one['ref'])}  "
        signature = " ".join((one["signature"] or "").split())
        below = f"{INDENT}{one['id']}  {repository if several else ''}{printable(signature)}"
        _print_within_the_line(console, below.rstrip())


def print_repositories(found: Sequence[Mapping[str, Any]]) -> None:
    """Repositories with what is indexed of each: ref, commit and time."""
    for one in found:
        title = Text.assemble((printable(one["repository"]), "bold"), f"  {printable(one['url'])}")
        output.print(title)
        for snapshot in one["snapshots"]:
            at = f"({snapshot['commit_sha'][:10]})  {local_time(snapshot['indexed_at'])}"
            output.print(Text(f"{INDENT}{printable(snapshot['ref'])} {at}"))
        if not one["snapshots"]:
            output.print(Text(f"{INDENT}nothing of it is indexed; kotadb jobs shows why"))
        output.print(Text(f"{INDENT}{one['id']}", "dim"))


def print_uses(definition: Mapping[str, Any], uses: Sequence[Mapping[str, Any]]) -> None:
    """A definition and its uses, a line each: place, kind, and the definition around it."""
    print_definition(definition)
    if not uses:
        output.print("  no use of it was found", style="dim")
        return
    own = definition["repository_id"]
    where = [f"{_elsewhere(one, own)}{place(one)}" for one in uses]
    places = min(WIDEST_COLUMN, _width(where))
    kinds = _width(one["kind"] for one in uses)
    for one, at in zip(uses, where, strict=True):
        around = f"in {printable(one['enclosing']['name'])}" if one["enclosing"] else ""
        certain = one["resolution"] == "exact" or one["repository_id"] != own
        sure = "" if certain else f"({one['resolution']})"
        said = "  ".join(word for word in (around, sure) if word)
        output.print(Text(f"{at:{places}}  {one['kind']:{kinds}}  {said}".rstrip()))


def print_name(answer: Mapping[str, Any]) -> None:
    """The name at a place, and what it means: definitions with signature and documentation."""
    for one in answer["definitions"]:
        symbol = one["symbol"]
        if symbol is None:
            at = f"{_elsewhere(one, answer['repository_id'])}{printable(one['path'])}:{one['line']}"
            output.print(Text.assemble((printable(answer["name"]), "bold"), f"  {at}"))
            continue
        print_definition(symbol, asked_in=answer["repository_id"])
        _print_words(symbol)
    if answer["truncated"]:
        output.print("and more", style="yellow")
    if not answer["definitions"]:
        _print_nowhere(answer)


def print_hover(answer: Mapping[str, Any]) -> None:
    """What the name at a place means: a symbol with its words and uses, or the line of a local."""
    name = printable(answer["name"])
    for one in answer["meanings"]:
        if one["symbol"] is not None:
            print_definition(one["symbol"], asked_in=answer["repository_id"])
            _print_words(one["symbol"])
            if one["uses"] is not None:
                output.print(Text(f"{INDENT}{counted(one['uses'], 'use')}", "dim"))
            continue
        at = f"{_elsewhere(one, answer['repository_id'])}{printable(one['path'])}:{one['line']}"
        output.print(Text.assemble((name, "bold"), f"  {one['meaning']}  {at}"))
        if one["text"]:
            _print_within_the_line(output, f"{INDENT}{printable(one['text'])}")
    if not answer["meanings"]:
        _print_nowhere(answer)


def _print_words(symbol: Mapping[str, Any]) -> None:
    for told in (symbol["signature"], symbol["documentation"]):
        for line in (told or "").splitlines():
            _print_within_the_line(output, f"{INDENT}{printable(line)}")


def _print_nowhere(answer: Mapping[str, Any]) -> None:
    reason = answer["resolution"] or answer["unresolved"]
    said = f"{printable(answer['name'])} leads to nothing that is indexed ({reason})"
    output.print(Text(said, "yellow"))


def print_definition(one: Mapping[str, Any], *, asked_in: str | None = None) -> None:
    """A definition in one line: its name, kind and place.

    With the id of the repository that was asked, the name of another one is told.
    """
    at = f"{'' if asked_in is None else _elsewhere(one, asked_in)}{place(one)}"
    output.print(Text.assemble((qualified(one), "bold"), f"  {one['kind']}  {at}"))


def _elsewhere(one: Mapping[str, Any], repository_id: str) -> str:
    """The name of a repository that is not the one asked, before a path of it."""
    return "" if one["repository_id"] == repository_id else f"{printable(one['repository'])}: "


def print_hierarchy(answer: Mapping[str, Any]) -> None:
    """A type and those above and below it, a line for each relation."""
    print_definition(answer["symbol"])
    for title, key, nobody in (
        ("above it:", "supertypes", "it extends and implements nothing"),
        ("below it:", "subtypes", "nothing extends or implements it"),
    ):
        side = answer[key]
        if side is None:
            continue
        output.print(title)
        for one in side["relations"]:
            output.print(Text(f"{'  ' * one['depth']}{_relation(one, below=key == 'subtypes')}"))
        if not side["relations"]:
            output.print(f"  {nobody}", style="dim")
        if side["truncated"]:
            output.print("  and more", style="yellow")


def _relation(one: Mapping[str, Any], *, below: bool) -> str:
    leads_to = one["type"]
    if leads_to is None:
        where = f"({one['resolution']})"
    else:
        sure = "" if one["resolution"] == "exact" else f"  ({one['resolution']})"
        where = f"{place(leads_to)}{sure}"
    own = one["of"]["name"]
    if below:
        symbol = leads_to["symbol"]
        own = symbol["name"] if symbol else "a class without a name"
    return f"{printable(own)} {one['kind']} {printable(one['name'])}  {where}"


def print_exports(answer: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> None:
    """The names that a file exports, a line each: the name, what it means and where that is."""
    output.print(
        Text.assemble((printable(answer["path"]), "bold"), f"  {counted(answer['total'], 'name')}")
    )
    names = min(WIDEST_COLUMN, _width(printable(one["name"]) for one in found))
    for one in found:
        via = f"  via {', '.join(map(printable, one['via']))}" if one["via"] else ""
        sure = "  (ambiguous)" if one["ambiguous"] else ""
        line = f"{INDENT}{printable(one['name']):{names}}  {_meaning(one)}{via}{sure}"
        output.print(Text(line))
    if len(found) < answer["total"]:
        output.print(f"{INDENT}and more: --limit", style="dim")
    for one in answer["unknown"]:
        what = f"what {printable(one['specifier'])} exports" if one["specifier"] else "other names"
        said = f"and {what} ({one['reason']})  {place(one)}"
        output.print(Text(said, "yellow"))


def _meaning(one: Mapping[str, Any]) -> str:
    if one["symbols"]:
        symbol = one["symbols"][0]
        return f"{symbol['kind']}  {place(symbol)}"
    if one["target"]:
        return f"{printable(one['target']['path'])}:{one['target']['line']}"
    return f"({one['resolution']})"


def print_unused(found: Sequence[Mapping[str, Any]], *, looked_at: str) -> None:
    """Definitions that are not used, a line each, with what there is of them all the same.

    Where there are none, that is said of what was `looked_at`.
    """
    places = min(WIDEST_COLUMN, _width(place(one["symbol"]) for one in found))
    for one in found:
        symbol = one["symbol"]
        said = [
            counted(one[key], word)
            for key, word in (("imports", "import"), ("exports", "export list"))
            if one[key]
        ]
        if one["exported"] and not one["file_is_imported"]:
            said.append("nothing imports its file")
        told = f"  ({', '.join(said)})" if said else ""
        output.print(
            Text.assemble(
                f"{place(symbol):{places}}  {symbol['kind']}  ",
                (printable(symbol["name"]), "bold"),
                (told, "dim"),
            )
        )
    if not found:
        output.print(
            Text(f"nothing is known to be unused; looked at: {printable(looked_at)}", "dim")
        )


def print_dependencies(answer: Mapping[str, Any]) -> None:
    """A file's imports and the files that import it."""
    for title, key in (("needs", "dependencies"), ("is needed by", "dependents")):
        walk = answer[key]
        if walk is None:
            continue
        output.print(Text.assemble((printable(answer["path"]), "bold"), f" {title}:"))
        for file in walk["files"]:
            cycle = (" (cycle)", "yellow") if file["in_cycle"] else ""
            output.print(Text.assemble("  " * file["depth"], printable(file["path"]), cycle))
        if not walk["files"]:
            output.print("  no file of the repository", style="dim")
        if walk["truncated"]:
            output.print("  and more", style="yellow")
    if packages := ", ".join(one["name"] for one in answer["external_packages"]):
        output.print(Text(f"packages: {printable(packages)}"))
    for one in answer["unresolved"]:
        said = f"unresolved: {printable(one['specifier'])} ({one['reason']})  {place(one)}"
        output.print(Text(said, "yellow"))
    if answer["truncated"]:
        output.print("and more imports than are told", style="yellow")


def print_cycles(found: Sequence[Mapping[str, Any]]) -> None:
    """Import cycles, the largest first: a shortest way around, and how many files belong to it."""
    for one in found:
        output.print(Text(counted(one["size"], "file"), "bold"))
        way = one["shortest"] or one["files"]
        for path in (*way, *one["shortest"][:1]):
            output.print(Text(f"{INDENT}{printable(path)}"))
    if not found:
        output.print("no files import each other in a circle", style="dim")


def print_jobs(found: Sequence[Mapping[str, Any]]) -> None:
    """Jobs, two lines each: how it stands and what it is of; below them the id and when."""
    statuses = _width(one["status"] for one in found)
    for one in found:
        word = Text(f"{one['status']:{statuses}}", status_style(one["status"]))
        code = f": {one['error_code']}" if one["error_code"] else ""
        output.print(Text.assemble(word, f"  {_what_of(one)}{code}"))
        output.print(Text(f"{INDENT}{one['id']}  {local_time(one['created_at'])}", "dim"))


def print_job(job: Mapping[str, Any]) -> None:
    """One job: how it stands, with what it found and when."""
    print_outcome(job)
    for name in ("id", "phase"):
        if job[name] is not None:
            output.print(Text(f"  {name}: {job[name]}", "dim"))
    output.print(Text(f"  retries: {retries_told(job['retry_count'], job)}", "dim"))
    for name in ("next_attempt_at", "created_at", "started_at", "completed_at"):
        if job[name] is not None:
            said = f"  {name.removesuffix('_at').replace('_', ' ')}: {local_time(job[name])}"
            output.print(Text(said, "dim"))
    for attempt in job["attempts"]:
        output.print(Text(f"  {_attempt(attempt)}", "dim"))


def _attempt(attempt: Mapping[str, Any]) -> str:
    ended = attempt["ended_at"]
    until = f" to {local_time(ended)}" if ended else ""
    how = attempt["outcome"] or "runs"
    code = attempt["error_code"]
    why = f": {printable(attempt['error_message'] or '')} ({code})" if code else ""
    return f"attempt {attempt['attempt']}: {local_time(attempt['leased_at'])}{until}  {how}{why}"


def print_outcome(job: Mapping[str, Any]) -> None:
    """How a job ended, with what it found."""
    output.print(Text.assemble((job["status"], status_style(job["status"])), f" {_what_of(job)}"))
    if job["error_code"]:
        reason = f"  {printable(job['error_message'] or '')}"
        output.print(Text.assemble(reason, (f" ({job['error_code']})", "dim")))
    if stats := job["stats"]:
        output.print(
            f"  {counted(stats['files_indexed'], 'file')}, "
            f"{counted(stats['symbols_extracted'], 'symbol')}, "
            f"{counted(stats['references_found'], 'reference')}, "
            f"{stats['dependencies_extracted']:,} dependencies"
        )
        if not stats["files_indexed"]:
            output.print(
                "  no file of it is indexed: TypeScript and JavaScript are", style="yellow"
            )
        for title, key in (("skipped", "files_skipped"), ("failed", "files_failed")):
            if reasons := stats.get(key):
                said = ", ".join(f"{number:,} {reason}" for reason, number in reasons.items())
                output.print(Text(f"  {title}: {printable(said)}", "dim"))


def place(entry: Mapping[str, Any]) -> str:
    """`path:line:column`, columns from 1, as editors and terminals take it."""
    return f"{printable(entry['path'])}:{entry['line']}:{entry['column'] + 1}"


def qualified(symbol: Mapping[str, Any]) -> str:
    """The symbol's name with that of the definition around it."""
    container = symbol["container"]
    return printable(f"{container['name']}.{symbol['name']}" if container else symbol["name"])


def _what_of(job: Mapping[str, Any]) -> str:
    ref = printable(job["ref"] or "the default branch")
    commit = f" ({job['commit_sha'][:10]})" if job["commit_sha"] else ""
    return f"{printable(job['repository'])} at {ref}{commit}"


def _print_within_the_line(console: Console, text: str) -> None:
    line = Text(text, "dim")
    line.truncate(console.width, overflow="ellipsis")
    console.print(line)


def _width(words: Iterable[str]) -> int:
    return max(map(len, words), default=0)
