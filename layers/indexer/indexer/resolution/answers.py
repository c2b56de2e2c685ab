"""What the requests of a commit are answered with: a file by its number, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.resolution.modules import NotResolved, Resolver
from indexer.resolution.packages import subpath_of
from indexer.resolution.rows import Unresolved, names_of_module

if TYPE_CHECKING:
    from collections.abc import Mapping


class AnsweredRequest(NamedTuple):
    """A request for a module, and the file that answers it or the `Unresolved` that says why not.

    `package` is the one that it asks, where that is known and none of the commit answers.
    """

    specifier: str
    kind: int
    to_file_no: int | None
    package: str | None
    reason: int | None

    @property
    def target(self) -> int:
        """The number of the file, or the negative of the `Resolution` of what it was to give."""
        if self.to_file_no is not None:
            return self.to_file_no
        return -names_of_module(self.reason)

    @property
    def outside(self) -> tuple[str, str] | None:
        """The package that it asks, and for what in it, where that is not in the repository."""
        if self.reason != Unresolved.EXTERNAL_PACKAGE:
            return None
        package = self.package or ""
        subpath = subpath_of(package, self.specifier)
        return None if subpath is None else (package, subpath)


class Answers:
    """Answers the requests of one commit, whose indexed files are numbered by their paths."""

    def __init__(self, resolver: Resolver, file_no: Mapping[str, int]) -> None:
        self._resolver = resolver
        self._file_no = file_no

    def of(self, path: str, specifier: str, kind: int) -> AnsweredRequest:
        """The request that the file at `path` makes, answered."""
        answer = self._resolver.resolve(path, specifier, kind)
        if isinstance(answer, NotResolved):
            return AnsweredRequest(specifier, kind, None, answer.package, int(answer.reason))
        file_no = self._file_no.get(answer.path)
        if file_no is not None:
            return AnsweredRequest(specifier, kind, file_no, None, None)
        is_json = answer.path.endswith(".json")
        reason = Unresolved.NOT_CODE if is_json else Unresolved.NOT_INDEXED
        return AnsweredRequest(specifier, kind, None, None, int(reason))
