import json
import tomllib

import pytest
from tests.contract.project import ROOT, functions, section, template, text

STAGES = {"default": "dev", "staging": "staging", "prod": "prod"}
EVENTS = sorted(file.stem for file in (ROOT / "events").iterdir())
REQUESTS = [name for name in EVENTS if name.startswith(("api-", "admin-http-"))]


def event(name: str) -> dict[str, object]:
    return json.loads(text(f"events/{name}.json"))


def overrides(environment: str) -> dict[str, str]:
    given = tomllib.loads(text("samconfig.toml"))[environment]["deploy"]["parameters"]
    return dict(pair.split("=") for pair in given["parameter_overrides"].split())


@pytest.mark.parametrize(("environment", "stage"), STAGES.items())
def test_each_environment_deploys_its_own_stack_and_stage(environment, stage):
    config = tomllib.loads(text("samconfig.toml"))[environment]
    assert config["global"]["parameters"]["stack_name"] == f"kotadb-{stage}"
    assert overrides(environment)["Stage"] == stage


@pytest.mark.parametrize("environment", STAGES)
def test_samconfig_gives_only_parameters_that_the_template_takes(environment):
    parameters = template()["Parameters"]
    for name, value in overrides(environment).items():
        assert value in map(str, parameters[name]["AllowedValues"])


@pytest.mark.parametrize("environment", STAGES)
def test_a_deployment_is_shown_before_it_is_carried_out(environment):
    deploy = tomllib.loads(text("samconfig.toml"))[environment]["deploy"]["parameters"]
    assert deploy["confirm_changeset"] is True
    assert deploy["capabilities"] == "CAPABILITY_IAM"


@pytest.mark.parametrize(("environment", "stage"), STAGES.items())
def test_what_a_stage_costs_can_be_told_apart_on_the_bill(environment, stage):
    deploy = tomllib.loads(text("samconfig.toml"))[environment]["deploy"]["parameters"]
    tags = dict(pair.split("=") for pair in deploy["tags"].split())
    assert tags == {"application": "kotadb", "stage": stage}
    assert all(f"`{name}`" in section("docs/cost.md", "Cost") for name in tags)


def test_every_function_has_samples_of_its_events():
    assert {name.split("-")[0] for name in EVENTS} == {
        name.removesuffix("Function").lower() for name in functions()
    }


@pytest.mark.parametrize("name", REQUESTS)
def test_a_sample_of_a_request_is_one_of_the_gateways_second_format(name):
    sample = event(name)
    assert sample["version"] == "2.0"
    request = sample["requestContext"]["http"]
    assert sample["rawPath"] == request["path"]
    assert sample["headers"] == {key.lower(): value for key, value in sample["headers"].items()}
    assert ("content-type" in sample["headers"]) == ("body" in sample)
    assert "body" not in sample or request["method"] == "POST"


def test_the_sample_schedule_event_names_the_schedule_of_the_dev_stack():
    sample = event("worker-schedule")
    assert sample["source"] == "aws.scheduler"
    (arn,) = sample["resources"]
    name = functions()["WorkerFunction"]["Events"]["Tick"]["Properties"]["Name"]["Fn::Sub"]
    assert arn.endswith("/" + name.replace("${AWS::StackName}", "kotadb-dev"))


@pytest.mark.proves("D10")
def test_ci_runs_what_a_person_runs():
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111
    commands = [
        line
        for line in script.read_text(encoding="utf-8").splitlines()
        if line[:1] not in {"", "#"}
    ]
    assert commands[-2:] == ["make check", "make test"]
