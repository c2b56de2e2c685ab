"""Parses the files of one commit in children, as many as there are processors.

Each child is driven by a thread of this process, which only waits. A child first parses a trial of
its own; one that then crashes, hangs or runs out of memory costs the one file it was at, and its
batch goes on in a fresh child, which reads no more than the text of that file.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from indexer.errors import TransientJobError
from indexer.indexing.facts_spool import unpacked_facts
from indexer.indexing.parse_child import (
    Batch,
    Failed,
    FileToParse,
    ParseAnswer,
    Parsed,
    Ready,
    Skipped,
    Workplace,
)
from indexer.observability import logger
from indexer.parsing.facts import FileFacts
from indexer.sandbox.child import (
    Child,
    ChildFailed,
    ChildMisbehaved,
    ChildOutOfMemory,
    ChildTimedOut,
)
from indexer.sandbox.limits import ChildLimits
from indexer.sandbox.wire import MessageRefused
from indexer.settings import Settings

# Named apart, so that the type of an answer is their union and not what they have in common.
ANSWERS: tuple[type[ParseAnswer], ...] = (Parsed, Skipped, Failed)
TARGET = "indexer.indexing.parse_child:serve"
FILES_PER_BATCH = 16
# Starting takes a fraction of a second, and more where many start at once.
START_SECONDS = 30.0
# So many children in a row that failed at a file beyond suspicion say something of the machine.
MOST_UNFIT = 4
WAITING_ANSWERS = 64
POLL_SECONDS = 0.25


class Outcome(NamedTuple):
    """What a child said of a file, and the facts where it was parsed."""

    answer: ParseAnswer
    facts: FileFacts | None


class ParserUnusable(TransientJobError):
    """Children fail one after the other: the machine is at fault, not the files."""

    code = "parser_unusable"

    def __init__(self) -> None:
        super().__init__("the parsing processes cannot do their work on this machine")


class _Over(Exception):
    """Nobody waits for answers any more."""


class ParsePool:
    """Parses files found below `directory`, a bare repository. `target` is what children serve."""

    def __init__(
        self, directory: Path, settings: Settings, *, base_bytes: int, target: str = TARGET
    ) -> None:
        self._settings = settings
        self._target = target
        self._workplace = Workplace(
            str(directory), base_bytes, settings.max_file_bytes, settings.index_generated_files
        )
        self._limits = ChildLimits(
            memory_bytes=settings.parse_memory_bytes,
            cpu_seconds=round(settings.job_seconds),
        )
        self._todo: queue.SimpleQueue[list[FileToParse]] = queue.SimpleQueue()
        # Bounded: whoever takes the answers may be slower than the children.
        self._done: queue.Queue[Outcome | BaseException | None] = queue.Queue(WAITING_ANSWERS)
        self._over = threading.Event()
        self._unfit = 0

    def parse(
        self, files: Sequence[FileToParse], check: Callable[[], None]
    ) -> Generator[Outcome, None, None]:
        """What became of each file, exactly once, in no order.

        `check` is called while waiting. What it raises, and closing this generator, ends the
        parsing and every child; whoever breaks off must close it.

        Raises:
            ParserUnusable: children cannot even parse their trial.
        """
        batches = [files[at : at + FILES_PER_BATCH] for at in range(0, len(files), FILES_PER_BATCH)]
        for batch in batches:
            self._todo.put(list(batch))
        count = min(self._settings.parse_processes or os.cpu_count() or 1, len(batches))
        threads = [
            threading.Thread(target=self._drive, name=f"parse-{number}") for number in range(count)
        ]
        for thread in threads:
            thread.start()
        try:
            yield from self._answers(len(threads), check)
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _answers(self, running: int, check: Callable[[], None]) -> Iterator[Outcome]:
        while running:
            try:
                answer = self._done.get(timeout=POLL_SECONDS)
            except queue.Empty:
                check()
                continue
            if answer is None:
                running -= 1
            elif isinstance(answer, BaseException):
                raise answer
            else:
                yield answer

    def _drive(self) -> None:
        with suppress(_Over):
            self._tell(self._ended())

    def _ended(self) -> BaseException | None:
        """Parse until nothing is left to do; the error that ended it before, if any."""
        try:
            remaining: list[FileToParse] = []
            while remaining or not self._todo.empty():
                self._with_child(remaining)
        except _Over:
            raise
        except BaseException as error:  # noqa: BLE001 - the thread that waits raises it
            return error
        return None

    def _tell(self, what: Outcome | BaseException | None) -> None:
        while True:
            try:
                self._done.put(what, timeout=POLL_SECONDS)
            except queue.Full:
                self._check()
            else:
                return

    def _with_child(self, remaining: list[FileToParse]) -> None:
        """Work with one child until all is done or it fails; `remaining` is its batch."""
        try:
            with Child(self._target, limits=self._limits) as child:
                if not self._is_fit(child):
                    return
                while remaining or self._next_batch(remaining):
                    self._work_off(child, remaining)
        except ChildFailed as failure:
            self._blame(failure, remaining)

    def _is_fit(self, child: Child) -> bool:
        try:
            child.send(self._workplace)
            child.await_message(self._check, timeout=START_SECONDS)
            child.receive(Ready, timeout=START_SECONDS)
        except ChildFailed as failure:
            logger.warning("a parsing process is unfit", reason=failure.code)
            self._unfit += 1
            if self._unfit > MOST_UNFIT:
                raise ParserUnusable from None
            return False
        self._unfit = 0
        return True

    def _work_off(self, child: Child, remaining: list[FileToParse]) -> None:
        child.send(Batch(list(remaining)))
        seconds = self._settings.parse_file_seconds
        while remaining:
            child.await_message(self._check, timeout=seconds)
            answer = child.receive(*ANSWERS, timeout=seconds)
            if answer.number != remaining[0].number:
                raise ChildMisbehaved
            outcome = _outcome(answer)
            remaining.pop(0)
            self._tell(outcome)

    def _blame(self, failure: ChildFailed, remaining: list[FileToParse]) -> None:
        """Give up parsing the file that the child was at when it failed; its text is still read."""
        if not remaining:
            return
        culprit = remaining.pop(0)
        if culprit.failure is not None:
            self._tell(Outcome(Failed(culprit.number, 0, culprit.failure), None))
            return
        reason = _reason(failure)
        # Its path is the repository's own text; its blob leads to it in the table of files.
        logger.warning("a file could not be parsed", reason=reason, blob_id=culprit.blob_id)
        remaining.insert(0, culprit._replace(failure=reason))

    def _next_batch(self, remaining: list[FileToParse]) -> bool:
        with suppress(queue.Empty):
            remaining.extend(self._todo.get_nowait())
        return bool(remaining)

    def _check(self) -> None:
        if self._over.is_set():
            raise _Over


def _outcome(answer: ParseAnswer) -> Outcome:
    """The answer and its facts; a child whose facts are none is not believed."""
    if not isinstance(answer, Parsed):
        return Outcome(answer, None)
    try:
        return Outcome(answer, unpacked_facts(answer.facts))
    except MessageRefused:
        raise ChildMisbehaved from None


def _reason(failure: ChildFailed) -> str:
    if isinstance(failure, ChildTimedOut):
        return "parser_timed_out"
    if isinstance(failure, ChildOutOfMemory):
        return "parser_out_of_memory"
    return "parser_crashed"
