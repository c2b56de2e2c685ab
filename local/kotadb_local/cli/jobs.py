"""Commands about jobs: show them, cancel one."""

from __future__ import annotations

from typing import Annotated

import typer

from indexer.jobs.model import JobStatus
from kotadb_local.cli import answers, display
from kotadb_local.cli.default_command import ShowsByDefault
from kotadb_local.cli.display import messages
from kotadb_local.cli.named_repository import named_or_none
from kotadb_local.cli.queries import JsonOption, LimitOption, RepositoryOption
from kotadb_local.cli.session import connected, find_place

commands = typer.Typer(
    cls=ShowsByDefault, help="Show jobs, newest first, or one job by its id; cancel one."
)


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(commands, name="jobs")


@commands.command()
def show(
    job_id: Annotated[str | None, typer.Argument(help="One job; else the newest of them.")] = None,
    status: Annotated[
        JobStatus | None, typer.Option("--status", help="Only jobs that stand so.")
    ] = None,
    repository: RepositoryOption = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
) -> None:
    """Show jobs, newest first, or one job; so does `jobs` alone."""
    with connected(find_place()) as api:
        if job_id:
            one = api.get(f"/jobs/{job_id}")
            display.print_json(one) if as_json else answers.print_job(one)
            return
        named = named_or_none(api, repository)
        found = api.listed("/jobs", "jobs", most=limit, status=status, repository=named)
    if as_json:
        display.print_json(found.page)
        return
    answers.print_jobs(found)
    if not found:
        messages.print("no such job; kotadb index makes one", style="yellow")
    display.tell_of_more(found.next_cursor, limit)


@commands.command()
def cancel(
    job_id: Annotated[str, typer.Argument(help="A job that waits or runs.")],
    as_json: JsonOption = False,
) -> None:
    """End a job that waits or runs. What its run did is discarded."""
    with connected(find_place()) as api:
        job = api.delete(f"/jobs/{job_id}")
    display.print_json(job) if as_json else answers.print_outcome(job)
