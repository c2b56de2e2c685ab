"""What `kotadb deploy` asks for: what is missing, and what the template would refuse."""

import pytest
from tests.contract.project import template
from tests.fixtures.deployment import AURORA, LOGINS, URL, Answers, questions
from tests.support.deployed_template import Deployed

from kotadb_local.deployment.failures import ParameterInvalid, ParametersRefused
from kotadb_local.deployment.stage import find_stage
from kotadb_local.deployment.template import Template


def test_every_parameter_is_explained_by_the_template_itself(project):
    found = Template(project / "template.yaml").parameters
    assert set(found) == set(template()["Parameters"])
    assert [one.name for one in found.values() if not one.description] == []


@pytest.mark.parametrize(
    "values",
    [
        {},
        LOGINS,
        {**LOGINS, "VpcSubnetIds": "subnet-0a"},
        {**LOGINS, "Database": "aurora"},
        {"Database": "aurora"},
        {**AURORA, "VpcSecurityGroupIds": "sg-0a"},
        AURORA,
    ],
)
def test_what_aws_would_refuse_is_refused_before(project, values):
    refusals = Template(project / "template.yaml").refusals(values)
    assert [one.reason for one in refusals] == Deployed(template(), **values).refused()


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("Database", "mysql", "one of existing, aurora"),
        ("ApiDatabaseSecretArn", "arn:aws:s3:::bucket", "what matches"),
        ("WorkerConcurrency", "0", "at least 1"),
        ("WorkerMemoryMegabytes", "20000", "at most 10240"),
        ("AuroraMaximumCapacity", "much", "a number"),
        ("VpcSubnetIds", "subnet-1, subnet-2", "what matches"),
        ("NoSuch", "x", "is no parameter"),
    ],
)
def test_a_value_that_the_template_does_not_take_is_refused_by_name(project, name, value, wanted):
    with pytest.raises(ParameterInvalid, match=f"{name}.*{wanted}"):
        Template(project / "template.yaml").complete({name: value})


def test_the_first_deployment_asks_for_what_is_needed_and_no_more(project):
    person = Answers(
        [
            ("Database", "aurora"),
            ("VpcId", "vpc-nonsense"),
            ("VpcId", AURORA["VpcId"]),
            ("VpcSubnetIds", AURORA["VpcSubnetIds"]),
        ]
    )
    values = questions(project, person).answered({})
    assert person.given == []
    assert {name: values[name] for name in AURORA} == AURORA
    assert values["LogRetentionDays"] == "7", "what everybody deploys dev with"
    assert any("VpcId takes what matches" in line for line in person.said)
    assert any("the VPC of the subnets" in line for line in person.said), "it is explained"


def test_what_was_answered_is_not_asked_again(project):
    find_stage(project, "dev").remember({**AURORA, "AParameterOfLastYear": "x"})
    assert questions(project, Answers()).answered({})["VpcId"] == AURORA["VpcId"]
    other = questions(project, Answers()).answered({"VpcId": "vpc-1a"})
    assert other["VpcId"] == "vpc-1a"


def test_everything_is_asked_for_where_that_is_wanted(project):
    find_stage(project, "dev").remember(AURORA)
    names = [name for name in template()["Parameters"] if name not in {"Stage", "AdminConcurrency"}]
    person = Answers([(name, "") for name in names])
    values = questions(project, person).answered({"AdminConcurrency": "4"}, everything=True)
    assert (person.given, values["AdminConcurrency"]) == ([], "4")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "wants ApiDatabaseSecretArn.*give them with --set"),
        ({**AURORA, "VpcSecurityGroupIds": "sg-0a"}, "leave VpcSecurityGroupIds empty"),
    ],
)
def test_nobody_is_asked_through_a_pipe(project, given, told):
    with pytest.raises(ParametersRefused, match=told):
        questions(project, Answers(interactive=False)).answered(given)


def test_what_does_not_go_together_is_not_asked_for_for_ever(project):
    with pytest.raises(ParametersRefused, match="leave VpcSecurityGroupIds empty"):
        questions(project, Answers()).answered({**AURORA, "VpcSecurityGroupIds": "sg-0a"})


def test_the_stage_cannot_be_set_to_another_one(project):
    with pytest.raises(ParameterInvalid, match="Stage"):
        questions(project, Answers()).answered({"Stage": "prod"})


def test_a_secret_is_made_from_a_connection_string_that_is_not_shown(
    project, account, secret_store
):
    person = Answers(
        [
            ("ApiDatabaseSecretArn", "new"),
            ("text of the secret", "postgresql://nobody@hunter2"),
            ("ApiDatabaseSecretArn", "new"),
            ("text of the secret", URL),
        ]
    )
    rest = {name: arn for name, arn in LOGINS.items() if not name.startswith("Api")}
    values = questions(project, person, account.make_secret).answered(
        {"Database": "existing", **rest}
    )
    made = secret_store.get_secret_value(SecretId="kotadb-dev/api-database")
    assert (made["SecretString"], made["ARN"]) == (URL, values["ApiDatabaseSecretArn"])
    assert len(person.hidden) == 2
    assert any("one database name" in line for line in person.said)
    assert "hunter2" not in "\n".join(person.said)


def test_a_secret_may_come_from_a_file_and_is_never_overwritten(project, account, secret_store):
    secret_store.create_secret(Name="kotadb-dev/admin-api-key", SecretString="before")
    (project / "key").write_text("k" * 40 + "\n")
    person = Answers(
        [
            ("AdminApiKeySecretArn", "new"),
            ("text", "too short"),
            ("AdminApiKeySecretArn", "new"),
            ("text", f"file:{project / 'none'}"),
            ("AdminApiKeySecretArn", "new"),
            ("text", f"file:{project / 'key'}"),
            ("AdminApiKeySecretArn", ""),
        ]
    )
    asked = questions(project, person, account.make_secret)
    parameter = asked.template.parameters["AdminApiKeySecretArn"]
    assert asked._ask(parameter, {}) == ""
    assert secret_store.get_secret_value(SecretId="kotadb-dev/admin-api-key")["SecretString"] == (
        "before"
    )
    told = "\n".join(person.said)
    for reason in ("at least 32 characters", "cannot be read: FileNotFoundError", "already"):
        assert reason in told
