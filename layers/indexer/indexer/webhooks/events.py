"""What a delivery of GitHub says, as far as it concerns an index.

Fields: https://docs.github.com/webhooks/webhook-events-and-payloads. A body was signed, and is all
the same read as if it was not: what it names must be of the kind and size that GitHub sends.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from indexer.database.texts import storable
from indexer.errors import Refused
from indexer.git.refs import CommitInvalid, RefInvalid, parse_commit_sha, parse_ref
from indexer.git.remote import HostNotAllowed, Remote, RepositoryInvalid
from indexer.github.installations import InstallationState
from indexer.settings import Settings

LARGEST_ID: Final = 2**63 - 1
LONGEST_LOGIN: Final = 100
# GitHub adds up to 10,000 repositories to one installation at once; so many numbers are read.
MOST_REPOSITORIES: Final = 10_000
_BRANCH: Final = "refs/heads/"
_NO_COMMIT: Final = "0" * 40


class DeliveryMalformed(Refused):
    """A delivery is signed, and is none that GitHub sends."""

    code = "delivery_malformed"
    status: ClassVar[int] = 400

    def __init__(self, what: str) -> None:
        super().__init__(f"The delivery cannot be read: {what}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRepository:
    """A repository as a delivery tells of it; `remote` is where it is fetched from now."""

    github_id: int
    owner_id: int
    remote: Remote
    private: bool
    default_branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A branch stands at a commit, or is gone (None)."""

    repository: ToldRepository
    branch: str
    commit_sha: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryChanged:
    """A repository is as told here; `formerly` are addresses that it had before."""

    repository: ToldRepository
    formerly: tuple[str, ...]
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationChanged:
    """An installation is as told here; `lost` are the repositories that it no longer reaches.

    `state` is None where it is not what is told of: deliveries may come late, and one about
    repositories may be older than the installation's end.
    """

    installation_id: int
    account_id: int
    account_login: str
    state: InstallationState | None
    all_repositories: bool
    lost: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ping:
    """GitHub tries whether anybody is there."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing that an index needs to know."""


Event = Push | RepositoryChanged | InstallationChanged | Ping | Ignored


def read_delivery(event: str, body: bytes, settings: Settings) -> Event:
    """What a signed body says. `event` is what X-GitHub-Event names.

    Raises:
        DeliveryMalformed: it is no such body.
    """
    read = _READERS.get(event)
    if read is None:
        return Ignored()
    return read(_object(_parsed(body), "the body"), settings)


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise DeliveryMalformed("it is not JSON") from None


def _push(payload: Mapping[str, Any], settings: Settings) -> Event:
    ref = _text(payload, "ref", limit=1024 + len(_BRANCH))
    repository = _repository(payload, settings)
    if repository is None or not ref.startswith(_BRANCH):
        return Ignored()
    try:
        branch = parse_ref(ref.removeprefix(_BRANCH))
        after = parse_commit_sha(_text(payload, "after", limit=64))
    except (RefInvalid, CommitInvalid):
        raise DeliveryMalformed("its ref or its commit is none") from None
    return Push(
        repository=repository,
        branch=branch,
        commit_sha=None if after == _NO_COMMIT else after,
    )


def _repository_event(payload: Mapping[str, Any], settings: Settings) -> Event:
    repository = _repository(payload, settings)
    if repository is None:
        return Ignored()
    return RepositoryChanged(
        repository=repository,
        formerly=_former_addresses(payload, repository.remote),
        gone=payload.get("action") == "deleted",
    )


def _installation_event(payload: Mapping[str, Any], settings: Settings) -> Event:
    told = _installation_repositories_event(payload, settings)
    state = InstallationState.ACTIVE
    if payload.get("action") == "deleted":
        state = InstallationState.DELETED
    elif payload["installation"].get("suspended_at") is not None:
        state = InstallationState.SUSPENDED
    return replace(told, state=state)


def _installation_repositories_event(
    payload: Mapping[str, Any], _settings: Settings
) -> InstallationChanged:
    installation = _object(payload.get("installation"), "installation")
    account = _object(installation.get("account"), "installation.account")
    return InstallationChanged(
        installation_id=_number(installation, "id"),
        account_id=_number(account, "id"),
        account_login=_text(account, "login", limit=LONGEST_LOGIN),
        state=None,
        all_repositories=installation.get("repository_selection") == "all",
        lost=_lost(payload),
    )


def _ping(_payload: Mapping[str, Any], _settings: Settings) -> Event:
    return Ping()


_READERS: Final[dict[str, Callable[[Mapping[str, Any], Settings], Event]]] = {
    "installation": _installation_event,
    "installation_repositories": _installation_repositories_event,
    "ping": _ping,
    "push": _push,
    "repository": _repository_event,
}


def _repository(payload: Mapping[str, Any], settings: Settings) -> ToldRepository | None:
    """The repository that a delivery is about; None: of a host that nothing is fetched from."""
    told = _object(payload.get("repository"), "repository")
    private = told.get("private")
    if not isinstance(private, bool):
        raise DeliveryMalformed("repository.private is missing")
    try:
        remote = Remote.parse(
            _text(told, "clone_url", limit=2048),
            allowed_hosts=settings.allowed_hosts,
            allow_local=settings.allow_local_repositories,
        )
        default_branch = parse_ref(_text(told, "default_branch", limit=1024))
    except HostNotAllowed:
        return None
    except (RepositoryInvalid, RefInvalid):
        raise DeliveryMalformed("its repository cannot be fetched from") from None
    return ToldRepository(
        github_id=_number(told, "id"),
        owner_id=_number(_object(told.get("owner"), "repository.owner"), "id"),
        remote=remote,
        private=private,
        default_branch=default_branch,
    )


def _former_addresses(payload: Mapping[str, Any], now: Remote) -> tuple[str, ...]:
    """The address before a change of the name or of the owner, in the form of today's."""
    changes = payload.get("changes")
    if not isinstance(changes, Mapping):
        return ()
    owner, _, name = now.full_name.rpartition("/")
    former_name = _told_before(changes, ("repository", "name", "from")) or name
    former_owner = (
        _told_before(changes, ("owner", "from", "user", "login"))
        or _told_before(changes, ("owner", "from", "organization", "login"))
        or owner
    )
    if (former_owner, former_name) == (owner, name):
        return ()
    base = now.location.removesuffix(f"/{now.full_name}.git")
    return (f"{base}/{former_owner}/{former_name}.git",)


def _told_before(changes: Mapping[str, Any], path: Sequence[str]) -> str | None:
    value: object = changes
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    if isinstance(value, str) and len(value) <= LONGEST_LOGIN and storable(value):
        return value
    return None


def _lost(payload: Mapping[str, Any]) -> tuple[int, ...]:
    removed = payload.get("repositories_removed") or ()
    if not isinstance(removed, Sequence) or isinstance(removed, str):
        raise DeliveryMalformed("repositories_removed is no list")
    return tuple(
        _number(_object(one, "repositories_removed"), "id") for one in removed[:MOST_REPOSITORIES]
    )


def _object(value: object, what: str) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise DeliveryMalformed(f"{what} is no object")


def _text(holder: Mapping[str, Any], name: str, *, limit: int) -> str:
    value = holder.get(name)
    if isinstance(value, str) and 1 <= len(value) <= limit and storable(value):
        return value
    raise DeliveryMalformed(f"{name} is missing or unusable")


def _number(holder: Mapping[str, Any], name: str) -> int:
    value = holder.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID:
        return value
    raise DeliveryMalformed(f"{name} is no number that GitHub gives")
