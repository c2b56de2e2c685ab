"""The end of a stack: what is lost with it, and what stays."""

from __future__ import annotations

from collections.abc import Mapping

from kotadb_local.deployment.account import DELETE_POLL_SECONDS, Account, DeployedStack
from kotadb_local.deployment.failures import DeploymentError, NotConfirmed, StackBusy
from kotadb_local.deployment.questions import Terminal

CLUSTER = "AWS::RDS::DBCluster"
# What of a stack is worth a word, by the type of its resources.
LOST = {
    "AWS::ApiGatewayV2::Api": "the address of the API: a new stack gets another one",
    "AWS::Lambda::Function": "the functions with all of their versions, and what runs in them",
    "AWS::Logs::LogGroup": "the logs",
    "AWS::CloudWatch::Alarm": "the alarms and what they remember",
    "AWS::CloudWatch::Dashboard": "the dashboard",
    "AWS::SecretsManager::Secret": "the logins that the stack has made",
    CLUSTER: "the database cluster; a snapshot is taken before",
}


def what_is_lost(resources: Mapping[str, int]) -> list[str]:
    """What goes with a stack of these resources, in lines for a person."""
    return [f"{text} ({resources[kind]})" for kind, text in LOST.items() if resources.get(kind)]


def what_stays(parameters: Mapping[str, str], *, has_cluster: bool) -> list[str]:
    """What a stack leaves behind, in lines for a person."""
    secrets = sorted(
        value for name, value in parameters.items() if name.endswith("SecretArn") and value
    )
    database = (
        "the snapshot of the cluster: aws rds describe-db-cluster-snapshots shows it"
        if has_cluster
        else "the database with its schema, its roles and everything that was indexed"
    )
    return [
        database,
        *(f"the secret {arn}" for arn in secrets),
        "the bucket of sam with the artifacts (stack aws-sam-cli-managed-default)",
        "metrics, until CloudWatch forgets them after 15 months",
    ]


def tear_down(
    account: Account,
    stack: DeployedStack,
    terminal: Terminal,
    *,
    confirmation: str | None,
    poll_seconds: float = DELETE_POLL_SECONDS,
) -> list[str]:
    """Delete a stack after its name was given once more; what stays of it.

    Raises:
        StackBusy: it is being changed.
        NotConfirmed: another name was given, and nothing was deleted.
        DeploymentError: some of it could not be deleted.
    """
    if stack.is_changing:
        raise StackBusy(f"{stack.name} is being changed ({stack.status}): wait for its end")
    resources = account.resources(stack.name)
    has_cluster = bool(resources.get(CLUSTER))
    if has_cluster and stack.parameters.get("Stage") == "prod":
        terminal.say("The cluster of prod is protected: switch its deletion protection off before.")
    terminal.say(f"With {stack.name} (account {account.number}, {account.region}) is lost:")
    for line in what_is_lost(resources):
        terminal.say(f"  {line}")
    if confirmation is None:
        if not terminal.interactive:
            raise NotConfirmed(f"nobody can be asked here: give --confirm {stack.name}")
        confirmation = terminal.ask("Its name, to delete it").strip()
    if confirmation != stack.name:
        raise NotConfirmed(f"that is not its name; {stack.name} was left as it is")
    terminal.say(f"Deleting {stack.name}; inside a VPC this may take half an hour.")
    try:
        account.delete(stack.name, poll_seconds=poll_seconds)
    except DeploymentError as error:
        raise DeploymentError(f"{error}. What was deleted until then is gone") from None
    return what_stays(stack.parameters, has_cluster=has_cluster)
