"""What people do while everything breaks: they ask, poll, cancel, delete and retry over the API.

Every request is one of the API function or of the admin function, as the gateway would send it, and
is written into the history. An answer that says that the database was away, or none at all, leaves
it unknown whether the request was carried out.
"""

from __future__ import annotations

import json
import random
import threading
from concurrent.futures import TimeoutError as NoAnswer
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.chaos.history import FAIL, OK, UNKNOWN, Entry, History
from tests.chaos.sources import Source
from tests.chaos.stack import Chaos
from tests.functions.gateway import http_event

from kotadb_local.functions import Function

ANSWER_SECONDS = 20
KEY_TRIES = 4


@dataclass
class Client:
    """One client with a dice of its own. `known` are the jobs that answers have told of."""

    name: str
    chaos: Chaos
    history: History
    chance: random.Random
    pause_seconds: float
    stopping: threading.Event
    known: dict[str, str] = field(default_factory=dict)
    """The repository of each job, by the job's id; empty until the job was polled."""
    names: dict[str, str] = field(default_factory=dict)
    """The name of each repository, by its id."""
    failed: set[str] = field(default_factory=set)

    def live(self) -> None:
        """Do one thing after the other until it is time to stop."""
        deeds = [
            (self.enqueue, 10),
            (self.enqueue_once, 6),
            (self.poll, 14),
            (self.list_files, 3),
        ]
        deeds += [(self.cancel, 2), (self.delete, 0.2), (self.retry, 4), (self.sweep, 2)]
        acts, weights = zip(*deeds, strict=True)
        while not self.stopping.wait(self.chance.uniform(0, 2 * self.pause_seconds)):
            self.chance.choices(acts, weights)[0]()

    def enqueue(self) -> None:
        source = self.chance.choice(self.chaos.sources)
        self._enqueue(source, self._wish(source))

    def enqueue_once(self) -> None:
        """The same request under one key until there is an answer, and once more after it."""
        source = self.chance.choice(self.chaos.sources)
        wish, key = self._wish(source), str(uuid4())
        for _ in range(KEY_TRIES):
            if self._enqueue(source, wish, key=key).end == OK and self.chance.random() < 0.7:
                return

    def poll(self) -> None:
        if not self.known:
            return
        job_id = self.chance.choice(list(self.known))
        heard = self._ask("poll", "GET", f"/jobs/{job_id}", {"job_id": job_id})
        if heard.end == OK and heard.value["status"] == "failed":
            self.failed.add(job_id)

    def cancel(self) -> None:
        if self.known:
            job_id = self.chance.choice(list(self.known)[-5:])
            self._ask("cancel", "DELETE", f"/jobs/{job_id}", {"job_id": job_id})

    def delete(self) -> None:
        if polled := [one for one in self.known.values() if one]:
            repository_id = self.chance.choice(polled[-5:])
            value = {"repository_id": repository_id, "name": self.names[repository_id]}
            self._ask("delete", "DELETE", f"/repositories/{repository_id}", value)

    def retry(self) -> None:
        """As an operator: run a failed job again."""
        if self.failed:
            job_id = self.failed.pop()
            self._ask(
                "retry", "POST", f"/admin/jobs/{job_id}/retry", {"job_id": job_id}, operator=True
            )

    def sweep(self) -> None:
        """As the schedule: archive, purge, forget."""
        begun = self.history.invoke(self.name, "sweep")
        _, outcome = self._answer(self.chaos.administration, {"action": "sweep"})
        self.history.end(begun, OK if outcome else UNKNOWN)

    def list_files(self) -> None:
        if polled := [one for one in self.known.values() if one]:
            repository_id = self.chance.choice(polled)
            value = {"repository_id": repository_id}
            self._ask("read", "GET", f"/repositories/{repository_id}/files", value)

    def ask_for(self, wish: dict[str, Any]) -> Entry:
        """Ask for exactly this to be indexed."""
        value = {"wish": wish, "key": None, "name": _name_in(wish["repository"])}
        return self._ask("enqueue", "POST", "/index", value)

    def _wish(self, source: Source) -> dict[str, Any]:
        wish: dict[str, Any] = {"repository": self.chaos.git.url(f"chaos/{source.name}")}
        dice = self.chance.random()
        if dice < 0.1:
            wish["ref"] = "nowhere"
        elif dice < 0.25:
            wish["commit_sha"] = self.chance.choice(list(source.numbers))
        if self.chance.random() < 0.3:
            wish["force"] = True
        return wish

    def _enqueue(self, source: Source, wish: dict[str, Any], *, key: str | None = None) -> Entry:
        if self.chance.random() < 0.5:
            source.commit()
        headers = {"Idempotency-Key": key} if key else {}
        value = {"wish": wish, "key": key, "name": source.name}
        return self._ask("enqueue", "POST", "/index", value, headers=headers)

    def _ask(
        self,
        operation: str,
        method: str,
        path: str,
        value: dict[str, Any],
        *,
        headers: dict[str, str] | None = None,
        operator: bool = False,
    ) -> Entry:
        begun = self.history.invoke(self.name, operation, **value)
        sent = {
            "Authorization": f"Bearer {self.chaos.admin_key if operator else self.chaos.api_key}",
            "Content-Type": "application/json",
            **(headers or {}),
        }
        body = json.dumps(value["wish"]) if "wish" in value else None
        event = http_event(method, path, headers=sent, body=body)
        function = self.chaos.administration if operator else self.chaos.api
        status, answer = self._answer(function, event)
        if status is None or status >= 500:
            return self.history.end(begun, UNKNOWN, http=status, code=answer.get("code"))
        if status >= 400:
            return self.history.end(begun, FAIL, http=status, code=answer.get("code"))
        heard = self.history.end(begun, OK, http=status, **_worth_keeping(answer))
        if operation == "enqueue":
            self.known[answer["jobId"]] = ""
        elif operation == "poll":
            self.known[answer["id"]] = answer["repository_id"]
            self.names[answer["repository_id"]] = _name_in(answer["repository"])
        return heard

    def _answer(
        self, function: Function, event: dict[str, Any]
    ) -> tuple[int | None, dict[str, Any]]:
        """Status and body; no status when the function failed or gave no answer."""
        try:
            outcome = function.invoke(event).result(ANSWER_SECONDS)
        except NoAnswer:
            return None, {}
        answer = json.loads(outcome.payload)
        if outcome.failed:
            return None, {"code": answer.get("errorType")}
        if "statusCode" not in answer:
            return None, answer
        body = json.loads(answer.get("body") or "{}")
        return answer["statusCode"], body if isinstance(body, dict) else {"rows": len(body)}


def _name_in(address: str) -> str:
    return address.rsplit("/", 1)[-1].removesuffix(".git")


def _worth_keeping(answer: dict[str, Any]) -> dict[str, Any]:
    names = ("jobId", "deduplicated", "id", "status", "retry_count", "error_code", "repository_id")
    return {name: answer[name] for name in names if name in answer}
