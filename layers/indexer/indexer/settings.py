"""Every number and switch of the product, read once from the environment at the edge.

Each setting is one line below: its variable, its default and its meaning. The numbers of the queue
are those of the published contract.

Read elsewhere, since it is no setting of the product: where the database and the secrets are
(`database.target`, `secrets`, `environment`), what Lambda and Powertools call this function
(`observability`), and what a child process is given of its parent's environment (`sandbox.forking`,
`git.transport`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from textwrap import wrap
from typing import Any

from indexer.errors import ConfigurationError

MEBIBYTE = 1024 * 1024
SHORTEST_SECRET = 32
# A run whose time is over has 5 seconds to hear of it. Then its connection is cut, and another one
# says what became of it.
SHORTEST_RESERVE_SECONDS = 10.0
PRIVATE_KEY = re.compile(r"-----BEGIN ((?:RSA )?PRIVATE KEY)-----([^-]*)-----END \1-----")
API_URL = r"(https://[\w.-]+|http://(localhost|127\.0\.0\.1))(:\d{1,5})?(/[\w.-]+)*/?"

Network = IPv4Network | IPv6Network


class SettingUnusable(ConfigurationError):
    """A setting holds a value that cannot be used. The value itself is never repeated."""

    code = "setting_unusable"

    def __init__(self, *, variable: str, wanted: str) -> None:
        super().__init__(f"{variable} cannot be used: it must be {wanted}")
        self.variable = variable


def _whole_number(text: str, variable: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise SettingUnusable(variable=variable, wanted="a whole number") from None
    if number < 0:
        raise SettingUnusable(variable=variable, wanted="zero or more")
    return number


def _number(text: str, variable: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise SettingUnusable(variable=variable, wanted="a number of seconds") from None
    if not 0 <= number < float("inf"):
        raise SettingUnusable(variable=variable, wanted="a number of seconds, zero or more")
    return number


def _team(text: str, variable: str) -> int:
    size = _whole_number(text, variable)
    if size < 1:
        raise SettingUnusable(
            variable=variable, wanted="1 or more; for none set WORKER_ENABLED to false"
        )
    return size


def _reserve(text: str, variable: str) -> float:
    seconds = _number(text, variable)
    if seconds < SHORTEST_RESERVE_SECONDS:
        raise SettingUnusable(
            variable=variable,
            wanted=f"at least {SHORTEST_RESERVE_SECONDS:g} seconds, which a run may take to end "
            "when its JOB_SECONDS are over",
        )
    return seconds


def _switch(text: str, variable: str) -> bool:
    word = text.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise SettingUnusable(variable=variable, wanted="true or false")


def _text(text: str, _variable: str) -> str:
    return text


def _words(text: str, _variable: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _secrets(text: str, variable: str) -> tuple[str, ...]:
    """One secret, or while it is being changed two, the one to go on with first."""
    found = tuple(text.split())
    if len(found) > 2:  # noqa: PLR2004 - the one in use and the one that takes its place
        raise SettingUnusable(variable=variable, wanted="one or two values and a space between")
    return found


def _long_secrets(text: str, variable: str) -> tuple[str, ...]:
    found = _secrets(text, variable)
    if any(len(one) < SHORTEST_SECRET for one in found):
        raise SettingUnusable(
            variable=variable,
            wanted=f"one or two values of at least {SHORTEST_SECRET} characters; "
            "openssl rand -hex 32 makes one",
        )
    return found


def _private_keys(text: str, variable: str) -> tuple[str, ...]:
    """One private key in PEM, or two; line ends may be lost, or be written as a backslash and n."""
    unfolded = re.sub(r"\\r|\\n|\r", "\n", text)
    found = PRIVATE_KEY.findall(unfolded)
    if not 1 <= len(found) <= 2 or PRIVATE_KEY.sub("", unfolded).strip():  # noqa: PLR2004 - as above
        raise SettingUnusable(
            variable=variable, wanted="one or two RSA private keys in PEM and nothing around them"
        )
    return tuple(
        "\n".join(
            [f"-----BEGIN {kind}-----", *wrap("".join(body.split()), 64), f"-----END {kind}-----"]
        )
        for kind, body in found
    )


def _matching(pattern: str, wanted: str) -> Callable[[str, str], str]:
    def read(text: str, variable: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise SettingUnusable(variable=variable, wanted=wanted)
        return text

    return read


def _networks(text: str, variable: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(word) for word in _words(text, variable))
    except ValueError:
        raise SettingUnusable(
            variable=variable,
            wanted="networks in CIDR form with commas between, like 192.0.2.0/24, 2001:db8::/32",
        ) from None


# What these read may be secret, so it is shown nowhere.
_UNSHOWN = (_text, _secrets, _long_secrets, _private_keys)


def _setting(
    variable: str, default: object, read: Callable[[str, str], object], meaning: str
) -> Any:  # noqa: ANN401 - like dataclasses.field, whose type this stands in for
    return field(
        default=default,
        repr=read not in _UNSHOWN,
        metadata={"variable": variable, "read": read, "meaning": meaning},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The configuration of one process. Durations are in seconds, sizes in bytes."""

    # The queue
    retry_limit: int = _setting("RETRY_LIMIT", 3, _whole_number, "retries after the first run")
    retry_delay: int = _setting("RETRY_DELAY", 60, _whole_number, "wait before the first retry")
    retry_delay_max: int = _setting(
        "RETRY_DELAY_MAX", 180, _whole_number, "the doubling of the wait stops here"
    )
    expire_in_hours: int = _setting(
        "EXPIRE_IN_HOURS",
        24,
        _whole_number,
        "a job not finished this long after it was last asked for fails",
    )
    archive_completed_after: int = _setting(
        "ARCHIVE_COMPLETED_AFTER",
        3600,
        _whole_number,
        "a finished queue row is archived after this",
    )
    archive_keep_days: int = _setting(
        "ARCHIVE_KEEP_DAYS", 7, _whole_number, "days an archived queue row is kept"
    )
    job_keep_days: int = _setting(
        "JOB_KEEP_DAYS", 90, _whole_number, "days a finished job and its attempts are kept"
    )
    retired_keep_seconds: int = _setting(
        "RETIRED_KEEP_SECONDS",
        900,
        _whole_number,
        "how long a commit can be read on after a newer one of its ref took its place",
    )
    audit_keep_days: int = _setting(
        "AUDIT_KEEP_DAYS", 90, _whole_number, "days a row of the audit log is kept; at least 30"
    )
    idempotency_hours: int = _setting(
        "IDEMPOTENCY_HOURS", 24, _whole_number, "an Idempotency-Key is remembered for this long"
    )
    worker_team_size: int = _setting(
        "WORKER_TEAM_SIZE", 3, _team, "jobs that may run at one time; at least 1"
    )
    tenant_team_size: int = _setting(
        "TENANT_TEAM_SIZE",
        0,
        _whole_number,
        "jobs of one tenant that may run at one time; 0: as WORKER_TEAM_SIZE",
    )
    worker_enabled: bool = _setting(
        "WORKER_ENABLED",
        default=True,
        read=_switch,
        meaning="off: accepted jobs wait, nothing is leased",
    )
    lease_seconds: float = _setting(
        "LEASE_SECONDS", 30.0, _number, "a lease not renewed for this long is lost"
    )
    heartbeat_seconds: float = _setting(
        "HEARTBEAT_SECONDS",
        5.0,
        _number,
        "pause between two renewals of a lease; less than half of LEASE_SECONDS",
    )
    job_seconds: float = _setting(
        "JOB_SECONDS", 780.0, _number, "one run of a job ends after this, whatever it does"
    )
    invocation_reserve_seconds: float = _setting(
        "INVOCATION_RESERVE_SECONDS",
        60.0,
        _reserve,
        "no lease is taken when less than this would be left of the invocation for the job; "
        "at least 10",
    )
    drain_seconds: float = _setting(
        "DRAIN_SECONDS", 30.0, _number, "how long a stopping worker lets its job run on"
    )

    # The database
    database_connect_seconds: float = _setting(
        "DATABASE_CONNECT_SECONDS", 2.0, _number, "a connection not made by then is given up"
    )
    database_answer_seconds: float = _setting(
        "DATABASE_ANSWER_SECONDS",
        2.5,
        _number,
        "the API gives a connection up on which a statement is silent for this long",
    )
    database_driver: str = _setting(
        "DATABASE_DRIVER", "psycopg", _text, "psycopg or pg8000; both run every statement"
    )
    migration_database_url: str = _setting(
        "MIGRATION_DATABASE_URL",
        "",
        _text,
        "migrations connect here, past a pooler, as a login that may create roles and schemas; "
        "empty: DATABASE_URL",
    )

    # The API
    api_key_peppers: tuple[str, ...] = _setting(
        "API_KEY_PEPPER",
        (),
        _secrets,
        "the hashes of API keys are made under it; of two values new hashes are made under the "
        "first, and both are accepted; empty: plain SHA-256",
    )
    key_overlap_seconds: int = _setting(
        "KEY_OVERLAP_SECONDS",
        86_400,
        _whole_number,
        "how long a key goes on after its holder replaced it, unless the request says",
    )
    health_cache_seconds: float = _setting(
        "HEALTH_CACHE_SECONDS", 10.0, _number, "age at which the figures of /health are read anew"
    )
    job_status_tracking_enabled: bool = _setting(
        "JOB_STATUS_TRACKING_ENABLED",
        default=True,
        read=_switch,
        meaning="off: POST /index answers {runId} only",
    )
    requests_per_hour_free: int = _setting(
        "REQUESTS_PER_HOUR_FREE", 100, _whole_number, "quota of the tier free"
    )
    requests_per_hour_solo: int = _setting(
        "REQUESTS_PER_HOUR_SOLO", 1_000, _whole_number, "quota of the tier solo"
    )
    requests_per_hour_team: int = _setting(
        "REQUESTS_PER_HOUR_TEAM", 10_000, _whole_number, "quota of the tier team"
    )
    worker_function_name: str = _setting(
        "WORKER_FUNCTION_NAME", "", _text, "function to wake after an enqueue; empty: none is woken"
    )

    # The administration
    admin_api_keys: tuple[str, ...] = _setting(
        "ADMIN_API_KEY",
        (),
        _long_secrets,
        "opens the routes under /admin; of two values both do; empty: they are closed",
    )
    admin_allowed_networks: tuple[Network, ...] = _setting(
        "ADMIN_ALLOWED_NETWORKS",
        (),
        _networks,
        "the networks that the routes under /admin answer to; empty: any",
    )

    # GitHub
    github_app_id: str = _setting(
        "GITHUB_APP_ID",
        "",
        _matching(r"[\w.-]{1,64}", "the App's ID or client ID, like 123456"),
        "the ID of the GitHub App that private repositories are read through; empty: none are",
    )
    github_app_private_keys: tuple[str, ...] = _setting(
        "GITHUB_APP_PRIVATE_KEY",
        (),
        _private_keys,
        "the App's private key in PEM; of two the second is used where GitHub refuses the first",
    )
    github_webhook_secrets: tuple[str, ...] = _setting(
        "GITHUB_WEBHOOK_SECRET",
        (),
        _long_secrets,
        "webhooks are signed with it; of two values both are accepted; empty: none is taken",
    )
    webhook_keep_days: int = _setting(
        "WEBHOOK_KEEP_DAYS", 90, _whole_number, "days a delivery is known as one that was received"
    )
    reconcile_repositories: int = _setting(
        "RECONCILE_REPOSITORIES", 500, _whole_number, "repositories of one reconciliation, at most"
    )
    github_api_url: str = _setting(
        "GITHUB_API_URL",
        "https://api.github.com",
        _matching(API_URL, "an https address without anything secret"),
        "where GitHub's REST API answers",
    )

    # Reading repositories
    allowed_hosts: tuple[str, ...] = _setting(
        "ALLOWED_GIT_HOSTS", ("github.com",), _words, "hosts that repositories are fetched from"
    )
    allow_local_repositories: bool = _setting(
        "ALLOW_LOCAL_REPOSITORIES",
        default=False,
        read=_switch,
        meaning="the local run only: paths, file:// and http://",
    )
    fetch_seconds: float = _setting(
        "FETCH_SECONDS", 300.0, _number, "a fetch ends after this, whatever the remote does"
    )
    fetch_max_bytes: int = _setting(
        "FETCH_MAX_BYTES", 512 * MEBIBYTE, _whole_number, "bytes received from the remote"
    )
    fetch_max_inflated_bytes: int = _setting(
        "FETCH_MAX_INFLATED_BYTES", 2048 * MEBIBYTE, _whole_number, "bytes after inflating"
    )
    fetch_max_objects: int = _setting(
        "FETCH_MAX_OBJECTS", 500_000, _whole_number, "objects in the pack"
    )
    fetch_memory_bytes: int = _setting(
        "FETCH_MEMORY_BYTES", 1536 * MEBIBYTE, _whole_number, "address space of the fetching child"
    )
    max_files: int = _setting(
        "MAX_FILES", 100_000, _whole_number, "files of one commit that may be indexed"
    )
    max_file_bytes: int = _setting(
        "MAX_FILE_BYTES", MEBIBYTE, _whole_number, "a larger file is skipped before it is read"
    )
    max_tree_depth: int = _setting(
        "MAX_TREE_DEPTH", 64, _whole_number, "folders below folders that are entered"
    )
    max_tree_entries: int = _setting(
        "MAX_TREE_ENTRIES", 500_000, _whole_number, "files and folders of any kind in one commit"
    )
    index_generated_files: bool = _setting(
        "INDEX_GENERATED_FILES",
        default=False,
        read=_switch,
        meaning="on: sources marked as generated are indexed too",
    )
    parse_file_seconds: float = _setting(
        "PARSE_FILE_SECONDS", 20.0, _number, "a file that takes longer is counted as failed"
    )
    parse_memory_bytes: int = _setting(
        "PARSE_MEMORY_BYTES", 1024 * MEBIBYTE, _whole_number, "address space of a parsing child"
    )
    parse_processes: int = _setting(
        "PARSE_PROCESSES", 0, _whole_number, "parsing children; 0: one for each processor"
    )
    facts_in_memory: int = _setting(
        "FACTS_IN_MEMORY",
        1_000_000,
        _whole_number,
        "symbols, references and the like of one commit held in memory (some 300 bytes each); "
        "the others wait on the disk",
    )
    work_directory: str = _setting(
        "WORK_DIRECTORY",
        "/tmp",  # noqa: S108 - the only writable place in Lambda
        _text,
        "where kotadb-<job-id>/ is made and removed",
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read all settings; an unset or empty variable means its default.

        Raises:
            SettingUnusable: a variable holds something else than its setting takes, or than
                another one lets it be.
        """
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for one in fields(cls):
            variable = one.metadata["variable"]
            if text := environment.get(variable, "").strip():
                values[one.name] = one.metadata["read"](text, variable)
        settings = cls(**values)
        settings._refuse_contradictions()
        return settings

    def _refuse_contradictions(self) -> None:
        if self.heartbeat_seconds * 2 >= self.lease_seconds:
            raise SettingUnusable(
                variable="HEARTBEAT_SECONDS",
                wanted="less than half of LEASE_SECONDS, so that a lease outlives a renewal that "
                "fails",
            )

    @property
    def tenant_cap(self) -> int:
        """Jobs of one tenant that may be ready or running at one time."""
        return self.tenant_team_size or self.worker_team_size

    @property
    def max_runs(self) -> int:
        """Runs in one round: the first and its retries."""
        return self.retry_limit + 1
