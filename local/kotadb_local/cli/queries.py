"""Commands that ask the API: index, jobs, symbols, references, dependencies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from kotadb_local.cli import display
from kotadb_local.cli.client import ApiClient
from kotadb_local.cli.session import connected, find_place, messages

FAILED = 1

RepositoryOption = Annotated[
    str | None, typer.Option("--repository", "-r", help="Its id, or owner/name.")
]
RefOption = Annotated[
    str | None, typer.Option("--ref", help="A branch or tag that was indexed; else the default.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the API's answer as JSON.")]
LimitOption = Annotated[int, typer.Option("--limit", "-n", min=1, help="Entries at the most.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (index, jobs, symbols, references, dependencies):
        app.command()(command)


def index(
    repository: Annotated[
        str, typer.Argument(help="owner/name, an https URL, or the path of a local repository.")
    ],
    ref: Annotated[
        str | None, typer.Option("--ref", help="Branch or tag; else the default branch.")
    ] = None,
    commit: Annotated[str | None, typer.Option("--commit", help="A full commit id.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Index again even if the index stands at this commit.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Follow the job to its end.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Index a repository and show how it goes."""
    with connected(find_place()) as api:
        job = request_index(api, repository, ref=ref, commit=commit, force=force)
        if wait:
            job = follow(api, job["jobId"])
    if as_json:
        display.print_json(job)
    elif wait:
        display.job_outcome(job)
    else:
        display.output.print(f"queued as job {job['jobId']}")
    if wait and job["status"] not in {"completed", "skipped"}:
        raise typer.Exit(FAILED)


def request_index(
    api: ApiClient,
    repository: str,
    *,
    ref: str | None = None,
    commit: str | None = None,
    force: bool = False,
) -> dict[str, Any]:
    """Ask for an index; a path of this machine is made absolute first."""
    return api.post(
        "/index",
        {
            "repository": _local_path(repository) or repository,
            "ref": ref,
            "commit_sha": commit,
            "force": force or None,
        },
    )


def follow(api: ApiClient, job_id: str) -> dict[str, Any]:
    """Follow a job to its end with a progress display."""
    with display.JobProgress(messages) as progress:
        return api.follow(job_id, show=progress.show)


def jobs(
    job_id: Annotated[str | None, typer.Argument(help="One job; else the newest of them.")] = None,
    status: Annotated[
        str | None,
        typer.Option("--status", help="pending, processing, completed, failed, cancelled, skipped"),
    ] = None,
    repository: RepositoryOption = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
) -> None:
    """Show jobs, newest first, or one job."""
    with connected(find_place(), quiet=as_json) as api:
        if job_id:
            one = api.get(f"/jobs/{job_id}")
            display.print_json(one) if as_json else _print_job(one)
            return
        found = list(api.pages("/jobs", "jobs", most=limit, status=status, repository=repository))
    if as_json:
        display.print_json({"jobs": found})
        return
    display.table(
        ("job", "repository", "ref", "commit", "status", "created"),
        (
            (
                one["id"],
                one["repository"],
                one["ref"],
                (one["commit_sha"] or "")[:10],
                f"{one['status']}: {one['error_code']}" if one["error_code"] else one["status"],
                one["created_at"],
            )
            for one in found
        ),
    )


def symbols(
    name: Annotated[
        str | None, typer.Argument(help="The whole name; with --prefix its start.")
    ] = None,
    prefix: Annotated[bool, typer.Option("--prefix", help="NAME is how names begin.")] = False,
    kind: Annotated[
        str | None, typer.Option("--kind", help="function, class, interface, method, …")
    ] = None,
    path: Annotated[str | None, typer.Option("--path", help="How paths begin.")] = None,
    repository: RepositoryOption = None,
    ref: RefOption = None,
    limit: LimitOption = 50,
    as_json: JsonOption = False,
) -> None:
    """Find definitions by name, prefix, kind and path."""
    asked = {"prefix" if prefix else "name": name} if name else {}
    with connected(find_place(), quiet=as_json) as api:
        found = list(
            api.pages(
                "/symbols",
                "symbols",
                most=limit,
                **asked,
                kind=kind,
                path=path,
                repository=repository,
                ref=ref,
            )
        )
    if as_json:
        display.print_json({"symbols": found})
    elif found:
        print_symbols(found)
    else:
        messages.print("nothing found", style="yellow")
        raise typer.Exit(FAILED)


def print_symbols(found: list[dict[str, Any]]) -> None:
    """Definitions as a table."""
    display.table(
        ("id", "kind", "definition", "signature"),
        (
            (
                one["id"],
                one["kind"],
                f"{_qualified(one)}  {display.place(one)}",
                _shortened(one["signature"]),
            )
            for one in found
        ),
    )


def references(
    symbol: Annotated[str, typer.Argument(help="A symbol's id, or its exact name.")],
    repository: RepositoryOption = None,
    ref: RefOption = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """Show where a definition is used."""
    with connected(find_place(), quiet=as_json) as api:
        symbol_id = symbol if _is_id(symbol) else _only_one(api, symbol, repository, ref)
        definition = api.get(f"/symbols/{symbol_id}/references", limit=1)["symbol"]
        uses = list(api.pages(f"/symbols/{symbol_id}/references", "references", most=limit))
    if as_json:
        display.print_json({"symbol": definition, "references": uses})
        return
    print_uses(definition, uses)


def print_uses(definition: Mapping[str, Any], uses: list[dict[str, Any]]) -> None:
    """A definition and its uses."""
    display.output.print(
        f"[bold]{escape(_qualified(definition))}[/bold] {definition['kind']} "
        f"{escape(display.place(definition))}"
    )
    if not uses:
        display.output.print("  no use of it was found", style="dim")
        return
    display.table(
        ("use", "kind", "in"),
        (
            (display.place(one), one["kind"], one["enclosing"] and one["enclosing"]["name"])
            for one in uses
        ),
    )


def dependencies(
    path: Annotated[str, typer.Argument(help="A file of the repository.")],
    repository: Annotated[str, typer.Option("--repository", "-r", help="Its id, or owner/name.")],
    direction: Annotated[
        str, typer.Option("--direction", help="dependencies, dependents or both")
    ] = "both",
    depth: Annotated[int, typer.Option("--depth", min=1, max=10, help="Imports to follow.")] = 1,
    ref: RefOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a file needs and what needs it."""
    with connected(find_place(), quiet=as_json) as api:
        answer = api.get(
            "/dependencies",
            repository=repository,
            path=path,
            direction=direction,
            depth=depth,
            ref=ref,
        )
    if as_json:
        display.print_json(answer)
        return
    print_dependencies(answer)


def print_dependencies(answer: Mapping[str, Any]) -> None:
    """A file's imports and the files that import it."""
    for title, key in (("needs", "dependencies"), ("is needed by", "dependents")):
        walk = answer[key]
        if walk is None:
            continue
        display.output.print(f"[bold]{escape(answer['path'])}[/bold] {title}:")
        for file in walk["files"]:
            cycle = " [yellow](cycle)[/yellow]" if file["in_cycle"] else ""
            display.output.print(f"{'  ' * file['depth']}{escape(file['path'])}{cycle}")
        if not walk["files"]:
            display.output.print("  no file of the repository", style="dim")
    if packages := ", ".join(one["name"] for one in answer["external_packages"]):
        display.output.print(f"packages: {escape(packages)}")
    for one in answer["unresolved"]:
        display.output.print(
            f"unresolved: {escape(one['specifier'])} ({one['reason']}) "
            f"{escape(display.place(one))}",
            style="yellow",
        )


def _print_job(job: Mapping[str, Any]) -> None:
    display.job_outcome(job)
    shown = ("id", "phase", "retry_count", "max_retries", "next_attempt_at", "created_at")
    for name in (*shown, "started_at", "completed_at"):
        if job[name] is not None:
            display.output.print(f"  {name}: {job[name]}", style="dim", markup=False)


def _only_one(api: ApiClient, name: str, repository: str | None, ref: str | None) -> str:
    found = list(
        api.pages("/symbols", "symbols", most=20, name=name, repository=repository, ref=ref)
    )
    if len(found) == 1:
        return str(found[0]["id"])
    if not found:
        messages.print(f"no symbol is named {escape(name)}", style="yellow")
    else:
        messages.print(f"several symbols are named {escape(name)}; take one by its id:")
        print_symbols(found)
    raise typer.Exit(FAILED)


def _is_id(text: str) -> bool:
    snapshot, hyphen, number = text.partition("-")
    return bool(hyphen) and snapshot.isdigit() and number.isdigit()


def _local_path(text: str) -> str | None:
    """The absolute path that a local repository's name stands for; None for anything else."""
    if text.startswith(("/", "./", "../", "~")) or text in {".", ".."}:
        return str(Path(text).expanduser().resolve())
    return None


def _qualified(symbol: Mapping[str, Any]) -> str:
    container = symbol["container"]
    return f"{container['name']}.{symbol['name']}" if container else str(symbol["name"])


def _shortened(text: str | None, most: int = 100) -> str:
    if text is None or len(text) <= most:
        return text or ""
    return text[: most - 1] + "…"
