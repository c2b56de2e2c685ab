"""Installations of the GitHub App: which there are, and whom each is linked to."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from admin_function.actions.action import Action, Wish
from admin_function.actions.holders import HolderWish, tenant_named
from admin_function.actions.paging import PageWish
from admin_function.administration import Administration
from indexer.access import installations
from indexer.access.audit import Origin
from indexer.access.installations import Installation, installations_page
from indexer.github.installations import InstallationState
from indexer.http.shapes import UtcTime, View

LONGEST_ACCOUNT = 100


class InstallationsWish(PageWish):
    """Which installations; what is left out restricts nothing."""

    account: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_ACCOUNT,
        description="Those on this account of GitHub's, by login.",
    )
    linked: bool | None = Field(
        default=None, description="Those that are linked to a tenant, or those that are not."
    )


class InstallationWish(Wish):
    """Which installation."""

    installation_id: int | str = Field(description="What GitHub calls it.")


class LinkWish(HolderWish, InstallationWish):
    """Which installation shall be whose."""


class InstallationView(View):
    """An installation of the App on an account of GitHub's."""

    installation_id: int
    account: str = Field(description="The login of the account.")
    account_id: int = Field(description="What GitHub calls the account, whatever its login.")
    state: InstallationState = Field(description="As GitHub told last.")
    all_repositories: bool = Field(
        description="Whether it reaches all of the account, or what was chosen at GitHub."
    )
    heard_at: UtcTime = Field(description="When GitHub told of it last.")
    tenant_id: UUID | None = Field(description="Whom it is linked to; null: nobody.")
    tenant: str | None = Field(description="The tenant's e-mail address or name.")
    linked_at: UtcTime | None

    @classmethod
    def from_installation(cls, one: Installation) -> InstallationView:
        """The view of an installation."""
        return cls(
            installation_id=one.installation_id,
            account=one.account_login,
            account_id=one.account_id,
            state=one.state,
            all_repositories=one.all_repositories,
            heard_at=one.heard_at,
            tenant_id=one.tenant_id,
            tenant=one.owner,
            linked_at=one.linked_at,
        )


class InstallationsView(View):
    """Installations by id."""

    installations: list[InstallationView]
    next_cursor: str | None


class LinkedInstallationView(InstallationView):
    """An installation, and whether this request changed whose it is."""

    changed: bool = Field(description="False: it stood so before, and nothing was written down.")


def list_installations(
    administration: Administration, wish: InstallationsWish, _origin: Origin
) -> InstallationsView:
    """Installations of the GitHub App, and whom each is linked to.

    Raises:
        CursorInvalid: the cursor is none of this list's.
    """
    page = installations_page(
        administration.database,
        account=wish.account,
        linked=wish.linked,
        cursor=wish.cursor,
        limit=wish.limit,
    )
    return InstallationsView(
        installations=[InstallationView.from_installation(one) for one in page.items],
        next_cursor=page.next_cursor,
    )


def link_installation(
    administration: Administration, wish: LinkWish, origin: Origin
) -> LinkedInstallationView:
    """Give an installation to a tenant, who may have its private repositories indexed then.

    Raises:
        UserNotFound, OrganizationNotFound, TenantNotFound: there is no such tenant.
        InstallationNotFound: there is none with this id.
        InstallationLinked: it is another tenant's.
        InstallationDeleted: the App is no longer installed there.
    """
    with administration.writing(origin, "link_installation") as change:
        tenant_id = tenant_named(
            change.statements, email=wish.email, organization=wish.organization
        )
        one, changed = installations.link(
            change.statements, wish.installation_id, tenant_id=tenant_id
        )
        if changed:
            change.record(one.installation_id, account=one.account_login, tenant_id=tenant_id)
    return _linked(one, changed=changed)


def unlink_installation(
    administration: Administration, wish: InstallationWish, origin: Origin
) -> LinkedInstallationView:
    """Take an installation back: nothing is read with it any more until it is linked again.

    Raises:
        InstallationNotFound: there is none with this id.
    """
    with administration.writing(origin, "unlink_installation") as change:
        one, before = installations.unlink(change.statements, wish.installation_id)
        if before is not None:
            change.record(one.installation_id, account=one.account_login, tenant_id=before)
    return _linked(one, changed=before is not None)


def _linked(one: Installation, *, changed: bool) -> LinkedInstallationView:
    view = InstallationView.from_installation(one)
    return LinkedInstallationView(**view.model_dump(), changed=changed)


ACTIONS = (
    Action(name="installations", wish=InstallationsWish, perform=list_installations),
    Action(name="link_installation", wish=LinkWish, perform=link_installation),
    Action(name="unlink_installation", wish=InstallationWish, perform=unlink_installation),
)
