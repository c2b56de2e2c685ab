"""Whether GitHub sent a body: HMAC-SHA-256 over its bytes, as `X-Hub-Signature-256` tells it.

The protocol: https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from typing import ClassVar

from indexer.errors import Refused

_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII)


class WebhooksClosed(Refused):
    """No webhook secret is set, so nothing that arrives can be trusted."""

    code = "webhooks_closed"
    status: ClassVar[int] = 403

    def __init__(self) -> None:
        super().__init__("This service takes no webhooks.")


class SignatureInvalid(Refused):
    """The body is not signed with a webhook secret of this service."""

    code = "signature_invalid"
    status: ClassVar[int] = 401

    def __init__(self) -> None:
        super().__init__("The signature of this body is missing or wrong.")


def check_signature(body: bytes, signature: str | None, secrets: Sequence[str]) -> None:
    """Return when `signature` is that of `body` under one of the secrets in force.

    Raises:
        WebhooksClosed: there is no secret.
        SignatureInvalid: it is not.
    """
    if not secrets:
        raise WebhooksClosed
    found = _SIGNATURE.fullmatch(signature or "")
    given = bytes.fromhex(found[1]) if found else b""
    # Each secret is tried, so the time says nothing about which one came near.
    results = [
        hmac.compare_digest(hmac.digest(secret.encode(), body, "sha256"), given)
        for secret in secrets
    ]
    if not any(results):
        raise SignatureInvalid
