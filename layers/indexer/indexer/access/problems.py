"""How an error is told over HTTP: status, stable code, a sentence, and the headers that go with it.

Every error that leaves a function passes through here, so this is where it is decided that what is
no business of the caller's stays inside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol, runtime_checkable

from indexer.database.failures import TransactionConflict
from indexer.errors import ConfigurationError, KotaError, Refused, ServiceUnavailable

_CONFLICT_PAUSE = 1


@runtime_checkable
class TellsHeaders(Protocol):
    """An error whose answer has headers of its own."""

    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An error as the caller is told of it. `details` names the fields at fault, if any."""

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    details: Sequence[Mapping[str, str]] = ()

    def body(self, request_id: str) -> dict[str, Any]:
        """The one shape of every error."""
        told: dict[str, Any] = {
            "error": self.message,
            "code": self.code,
            "request_id": request_id,
        }
        return {**told, "details": list(self.details)} if self.details else told


def status_of(kind: type[BaseException]) -> int:
    """The HTTP status of a class of errors."""
    if issubclass(kind, Refused):
        return kind.status
    return 503 if issubclass(kind, ServiceUnavailable | TransactionConflict) else 500


def problem_of(error: BaseException) -> Problem:
    """What the caller is told of an error. Only a Refused speaks for itself."""
    status = status_of(type(error))
    if isinstance(error, Refused):
        return Problem(
            status=status,
            code=error.code,
            message=str(error),
            headers=error.headers if isinstance(error, TellsHeaders) else {},
        )
    pause = error.retry_after if isinstance(error, ServiceUnavailable) else _CONFLICT_PAUSE
    headers = {"Retry-After": str(pause)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    if isinstance(error, ConfigurationError):
        code, message = ConfigurationError.code, "The service is not configured correctly."
    elif isinstance(error, ServiceUnavailable | TransactionConflict):
        code, message = error.code, _sentence(error)
    else:
        code, message = KotaError.code, "Something went wrong on our side."
    return Problem(status=status, code=code, message=message, headers=headers)


def _sentence(error: Exception) -> str:
    # The database's errors have fixed texts that name nothing of this deployment.
    told = str(error)
    return f"{told[:1].upper()}{told[1:]}; try again later."
