"""One deployment, from the checks before it to the question to /health after it."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from indexer.database.drivers import CertificatesUnreadable, tls_context
from kotadb_local.deployment.account import Account, DeployedStack, need_stack
from kotadb_local.deployment.failures import (
    NotBuilt,
    NotConfirmed,
    ParameterInvalid,
    SamFailed,
    StackBusy,
    Unhealthy,
)
from kotadb_local.deployment.questions import Terminal
from kotadb_local.deployment.stage import Stage
from kotadb_local.deployment.template import Template

SAM = Path(".venv-sam") / "bin" / "sam"
BUILT = Path(".aws-sam") / "build" / "template.yaml"
MIGRATION_LOGIN = "MigrationDatabaseSecretArn"
DATABASE, EXISTING, AURORA = "Database", "existing", "aurora"
CERTIFICATES = "DatabaseCaFile"
CERTIFICATES_PLACE = Path("layers") / "indexer" / "certificates"
SOURCES = ("functions", "layers", "sql")
NO_LOGIN = (
    "nobody in the stack may migrate, so it only sees that the migrations have run.\n"
    "             Run this first: DATABASE_URL=… .venv/bin/kotadb migrate"
)
HEALTH_TRIES = 10
HEALTH_PAUSE_SECONDS = 3.0
HEALTH_SECONDS = 15.0


@dataclass(frozen=True, kw_only=True)
class Release:
    """What shall be deployed where."""

    project: Path
    stage: Stage
    template: Template
    values: Mapping[str, str]

    def missing(self) -> list[str]:
        """What `make build` would make and has not, or not from what lies here now."""
        absent = [str(one) for one in (SAM, BUILT) if not (self.project / one).exists()]
        if not absent and self._newest_source() > (self.project / BUILT).stat().st_mtime:
            return [f"a build of these sources ({BUILT} is older)"]
        return absent

    def _newest_source(self) -> float:
        files = (
            one
            for place in SOURCES
            for one in (self.project / place).rglob("*")
            if one.is_file() and one.suffix != ".pyc"
        )
        return max(
            (one.stat().st_mtime for one in (self.project / "template.yaml", *files)), default=0.0
        )

    def command(self, *, region: str | None, confirmed: bool) -> list[str]:
        """The command that deploys it. Without `confirmed` it shows its changes and asks again."""
        return [
            *(str(self.project / SAM), "deploy", "--config-env", self.stage.environment),
            *(("--region", region) if region else ()),
            *(("--no-confirm-changeset",) if confirmed else ()),
            "--parameter-overrides",
            # Left out, a parameter would keep the value of the last deployment. Without quotes sam
            # ends a value at the first blank; the template takes no value that has a quote.
            *(f'{name}="{value}"' for name, value in sorted(self.values.items())),
        ]

    def plan(self, account: Account | None, standing: DeployedStack | None) -> list[str]:
        """What will happen, in lines for a person. Without an account that stays open."""
        where = f"account {account.number}, {account.region}" if account else "not asked (dry run)"
        kind = "is changed" if standing else "is made"
        defaults = {name: one.default for name, one in self.template.parameters.items()}
        chosen = {name: value for name, value in self.values.items() if value != defaults.get(name)}
        return [
            f"stack        {self.stage.stack} {kind if account else 'is made or changed'}",
            f"where        {where}",
            *(f"  {name} = {value}" for name, value in sorted(chosen.items())),
            f"migrations   {self._migrations()}",
            f"traffic      {self._traffic()}",
        ]

    def _migrations(self) -> str:
        if self.values.get(DATABASE) == AURORA or self.values.get(MIGRATION_LOGIN):
            return "the new admin function runs them before the API and the worker are changed"
        return NO_LOGIN

    def _traffic(self) -> str:
        if self.stage.name == "prod":
            return "a new API version takes 10 % for 5 minutes; ApiCanaryAlarm takes it back"
        return "moves at once"


def deploy(
    release: Release, account: Account, terminal: Terminal, *, confirmed: bool
) -> DeployedStack:
    """Carry a release out: show it, have it confirmed, run it, see that it answers.

    Raises:
        NotBuilt, StackBusy, ParameterInvalid, NotConfirmed: nothing was changed.
        SamFailed: CloudFormation took it back, or never began.
        Unhealthy: it stands, and does not answer.
    """
    refuse_unreadable_certificates(release)
    if missing := release.missing():
        raise NotBuilt(missing[0])
    name = release.stage.stack
    found = account.stack(name)
    # To CloudFormation a stack that was only planned is one to be made.
    standing = None if found is None or found.is_planned else found
    refuse_busy(standing, release.stage)
    refuse_other_database(standing, release.values)
    for line in release.plan(account, standing):
        terminal.say(line)
    if not confirmed and not terminal.confirm("Deploy this?"):
        raise NotConfirmed("nothing was deployed")
    release.stage.remember(_own(release))
    open_before = account.open_change_sets(name) if found and not confirmed else set()
    command = release.command(region=account.region, confirmed=confirmed)
    terminal.say(f"$ {shlex.join(command[:4])} …")
    done = subprocess.run(
        command,
        cwd=release.project,
        env={**os.environ, "SAM_CLI_TELEMETRY": "0"},
        check=False,
    )
    if done.returncode:
        reason = account.first_failure(name) if account.stack(name) else None
        raise SamFailed(
            f"sam deploy ended with {done.returncode}. "
            + (f"The first that failed is {reason}" if reason else "It has said why above")
        )
    stack = need_stack(account.stack(name), name, account.region)
    # Told no, sam ends as after a deployment, and only its change set stays behind.
    if not confirmed and account.open_change_sets(name) - open_before:
        raise NotConfirmed("the changes were declined: nothing was deployed")
    return stack


def refuse_unreadable_certificates(release: Release) -> None:
    """Return when the functions can see by the file that shall be used that a database is the one.

    Raises:
        ParameterInvalid: it is not there, or holds no certificates.
    """
    name = release.values[CERTIFICATES]
    if not name:
        return
    file = CERTIFICATES_PLACE / name
    try:
        tls_context("verify-full", str(release.project / file))
    except CertificatesUnreadable:
        raise ParameterInvalid(
            f"{CERTIFICATES}: {file} cannot be read as certificates. Put it there, and run make "
            "build again"
        ) from None


def refuse_busy(standing: DeployedStack | None, stage: Stage) -> None:
    """Return when the stack can be deployed to.

    Raises:
        StackBusy: it cannot; the text says what to do first.
    """
    if standing is None:
        return
    status = standing.status
    if standing.is_changing:
        raise StackBusy(f"{stage.stack} is being changed ({status}): wait for its end")
    if status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}:
        raise StackBusy(
            f"{stage.stack} was never made ({status}): run make teardown STAGE={stage.name} first"
        )
    if status == "UPDATE_ROLLBACK_FAILED":
        raise StackBusy(
            f"{stage.stack} could not go back: run aws cloudformation continue-update-rollback "
            f"--stack-name {stage.stack} first"
        )


def refuse_other_database(standing: DeployedStack | None, values: Mapping[str, str]) -> None:
    """Return when the stack keeps the kind of database that it has.

    Raises:
        ParameterInvalid: it would begin anew on an empty one, or lose its cluster.
    """
    if standing is None:
        return
    now = standing.parameters.get(DATABASE, EXISTING)
    if values[DATABASE] != now:
        raise ParameterInvalid(
            f"{DATABASE} of {standing.name} is {now} and stays so: a stack with another database "
            "begins empty. Deploy another stage, and move the data there"
        )


def check_health(
    url: str,
    *,
    tries: int = HEALTH_TRIES,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """The version that answers at `url`, once /health says that all is well.

    Raises:
        Unhealthy: it does not, after so many tries.
    """
    seen = ""
    for attempt in range(tries):
        if attempt:
            sleep(HEALTH_PAUSE_SECONDS)
        try:
            answer = httpx.get(f"{url}/health", timeout=HEALTH_SECONDS)
        except httpx.HTTPError as error:
            seen = type(error).__name__
            continue
        if answer.status_code == httpx.codes.OK:
            return str(answer.json()["version"])
        seen = f"status {answer.status_code}"
    raise Unhealthy(
        f"{url}/health does not answer as it should: {seen}. docs/runbook.md says what to look at "
        "(ApiErrorsAlarm), and how to go back"
    )


def next_steps(stack: DeployedStack) -> Sequence[str]:
    """What a person does after a deployment."""
    admin = stack.outputs["AdminFunctionName"]
    return [
        f"dashboard    {stack.outputs['DashboardUrl']}",
        "a key, whose secret is shown once:",
        f"  aws lambda invoke --function-name {admin} --cli-binary-format raw-in-base64-out \\",
        "      --payload file://events/admin-create-key.json answer.json",
        f"then ask     curl {stack.outputs['ApiUrl']}/repositories -H 'Authorization: Bearer KEY'",
    ]


def _own(release: Release) -> dict[str, str]:
    """The answers that are worth remembering: what differs from what everybody gets."""
    defaults = {name: one.default for name, one in release.template.parameters.items()}
    usual = {**defaults, **release.stage.shared}
    always = {DATABASE} & set(release.values)
    return {
        name: value
        for name, value in release.values.items()
        if name in always or value != usual.get(name)
    }
