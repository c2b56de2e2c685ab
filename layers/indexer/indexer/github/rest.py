"""What is asked of GitHub's REST API: as the App, and with the token of an installation."""

from __future__ import annotations

import contextlib
import json
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Final, Self
from urllib.parse import quote, urlsplit

from indexer.git import refs
from indexer.github import answers
from indexer.github.answers import Installation, InstallationToken, Repository
from indexer.github.app import GitHubApp
from indexer.github.exchange import Answer, GitHubLimits, Wire, succeeded
from indexer.github.failures import (
    AppRefused,
    GitHubMisbehaved,
    InstallationGone,
    RepositoryNotInstalled,
)
from indexer.settings import Settings, SettingUnusable

PAGE_SIZE: Final = 100
MOST_PAGES: Final = 1000
UNAUTHORIZED: Final = 401
NOT_FOUND: Final = 404
# By this alone an App that is unknown differs from a thing that is not there.
NO_SUCH_APP: Final = "integration not found"
UNPROCESSABLE: Final = 422
# GitHub takes a token's times as they come, with a minute's grace behind and none ahead.
CLOCK_TOLERANCE_SECONDS: Final = 30.0

Ask = Callable[[Wire, str], Answer]


class GitHubApi:
    """GitHub's REST API for one App. Safe to share between threads.

    Every method may raise GitHubUnavailable, GitHubMisbehaved, GitHubRateLimited, AccessDenied,
    CertificateRefused and AddressRefused; those that ask as the App also AppRefused and
    AppKeyUnusable, those that take a token TokenRefused and InstallationSuspended. None holds a
    word of GitHub's. Nothing is tried again here, but for a second key of the App, a clock that is
    wrong, and a repository's new name.
    """

    def __init__(
        self,
        app: GitHubApp,
        *,
        base_url: str = "https://api.github.com",
        public_only: bool = True,
        limits: GitHubLimits | None = None,
        context: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app = app
        self._base_url = base_url.rstrip("/")
        self._public_only = public_only
        self._limits = limits or GitHubLimits()
        self._context = context
        self._clock = clock
        # What GitHub's answers taught: how far its clock is ahead, and which key it takes.
        self._ahead = 0.0
        self._accepted = 0

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The API as this process is configured.

        Raises:
            AppNotConfigured: no App is.
            SettingUnusable: GITHUB_API_URL is for the local run, and this is none.
        """
        return cls._of(GitHubApp.from_settings(settings), settings)

    @classmethod
    def without_app(cls, settings: Settings) -> Self:
        """The API for what anybody may ask; whatever asks as the App raises AppRefused.

        Raises:
            SettingUnusable: as `from_settings`.
        """
        return cls._of(GitHubApp("", ()), settings)

    @classmethod
    def _of(cls, app: GitHubApp, settings: Settings) -> Self:
        if urlsplit(settings.github_api_url).scheme != "https" and (
            not settings.allow_local_repositories
        ):
            raise SettingUnusable(variable="GITHUB_API_URL", wanted="an https address")
        return cls(
            app,
            base_url=settings.github_api_url,
            public_only=not settings.allow_local_repositories,
        )

    def installation_of(self, full_name: str) -> Installation | None:
        """The App's installation that reaches the repository "owner/name"; None if none does."""
        path = _path_of(full_name)
        if path is None:
            return None
        with self._wire() as wire:
            found = self._found(self._as_app(wire, f"{path}/installation"))
        return answers.installation(answers.document(found.body)) if found else None

    def installations(self) -> Iterator[Installation]:
        """Every installation of the App, suspended ones too, asked for page by page."""
        for page in self._pages(f"/app/installations?per_page={PAGE_SIZE}", self._as_app):
            yield from filter(None, map(answers.installation, answers.documents(page.body)))

    def has_installation(self, installation_id: int) -> bool:
        """Whether the App is installed there still, suspended or not."""
        with self._wire() as wire:
            found = self._found(self._as_app(wire, f"/app/installations/{installation_id:d}"))
        if found is None:
            return False
        if answers.document(found.body).get("id") != installation_id:
            raise GitHubMisbehaved
        return True

    def installation_token(
        self, installation_id: int, repository: str | None = None
    ) -> InstallationToken:
        """A token that reads the contents of one repository, named without its owner.

        Without `repository` it reaches every repository of the installation, and only their
        metadata: enough to list them.

        Raises:
            InstallationSuspended: the installation may do nothing.
            InstallationGone: there is no such installation.
            RepositoryNotInstalled: it does not reach the repository, or may not read it.
        """
        wish: dict[str, object] = {"permissions": {"metadata": "read"}}
        if repository is not None:
            wish = {
                "repositories": [repository],
                "permissions": {"contents": "read", "metadata": "read"},
            }
        path = f"/app/installations/{installation_id:d}/access_tokens"
        with self._wire() as wire:
            answer = self._as_app(wire, path, method="POST", body=json.dumps(wish).encode())
        if answer.status == UNPROCESSABLE:
            raise RepositoryNotInstalled
        found = self._found(answer)
        if found is None:
            raise InstallationGone
        told = answer.moment()
        return answers.installation_token(
            answers.document(found.body),
            now=self._clock() + self._ahead if told is None else told,
            repository=repository,
        )

    def installation_repositories(self, token: str) -> Iterator[Repository]:
        """Every repository that an installation's token reaches, asked for page by page."""

        def ask(wire: Wire, target: str) -> Answer:
            return wire.ask("GET", target, credential=token)

        for page in self._pages(f"/installation/repositories?per_page={PAGE_SIZE}", ask):
            found = answers.documents(page.body, within="repositories")
            yield from map(answers.repository, found)

    def repository(self, full_name: str, token: str | None) -> Repository | None:
        """The repository "owner/name", under its new name if it has one.

        None if there is no such repository, or the token does not reach it: GitHub says not which.
        Without a token public ones are found.
        """
        path = _path_of(full_name)
        found = self._get(path, token) if path else None
        return answers.repository(answers.document(found.body)) if found else None

    def branch_head(self, full_name: str, branch: str, token: str | None) -> str | None:
        """The id of the commit at the branch's head; None if there is no branch of this very name.

        `branch` is its short name, like "main".
        """
        path = _path_of(full_name)
        try:
            name = quote(refs.parse_ref(branch), safe="")
        except refs.RefInvalid:
            return None
        found = self._get(f"{path}/branches/{name}", token) if path else None
        if found is None:
            return None
        # What was renamed answers under its new name, and that is another branch.
        named, sha = answers.branch_head(answers.document(found.body))
        return sha if named == branch else None

    def has_tag(self, full_name: str, tag: str, token: str | None) -> bool:
        """Whether the repository has a tag of this very name; `tag` is short, like "v1.0"."""
        path = _path_of(full_name)
        try:
            name = quote(refs.parse_ref(tag), safe="/")
        except refs.RefInvalid:
            return False
        return path is not None and self._get(f"{path}/git/ref/tags/{name}", token) is not None

    def _get(self, path: str, token: str | None) -> Answer | None:
        with self._wire() as wire:
            return self._found(wire.ask("GET", path, credential=token))

    def _as_app(
        self, wire: Wire, target: str, *, method: str = "GET", body: bytes | None = None
    ) -> Answer:
        """Ask as the App, with the key that GitHub took last, else with the other."""
        keys = len(self._app.private_keys)
        for turn in range(keys):
            key = (self._accepted + turn) % keys
            answer = self._signed(wire, method, target, body, key)
            if answer.status == UNAUTHORIZED and self._set_clock_by(answer):
                answer = self._signed(wire, method, target, body, key)
            if answer.status != UNAUTHORIZED:
                self._accepted = key
                return answer
        raise AppRefused

    def _signed(self, wire: Wire, method: str, target: str, body: bytes | None, key: int) -> Answer:
        token = self._app.token(now=self._clock() + self._ahead, key=key)
        return wire.ask(method, target, credential=token, body=body)

    def _set_clock_by(self, answer: Answer) -> bool:
        """Whether GitHub's clock turned out to be another than it was taken for."""
        told = answer.moment()
        if told is None:
            return False
        ahead = told - self._clock()
        if abs(ahead - self._ahead) <= CLOCK_TOLERANCE_SECONDS:
            return False
        self._ahead = ahead
        return True

    def _found(self, answer: Answer) -> Answer | None:
        if answer.status == NOT_FOUND and answers.message(answer.body) == NO_SUCH_APP:
            raise AppRefused
        return succeeded(answer, now=self._clock() + self._ahead)

    def _pages(self, path: str, ask: Ask) -> Iterator[Answer]:
        with self._wire() as wire:
            for _ in range(MOST_PAGES):
                page = self._found(ask(wire, path))
                if page is None:
                    raise GitHubMisbehaved
                yield page
                following = wire.next_page(page)
                if following is None:
                    return
                path = following
        raise GitHubMisbehaved

    @contextlib.contextmanager
    def _wire(self) -> Iterator[Wire]:
        # For one call only: a process may be frozen between two, and its idle connections die.
        if self._context is None and self._base_url.startswith("https:"):
            self._context = ssl.create_default_context()
        wire = Wire(
            self._base_url,
            limits=self._limits,
            public_only=self._public_only,
            context=self._context,
        )
        try:
            yield wire
        finally:
            wire.close()


def _path_of(full_name: str) -> str | None:
    """The path of the repository; None for what no repository is called."""
    return f"/repos/{full_name}" if answers.is_full_name(full_name) else None
