"""Which files of a commit are to be linked anew, where most of it was linked before.

It holds where the commit has the same paths as the other one, the same of them indexed, and the
same configuration, so that every import of an unchanged file is answered as before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from indexer.errors import KotaError
from indexer.resolution.ambient import declares_for_all
from indexer.resolution.modules import Resolved
from indexer.resolution.reach import LinkedCommit, LinkedFile, leading_to, led_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from indexer.parsing.facts import FileFacts
    from indexer.resolution.modules import Resolver
    from indexer.resolution.places import ImportedName
    from indexer.resolution.rows import PackageEntryRow

MOST_RELINKED: Final = 0.5
"""Of the files of a commit; beyond, all of it is linked."""


class NotRelinkable(KotaError):
    """What was linked before cannot stand beside what is linked anew; all is to be linked."""

    code = "not_relinkable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relinking:
    """A commit of which the files `relinked` are linked anew, `changed` among them, in order.

    The facts of `read` may be asked for. `symbols` counts those of each file. `before` is the
    commit from which the other rows are taken, `imported` the numbers that its imported names have,
    and `entries` the entries of packages whose exports are told anew.
    """

    before: LinkedCommit
    changed: Sequence[int]
    relinked: Sequence[int]
    read: frozenset[int]
    symbols: Sequence[int]
    imported: Mapping[ImportedName, int]
    entries: Sequence[PackageEntryRow]


def files_for_all(before: LinkedCommit) -> frozenset[int]:
    """The files that declare for every other one."""
    return frozenset(number for number, one in enumerate(before.files) if one.is_for_all)


def linked_with(
    before: LinkedCommit,
    changed: Mapping[int, FileFacts],
    paths: Sequence[str],
    resolver: Resolver,
) -> list[LinkedFile]:
    """The files as `before`, the changed ones by their new facts, leading to rather too much.

    Raises:
        NotRelinkable: one of them declares for every file, or did.
    """
    numbers = {path: number for number, path in enumerate(paths)}
    for_all = files_for_all(before)
    files = list(before.files)
    for number, facts in changed.items():
        path = paths[number]
        if number in for_all or declares_for_all(path, facts):
            raise NotRelinkable("a file that declares for all was changed")
        answers = (
            resolver.resolve(path, request.specifier, request.kind) for request in facts.requests
        )
        targets = {numbers.get(one.path) for one in answers if isinstance(one, Resolved)} - {None}
        leads_to = sorted({one for one in targets if one is not None} | for_all)
        files[number] = LinkedFile(len(facts.symbols), leads_to, is_for_all=False)
    return files


def reached(files: Sequence[LinkedFile], changed: Iterable[int]) -> list[int]:
    """In order, the changed files and those that may mean something else by their change.

    Raises:
        NotRelinkable: these are so many that nothing is gained by leaving the others out.
    """
    found = sorted(leading_to(files, changed))
    if len(found) > MOST_RELINKED * len(files):
        raise NotRelinkable("the change reaches most files")
    return found


def to_be_read(
    before: LinkedCommit, files: Sequence[LinkedFile], relinked: Iterable[int]
) -> frozenset[int]:
    """The files whose facts are asked for when these are linked."""
    return frozenset(led_to(files, relinked)) | files_for_all(before)
