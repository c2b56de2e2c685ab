"""Users, organisations, and who belongs to them in which role. Runs as the admin's role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from indexer.access.api_keys import Tier
from indexer.database.connection import Database, Row, Statements
from indexer.database.identifiers import parse_uuid
from indexer.database.paging import Page, page_of, page_size, read_cursor, text, write_cursor
from indexer.database.texts import storable
from indexer.errors import Refused


class Role(StrEnum):
    """What a member is to an organisation."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


class UserNotFound(Refused):
    """There is no such user."""

    code = "user_not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__("There is no user with this id or e-mail address.")


class OrganizationNotFound(Refused):
    """There is no such organisation."""

    code = "organization_not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__("There is no organisation with this id or name.")


class MemberNotFound(Refused):
    """The user is no member of the organisation."""

    code = "member_not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__("The user is no member of this organisation.")


class LastOwner(Refused):
    """The organisation would be left without an owner."""

    code = "last_owner"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__("An organisation keeps one owner: make another member its owner first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who may hold keys."""

    user_id: UUID
    email: str
    tier: Tier
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A user in an organisation."""

    user_id: UUID
    email: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A tenant that several users share. Owners come first among its members."""

    organization_id: UUID
    name: str
    tier: Tier
    created_at: datetime
    members: tuple[Member, ...]


def find_user(statements: Database | Statements, wanted: str) -> User:
    """The user with this id or e-mail address.

    Raises:
        UserNotFound: there is none.
    """
    row = _found(statements, "find_user", wanted.lower())
    if row is None:
        raise UserNotFound
    return User(**{**row, "tier": Tier(row["tier"])})


def find_organization(statements: Database | Statements, wanted: str) -> Organization:
    """The organisation with this id or name.

    Raises:
        OrganizationNotFound: there is none.
    """
    row = _found(statements, "find_organization", wanted)
    if row is None:
        raise OrganizationNotFound
    return _organization(row)


def set_member(statements: Statements, *, organization: UUID, user: UUID, role: Role) -> bool:
    """Make a user a member in this role; whether that changed anything.

    Raises:
        OrganizationNotFound, UserNotFound: there is no such organisation or user.
        LastOwner: it is the only owner who would become something else.
    """
    row = statements.fetch_one(
        "set_member", organization_id=organization, user_id=user, member_role=role.value
    )
    outcome = None if row is None else row["outcome"]
    if outcome == "no_organization":
        raise OrganizationNotFound
    if outcome == "no_user":
        raise UserNotFound
    if outcome == "last_owner":
        raise LastOwner
    return outcome != "unchanged"


def remove_member(statements: Statements, *, organization: UUID, user: UUID) -> None:
    """End a membership.

    Raises:
        MemberNotFound: there is none.
        LastOwner: it is the organisation's only owner.
    """
    row = statements.fetch_one("remove_member", organization_id=organization, user_id=user)
    outcome = None if row is None else row["outcome"]
    if outcome == "last_owner":
        raise LastOwner
    if outcome != "removed":
        raise MemberNotFound


def users_page(
    database: Database, *, cursor: str | None = None, limit: int | None = None
) -> Page[User]:
    """Users by address, at most `limit` (1 to 100, else 50) of them.

    Raises:
        CursorInvalid: the cursor is none of this list's.
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    (after,) = (None,) if cursor is None else read_cursor(cursor, "users", text)
    rows = database.fetch_all("users_page", after=after, page_size=size + 1)
    return page_of(
        [User(**{**row, "tier": Tier(row["tier"])}) for row in rows],
        size=size,
        cursor=lambda user: write_cursor("users", user.email),
    )


def organizations_page(
    database: Database, *, cursor: str | None = None, limit: int | None = None
) -> Page[Organization]:
    """Organisations by name, at most `limit` (1 to 100, else 50) of them.

    Raises:
        CursorInvalid: the cursor is none of this list's.
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    (after,) = (None,) if cursor is None else read_cursor(cursor, "organizations", text)
    rows = database.fetch_all("organizations_page", after=after, page_size=size + 1)
    return page_of(
        [_organization(row) for row in rows],
        size=size,
        cursor=lambda one: write_cursor("organizations", one.name),
    )


def _found(statements: Database | Statements, query: str, wanted: str) -> Row | None:
    # Nothing else can be the text of a stored name.
    if not storable(wanted):
        return None
    return statements.fetch_one(query, wanted=wanted, wanted_id=parse_uuid(wanted))


def _organization(row: Row) -> Organization:
    return Organization(
        **{
            **row,
            "tier": Tier(row["tier"]),
            "members": tuple(
                Member(user_id=UUID(one["user_id"]), email=one["email"], role=Role(one["role"]))
                for one in row["members"]
            ),
        }
    )
