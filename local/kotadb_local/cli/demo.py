"""`kotadb demo`: from nothing to answers about a real repository, and then what to do next."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from indexer.errors import ConfigurationError
from kotadb_local.cli.answers import (
    print_dependencies,
    print_outcome,
    print_symbols,
    print_uses,
)
from kotadb_local.cli.client import ApiClient
from kotadb_local.cli.display import messages, output
from kotadb_local.cli.following import follow
from kotadb_local.cli.queries import request_index
from kotadb_local.cli.repository_argument import repository_argument
from kotadb_local.cli.session import BuiltOption, connected, find_place, say
from kotadb_local.locks import lock
from kotadb_local.state import project_directory

FAILED = 1
EXAMPLE = "storefront"
# The example is one commit that is the same on every machine.
COMMIT_IDENTITY = {
    "GIT_AUTHOR_NAME": "KotaDB",
    "GIT_AUTHOR_EMAIL": "demo@localhost",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "KotaDB",
    "GIT_COMMITTER_EMAIL": "demo@localhost",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}
KINDS_TO_SHOW = ("function", "class", "interface")
MOST_OF_A_KIND = 300
CANDIDATES = 40
# Folders of what uses a project rather than makes it.
ASIDE = frozenset(
    {"test", "tests", "__tests__", "example", "examples", "bench", "benchmarks", "docs", "website"}
)


class GitMissing(ConfigurationError):
    """The example cannot be made without git."""

    code = "git_missing"

    def __init__(self) -> None:
        super().__init__("git was not found; install it, or name a repository by its https URL")


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(demo)


def demo(
    repository: Annotated[
        str | None,
        typer.Argument(help="A local path, owner/name or https URL; else the bundled example."),
    ] = None,
    ref: Annotated[str | None, typer.Option("--ref", help="Branch or tag.")] = None,
    built: BuiltOption = False,
) -> None:
    """Start everything, index one repository, ask it a few things, and stop."""
    place = find_place(built=built)
    named = _example(place.state) if repository is None else repository_argument(repository)
    with connected(place, tell=say) as api:
        say(f"indexing {escape(named)}")
        asked = request_index(api, named, ref=ref)
        job = follow(api, asked["jobId"])
        stands = job["error_code"] == "already_indexed"
        if stands:
            say("the index stands at this commit already")
            job = _last_completed(api, job) or job
        print_outcome(job)
        if job["status"] != "completed" and not stands:
            raise typer.Exit(FAILED)
        shown = _ask(api, job)
        _go_on(job, shown)


def _last_completed(api: ApiClient, job: Mapping[str, Any]) -> dict[str, Any] | None:
    completed = api.listed(
        "/jobs", "jobs", most=50, status="completed", repository=job["repository_id"]
    )
    return next((one for one in completed if one["ref"] == job["ref"]), None)


def _ask(api: ApiClient, job: Mapping[str, Any]) -> dict[str, Any] | None:
    """Show definitions, the uses of the most used one, and its file's dependencies."""
    where = {"repository": job["repository_id"], "ref": job["ref"]}
    candidates = _candidates(
        symbol
        for kind in KINDS_TO_SHOW
        for symbol in api.listed("/symbols", "symbols", most=MOST_OF_A_KIND, kind=kind, **where)
    )
    if not candidates:
        messages.print("no exported function, class or interface was found", style="yellow")
        return None
    uses = {
        symbol["id"]: api.get(f"/symbols/{symbol['id']}/references", limit=100)["references"]
        for symbol in candidates
    }
    ranked = sorted(candidates, key=lambda symbol: -_files_apart(symbol, uses))
    output.print("\n[bold]Definitions[/bold]")
    print_symbols(ranked[:5])
    favourite = ranked[0]
    output.print("\n[bold]Uses[/bold]")
    print_uses(favourite, uses[favourite["id"]][:8])
    output.print("\n[bold]Dependencies[/bold]")
    print_dependencies(api.get("/dependencies", path=favourite["path"], direction="both", **where))
    return favourite


def _candidates(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Some of what a project exports, from all over its files; its own sources before tests."""
    exported = [symbol for symbol in found if symbol["exported"] and not symbol["container"]]
    sources = [symbol for symbol in exported if ASIDE.isdisjoint(symbol["path"].split("/"))]
    chosen = sources or exported
    step = -(-len(chosen) // CANDIDATES) or 1
    return chosen[::step]


def _files_apart(symbol: Mapping[str, Any], uses: Mapping[str, list[dict[str, Any]]]) -> int:
    """In how many other files a symbol is used."""
    return len({use["path"] for use in uses[symbol["id"]]} - {symbol["path"]})


def _go_on(job: Mapping[str, Any], symbol: Mapping[str, Any] | None) -> None:
    """Commands that work as they are printed, once the service runs."""
    name = symbol["name"] if symbol else "main"
    lines = [
        "make up                        # keeps the service running; in another terminal:",
        "set -a; . ./.env; set +a",
        *_curl(f"/symbols?name={name}"),
        *_curl(f"/jobs/{job['id']}"),
        *_curl("/repositories"),
        f".venv/bin/kotadb symbols {name}",
        f".venv/bin/kotadb references {name}",
        ".venv/bin/kotadb --help",
    ]
    output.print("\n[bold]Go on[/bold]")
    for line in lines:
        output.print(f"  {line}", markup=False)


def _curl(path: str) -> list[str]:
    return [f'curl -s -H "Authorization: Bearer $KOTADB_API_KEY" "$KOTADB_URL{path}"']


def _example(state: Path) -> str:
    """The bundled example as a Git repository, at a path that is always the same."""
    if shutil.which("git") is None:
        raise GitMissing
    state.mkdir(parents=True, exist_ok=True)
    target = state / "example" / EXAMPLE
    with (
        lock(state / "example.lock", within=60),
        tempfile.TemporaryDirectory(dir=state) as workshop,
    ):
        tree = Path(workshop) / EXAMPLE
        shutil.copytree(project_directory() / "examples" / EXAMPLE, tree)
        _git(tree, "init", "--quiet", "--initial-branch=main")
        _git(tree, "add", "--all", "--force")
        _git(tree, "commit", "--quiet", "--message=The storefront")
        target.parent.mkdir(exist_ok=True)
        if not target.exists():
            tree.rename(target)
        elif _git(target, "rev-parse", "HEAD") != _git(tree, "rev-parse", "HEAD"):
            shutil.rmtree(target)
            tree.rename(target)
    return str(target)


def _git(tree: Path, *arguments: str) -> str:
    settings = ("-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null")
    done = subprocess.run(
        ["git", *settings, *arguments],  # noqa: S607 - the person's own git
        cwd=tree,
        env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(tree), **COMMIT_IDENTITY},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout
