"""`kotadb deploy` and `kotadb teardown`: what is asked, what is run, what is deleted."""

import json
import os
import re
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import boto3
import pytest
from botocore.stub import Stubber
from tests.contract.project import ROOT, template
from tests.fixtures.deployment import (
    ARN,
    AURORA,
    LOGINS,
    STACK,
    Answers,
    give_sam,
    release,
    told,
)
from tests.support.certificates import write_certificate

from kotadb_local.deployment.account import Account, DeployedStack, first_failed
from kotadb_local.deployment.failures import (
    AccountUnknown,
    DeploymentError,
    NotBuilt,
    NotConfirmed,
    ParameterInvalid,
    SamFailed,
    StackBusy,
    StackMissing,
    Unhealthy,
)
from kotadb_local.deployment.release import (
    BUILT,
    SAM,
    check_health,
    deploy,
    next_steps,
    refuse_busy,
    refuse_other_database,
)
from kotadb_local.deployment.stage import find_stage
from kotadb_local.deployment.teardown import tear_down
from kotadb_local.deployment.template import Template


def overrides_of(words):
    """The parameters as sam reads them: a value without quotes ends at a blank."""
    given = " ".join(words[words.index("--parameter-overrides") + 1 :])
    read = re.findall(r'(?:^| )(\w+)=("[^"\\]*"|[^ "\\]+)', given)
    return {name: value.strip('"') for name, value in read}


@pytest.mark.usefixtures("standing")
def test_a_deployment_gives_sam_every_parameter_and_remembers_the_answers(project, account):
    person = Answers()
    stack = deploy(release(project, **AURORA), account, person, confirmed=False)
    words = told(project)
    assert words[:5] == ["deploy", "--config-env", "default", "--region", "eu-central-1"]
    assert "--no-confirm-changeset" not in words
    overrides = overrides_of(words)
    assert set(overrides) == set(template()["Parameters"])
    assert overrides["VpcSubnetIds"] == AURORA["VpcSubnetIds"]
    assert overrides["ApiDatabaseSecretArn"] == ""
    assert json.loads((project / ".deploy/dev.json").read_text()) == AURORA
    shown = "\n".join(person.said)
    for line in ("kotadb-dev is changed", "account 123456789012", "VpcId = vpc-0a1b2c3d"):
        assert line in shown
    assert "kotadb-dev-admin:live" in "\n".join(next_steps(stack))


LISTS = {
    "AdminAllowedNetworks": "192.0.2.0/24, 2001:db8::/32",
    "AllowedGitHosts": "github.com, gitlab.example",
}


@pytest.mark.usefixtures("standing")
def test_a_list_with_blanks_reaches_the_stack_whole(project, account):
    deploy(release(project, **AURORA, **LISTS), account, Answers(), confirmed=True)
    assert LISTS.items() <= overrides_of(told(project)).items()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_was_cut_at_a_blank_is_refused(project, name):
    assert release(project, **AURORA, **{name: LISTS[name].replace(" ", "")})
    with pytest.raises(ParameterInvalid, match=name):
        release(project, **AURORA, **{name: LISTS[name].split(" ", maxsplit=1)[0]})


@pytest.mark.parametrize("text", ['"', "\\"])
def test_no_parameter_takes_what_would_end_its_quotes(text):
    for parameter in Template(ROOT / "template.yaml").parameters.values():
        with pytest.raises(ParameterInvalid):
            parameter.check(text)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (LOGINS, "kotadb migrate"),
        ({**LOGINS, "MigrationDatabaseSecretArn": ARN.format("m")}, "the new admin function runs"),
        (AURORA, "the new admin function runs"),
    ],
)
def test_the_plan_says_who_migrates(project, values, told):
    assert told in "\n".join(release(project, **values).plan(None, None))


@pytest.mark.usefixtures("standing")
def test_nothing_is_run_without_a_yes(project, account):
    with pytest.raises(NotConfirmed):
        deploy(release(project, **AURORA), account, Answers(agrees=False), confirmed=False)
    assert not (project / "sam.told").exists()
    assert not (project / ".deploy").exists()
    deploy(release(project, **AURORA), account, Answers(agrees=False), confirmed=True)
    assert "--no-confirm-changeset" in told(project)


@pytest.mark.usefixtures("standing")
def test_a_deployment_that_sam_gives_up_says_so(project, account):
    give_sam(project, status=1)
    with pytest.raises(SamFailed, match="ended with 1"):
        deploy(release(project, **AURORA), account, Answers(), confirmed=True)


@pytest.fixture
def sam_does(monkeypatch):
    """Has what it is called with done in place of sam, which ends well."""

    def replaced(step):
        def run(command, **_options):
            step()
            return subprocess.CompletedProcess(command, 0)

        monkeypatch.setattr(subprocess, "run", run)

    return replaced


def plan(kind, template_body=STACK):
    """What sam does before it asks: a change set of the stack of dev."""
    return boto3.client("cloudformation").create_change_set(
        StackName="kotadb-dev",
        ChangeSetName=f"samcli-{kind.lower()}",
        ChangeSetType=kind,
        TemplateBody=json.dumps(template_body),
    )["Id"]


def test_a_first_deployment_that_was_declined_is_no_deployment_and_may_be_tried_again(
    project, account, sam_does
):
    person = Answers()
    sam_does(lambda: plan("CREATE"))
    with pytest.raises(NotConfirmed, match="declined"):
        deploy(release(project, **AURORA), account, person, confirmed=False)
    assert account.stack("kotadb-dev").status == "REVIEW_IN_PROGRESS"
    (planned,) = account.open_change_sets("kotadb-dev")
    sam_does(lambda: boto3.client("cloudformation").execute_change_set(ChangeSetName=planned))
    person.said.clear()
    stack = deploy(release(project, **LOGINS), account, person, confirmed=False)
    assert stack.status == "CREATE_COMPLETE"
    assert person.said[0].endswith("kotadb-dev is made")


@pytest.mark.usefixtures("standing")
def test_a_change_that_was_declined_is_no_deployment(project, account, sam_does):
    changed = {**STACK, "Resources": {"WorkerLogs": {"Type": "AWS::Logs::LogGroup"}}}
    sam_does(lambda: plan("UPDATE", changed))
    with pytest.raises(NotConfirmed, match="nothing was deployed"):
        deploy(release(project, **AURORA), account, Answers(), confirmed=False)
    sam_does(lambda: None)
    # The change set of before is no answer to this question.
    assert deploy(release(project, **AURORA), account, Answers(), confirmed=False)


def test_a_stack_that_was_only_planned_can_be_deleted(account):
    plan("CREATE")
    planned = account.stack("kotadb-dev")
    tear_down(account, planned, Answers(), confirmation="kotadb-dev", poll_seconds=0)
    assert account.stack("kotadb-dev") is None


def told_by_cloudformation(*events):
    """Events newest first, as they are written here oldest first."""
    return [
        {"LogicalResourceId": name, "ResourceStatus": status, "ResourceStatusReason": reason}
        for name, status, reason in reversed(events)
    ]


def test_the_first_resource_that_failed_is_named_and_not_what_it_took_along():
    events = told_by_cloudformation(
        ("kotadb-dev", "UPDATE_IN_PROGRESS", "User Initiated"),
        ("WorkerFunction", "UPDATE_FAILED", "a failure of last week"),
        ("kotadb-dev", "UPDATE_ROLLBACK_COMPLETE", ""),
        ("kotadb-dev", "UPDATE_IN_PROGRESS", "User Initiated"),
        ("Schema", "UPDATE_FAILED", "schema_behind: 2 migrations have not run"),
        ("AdminFunction", "UPDATE_FAILED", "Resource update cancelled"),
        ("kotadb-dev", "UPDATE_ROLLBACK_IN_PROGRESS", ""),
        ("ApiLogs", "DELETE_FAILED", "something after it"),
    )
    assert first_failed(events, "kotadb-dev") == (
        "Schema: schema_behind: 2 migrations have not run"
    )
    assert first_failed(events[-1:], "kotadb-dev") is None


def test_the_first_resource_that_failed_is_found_behind_a_page_of_events_and_no_further(account):
    events = told_by_cloudformation(
        ("ApiLogs", "CREATE_FAILED", "a failure of the change before"),
        ("kotadb-dev", "CREATE_IN_PROGRESS", "User Initiated"),
        ("DatabaseCluster", "CREATE_FAILED", "no capacity left"),
        *((f"Resource{number}", "DELETE_COMPLETE", "") for number in range(100)),
    )
    when = datetime(2026, 1, 1, tzinfo=UTC)
    for number, one in enumerate(events):
        one |= {"StackId": "a", "StackName": "a", "EventId": str(number), "Timestamp": when}
    # The stand-in of AWS answers with one page, however long.
    with Stubber(account._stacks) as cloudformation:
        for page, follows in [
            (events[:100], {"NextToken": "2"}),
            (events[100:], {"NextToken": "3"}),
        ]:
            cloudformation.add_response("describe_stack_events", {"StackEvents": page, **follows})
        assert account.first_failure("kotadb-dev") == "DatabaseCluster: no capacity left"


def test_a_stack_that_did_not_come_to_be_is_named(project, account):
    with pytest.raises(StackMissing, match="kotadb-dev in eu-central-1"):
        deploy(release(project, **AURORA), account, Answers(), confirmed=True)


@pytest.mark.parametrize("gone", [SAM, BUILT])
def test_what_was_not_built_is_not_deployed(project, account, gone):
    (project / gone).unlink()
    with pytest.raises(NotBuilt, match=f"{gone} .*make build"):
        deploy(release(project, **AURORA), account, Answers(), confirmed=True)


def test_a_build_of_older_sources_is_not_deployed(project, account):
    source = project / "functions" / "api" / "handler.py"
    source.parent.mkdir(parents=True)
    source.touch()
    later = (project / BUILT).stat().st_mtime + 5
    os.utime(source, (later, later))
    with pytest.raises(NotBuilt, match="is older"):
        deploy(release(project, **AURORA), account, Answers(), confirmed=True)


@pytest.mark.parametrize("text", [None, "", "no certificate"])
def test_certificates_that_the_functions_could_not_read_are_not_deployed(project, account, text):
    file = project / "layers" / "indexer" / "certificates" / "bundle.pem"
    file.parent.mkdir(parents=True)
    if text is not None:
        file.write_text(text)
    reason = r"layers/indexer/certificates/bundle\.pem cannot be read .* make build"
    with pytest.raises(ParameterInvalid, match=reason):
        deploy(
            release(project, **AURORA, DatabaseCaFile="bundle.pem"),
            account,
            Answers(),
            confirmed=True,
        )


@pytest.mark.usefixtures("standing")
def test_certificates_that_can_be_read_are_deployed(project, account):
    file = project / "layers" / "indexer" / "certificates" / "bundle.pem"
    file.parent.mkdir(parents=True)
    write_certificate(file)
    os.utime(file, (0, 0))
    values = AURORA | {"DatabaseCaFile": "bundle.pem"}
    deploy(release(project, **values), account, Answers(), confirmed=True)
    assert overrides_of(told(project))["DatabaseCaFile"] == "bundle.pem"


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("UPDATE_IN_PROGRESS", "wait"),
        ("ROLLBACK_COMPLETE", "make teardown STAGE=dev"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name kotadb-dev"),
    ],
)
def test_a_stack_in_no_state_to_be_deployed_to_says_what_to_do(project, status, advice):
    standing = DeployedStack(name="kotadb-dev", status=status, parameters={}, outputs={})
    with pytest.raises(StackBusy, match=advice):
        refuse_busy(standing, find_stage(project, "dev"))
    assert refuse_busy(None, find_stage(project, "dev")) is None


@pytest.mark.parametrize(("before", "after"), [({"Database": "aurora"}, LOGINS), ({}, AURORA)])
def test_a_stack_keeps_the_kind_of_database_that_it_has(project, before, after):
    standing = DeployedStack(
        name="kotadb-dev", status="UPDATE_COMPLETE", parameters=before, outputs={}
    )
    values = release(project, **after).values
    with pytest.raises(ParameterInvalid, match="begins empty"):
        refuse_other_database(standing, values)
    assert refuse_other_database(None, values) is None


@pytest.mark.parametrize(
    ("stage", "stack"), [("staging", "kotadb-staging"), ("prod", "kotadb-prod")]
)
def test_each_stage_has_its_own_stack(project, stage, stack):
    assert find_stage(project, stage).stack == stack
    with pytest.raises(ParameterInvalid, match="dev, staging, prod"):
        find_stage(project, "production")


def test_answers_that_cannot_be_read_are_named_and_not_lost(project):
    stage = find_stage(project, "dev")
    stage.remember({})
    stage.answers.write_text("{")
    with pytest.raises(DeploymentError, match=r"dev\.json is no JSON"):
        stage.remembered()
    assert stage.answers.read_text() == "{"


@contextmanager
def answering(*statuses):
    waiting = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            body = json.dumps({"version": "1.2.3"}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_deployment_is_well_when_health_says_so():
    naps = []
    with answering(503, 500, 200) as url:
        assert check_health(url, sleep=naps.append) == "1.2.3"
    assert len(naps) == 2


def test_a_deployment_that_does_not_answer_is_told_with_what_to_do():
    with answering(500) as url, pytest.raises(Unhealthy, match=r"status 500.*runbook"):
        check_health(url, tries=2, sleep=lambda _seconds: None)
    with pytest.raises(Unhealthy, match="ConnectError"):
        check_health("http://127.0.0.1:1", tries=1)


def test_a_stack_is_deleted_after_its_name_and_says_what_stays(account, standing):
    person = Answers([("name", "kotadb-prod")])
    with pytest.raises(NotConfirmed, match="left as it is"):
        tear_down(account, standing, person, confirmation=None)
    assert account.stack("kotadb-dev") is not None
    assert any("the logs (1)" in line for line in person.said)
    stays = tear_down(
        account, standing, Answers([("name", "kotadb-dev")]), confirmation=None, poll_seconds=0
    )
    assert account.stack("kotadb-dev") is None
    assert f"the secret {ARN.format('Api')}" in stays
    assert any("the database with its schema" in line for line in stays)


def test_nothing_is_deleted_where_nobody_can_be_asked(account, standing):
    with pytest.raises(NotConfirmed, match="--confirm kotadb-dev"):
        tear_down(account, standing, Answers(interactive=False), confirmation=None)
    assert account.stack("kotadb-dev") is not None


@pytest.fixture
def stranger(monkeypatch, tmp_path):
    """Somebody whose machine knows nothing of AWS."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))


@pytest.mark.usefixtures("stranger")
def test_an_account_that_nobody_named_is_asked_for():
    with pytest.raises(AccountUnknown, match="--region"):
        Account()
    with pytest.raises(AccountUnknown, match="aws configure"):
        Account(region="eu-central-1")


def test_a_dry_run_asks_nobody_and_changes_nothing(person):
    words = [word for name, value in AURORA.items() for word in ("--set", f"{name}={value}")]
    done = person.run("deploy", "staging", "--dry-run", *words)
    assert done.returncode == 0, done.stderr
    assert "kotadb-staging is made or changed" in done.stderr
    assert "nothing was deployed" in done.stderr
    ended = person.run("teardown", "staging", "--dry-run")
    assert ended.returncode == 0, ended.stderr
    assert "What stays:" in ended.stderr
    assert not (ROOT / ".deploy" / "staging.json").exists()


def test_a_mistake_is_one_line_and_an_exit_status(person):
    settings = AURORA | {"DatabaseCaFile": "gone.pem"}
    absent = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    for words, reason in [
        (["deploy", "nowhere", "--dry-run"], "nowhere is no stage"),
        (["deploy", "dev", "--dry-run", "--set", "Database"], "NAME=VALUE"),
        (["deploy", "dev", "--dry-run", "--set", "Database=no"], "one of existing, aurora"),
        (["deploy", "dev", "--dry-run", *absent], "gone.pem cannot be read"),
    ]:
        done = person.run(*words)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert reason in done.stderr


@pytest.mark.parametrize("target", ["deploy", "teardown"])
def test_make_wants_a_stage(target):
    done = subprocess.run(
        ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert f"make {target} STAGE=" in done.stderr
