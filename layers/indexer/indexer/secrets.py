"""Secrets that the environment names by their ARN, read from AWS Secrets Manager.

Where `X_SECRET_ARN` is set (and `X` is not), `X` is the text of that secret. A value is kept for
SECRET_MAX_AGE_SECONDS, so what was rotated is picked up by running environments too.
"""

from __future__ import annotations

from collections.abc import Mapping

from indexer.errors import ConfigurationError, ServiceUnavailable

SECRET_MAX_AGE_SECONDS = 300

# The setting that a secret gives, and the variable that says where the secret is.
SECRET_VARIABLES = {
    "DATABASE_URL": "DATABASE_SECRET_ARN",
    "MIGRATION_DATABASE_URL": "MIGRATION_DATABASE_SECRET_ARN",
    "API_KEY_PEPPER": "API_KEY_PEPPER_SECRET_ARN",
    "ADMIN_API_KEY": "ADMIN_API_KEY_SECRET_ARN",
    "GITHUB_APP_PRIVATE_KEY": "GITHUB_APP_PRIVATE_KEY_SECRET_ARN",
    "GITHUB_WEBHOOK_SECRET": "GITHUB_WEBHOOK_SECRET_ARN",
}


class SecretUnreadable(ServiceUnavailable, ConfigurationError):
    """A secret of the service cannot be read for now."""

    code = "secret_unreadable"

    def __init__(self, variable: str) -> None:
        super().__init__(f"the secret that {variable} names cannot be read")


def with_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with the secrets it names filled in; unchanged where it names none.

    Raises:
        SecretUnreadable: one of them cannot be read.
    """
    complete = dict(environment)
    for name, arn_variable in SECRET_VARIABLES.items():
        arn = complete.get(arn_variable, "").strip()
        if arn and not complete.get(name, "").strip():
            complete[name] = _read(arn, arn_variable)
    return complete


def _read(arn: str, variable: str) -> str:
    from aws_lambda_powertools.utilities import parameters

    try:
        value = parameters.get_secret(arn, max_age=SECRET_MAX_AGE_SECONDS)
    except parameters.GetParameterError:
        raise SecretUnreadable(variable) from None
    if not value:
        raise SecretUnreadable(variable)
    return value
