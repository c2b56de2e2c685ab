"""The `.env` of a development start: what a person needs to use the service.

Only lines of the form NAME=value are read. A name that stands there is never given another value.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$")


def read(path: Path) -> dict[str, str]:
    """The names that the file sets; quotes around a value are taken off. No file: none."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    found: dict[str, str] = {}
    for line in text.splitlines():
        if (named := _named(line)) is not None:
            found[named[0]] = named[1]
    return found


def add_missing(path: Path, values: Mapping[str, str], *, heading: str) -> list[str]:
    """Append the names that the file lacks; which they were.

    From then on only its owner may read the file, and write it, whoever could before.
    """
    standing = read(path)
    missing = {name: value for name, value in values.items() if name not in standing}
    if not missing:
        return []
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    lines = [f"# {heading}", *(f"{name}={value}" for name, value in missing.items())]
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        # The mode above is that of a new file; one that was there has its own.
        os.fchmod(descriptor, 0o600)
        file.write(gap + "\n".join(lines) + "\n")
    return list(missing)


def without(path: Path, name: str, value: str) -> str | None:
    """The text of the file without the lines that give a name this value; None: it has none."""
    if read(path).get(name) != value:
        return None
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(one for one in lines if _named(one) != (name, value))


def _named(line: str) -> tuple[str, str] | None:
    match = _LINE.match(line)
    return None if match is None else (match[1], _unquoted(match[2]))


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
