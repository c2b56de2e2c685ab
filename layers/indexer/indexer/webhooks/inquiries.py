"""How a repository stands at GitHub, asked with the credential that is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from indexer.github.answers import Repository
from indexer.github.failures import RepositoryNotInstalled
from indexer.github.rest import GitHubApi
from indexer.github.tokens import InstallationTokens

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A tenant's repository as it is known here.

    `installation_id` is the tenant's installation that reads it; None: it is asked about as anybody
    may.
    """

    repository_id: UUID
    clone_url: str
    full_name: str
    heads_checked_at: datetime | None
    installation_id: int | None


@dataclass(frozen=True, slots=True)
class Credential:
    """A token, or none, or where the token for one repository comes from."""

    token: str | None = field(default=None, repr=False)
    source: tuple[InstallationTokens, int, str] | None = field(default=None, repr=False)

    def used(self, use: Callable[[str | None], T]) -> T:
        """What `use` makes of it; a token that was refused is replaced once, where it can be."""
        if self.source is None:
            return use(self.token)
        tokens, installation_id, name = self.source
        return tokens.used(installation_id, name, use)


class Inquiry:
    """One repository that was found, and what else is asked of it."""

    def __init__(self, api: GitHubApi, credential: Credential, repository: Repository) -> None:
        self._api = api
        self._credential = credential
        self.repository = repository

    def head(self, branch: str) -> str | None:
        """The commit at the head of a branch; None if there is no branch of this name.

        Raises:
            KotaError: as `GitHubApi.branch_head`, and what keeps its token from being made.
        """
        name = self.repository.full_name
        return self._credential.used(lambda token: self._api.branch_head(name, branch, token))

    def has_lost(self, branch: str) -> bool:
        """Whether what `head` did not find is gone: it is no tag, and its repository is there.

        Raises:
            KotaError: as `head`.
        """
        name = self.repository.full_name

        def lost(token: str | None) -> bool:
            if self._api.has_tag(name, branch, token):
                return False
            # Of a repository that can be seen no more nothing is found at all.
            seen = self._api.repository(name, token)
            return seen is not None and seen.github_id == self.repository.github_id

        return self._credential.used(lost)


class Inquiries:
    """Asks about repositories for the length of one run."""

    def __init__(self, api: GitHubApi) -> None:
        self._api = api
        self._tokens = InstallationTokens(api)
        self._wide: dict[int, str] = {}

    def about(self, place: Place) -> Inquiry | None:
        """The repository as GitHub knows it now.

        None if it is not there, or hidden: GitHub does not tell these apart. Its number may be
        another one than the place's, whose name has gone to it then.

        Raises:
            KotaError: as `GitHubApi.repository` and `GitHubApi.installation_token`.
        """
        credential = self._due(place.installation_id, place.full_name)
        try:
            found = self._found(place, credential)
        except RepositoryNotInstalled:
            if place.installation_id is None:
                raise
            # It has another name by now, or it is public and was not given to the App.
            credential = Credential(self._wide_token(place.installation_id))
            found = self._found(place, credential)
            if found is not None and found.private:
                credential = self._due(place.installation_id, found.full_name)
        return None if found is None else Inquiry(self._api, credential, found)

    def _found(self, place: Place, credential: Credential) -> Repository | None:
        return credential.used(lambda token: self._api.repository(place.full_name, token))

    def _due(self, installation_id: int | None, full_name: str) -> Credential:
        if installation_id is None:
            return Credential()
        return Credential(source=(self._tokens, installation_id, full_name.rpartition("/")[2]))

    def _wide_token(self, installation_id: int) -> str:
        """A token that sees each repository of the installation, and reads no contents."""
        if installation_id not in self._wide:
            self._wide[installation_id] = self._api.installation_token(installation_id).token
        return self._wide[installation_id]
