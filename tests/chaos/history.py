"""What the clients asked for and what they heard, in the manner of Jepsen's histories.

Each operation is two entries: `invoke`, and how it ended. `unknown` means that it may have
happened: the answer was lost, or said that the database was away.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

INVOKE, OK, FAIL, UNKNOWN = "invoke", "ok", "fail", "unknown"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a history. `number` joins an end to its `invoke`; `value` is what is known."""

    at: float
    number: int
    client: str
    operation: str
    end: str
    value: dict[str, Any] = field(default_factory=dict)


class History:
    """The entries of all clients, in the order in which they came; also a file of JSON lines."""

    def __init__(self, file: Path) -> None:
        self.entries: list[Entry] = []
        self._file: IO[str] = file.open("w", encoding="utf-8")
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._began = time.monotonic()

    def invoke(self, client: str, operation: str, **value: Any) -> Entry:
        """An operation begins."""
        return self._add(next(self._numbers), client, operation, INVOKE, value)

    def end(self, begun: Entry, end: str, **value: Any) -> Entry:
        """It ended; what was asked stays in the entry beside what was heard."""
        return self._add(begun.number, begun.client, begun.operation, end, {**begun.value, **value})

    def close(self) -> None:
        """Write no more."""
        self._file.close()

    def _add(
        self, number: int, client: str, operation: str, end: str, value: dict[str, Any]
    ) -> Entry:
        with self._lock:
            entry = Entry(
                at=round(time.monotonic() - self._began, 3),
                number=number,
                client=client,
                operation=operation,
                end=end,
                value=value,
            )
            self.entries.append(entry)
            self._file.write(json.dumps(asdict(entry), default=str) + "\n")
        return entry


def about(entries: list[Entry], *words: str) -> list[str]:
    """The entries in which one of these words (an id, a key) occurs, as lines to read."""
    lines = [
        f"{one.at:9.3f} {one.client:9} {one.operation:10} {one.end:8} "
        + json.dumps(one.value, default=str)
        for one in entries
    ]
    return [line for line in lines if any(word in line for word in words)]
