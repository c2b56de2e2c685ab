"""The whole local stack for a benchmark, on an embedded Postgres with durable settings."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from indexer.database.target import Target
from indexer.settings import Settings
from kotadb_local.event_log import EventLog
from kotadb_local.launch import database_server, prepare
from kotadb_local.place import Place
from kotadb_local.service import Service, ServiceOptions, deployed_stack

# The schedule is switched off: nothing but what is asked for wakes a worker.
NEVER = 1_000_000.0
POLL_SECONDS = 0.05


class Stack(NamedTuple):
    """A running stack: who asks its API, its database as the owner of everything, itself."""

    http: httpx.Client
    admin: Target
    service: Service


@contextmanager
def running_stack(
    folder: Path,
    *,
    log: EventLog | None = None,
    reach: Callable[[str, str], str] = lambda _function, url: url,
    **variables: str,
) -> Iterator[Stack]:
    """A stack whose data lie in `folder`, with these variables of the environment.

    `log` gets every line that it writes. `reach` may lead a function to its database another way.
    """
    place = Place(state=folder / "state", dotenv=folder / ".env")
    settings = Settings()
    with database_server(place, {}) as admin:
        prepared = prepare(place, admin, settings, lambda _text: None)
        service = Service(
            stack=deployed_stack(
                database_urls={name: reach(name, url) for name, url in prepared.urls.items()},
                settings=settings,
                environment={
                    "ALLOW_LOCAL_REPOSITORIES": "true",
                    "HEALTH_CACHE_SECONDS": "0",
                    "WORK_DIRECTORY": str(folder),
                    **variables,
                },
            ),
            options=ServiceOptions(tick_seconds=NEVER),
            log=log or EventLog(io.BytesIO()),
            check=lambda: None,
        )
        service.start()
        headers = {"Authorization": f"Bearer {prepared.api_key}"}
        try:
            with httpx.Client(base_url=service.url, headers=headers, timeout=60) as http:
                yield Stack(http, admin, service)
        finally:
            service.stop()


def wait_for(http: httpx.Client, job_id: str, *, seconds: float = 60) -> dict[str, str]:
    """The job once it has ended."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        job: dict[str, str] = http.get(f"/jobs/{job_id}").json()
        if job["status"] not in {"pending", "processing"}:
            return job
        time.sleep(POLL_SECONDS)
    raise SystemExit("a job was not finished in time")
