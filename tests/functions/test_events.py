"""The sample events, each given to its function: what `events/` holds is what the functions take.

The samples hold ids and keys that stand for a person's own; real ones are put in their place.
"""

import io
import json
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields
from typing import Any

import pytest
from tests.contract.project import ROOT, section
from tests.fixtures.database import ScratchDatabase
from tests.functions.conftest import ADMIN_KEY
from tests.functions.gateway import Invocation, url_of
from tests.functions.world import ask_once, operators_world
from tests.support.cloudformation import listening

import admin_function.handler
import api_function.handler
import worker_function.handler
from admin_function.actions.catalogue import CATALOGUE
from indexer.database.connection import Database
from indexer.errors import PermanentJobError
from indexer.jobs.queue import JobQueue
from indexer.settings import Settings
from kotadb_local.environments import FunctionDefinition
from kotadb_local.event_log import EventLog

FILES = sorted((ROOT / "events").glob("*.json"))
KEY_OF_THE_SAMPLES = "kota_free_0123456789Ab_put-the-secret-of-a-key-here"
ADMIN_KEY_OF_THE_SAMPLES = "put-the-admin-key-of-the-service-here"
KEY_ID_OF_THE_SAMPLES = "0123456789Ab"
WEBHOOK_SECRET_OF_THE_SAMPLES = "put-the-secret-of-the-webhooks-here"
STACK_OF_THE_SAMPLES = (
    "https://cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com"
)
JOB_OF_THE_SAMPLES = "5f0c6a52-8f9b-4f0e-9c3e-6f0d8a7b1c2d"

# What each must bring about: the answer's status for a request, else fields of what is returned.
REQUESTS = {
    "api-cancel": 200,
    "api-health": 200,
    "api-index": 202,
    "api-job": 200,
    "api-mcp": 200,
    "api-symbols": 200,
    "api-webhook": 202,
    "admin-http-failed-jobs": 200,
    "admin-http-retry": 200,
}
INVOCATIONS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "admin-add-member": lambda done: len(done["members"]) == 2,
    "admin-audit": lambda done: done["entries"] == [],
    "admin-cancel-job": lambda done: done["status"] == "cancelled",
    "admin-create-key": lambda done: done["api_key"].startswith("kota_free_"),
    "admin-create-organization": lambda done: done["created"] is False,
    "admin-create-user": lambda done: done["created"] is True,
    "admin-failed-jobs": lambda done: done["total"] == 1,
    "admin-failures": lambda done: done["groups"][0]["error_code"] == "repository_gone",
    "admin-installations": lambda done: len(done["installations"]) == 1,
    "admin-job": lambda done: done["status"] == "failed",
    "admin-jobs": lambda done: len(done["jobs"]) == 1,
    "admin-keys": lambda done: len(done["keys"]) == 1,
    "admin-link-installation": lambda done: done["changed"] and done["tenant"] == "engines",
    "admin-migrate": lambda done: done == {"applied": []},
    "admin-organizations": lambda done: len(done["organizations"]) == 1,
    "admin-pause-leasing": lambda done: done["paused"] is True,
    "admin-prioritise-job": lambda done: done["priority"] == -10,
    "admin-queue": lambda done: done["depth"] == 0,
    "admin-remove-member": lambda done: done["removed"] is True,
    "admin-resume-leasing": lambda done: done["paused"] is False,
    "admin-retry-job": lambda done: done["message"] == "Job requeued for retry",
    "admin-retry-jobs": lambda done: done["dry_run"] is True,
    "admin-revoke-key": lambda done: done["revoked"] is True,
    "admin-running-jobs": lambda done: done["jobs"] == [],
    "admin-seed": lambda done: done["seeded"] is True,
    "admin-stack": lambda done: done == {"Status": "SUCCESS", "Data": {}},
    "admin-sweep": lambda done: set(done.values()) == {0},
    "admin-unlink-installation": lambda done: done["changed"] and done["tenant"] is None,
    "admin-users": lambda done: len(done["users"]) == 2,
    "worker-enqueue": lambda done: done["outcomes"] == {},
    "worker-manual": lambda done: done["outcomes"] == {},
    "worker-reconcile-due": lambda done: (done["repositories"], done["work_left"]) == (0, False),
    "worker-reconcile": lambda done: (done["repositories"], done["work_left"]) == (0, False),
    "worker-schedule": lambda done: done["outcomes"] == {},
}
HANDLERS = {
    "api": api_function.handler.lambda_handler,
    "admin": admin_function.handler.lambda_handler,
    "worker": worker_function.handler.lambda_handler,
}


class Broken(PermanentJobError):
    code = "repository_gone"


def failed_job(scratch: ScratchDatabase, tenant_id: Any) -> str:
    """A job of the tenant that failed for good."""
    made = ask_once(scratch, tenant_id, "ada/engine", key="sample")
    with closing(Database(scratch.worker)) as worker:
        queue = JobQueue(worker, Settings())
        lease = queue.lease_next(worker="tests")
        assert lease is not None
        queue.fail(lease, Broken("it is gone"))
    return str(made)


@pytest.fixture
def stack():
    with listening() as told:
        yield told


@pytest.fixture
def real(migrated_database, issue, admin, environment, stack, monkeypatch, tmp_path):
    """What stands in the samples, and what is put in its place: a person's, and each function's."""
    issued = issue("ada@example.com")
    operators_world(migrated_database)
    logins = {
        "api": migrated_database.api,
        "admin": migrated_database.admin_role,
        "worker": migrated_database.worker,
    }
    monkeypatch.setenv("WORK_DIRECTORY", str(tmp_path))
    # Its delivery is signed.
    environment.set(GITHUB_WEBHOOK_SECRET=WEBHOOK_SECRET_OF_THE_SAMPLES)

    def put(name: str, text: str) -> dict[str, Any]:
        kind = name.partition("-")[0]
        environment.set(DATABASE_URL=url_of(logins[kind]))
        admin.end()
        job = failed_job(migrated_database, issued.tenant_id)
        if name in {"api-cancel", "admin-cancel-job", "admin-prioritise-job"}:
            job = str(ask_once(migrated_database, issued.tenant_id, "ada/other", key="waiting"))
        for sample, own in (
            (KEY_OF_THE_SAMPLES, issued.api_key),
            (ADMIN_KEY_OF_THE_SAMPLES, ADMIN_KEY),
            (KEY_ID_OF_THE_SAMPLES, issued.key_id),
            (JOB_OF_THE_SAMPLES, job),
            (STACK_OF_THE_SAMPLES, stack.address),
        ):
            text = text.replace(sample, own)
        return json.loads(text)

    yield put
    worker_function.handler.environment_worker.close()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_sample_event_does_what_it_is_a_sample_of(real, stack, file):
    name = file.stem
    assert (name in REQUESTS) != (name in INVOCATIONS), f"say what {file.name} brings about"
    event = real(name, file.read_text(encoding="utf-8"))
    done = HANDLERS[name.partition("-")[0]](event, Invocation())
    assert_done(name, json.loads(json.dumps(done, default=list)))
    assert len(stack.answers) == (name == "admin-stack")


def assert_done(name: str, done: dict[str, Any]) -> None:
    if name in REQUESTS:
        assert done["statusCode"] == REQUESTS[name], done["body"]
    else:
        assert INVOCATIONS[name](done), done


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_sample_event_does_the_same_in_the_built_function(real, emulator, file):
    """Under Lambda's emulator, with the variables that the function was given here."""
    name = file.stem
    event = real(name, file.read_text(encoding="utf-8"))
    known = {one.metadata["variable"] for one in fields(Settings)} | {"DATABASE_URL"}
    definition = FunctionDefinition(
        name=name.partition("-")[0],
        handler=f"{name.partition('-')[0]}_function.handler.lambda_handler",
        environment={one: os.environ[one] for one in known if one in os.environ},
        timeout=10,
        memory_mb=512,
        concurrency=1,
    )
    log = io.BytesIO()
    running = emulator.start(definition, EventLog(log))
    try:
        outcome = running.invoke(event, request_id="sample")
    finally:
        running.kill()
    assert not outcome.failed, (outcome, log.getvalue())
    assert_done(name, json.loads(outcome.payload))


def test_there_is_a_sample_of_every_trigger():
    names = {file.stem for file in FILES}
    assert names == {*REQUESTS, *INVOCATIONS}
    assert {f"admin-{name.replace('_', '-')}" for name in CATALOGUE} <= names
    methods = {
        (
            name.partition("-")[0],
            json.loads((ROOT / f"events/{name}.json").read_text())["requestContext"]["http"][
                "method"
            ],
        )
        for name in REQUESTS
    }
    assert {("api", "GET"), ("api", "POST"), ("api", "DELETE"), ("admin", "POST")} <= methods
    assert {"api-webhook", "api-mcp", "admin-stack"} <= names
    assert {"worker-schedule", "worker-enqueue", "worker-manual", "worker-reconcile"} <= names


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_command_that_sends_a_sample_is_written_down(file):
    function = f"{file.stem.partition('-')[0].capitalize()}Function"
    page = section("docs/deployment.md", "Sample events")
    assert f"sam local invoke {function} --event events/{file.name}" in page
