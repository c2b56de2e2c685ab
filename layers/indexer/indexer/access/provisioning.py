"""Makes tenants and their keys. Runs as the admin's role."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from indexer.access.api_keys import ApiKey, Tier
from indexer.database.connection import Database
from indexer.errors import Refused
from indexer.settings import Settings

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+")
_LONGEST_EMAIL = 320
_LONGEST_NAME = 200


class KeyRequestInvalid(Refused):
    """A key cannot be made from what was asked for."""

    code = "key_request_invalid"
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """A new key. `api_key` is the credential itself: it is shown once and stored nowhere."""

    key_id: str
    tenant_id: UUID
    tier: Tier
    name: str
    api_key: str = field(repr=False)


def issue_key(
    database: Database, settings: Settings, *, email: str, tier: str = Tier.FREE, name: str = "key"
) -> IssuedKey:
    """A key for the user with this address, who is made or moved to this tier where needed.

    Raises:
        KeyRequestInvalid: the address, the tier or the key's name cannot be used.
        DatabaseError: nothing was made.
    """
    address, subscribed, label = _address(email), _tier(tier), _label(name)
    key = ApiKey.mint(subscribed)
    with database.transaction() as statements:
        user = statements.fetch_one("ensure_user", email=address, tier=subscribed.value)
        if user is None:  # the statement always gives its one row
            raise AssertionError("ensure_user gave no row")
        statements.fetch_one(
            "add_key",
            key_id=key.key_id,
            tenant_id=user["tenant_id"],
            key_name=label,
            secret_hash=key.secret_hash(settings.api_key_pepper),
        )
    return IssuedKey(
        key_id=key.key_id,
        tenant_id=user["tenant_id"],
        tier=subscribed,
        name=label,
        api_key=key.reveal(),
    )


def key_is_valid(database: Database, settings: Settings, text: str) -> bool:
    """Whether a credential would be admitted now; asking counts no request.

    Raises:
        DatabaseError: the database did not answer.
    """
    key = ApiKey.parse(text)
    if key is None:
        return False
    row = database.fetch_one(
        "key_is_valid", key_id=key.key_id, secret_hash=key.secret_hash(settings.api_key_pepper)
    )
    return bool(row and row["valid"])


def _address(email: str) -> str:
    address = email.strip().lower()
    if len(address) > _LONGEST_EMAIL or not _EMAIL.fullmatch(address):
        raise KeyRequestInvalid("The e-mail address cannot be used.")
    return address


def _tier(text: str) -> Tier:
    try:
        return Tier(text)
    except ValueError:
        raise KeyRequestInvalid("The tier is one of free, solo and team.") from None


def _label(name: str) -> str:
    label = name.strip()
    if not 1 <= len(label) <= _LONGEST_NAME or not label.isprintable():
        raise KeyRequestInvalid("The key's name has 1 to 200 printable characters.")
    return label
