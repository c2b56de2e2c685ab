import ast
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from tests.contract.project import (
    OTHER_VARIABLES,
    ROOT,
    functions,
    resources,
    section,
    table,
    template,
    text,
    tool,
)
from tests.support.deployed_template import Deployed

from indexer.database.logins import ROLE_LIMITS
from indexer.http.application import RESERVE_SECONDS
from indexer.observability import Metric
from indexer.secrets import SECRET_VARIABLES
from indexer.settings import MEBIBYTE, Settings
from indexer.webhooks.reconciliation import DUE_SECONDS

FUNCTIONS = ["ApiFunction", "WorkerFunction", "AdminFunction"]
GATEWAY_SECONDS = 30
LAMBDA_SECONDS = 900
LATE_MINUTES = 2
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
NETWORK_INTERFACES = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}


def defaults() -> Settings:
    return Settings.from_environment({})


def variables(function: str) -> dict[str, Any]:
    return functions()[function]["Environment"]["Variables"]


def schedules(function: str) -> list[dict[str, Any]]:
    events = functions()[function]["Events"].values()
    return [event["Properties"] for event in events if event["Type"] == "ScheduleV2"]


def strings(node: Any) -> Iterator[str]:
    """Every text within a value of the template, intrinsic functions included."""
    if isinstance(node, str):
        yield str(node)
    elif isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)


def statements(role: str) -> list[dict[str, Any]]:
    """What a role is allowed, that included which a parameter adds."""
    policies = resources("AWS::IAM::Role")[role]["Policies"]
    found = [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]
    return [one["Fn::If"][1] if "Fn::If" in one else one for one in found]


def role_of(function: str) -> str:
    return functions()[function]["Role"]["Fn::GetAtt"][0]


def parameters_named(node: Any) -> set[str]:
    if isinstance(node, dict):
        named = {node["Ref"]} if "Ref" in node else set()
        return named.union(*(parameters_named(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(parameters_named(value) for value in node))
    return set()


def names_bound_by(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


@pytest.mark.proves("D10")
def test_cfn_lint_accepts_the_template():
    checked = subprocess.run(
        [tool("cfn-lint"), "--regions", "eu-central-1", "--", "template.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, "")


def test_the_template_has_the_three_functions_and_one_layer():
    assert list(functions()) == FUNCTIONS
    assert list(resources("AWS::Serverless::LayerVersion")) == ["IndexerLayer"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_change_of_the_layer_reaches_the_live_alias(function):
    """Without these flags the alias goes on running the layer it was first published with."""
    layer = resources("AWS::Serverless::LayerVersion")["IndexerLayer"]
    assert layer["PublishLambdaVersion"] is True
    assert functions()[function]["AutoPublishAlias"] == "live"
    assert functions()[function]["AutoPublishAliasAllProperties"] is True
    assert functions()[function]["Layers"] == [{"Ref": "IndexerLayer"}]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_layer_is_built_for_what_the_functions_run_on(function):
    layer = template()["Resources"]["IndexerLayer"]
    runtime, architectures = (
        functions()[function]["Runtime"],
        functions()[function]["Architectures"],
    )
    assert layer["Metadata"]["BuildMethod"] == runtime == "python3.13"
    assert [layer["Metadata"]["BuildArchitecture"]] == architectures == ["arm64"]
    assert layer["Properties"]["CompatibleRuntimes"] == [runtime]
    assert layer["Properties"]["CompatibleArchitectures"] == architectures


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_handler_exists(function):
    properties = functions()[function]
    package, module, name = properties["Handler"].split(".")
    file = ROOT / properties["CodeUri"] / package / f"{module}.py"
    assert file.is_file(), f"{properties['Handler']} leads nowhere"
    defined = {
        name
        for statement in ast.parse(file.read_text(encoding="utf-8")).body
        for name in names_bound_by(statement)
    }
    assert name in defined


def test_a_full_run_of_a_job_fits_into_one_invocation():
    settings = defaults()
    needed = settings.job_seconds + settings.invocation_reserve_seconds
    assert needed <= functions()["WorkerFunction"]["Timeout"] <= LAMBDA_SECONDS


def test_the_api_answers_before_the_gateway_gives_up():
    """Connecting and one statement at its limit still leave time to say what happened."""
    statement_seconds = float(ROLE_LIMITS["kotadb_api"].statement_timeout.removesuffix("s"))
    needed = defaults().database_connect_seconds + statement_seconds + RESERVE_SECONDS
    assert needed < functions()["ApiFunction"]["Timeout"] < GATEWAY_SECONDS


def test_health_answers_within_what_is_written_even_where_nothing_is_heard():
    """It connects, asks who it is, and asks for the figures."""
    settings = defaults()
    answer = section("docs/api.md", "GET /health")
    assert settings.database_connect_seconds < 3
    assert "within 3 seconds where no connection is made" in answer
    needed = settings.database_connect_seconds + 2 * settings.database_answer_seconds
    assert needed < 8 <= functions()["ApiFunction"]["Timeout"] - RESERVE_SECONDS
    assert "within 8 where" in answer


def test_the_worker_has_room_for_its_largest_child_and_its_largest_fetch():
    settings = defaults()
    memory = template()["Parameters"]["WorkerMemoryMegabytes"]["MinValue"] * MEBIBYTE
    disk = functions()["WorkerFunction"]["EphemeralStorage"]["Size"] * MEBIBYTE
    assert memory >= max(settings.fetch_memory_bytes, settings.parse_memory_bytes) + 256 * MEBIBYTE
    # What one killed run left behind may still lie there until the next start removes it.
    assert disk >= 2 * settings.fetch_max_bytes


def test_as_many_jobs_are_leased_as_worker_environments_may_run():
    worker = functions()["WorkerFunction"]
    assert variables("WorkerFunction")["WORKER_TEAM_SIZE"] == {"Ref": "WorkerConcurrency"}
    assert worker["ReservedConcurrentExecutions"]["Fn::If"][1] == {"Ref": "WorkerConcurrency"}
    concurrency = template()["Parameters"]["WorkerConcurrency"]["Default"]
    assert concurrency == defaults().worker_team_size


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_number_of_connections_is_bounded_by_a_parameter(function):
    reserved = functions()[function]["ReservedConcurrentExecutions"]["Fn::If"]
    assert reserved[0] == "Reserves"
    assert template()["Parameters"][reserved[1]["Ref"]]["Default"] >= 1


def test_one_tick_a_minute_starts_one_worker():
    tick, _ = schedules("WorkerFunction")
    assert tick["ScheduleExpression"] == "rate(1 minute)"


def test_the_reconciliation_is_asked_for_more_often_than_it_is_due():
    """An event that finds all workers busy is dropped, and the next one is not far."""
    _, reconciliation = schedules("WorkerFunction")
    assert reconciliation["ScheduleExpression"] == "rate(5 minutes)"
    assert DUE_SECONDS + 300 == 3600
    sample = json.loads(text("events/worker-reconcile-due.json"))
    assert json.loads(reconciliation["Input"]) == sample


def test_the_sweep_sends_what_the_sample_event_holds():
    (sweep,) = schedules("AdminFunction")
    assert json.loads(sweep["Input"]) == json.loads(text("events/admin-sweep.json"))


@pytest.mark.parametrize("function", ["WorkerFunction", "AdminFunction"])
def test_an_invocation_that_nobody_waits_for_is_never_repeated(function):
    assert functions()[function]["EventInvokeConfig"] == {
        "MaximumRetryAttempts": 0,
        "MaximumEventAgeInSeconds": 60,
    }
    for schedule in schedules(function):
        assert schedule["RetryPolicy"] == {
            "MaximumRetryAttempts": 0,
            "MaximumEventAgeInSeconds": 60,
        }


def test_a_migration_that_was_killed_is_not_begun_again_behind_the_deployments_back():
    """The stack asks the unpublished function; the setting of the alias is none of it."""
    (name, asked) = next(iter(resources("AWS::Lambda::EventInvokeConfig").items()))
    assert asked["FunctionName"] == {"Ref": "AdminFunction"}
    assert (asked["Qualifier"], asked["MaximumRetryAttempts"]) == ("$LATEST", 0)
    schema = template()["Resources"]["Schema"]
    assert schema["DependsOn"] == name
    assert schema["Properties"]["ServiceToken"] == {"Fn::GetAtt": ["AdminFunction", "Arn"]}
    assert asked["MaximumEventAgeInSeconds"] < schema["Properties"]["ServiceTimeout"]


def test_two_stacks_of_one_account_do_not_share_a_name():
    """A schedule without a name gets its logical id, which is the same in every stack."""
    named = [
        *(schedule["Name"] for function in FUNCTIONS for schedule in schedules(function)),
        *(function["FunctionName"] for function in functions().values()),
        *(group["LogGroupName"] for group in resources("AWS::Logs::LogGroup").values()),
    ]
    assert len(named) == 3 + 3 + 4
    assert all("${AWS::StackName}" in name["Fn::Sub"] for name in named)


def test_admin_paths_go_to_the_admin_and_the_rest_to_the_api():
    routes = {
        function: [
            (event["Properties"].get("Method"), event["Properties"].get("Path"))
            for event in functions()[function]["Events"].values()
            if event["Type"] == "HttpApi"
        ]
        for function in FUNCTIONS
    }
    assert routes == {
        "ApiFunction": [(None, None)],
        "WorkerFunction": [],
        "AdminFunction": [("ANY", "/admin/{proxy+}")],
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_allows_only_named_actions_on_named_resources(function):
    for statement in statements(role_of(function)):
        assert statement["Effect"] == "Allow"
        assert all("*" not in action for action in strings(statement["Action"]))
        assert all("*" not in resource for resource in strings(statement["Resource"]))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_managed_policy_is_attached_inside_a_vpc_only(function):
    def attached(**parameters: str) -> list[str] | None:
        deployed = Deployed(template(), **parameters).resources()
        given: list[str] | None = deployed[role_of(function)]["Properties"].get("ManagedPolicyArns")
        return given

    assert attached() is None
    assert attached(VpcSubnetIds="subnet-1", VpcSecurityGroupIds="sg-1") == ["NetworkPolicy"]


def test_inside_a_vpc_lambda_makes_the_interfaces_and_the_code_may_not():
    """The one exception to named resources. No policy of AWS's, which would open all logs too."""
    policies = resources("AWS::IAM::ManagedPolicy")
    assert list(policies) == ["NetworkPolicy"]
    allowed, denied = policies["NetworkPolicy"]["PolicyDocument"]["Statement"]
    assert (allowed["Effect"], allowed["Resource"]) == ("Allow", "*")
    assert set(allowed["Action"]) == NETWORK_INTERFACES
    assert (denied["Effect"], denied["Action"], denied["Resource"]) == ("Deny", "ec2:*", "*")
    whose = denied["Condition"]["ArnLike"]["lambda:SourceFunctionArn"]["Fn::Sub"]
    assert whose.endswith(":function:${AWS::StackName}-*")
    names = [one["FunctionName"]["Fn::Sub"] for one in functions().values()]
    assert all(name.startswith("${AWS::StackName}-") for name in names)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_reads_its_own_secrets_and_no_others(function):
    named = {
        parameter
        for name, value in variables(function).items()
        if name.endswith("_SECRET_ARN")
        for parameter in parameters_named(value)
    }
    readable = {
        parameter
        for statement in statements(role_of(function))
        if statement["Action"] == "secretsmanager:GetSecretValue"
        for parameter in parameters_named(statement["Resource"])
    }
    # With a cluster of the stack's own the admin makes the logins of the others.
    made_by_the_admin = {"ApiLogin", "WorkerLogin"} if function == "AdminFunction" else set()
    assert readable - {"AWS::NoValue"} - made_by_the_admin == named
    assert len(named) >= 1


KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def decrypting(function: str, **parameters: str) -> list[dict[str, Any]]:
    """What the function's role may decrypt, as it is deployed."""
    role = Deployed(template(), **parameters).resources()[role_of(function)]["Properties"]
    return [
        statement
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "kms" in str(statement["Action"])
    ]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_secrets_under_a_key_of_ones_own_are_decrypted_by_way_of_secrets_manager_alone(function):
    assert decrypting(function) == []
    (statement,) = decrypting(function, SecretsKmsKeyArn=KEY)
    assert statement == {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": KEY,
        "Condition": {
            "StringEquals": {
                "kms:ViaService": "secretsmanager.${AWS::Region}.${AWS::URLSuffix}",
            }
        },
    }


@pytest.mark.parametrize(
    ("arn", "is_taken"),
    [
        (KEY, True),
        (KEY.replace("1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-1234abcd12ab34cd56ef"), True),
        (KEY.replace("arn:aws:", "arn:aws-cn:"), True),
        ("", True),
        (KEY.replace(":key/", ":alias/"), False),
        ("1234abcd-12ab-34cd-56ef-1234567890ab", False),
        ("*", False),
    ],
)
def test_the_key_of_the_secrets_is_named_by_its_arn(arn, is_taken):
    pattern = template()["Parameters"]["SecretsKmsKeyArn"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, arn)) == is_taken


def test_each_secret_that_the_template_names_is_read_by_the_code():
    named = {name for one in FUNCTIONS for name in variables(one) if name.endswith("_SECRET_ARN")}
    assert named == set(SECRET_VARIABLES.values())


def test_the_key_of_the_github_app_reaches_the_worker_alone():
    holders = {"GITHUB_APP_PRIVATE_KEY_SECRET_ARN": "Worker", "GITHUB_WEBHOOK_SECRET_ARN": "Api"}
    for name, holder in holders.items():
        assert [one for one in FUNCTIONS if name in variables(one)] == [f"{holder}Function"]


def test_no_two_functions_share_a_database_login():
    logins = [parameters_named(variables(one)["DATABASE_SECRET_ARN"]) for one in FUNCTIONS]
    assert all(len(one) == 2 for one in logins), "one that is given, and one that the stack makes"
    assert len(set().union(*logins)) == 2 * len(FUNCTIONS)


def test_no_secret_stands_in_an_environment():
    suspicious = re.compile(r"URL|PASSWORD|TOKEN|PEPPER|SECRET|KEY")
    for function in FUNCTIONS:
        for name, value in variables(function).items():
            assert name.endswith("_SECRET_ARN") or not suspicious.search(name)
            assert not any("{{resolve:" in one for one in strings(value))


@pytest.mark.parametrize("function", ["ApiFunction", "WorkerFunction"])
def test_a_wake_up_goes_to_the_live_worker_and_nowhere_else(function):
    worker = functions()["WorkerFunction"]
    name = f"{worker['FunctionName']['Fn::Sub']}:{worker['AutoPublishAlias']}"
    assert variables(function)["WORKER_FUNCTION_NAME"] == {"Fn::Sub": name}
    (allowed,) = [
        statement["Resource"]["Fn::Sub"]
        for statement in statements(role_of(function))
        if statement["Action"] == "lambda:InvokeFunction"
    ]
    assert allowed.endswith(f":function:{name}")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_variable_of_a_function_is_a_setting_or_is_explained(function):
    settings = {one.metadata["variable"] for one in fields(Settings)}
    explained = {row[0].strip("`") for row in table("docs/operations.md", OTHER_VARIABLES)}
    assert set(variables(function)) <= settings | explained


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_setting_in_the_template_can_be_read(function):
    """As deployed with the default parameters; only secrets have none."""
    deployed = Deployed(template())
    environment = {
        name: deployed.resolved(value)
        for name, value in variables(function).items()
        if "Fn::Sub" not in value
    }
    settings = Settings.from_environment(environment)
    assert settings.worker_team_size == defaults().worker_team_size
    assert settings.allowed_hosts == defaults().allowed_hosts
    assert settings.worker_enabled


def settings_by_parameter() -> dict[str, str]:
    """The parameter that each setting is taken from."""
    settings = {one.metadata["variable"]: one for one in fields(Settings)}
    found = {
        name: value["Ref"]
        for function in FUNCTIONS
        for name, value in variables(function).items()
        if name in settings and isinstance(value, dict) and "Ref" in value
    }
    return {name: found[name] for name in settings if name in found}


@pytest.mark.proves("D11")
def test_operations_tells_which_settings_have_a_parameter(documented):
    rows = [f"| `{name}` | `{one}` |\n" for name, one in settings_by_parameter().items()]
    shall_be = "| setting | parameter |\n|---|---|\n" + "".join(rows)
    assert documented("docs/operations.md", "deployed settings", shall_be=shall_be) == shall_be


def test_advice_on_a_deployed_stack_can_be_followed():
    """What the pages tell an operator to set is a parameter, with the setting's own default."""
    given = settings_by_parameter()
    advised = {"JOB_KEEP_DAYS", "JOB_STATUS_TRACKING_ENABLED", "TENANT_TEAM_SIZE"}
    advised |= {f"REQUESTS_PER_HOUR_{tier}" for tier in ("FREE", "SOLO", "TEAM")}
    assert advised <= set(given)
    for name in advised:
        assert all(variables(one)[name] == {"Ref": given[name]} for one in FUNCTIONS)
    environment = {
        name: str(template()["Parameters"][parameter]["Default"])
        for name, parameter in given.items()
    }
    assert Settings.from_environment(environment) == defaults()
    least = {name: template()["Parameters"][given[name]].get("MinValue") for name in advised}
    assert set(least.values()) == {0, None}, "what a setting takes, its parameter takes"
    alarm = resources("AWS::CloudWatch::Alarm")["IndexJobsSizeAlarm"]
    assert alarm["Threshold"] == {"Ref": "IndexJobsAlarmBytes"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_logs_end_some_day(function):
    group = functions()[function]["LoggingConfig"]["LogGroup"]["Ref"]
    assert resources("AWS::Logs::LogGroup")[group]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_access_logs_hold_no_query_and_no_header():
    logged = resources("AWS::Serverless::HttpApi")["HttpApi"]["AccessLogSettings"]["Format"]
    assert set(json.loads(logged)) == {
        "requestId",
        "routeKey",
        "path",
        "status",
        "latency",
        "error",
    }


@pytest.mark.proves("D15")
def test_a_new_api_version_is_tried_on_a_few_requests_in_production():
    preference = functions()["ApiFunction"]["DeploymentPreference"]
    assert preference["Type"] == {"Fn::If": ["IsProd", "Canary10Percent5Minutes", "AllAtOnce"]}
    assert preference["Alarms"] == [{"Ref": "ApiCanaryAlarm"}]


@pytest.mark.proves("D15")
def test_a_canary_is_judged_by_its_own_version_and_by_its_answers():
    """By alias it would be judged by the other version too, and by Lambda's errors alone it could
    answer every request with 500."""
    watched = resources("AWS::CloudWatch::Alarm")["ApiCanaryAlarm"]["Metrics"]
    errors, failed = (one["MetricStat"]["Metric"] for one in watched if "MetricStat" in one)
    name = functions()["ApiFunction"]["FunctionName"]["Fn::Sub"]
    assert {one["Name"]: one["Value"] for one in errors["Dimensions"]} == {
        "FunctionName": {"Fn::Sub": name},
        "Resource": {"Fn::Sub": f"{name}:live"},
        "ExecutedVersion": {"Fn::GetAtt": ["ApiFunction", "Version.Version"]},
    }
    assert failed["MetricName"] == Metric.REQUESTS_FAILED
    assert failed["Dimensions"] == [
        {"Name": "version", "Value": {"Fn::Sub": "api:${ApiFunction.Version.Version}"}}
    ]


def test_the_live_api_is_judged_by_the_answers_of_every_version_that_gives_some():
    """By the newest version alone nobody would hear of the one before, once it is live again."""
    watched = resources("AWS::CloudWatch::Alarm")["ApiErrorsAlarm"]["Metrics"]
    (_, failed) = (one["MetricStat"]["Metric"] for one in watched if "MetricStat" in one)
    assert failed["MetricName"] == Metric.REQUESTS_FAILED
    assert failed["Dimensions"] == [{"Name": "service", "Value": "api"}]


def test_an_alarm_that_fills_gaps_rings_while_the_newest_minutes_are_not_told_yet():
    """Metrics come late. FILL says of a minute of which nothing is known yet that it was fine, so
    an alarm that wants all of the last minutes to be bad would never ring (Amazon CloudWatch User
    Guide, metric math, FILL)."""
    filling = {
        name: alarm
        for name, alarm in resources("AWS::CloudWatch::Alarm").items()
        if any("FILL" in str(one.get("Expression")) for one in alarm.get("Metrics", ()))
    }
    assert {"ApiErrorsAlarm", "ApiCanaryAlarm"} <= set(filling)
    for name, alarm in filling.items():
        assert alarm["DatapointsToAlarm"] + LATE_MINUTES <= alarm["EvaluationPeriods"], name


def test_migrations_come_before_the_code_that_needs_them():
    """The resource asks the newest code of the admin, whose alias may not have moved yet; a new
    version makes it ask again, and CloudFormation refuses to change whom it asks."""
    schema = template()["Resources"]["Schema"]
    assert schema["Properties"]["ServiceToken"] == {"Fn::GetAtt": ["AdminFunction", "Arn"]}
    assert schema["Properties"]["Release"] == {"Fn::GetAtt": ["AdminFunction", "Version.Version"]}
    assert schema["Properties"]["ServiceTimeout"] > functions()["AdminFunction"]["Timeout"]
    assert "Condition" not in schema
    waiting = {name for name in FUNCTIONS if template()["Resources"][name].get("DependsOn")}
    assert waiting == {"ApiFunction", "WorkerFunction"}
    for name in waiting:
        assert template()["Resources"][name]["DependsOn"] == "Schema"
