"""Makes tenants and their keys, and takes keys back. Runs as the admin's role."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from indexer.access.api_keys import KEY_ID_LENGTH, ApiKey, Tier
from indexer.database.connection import Database, Row, Statements
from indexer.database.paging import (
    Page,
    moment,
    page_of,
    page_size,
    read_cursor,
    text,
    write_cursor,
)
from indexer.database.texts import storable
from indexer.errors import Refused
from indexer.settings import Settings

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+")
_KEY_ID = re.compile(rf"[0-9A-Za-z]{{{KEY_ID_LENGTH}}}", re.ASCII)
_LONGEST_EMAIL = 320
_LONGEST_NAME = 200


class AccessRequestInvalid(Refused):
    """An e-mail address, a tier or a name cannot be used."""

    code = "access_request_invalid"
    status: ClassVar[int] = 422


class KeyNotFound(Refused):
    """There is no key with this id."""

    code = "key_not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__("There is no key with this id.")


class KeyRevoked(Refused):
    """The key was revoked before."""

    code = "key_revoked"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__("The key is revoked already.")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsuredTenant:
    """A tenant as it stands now. `changed`: it is new, or its tier was another before."""

    tenant_id: UUID
    tier: Tier
    created: bool
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """A new key. `api_key` is the credential itself: it is shown once and stored nowhere."""

    key_id: str
    tenant_id: UUID
    tier: Tier
    name: str
    expires_at: datetime | None
    api_key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A key as the database knows it. `owner` is a user's address or an organisation's name."""

    key_id: str
    tenant_id: UUID
    owner: str
    tier: Tier
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    hashed_at: datetime
    replaces: str | None


def ensure_user(statements: Statements, *, email: str, tier: str | None = None) -> EnsuredTenant:
    """The user with this address, made where there is none; a tier that is given is theirs then.

    Raises:
        AccessRequestInvalid: the address or the tier cannot be used.
    """
    return _ensured(
        statements.fetch_one("ensure_user", email=checked_email(email), tier=_tier(tier))
    )


def ensure_organization(
    statements: Statements, *, name: str, tier: str | None = None
) -> EnsuredTenant:
    """The organisation with this name, made where there is none; as `ensure_user`.

    Raises:
        AccessRequestInvalid: the name or the tier cannot be used.
    """
    return _ensured(
        statements.fetch_one(
            "ensure_organization", organization_name=checked_name(name), tier=_tier(tier)
        )
    )


def add_key(
    statements: Statements,
    settings: Settings,
    *,
    tenant_id: UUID,
    tier: Tier,
    name: str,
    valid_days: int | None = None,
) -> IssuedKey:
    """A new key of a tenant. Without `valid_days` it does not end by itself.

    Raises:
        AccessRequestInvalid: the name cannot be used.
    """
    key, label = ApiKey.mint(tier), checked_name(name)
    row = statements.fetch_one(
        "add_key",
        key_id=key.key_id,
        tenant_id=tenant_id,
        key_name=label,
        secret_hash=key.secret_hashes(settings.api_key_peppers)[0],
        valid_days=valid_days,
    )
    if row is None:  # an insert always gives its one row
        raise AssertionError("add_key gave no row")
    return IssuedKey(
        key_id=key.key_id,
        tenant_id=tenant_id,
        tier=tier,
        name=label,
        expires_at=row["expires_at"],
        api_key=key.reveal(),
    )


def issue_key(
    database: Database,
    settings: Settings,
    *,
    email: str,
    tier: str | None = None,
    name: str = "key",
) -> IssuedKey:
    """A key for the user with this address, who is made or moved to this tier where needed.

    Raises:
        AccessRequestInvalid: the address, the tier or the key's name cannot be used.
        DatabaseError: nothing was made.
    """
    label = checked_name(name)
    with database.transaction() as statements:
        user = ensure_user(statements, email=email, tier=tier)
        return add_key(statements, settings, tenant_id=user.tenant_id, tier=user.tier, name=label)


def revoke_key(statements: Statements, key_id: str) -> tuple[str, ...]:
    """From now on the key is refused, with the next request.

    Returns the ids of the keys that its holders were given for it and that are still good: whoever
    had a leaked key may have had it replaced.

    Raises:
        KeyNotFound: there is none with this id.
        KeyRevoked: it was revoked before.
    """
    if not _KEY_ID.fullmatch(key_id):
        raise KeyNotFound
    if statements.fetch_one("revoke_key", key_id=key_id) is None:
        raise KeyRevoked if statements.fetch_one("key_by_id", key_id=key_id) else KeyNotFound
    rows = statements.fetch_all("key_successors", key_id=key_id)
    return tuple(row["key_id"] for row in rows)


def keys_page(
    database: Database,
    *,
    tenant_id: UUID | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[StoredKey]:
    """Keys, oldest first, at most `limit` (1 to 100, else 50) of them; of one tenant, or all.

    Raises:
        CursorInvalid: the cursor is none of this list's.
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    after_at, after_id = (
        (None, None) if cursor is None else read_cursor(cursor, "keys", moment, text)
    )
    rows = database.fetch_all(
        "keys_page",
        tenant_id=tenant_id,
        after_created_at=after_at,
        after_id=after_id,
        page_size=size + 1,
    )
    return page_of(
        [StoredKey(**{**row, "tier": Tier(row["tier"])}) for row in rows],
        size=size,
        cursor=lambda key: write_cursor("keys", key.created_at, key.key_id),
    )


def key_is_valid(database: Database, settings: Settings, credential: str) -> bool:
    """Whether a credential would be admitted now; asking counts no request.

    Raises:
        DatabaseError: the database did not answer.
    """
    key = ApiKey.parse(credential)
    if key is None:
        return False
    row = database.fetch_one(
        "key_is_valid",
        key_id=key.key_id,
        secret_hashes=key.secret_hashes(settings.api_key_peppers),
    )
    return bool(row and row["valid"])


def end_of_replaced_key(database: Database, credential: str) -> datetime | None:
    """When a key ends that its holder has replaced; None where it was not, or is no key.

    Raises:
        DatabaseError: the database did not answer.
    """
    key = ApiKey.parse(credential)
    if key is None:
        return None
    row = database.fetch_one("end_of_replaced_key", key_id=key.key_id)
    return row["expires_at"] if row else None


def checked_email(email: str) -> str:
    """The address as it is stored.

    Raises:
        AccessRequestInvalid: it is none.
    """
    address = email.strip().lower()
    if len(address) > _LONGEST_EMAIL or not _EMAIL.fullmatch(address) or not storable(address):
        raise AccessRequestInvalid("The e-mail address cannot be used.")
    return address


def checked_name(name: str) -> str:
    """The name of a key or an organisation as it is stored.

    Raises:
        AccessRequestInvalid: it is empty, too long, or cannot be printed.
    """
    label = name.strip()
    if not 1 <= len(label) <= _LONGEST_NAME or not label.isprintable():
        raise AccessRequestInvalid("A name has 1 to 200 printable characters.")
    return label


def _tier(tier: str | None) -> str | None:
    try:
        return None if tier is None else Tier(tier).value
    except ValueError:
        raise AccessRequestInvalid("The tier is one of free, solo and team.") from None


def _ensured(row: Row | None) -> EnsuredTenant:
    if row is None:  # the functions always give their one row
        raise AssertionError("nothing was ensured")
    return EnsuredTenant(**{**row, "tier": Tier(row["tier"])})
