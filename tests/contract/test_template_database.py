"""The database of the stack: one that there is, or a cluster that only the functions reach."""

import pytest
from tests.contract.project import template, text
from tests.support.deployed_template import Deployed

from indexer.database.logins import ROLE_LIMITS

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:{}-AbCdEf"
EXISTING = {f"{one}DatabaseSecretArn": ARN.format(one) for one in ("Api", "Worker", "Admin")}
NETWORK = {"VpcId": "vpc-0a1b2c3d", "VpcSubnetIds": "subnet-0a1b2c3d,subnet-4e5f6a7b"}
AURORA = {"Database": "aurora", **NETWORK}
FUNCTIONS = ("Api", "Worker", "Admin")


def deployed(**parameters):
    return Deployed(template(), **parameters)


def made(kind, **parameters):
    return {
        name: one for name, one in deployed(**parameters).resources().items() if one["Type"] == kind
    }


def properties(name, **parameters):
    return deployed(**parameters).resources()[name]["Properties"]


@pytest.mark.parametrize(
    "parameters",
    [
        EXISTING,
        {**EXISTING, "MigrationDatabaseSecretArn": ARN.format("owner")},
        {**EXISTING, "VpcSubnetIds": "subnet-1", "VpcSecurityGroupIds": "sg-1"},
        AURORA,
    ],
)
def test_what_belongs_together_is_deployed(parameters):
    assert deployed(**parameters).refused() == []


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({}, ["ApiDatabaseSecretArn", "WorkerDatabaseSecretArn", "AdminDatabaseSecretArn"]),
        ({**EXISTING, "WorkerDatabaseSecretArn": ""}, ["WorkerDatabaseSecretArn"]),
        ({**EXISTING, "VpcSubnetIds": "subnet-1"}, ["VpcSecurityGroupIds"]),
        ({**EXISTING, "DatabaseSslMode": "verify-full"}, ["DatabaseCaFile"]),
        ({"Database": "aurora"}, ["VpcId", "VpcSubnetIds"]),
        ({**AURORA, "VpcId": ""}, ["VpcId"]),
        ({**AURORA, "VpcSubnetIds": ""}, ["VpcSubnetIds"]),
        ({**AURORA, "VpcSecurityGroupIds": "sg-1"}, ["VpcSecurityGroupIds"]),
        ({**AURORA, "ApiDatabaseSecretArn": ARN.format("api")}, ["secrets of database logins"]),
        ({**AURORA, "MigrationDatabaseSecretArn": ARN.format("m")}, ["secrets of database logins"]),
    ],
)
def test_what_does_not_belong_together_is_refused_by_name(parameters, names):
    refused = deployed(**parameters).refused()
    assert len(refused) == len(names)
    for message, name in zip(refused, names, strict=True):
        assert name in message


def test_an_existing_database_brings_no_resource_of_a_database():
    kinds = {one["Type"] for one in deployed(**EXISTING).resources().values()}
    assert not {kind for kind in kinds if kind.startswith(("AWS::RDS::", "AWS::EC2::"))}
    assert "AWS::SecretsManager::Secret" not in kinds


def test_a_cluster_is_encrypted_backed_up_and_leaves_a_snapshot():
    (cluster,) = made("AWS::RDS::DBCluster", **AURORA).values()
    assert cluster["DeletionPolicy"] == cluster["UpdateReplacePolicy"] == "Snapshot"
    told = cluster["Properties"]
    assert told["StorageEncrypted"] is True
    assert told["BackupRetentionPeriod"] == "7"
    assert told["ManageMasterUserPassword"] is True
    assert "MasterUserPassword" not in told
    (settings,) = made("AWS::RDS::DBClusterParameterGroup", **AURORA).values()
    assert settings["Properties"]["Parameters"] == {"rds.force_ssl": "1"}
    assert settings["Properties"]["Family"] == f"aurora-postgresql{told['EngineVersion'][:2]}"


@pytest.mark.parametrize(("stage", "protected"), [("dev", False), ("prod", True)])
def test_only_production_is_kept_from_a_hasty_deletion(stage, protected):
    assert properties("DatabaseCluster", **AURORA, Stage=stage)["DeletionProtection"] is protected


@pytest.mark.parametrize(("minimum", "pause"), [("0.5", None), ("0", 300)])
def test_a_cluster_pauses_only_where_it_may_shrink_to_nothing(minimum, pause):
    scaling = properties("DatabaseCluster", **AURORA, AuroraMinimumCapacity=minimum)[
        "ServerlessV2ScalingConfiguration"
    ]
    assert (scaling["MinCapacity"], scaling.get("SecondsUntilAutoPause")) == (minimum, pause)


def test_nobody_but_the_functions_reaches_the_cluster():
    (instance,) = made("AWS::RDS::DBInstance", **AURORA).values()
    assert instance["Properties"]["PubliclyAccessible"] is False
    group = properties("DatabaseSecurityGroup", **AURORA)
    (entry,) = group["SecurityGroupIngress"]
    assert entry["SourceSecurityGroupId"] == "FunctionSecurityGroup.GroupId"
    assert (entry["FromPort"], entry["ToPort"]) == (5432, 5432)
    assert [one["CidrIp"] for one in group["SecurityGroupEgress"]] == ["127.0.0.1/32"]
    assert properties("DatabaseSubnets", **AURORA)["SubnetIds"] == [
        "subnet-0a1b2c3d",
        "subnet-4e5f6a7b",
    ]
    for name in FUNCTIONS:
        assert properties(f"{name}Function", **AURORA)["VpcConfig"] == {
            "SubnetIds": ["subnet-0a1b2c3d", "subnet-4e5f6a7b"],
            "SecurityGroupIds": ["FunctionSecurityGroup"],
        }


def test_each_function_has_a_login_of_its_own_that_the_stack_makes_up():
    secrets = made("AWS::SecretsManager::Secret", **AURORA)
    assert set(secrets) == {"ApiLogin", "WorkerLogin", "AdminLogin"}
    names = {
        one["Properties"]["GenerateSecretString"]["SecretStringTemplate"]
        for one in secrets.values()
    }
    assert len(names) == len(FUNCTIONS)
    for name in FUNCTIONS:
        variables = properties(f"{name}Function", **AURORA)["Environment"]["Variables"]
        assert variables["DATABASE_SECRET_ARN"] == f"{name}Login"
        assert variables["DATABASE_HOST"] == "DatabaseCluster.Endpoint.Address"
        assert variables["DATABASE_NAME"] == properties("DatabaseCluster", **AURORA)["DatabaseName"]


@pytest.mark.parametrize("database", [EXISTING, AURORA])
def test_a_server_is_verified_with_a_file_that_is_packed_into_the_layer(database):
    ignored = text(".gitignore").splitlines()
    assert "layers/indexer/certificates/*" in ignored, "such a file is nobody else's"
    assert made("AWS::Serverless::LayerVersion")["IndexerLayer"]["Properties"]["ContentUri"] == (
        "layers/indexer"
    )
    given = {**database, "DatabaseSslMode": "verify-full", "DatabaseCaFile": "bundle.pem"}
    assert deployed(**given).refused() == []
    for name in FUNCTIONS:
        before = properties(f"{name}Function", **database)["Environment"]["Variables"]
        assert (before["DATABASE_SSLMODE"], before["DATABASE_SSLROOTCERT"]) == ("require", "")
        variables = properties(f"{name}Function", **given)["Environment"]["Variables"]
        assert variables["DATABASE_SSLMODE"] == "verify-full"
        # The layer's Python packages lie there, and what else is in its folder beside them.
        assert variables["DATABASE_SSLROOTCERT"] == "/opt/python/certificates/${DatabaseCaFile}"


def test_the_stack_asks_for_the_logins_once_the_cluster_answers():
    asked = properties("Schema", **AURORA)
    assert asked["Logins"] == {
        "kotadb_api": "ApiLogin",
        "kotadb_worker": "WorkerLogin",
        "kotadb_admin": "AdminLogin",
    }
    assert set(asked["Logins"]) == set(ROLE_LIMITS)
    assert asked["Database"] == "DatabaseInstance"
    assert "Logins" not in properties("Schema", **EXISTING)


@pytest.mark.parametrize(
    ("parameters", "readable"),
    [
        (
            AURORA,
            {
                "Api": {"ApiLogin"},
                "Worker": {"WorkerLogin"},
                "Admin": {
                    *("AdminLogin", "ApiLogin", "WorkerLogin"),
                    "DatabaseCluster.MasterUserSecret.SecretArn",
                },
            },
        ),
        (EXISTING, {name: {ARN.format(name)} for name in FUNCTIONS}),
    ],
)
def test_only_the_admin_reads_the_login_that_makes_the_others(parameters, readable):
    for name in FUNCTIONS:
        (policy,) = properties(f"{name}Role", **parameters)["Policies"]
        found = {
            arn
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Action"] == "secretsmanager:GetSecretValue"
            for arn in statement["Resource"]
        }
        assert found == readable[name]
        variables = properties(f"{name}Function", **parameters)["Environment"]["Variables"]
        named = {value for key, value in variables.items() if key.endswith("_SECRET_ARN") and value}
        # The logins of the others are named by the event of the stack, and by no variable.
        assert named <= found
        assert found - named == ({"ApiLogin", "WorkerLogin"} & found if name == "Admin" else set())
