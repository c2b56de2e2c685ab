"""Secrets that the environment names by their ARN, read from AWS Secrets Manager.

Where `X_SECRET_ARN` is set (and `X` is not), `X` is the text of that secret. A value is kept for
SECRET_MAX_AGE_SECONDS, so what was rotated is picked up by running environments too.

A secret of a database is a connection string, or the JSON that RDS keeps: `username`, `password`,
and where it has them `host`, `port` and `dbname`. What it lacks of these the environment says, in
DATABASE_HOST, DATABASE_PORT and DATABASE_NAME. What either lacks about its encryption
DATABASE_SSLMODE and DATABASE_SSLROOTCERT say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from indexer.errors import ConfigurationError, ServiceUnavailable

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

SECRET_MAX_AGE_SECONDS = 300

# Two tries end within the API's ten seconds, so that a store that hangs costs no environment: what
# it keeps would go with it. The first secret that cannot be read ends the reading.
CONNECT_SECONDS = 1
ANSWER_SECONDS = 2
MOST_TRIES = 2

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


class SecretUnusable(ConfigurationError):
    """A secret of a database says not where it is or who connects. It is never repeated."""

    code = "secret_unusable"

    def __init__(self, variable: str, why: str) -> None:
        super().__init__(
            f"the secret of {variable} cannot be used: {why}. It is a connection string, or JSON "
            "with username and password, and DATABASE_HOST says where the database is"
        )


def with_secrets(environment: Mapping[str, str], *, anew: bool = False) -> dict[str, str]:
    """The environment with the secrets it names filled in; unchanged where it names none.

    `anew`: none of those that are kept here, however old they are by the clock of this machine.

    Raises:
        SecretUnreadable: one of them cannot be read.
        SecretUnusable: the secret of a database is no connection string and does not make one.
    """
    complete = dict(environment)
    for name, arn_variable in SECRET_VARIABLES.items():
        arn = complete.get(arn_variable, "").strip()
        if not arn or complete.get(name, "").strip():
            continue
        if name.endswith("DATABASE_URL"):
            complete[name] = database_secret(arn, environment, variable=arn_variable, anew=anew)
        else:
            complete[name] = _read(arn, arn_variable, anew=anew)
    return complete


def database_secret(
    arn: str, environment: Mapping[str, str], *, variable: str, anew: bool = False
) -> str:
    """The connection string that a secret is or makes. `variable` is what an error calls it.

    `anew` is as of `with_secrets`.

    Raises:
        SecretUnreadable, SecretUnusable: as `with_secrets`.
    """
    text = _read(arn, variable, anew=anew)
    if text.lstrip().startswith("{"):
        text = _connection_string(text, environment, variable)
    return _encrypted(text.strip(), environment)


def _connection_string(text: str, environment: Mapping[str, str], variable: str) -> str:
    try:
        held = json.loads(text)
    except ValueError:
        raise SecretUnusable(variable, "it is no JSON") from None
    login = [held.get("username"), held.get("password")]
    if not all(isinstance(one, str) and one for one in login):
        raise SecretUnusable(variable, "it has no username or no password")
    host = held.get("host") or environment.get("DATABASE_HOST", "").strip()
    if not host:
        raise SecretUnusable(variable, "it has no host")
    port = held.get("port") or environment.get("DATABASE_PORT", "").strip() or "5432"
    dbname = held.get("dbname") or environment.get("DATABASE_NAME", "").strip() or "postgres"
    user, password, place, database = (quote(str(one), safe="") for one in (*login, host, dbname))
    return f"postgresql://{user}:{password}@{place}:{port}/{database}"


@cache
def secrets_provider() -> SecretsProvider:
    """The one reader of secrets, which keeps each for its age and gives up early."""
    from aws_lambda_powertools.utilities.parameters import SecretsProvider
    from botocore.config import Config

    return SecretsProvider(
        boto_config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            retries={"total_max_attempts": MOST_TRIES},
        )
    )


def _encrypted(url: str, environment: Mapping[str, str]) -> str:
    """The connection string, with what the environment says of encryption and it does not."""
    try:
        parts = urlsplit(url)
    except ValueError:
        # Whoever reads it says what is wrong.
        return url
    said = parse_qs(parts.query, keep_blank_values=True)
    wanted = {
        "sslmode": environment.get("DATABASE_SSLMODE", "").strip(),
        "sslrootcert": environment.get("DATABASE_SSLROOTCERT", "").strip(),
    }
    added = {name: value for name, value in wanted.items() if value and name not in said}
    if not added:
        return url
    query = "&".join(filter(None, (parts.query, urlencode(added))))
    return parts._replace(query=query).geturl()


def _read(arn: str, variable: str, *, anew: bool) -> str:
    from aws_lambda_powertools.utilities import parameters

    try:
        value = secrets_provider().get(arn, max_age=SECRET_MAX_AGE_SECONDS, force_fetch=anew)
    except parameters.GetParameterError:
        raise SecretUnreadable(variable) from None
    # A binary secret is none of ours.
    if not isinstance(value, str) or not value:
        raise SecretUnreadable(variable)
    return value
