"""Who is asking, and whether they may still ask within this hour."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

from indexer.access.api_keys import ApiKey, Tier
from indexer.database.connection import Database
from indexer.errors import Refused
from indexer.settings import Settings

_BEARER = re.compile(r"bearer +(?P<key>\S+)", re.IGNORECASE | re.ASCII)
_LONGEST_HEADER = 1_024
_HOUR = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Requests that a tenant may make in the current hour, and when the next one begins."""

    limit: int
    remaining: int
    resets_at: datetime

    @property
    def headers(self) -> dict[str, str]:
        """The figures as every answer carries them; Reset is in unix seconds."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(int(self.resets_at.timestamp())),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """Whoever sent the request, and with which key. The tier is that of the tenant's row."""

    tenant_id: UUID
    tier: Tier
    quota: Quota
    key: ApiKey


class Unauthenticated(Refused):
    """The request carries no valid API key. Which part of a wrong one is wrong is never said."""

    code = "unauthenticated"
    status: ClassVar[int] = 401

    def __init__(self, *, key_given: bool) -> None:
        super().__init__(
            "The API key is not valid."
            if key_given
            else "An API key is needed: send it as Authorization: Bearer <key>."
        )
        wrong = ', error="invalid_token"' if key_given else ""
        self.headers = {"WWW-Authenticate": f'Bearer realm="kotadb"{wrong}'}


class RateLimited(Refused):
    """The tenant has used up the requests of this hour; Retry-After says when the next begins."""

    code = "rate_limited"
    status: ClassVar[int] = 429

    def __init__(self, quota: Quota, *, now: float) -> None:
        begins = quota.resets_at.astimezone(UTC)
        super().__init__(
            f"The quota of {quota.limit} requests an hour is used up; "
            f"the next hour begins at {begins:%H:%M} UTC."
        )
        wait = math.ceil(quota.resets_at.timestamp() - now)
        # This machine's clock and the database's may differ; the hour itself does not.
        self.headers = {**quota.headers, "Retry-After": str(min(max(wait, 1), _HOUR))}


def authenticate(
    database: Database,
    authorization: str | None,
    settings: Settings,
    *,
    clock: Callable[[], float] = time.time,
) -> Tenant:
    """The tenant whose key the Authorization header holds, with this request counted.

    One statement decides both, so parallel requests never pass a quota. `clock` gives unix seconds.

    Raises:
        Unauthenticated: no key, no such key, a revoked or expired one, or a wrong secret.
        RateLimited: the key is right and the quota of the hour used up.
        DatabaseError: the database did not answer; nobody passes.
    """
    key = _key_in(authorization)
    row = database.fetch_one(
        "admit_request",
        key_id=key.key_id,
        secret_hashes=key.secret_hashes(settings.api_key_peppers),
        limit_free=settings.requests_per_hour_free,
        limit_solo=settings.requests_per_hour_solo,
        limit_team=settings.requests_per_hour_team,
    )
    if row is None:
        raise Unauthenticated(key_given=True)
    limit, used = row["request_limit"], row["used"]
    quota = Quota(limit=limit, remaining=max(limit - used, 0), resets_at=row["resets_at"])
    if used > limit:
        raise RateLimited(quota, now=clock())
    return Tenant(tenant_id=row["tenant_id"], tier=Tier(row["tier"]), quota=quota, key=key)


def _key_in(authorization: str | None) -> ApiKey:
    if not authorization:
        raise Unauthenticated(key_given=False)
    if len(authorization) > _LONGEST_HEADER:
        raise Unauthenticated(key_given=True)
    bearer = _BEARER.fullmatch(authorization.strip(" \t"))
    key = ApiKey.parse(bearer["key"]) if bearer else None
    if key is None:
        raise Unauthenticated(key_given=True)
    return key
