"""Where a secret may leak: answers, logs, the rows of the database and its server's log."""

import io
import os
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from tests.e2e.conftest import Stack
from tests.fixtures.database import ScratchDatabase
from tests.support.canaries import Canaries

COLUMNS = """
SELECT table_schema || '.' || table_name AS place, column_name AS name, data_type AS kind
FROM information_schema.columns
WHERE table_schema IN ('kotadb', 'kotadb_queue') AND data_type IN ('text', 'jsonb', 'bytea')
"""


@dataclass
class Watch:
    """Everything that came out: answers by path, and the logs of the stacks."""

    canaries: Canaries
    answers: list[tuple[str, str]] = field(default_factory=list)
    logs: list[io.BytesIO] = field(default_factory=list)

    def client(self, stack: Stack, **headers: str) -> httpx.Client:
        """A client whose every answer is kept."""
        self.logs.append(stack.log)

        def keep(response: httpx.Response) -> None:
            response.read()
            told = f"{response.status_code} {dict(response.headers)} {response.text}"
            self.answers.append((response.request.url.path, told))

        stack.http.headers.update(headers)
        stack.http.event_hooks = {"response": [keep]}
        return stack.http

    def log(self) -> str:
        return "\n".join(one.getvalue().decode() for one in self.logs)


def columns_with(scratch: ScratchDatabase, canaries: Canaries) -> dict[str, set[str]]:
    """By place, the columns in which its text stands."""
    found: dict[str, set[str]] = {}
    for column in scratch.sql(COLUMNS):
        name = f'"{column["name"]}"'
        text = f"encode({name}, 'escape')" if column["kind"] == "bytea" else f"{name}::text"
        rows = scratch.sql(f"SELECT {text} AS text FROM {column['place']} WHERE {name} IS NOT NULL")
        for place in canaries.in_text("\n".join(row["text"] for row in rows)):
            found.setdefault(place, set()).add(f"{column['place']}.{column['name']}")
    return found


def servers_log(scratch: ScratchDatabase) -> str:
    """The log of the embedded server; of another one nothing is known."""
    if os.environ.get("DATABASE_URL"):
        return ""
    name = scratch.value("SELECT pg_current_logfile()")
    return Path(name).read_text(errors="replace")
