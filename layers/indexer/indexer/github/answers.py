"""What GitHub's REST API answers, as values. Whatever has another shape is refused as a whole."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias

from indexer.github.failures import GitHubMisbehaved

Document: TypeAlias = dict[str, Any]

LONGEST_TEXT: Final = 4096
LARGEST_ID: Final = 2**63 - 1
# A token goes into a header and, at the git host, into credentials; nothing else fits in both.
TOKEN: Final = re.compile(r"[A-Za-z0-9_.-]{1,4096}", re.ASCII)
COMMIT_SHA: Final = re.compile(r"[0-9a-f]{40}", re.ASCII)
FULL_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}", re.ASCII)
SELECTIONS: Final = frozenset({"all", "selected"})


class Installation(NamedTuple):
    """The App on one account. `repository_selection` is "all" or "selected"."""

    id: int
    account_login: str
    account_id: int
    account_type: str
    suspended: bool
    repository_selection: str


class Repository(NamedTuple):
    """A repository as GitHub knows it; `full_name` is its name by now, `default_branch` its HEAD's.

    `github_id` stays the same when the repository is renamed or moves to another account, whose
    number `owner_id` is.
    """

    github_id: int
    owner_id: int
    full_name: str
    private: bool
    default_branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationToken:
    """A token and its end, by GitHub's clock; `lifetime_seconds` from the moment of the answer."""

    token: str = field(repr=False)
    expires_at: datetime
    lifetime_seconds: float


def is_full_name(text: str) -> bool:
    """Whether a repository may be called so: "owner/name"."""
    return FULL_NAME.fullmatch(text) is not None and {".", ".."}.isdisjoint(text.split("/"))


def document(body: bytes) -> Document:
    """The JSON object in `body`.

    Raises:
        GitHubMisbehaved: there is none.
    """
    try:
        return _object(json.loads(body))
    except (ValueError, RecursionError):
        raise GitHubMisbehaved from None


def documents(body: bytes, *, within: str | None = None) -> list[Document]:
    """The JSON objects of a list, which may be a member of an object.

    Raises:
        GitHubMisbehaved: there is no such list.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise GitHubMisbehaved from None
    if within is not None:
        found = _object(found).get(within)
    if not isinstance(found, list):
        raise GitHubMisbehaved
    return [_object(one) for one in found]


def message(body: bytes) -> str:
    """What an error says of itself in lower case, to tell errors of one status apart; or nothing.

    It must go nowhere else.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    told = found.get("message") if isinstance(found, dict) else None
    return told.lower() if isinstance(told, str) else ""


def installation(found: Document) -> Installation | None:
    """The installation; None for one that no user and no organisation has.

    Raises:
        GitHubMisbehaved: it is no installation.
    """
    # Of an account that was deleted nothing is told, and an enterprise owns no repositories.
    if found.get("account", 0) is None or found.get("target_type") == "Enterprise":
        return None
    account = _object(found.get("account"))
    suspended_at = found.get("suspended_at")
    if suspended_at is not None and not isinstance(suspended_at, str):
        raise GitHubMisbehaved
    selection = _text(found, "repository_selection")
    if selection not in SELECTIONS:
        raise GitHubMisbehaved
    return Installation(
        id=_id(found, "id"),
        account_login=_text(account, "login"),
        account_id=_id(account, "id"),
        account_type=_text(account, "type"),
        suspended=suspended_at is not None,
        repository_selection=selection,
    )


def repository(found: Document) -> Repository:
    """The repository.

    Raises:
        GitHubMisbehaved: it is none.
    """
    private, full_name = found.get("private"), _text(found, "full_name")
    if not isinstance(private, bool) or not is_full_name(full_name):
        raise GitHubMisbehaved
    return Repository(
        github_id=_id(found, "id"),
        owner_id=_id(_object(found.get("owner")), "id"),
        full_name=full_name,
        private=private,
        default_branch=_text(found, "default_branch"),
    )


def installation_token(found: Document, *, now: float, repository: str | None) -> InstallationToken:
    """The token, which must be for `repository` alone if one was asked for.

    `now` is the moment of the answer by the clock that `expires_at` was told by, in Unix seconds.

    Raises:
        GitHubMisbehaved: it is no token, or reaches further.
    """
    token, reaches = _text(found, "token"), found.get("repositories")
    if not TOKEN.fullmatch(token):
        raise GitHubMisbehaved
    if repository is not None and reaches is not None:
        if not isinstance(reaches, list) or len(reaches) != 1:
            raise GitHubMisbehaved
        if _text(_object(reaches[0]), "name").lower() != repository.lower():
            raise GitHubMisbehaved
    expires_at = _moment(found, "expires_at")
    return InstallationToken(
        token=token, expires_at=expires_at, lifetime_seconds=expires_at.timestamp() - now
    )


def branch_head(found: Document) -> tuple[str, str]:
    """The name of the branch that was found, and the commit at its head.

    Raises:
        GitHubMisbehaved: it is no branch.
    """
    sha = _text(_object(found.get("commit")), "sha")
    if not COMMIT_SHA.fullmatch(sha):
        raise GitHubMisbehaved
    return _text(found, "name"), sha


def _object(value: object) -> Document:
    if not isinstance(value, dict):
        raise GitHubMisbehaved
    return value


def _text(found: Document, name: str) -> str:
    value = found.get(name)
    # Neither can be stored, and no name of GitHub's has either.
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT or not value.isprintable():
        raise GitHubMisbehaved
    return value


def _id(found: Document, name: str) -> int:
    value = found.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= LARGEST_ID:
        raise GitHubMisbehaved
    return value


def _moment(found: Document, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(found, name))
        _ = moment.timestamp()
    except (ValueError, OverflowError):
        raise GitHubMisbehaved from None
    if moment.tzinfo is None:
        raise GitHubMisbehaved
    return moment
