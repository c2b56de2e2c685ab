"""Which files of which snapshots may hold what a query looks for, told by the posting lists alone.

Files are sets of bits, so that tens of thousands of them are narrowed without reading a row of any.
A text of two bytes has no trigram: of such a term every file is a candidate.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.database.connection import Row, Statements
from indexer.parsing.endings import Language
from indexer.postings.bits import set_of
from indexer.postings.blocks import SEGMENT_FILES, files_holding
from indexer.postings.groups import FileGroups
from indexer.search.query import Filter, SearchQuery, Wanted
from indexer.search.repositories import Snapshot
from indexer.search.requirements import Requirement

MOST_TRIGRAMS: Final = 6
"""Trigrams of one text that are looked up, the rarest: what holds them is read anyway."""

# How often a byte stands in code, roughly: the commoner a trigram's bytes, the longer its list.
_COMMON: Final = b" etnroisalcpdumf.(),=:;h'g\"_y/{}bvxk-wT0>1*<jq`z&|[]"
_WEIGHTS: Final = bytes(
    len(_COMMON) - _COMMON.index(byte) if byte in _COMMON else 0 for byte in range(256)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """A snapshot that can be searched, and its files in groups."""

    snapshot: Snapshot
    groups: FileGroups


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """The files of each snapshot, by its number, that may hold all that is looked for.

    `chosen` are those of them that the filters of files admit; `left_out` says how many each filter
    took away, and `holding` in how many files each term, by what was written, may stand.
    """

    chosen: Mapping[int, int]
    left_out: Mapping[Filter, int]
    holding: Mapping[str, int]

    @property
    def count(self) -> int:
        """How many files they are."""
        return sum(files.bit_count() for files in self.chosen.values())


def searchable(
    statements: Statements, snapshots: Sequence[Snapshot]
) -> tuple[list[Searched], list[Snapshot]]:
    """Those of the snapshots that can be searched, in their order, and the others."""
    rows = statements.fetch_all(
        "groups_of_files", snapshot_ids=[one.snapshot_id for one in snapshots]
    )
    groups = {row["snapshot_id"]: bytes(row["file_groups"]) for row in rows}
    found = [
        Searched(snapshot=one, groups=FileGroups.unpacked(groups[one.snapshot_id]))
        for one in snapshots
        if one.snapshot_id in groups
    ]
    return found, [one for one in snapshots if one.snapshot_id not in groups]


def candidates(
    statements: Statements, searched: Sequence[Searched], query: SearchQuery
) -> Candidates:
    """The files that may answer a query."""
    sought = query.sought
    requirements = [_thinned(term.expression.requirement) for term in sought]
    wanted = set[int]().union(*(one.all_trigrams() for one in requirements))
    lists = _lists_of(statements, searched, sorted(wanted))
    holding = dict.fromkeys((term.written for term in sought), 0)
    found: dict[int, int] = {}
    for one in searched:
        files = everything = one.groups.with_text
        number = one.snapshot.snapshot_id
        for term, requirement in zip(sought, requirements, strict=True):
            those = requirement.satisfied(lists[number], everything)
            holding[term.written] += those.bit_count()
            files &= those
        found[number] = files
    left_out: dict[Filter, int] = {}
    for name, kept in (
        (Filter.LANG, _of_languages(searched, query)),
        (Filter.PATH, _of_paths(statements, searched, query)),
    ):
        if kept is not None:
            narrowed = {number: files & kept.get(number, 0) for number, files in found.items()}
            left_out[name] = _count(found) - _count(narrowed)
            found = narrowed
    return Candidates(chosen=found, left_out=left_out, holding=holding)


def _count(files: Mapping[int, int]) -> int:
    return sum(those.bit_count() for those in files.values())


class _PostingLists:
    """The blocks of one snapshot that may hold the lists of some trigrams, by segment.

    Called with a trigram it gives the files that hold it, as `Requirement.satisfied` asks.
    """

    def __init__(self) -> None:
        self._segments: dict[int, tuple[list[int], list[bytes]]] = {}
        self._known: dict[int, int] = {}

    def add(self, block: Row) -> None:
        """Add a block; those of a segment come in order."""
        firsts, contents = self._segments.setdefault(block["segment"], ([], []))
        firsts.append(block["first_trigram"])
        contents.append(bytes(block["content"]))

    def __call__(self, trigram: int) -> int:
        if trigram not in self._known:
            files = 0
            for segment, (firsts, contents) in self._segments.items():
                at = bisect_right(firsts, trigram) - 1
                if at >= 0:
                    files |= files_holding(contents[at], trigram, segment=segment)
            self._known[trigram] = files
        return self._known[trigram]


def _lists_of(
    statements: Statements, searched: Sequence[Searched], trigrams: Sequence[int]
) -> dict[int, _PostingLists]:
    """The posting lists of each snapshot, by its number."""
    lists = {one.snapshot.snapshot_id: _PostingLists() for one in searched}
    places = [
        (one.snapshot.snapshot_id, segment)
        for one in searched
        for segment in range(-(-one.groups.file_count // SEGMENT_FILES))
    ]
    if places and trigrams:
        for row in statements.fetch_all(
            "posting_blocks",
            snapshot_ids=[number for number, _ in places],
            segments=[segment for _, segment in places],
            trigrams=list(trigrams),
        ):
            lists[row["snapshot_id"]].add(row)
    return lists


def _thinned(requirement: Requirement) -> Requirement:
    """A weaker condition that needs few lists: of many trigrams of one text the rarest do."""
    rarest = sorted(requirement.trigrams, key=_commonness)[:MOST_TRIGRAMS]
    return Requirement(
        frozenset(rarest),
        tuple(tuple(_thinned(one) for one in choice) for choice in requirement.choices),
    )


def _commonness(trigram: int) -> tuple[int, int]:
    one, two, three = trigram.to_bytes(3, "little")
    return _WEIGHTS[one] + _WEIGHTS[two] + _WEIGHTS[three], trigram


def _of_languages(searched: Iterable[Searched], query: SearchQuery) -> dict[int, int] | None:
    only, without = query.only.languages, query.without.languages
    if not only and not without:
        return None
    kept = {}
    for one in searched:
        files = _union(one, only) if only else one.groups.with_text
        kept[one.snapshot.snapshot_id] = files & ~_union(one, without)
    return kept


def _union(one: Searched, languages: Iterable[Language]) -> int:
    files = 0
    for language in languages:
        files |= one.groups.languages[language]
    return files


def _of_paths(
    statements: Statements, searched: Sequence[Searched], query: SearchQuery
) -> dict[int, int] | None:
    if not query.only.paths and not query.without.paths:
        return None
    rows = statements.fetch_all(
        "files_by_pattern",
        snapshot_ids=[one.snapshot.snapshot_id for one in searched],
        wanted_paths=_alternatives(query.only),
        unwanted_paths=_alternatives(query.without),
    )
    return {row["snapshot_id"]: set_of(row["file_nos"]) for row in rows}


def _alternatives(wanted: Wanted) -> str | None:
    return "|".join(map(path_pattern, wanted.paths)) or None


_WILD: Final = re.compile(r"\*\*/?|\*|\?")
_SPECIAL: Final = re.compile(r"([^A-Za-z0-9_\u0080-\U0010ffff])")


def path_pattern(value: str) -> str:
    """What a value of `path:` means, as a regular expression of Postgres.

    A value without `*` and `?` is a part of the path, or its beginning where it starts with a
    slash. With them it is the end of the path from some folder on, or all of it after a slash: `*`
    and `?` stand for characters of one name, `**` for folders too.
    """
    anchored = value.startswith("/")
    value = value.removeprefix("/") if anchored else value
    start = "^" if anchored else "(^|/)"
    if _WILD.search(value) is None:
        return ("^" if anchored else "") + _escaped(value)
    pieces, at = [start], 0
    for wild in _WILD.finditer(value):
        pieces.append(_escaped(value[at : wild.start()]))
        pieces.append({"*": "[^/]*", "?": "[^/]", "**/": "(.*/)?", "**": ".*"}[wild[0]])
        at = wild.end()
    return "".join([*pieces, _escaped(value[at:]), "$"])


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
