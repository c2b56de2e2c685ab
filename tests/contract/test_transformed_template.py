"""The template as CloudFormation gets it: what the transform makes of it."""

import json
import re
import subprocess
from typing import Any

import pytest
from tests.contract.project import ROOT
from tests.contract.test_template import FUNCTIONS, strings

SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:kotadb/"
# What has no default has to be given.
GIVEN = {
    f"{who}DatabaseSecretArn": f"{SECRET}{who.lower()}-AbCdEf" for who in ("Api", "Worker", "Admin")
}


@pytest.fixture(scope="module")
def transform(sam_python):
    """Transforms the template, or a changed one."""

    def transform(change=lambda text: text, **parameters: str) -> dict[str, Any]:
        done = subprocess.run(
            [
                sam_python,
                ROOT / "tests" / "support" / "transform.py",
                json.dumps(GIVEN | parameters),
            ],
            input=change((ROOT / "template.yaml").read_text()),
            env={"AWS_DEFAULT_REGION": "eu-central-1", "PATH": ""},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["Resources"]

    return transform


@pytest.fixture(scope="module")
def deployed(transform) -> dict[str, Any]:
    return transform()


def of_type(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: one for name, one in resources.items() if one["Type"] == kind}


def versions(resources: dict[str, Any]) -> dict[str, str]:
    """The version that each function's alias leads to."""
    aliases = of_type(resources, "AWS::Lambda::Alias").values()
    return {
        one["Properties"]["FunctionName"]["Ref"]: one["Properties"]["FunctionVersion"][
            "Fn::GetAtt"
        ][0]
        for one in aliases
        if one["Properties"]["Name"] == "live"
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("ContentUri: layers/indexer", "ContentUri: layers/changed"),
        lambda text: text.replace("POWERTOOLS_LOG_LEVEL: INFO", "POWERTOOLS_LOG_LEVEL: DEBUG"),
    ],
    ids=["the layer's code", "a variable"],
)
def test_what_changes_reaches_the_live_version_of_every_function(transform, deployed, change):
    """The logical id of a version says whether CloudFormation publishes a new one."""
    before, after = versions(deployed), versions(transform(change))
    assert set(before) == set(FUNCTIONS)
    assert [name for name in FUNCTIONS if before[name] == after[name]] == []
    assert versions(transform()) == before


def test_nothing_but_the_live_versions_is_started_from_outside(deployed):
    aliases = set(of_type(deployed, "AWS::Lambda::Alias"))
    assert len(aliases) == len(FUNCTIONS)
    schedules = of_type(deployed, "AWS::Scheduler::Schedule").values()
    assert len(schedules) == 3
    assert {one["Properties"]["Target"]["Arn"]["Ref"] for one in schedules} <= aliases
    permissions = of_type(deployed, "AWS::Lambda::Permission").values()
    assert {one["Properties"]["FunctionName"]["Ref"] for one in permissions} == {
        "ApiFunctionAliaslive",
        "AdminFunctionAliaslive",
    }
    (api,) = of_type(deployed, "AWS::ApiGatewayV2::Api").values()
    routes = {
        path: re.findall(r"\$\{(\w+)\}/invocations", json.dumps(route))
        for path, route in api["Properties"]["Body"]["paths"].items()
    }
    assert routes == {
        "/$default": ["ApiFunctionAliaslive"],
        "/admin/{proxy+}": ["AdminFunctionAliaslive"],
    }


def test_the_gateway_throttles_every_route(deployed):
    (stage,) = of_type(deployed, "AWS::ApiGatewayV2::Stage").values()
    assert stage["Properties"]["DefaultRouteSettings"] == {
        "ThrottlingRateLimit": {"Ref": "ApiRequestsPerSecond"},
        "ThrottlingBurstLimit": {"Ref": "ApiRequestBurst"},
    }
    assert "RouteSettings" not in stage["Properties"]


def test_schedules_and_hints_are_not_repeated_and_do_not_wait(deployed):
    once = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    for one in of_type(deployed, "AWS::Scheduler::Schedule").values():
        assert one["Properties"]["Target"]["RetryPolicy"] == once
    configured = {
        one["Properties"]["FunctionName"]["Ref"]: one["Properties"]
        for one in of_type(deployed, "AWS::Lambda::EventInvokeConfig").values()
        if one["Properties"]["Qualifier"] != "$LATEST"  # which only the stack itself asks
    }
    assert set(configured) == {"WorkerFunction", "AdminFunction"}
    for properties in configured.values():
        assert properties["Qualifier"] == "live"
        assert {name: properties[name] for name in once} == once


def test_no_role_may_do_anything_to_everything(deployed):
    roles = of_type(deployed, "AWS::IAM::Role")
    assert len(roles) == len(FUNCTIONS) + 3 + 1
    for role in roles.values():
        for policy in role["Properties"].get("Policies", []):
            for added in policy["PolicyDocument"]["Statement"]:
                statement = added["Fn::If"][1] if "Fn::If" in added else added
                assert "*" not in "".join(strings(statement["Action"]))
                assert "*" not in "".join(strings(statement["Resource"]))


def test_each_schedule_may_start_its_own_function_alone(deployed):
    for one in of_type(deployed, "AWS::Scheduler::Schedule").values():
        target = one["Properties"]["Target"]
        role = deployed[target["RoleArn"]["Fn::GetAtt"][0]]
        ((statement,),) = [
            policy["PolicyDocument"]["Statement"] for policy in role["Properties"]["Policies"]
        ]
        assert statement["Action"] == "lambda:InvokeFunction"
        assert statement["Resource"] == target["Arn"]


@pytest.mark.proves("D15")
def test_a_deployment_that_alarms_goes_back(transform):
    resources = transform(Stage="prod")
    (group,) = of_type(resources, "AWS::CodeDeploy::DeploymentGroup").values()
    properties = group["Properties"]
    assert properties["AlarmConfiguration"] == {
        "Enabled": True,
        "Alarms": [{"Name": {"Ref": "ApiCanaryAlarm"}}],
    }
    assert properties["AutoRollbackConfiguration"]["Enabled"]
    assert "DEPLOYMENT_STOP_ON_ALARM" in properties["AutoRollbackConfiguration"]["Events"]
    alias = resources["ApiFunctionAliaslive"]
    assert "CodeDeployLambdaAliasUpdate" in alias["UpdatePolicy"]


def test_every_function_logs_where_retention_is_set_and_is_bounded(deployed):
    groups = of_type(deployed, "AWS::Logs::LogGroup")
    for name in FUNCTIONS:
        properties = deployed[name]["Properties"]
        group = groups[properties["LoggingConfig"]["LogGroup"]["Ref"]]
        assert group["Properties"]["RetentionInDays"]
        assert properties["ReservedConcurrentExecutions"]["Fn::If"][0] == "Reserves"
        assert properties["Architectures"] == ["arm64"]
        assert properties["Runtime"] == "python3.13"
        layers = {layer["Ref"] for layer in properties["Layers"]}
        assert layers == set(of_type(deployed, "AWS::Lambda::LayerVersion"))


def test_no_secret_is_written_into_the_stack(deployed):
    for name in FUNCTIONS:
        for variable, value in deployed[name]["Properties"]["Environment"]["Variables"].items():
            assert not any("resolve:" in one for one in strings(value)), variable
            assert not re.search(r"(PASSWORD|TOKEN|_KEY|_URL|PEPPER)$", variable)
