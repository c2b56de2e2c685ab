"""CloudFormation asks for the schema, over the address that it gives for the answer."""

import json
from contextlib import closing
from dataclasses import replace

import pytest
from tests.functions.gateway import url_of
from tests.support.cloudformation import listening
from tests.support.proxy import proxy_before

from admin_function.administration import Administration
from admin_function.stack_events import answer_stack
from indexer.access.audit import Origin
from indexer.database.connection import Database
from indexer.database.logins import refuse_powerful_login
from indexer.database.migrate import Migrator, known_migrations

ALL = len(known_migrations())
ORIGIN = Origin(request_id="tests", caller="tests")


@pytest.fixture
def stack():
    with listening() as told:
        yield told


def administration_behind(proxy, database):
    way = url_of(proxy.way_to(database.admin))
    return Administration.from_environment(
        {"DATABASE_URL": way, "MIGRATION_DATABASE_URL": way, "DATABASE_DRIVER": "pg8000"}
    )


def test_a_stack_gets_the_schema_before_it_goes_on(admin, stack, empty_database):
    admin.use(empty_database.admin, MIGRATION_DATABASE_URL=url_of(empty_database.admin))
    admin.invoke(**stack.event("Create"))
    admin.invoke(**stack.event("Update"))
    first, second = stack.answers
    assert (first["Status"], first["Data"]["Applied"]) == ("SUCCESS", ALL)
    assert (second["Status"], second["Data"]["Applied"]) == ("SUCCESS", 0)
    assert first["PhysicalResourceId"] == second["PhysicalResourceId"]
    assert (first["RequestId"], first["LogicalResourceId"]) == ("the-request", "Schema")
    assert set(stack.types) == {""}
    assert len(Migrator(empty_database.admin).applied()) == ALL


def test_the_logins_that_a_stack_wants_are_made_and_fit_to_serve(
    admin, stack, empty_database, secret_store
):
    name = empty_database.admin.dbname
    secrets = {
        role: secret_store.create_secret(
            Name=f"{name}/{role}",
            SecretString=json.dumps({"username": f"{name}_{role}", "password": f"it's {role}"}),
        )["ARN"]
        for role in ("kotadb_api", "kotadb_worker")
    }
    here = empty_database.admin
    admin.use(
        here,
        MIGRATION_DATABASE_URL=url_of(here),
        DATABASE_HOST=here.host,
        DATABASE_PORT=here.port,
        DATABASE_NAME=name,
    )
    try:
        for _ in range(2):
            admin.invoke(**stack.event("Create", Logins=secrets))
        assert [one["Status"] for one in stack.answers] == ["SUCCESS"] * 2
        login = replace(here, user=f"{name}_kotadb_api", password="it's kotadb_api")
        with closing(Database(login)) as database:
            refuse_powerful_login(database)
            timeout = database.fetch_one("database_answers")
        assert timeout is not None
    finally:
        for role in secrets:
            empty_database.sql(f"DROP OWNED BY {name}_{role}")
            empty_database.sql(f"DROP ROLE {name}_{role}")


def test_logins_of_other_roles_are_not_made(admin, stack, empty_database):
    admin.use(empty_database.admin, MIGRATION_DATABASE_URL=url_of(empty_database.admin))
    admin.invoke(**stack.event(Logins={"kotadb_owner": "arn:aws:secretsmanager:x:1:secret:s"}))
    (answer,) = stack.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("logins_invalid: ")


def test_a_stack_without_a_login_for_migrations_goes_on_only_when_they_have_run(
    admin, stack, migrated_database, empty_database
):
    admin.use(migrated_database.admin_role)
    admin.invoke(**stack.event())
    admin.use(empty_database.admin)
    admin.invoke(**stack.event())
    done, refused = stack.answers
    assert done["Status"] == "SUCCESS"
    assert refused["Status"] == "FAILED"
    assert refused["Reason"].startswith(f"schema_behind: {ALL} migrations")
    assert Migrator(empty_database.admin).applied() == []


@pytest.mark.parametrize(("kind", "status"), [("Create", "FAILED"), ("Update", "SUCCESS")])
def test_a_deployment_that_is_taken_back_leaves_the_newer_schema(
    admin, stack, empty_database, kind, status
):
    Migrator(empty_database.admin).up()
    empty_database.sql(
        "INSERT INTO kotadb.schema_migrations (version, name, checksum) VALUES (%s, 'next', %s)",
        ALL + 1,
        "0" * 64,
    )
    admin.use(empty_database.admin, MIGRATION_DATABASE_URL=url_of(empty_database.admin))
    admin.invoke(**stack.event(kind))
    (answer,) = stack.answers
    assert answer["Status"] == status
    assert len(Migrator(empty_database.admin).applied()) == ALL + 1


@pytest.mark.parametrize(
    ("before", "now", "status"),
    [
        ("9", "10", "FAILED"),
        ("10", "9", "SUCCESS"),
        ("10", "10", "FAILED"),
        (None, "10", "FAILED"),
    ],
)
def test_a_deployment_that_a_lost_database_stopped_is_taken_back_without_it(
    stack, empty_database, log_lines, before, now, status
):
    old = {} if before is None else {"OldResourceProperties": {"Release": before}}
    with proxy_before(empty_database.admin) as proxy:
        held = administration_behind(proxy, empty_database)
        proxy.refuse()
        event = stack.event(Release=now) | old
        answer_stack(event, lambda: held, ORIGIN, patience_seconds=0)
    (answer,) = stack.answers
    assert answer["Status"] == status
    warned = [one["reason"] for one in log_lines() if "taken back" in one["message"]]
    assert len(warned) == (status == "SUCCESS")
    assert all(one.startswith("database_unavailable: ") for one in warned)


def test_a_stack_that_ends_leaves_the_database_alone(admin, stack, migrated_database):
    admin.use(migrated_database.admin_role, MIGRATION_DATABASE_URL="no connection string")
    admin.invoke(**stack.event("Delete"))
    assert stack.answers[0]["Status"] == "SUCCESS"


def test_a_failure_is_told_without_a_secret(admin, stack):
    admin.set(DATABASE_URL="postgresql://ada:hunter2@/nowhere")
    admin.invoke(**stack.event())
    (answer,) = stack.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("database_url_malformed: ")
    assert "hunter2" not in json.dumps(answer)


def test_a_database_that_wakes_up_is_waited_for_and_no_longer(stack, empty_database):
    with proxy_before(empty_database.admin) as proxy:
        held = administration_behind(proxy, empty_database)
        naps = []

        def sleep(seconds):
            naps.append(seconds)
            if len(naps) == 2:
                proxy.heal()

        proxy.refuse()
        answer_stack(stack.event(), lambda: held, ORIGIN, patience_seconds=0)
        answer_stack(stack.event(), lambda: held, ORIGIN, sleep=sleep)
    away, done = stack.answers
    assert away["Reason"].startswith("database_unavailable: ")
    assert (done["Status"], len(naps)) == ("SUCCESS", 2)


def test_a_stack_that_cannot_be_told_fails_the_invocation(admin, stack, migrated_database):
    stack.status = 403
    admin.use(migrated_database.admin_role)
    with pytest.raises(OSError, match="403"):
        admin.invoke(**stack.event("Delete"))


def test_whatever_goes_wrong_the_stack_hears_of_it_and_not_what_it_was(stack, log_lines):
    def broken():
        raise ZeroDivisionError("hunter2")

    answer_stack(stack.event("Create"), broken, ORIGIN)
    (told,) = stack.answers
    reason = "internal_error: the log of the admin says why"
    assert (told["Status"], told["Reason"]) == ("FAILED", reason)
    assert any(line.get("exception_name") == "ZeroDivisionError" for line in log_lines())


def test_a_stack_that_nothing_leads_to_fails_the_invocation(stack):
    event = stack.event("Delete") | {"ResponseURL": "http://127.0.0.1:1/signed?hunter2"}
    with pytest.raises(OSError, match="CloudFormation cannot be told") as failed:
        answer_stack(event, administration_behind, ORIGIN)
    assert "hunter2" not in str(failed.value)
