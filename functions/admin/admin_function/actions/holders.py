"""Whom a thing is given to: a user by address or an organisation, and never both."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from admin_function.actions.action import Wish
from indexer.access.organizations import find_organization, find_user
from indexer.database.connection import Database, Statements


class HolderWish(Wish):
    """Whose it shall be: one user's or one organisation's."""

    email: str | None = Field(default=None, min_length=1, max_length=320)
    organization: str | None = Field(
        default=None, min_length=1, max_length=320, description="Its id or name."
    )

    @model_validator(mode="after")
    def _one_holder(self) -> Self:
        if (self.email is None) == (self.organization is None):
            raise ValueError("name an email or an organization: it belongs to one of them")
        return self


def tenant_named(
    statements: Database | Statements, *, email: str | None, organization: str | None
) -> UUID:
    """The tenant with this name or address, which is not made where there is none.

    Raises:
        OrganizationNotFound, UserNotFound: there is no such tenant.
    """
    if organization is not None:
        return find_organization(statements, organization).organization_id
    return find_user(statements, email or "").user_id
