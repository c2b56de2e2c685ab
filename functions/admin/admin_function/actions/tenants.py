"""Users, organisations, and who belongs to them."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from admin_function.actions.action import Action, Wish
from admin_function.actions.paging import PageWish
from admin_function.administration import Administration
from indexer.access import organizations
from indexer.access.api_keys import Tier
from indexer.access.audit import Origin
from indexer.access.organizations import Organization, Role, User, find_organization, find_user
from indexer.access.provisioning import ensure_organization, ensure_user
from indexer.http.shapes import UtcTime, View


class UserWish(Wish):
    """A user who shall be there, and their tier."""

    email: str = Field(min_length=1, max_length=320, examples=["ada@example.com"])
    tier: Tier | None = Field(
        default=None,
        strict=False,
        description="Sets the quota. A known user keeps theirs unless it is given; else free.",
    )


class OrganizationWish(Wish):
    """An organisation that shall be there, its tier, and perhaps its first owner."""

    name: str = Field(min_length=1, max_length=200, examples=["engines"])
    tier: Tier | None = Field(
        default=None,
        strict=False,
        description="Sets the quota. A known one keeps its own unless it is given; else free.",
    )
    owner: str | None = Field(
        default=None,
        min_length=1,
        max_length=320,
        description="A user's id or e-mail address, who becomes an owner.",
    )


class MemberBody(Wish):
    """A user, and what they shall be to the organisation."""

    user: str = Field(min_length=1, max_length=320, description="Their id or e-mail address.")
    role: Role = Field(default=Role.MEMBER, strict=False)


class MemberWish(MemberBody):
    """A user who shall be a member of an organisation."""

    organization: str = Field(description="Its id or name.")


class LeaverWish(Wish):
    """A user who shall be a member no more."""

    organization: str = Field(description="Its id or name.")
    user: str = Field(description="Their id or e-mail address.")


class UserView(View):
    """A user."""

    user_id: UUID
    email: str
    tier: Tier
    created_at: UtcTime

    @classmethod
    def from_user(cls, user: User) -> UserView:
        """The view of a user."""
        return cls(
            user_id=user.user_id, email=user.email, tier=user.tier, created_at=user.created_at
        )


class EnsuredUserView(UserView):
    """A user, and whether this request made them."""

    created: bool


class UsersView(View):
    """Users by address."""

    users: list[UserView]
    next_cursor: str | None


class MemberView(View):
    """A user in an organisation."""

    user_id: UUID
    email: str
    role: Role


class OrganizationView(View):
    """An organisation and its members, owners first."""

    organization_id: UUID
    name: str
    tier: Tier
    created_at: UtcTime
    members: list[MemberView]

    @classmethod
    def from_organization(cls, one: Organization) -> OrganizationView:
        """The view of an organisation."""
        return cls.model_validate(one, from_attributes=True)


class EnsuredOrganizationView(OrganizationView):
    """An organisation, and whether this request made it."""

    created: bool


class OrganizationsView(View):
    """Organisations by name."""

    organizations: list[OrganizationView]
    next_cursor: str | None


class LeftView(View):
    """Who is a member no more."""

    organization_id: UUID
    user_id: UUID
    removed: bool = True


def create_user(administration: Administration, wish: UserWish, origin: Origin) -> EnsuredUserView:
    """The user with this address, made where there is none.

    Raises:
        AccessRequestInvalid: the address cannot be used.
    """
    with administration.writing(origin, "create_user") as change:
        made = ensure_user(change.statements, email=wish.email, tier=wish.tier)
        user = find_user(change.statements, str(made.tenant_id))
        if made.changed:
            change.record(user.user_id, email=user.email, tier=user.tier, created=made.created)
    return EnsuredUserView(
        user_id=user.user_id,
        email=user.email,
        tier=user.tier,
        created_at=user.created_at,
        created=made.created,
    )


def users(administration: Administration, wish: PageWish, _origin: Origin) -> UsersView:
    """Users by address.

    Raises:
        CursorInvalid: the cursor is none of this list's.
    """
    page = organizations.users_page(administration.database, cursor=wish.cursor, limit=wish.limit)
    return UsersView(
        users=[UserView.from_user(user) for user in page.items], next_cursor=page.next_cursor
    )


def create_organization(
    administration: Administration, wish: OrganizationWish, origin: Origin
) -> EnsuredOrganizationView:
    """The organisation with this name, made where there is none.

    Raises:
        AccessRequestInvalid: the name cannot be used.
        UserNotFound: there is no such owner.
    """
    with administration.writing(origin, "create_organization") as change:
        made = ensure_organization(change.statements, name=wish.name, tier=wish.tier)
        changed = made.changed
        if wish.owner is not None:
            owner = find_user(change.statements, wish.owner)
            changed |= organizations.set_member(
                change.statements,
                organization=made.tenant_id,
                user=owner.user_id,
                role=Role.OWNER,
            )
        one = find_organization(change.statements, str(made.tenant_id))
        if changed:
            change.record(
                one.organization_id,
                name=one.name,
                tier=one.tier,
                owner=wish.owner,
                created=made.created,
            )
    return EnsuredOrganizationView(
        **OrganizationView.from_organization(one).model_dump(), created=made.created
    )


def list_organizations(
    administration: Administration, wish: PageWish, _origin: Origin
) -> OrganizationsView:
    """Organisations by name.

    Raises:
        CursorInvalid: the cursor is none of this list's.
    """
    page = organizations.organizations_page(
        administration.database, cursor=wish.cursor, limit=wish.limit
    )
    return OrganizationsView(
        organizations=[OrganizationView.from_organization(one) for one in page.items],
        next_cursor=page.next_cursor,
    )


def add_member(
    administration: Administration, wish: MemberWish, origin: Origin
) -> OrganizationView:
    """Make a user a member of an organisation, or give a member another role.

    Raises:
        OrganizationNotFound, UserNotFound: there is none.
        LastOwner: the only owner would become something else.
    """
    with administration.writing(origin, "add_member") as change:
        one = find_organization(change.statements, wish.organization)
        user = find_user(change.statements, wish.user)
        changed = organizations.set_member(
            change.statements,
            organization=one.organization_id,
            user=user.user_id,
            role=wish.role,
        )
        if changed:
            change.record(one.organization_id, user_id=user.user_id, role=wish.role)
        after = find_organization(change.statements, str(one.organization_id))
    return OrganizationView.from_organization(after)


def remove_member(administration: Administration, wish: LeaverWish, origin: Origin) -> LeftView:
    """End a membership.

    Raises:
        OrganizationNotFound, UserNotFound, MemberNotFound: there is none.
        LastOwner: the organisation would be left without an owner.
    """
    with administration.writing(origin, "remove_member") as change:
        one = find_organization(change.statements, wish.organization)
        user = find_user(change.statements, wish.user)
        organizations.remove_member(
            change.statements, organization=one.organization_id, user=user.user_id
        )
        change.record(one.organization_id, user_id=user.user_id)
    return LeftView(organization_id=one.organization_id, user_id=user.user_id)


ACTIONS = (
    Action(name="create_user", wish=UserWish, perform=create_user),
    Action(name="users", wish=PageWish, perform=users),
    Action(name="create_organization", wish=OrganizationWish, perform=create_organization),
    Action(name="organizations", wish=PageWish, perform=list_organizations),
    Action(name="add_member", wish=MemberWish, perform=add_member),
    Action(name="remove_member", wish=LeaverWish, perform=remove_member),
)
