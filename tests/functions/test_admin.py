"""The administration by plain invocation."""

import pytest
from tests.functions.gateway import Gateway, url_of

from admin_function.actions.catalogue import CATALOGUE
from admin_function.handler import ActionFailed
from indexer.database.migrate import known_migrations

NOTHING_SWEPT = {
    "leases_lost": 0,
    "expired": 0,
    "archived": 0,
    "snapshots_dropped": 0,
    "jobs_forgotten": 0,
    "jobs_purged": 0,
    "repositories_purged": 0,
    "keys_forgotten": 0,
    "deliveries_forgotten": 0,
    "audit_forgotten": 0,
}


def audited(database):
    return database.sql("SELECT * FROM kotadb.audit_log ORDER BY audit_id")


def test_a_key_that_the_admin_makes_opens_the_api(admin, stranger, migrated_database):
    # Both functions read one environment here, and each has its own login.
    admin.use(migrated_database.admin_role)
    made = admin.invoke(action="create_key", email="ada@example.com", tier="solo", name="laptop")
    assert set(made) == {"api_key", "key_id", "tenant_id", "tier", "name", "expires_at"}
    admin.variables.setenv("DATABASE_URL", url_of(migrated_database.api))
    answer = stranger.with_key(made["api_key"]).get("/jobs")
    assert (answer.status, answer.headers["x-ratelimit-limit"]) == (200, "1000")


def test_a_new_key_is_shown_to_its_invoker_and_never_to_the_log(
    admin, migrated_database, log_lines
):
    made = admin.invoke(action="create_key", email="ada@example.com")
    assert made["tier"] == "free"
    assert log_lines()
    secret = made["api_key"].rpartition("_")[2]
    assert secret not in str(log_lines())
    (row,) = audited(migrated_database)
    assert (row["action"], row["target"], row["caller"]) == (
        *("create_key", made["key_id"]),
        "invocation",
    )
    assert secret not in str(row)


def test_migrate_brings_an_empty_database_to_this_release(admin, empty_database):
    admin.use(empty_database.admin)
    names = [one.name for one in known_migrations()]
    assert admin.invoke(action="migrate") == {"applied": names}
    assert admin.invoke(action="migrate") == {"applied": []}
    (row,) = audited(empty_database)
    assert (row["action"], row["details"]) == ("migrate", {"applied": names})


def test_migrate_takes_its_own_login_where_one_is_named(admin, migrated_database, empty_database):
    admin.use(migrated_database.api, MIGRATION_DATABASE_URL=url_of(empty_database.admin))
    assert admin.invoke(action="migrate")["applied"]
    assert len(audited(empty_database)) == 1


def test_a_sweep_that_moved_nothing_says_so_and_leaves_no_trace(admin, migrated_database):
    assert admin.invoke(action="sweep") == NOTHING_SWEPT
    assert audited(migrated_database) == []


@pytest.mark.proves("Q26")
def test_a_sweep_tells_the_figures_and_goes_on_without_them(
    admin, migrated_database, told_metrics, log_lines
):
    admin.invoke(action="sweep")
    assert {"queue_depth", "dead_letters", "database_connections"} <= set(told_metrics())
    migrated_database.sql("ALTER TABLE kotadb_queue.dead_letters RENAME TO moved")
    try:
        assert admin.invoke(action="sweep") == NOTHING_SWEPT
    finally:
        migrated_database.sql("ALTER TABLE kotadb_queue.moved RENAME TO dead_letters")
    assert told_metrics() == {}
    (told,) = [line for line in log_lines() if line["level"] == "WARNING"]
    assert told["message"] == "the figures of the queue cannot be read"


def test_a_sweep_goes_on_where_the_figures_take_too_long(admin, migrated_database, log_lines):
    """They are asked with less patience than it takes to sweep."""
    with migrated_database.connection() as holding, holding.transaction():
        holding.execute("LOCK TABLE kotadb_queue.dead_letters IN ACCESS EXCLUSIVE MODE")
        admin.use(migrated_database.admin_role, DATABASE_ANSWER_SECONDS=0.3)
        assert admin.invoke(action="sweep") == NOTHING_SWEPT
    (told,) = [line for line in log_lines() if line["level"] == "WARNING"]
    assert told["message"] == "the figures of the queue cannot be read"


def test_a_sweep_that_moved_something_is_written_down(admin, migrated_database):
    admin.invoke(action="create_user", email="ada@example.com")
    migrated_database.sql("UPDATE kotadb.audit_log SET at = at - interval '91 days'")
    assert admin.invoke(action="sweep") == {**NOTHING_SWEPT, "audit_forgotten": 1}
    (row,) = audited(migrated_database)
    assert (row["action"], row["details"]) == ("sweep", {"audit_forgotten": 1})


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({}, "action_unknown"),
        ({"action": "drop"}, "action_unknown"),
        ({"action": ["migrate"]}, "action_unknown"),
        ({"action": "sweep", "force": True}, "event_invalid"),
        ({"action": "create_key"}, "event_invalid"),
        ({"action": "create_key", "email": 7}, "event_invalid"),
        ({"action": "create_key", "email": "a@b", "tier": "gold"}, "event_invalid"),
        ({"action": "create_key", "email": "a@b", "organization": "x"}, "event_invalid"),
        ({"action": "create_key", "email": "nobody"}, "access_request_invalid"),
        ({"action": "create_key", "organization": "none"}, "organization_not_found"),
        ({"action": "retry_job", "job_id": "x"}, "job_not_retryable"),
        ({"action": "revoke_key", "key_id": "x"}, "key_not_found"),
        ({"action": "failed_jobs", "offset": -1}, "event_invalid"),
        ({"action": "audit", "cursor": "x"}, "cursor_invalid"),
    ],
)
def test_an_action_that_cannot_be_done_fails_its_invocation_with_its_code(
    admin, migrated_database, event, code
):
    with pytest.raises(ActionFailed, match=f"^{code}: "):
        admin.invoke(**event)
    assert audited(migrated_database) == []
    assert migrated_database.value("SELECT count(*) FROM kotadb.tenants") == 0


def test_a_field_that_cannot_be_used_is_named_and_its_value_is_not_repeated(admin):
    with pytest.raises(ActionFailed, match="email") as failed:
        admin.invoke(action="create_key", email=["kota_team_secret"])
    assert "kota_team_secret" not in str(failed.value)


def test_what_a_check_of_ours_says_is_told_without_the_name_of_its_exception(admin):
    with pytest.raises(ActionFailed) as failed:
        admin.invoke(action="create_key")
    assert str(failed.value) == (
        "event_invalid: name an email or an organization: it belongs to one of them"
    )


def test_a_superuser_makes_no_keys(admin, migrated_database):
    admin.use(migrated_database.admin)
    with pytest.raises(ActionFailed, match=r"^login_too_powerful: "):
        admin.invoke(action="create_key", email="ada@example.com")


def test_too_short_an_admin_key_keeps_the_function_from_working(admin):
    admin.set(ADMIN_API_KEY="secret")
    with pytest.raises(ActionFailed, match=r"^setting_unusable: ADMIN_API_KEY .* 32 characters"):
        admin.invoke(action="queue")


def test_a_life_of_users_organisations_and_keys_by_invocation(admin):
    assert admin.invoke(action="create_user", email="ada@example.com")["created"]
    made = admin.invoke(action="create_organization", name="engines", owner="ada@example.com")
    assert made["members"] == [
        {"user_id": made["members"][0]["user_id"], "email": "ada@example.com", "role": "owner"}
    ]
    admin.invoke(action="create_user", email="bob@example.com")
    wide = admin.invoke(action="add_member", organization="engines", user="bob@example.com")
    assert [one["role"] for one in wide["members"]] == ["owner", "member"]
    key = admin.invoke(action="create_key", organization="engines", valid_days=3)
    assert key["tenant_id"] == made["organization_id"]
    assert admin.invoke(action="keys", organization="engines")["keys"][0]["owner"] == "engines"
    assert admin.invoke(action="revoke_key", key_id=key["key_id"])["revoked"]
    assert admin.invoke(
        action="remove_member", organization=made["organization_id"], user="bob@example.com"
    )["removed"]
    assert len(admin.invoke(action="users")["users"]) == 2
    assert len(admin.invoke(action="organizations")["organizations"]) == 1
    made_by_hand = admin.invoke(action="audit", only_action="create_user")["entries"]
    assert [one["details"]["email"] for one in made_by_hand] == [
        "bob@example.com",
        "ada@example.com",
    ]
    told = [one["action"] for one in admin.invoke(action="audit")["entries"]]
    assert told == [
        *("remove_member", "revoke_key", "create_key", "add_member", "create_user"),
        *("create_organization", "create_user"),
    ]


def test_every_action_that_reads_nothing_but_the_database_answers_on_an_empty_one(admin):
    reading = {"failed_jobs", "users", "organizations", "keys", "audit", "queue"}
    assert reading <= set(CATALOGUE)
    for name in reading:
        assert admin.invoke(action=name)


def test_an_event_with_a_request_context_is_a_request_and_no_action(admin):
    answer = Gateway(admin.client.handler).send(
        {"action": "create_key", "email": "eve@example.com", "requestContext": {}}
    )
    assert (answer.status, answer.code) == (400, "not_an_api_request")
