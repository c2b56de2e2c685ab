"""What an execution environment keeps between its invocations."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Final, Generic, Protocol, TypeVar

from indexer.clocks import MACHINE, Clocks
from indexer.errors import ConfigurationError
from indexer.observability import logger
from indexer.secrets import SECRET_MAX_AGE_SECONDS, SecretUnreadable, with_secrets
from indexer.settings import SettingUnusable

# Without it one route is closed, and says so. Without another the service would be a wrong one.
MAY_BE_LEFT_OUT: Final = frozenset({"GITHUB_WEBHOOK_SECRET"})


class Closable(Protocol):
    """Something that holds a connection."""

    def close(self) -> None:
        """Let go of it."""


Held = TypeVar("Held", bound=Closable)


class FromEnvironment(Generic[Held]):
    """Something made from the variables and secrets of the environment, and kept.

    It is made at its first use and made anew when a secret has changed.
    """

    def __init__(
        self,
        make: Callable[[Mapping[str, str]], Held],
        *,
        clocks: Clocks = MACHINE,
    ) -> None:
        self._make = make
        self._clocks = clocks
        self._held: Held | None = None
        self._made_of: dict[str, str] = {}
        self._looked_at = clocks.now()

    def get(self) -> Held:
        """What is held, at most SECRET_MAX_AGE_SECONDS behind its secrets.

        What works goes on where a secret changes to what cannot be read or used, until it can.

        Raises:
            ConfigurationError: nothing is held, and it cannot be made; the next use tries again.
        """
        if self._held is None:
            self._begin(with_secrets(os.environ))
        elif self._clocks.seconds_since(self._looked_at) >= SECRET_MAX_AGE_SECONDS:
            self._renew(self._held)
        if self._held is None:
            raise AssertionError("nothing was made and nothing was raised")
        return self._held

    def close(self) -> None:
        """Let go of what is held; the next use makes it anew."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def _begin(self, complete: dict[str, str]) -> None:
        try:
            self._take(complete)
        except SettingUnusable as error:
            variable = error.variable
            is_a_secret = variable in MAY_BE_LEFT_OUT and not os.environ.get(variable, "").strip()
            if not is_a_secret:
                raise
            logger.error(
                "a secret cannot be used, and what needs it is closed",
                exc_info=error,
                error_code=error.code,
            )
            self._take({**complete, variable: ""})

    def _take(self, complete: dict[str, str]) -> None:
        self._held = self._make(complete)
        self._made_of = complete
        self._looked_at = self._clocks.now()

    def _renew(self, held: Held) -> None:
        # One mistake in a secret, or a store that is away, must not refuse every request.
        try:
            complete = with_secrets(os.environ, anew=True)
            if complete != self._made_of:
                self._take(complete)
                held.close()
                logger.info("the environment was made anew from changed secrets")
        except SecretUnreadable as error:
            logger.warning("a secret could not be read again", error_code=error.code)
        except ConfigurationError as error:
            logger.error(
                "changed secrets cannot be used, and those before them stay in force",
                exc_info=error,
                error_code=error.code,
            )
        self._looked_at = self._clocks.now()
