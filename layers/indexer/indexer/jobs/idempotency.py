"""Requests that may be sent twice: the key that names one, and what it stands for."""

from __future__ import annotations

import hashlib
import json
import re
from typing import ClassVar

from indexer.errors import Refused
from indexer.jobs.model import IndexRequest

LONGEST_KEY = 255
_PRINTABLE = re.compile(r"[\x20-\x7e]+")


class IdempotencyKeyInvalid(Refused):
    """The Idempotency-Key is empty, longer than 255 characters, or not printable ASCII."""

    code = "idempotency_key_invalid"
    status: ClassVar[int] = 400

    def __init__(self) -> None:
        super().__init__(f"An Idempotency-Key is 1 to {LONGEST_KEY} printable ASCII characters.")


class IdempotencyKeyReused(Refused):
    """The Idempotency-Key was sent with another request before."""

    code = "idempotency_key_reused"
    status: ClassVar[int] = 422

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key stands for another request; take a new one.")


def parse_idempotency_key(text: str) -> str:
    """The key that a header holds; it is opaque, only blanks around it do not count.

    Raises:
        IdempotencyKeyInvalid: it is none.
    """
    key = text.strip(" \t")
    if len(key) > LONGEST_KEY or not _PRINTABLE.fullmatch(key):
        raise IdempotencyKeyInvalid
    return key


def fingerprint(request: IndexRequest) -> bytes:
    """SHA-256 of what a request means, however it was written: 32 bytes.

    Who asks is no part of it, since keys are the tenant's, and neither is the request's id.
    """
    meaning = [request.identity, request.ref, request.commit_sha, request.force]
    return hashlib.sha256(json.dumps(meaning).encode()).digest()
