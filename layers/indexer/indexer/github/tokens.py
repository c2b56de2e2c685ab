"""Tokens of installations, kept in the process for as long as GitHub takes them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from indexer.clocks import MACHINE, Clocks, Moment
from indexer.github.answers import InstallationToken
from indexer.github.failures import TokenRefused

# A token is not begun with when less than this is left of it: a fetch takes its time.
SPARE_SECONDS: Final = 600.0
# GitHub's tokens live for an hour. One that claims more is asked for anew all the same.
LONGEST_SECONDS: Final = 3600.0
MOST_TOKENS: Final = 1024

T = TypeVar("T")


class Source(Protocol):
    """Where tokens come from: `GitHubApi`."""

    def installation_token(
        self, installation_id: int, repository: str | None = None
    ) -> InstallationToken:
        """A new token."""


@dataclass(slots=True)
class _Place:
    """A token, when it was asked for, and its time from then on in seconds."""

    taken: threading.Lock = field(default_factory=threading.Lock)
    token: str | None = field(default=None, repr=False)
    asked_at: Moment = field(default_factory=MACHINE.now)
    seconds: float = 0.0


class InstallationTokens:
    """Tokens by installation and repository. Safe to share between threads; shows no token.

    How long a token lives is what GitHub says between the moment of its answer and the token's
    end, so a wrong clock of this machine does not matter.
    """

    def __init__(
        self,
        source: Source,
        *,
        clocks: Clocks = MACHINE,
        most: int = MOST_TOKENS,
    ) -> None:
        self._source = source
        self._clocks = clocks
        self._most = most
        self._lock = threading.Lock()
        self._places: OrderedDict[tuple[int, str], _Place] = OrderedDict()

    def token(self, installation_id: int, repository: str) -> str:
        """A token that reads this repository, named without its owner, and nothing else.

        Of several callers at once one asks GitHub, and the others wait for its token.

        Raises:
            JobError: as `GitHubApi.installation_token`.
        """
        place = self._place(installation_id, repository)
        with place.taken:
            if place.token is None or self._clocks.seconds_since(place.asked_at) >= place.seconds:
                place.token = None
                asked_at = self._clocks.now()
                fresh = self._source.installation_token(installation_id, repository)
                place.token, place.asked_at = fresh.token, asked_at
                place.seconds = min(LONGEST_SECONDS, fresh.lifetime_seconds) - SPARE_SECONDS
            return place.token

    def forget(self, installation_id: int, repository: str, token: str) -> None:
        """Drop a token that was refused; one that took its place meanwhile stays."""
        place = self._place(installation_id, repository)
        with place.taken:
            if place.token == token:
                place.token = None

    def used(
        self,
        installation_id: int,
        repository: str,
        use: Callable[[str], T],
        *,
        refusals: tuple[type[Exception], ...] = (TokenRefused,),
    ) -> T:
        """What `use` makes of a token; if it is refused, what it makes of a new one.

        The second refusal is the caller's, as everything else that `use` raises.
        """
        token = self.token(installation_id, repository)
        try:
            return use(token)
        except refusals:
            self.forget(installation_id, repository, token)
        return use(self.token(installation_id, repository))

    def _place(self, installation_id: int, repository: str) -> _Place:
        name = (installation_id, repository.lower())
        with self._lock:
            place = self._places.setdefault(name, _Place())
            self._places.move_to_end(name)
            if len(self._places) > self._most:
                self._places.popitem(last=False)
            return place
