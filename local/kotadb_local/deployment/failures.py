"""What keeps a deployment from going on. Each text says what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.errors import KotaError


class DeploymentError(KotaError):
    """The deployment stops; what was done until then stays."""

    code = "deployment_stopped"


class NotBuilt(DeploymentError):
    """The artifacts of `make build`, or its tools, are not there."""

    code = "not_built"

    def __init__(self, missing: str) -> None:
        super().__init__(f"{missing} is not there: run make build first")


class AccountUnknown(DeploymentError):
    """AWS does not know who asks, or nobody said in which region."""

    code = "account_unknown"


class ParameterInvalid(DeploymentError):
    """A parameter is none of the template's, or has a value that it does not take."""

    code = "parameter_invalid"


class ParametersRefused(DeploymentError):
    """Parameters do not go together, as the Rules of the template say."""

    code = "parameters_refused"

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))


class StackMissing(DeploymentError):
    """There is no stack of this name in the account and region."""

    code = "stack_missing"


class StackBusy(DeploymentError):
    """The stack is being changed, or was left in a state that nothing can be deployed to."""

    code = "stack_busy"


class SamFailed(DeploymentError):
    """`sam deploy` ended with an error; it has said which."""

    code = "sam_failed"


class Unhealthy(DeploymentError):
    """The stack was deployed, and does not answer as it should."""

    code = "unhealthy"


class NotConfirmed(DeploymentError):
    """The person said no, or something else than was asked for. Nothing was changed."""

    code = "not_confirmed"
