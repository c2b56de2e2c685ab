"""API keys: `kota_<tier>_<key id>_<secret>`.

The key id finds the row and is no secret. The secret is random enough that one hash of it is as
good as a password's slow one; only that hash is stored. The tier in the text is for people: what a
key may do is in its row.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

BASE_62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
KEY_ID_LENGTH = 12
# 32 characters of base 62 are 190 random bits.
SECRET_LENGTH = 32

_KEY = re.compile(
    r"kota_(?P<tier>free|solo|team)_(?P<key_id>[0-9A-Za-z]{12})_(?P<secret>[0-9A-Za-z]{22,64})",
    re.ASCII,
)
_LONGEST_KEY = 96


class Tier(StrEnum):
    """What a tenant has subscribed to; it sets the hourly quota."""

    FREE = "free"
    SOLO = "solo"
    TEAM = "team"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A credential as its holder has it."""

    tier: Tier
    key_id: str
    secret: str = field(repr=False)

    @classmethod
    def mint(cls, tier: Tier, *, choose: Callable[[str], str] = secrets.choice) -> ApiKey:
        """A new key. `choose` draws one character from an alphabet."""

        def draw(length: int) -> str:
            return "".join(choose(BASE_62) for _ in range(length))

        return cls(tier=tier, key_id=draw(KEY_ID_LENGTH), secret=draw(SECRET_LENGTH))

    @classmethod
    def parse(cls, text: str) -> ApiKey | None:
        """The key that `text` is, to the letter; None when it is none."""
        if len(text) > _LONGEST_KEY or (found := _KEY.fullmatch(text)) is None:
            return None
        return cls(tier=Tier(found["tier"]), key_id=found["key_id"], secret=found["secret"])

    def reveal(self) -> str:
        """The whole credential, to be shown once."""
        return f"kota_{self.tier}_{self.key_id}_{self.secret}"

    def secret_hash(self, pepper: str) -> bytes:
        """32 bytes: HMAC-SHA-256 of the secret under the pepper, or SHA-256 where there is none."""
        if pepper:
            return hmac.digest(pepper.encode(), self.secret.encode(), "sha256")
        return hashlib.sha256(self.secret.encode()).digest()

    def secret_hashes(self, peppers: Sequence[str]) -> list[bytes]:
        """The hash under each pepper in force, in their order; new hashes are the first."""
        return [self.secret_hash(pepper) for pepper in peppers or ("",)]
