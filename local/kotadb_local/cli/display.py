"""The terminal: where answers go, what may go there, and the bar of a job that runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from indexer.drawing import texts

output = Console(highlight=False, soft_wrap=True, emoji=False)
messages = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)

STATUS_STYLES = {
    "completed": "green",
    "skipped": "yellow",
    "cancelled": "yellow",
    "failed": "red",
    "processing": "cyan",
    "pending": "dim",
}

WAITING = "waiting for the worker"
PHASES = {
    "clone": "fetching the commit",
    "discover": "listing its files",
    "parse": "parsing",
    "resolve": "resolving imports",
    "store": "storing the index",
}


def print_json(value: object) -> None:
    """One JSON document, indented."""
    output.print(json.dumps(value, indent=2, ensure_ascii=False), markup=False)


def tell_of_more(next_cursor: str | None, limit: int) -> None:
    """Say that a list goes on behind its `limit` entries, where it has a next page."""
    if next_cursor is not None:
        messages.print(f"there are more; --limit {limit * 2} shows them", style="dim")


def printable(text: str) -> str:
    """Text of a repository without what a terminal would obey: each such character is escaped."""
    return texts.printable(text)


def status_style(word: str) -> str:
    """The colour of a job's status."""
    return STATUS_STYLES.get(word, "")


def local_time(text: str) -> str:
    """An instant of the API, as the clock of this machine says it."""
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M:%S")


class JobProgress:
    """A bar for a job that runs; where nobody watches, a line for each phase.

    How the job ended is for the caller to say.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=32),
            TextColumn("{task.fields[files]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task(WAITING, total=None, files="")
        self._said = ""

    def show(self, job: Mapping[str, Any]) -> None:
        """Show what the API said of the job just now."""
        done, total = job["progress"]["files_done"], job["progress"]["files_total"]
        doing = PHASES.get(job["phase"] or "", WAITING)
        files = f"{done:,} of {total:,} files" if total else ""
        self._bar.update(self._task, description=doing, completed=done, total=total, files=files)
        if job["status"] == "pending" and job["error_code"]:
            self._say(_next_try(job), always=True)
        elif job["status"] == "processing":
            self._say(doing)

    def tell(self, text: str) -> None:
        """Print a line beside the bar."""
        self._say(text, always=True)

    def _say(self, text: str, *, always: bool = False) -> None:
        if text != self._said and (always or not self._console.is_terminal):
            self._console.print(text, markup=False)
        self._said = text

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


def retries_told(number: int, job: Mapping[str, Any]) -> str:
    """A number of retries, with how many there are at most until an operator gives more."""
    return f"{number}, at most {job['max_retries']} a round"


def _next_try(job: Mapping[str, Any]) -> str:
    retry = retries_told(job["retry_count"] + 1, job)
    at = local_time(job["next_attempt_at"])
    return f"{printable(job['error_message'])}; retry {retry}, at {at}, Ctrl-C to leave it"
