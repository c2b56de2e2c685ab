"""What a repository says about its own files: `.gitignore` and `.gitattributes`, nested.

The patterns are hostile input: each becomes a regular expression. Those with many wildcards could
take exponential time and are left unheeded; nobody writes them by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from pathspec import GitIgnoreSpec

MAX_LINES: Final = 2_000
MAX_PATTERN_LENGTH: Final = 256
MAX_WILDCARDS: Final = 4
WILDCARDS: Final = re.compile(r"\*+")

Read = Callable[[str], bytes | None]


class Attributes(NamedTuple):
    """Linguist's attributes of a file; None where nothing is said."""

    generated: bool | None
    vendored: bool | None


class Ignores:
    """Whether `.gitignore` files cover a path. Folders are asked once."""

    def __init__(self, folders: set[str], read: Read) -> None:
        """`folders` are those that hold a `.gitignore`, "" being the topmost."""
        self._specs = {folder: spec for folder in folders if (spec := _ignores_of(folder, read))}
        self._folder_ignored = lru_cache(maxsize=None)(self._ask_folder)

    def covers(self, path: str) -> bool:
        """Whether git would leave the file out if it were not tracked."""
        folder = path.rpartition("/")[0]
        return self._folder_ignored(folder) or self._decide(path, folder)

    def _ask_folder(self, folder: str) -> bool:
        if not folder:
            return False
        above = folder.rpartition("/")[0]
        # What lies in an ignored folder cannot be taken back in.
        return self._folder_ignored(above) or self._decide(f"{folder}/", above)

    def _decide(self, path: str, folder: str) -> bool:
        """The decision of the nearest file that has one about the path in `folder`."""
        for holder in _upwards(folder):
            if (spec := self._specs.get(holder)) is not None:
                decision = spec.check_file(_below(path, holder)).include
                if decision is not None:
                    return decision
        return False


class LinguistAttributes:
    """The attributes that `.gitattributes` files give a path."""

    def __init__(self, folders: set[str], read: Read) -> None:
        """`folders` are those that hold a `.gitattributes`, "" being the topmost."""
        self._rules = {folder: rules for folder in folders if (rules := _rules_of(folder, read))}

    def of(self, path: str) -> Attributes:
        """What is said about the file; the nearest and last word counts, for each attribute."""
        said: dict[str, bool] = {}
        if self._rules:
            for holder in _upwards(path.rpartition("/")[0]):
                for spec, attributes in self._rules.get(holder, ()):
                    if not attributes.keys() <= said.keys() and spec.match_file(
                        _below(path, holder)
                    ):
                        said = {**attributes, **said}
        return Attributes(said.get("linguist-generated"), said.get("linguist-vendored"))


def _upwards(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


def _below(path: str, folder: str) -> str:
    return path[len(folder) + 1 :] if folder else path


def _file_lines(path: str, read: Read) -> list[str]:
    return (read(path) or b"").decode("utf-8", "replace").splitlines()[:MAX_LINES]


def _inside(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _ignores_of(folder: str, read: Read) -> GitIgnoreSpec | None:
    lines = [one for one in _file_lines(_inside(folder, ".gitignore"), read) if _is_harmless(one)]
    return GitIgnoreSpec.from_lines(lines) if lines else None


def _is_harmless(line: str) -> bool:
    """Whether a pattern is one, and cannot take long."""
    if not line.strip() or line.startswith("#") or len(line) > MAX_PATTERN_LENGTH:
        return False
    if len(WILDCARDS.findall(line)) > MAX_WILDCARDS:
        return False
    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True


def _rules_of(folder: str, read: Read) -> list[tuple[GitIgnoreSpec, dict[str, bool]]]:
    """The rules of one file that say something of interest, the last first."""
    rules = []
    for line in _file_lines(_inside(folder, ".gitattributes"), read):
        pattern, *words = line.split()[:20] or [""]
        attributes = dict(filter(None, map(_attribute, words)))
        if attributes and not pattern.startswith(("!", "[attr]")) and _is_harmless(pattern):
            rules.append((GitIgnoreSpec.from_lines([pattern]), attributes))
    return rules[::-1]


def _attribute(word: str) -> tuple[str, bool] | None:
    name, _, value = word.lstrip("-!").partition("=")
    if name not in {"linguist-generated", "linguist-vendored"}:
        return None
    return name, not word.startswith(("-", "!")) and value != "false"
