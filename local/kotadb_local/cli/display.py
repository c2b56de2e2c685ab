"""How answers look in a terminal. In a pipe they are the same text without colour or bars."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

output = Console(highlight=False, soft_wrap=True)

STATUS_STYLES = {
    "completed": "green",
    "skipped": "yellow",
    "cancelled": "yellow",
    "failed": "red",
    "processing": "cyan",
    "pending": "dim",
}


def print_json(value: object) -> None:
    """One JSON document, indented."""
    output.print(json.dumps(value, indent=2, ensure_ascii=False), markup=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A plain table; nothing in it is taken for markup."""
    drawn = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    output.print(drawn)


def place(entry: Mapping[str, Any]) -> str:
    """`path:line:column`, as editors and terminals make it clickable."""
    return f"{entry['path']}:{entry['line']}:{entry['column'] + 1}"


def status(word: str) -> str:
    """A job's status in its colour, as markup."""
    style = STATUS_STYLES.get(word, "")
    return f"[{style}]{word}[/{style}]" if style else word


def job_outcome(job: Mapping[str, Any]) -> None:
    """How a finished job ended, with what it found."""
    ref, commit = job["ref"] or "the default branch", (job["commit_sha"] or "")[:10]
    at = f" at {escape(ref)}" + (f" ({commit})" if commit else "")
    output.print(f"{status(job['status'])} {escape(job['repository'])}{at}")
    if job["error_code"]:
        output.print(f"  {escape(job['error_message'] or '')} [dim]({job['error_code']})[/dim]")
    if not job["stats"]:
        return
    stats = job["stats"]
    output.print(
        f"  {stats['files_indexed']:,} files, {stats['symbols_extracted']:,} symbols, "
        f"{stats['references_found']:,} references, "
        f"{stats['dependencies_extracted']:,} dependencies"
    )
    for title, key in (("skipped", "files_skipped"), ("failed", "files_failed")):
        if reasons := stats.get(key):
            said = ", ".join(f"{number:,} {reason}" for reason, number in reasons.items())
            output.print(f"  {title}: {escape(said)}", style="dim")


class JobProgress:
    """A bar for a job that runs; where nobody watches, a line for each phase."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("waiting for the worker", total=None)
        self._said = ""

    def show(self, job: Mapping[str, Any]) -> None:
        """Show what the API said of the job just now."""
        progress = job["progress"]
        said = _what_happens(job)
        self._bar.update(
            self._task,
            description=escape(said),
            completed=progress["files_done"],
            total=progress["files_total"],
        )
        if said != self._said and not self._console.is_terminal:
            self._console.print(said, markup=False)
        self._said = said

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()


PHASES = {
    "clone": "fetching the commit",
    "discover": "listing its files",
    "parse": "parsing",
    "resolve": "resolving imports",
    "store": "storing the index",
}


def _what_happens(job: Mapping[str, Any]) -> str:
    if job["status"] == "pending" and job["error_code"]:
        return f"{job['error_message']}; tried again at {job['next_attempt_at']}"
    if job["status"] == "pending":
        return "waiting for the worker"
    return PHASES.get(job["phase"] or "", str(job["status"]))
