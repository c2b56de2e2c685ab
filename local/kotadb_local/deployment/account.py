"""The AWS account that a stack lies in, as far as a deployment needs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from kotadb_local.deployment.failures import AccountUnknown, DeploymentError, StackMissing

# Deleting network interfaces of functions inside a VPC alone may take 20 minutes.
DELETE_POLL_SECONDS = 10
DELETE_POLLS = 360


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedStack:
    """A stack as it stands."""

    name: str
    status: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]

    @property
    def is_planned(self) -> bool:
        """Whether change sets were made for it and none was executed: it has only its name."""
        return self.status == "REVIEW_IN_PROGRESS"

    @property
    def is_changing(self) -> bool:
        """Whether something works on it that will end by itself."""
        return self.status.endswith("_IN_PROGRESS") and not self.is_planned


class Account:
    """The account of the credentials that this process finds.

    Raises (every method): DeploymentError, when AWS refuses or cannot be reached.
    """

    def __init__(self, *, region: str | None = None) -> None:
        session = boto3.session.Session(region_name=region)
        if session.region_name is None:
            raise AccountUnknown(
                "no AWS region is set: give --region, or set AWS_REGION, or run aws configure"
            )
        self.region: str = session.region_name
        self._session = session
        with _told():
            self.number: str = session.client("sts").get_caller_identity()["Account"]
        self._stacks = session.client("cloudformation")

    def stack(self, name: str) -> DeployedStack | None:
        """The stack of that name; None where there is none."""
        try:
            (found,) = self._stacks.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise _failure(error) from None
        except BotoCoreError as error:
            raise _failure(error) from None
        return DeployedStack(
            name=name,
            status=found["StackStatus"],
            parameters={
                one["ParameterKey"]: one["ParameterValue"] for one in found.get("Parameters", ())
            },
            outputs={one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", ())},
        )

    def resources(self, name: str) -> Counter[str]:
        """How many resources of each type the stack has."""
        with _told():
            pages = self._stacks.get_paginator("list_stack_resources").paginate(StackName=name)
            return Counter(
                one["ResourceType"] for page in pages for one in page["StackResourceSummaries"]
            )

    def open_change_sets(self, name: str) -> set[str]:
        """The change sets of the stack that were made and are not executed, by their ARNs."""
        with _told():
            pages = self._stacks.get_paginator("list_change_sets").paginate(StackName=name)
            return {
                one["ChangeSetId"]
                for page in pages
                for one in page["Summaries"]
                if one["ExecutionStatus"] == "AVAILABLE"
            }

    def first_failure(self, name: str) -> str | None:
        """The first resource that failed in the newest change of the stack, and its reason."""
        with _told():
            pages = self._stacks.get_paginator("describe_stack_events").paginate(StackName=name)
            return first_failed((one for page in pages for one in page["StackEvents"]), name)

    def delete(self, name: str, *, poll_seconds: float = DELETE_POLL_SECONDS) -> None:
        """Delete the stack and wait until it is gone.

        Raises:
            DeploymentError: some of it could not be deleted, or it takes longer than an hour.
        """
        with _told():
            self._stacks.delete_stack(StackName=name)
            try:
                self._stacks.get_waiter("stack_delete_complete").wait(
                    StackName=name,
                    WaiterConfig={"Delay": poll_seconds, "MaxAttempts": DELETE_POLLS},
                )
            except WaiterError:
                reason = self.first_failure(name) or "CloudFormation's console says why"
                raise DeploymentError(f"{name} is not deleted. {reason}") from None

    def make_secret(self, name: str, text: str) -> str:
        """The ARN of a new secret.

        Raises:
            DeploymentError: there is one of that name already; its text is left as it is.
        """
        store = self._session.client("secretsmanager")
        try:
            made = store.create_secret(Name=name, SecretString=text)
        except store.exceptions.ResourceExistsException:
            with _told():
                arn = store.describe_secret(SecretId=name)["ARN"]
            raise DeploymentError(
                f"there is a secret {name} already, and it was left as it is. To use it, answer "
                f"with {arn}; to change it, run aws secretsmanager put-secret-value"
            ) from None
        except (BotoCoreError, ClientError) as error:
            raise _failure(error) from None
        return str(made["ARN"])


def first_failed(events: Iterable[Mapping[str, Any]], stack: str) -> str | None:
    """The first resource that failed in the newest of these changes, and why.

    The events are those of CloudFormation, newest first, and are read back to the beginning of the
    change only. What was given up because of another's failure is passed over. None: nothing
    failed.
    """
    failed = None
    for one in events:
        if one["LogicalResourceId"] == stack and one["ResourceStatus"] in _BEGINS:
            break
        reason = one.get("ResourceStatusReason", "")
        if one["ResourceStatus"].endswith("_FAILED") and "cancelled" not in reason.lower():
            failed = f"{one['LogicalResourceId']}: {reason}"
    return failed


_BEGINS = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"}


def _failure(error: Exception) -> DeploymentError:
    if isinstance(error, ClientError):
        told: dict[str, Any] = error.response["Error"]
        if told["Code"] in {"ExpiredToken", "InvalidClientTokenId", "UnrecognizedClientException"}:
            return AccountUnknown(
                "AWS does not know these credentials any more: sign in again (aws sso login)"
            )
        return DeploymentError(f"AWS refuses: {told['Code']}, {told.get('Message', '')}")
    if type(error).__name__ in {"NoCredentialsError", "PartialCredentialsError"}:
        return AccountUnknown(
            "no AWS credentials were found: run aws configure or aws sso login, or set AWS_PROFILE"
        )
    return DeploymentError(f"AWS cannot be asked: {error}")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise _failure(error) from None


def need_stack(found: DeployedStack | None, name: str, region: str) -> DeployedStack:
    """The stack.

    Raises:
        StackMissing: there is none.
    """
    if found is None:
        raise StackMissing(f"there is no stack {name} in {region}")
    return found
