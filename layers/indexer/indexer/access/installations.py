"""Whose an installation of the GitHub App is: nobody's, until an operator gives it to one tenant.

GitHub does not say which tenant asked for an installation, so nothing that arrives from it links
one. Runs as the admin's role.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from indexer.database.connection import Database, Row, Statements
from indexer.database.identifiers import parse_number
from indexer.database.paging import (
    Page,
    large_integer,
    page_of,
    page_size,
    read_cursor,
    write_cursor,
)
from indexer.database.texts import storable
from indexer.errors import Refused
from indexer.github.installations import InstallationState


class InstallationNotFound(Refused):
    """GitHub never told of such an installation of the App."""

    code = "installation_not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__("No installation of the GitHub App with this id was heard of.")


class InstallationLinked(Refused):
    """The installation is linked to another tenant."""

    code = "installation_linked"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__("The installation is linked to another tenant: unlink it first.")


class InstallationDeleted(Refused):
    """The App is no longer installed there, so there is nothing to link."""

    code = "installation_deleted"
    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(
            "The installation is deleted at GitHub: once the App is installed again, link the new "
            "installation."
        )


class TenantNotFound(Refused):
    """The tenant was deleted while something was done for it."""

    code = "tenant_not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        super().__init__("There is no such tenant any more.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """An installation on an account of GitHub's.

    `owner` is the address or the name of the tenant that it is linked to. Without a tenant neither
    that nor `linked_at` is there.
    """

    installation_id: int
    account_id: int
    account_login: str
    state: InstallationState
    all_repositories: bool
    heard_at: datetime
    tenant_id: UUID | None
    owner: str | None
    linked_at: datetime | None


def installations_page(
    database: Database,
    *,
    account: str | None = None,
    linked: bool | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Installation]:
    """Installations by id, at most `limit` (1 to 100, else 50) of them.

    `account` is a login in upper or lower case; `linked` asks for those with or without a tenant.

    Raises:
        CursorInvalid: the cursor is none of this list's.
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    (after,) = (None,) if cursor is None else read_cursor(cursor, "installations", large_integer)
    if account is not None and not storable(account):
        return Page(items=(), next_cursor=None)
    rows = database.fetch_all(
        "installations_page",
        installation_id=None,
        account=account,
        linked=linked,
        after=after,
        page_size=size + 1,
    )
    return page_of(
        [_installation(row) for row in rows],
        size=size,
        cursor=lambda one: write_cursor("installations", one.installation_id),
    )


def link(
    statements: Statements, installation: int | str, *, tenant_id: UUID
) -> tuple[Installation, bool]:
    """Give an installation to a tenant; how it stands then, and whether that changed anything.

    Raises:
        InstallationNotFound: there is none with this id.
        InstallationLinked: it is another tenant's.
        InstallationDeleted: the App is no longer installed there.
        TenantNotFound: there is no such tenant.
    """
    number = _number(installation)
    held = _locked(statements, number)
    if held["tenant_id"] == tenant_id:
        return _found(statements, number), False
    if held["tenant_id"] is not None:
        raise InstallationLinked
    if held["state"] == InstallationState.DELETED:
        raise InstallationDeleted
    linked = statements.fetch_one("link_installation", installation_id=number, tenant_id=tenant_id)
    if linked is None:
        raise TenantNotFound
    return _found(statements, number), True


def unlink(statements: Statements, installation: int | str) -> tuple[Installation, UUID | None]:
    """Take an installation back; how it stands then, and whose it was, or None where nobody's.

    Raises:
        InstallationNotFound: there is none with this id.
    """
    number = _number(installation)
    held = _locked(statements, number)
    statements.execute("unlink_installation", installation_id=number)
    return _found(statements, number), held["tenant_id"]


def _number(installation: int | str) -> int:
    number = parse_number(str(installation))
    if number is None:
        raise InstallationNotFound
    return number


def _locked(statements: Statements, number: int) -> Row:
    row = statements.fetch_one("lock_installation", installation_id=number)
    if row is None:
        raise InstallationNotFound
    return row


def _found(statements: Statements, number: int) -> Installation:
    row = statements.fetch_one(
        "installations_page",
        installation_id=number,
        account=None,
        linked=None,
        after=None,
        page_size=1,
    )
    if row is None:  # its row is locked
        raise AssertionError("an installation is gone while it is locked")
    return _installation(row)


def _installation(row: Row) -> Installation:
    return Installation(**{**row, "state": InstallationState(row["state"])})
