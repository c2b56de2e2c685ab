"""JSON as configuration files use it: with comments and trailing commas, and from strangers.

A configuration comes out of somebody's repository, so nothing about it is trusted: what is too
large, too deep, broken or no object at all is simply no configuration.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

JsonObject: TypeAlias = dict[str, object]

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 64

# Possessive, and with the end of the text as a way out, so that no input makes it step back.
_TOKEN: Final = re.compile(
    r'(?P<string>"(?:[^"\\]++|\\.)*+(?:"|\\?\Z))'
    r"|(?P<comment>//[^\n\r]*+|/\*.*?(?:\*/|\Z))"
    r"|(?P<comma>,)"
    r"|(?P<open>[\[{])"
    r"|(?P<close>[\]}])"
    r"|(?P<other>[^\s\"/,\[\]{}]++|/)",
    re.DOTALL,
)


def read_object(data: bytes | None) -> JsonObject | None:
    """The object in `data`, or None when there is none that can be used. Never raises."""
    if data is None or len(data) > MAX_BYTES:
        return None
    text = _plain(data.decode("utf-8-sig", errors="replace"))
    if text is None:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _plain(text: str) -> str | None:
    """`text` without comments and trailing commas; None when it nests too deeply."""
    kept: list[str] = []
    depth = 0
    comma_waits = False
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "comment":
            continue
        if kind == "comma":
            if comma_waits:
                kept.append(",")
            comma_waits = True
            continue
        if kind == "open":
            depth += 1
            if depth > MAX_DEPTH:
                return None
        elif kind == "close":
            depth -= 1
            comma_waits = False
        if comma_waits:
            kept.append(",")
            comma_waits = False
        kept.append(token.group())
    return " ".join(kept)


def text_of(holder: JsonObject, key: str) -> str | None:
    """The string under `key`, or None when something else or nothing is there."""
    value = holder.get(key)
    return value if isinstance(value, str) else None


def texts_of(holder: JsonObject, key: str) -> list[str]:
    """The strings of the list under `key`; whatever is no string is passed over."""
    value = holder.get(key)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def object_of(holder: JsonObject, key: str) -> JsonObject:
    """The object under `key`, empty when something else or nothing is there."""
    value = holder.get(key)
    return value if isinstance(value, dict) else {}


class JsonDocuments:
    """The configuration files of one commit, each read and parsed at most once."""

    def __init__(self, paths: Collection[str], read: Callable[[str], bytes | None]) -> None:
        self._paths = paths
        self._read = read
        self._objects: dict[str, JsonObject | None] = {}

    def object_at(self, path: str) -> JsonObject | None:
        """The object in the file at `path`, or None when it is absent or cannot be used."""
        if path not in self._objects:
            self._objects[path] = read_object(self.bytes_at(path))
        return self._objects[path]

    def bytes_at(self, path: str) -> bytes | None:
        """The file at `path`; None when the commit holds none."""
        return self._read(path) if path in self._paths else None
