"""Public ids as callers write them."""

from __future__ import annotations

import re
from uuid import UUID

_NUMBER = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_LARGEST_NUMBER = 2**63 - 1
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def parse_uuid(text: str) -> UUID | None:
    """The UUID that a text is in its usual form; None when it is none.

    `UUID` itself also takes braces, prefixes and misplaced hyphens: one id would have many names.
    """
    return UUID(text) if _UUID.fullmatch(text) else None


def parse_number(text: str) -> int | None:
    """The number from 1 to 2**63 - 1 that a text is in its usual form; None when it is none.

    `int` itself also takes signs, spaces, leading zeros and the digits of other scripts.
    """
    number = int(text) if _NUMBER.fullmatch(text) else None
    return None if number is None or number > _LARGEST_NUMBER else number
