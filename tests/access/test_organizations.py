import threading
from contextlib import closing
from uuid import UUID, uuid4

import pytest

from indexer.access.organizations import (
    LastOwner,
    MemberNotFound,
    OrganizationNotFound,
    Role,
    UserNotFound,
    find_organization,
    find_user,
    organizations_page,
    remove_member,
    set_member,
    users_page,
)
from indexer.access.provisioning import ensure_organization, ensure_user
from indexer.database.connection import Database


@pytest.fixture
def people(admin_database):
    """Two users, and an organisation that is empty yet."""
    with admin_database.transaction() as statements:
        return (
            ensure_organization(statements, name="engines").tenant_id,
            ensure_user(statements, email="ada@example.com").tenant_id,
            ensure_user(statements, email="bob@example.com").tenant_id,
        )


def put(database, organization, user, role=Role.OWNER):
    with database.transaction() as statements:
        return set_member(statements, organization=organization, user=user, role=role)


def take(database, organization, user):
    with database.transaction() as statements:
        remove_member(statements, organization=organization, user=user)


def roles(database, organization):
    found = find_organization(database, str(organization))
    return {one.email.partition("@")[0]: one.role for one in found.members}


def test_members_have_roles_that_can_be_changed(admin_database, people):
    engines, ada, bob = people
    assert put(admin_database, engines, ada)
    assert put(admin_database, engines, bob, Role.MEMBER)
    assert not put(admin_database, engines, bob, Role.MEMBER)
    assert put(admin_database, engines, bob, Role.ADMIN)
    assert roles(admin_database, engines) == {"ada": Role.OWNER, "bob": Role.ADMIN}
    take(admin_database, engines, bob)
    assert roles(admin_database, engines) == {"ada": Role.OWNER}
    with pytest.raises(MemberNotFound):
        take(admin_database, engines, bob)


def test_the_last_owner_can_neither_go_nor_become_something_else(admin_database, people):
    engines, ada, bob = people
    put(admin_database, engines, ada)
    put(admin_database, engines, bob, Role.ADMIN)
    with pytest.raises(LastOwner):
        take(admin_database, engines, ada)
    with pytest.raises(LastOwner):
        put(admin_database, engines, ada, Role.MEMBER)
    put(admin_database, engines, bob, Role.OWNER)
    take(admin_database, engines, ada)
    assert roles(admin_database, engines) == {"bob": Role.OWNER}


def test_of_two_owners_that_leave_at_one_instant_one_stays(key_maker, migrated_database):
    with key_maker.transaction() as statements:
        engines = ensure_organization(statements, name="engines").tenant_id
        users = [
            ensure_user(statements, email=f"{name}@example.com").tenant_id for name in ("a", "b")
        ]
        for user in users:
            set_member(statements, organization=engines, user=user, role=Role.OWNER)
    together = threading.Barrier(2)
    outcomes = []

    def leave(user) -> None:
        with closing(Database(migrated_database.admin_role)) as database:
            database.fetch_one("database_answers")
            together.wait()
            try:
                take(database, engines, user)
                outcomes.append("left")
            except LastOwner:
                outcomes.append("stays")

    threads = [threading.Thread(target=leave, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["left", "stays"]


def test_a_membership_needs_both_its_sides(admin_database, people):
    engines, ada, _ = people
    with pytest.raises(OrganizationNotFound):
        put(admin_database, uuid4(), ada)
    with pytest.raises(UserNotFound):
        put(admin_database, engines, uuid4())
    # A user's id is no organisation's, and the other way round.
    with pytest.raises(OrganizationNotFound):
        put(admin_database, ada, ada)
    with pytest.raises(UserNotFound):
        put(admin_database, engines, engines)


def test_users_and_organisations_are_found_by_id_and_by_name(admin_database, people):
    engines, ada, _ = people
    assert find_user(admin_database, str(ada)).email == "ada@example.com"
    assert find_user(admin_database, "Ada@Example.com").user_id == ada
    assert find_organization(admin_database, "engines").organization_id == engines


@pytest.mark.parametrize("wanted", ["nobody", "", "a\0b", "\ud800", str(UUID(int=7)), "x" * 5_000])
def test_what_no_name_can_be_is_not_found(admin_database, people, wanted):
    assert people
    with pytest.raises(UserNotFound):
        find_user(admin_database, wanted)
    with pytest.raises(OrganizationNotFound):
        find_organization(admin_database, wanted)


def test_an_id_wins_over_a_name_of_the_same_letters(admin_database, people):
    engines, _, _ = people
    with admin_database.transaction() as statements:
        ensure_organization(statements, name=str(engines))
    assert find_organization(admin_database, str(engines)).name == "engines"


def test_users_and_organisations_are_listed_page_by_page(admin_database):
    with admin_database.transaction() as statements:
        for number in range(5):
            ensure_user(statements, email=f"{number}@example.com")
            ensure_organization(statements, name=f"o{number}")
    for page, name in ((users_page, "email"), (organizations_page, "name")):
        first = page(admin_database, limit=2)
        second = page(admin_database, limit=2, cursor=first.next_cursor)
        third = page(admin_database, limit=2, cursor=second.next_cursor)
        names = [getattr(one, name) for one in (*first.items, *second.items, *third.items)]
        assert len(names) == 5
        assert names == sorted(names)
        assert third.next_cursor is None
