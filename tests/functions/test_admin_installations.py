"""Installations of the GitHub App: whom operators link them to, and what that opens."""

from contextlib import closing

import pytest
from tests.functions.conftest import ADMIN_KEY
from tests.functions.world import install
from tests.support.github_deliveries import SECRET, deliver_to, installation, push, repository
from tests.support.waiting import meanwhile

from admin_function.handler import ActionFailed
from indexer.access.installations import TenantNotFound, link
from indexer.database.connection import Database

ADA, BOB = {"email": "ada@example.com"}, {"email": "bob@example.com"}
HEAD = "c" * 40
LARGEST = 2**63 - 1
NO_IDS = ["0", "-1", "+77", "077", "77.0", "7e1", "\u0667\u0667", "x", "%00", "\0", "77 "]


@pytest.fixture
def installed(operator, migrated_database):
    """Two users, an organisation and an installation of the App, which is nobody's."""
    for user in (ADA, BOB):
        operator.post("/admin/users", user)
    operator.post("/admin/organizations", {"name": "engines"})
    migrated_database.sql("TRUNCATE kotadb.audit_log")
    install(migrated_database, 77)
    return "/admin/installations/77/link"


def audited(database):
    rows = database.sql("SELECT action, target, details FROM kotadb.audit_log ORDER BY audit_id")
    return [tuple(row.values()) for row in rows]


def of_user(database, user):
    return str(database.value("SELECT user_id FROM kotadb.users WHERE email = %s", user["email"]))


@pytest.mark.usefixtures("installed")
def test_an_installation_is_listed_with_what_github_told_of_it(operator):
    (one,) = operator.get("/admin/installations").json["installations"]
    assert one.pop("heard_at").endswith("Z")
    assert one == {
        "installation_id": 77,
        "account": "ada",
        "account_id": 1,
        "state": "active",
        "all_repositories": False,
        "tenant_id": None,
        "tenant": None,
        "linked_at": None,
    }


@pytest.mark.parametrize("state", ["active", "suspended"])
def test_an_installation_is_given_to_a_user_once(operator, installed, migrated_database, state):
    install(migrated_database, 77, state=state)
    ada = of_user(migrated_database, ADA)
    answer = operator.post(installed, {"email": "Ada@Example.com"})
    assert (answer.status, answer.json["changed"]) == (200, True)
    assert (answer.json["tenant_id"], answer.json["tenant"]) == (ada, ADA["email"])
    assert (answer.json["state"], answer.json["linked_at"] is None) == (state, False)
    again = operator.post(installed, ADA)
    assert (again.status, again.json) == (200, {**answer.json, "changed": False})
    (shown,) = operator.get("/admin/installations").json["installations"]
    assert {**shown, "changed": True} == answer.json
    told = {"account": "ada", "tenant_id": ada}
    assert audited(migrated_database) == [("link_installation", "77", told)]


def test_an_installation_is_given_to_an_organisation_by_name_or_id(operator, installed):
    answer = operator.post(installed, {"organization": "engines"})
    assert answer.json["tenant"] == "engines"
    again = operator.post(installed, {"organization": answer.json["tenant_id"]})
    assert (again.json["tenant"], again.json["changed"]) == ("engines", False)


def test_what_is_linked_goes_to_another_tenant_only_after_it_was_unlinked(
    operator, installed, migrated_database
):
    operator.post(installed, ADA)
    before = operator.get("/admin/installations").json
    refused = operator.post(installed, BOB)
    assert (refused.status, refused.code) == (409, "installation_linked")
    assert operator.get("/admin/installations").json == before
    freed = operator.request("DELETE", installed)
    assert (freed.status, freed.json["changed"]) == (200, True)
    assert [freed.json[name] for name in ("tenant_id", "tenant", "linked_at")] == [None] * 3
    assert operator.post(installed, BOB).json["tenant"] == BOB["email"]
    ada, bob = (of_user(migrated_database, user) for user in (ADA, BOB))
    assert audited(migrated_database) == [
        ("link_installation", "77", {"account": "ada", "tenant_id": ada}),
        ("unlink_installation", "77", {"account": "ada", "tenant_id": ada}),
        ("link_installation", "77", {"account": "ada", "tenant_id": bob}),
    ]


def test_what_is_nobodys_is_taken_back_without_a_trace(operator, installed, migrated_database):
    for _ in range(2):
        answer = operator.request("DELETE", installed)
        assert (answer.status, answer.json["changed"]) == (200, False)
    assert audited(migrated_database) == []


def test_what_github_deleted_is_nobodys_and_stays_so(operator, installed, migrated_database):
    operator.post(installed, ADA)
    install(migrated_database, 77, state="deleted")
    answer = operator.post(installed, ADA)
    assert (answer.status, answer.code) == (409, "installation_deleted")
    assert operator.request("DELETE", installed).json["changed"] is False
    assert len(audited(migrated_database)) == 1


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "number", [*NO_IDS, "78", str(LARGEST), str(LARGEST + 1), "9" * 400, "\u0667" * 400]
)
def test_an_installation_that_is_not_there_is_a_404(operator, number):
    path = f"/admin/installations/{number}/link"
    for answer in (operator.post(path, ADA), operator.request("DELETE", path)):
        assert (answer.status, answer.code) == (404, "installation_not_found")


@pytest.mark.usefixtures("installed")
def test_the_largest_id_that_github_may_give_is_taken(operator, migrated_database):
    install(migrated_database, LARGEST)
    answer = operator.post(f"/admin/installations/{LARGEST}/link", ADA)
    assert (answer.status, answer.json["installation_id"]) == (200, LARGEST)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": "nobody@example.com"}, 404, "user_not_found"),
        ({"organization": "nobody"}, 404, "organization_not_found"),
        ({}, 422, "validation_failed"),
        ({**ADA, "organization": "engines"}, 422, "validation_failed"),
        ({"tenant_id": "00000000-0000-0000-0000-000000000000"}, 422, "validation_failed"),
        ({**ADA, "installation_id": 78}, 422, "validation_failed"),
    ],
)
def test_a_link_to_nobody_or_to_two_is_refused_and_makes_nobody(
    operator, installed, migrated_database, body, status, code
):
    answer = operator.post(installed, body)
    assert (answer.status, answer.code) == (status, code)
    (one,) = operator.get("/admin/installations").json["installations"]
    assert one["tenant_id"] is None
    assert migrated_database.value("SELECT count(*) FROM kotadb.users") == 2
    assert audited(migrated_database) == []


@pytest.mark.usefixtures("installed")
def test_installations_are_paged_and_found_by_account_and_by_link(operator, migrated_database):
    for number, account in ((3, "Engines"), (LARGEST - 1, "engines"), (5, "bob")):
        install(migrated_database, number, account=account)
    operator.post("/admin/installations/3/link", ADA)

    def listed(**asked):
        answer = operator.get("/admin/installations", **asked)
        return [one["installation_id"] for one in answer.json["installations"]]

    assert listed() == [3, 5, 77, LARGEST - 1]
    assert listed(account="engines") == listed(account="ENGINES") == [3, LARGEST - 1]
    assert (listed(linked="true"), listed(linked="false")) == ([3], [5, 77, LARGEST - 1])
    assert listed(account="engines", linked="false") == [LARGEST - 1]
    assert listed(account="engine") == []
    seen, cursor = [], None
    for _ in range(4):
        page = operator.get("/admin/installations", limit=1, cursor=cursor).json
        seen += [one["installation_id"] for one in page["installations"]]
        cursor = page["next_cursor"]
    assert (seen, cursor) == ([3, 5, 77, LARGEST - 1], None)


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"cursor": "x"}, 400, "cursor_invalid"),
        ({"cursor": "WyJpbnN0YWxsYXRpb25zIiwgOTIyMzM3MjAzNjg1NDc3NTgwOF0"}, 400, "cursor_invalid"),
        ({"linked": "perhaps"}, 422, "validation_failed"),
        ({"account": ""}, 422, "validation_failed"),
        ({"account": "a" * 101}, 422, "validation_failed"),
        ({"account": "a\0b"}, 422, "parameter_invalid"),
    ],
)
def test_a_list_that_cannot_be_asked_for_is_refused(operator, asked, status, code):
    answer = operator.get("/admin/installations", **asked)
    assert (answer.status, answer.code) == (status, code)


def test_a_tenant_that_is_deleted_leaves_its_installation_to_nobody(
    operator, installed, migrated_database
):
    operator.post(installed, ADA)
    migrated_database.sql(
        "DELETE FROM kotadb.tenants WHERE tenant_id = %s::uuid", of_user(migrated_database, ADA)
    )
    (one,) = operator.get("/admin/installations", linked="false").json["installations"]
    assert [one[name] for name in ("tenant_id", "tenant", "linked_at")] == [None] * 3
    answer = operator.post(installed, ADA)
    assert (answer.status, answer.code) == (404, "user_not_found")
    assert operator.post(installed, BOB).json["changed"] is True


@pytest.mark.usefixtures("installed")
def test_a_link_to_a_tenant_that_is_being_deleted_waits_and_finds_nobody(migrated_database):
    ada = of_user(migrated_database, ADA)

    def act():
        with closing(Database(migrated_database.admin_role)) as database:
            with pytest.raises(TenantNotFound), database.transaction() as statements:
                link(statements, 77, tenant_id=ada)
            return "refused"

    with migrated_database.connection() as deleting:
        deleting.execute("BEGIN")
        deleting.execute("DELETE FROM kotadb.tenants WHERE tenant_id = %s::uuid", (ada,))
        with meanwhile(migrated_database, migrated_database.admin_role, act) as outcome:
            deleting.execute("COMMIT")
    assert outcome == ["refused"]
    assert migrated_database.value("SELECT tenant_id FROM kotadb.github_installations") is None


def test_of_two_links_at_one_instant_one_is_made(operator, installed, migrated_database):
    bob = of_user(migrated_database, BOB)
    with migrated_database.connection() as other:
        other.execute("BEGIN")
        other.execute(
            "UPDATE kotadb.github_installations SET tenant_id = %s::uuid, linked_at = now()", (bob,)
        )
        with meanwhile(
            migrated_database,
            migrated_database.admin_role,
            lambda: operator.post(installed, ADA),
        ) as outcome:
            other.execute("COMMIT")
    (answer,) = outcome
    assert (answer.status, answer.code) == (409, "installation_linked")
    assert audited(migrated_database) == []


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("number", [77, "77"])
def test_an_invocation_lists_links_and_unlinks(admin, number):
    linked = admin.invoke(action="link_installation", installation_id=number, **ADA)
    assert (linked["tenant"], linked["changed"]) == (ADA["email"], True)
    (one,) = admin.invoke(action="installations", account="ADA", linked=True)["installations"]
    assert {**one, "changed": True} == linked
    freed = admin.invoke(action="unlink_installation", installation_id=number)
    assert (freed["tenant_id"], freed["changed"]) == (None, True)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"installation_id": 10**30}, "installation_not_found"),
        ({"installation_id": -77}, "installation_not_found"),
        ({"installation_id": "x"}, "installation_not_found"),
        ({"installation_id": True}, "event_invalid"),
        ({"installation_id": 77.0}, "event_invalid"),
        ({}, "event_invalid"),
    ],
)
def test_an_invocation_for_an_installation_that_is_not_there_fails(admin, event, code):
    for action, fields in (("link_installation", ADA), ("unlink_installation", {})):
        with pytest.raises(ActionFailed, match=code):
            admin.invoke(action=action, **fields, **event)


@pytest.mark.usefixtures("installed")
def test_an_account_that_no_database_can_hold_has_no_installation(admin):
    assert admin.invoke(action="installations", account="a\0")["installations"] == []


@pytest.mark.proves("W10")
def test_a_push_to_a_private_repository_is_told_to_a_tenant_from_the_link_to_its_end(
    environment, stranger, issue, admin, migrated_database
):
    environment.set(GITHUB_WEBHOOK_SECRET=SECRET)
    mine = stranger.with_key(issue(ADA["email"]).api_key)
    deliver, operator = deliver_to(stranger), admin.client.with_key(ADMIN_KEY)

    def as_api():
        environment.use(migrated_database.api)

    def as_admin():
        # Both functions read one environment here, and each has its own login.
        admin.use(migrated_database.admin_role)

    def jobs(after):
        # A job that waits already would need no other.
        for job in mine.get("/jobs", status="pending").json["jobs"]:
            assert mine.request("DELETE", f"/jobs/{job['id']}").status == 200
        secret = repository("ada/engine", private=True)
        return deliver("push", push(secret, after=after)).json["jobs"]

    as_api()
    mine.post("/index", {"repository": "ada/engine"})
    deliver("installation", installation("created", number=77))
    assert jobs("1" * 40) == 0
    as_admin()
    assert operator.post("/admin/installations/77/link", ADA).status == 200
    as_api()
    assert jobs("2" * 40) == 1
    as_admin()
    assert operator.request("DELETE", "/admin/installations/77/link").status == 200
    as_api()
    assert jobs("3" * 40) == 0
