"""What a text must be for Postgres to hold it."""

from __future__ import annotations

import re

UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> bool:
    """Whether Postgres can hold it: no U+0000, no half of a surrogate pair."""
    return UNSTORABLE.search(text) is None
