"""Users, organisations and keys, over HTTP, and what they then see."""

import pytest
from tests.functions.gateway import url_of


def audited(database):
    return [row["action"] for row in database.sql("SELECT * FROM kotadb.audit_log ORDER BY 1")]


def test_a_user_is_made_once_and_moved_to_another_tier(operator, migrated_database):
    made = operator.post("/admin/users", {"email": " Ada@Example.com "})
    assert made.status == 200
    assert (made.json["email"], made.json["tier"]) == ("ada@example.com", "free")
    assert made.json["created"]
    again = operator.post("/admin/users", {"email": "ada@example.com"}).json
    assert again == {**made.json, "created": False}
    moved = operator.post("/admin/users", {"email": "ada@example.com", "tier": "team"}).json
    assert (moved["user_id"], moved["tier"]) == (made.json["user_id"], "team")
    assert operator.post("/admin/users", {"email": "ada@example.com"}).json["tier"] == "team"
    assert audited(migrated_database) == ["create_user", "create_user"]
    (shown,) = operator.get("/admin/users").json["users"]
    assert shown["email"] == "ada@example.com"


def test_a_life_of_an_organisation(operator, migrated_database):
    for name in ("ada", "bob"):
        operator.post("/admin/users", {"email": f"{name}@example.com"})
    made = operator.post("/admin/organizations", {"name": "engines", "owner": "ada@example.com"})
    assert [one["role"] for one in made.json["members"]] == ["owner"]
    members = f"/admin/organizations/{made.json['organization_id']}/members"
    ada = f"{members}/ada@example.com"
    last = operator.request("DELETE", ada)
    assert (last.status, last.code) == (409, "last_owner")
    demoted = operator.post(members, {"user": "ada@example.com", "role": "member"})
    assert (demoted.status, demoted.code) == (409, "last_owner")
    grown = operator.post(members, {"user": "bob@example.com", "role": "owner"}).json
    bob = grown["members"][1]["user_id"]
    assert operator.request("DELETE", ada).json["removed"]
    gone = operator.request("DELETE", ada)
    assert (gone.status, gone.code) == (404, "member_not_found")
    assert operator.request("DELETE", f"{members}/{bob}").code == "last_owner"
    (shown,) = operator.get("/admin/organizations").json["organizations"]
    assert [one["email"] for one in shown["members"]] == ["bob@example.com"]
    assert audited(migrated_database) == [
        *("create_user", "create_user", "create_organization", "add_member", "remove_member")
    ]


def test_an_organisation_with_an_owner_that_is_not_there_is_not_made(operator, migrated_database):
    answer = operator.post("/admin/organizations", {"name": "engines", "owner": "nobody@x.y"})
    assert (answer.status, answer.code) == (404, "user_not_found")
    assert migrated_database.value("SELECT count(*) FROM kotadb.organizations") == 0
    assert audited(migrated_database) == []


def test_a_key_is_shown_once_listed_without_its_hash_and_revoked_once(operator):
    made = operator.post("/admin/keys", {"email": "ada@example.com", "tier": "solo", "name": "ci"})
    assert made.status == 201
    assert made.headers["cache-control"] == "no-store"
    listed = operator.get("/admin/keys")
    (row,) = listed.json["keys"]
    assert (row["key_id"], row["owner"]) == (made.json["key_id"], "ada@example.com")
    assert made.json["api_key"].rpartition("_")[2] not in listed.text
    assert not [name for name in row if "secret" in name]
    gone = operator.request("DELETE", f"/admin/keys/{made.json['key_id']}")
    assert (gone.status, gone.json["revoked"], gone.json["successors"]) == (200, True, [])
    again = operator.request("DELETE", f"/admin/keys/{made.json['key_id']}")
    assert (again.status, again.code) == (409, "key_revoked")
    for unknown in ("A" * 12, "x", "%00", "..%2f"):
        answer = operator.request("DELETE", f"/admin/keys/{unknown}")
        assert (answer.status, answer.code) == (404, "key_not_found")


def test_a_revoked_key_is_refused_by_a_warm_environment_with_the_next_request(
    admin, operator, stranger, migrated_database
):
    admin.use(migrated_database.admin_role)
    made = operator.post("/admin/keys", {"email": "ada@example.com"}).json
    ada = stranger.with_key(made["api_key"])
    admin.variables.setenv("DATABASE_URL", url_of(migrated_database.api))
    assert ada.get("/jobs").status == 200
    # The administration is warm too, and keeps the login it was made with.
    assert operator.request("DELETE", f"/admin/keys/{made['key_id']}").status == 200
    assert ada.get("/jobs").status == 401


def test_what_a_member_sees_and_what_a_key_of_the_organisation_sees(
    admin, operator, stranger, migrated_database
):
    admin.use(migrated_database.admin_role)
    for name in ("ada", "bob"):
        operator.post("/admin/users", {"email": f"{name}@example.com", "tier": "team"})
    operator.post("/admin/organizations", {"name": "engines", "owner": "ada@example.com"})
    keys = {
        name: operator.post("/admin/keys", owner).json["api_key"]
        for name, owner in (
            ("ada", {"email": "ada@example.com"}),
            ("bob", {"email": "bob@example.com"}),
            ("engines", {"organization": "engines"}),
        )
    }
    admin.variables.setenv("DATABASE_URL", url_of(migrated_database.api))

    def names(client):
        answer = stranger.with_key(keys[client]).get("/repositories")
        return {one["repository"] for one in answer.json["repositories"]}

    for client, key in keys.items():
        wish = {"repository": f"x/of-{client}"}
        assert stranger.with_key(key).post("/index", wish).status == 202
    assert names("engines") == {"x/of-engines"}
    assert names("ada") == {"x/of-ada", "x/of-engines"}
    assert names("bob") == {"x/of-bob"}
    operator.post("/admin/organizations/engines/members", {"user": "bob@example.com"})
    assert names("bob") == {"x/of-bob", "x/of-engines"}
    operator.request("DELETE", "/admin/organizations/engines/members/bob@example.com")
    assert names("bob") == {"x/of-bob"}


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/admin/users", {"email": "nobody"}, 422, "access_request_invalid"),
        ("/admin/users", {"email": "a@b", "tier": "gold"}, 422, "validation_failed"),
        ("/admin/users", {"email": ["a@b"]}, 422, "validation_failed"),
        ("/admin/users", {}, 422, "validation_failed"),
        ("/admin/users", {"email": "a@b", "role": "owner"}, 422, "validation_failed"),
        ("/admin/organizations", {"name": " "}, 422, "access_request_invalid"),
        ("/admin/organizations", {"name": "a\nb"}, 422, "access_request_invalid"),
        ("/admin/organizations", {"name": "x" * 201}, 422, "validation_failed"),
        ("/admin/organizations/none/members", {"user": "a@b"}, 404, "organization_not_found"),
        ("/admin/organizations/none/members", {"user": 7}, 422, "validation_failed"),
        ("/admin/organizations/%00/members", {"user": "a@b"}, 404, "organization_not_found"),
        ("/admin/keys", {}, 422, "validation_failed"),
        ("/admin/keys", {"email": "a@b", "organization": "x"}, 422, "validation_failed"),
        ("/admin/keys", {"organization": "x"}, 404, "organization_not_found"),
        ("/admin/keys", {"email": "a@b", "name": "a\tb"}, 422, "access_request_invalid"),
        ("/admin/keys", {"email": "a@b", "valid_days": 0}, 422, "validation_failed"),
        ("/admin/keys", {"email": "a@b", "valid_days": 3_651}, 422, "validation_failed"),
        ("/admin/keys", {"email": "a@b", "secret": "x"}, 422, "validation_failed"),
    ],
)
def test_what_cannot_be_used_makes_nothing_and_is_not_written_down(
    operator, migrated_database, path, body, status, code
):
    answer = operator.post(path, body)
    assert (answer.status, answer.code) == (status, code)
    for table in ("tenants", "users", "organizations", "api_keys", "audit_log"):
        assert migrated_database.value(f"SELECT count(*) FROM kotadb.{table}") == 0


def test_a_role_that_is_none_is_refused(operator):
    operator.post("/admin/organizations", {"name": "engines"})
    operator.post("/admin/users", {"email": "a@b"})
    answer = operator.post("/admin/organizations/engines/members", {"user": "a@b", "role": "king"})
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert answer.json["details"][0]["field"] == "body.role"


@pytest.mark.parametrize("path", ["users", "organizations", "keys", "audit"])
def test_lists_are_paged(operator, path):
    for number in range(3):
        operator.post("/admin/organizations", {"name": f"o{number}"})
        operator.post("/admin/keys", {"email": f"u{number}@example.com"})
    listed = path if path != "audit" else "entries"
    first = operator.get(f"/admin/{path}", limit=2).json
    assert len(first[listed]) == 2
    second = operator.get(f"/admin/{path}", limit=100, cursor=first["next_cursor"]).json
    assert second["next_cursor"] is None
    assert not {str(one) for one in first[listed]} & {str(one) for one in second[listed]}
    for wrong in ("x", "é", "WyJqb2JzIl0", "0" * 9_000):
        answer = operator.get(f"/admin/{path}", cursor=wrong)
        assert (answer.status, answer.code) == (400, "cursor_invalid")
    assert operator.get(f"/admin/{path}", cursor="").status == 422


def test_the_audit_log_is_asked_for_one_action_or_one_target(operator):
    key = operator.post("/admin/keys", {"email": "a@b"}).json["key_id"]
    operator.request("DELETE", f"/admin/keys/{key}")
    entries = operator.get("/admin/audit", target=key).json["entries"]
    assert [one["action"] for one in entries] == ["revoke_key", "create_key"]
    (entry,) = operator.get("/admin/audit", action="create_key").json["entries"]
    assert (entry["target"], entry["caller"]) == (key, "192.0.2.1")
    assert operator.get("/admin/audit", target="none").json["entries"] == []


def test_migrate_and_sweep_are_there_over_http(operator):
    assert operator.post("/admin/migrate").json == {"applied": []}
    assert operator.post("/admin/sweep").json["archived"] == 0
