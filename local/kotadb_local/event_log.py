"""The one place that log lines of the local run go through: one JSON object per line, whole."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import BinaryIO

SERVICE = "kotadb-local"


class EventLog:
    """Writes lines to one stream, from any thread, never mixing two of them.

    A stream that cannot be written any more (its reader has gone) ends the log, not the service.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._broken = False

    def info(self, message: str, **fields: object) -> None:
        """Log an event of the local run itself."""
        self._event("INFO", message, fields)

    def warning(self, message: str, **fields: object) -> None:
        """Log something an operator may want to look into."""
        self._event("WARNING", message, fields)

    def error(self, message: str, **fields: object) -> None:
        """Log something that went wrong."""
        self._event("ERROR", message, fields)

    def forward(self, line: bytes) -> None:
        """Pass on a line that a function wrote, byte for byte; `line` has no line end."""
        with self._lock:
            if self._broken:
                return
            try:
                self._stream.write(line + b"\n")
                self._stream.flush()
            except (OSError, ValueError):
                # There is nowhere left to say so.
                self._broken = True

    def _event(self, level: str, message: str, fields: dict[str, object]) -> None:
        event = {
            "level": level,
            "message": message,
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "service": SERVICE,
            **fields,
        }
        self.forward(json.dumps(event, default=str).encode())
