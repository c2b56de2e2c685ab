"""The GitHub App's proof of who it is: a JSON Web Token under its private key."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from indexer.github.failures import AppKeyUnusable, AppNotConfigured
from indexer.settings import Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

# GitHub asks for the first, against clocks that differ, and refuses what lives for more than 600 s.
BACKDATED_SECONDS: Final = 60
LIFETIME_SECONDS: Final = 540


@dataclass(frozen=True, slots=True)
class GitHubApp:
    """An App by its ID and its private keys in PEM, the one to sign with first. Shows no key."""

    app_id: str
    private_keys: Sequence[str] = field(repr=False)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The App that this process is configured with.

        Raises:
            AppNotConfigured: its ID or its key is missing.
        """
        if not settings.github_app_id or not settings.github_app_private_keys:
            raise AppNotConfigured
        return cls(settings.github_app_id, settings.github_app_private_keys)

    def token(self, *, now: float, key: int = 0) -> str:
        """A JWT signed with the key of that place, good for 9 minutes from `now` (Unix seconds).

        Raises:
            AppKeyUnusable: the key cannot sign.
        """
        import jwt

        issued = int(now)
        claims = {
            "iss": self.app_id,
            "iat": issued - BACKDATED_SECONDS,
            "exp": issued + LIFETIME_SECONDS,
        }
        return jwt.encode(claims, _loaded(self.private_keys[key]), algorithm="RS256")


@functools.lru_cache(maxsize=4)
def _loaded(pem: str) -> RSAPrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from jwt.algorithms import RSAAlgorithm
    from jwt.exceptions import PyJWTError

    algorithm = RSAAlgorithm(RSAAlgorithm.SHA256)
    try:
        key = algorithm.prepare_key(pem)
    except (PyJWTError, UnsupportedAlgorithm, ValueError, TypeError):
        raise AppKeyUnusable from None
    if not isinstance(key, RSAPrivateKey) or algorithm.check_key_length(key):
        raise AppKeyUnusable
    return key
