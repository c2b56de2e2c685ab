import json

import pytest
from tests.functions.gateway import Gateway, Invocation, http_event, url_of

from admin_function import handler
from admin_function.handler import ActionFailed, lambda_handler
from indexer.database.migrate import known_migrations


@pytest.fixture(autouse=True)
def admin(migrated_database, monkeypatch):
    """The admin function on a migrated database, and how to point it elsewhere."""
    monkeypatch.delenv("SUPABASE_DB_URL", raising=False)

    def use(target, **more):
        end()
        monkeypatch.setenv("DATABASE_URL", url_of(target))
        for name, value in more.items():
            monkeypatch.setenv(name, value)

    def end():
        if handler.administration.cache_info().currsize:
            handler.administration().close()
        handler.administration.cache_clear()

    use(migrated_database.admin_role)
    yield use
    end()


def invoke(**event):
    return json.loads(json.dumps(lambda_handler(event, Invocation())))


def test_a_key_that_the_admin_makes_opens_the_api(request):
    made = invoke(action="create_key", email="ada@example.com", tier="solo", name="laptop")
    assert set(made) == {"api_key", "key_id", "tenant_id", "tier", "name"}
    stranger = request.getfixturevalue("stranger")
    answer = stranger.with_key(made["api_key"]).get("/jobs")
    assert (answer.status, answer.headers["x-ratelimit-limit"]) == (200, "1000")


def test_a_new_key_is_shown_to_its_invoker_and_never_to_the_log(log_lines):
    made = invoke(action="create_key", email="ada@example.com")
    assert made["tier"] == "free"
    assert log_lines()
    assert made["api_key"].rpartition("_")[2] not in str(log_lines())


def test_migrate_brings_an_empty_database_to_this_release(admin, empty_database):
    admin(empty_database.admin)
    assert invoke(action="migrate") == {"applied": [one.name for one in known_migrations()]}
    assert invoke(action="migrate") == {"applied": []}


def test_migrate_takes_its_own_login_where_one_is_named(admin, migrated_database, empty_database):
    admin(migrated_database.api, MIGRATION_DATABASE_URL=url_of(empty_database.admin))
    assert invoke(action="migrate")["applied"]


def test_sweep_tells_what_it_moved():
    assert invoke(action="sweep") == {
        "leases_lost": 0,
        "expired": 0,
        "archived": 0,
        "snapshots_dropped": 0,
        "jobs_forgotten": 0,
        "jobs_purged": 0,
        "repositories_purged": 0,
        "keys_forgotten": 0,
        "audit_forgotten": 0,
    }


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({}, "action_unknown"),
        ({"action": "drop"}, "action_unknown"),
        ({"action": ["migrate"]}, "action_unknown"),
        ({"action": "create_key"}, "event_invalid"),
        ({"action": "create_key", "email": 7}, "event_invalid"),
        ({"action": "create_key", "email": "nobody"}, "access_request_invalid"),
    ],
)
def test_an_action_that_cannot_be_done_fails_its_invocation_with_its_code(event, code):
    with pytest.raises(ActionFailed, match=f"^{code}: "):
        invoke(**event)


def test_a_superuser_makes_no_keys(admin, migrated_database):
    admin(migrated_database.admin)
    with pytest.raises(ActionFailed, match=r"^login_too_powerful: "):
        invoke(action="create_key", email="ada@example.com")


def test_no_http_route_of_the_administration_exists():
    answer = Gateway(lambda_handler).send(http_event("GET", "/admin/jobs/failed"))
    assert (answer.status, answer.code) == (404, "route_not_found")
    assert answer.headers["x-request-id"] == answer.json["request_id"]
