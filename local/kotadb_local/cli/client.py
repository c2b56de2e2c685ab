"""The API as a command-line program uses it: over HTTP, like everybody else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Self

import httpx

from indexer.errors import KotaError
from kotadb_local.cli import refusals

FINISHED = frozenset({"completed", "failed", "cancelled", "skipped"})
ANSWER_SECONDS = 35.0
# Asking counts against the hourly quota, so a long job is asked for less often than a short one.
POLL_SECONDS = 0.3
LONG_JOB_SECONDS = 20.0
LONG_JOB_POLL_SECONDS = 1.0
BACKOFF_POLL_SECONDS = 2.0
# A job that nothing more is heard of for this long, none of its figures moving, is given up on.
SILENCE_SECONDS = 1_800.0
LARGEST_PAGE = 100
# From this status on the fault is on the other side, where the log knows the request by its id.
SERVER_FAULT = 500


class ApiRefused(KotaError):
    """The API answered with an error: what `refusals` says of it, with its code and request id."""

    code = "api_refused"

    def __init__(
        self, *, status: int, answer: Mapping[str, Any], asked: Mapping[str, Any] | None = None
    ) -> None:
        code = str(answer.get("code") or status)
        said = refusals.told(code, answer, asked or {})
        traced = f", request {answer['request_id']}" if status >= SERVER_FAULT else ""
        super().__init__(f"{said} ({code}{traced}){refusals.excerpts(answer)}")
        self.status, self.answer = status, answer
        self.answer_code = code


class ApiUnreachable(KotaError):
    """Nothing answers where the service should be."""

    code = "api_unreachable"

    def __init__(self, url: str) -> None:
        super().__init__(f"nothing answers at {url}; is the service running? (kotadb up)")


class JobStalled(KotaError):
    """Nothing was heard of a job for a long time."""

    code = "job_stalled"

    def __init__(self, job_id: str) -> None:
        super().__init__(
            f"nothing moves in job {job_id}; look at it later with: kotadb jobs {job_id}"
        )


class Listed(list[dict[str, Any]]):
    """Entries of a paged answer; `next_cursor` is None where there are no more of them."""

    def __init__(self, key: str, pages: Iterable[Mapping[str, Any]]) -> None:
        super().__init__()
        self._key = key
        self.next_cursor: str | None = None
        for page in pages:
            self += page[key]
            self.next_cursor = page["next_cursor"]

    @property
    def page(self) -> dict[str, Any]:
        """All of them as if they had been one page of the API."""
        return {self._key: self, "next_cursor": self.next_cursor}


class ApiClient:
    """Talks to the service at `url` with an API key. Close it, or use it as a context manager."""

    def __init__(self, url: str, api_key: str) -> None:
        self.url = url
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=ANSWER_SECONDS,
            # The service is on this machine: no proxy stands between.
            trust_env=False,
        )

    def get(self, path: str, /, **query: object) -> dict[str, Any]:
        """The JSON that GET gives; parameters that are None are left out, lists are repeated.

        Raises:
            ApiRefused, ApiUnreachable.
        """
        return self._asked("GET", path, params=_parameters(query))

    def text(self, path: str, /, **query: object) -> str:
        """The text that GET gives where that is no JSON; as `get` in all else.

        Raises:
            ApiRefused, ApiUnreachable.
        """
        asked = _parameters(query)
        response = self._sent("GET", path, params=asked)
        if response.is_error:
            answer = _json_of(response)
            raise ApiRefused(status=response.status_code, answer=answer, asked=asked)
        return response.text

    def post(self, path: str, /, body: Mapping[str, object]) -> dict[str, Any]:
        """The JSON that POST gives; fields that are None are left out.

        Raises:
            ApiRefused, ApiUnreachable.
        """
        given = {name: value for name, value in body.items() if value is not None}
        return self._asked("POST", path, json=given)

    def relay(
        self, path: str, message: bytes, *, headers: Mapping[str, str]
    ) -> dict[str, Any] | None:
        """The JSON-RPC answer to a message in JSON, whatever its status; None: there is none.

        Raises:
            ApiRefused, ApiUnreachable.
        """
        told = {"Content-Type": "application/json", **headers}
        response = self._sent("POST", path, content=message, headers=told)
        answer = _json_of(response)
        if answer.get("jsonrpc") is not None:
            return answer
        if response.is_error:
            raise ApiRefused(status=response.status_code, answer=answer)
        return None

    def delete(self, path: str, /) -> dict[str, Any]:
        """The JSON that DELETE gives, if any.

        Raises:
            ApiRefused, ApiUnreachable.
        """
        return self._asked("DELETE", path)

    def pages(
        self, path: str, key: str, /, *, most: int, **query: object
    ) -> Iterator[dict[str, Any]]:
        """The pages of an answer, as `pages_of` has them."""
        return pages_of(partial(self.get, path, **query), key, most=most)

    def listed(self, path: str, key: str, /, *, most: int, **query: object) -> Listed:
        """At most `most` entries of a paged answer."""
        return Listed(key, self.pages(path, key, most=most, **query))

    def follow(self, job_id: str, *, show: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
        """Ask for a job until it is finished, showing each answer; the last one.

        Raises:
            JobStalled: nothing moved for half an hour.
        """
        last: dict[str, Any] = {}
        started = moved_at = time.monotonic()
        while True:
            job = self.get(f"/jobs/{job_id}")
            show(job)
            if job["status"] in FINISHED:
                return job
            if job != last:
                last, moved_at = job, time.monotonic()
            elif time.monotonic() - moved_at > SILENCE_SECONDS:
                raise JobStalled(job_id)
            time.sleep(_pause(job, time.monotonic() - started))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _asked(self, method: str, path: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - httpx's own
        response = self._sent(method, path, **options)
        answer = _json_of(response)
        if response.is_error:
            asked = options.get("params") or options.get("json")
            raise ApiRefused(status=response.status_code, answer=answer, asked=asked)
        return answer

    def _sent(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        try:
            return self._http.request(method, path, **options)
        except httpx.TransportError:
            raise ApiUnreachable(self.url) from None


def pages_of(
    ask: Callable[..., dict[str, Any]], key: str, *, most: int
) -> Iterator[dict[str, Any]]:
    """The pages, asked for as they are taken, that have at most `most` entries under `key`.

    `ask` is given the `limit` and the `cursor` of each.
    """
    cursor: str | None = None
    while most > 0:
        page = ask(limit=min(most, LARGEST_PAGE), cursor=cursor)
        yield page
        most -= len(page[key])
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _parameters(query: Mapping[str, object]) -> dict[str, str | list[str]]:
    return {
        name: [str(one) for one in value] if isinstance(value, list) else str(value)
        for name, value in query.items()
        if value is not None
    }


def _json_of(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _pause(job: Mapping[str, Any], watched_seconds: float) -> float:
    """Seconds until a job is asked for again."""
    if job["next_attempt_at"] is not None:
        return BACKOFF_POLL_SECONDS
    return POLL_SECONDS if watched_seconds < LONG_JOB_SECONDS else LONG_JOB_POLL_SECONDS
