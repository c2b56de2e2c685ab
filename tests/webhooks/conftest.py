"""GitHub, and a database that may not know what was pushed."""

import json
from dataclasses import replace
from uuid import uuid4

import pytest
from tests.search.indexed import Commit, index
from tests.support.github_accounts import account_id
from tests.support.github_deliveries import push, repository
from tests.support.github_server import APP_ID

from indexer.jobs.model import IndexRequest
from indexer.jobs.queue import JobQueue
from indexer.settings import Settings
from indexer.webhooks.deliveries import Deliveries, Delivery
from indexer.webhooks.events import read_delivery
from indexer.webhooks.reconciliation import reconcile


def url_of(name):
    return f"http://127.0.0.1:9/{name}.git"


@pytest.fixture
def settings(github, app_keys):
    return Settings(
        github_app_id=APP_ID,
        github_app_private_keys=(app_keys[0].private,),
        github_api_url=github.url,
        allow_local_repositories=True,
    )


@pytest.fixture
def run(migrated_database, settings):
    """Runs one reconciliation on a connection of its own; its report."""

    def run(*, go_on=lambda: True, **more):
        with migrated_database.database(migrated_database.worker) as database:
            return reconcile(database, replace(settings, **more), request_id="req-7", go_on=go_on)

    return run


@pytest.fixture
def track(migrated_database, make_tenant):
    """Has a tenant index a ref of a repository at SHA; the tenant."""
    tenants = {}

    def track(email="ada@example.com", name="ada/engine", *, ref="main", url=None, github_id=None):
        tenant = tenants[email] = tenants.get(email) or make_tenant(email)
        commit = Commit(("a.ts",))
        commit.define("a.ts", "run")
        place = index(
            migrated_database, tenant, commit, name=name, ref=ref, url=url or url_of(name)
        )
        migrated_database.sql(
            "UPDATE kotadb.repositories SET github_id = %s WHERE repository_id = %s",
            github_id,
            place,
        )
        return tenant

    return track


@pytest.fixture
def link(migrated_database):
    """Gives an installation to a tenant."""

    def link(tenant, number=1001, *, login="ada"):
        migrated_database.sql(
            "INSERT INTO kotadb.github_installations (installation_id, account_id, account_login, "
            "state, all_repositories, tenant_id, linked_at, heard_at) VALUES (%s, %s, %s, "
            "'active', false, %s, clock_timestamp(), '2026-01-01')",
            number,
            account_id(number),
            login,
            tenant,
        )

    return link


@pytest.fixture
def deliver(migrated_database, settings):
    """Tells of a push as a delivery of GitHub does."""

    def deliver(**told):
        body = json.dumps(push(**told)).encode()
        delivery = Delivery(delivery_id=str(uuid4()), event="push", body=body, request_id="r")
        with migrated_database.database(migrated_database.api) as database:
            return Deliveries(database, settings).receive(
                delivery, read_delivery("push", body, settings)
            )

    return deliver


def payload_of(hosted):
    """A repository of the server as deliveries tell of it."""
    return repository(
        hosted.full_name,
        number=hosted.id,
        private=hosted.private,
        owner={"login": "ada", "id": hosted.owner_id},
        clone_url=url_of(hosted.full_name),
    )


@pytest.fixture
def jobs(migrated_database):
    """The jobs that stand so, the oldest first."""

    def jobs(status="pending"):
        return migrated_database.sql(
            "SELECT jobs.*, places.full_name FROM kotadb.index_jobs AS jobs "
            "JOIN kotadb.repositories AS places USING (repository_id) "
            "WHERE status = %s ORDER BY jobs.created_at",
            status,
        )

    return jobs


@pytest.fixture
def states(migrated_database):
    """The state of the snapshot of each ref."""

    def states():
        rows = migrated_database.sql("SELECT ref, state FROM kotadb.snapshots")
        return {row["ref"]: row["state"] for row in rows}

    return states


@pytest.fixture
def installations(migrated_database):
    def installations():
        rows = migrated_database.sql("SELECT * FROM kotadb.github_installations")
        return {row["installation_id"]: (row["state"], row["tenant_id"]) for row in rows}

    return installations


@pytest.fixture
def ask_for(migrated_database):
    """Asks for a repository as its tenant; the job."""

    def ask(tenant, name="ada/engine", **wishes):
        with migrated_database.database(migrated_database.api) as database:
            request = IndexRequest(
                tenant_id=tenant,
                clone_url=url_of(name),
                full_name=name,
                request_id="asked",
                **wishes,
            )
            return JobQueue(database, Settings()).enqueue(request).job_id

    return ask
