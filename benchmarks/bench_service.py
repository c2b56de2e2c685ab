"""What the service costs a caller: POST /index, webhooks, GET /health, from POST to processing.

    make bench                 (or: python benchmarks/bench_service.py --requests 300)

J12 asks for POST /index under 100 ms at p99, O17 for a committed job within 50 ms of a push that
GitHub tells of; each here is of another repository, and makes a job.

The whole local stack runs, on an embedded Postgres with durable settings, over real HTTP. The time
to processing is that between the database's own two stamps on the job. The schedule is switched
off, so only the hint after the enqueue wakes the worker.
"""

from __future__ import annotations

import argparse
import hmac
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from datetime import datetime
from pathlib import Path

import httpx
from service_stack import running_stack, wait_for

from kotadb_local.postgres import EmbeddedPostgres

SIGNED_WITH = "the-webhook-secret-of-a-benchmark"
ACCEPTED = 202


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = _measure(Path(folder), arguments.requests, arguments.jobs)
        EmbeddedPostgres(Path(folder) / "state").forget()
    print("| what | n | p50 ms | p99 ms | max ms |")
    print("|---|---|---|---|---|")
    for name, milliseconds in rows:
        ranked = sorted(milliseconds)
        p99 = ranked[min(len(ranked) - 1, round(0.99 * len(ranked)))]
        print(
            f"| {name} | {len(ranked)} | {statistics.median(ranked):.1f} | {p99:.1f} "
            f"| {ranked[-1]:.1f} |"
        )
    print(
        f"\nPython {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors"
    )


def _measure(folder: Path, requests: int, jobs: int) -> list[tuple[str, list[float]]]:
    repository = _repository(folder / "repository")
    with running_stack(folder, WORKER_ENABLED="false") as (http, *_):
        _index(http, repository, "warm")
        posts = [
            _timed(lambda number=number: _index(http, repository, f"branch-{number}"))
            for number in range(requests)
        ]
    with running_stack(folder) as (http, *_):
        wait_for(http, _index(http, repository, "main"))
        health = [_timed(lambda: http.get("/health").raise_for_status()) for _ in range(requests)]
        pick_ups = [_pick_up(http, repository) for _ in range(jobs)]
    # Last, for the jobs that it leaves behind are of repositories that are nowhere.
    with running_stack(folder, WORKER_ENABLED="false", GITHUB_WEBHOOK_SECRET=SIGNED_WITH) as (
        http,
        *_,
    ):
        for number in range(requests):
            _track(http, number)
        deliveries = [_delivery(number) for number in range(requests)]
        pushes = [_timed(lambda one=one: _deliver(http, *one)) for one in deliveries]
    return [
        ("POST /index", posts),
        ("POST /webhooks/github, a push", pushes),
        ("GET /health", health),
        ("POST to processing, idle worker", pick_ups),
    ]


def _timed(action: object) -> float:
    started = time.perf_counter()
    action()  # type: ignore[operator]
    return (time.perf_counter() - started) * 1000


def _index(http: httpx.Client, repository: Path, ref: str) -> str:
    answer = http.post("/index", json={"repository": str(repository), "ref": ref, "force": True})
    answer.raise_for_status()
    job_id: str = answer.json()["jobId"]
    return job_id


def _track(http: httpx.Client, number: int) -> None:
    """Have a repository known, and nothing of it on its way."""
    answer = http.post("/index", json={"repository": f"bench/repository-{number}"})
    answer.raise_for_status()
    http.delete(f"/jobs/{answer.json()['jobId']}").raise_for_status()


def _delivery(number: int) -> tuple[bytes, dict[str, str]]:
    """A push of twenty commits, of the size that GitHub sends, and its headers."""
    commit = {"id": "c" * 40, "message": "m" * 200, "modified": ["source/file.ts"] * 10}
    name = f"bench/repository-{number}"
    payload = {
        "ref": "refs/heads/main",
        "after": f"{number + 1:040x}",
        "repository": {
            "id": number + 1,
            "full_name": name,
            "private": False,
            "owner": {"login": "bench", "id": 1},
            "clone_url": f"https://github.com/{name}.git",
            "default_branch": "main",
        },
        "commits": [commit] * 20,
    }
    body = json.dumps(payload).encode()
    signature = hmac.new(SIGNED_WITH.encode(), body, "sha256").hexdigest()
    return body, {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": f"delivery-{number}",
        "X-Hub-Signature-256": f"sha256={signature}",
    }


def _deliver(http: httpx.Client, body: bytes, headers: dict[str, str]) -> None:
    answer = http.post("/webhooks/github", content=body, headers=headers)
    if answer.status_code != ACCEPTED or answer.json()["jobs"] != 1:
        raise SystemExit(f"a push made no job: {answer.text}")


def _pick_up(http: httpx.Client, repository: Path) -> float:
    job = wait_for(http, _index(http, repository, "main"))
    started = datetime.fromisoformat(job["started_at"])
    return (started - datetime.fromisoformat(job["created_at"])).total_seconds() * 1000


def _repository(path: Path) -> Path:
    path.mkdir()
    (path / "one.ts").write_text("export const one = 1;\n")
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        ("-c", "user.name=b", "-c", "user.email=b@localhost", "commit", "--quiet", "-m", "one"),
    ):
        subprocess.run(["git", *words], cwd=path, check=True)  # noqa: S607 - the person's own git
    return path


if __name__ == "__main__":
    main()
