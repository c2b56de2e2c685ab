"""The files of a snapshot in groups, so that a search takes the likeliest ones first.

A group is what the path says: sources near the top of the repository, deeper ones, declarations,
examples, tests, and what a machine wrote. With the groups stand the languages, each as one bit for
each file: a search then chooses among many thousand files without reading a row of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from indexer.parsing.endings import Language, language_of
from indexer.postings.bits import set_of

NEAR: Final = 2
FAR: Final = 4
"""Folders above a file that is near the top, and above one that is not deep yet."""


class Group(IntEnum):
    """What a file is likely to be, the likeliest to be looked for first. The order is stored."""

    NEAR_SOURCE = 0
    SOURCE = 1
    DEEP_SOURCE = 2
    DECLARATION = 3
    EXAMPLE = 4
    TEST = 5
    GENERATED = 6


_TESTS: Final = re.compile(
    r"(?:^|/)(?:__[^/]+__|tests?|specs?|e2e|fixtures?|mocks?|testing|cypress)/"
    r"|(?:^|[/._-])(?:tests?|specs?|e2e|cy|stories|mocks?)\.[^/]+$",
    re.IGNORECASE,
)
_EXAMPLES: Final = re.compile(
    r"(?:^|/)(?:examples?|demos?|docs?|documentation|playgrounds?|samples?|benchmarks?|bench"
    r"|scripts?|website|sandbox(?:es)?|\.[^/]+)/",
    re.IGNORECASE,
)
_GENERATED: Final = re.compile(
    r"(?:^|/)(?:dist|vendor|vendored|third[_-]party|(?:__)?generated(?:__)?|node_modules)/"
    r"|[.](?:min|bundle|generated|gen)[.][^/]+$",
    re.IGNORECASE,
)
_DECLARATION: Final = re.compile(r"\.d\.(?:[^/]+\.)?[cm]?ts$")
_LANGUAGES: Final = tuple(Language)
_COUNT_BYTES: Final = 4


class GroupsDamaged(ValueError):
    """The bytes are no groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileGroups:
    """`file_count` files, numbered from 0, as sets of bits: bit n for file n.

    Only files with a text are in a group, and each in one.
    """

    file_count: int
    groups: tuple[int, ...]
    languages: dict[Language, int]

    @property
    def with_text(self) -> int:
        """The files that have a text."""
        found = 0
        for group in self.groups:
            found |= group
        return found

    def packed(self) -> bytes:
        """As bytes, all sets of one length."""
        width = _width(self.file_count)
        sets = [*self.groups, *(self.languages[one] for one in _LANGUAGES)]
        return self.file_count.to_bytes(_COUNT_BYTES, "little") + b"".join(
            one.to_bytes(width, "little") for one in sets
        )

    @classmethod
    def unpacked(cls, written: bytes) -> FileGroups:
        """The groups that `packed` wrote.

        Raises:
            GroupsDamaged: the bytes are none.
        """
        count = int.from_bytes(written[:_COUNT_BYTES], "little")
        width = _width(count)
        if len(written) != _COUNT_BYTES + width * (len(Group) + len(_LANGUAGES)):
            raise GroupsDamaged("groups of files that are cut off")
        sets = [
            int.from_bytes(written[start : start + width], "little")
            for start in range(_COUNT_BYTES, len(written), width)
        ]
        return cls(
            file_count=count,
            groups=tuple(sets[: len(Group)]),
            languages=dict(zip(_LANGUAGES, sets[len(Group) :], strict=True)),
        )


def grouped(files: Iterable[tuple[str, bool]]) -> FileGroups:
    """The groups of files, given by path and whether they have a text in order of their numbers."""
    groups: list[list[int]] = [[] for _ in Group]
    languages: dict[Language, list[int]] = {one: [] for one in _LANGUAGES}
    count = 0
    for path, has_text in files:
        if has_text:
            groups[group_of(path)].append(count)
            if language := language_of(path):
                languages[language].append(count)
        count += 1
    return FileGroups(
        file_count=count,
        groups=tuple(map(set_of, groups)),
        languages={one: set_of(members) for one, members in languages.items()},
    )


def group_of(path: str) -> Group:
    """The group of a file by its path within the repository."""
    if _GENERATED.search(path):
        return Group.GENERATED
    if _TESTS.search(path):
        return Group.TEST
    if _EXAMPLES.search(path):
        return Group.EXAMPLE
    if _DECLARATION.search(path):
        return Group.DECLARATION
    depth = path.count("/")
    if depth <= NEAR:
        return Group.NEAR_SOURCE
    return Group.SOURCE if depth <= FAR else Group.DEEP_SOURCE


def _width(count: int) -> int:
    return max(1, (count + 7) // 8)


NO_FILES: Final = grouped(())
