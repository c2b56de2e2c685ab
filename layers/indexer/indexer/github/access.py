"""How a tenant's repository is read: with a token of the App where one is due, else as anybody.

An installation serves the one tenant that an operator linked it to. Who it belongs to is asked anew
for every job, so a link that was taken back is of no use with the next one. Nobody learns of an
installation that is another's: to be refused looks the same whether there is one or not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, Self, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from indexer.database.connection import Database
from indexer.errors import JobError
from indexer.git.failures import AuthenticationRequired, RepositoryNotFound
from indexer.git.remote import Remote
from indexer.github.answers import Installation, InstallationToken, is_full_name
from indexer.github.failures import (
    AppKeyUnusable,
    AppNotConfigured,
    AppRefused,
    InstallationSuspended,
)
from indexer.github.installations import InstallationState
from indexer.github.rest import GitHubApi
from indexer.github.tokens import InstallationTokens
from indexer.observability import logger
from indexer.settings import Settings

REFUSALS: Final = (AuthenticationRequired, RepositoryNotFound)
# GitHub's own API has a host of its own; that of an Enterprise Server is its repositories' too.
HOSTS: Final = {"api.github.com": "github.com"}

T = TypeVar("T")
Read = Callable[[str | None], T]


def host_of_repositories(settings: Settings) -> str:
    """The host that GitHub's repositories are fetched from."""
    host = urlsplit(settings.github_api_url).hostname or ""
    return HOSTS.get(host, host)


class RepositoryAccess:
    """Reads repositories for tenants. Without an `api` everything is read as anybody may.

    `host` is where the App's tokens are good; they are sent nowhere else.
    """

    def __init__(self, api: GitHubApi | None = None, *, host: str = "") -> None:
        self._api = api
        self._host = host
        self._tokens = None if api is None else InstallationTokens(_Source(api))

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The access that this process has.

        Raises:
            SettingUnusable: GITHUB_API_URL is for the local run, and this is none.
        """
        try:
            api = GitHubApi.from_settings(settings)
        except AppNotConfigured:
            return cls()
        return cls(api, host=host_of_repositories(settings))

    def read(self, database: Database, tenant_id: UUID, remote: Remote, read: Read[T]) -> T:
        """What `read` makes of a token that opens the repository to this tenant, or of None.

        `read` is called again where another credential may do better: after a token was refused,
        and where a repository turns out to be one that is not for everybody.

        Raises:
            JobError: as `read`; of a repository that not everybody may read also why the tenant's
                installation is of no help.
        """
        ours = remote.host == self._host and is_full_name(remote.full_name)
        if self._tokens is None or not ours:
            return read(None)
        owner, _, _ = remote.full_name.partition("/")
        linked = database.fetch_one("installation_of_tenant", tenant_id=tenant_id, login=owner)
        if linked is None:
            return self._as_anybody(database, tenant_id, remote, read)
        try:
            return self._with_token(
                linked["installation_id"],
                remote,
                read,
                suspended=linked["state"] == InstallationState.SUSPENDED,
            )
        except _NoToken as no_token:
            failure = no_token.failure
        logger.info("the App gives no token; reading as anybody", error_code=failure.code)
        try:
            return read(None)
        except REFUSALS:
            raise failure from None

    def _with_token(
        self, installation_id: int, remote: Remote, read: Read[T], *, suspended: bool
    ) -> T:
        """Read with a token; one that opens nothing is replaced once.

        A token is for the repository that had the name when it was made. Where another one has the
        name since, GitHub says to the token's bearer that nothing is there.

        Raises:
            _NoToken: GitHub gives none.
        """
        if suspended:
            raise _NoToken(InstallationSuspended())
        if self._tokens is None:
            raise AssertionError("without an App there is no installation")
        name = remote.full_name.rpartition("/")[2]
        return self._tokens.used(installation_id, name, read, refusals=REFUSALS)

    def _as_anybody(self, database: Database, tenant_id: UUID, remote: Remote, read: Read[T]) -> T:
        """Read as anybody; what is refused may be the tenant's by an account's new name."""
        try:
            return read(None)
        except REFUSALS as refusal:
            installation = self._learnt(remote)
            if installation is None or note(database, installation) != tenant_id:
                raise
            refused = refusal
        try:
            return self._with_token(installation.id, remote, read, suspended=installation.suspended)
        except _NoToken:
            raise refused from None

    def _learnt(self, remote: Remote) -> Installation | None:
        """The installation that reaches a repository, as GitHub says; None also if it says nothing.

        That the App has a trouble is no reason to try a name again and again that is not there.
        """
        if self._api is None:
            return None
        try:
            return self._api.installation_of(remote.full_name)
        except (JobError, AppKeyUnusable) as failure:
            logger.warning("GitHub does not say whose repository it is", error_code=failure.code)
            return None


class _NoToken(Exception):
    """GitHub gave no token, and why."""

    def __init__(self, failure: JobError) -> None:
        super().__init__()
        self.failure = failure


class _Source:
    """The API's tokens; why there is none is told apart from why a read failed."""

    def __init__(self, api: GitHubApi) -> None:
        self._api = api

    def installation_token(
        self, installation_id: int, repository: str | None = None
    ) -> InstallationToken:
        try:
            return self._api.installation_token(installation_id, repository)
        except JobError as failure:
            raise _NoToken(failure) from None
        except AppKeyUnusable as unusable:
            logger.warning("the App cannot sign", error_code=unusable.code)
            raise _NoToken(AppRefused()) from None


def note(
    database: Database, installation: Installation, *, asked_at: datetime | None = None
) -> UUID | None:
    """Note an installation as GitHub answers of it; the tenant that it is linked to.

    What was heard of it after `asked_at`, the time of the question, stays as it is.
    """
    row = database.fetch_one(
        "note_listed_installation",
        installation_id=installation.id,
        account_id=installation.account_id,
        account_login=installation.account_login,
        state=(
            InstallationState.SUSPENDED if installation.suspended else InstallationState.ACTIVE
        ).value,
        all_repositories=installation.repository_selection == "all",
        asked_at=asked_at,
    )
    return None if row is None else row["tenant_id"]
