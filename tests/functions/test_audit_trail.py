"""Every way to change something as an operator leaves its row, over HTTP and by invocation."""

from contextlib import closing

import pytest
from tests.functions.conftest import ADMIN_KEY
from tests.functions.world import ask_once, install

from admin_function.actions.catalogue import CATALOGUE
from indexer.database.connection import Database
from indexer.errors import PermanentJobError
from indexer.jobs.queue import JobQueue
from indexer.settings import Settings

READING = {
    *("audit", "failed_jobs", "failures", "installations", "job", "jobs", "keys"),
    *("organizations", "queue", "running_jobs", "users"),
}
# It has nothing to do where the tests begin, on a schema of this release.
ON_AN_OLDER_SCHEMA = {"migrate"}
OF_NO_ONE_THING = {"pause_leasing", "resume_leasing", "seed", "sweep"}
ADA, BOB = "ada@example.com", "bob@example.com"
MEMBERS = "/admin/organizations/engines/members"


class Lasting(PermanentJobError):
    code = "ref_not_found"


@pytest.fixture
def failed_job(migrated_database, issue):
    """Makes a job that failed for good."""

    def make(name):
        made = ask_once(migrated_database, issue().tenant_id, name, key=name)
        with closing(Database(migrated_database.worker)) as worker:
            queue = JobQueue(worker, Settings())
            queue.fail(queue.lease_next(worker="tests"), Lasting("it is gone"))
        return str(made)

    return make


@pytest.fixture
def changes(migrated_database, failed_job):
    """What to do, in order: the action with its fields, and the same as a request."""
    migrated_database.sql(
        "INSERT INTO kotadb.audit_log (at, action, request_id, caller) "
        "VALUES (now() - interval '91 days', 'create_user', 'old', 'old')"
    )
    one, _other = failed_job("ada/one"), failed_job("ada/other")
    bob, engines = {"user": BOB}, {"name": "engines", "owner": ADA}
    install(migrated_database, 77)
    installed, to_bob = {"installation_id": 77}, {"email": BOB}
    return [
        ("sweep", {}, ("POST", "/admin/sweep", None)),
        ("create_user", {"email": BOB}, ("POST", "/admin/users", {"email": BOB})),
        ("create_organization", engines, ("POST", "/admin/organizations", engines)),
        ("add_member", {"organization": "engines", **bob}, ("POST", MEMBERS, bob)),
        (
            "remove_member",
            {"organization": "engines", **bob},
            ("DELETE", f"{MEMBERS}/{BOB}", None),
        ),
        ("create_key", {"email": BOB}, ("POST", "/admin/keys", {"email": BOB})),
        (
            "link_installation",
            {**installed, **to_bob},
            ("POST", "/admin/installations/77/link", to_bob),
        ),
        (
            "unlink_installation",
            installed,
            ("DELETE", "/admin/installations/77/link", None),
        ),
        ("retry_job", {"job_id": one}, ("POST", f"/admin/jobs/{one}/retry", None)),
        ("retry_jobs", {}, ("POST", "/admin/jobs/retry", {})),
        (
            "prioritise_job",
            {"job_id": one, "priority": -5},
            ("POST", f"/admin/jobs/{one}/priority", {"priority": -5}),
        ),
        ("cancel_job", {"job_id": one}, ("DELETE", f"/admin/jobs/{one}", None)),
        ("pause_leasing", {}, ("POST", "/admin/queue/pause", None)),
        ("resume_leasing", {}, ("POST", "/admin/queue/resume", None)),
        ("seed", {}, ("POST", "/admin/seed", None)),
    ]


@pytest.mark.parametrize("way", ["http", "invocation"])
def test_every_change_leaves_one_row_that_names_it_and_its_target(
    admin, migrated_database, changes, way
):
    operator, done, trail = admin.client.with_key(ADMIN_KEY), {}, []

    def rows():
        return migrated_database.sql(
            "SELECT action, target, request_id, caller FROM kotadb.audit_log "
            "WHERE request_id <> 'old' ORDER BY audit_id"
        )

    def take(name, fields, request):
        if way == "http":
            method, path, body = request
            answer = operator.request(method, path, json_body=body)
            assert answer.status in {200, 201}, answer.text
            done[name], request_id = answer.json, answer.headers["x-request-id"]
        else:
            done[name], request_id = admin.invoke(action=name, **fields), None
        (row,) = rows()[len(trail) :]
        assert row["action"] == ("retry_job" if name == "retry_jobs" else name)
        assert row["caller"] == ("192.0.2.1" if way == "http" else "invocation")
        assert row["request_id"] == (request_id or row["request_id"]) != ""
        assert (row["target"] is None) == (name in OF_NO_ONE_THING)
        trail.append(row)

    for step in changes:
        take(*step)
    key_id = done["create_key"]["key_id"]
    take("revoke_key", {"key_id": key_id}, ("DELETE", f"/admin/keys/{key_id}", None))
    assert [row["target"] for row in trail].count(key_id) == 2
    assert set(done) == set(CATALOGUE) - READING - ON_AN_OLDER_SCHEMA
