"""Which files of a commit are to be linked anew, where most of it was linked before.

A file hears of others in two ways: by what its requests are answered with, and by what it leads to.
One whose requests are answered otherwise, since a path came or went or a configuration is another
one, is a changed one like those with other bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from indexer.errors import KotaError
from indexer.resolution.ambient import declares_for_all
from indexer.resolution.face import face_of
from indexer.resolution.reach import (
    NOTHING_KNOWN,
    LinkedCommit,
    LinkedFile,
    leading_to,
    led_to,
    renumbered,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from indexer.parsing.facts import FileFacts
    from indexer.resolution.answers import Answers
    from indexer.resolution.numbering import Renumbering
    from indexer.resolution.places import ImportedName
    from indexer.resolution.rows import PackageEntryRow

MOST_RELINKED: Final = 0.5
"""Of the files of a commit; beyond, all of it is linked."""


class NotRelinkable(KotaError):
    """What was linked before cannot stand beside what is linked anew; all is to be linked."""

    code = "not_relinkable"


class Change(NamedTuple):
    """How far the change of some files reaches, by their numbers.

    `files` are all of them as they are by now; a changed one leads to rather too much. `seen` are
    the changed ones that look otherwise from outside, `reached` these and all that lead to them.
    `relinked` are to be linked anew, in order, and the facts of `read` may be asked for then.
    """

    files: list[LinkedFile]
    changed: list[int]
    seen: frozenset[int]
    reached: frozenset[int]
    relinked: list[int]
    read: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relinking:
    """A commit that is linked where a change reaches.

    `before` is the commit from which the other rows are taken, in the numbers of this one;
    `imported` are the numbers that its imported names have, and `entries` the entries of packages
    whose exports are told anew.
    """

    before: LinkedCommit
    change: Change
    imported: Mapping[ImportedName, int]
    entries: Sequence[PackageEntryRow]


def change_of(
    before: LinkedCommit,
    old: Mapping[int, FileFacts],
    new: Mapping[int, FileFacts],
    *,
    paths: Sequence[str],
    answers: Answers,
    readdressed: Collection[int],
    offered: Collection[int],
    using_lines_of: Callable[[Collection[int]], Iterable[int]],
) -> Change:
    """How far the change to the facts `new` reaches; `old` are those that some of the files had.

    All numbers are those of the commit, `before` renumbered to them. `readdressed` are files of
    `new`, edited or not, with requests that are answered otherwise, `offered` those whose exports
    are told anew though nothing may reach them. `using_lines_of` tells the files with references
    that lead to lines of some files.

    Raises:
        NotRelinkable: all is to be linked.
    """
    seen, moved = _seen(old, new, paths, readdressed)
    for_all = files_for_all(before)
    for number in seen:
        if number in for_all or declares_for_all(paths[number], new[number]):
            raise NotRelinkable("a file that declares for all was changed")
    files = _with(before, new, paths, answers)
    reached = leading_to(files, seen)
    relinked = {*new, *reached, *(using_lines_of(moved) if moved else ())}
    if len(relinked) > MOST_RELINKED * len(files):
        raise NotRelinkable("the change reaches most files")
    return Change(
        files=files,
        changed=sorted(new),
        seen=frozenset(seen),
        reached=frozenset(reached),
        relinked=sorted(relinked),
        # Those that add to modules are looked at first of all, and what they add to with them.
        read=frozenset(led_to(files, relinked.union(offered, for_all))),
    )


def files_for_all(before: LinkedCommit) -> frozenset[int]:
    """The files that declare for every other one."""
    return frozenset(number for number, one in enumerate(before.files) if one.is_for_all)


def carried_over(before: LinkedCommit, numbers: Renumbering) -> LinkedCommit:
    """A linked commit in the numbers of the one after it.

    Raises:
        NotRelinkable: one of its files that declared for every other is gone.
    """
    if any(before.files[one].is_for_all for one in numbers.gone):
        raise NotRelinkable("a file that declares for all is gone")
    return renumbered(before, numbers)


def answered_otherwise(before: LinkedCommit, paths: Sequence[str], answers: Answers) -> list[int]:
    """The files of which a request that they made `before` is answered otherwise by now.

    Those that were edited are among them: one may look the same from outside and lead elsewhere.
    """
    return [
        number
        for number, one in enumerate(before.files)
        if any(
            answers.of(paths[number], asked.specifier, asked.kind) != asked
            for asked in one.requests
        )
    ]


def _seen(
    old: Mapping[int, FileFacts],
    new: Mapping[int, FileFacts],
    paths: Sequence[str],
    readdressed: Collection[int],
) -> tuple[set[int], set[int]]:
    """The files that look otherwise from outside, and those of which only lines have moved."""
    seen, moved = set(readdressed), set()
    for number in new.keys() - seen:
        facts = new[number]
        now = face_of(paths[number], facts)
        was = face_of(paths[number], old[number]) if number in old else None
        if was is None or now.digest != was.digest or now.exports != was.exports:
            seen.add(number)
        elif now.members != was.members:
            moved.add(number)
    return seen, moved


def _with(
    before: LinkedCommit,
    new: Mapping[int, FileFacts],
    paths: Sequence[str],
    answers: Answers,
) -> list[LinkedFile]:
    """The files as `before`, those of `new` by their facts, leading to rather too much."""
    for_all = files_for_all(before)
    files = list(before.files)
    for number, facts in new.items():
        leads_to = set(for_all)
        for request in facts.requests:
            asked = answers.of(paths[number], request.specifier, request.kind)
            if asked.to_file_no is not None:
                leads_to.add(asked.to_file_no)
        files[number] = NOTHING_KNOWN._replace(
            symbols=len(facts.symbols), leads_to=sorted(leads_to), is_for_all=number in for_all
        )
    return files
