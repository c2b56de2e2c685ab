"""Commands of operators that watch the queue and order it about: the actions of the administration.

Like the others of operators they work on the database itself and are written down.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from indexer.jobs.model import JobStatus
from kotadb_local.cli import display
from kotadb_local.cli.default_command import ShowsByDefault
from kotadb_local.cli.display import local_time, messages, printable
from kotadb_local.cli.operators import carry_out, list_pages, print_lines, print_listed
from kotadb_local.cli.queries import JsonOption, LimitOption
from kotadb_local.wording import counted

commands = typer.Typer(
    cls=ShowsByDefault,
    help="The queue of all tenants: its figures, what runs and fails; pause, resume, cancel, "
    "prioritise.",
)

JobArgument = Annotated[str, typer.Argument(help="Its id.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(commands, name="queue")


@commands.command()
def show(as_json: JsonOption = False) -> None:
    """Show how the queue stands; so does `queue` alone."""
    answer = carry_out("queue")
    if as_json:
        display.print_json(answer)
        return
    oldest = answer["oldest_pending_age_seconds"]
    waiting = f"{answer['ready']} ready, {answer['waiting']} waiting, {answer['delayed']} delayed"
    lines = {
        "waiting": f"{answer['depth']} ({waiting})",
        "oldest wait": "none" if oldest is None else f"{oldest:.0f} s",
        "running": f"{answer['running']}, slots: {answer['workers']}, "
        f"of one tenant at most {answer['leasing']['tenant_cap']}",
        "failed within 24 hours": answer["failed_24h"],
        "dead letters": answer["dead_letters"],
        "ended in the last hour": _ended(answer["throughput"]["minutes"]),
        "ended in the last day": _ended(answer["throughput"]["hours"]),
        "leasing": _leasing(answer["leasing"]),
    }
    for name, told in lines.items():
        display.output.print(f"{name}: {told}", markup=False)


@commands.command()
def running(as_json: JsonOption = False) -> None:
    """Show what runs, how far it is, and how long its lease lasts."""
    found = carry_out("running_jobs")["jobs"]
    lines = [
        f"{one['job_id']}  {one['repository']}  {one['phase'] or 'starting'}"
        f"  {one['files_done']}/{one['files_total'] or '?'} files  run {one['attempt']}"
        f"  for {one['lease_age_seconds']:.0f} s"
        f"  lease ends in {one['lease_ends_in_seconds']:.0f} s  {one['worker'] or ''}"
        for one in found
    ]
    print_lines(found, lines, "no job runs", as_json=as_json)


@commands.command()
def failures(
    hours: Annotated[
        int | None, typer.Option("--hours", help="How far to look back; else a week.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what failed for good, grouped by its error."""
    answer = carry_out("failures", hours=hours)
    if as_json:
        display.print_json(answer)
        return
    lines = [
        f"{one['error_code']}  {counted(one['jobs'], 'job')}"
        f"  last {local_time(one['last_failed_at'])}  {one['last_job_id']}  {one['last_message']}"
        for one in answer["groups"]
    ]
    print_lines(answer["groups"], lines, "nothing failed for good", as_json=False)
    if not answer["complete"]:
        messages.print("only the newest failures were looked at", style="dim")


@commands.command("jobs")
def show_jobs(
    status: Annotated[
        JobStatus | None, typer.Option("--status", help="Only jobs that stand so.")
    ] = None,
    repository_id: Annotated[
        str | None, typer.Option("--repository-id", help="Those of this repository.")
    ] = None,
    tenant_id: Annotated[
        str | None, typer.Option("--tenant-id", help="Those of this tenant.")
    ] = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
) -> None:
    """List the jobs of all tenants, newest first."""
    found = list_pages(
        "jobs",
        "jobs",
        most=limit,
        status=status,
        repository_id=repository_id,
        tenant_id=tenant_id,
    )
    lines = [
        f"{one['id']}  {local_time(one['created_at'])}  {one['status']}  {one['tenant'] or ''}"
        f"  {one['repository']}  {one['ref'] or 'the default branch'}"
        f"  {one['error_code'] or ''}".rstrip()
        for one in found
    ]
    print_listed(found, lines, "no such jobs", limit=limit, as_json=as_json)


@commands.command()
def cancel(job_id: JobArgument) -> None:
    """End a job of any tenant that waits or runs. What its run did is discarded."""
    answer = carry_out("cancel_job", job_id=job_id)
    display.output.print(f"{answer['id']}  {answer['status']}")


@commands.command()
def pause() -> None:
    """Stop leasing in every worker. Jobs that run go on, accepted ones wait."""
    display.output.print(_leasing(carry_out("pause_leasing")), markup=False)


@commands.command()
def resume() -> None:
    """Lease again."""
    display.output.print(_leasing(carry_out("resume_leasing")), markup=False)


@commands.command()
def prioritise(
    job_id: JobArgument,
    priority: Annotated[
        int,
        typer.Option("--priority", help="-100 to 100: the lower, the sooner; requests get 0."),
    ],
) -> None:
    """Move a job that waits before or behind others."""
    answer = carry_out("prioritise_job", job_id=job_id, priority=priority)
    display.output.print(f"{answer['job_id']}  priority {answer['priority']}")


def _ended(spans: Mapping[str, Any]) -> str:
    outcomes = ("completed", "failed", "cancelled", "skipped")
    return ", ".join(f"{sum(spans[outcome])} {outcome}" for outcome in outcomes)


def _leasing(leasing: Mapping[str, Any]) -> str:
    if leasing["stopped_at"] is None:
        return "on"
    why = [
        told
        for told, holds in (
            ("paused by an operator", leasing["paused"]),
            ("switched off by the worker's settings", leasing["switched_off"]),
        )
        if holds
    ]
    return printable(f"stopped since {local_time(leasing['stopped_at'])}: {', '.join(why)}")
