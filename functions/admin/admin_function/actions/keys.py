"""API keys of users and organisations."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from admin_function.actions.action import Action, Wish
from admin_function.actions.holders import HolderWish, tenant_named
from admin_function.actions.paging import PageWish
from admin_function.administration import Administration
from indexer.access import provisioning
from indexer.access.api_keys import Tier
from indexer.access.audit import Origin
from indexer.access.organizations import find_organization
from indexer.access.provisioning import (
    EnsuredTenant,
    StoredKey,
    add_key,
    checked_name,
    ensure_organization,
    ensure_user,
    keys_page,
)
from indexer.database.connection import Statements
from indexer.http.shapes import UtcTime, View

LONGEST_LIFE_DAYS = 3_650


class KeyWish(HolderWish):
    """Whose key, and what for: of a user by address, made if not known, or of an organisation."""

    tier: Tier | None = Field(
        default=None,
        strict=False,
        description="Moves the owner to this tier; left out, the owner keeps theirs.",
    )
    name: str = Field(
        default="key", min_length=1, max_length=200, description="What the key is for."
    )
    valid_days: int | None = Field(
        default=None,
        ge=1,
        le=LONGEST_LIFE_DAYS,
        description="Days until it ends by itself; left out, it does not.",
    )


class KeysWish(PageWish):
    """Which keys."""

    organization: str | None = Field(
        default=None, min_length=1, max_length=320, description="Those of this one, by id or name."
    )
    email: str | None = Field(
        default=None, min_length=1, max_length=320, description="Those of this user."
    )


class RevocationWish(Wish):
    """Which key."""

    key_id: str


class IssuedKeyView(View):
    """A new key."""

    api_key: str = Field(description="The key itself. It is shown here and never again.")
    key_id: str
    tenant_id: UUID
    tier: Tier
    name: str
    expires_at: UtcTime | None


class StoredKeyView(View):
    """A key as it is stored, without its hash."""

    key_id: str
    tenant_id: UUID
    owner: str = Field(description="The user's e-mail address or the organisation's name.")
    tier: Tier
    name: str
    created_at: UtcTime
    expires_at: UtcTime | None
    revoked_at: UtcTime | None
    hashed_at: UtcTime = Field(description="When its hash was made, under the pepper of that time.")
    replaces: str | None = Field(description="The key that this one was given for.")

    @classmethod
    def from_key(cls, key: StoredKey) -> StoredKeyView:
        """The view of a key."""
        return cls.model_validate(key, from_attributes=True)


class KeysView(View):
    """Keys, oldest first."""

    keys: list[StoredKeyView]
    next_cursor: str | None


class RevokedKeyView(View):
    """The key is refused from now on."""

    key_id: str
    revoked: bool = True
    successors: list[str] = Field(
        description="Keys that were given for it by rotation and are still good. Revoke them too "
        "if this one had leaked."
    )


def create_key(administration: Administration, wish: KeyWish, origin: Origin) -> IssuedKeyView:
    """Make a key.

    Raises:
        AccessRequestInvalid: the address or the name cannot be used.
        OrganizationNotFound: there is no such organisation.
    """
    label = checked_name(wish.name)
    with administration.writing(origin, "create_key") as change:
        owner = _owner(change.statements, wish)
        issued = add_key(
            change.statements,
            administration.settings,
            tenant_id=owner.tenant_id,
            tier=owner.tier,
            name=label,
            valid_days=wish.valid_days,
        )
        change.record(
            issued.key_id,
            tenant_id=issued.tenant_id,
            tier=issued.tier,
            name=issued.name,
            expires_at=issued.expires_at,
        )
    return IssuedKeyView.model_validate(issued, from_attributes=True)


def keys(administration: Administration, wish: KeysWish, _origin: Origin) -> KeysView:
    """Keys, of one owner or all.

    Raises:
        CursorInvalid: the cursor is none of this list's.
        OrganizationNotFound, UserNotFound: there is no such owner.
    """
    database = administration.database
    tenant_id = None
    if wish.email is not None or wish.organization is not None:
        tenant_id = tenant_named(database, email=wish.email, organization=wish.organization)
    page = keys_page(database, tenant_id=tenant_id, cursor=wish.cursor, limit=wish.limit)
    return KeysView(
        keys=[StoredKeyView.from_key(key) for key in page.items], next_cursor=page.next_cursor
    )


def revoke_key(
    administration: Administration, wish: RevocationWish, origin: Origin
) -> RevokedKeyView:
    """Take a key back.

    Raises:
        KeyNotFound: there is no such key.
        KeyRevoked: it was revoked before.
    """
    with administration.writing(origin, "revoke_key") as change:
        successors = provisioning.revoke_key(change.statements, wish.key_id)
        change.record(wish.key_id)
    return RevokedKeyView(key_id=wish.key_id, successors=list(successors))


def _owner(statements: Statements, wish: KeyWish) -> EnsuredTenant:
    if wish.email is not None:
        return ensure_user(statements, email=wish.email, tier=wish.tier)
    found = find_organization(statements, wish.organization or "")
    return ensure_organization(statements, name=found.name, tier=wish.tier)


ACTIONS = (
    Action(name="create_key", wish=KeyWish, perform=create_key),
    Action(name="keys", wish=KeysWish, perform=keys),
    Action(name="revoke_key", wish=RevocationWish, perform=revoke_key),
)
