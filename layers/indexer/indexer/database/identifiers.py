"""Public ids as callers write them."""

from __future__ import annotations

import re
from uuid import UUID

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def parse_uuid(text: str) -> UUID | None:
    """The UUID that a text is in its usual form; None when it is none.

    `UUID` itself also takes braces, prefixes and misplaced hyphens: one id would have many names.
    """
    return UUID(text) if _UUID.fullmatch(text) else None
