"""A holder's way to a new key: the old one goes on for a while, so that nothing fails meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from indexer.access.api_keys import ApiKey
from indexer.access.audit import Origin
from indexer.access.provisioning import IssuedKey, checked_name
from indexer.access.tenants import Tenant, Unauthenticated
from indexer.database.connection import Database
from indexer.errors import Refused
from indexer.settings import Settings

LONGEST_OVERLAP_SECONDS = 604_800


class KeyReplaced(Refused):
    """The key was replaced before: a key begets one successor."""

    code = "key_replaced"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__("This key was replaced already; use its successor.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """A new key, and until when the one that asked for it goes on."""

    issued: IssuedKey
    replaced_key_id: str
    valid_until: datetime


def rotate_key(
    database: Database,
    settings: Settings,
    tenant: Tenant,
    *,
    overlap_seconds: int | None,
    name: str | None,
    origin: Origin,
) -> Rotation:
    """A successor of the tenant's key, with the same name unless told otherwise.

    Raises:
        KeyReplaced: it has one already.
        AccessRequestInvalid: the name cannot be used.
        Unauthenticated: the key was revoked, or ended, this very moment.
        DatabaseError: nothing was made.
    """
    overlap = settings.key_overlap_seconds if overlap_seconds is None else overlap_seconds
    fresh = ApiKey.mint(tenant.tier)
    row = database.fetch_one(
        "rotate_key",
        key_id=tenant.key.key_id,
        secret_hashes=tenant.key.secret_hashes(settings.api_key_peppers),
        new_key_id=fresh.key_id,
        new_secret_hash=fresh.secret_hashes(settings.api_key_peppers)[0],
        new_name=None if name is None else checked_name(name),
        overlap_seconds=min(overlap, LONGEST_OVERLAP_SECONDS),
        request_id=origin.request_id,
        caller=origin.caller,
    )
    if row is None:
        raise Unauthenticated(key_given=True)
    if not row["rotated"]:
        raise KeyReplaced
    return Rotation(
        issued=IssuedKey(
            key_id=fresh.key_id,
            tenant_id=row["tenant_id"],
            tier=tenant.tier,
            name=row["name"],
            expires_at=row["expires_at"],
            api_key=fresh.reveal(),
        ),
        replaced_key_id=tenant.key.key_id,
        valid_until=row["valid_until"],
    )
