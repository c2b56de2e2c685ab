"""The schema as a resource of the stack: CloudFormation asks for it before it changes other code.

It asks the newest code of this function, whether or not the alias has moved, and goes on only when
it was told of success; told of a failure it takes the whole deployment back.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from admin_function.actions.action import NothingToSay
from admin_function.actions.upkeep import migrate
from admin_function.administration import DRIVER, Administration
from indexer.access.audit import Origin
from indexer.database.drivers import connect
from indexer.database.failures import DatabaseUnavailable
from indexer.database.logins import ROLE_LIMITS, ensure_login
from indexer.database.migrate import Migrator, SchemaNewer, known_migrations, pending
from indexer.database.target import Target
from indexer.errors import ConfigurationError, KotaError
from indexer.observability import logger
from indexer.secrets import database_secret

PHYSICAL_ID = "kotadb-schema"
# A serverless cluster that paused needs some seconds to wake up.
PATIENCE_SECONDS = 90.0
PAUSE_SECONDS = 3.0
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0


class LoginsInvalid(ConfigurationError):
    """The stack asks for logins of a role that there is not."""

    code = "logins_invalid"

    def __init__(self) -> None:
        super().__init__(f"logins are made for {', '.join(ROLE_LIMITS)} only")


class SchemaBehind(ConfigurationError):
    """Migrations of this release have not run, and nobody here may run them."""

    code = "schema_behind"

    def __init__(self, missing: list[str]) -> None:
        super().__init__(
            f"{len(missing)} migrations have not run, the first of them {missing[0]}: run kotadb "
            "migrate of this release first, or give the stack MigrationDatabaseSecretArn"
        )


def answer_stack(
    event: Mapping[str, Any],
    administration: Callable[[], Administration],
    origin: Origin,
    *,
    sleep: Callable[[float], None] = time.sleep,
    patience_seconds: float = PATIENCE_SECONDS,
) -> dict[str, Any]:
    """Bring the schema to this release, make the logins that the event names, and tell the stack.

    Without a login for migrations it is only seen that they have run.
    `Logins` among the properties of the resource are secrets by role: each holds the name and the
    password of a login. Deleting the resource changes nothing in the database. A deployment that is
    taken back is told of success, whatever happens.

    Raises:
        OSError: the stack could not be told; CloudFormation gives up after its time-out.
    """
    try:
        data: dict[str, Any] = {}
        if event["RequestType"] != "Delete":
            held = administration()
            _wait_for(held.migration_target, sleep, patience_seconds)
            data = _prepared(held, event, origin)
        told = {"Status": "SUCCESS", "Data": data}
    except KotaError as error:
        logger.error("the stack's schema failed", exc_info=error, error_code=error.code)
        told = {"Status": "FAILED", "Reason": f"{error.code}: {error}"}
    except Exception:  # noqa: BLE001 - whatever it was, the stack has to be told
        # Untold, the stack would wait for its whole time-out.
        logger.exception("the stack's schema failed")
        told = {"Status": "FAILED", "Reason": f"{KotaError.code}: the log of the admin says why"}
    if told["Status"] == "FAILED" and _is_taken_back(event):
        # Refused here too, the stack could go neither on nor back; and nothing is migrated down.
        logger.warning("the deployment is taken back without its schema", reason=told["Reason"])
        told = {"Status": "SUCCESS", "Data": {}}
    _tell(event, told)
    return told


def _is_taken_back(event: Mapping[str, Any]) -> bool:
    """Whether an update leads to an earlier version of the function, as only a rollback does."""
    now = event.get("ResourceProperties", {}).get("Release", "")
    before = event.get("OldResourceProperties", {}).get("Release", "")
    return now.isdecimal() and before.isdecimal() and int(now) < int(before)


def _prepared(
    administration: Administration, event: Mapping[str, Any], origin: Origin
) -> dict[str, Any]:
    if not administration.settings.migration_database_url:
        applied_before = Migrator(administration.target, driver=DRIVER).applied()
        if missing := pending(applied_before, known_migrations()):
            raise SchemaBehind(missing)
        return {}
    try:
        applied = migrate(administration, NothingToSay(), origin).applied
    except SchemaNewer:
        if event["RequestType"] == "Create":
            raise
        # A deployment is being taken back. The release before works on the schema of the next one.
        logger.warning("the schema is newer than this release, and stays")
        applied = []
    logins = event["ResourceProperties"].get("Logins", {})
    _make_logins(administration.migration_target, logins)
    return {"Applied": len(applied), "Logins": len(logins)}


def _wait_for(target: Target, sleep: Callable[[float], None], patience_seconds: float) -> None:
    ends = time.monotonic() + patience_seconds
    while True:
        try:
            connect(
                DRIVER, target, connect_seconds=CONNECT_SECONDS, application="kotadb-migrate"
            ).close()
        except DatabaseUnavailable:
            if time.monotonic() >= ends:
                raise
            sleep(PAUSE_SECONDS)
        else:
            return


def _make_logins(target: Target, secrets: Mapping[str, str]) -> None:
    if not set(secrets) <= set(ROLE_LIMITS):
        raise LoginsInvalid
    if not secrets:
        return
    with closing(
        connect(DRIVER, target, connect_seconds=CONNECT_SECONDS, application="kotadb-migrate")
    ) as driver:
        for role, arn in secrets.items():
            login = Target.parse(database_secret(arn, os.environ, variable=f"the login of {role}"))
            ensure_login(driver, login=login.user, role=role, password=login.password or "")


def _tell(event: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    import urllib3

    body = {
        **told,
        "PhysicalResourceId": PHYSICAL_ID,
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
    }
    try:
        answer = urllib3.PoolManager().request(
            "PUT",
            event["ResponseURL"],
            body=json.dumps(body).encode(),
            # The address is signed for a request without one.
            headers={"Content-Type": ""},
            timeout=ANSWER_SECONDS,
            retries=urllib3.Retry(3, backoff_factor=0.5),
        )
    except urllib3.exceptions.HTTPError as error:
        raise OSError(f"CloudFormation cannot be told: {type(error).__name__}") from None
    if answer.status >= 300:  # noqa: PLR2004 - what is no success
        raise OSError(f"CloudFormation was told and answered {answer.status}")
