"""The files that fit the patterns of a package's `exports`, and what an import of each may write.

A target is put to the files as it is written, and as what it is built from: of `./dist/*.js` often
only `src/*.ts` is in a repository. What stands for `*` in a file stands for it in the pattern.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple

from indexer.resolution.candidates import split_ending, stands_for
from indexer.resolution.jsonc import object_of
from indexer.resolution.packages import Package, SourceFinder
from indexer.resolution.paths import below, filled, folder_of, inside, join
from indexer.resolution.workspaces import is_for_trials

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_LOOKS: Final = 500_000
"""So often a file is put to a target, or a subpath to a pattern, for one repository."""

SOURCE_FOLDERS: Final = ("src/", "source/", "lib/")

_EMITTED: Final = {".ts": ".js", ".tsx": ".js", ".mts": ".mjs", ".cts": ".cjs"}


class _File(NamedTuple):
    path: str
    stem: str
    ending: str

    @classmethod
    def at(cls, path: str) -> _File:
        return cls(path, *split_ending(path))


class PatternFits:
    """Reads the patterns of one commit's packages."""

    def __init__(self, sources: SourceFinder) -> None:
        self._sources = sources
        self._looks_left = MAX_LOOKS

    def subpaths(self, package: Package, paths: Sequence[str]) -> Iterator[str]:
        """What may follow the name of `package`, as its patterns make it of the files at `paths`.

        Those are sorted, as seen from its folder. Where another pattern fits a subpath better, or
        closes it, that one decides: whoever takes it asks the package for its targets.
        """
        files = [_File.at(path) for path in paths]
        patterns = len(object_of(package.manifest, "exports"))
        for pattern, targets in package.patterns():
            for captured in dict.fromkeys(self._captured(package, pattern, targets, files)):
                self._looks_left -= patterns
                if self._looks_left <= 0:
                    return
                subpath = filled(pattern, captured)
                if subpath is not None:
                    yield subpath

    def _captured(
        self, package: Package, pattern: str, targets: list[str], files: Sequence[_File]
    ) -> list[str]:
        """What `*` stands for, by all the files that fit one of `targets`."""
        found: list[str] = []
        written = {one: join("", one) for one in targets if "*" in one}
        known = False
        for target, place in written.items():
            if place is None:
                continue
            sources = self._first(package, self._sources.built_from(package, [target]), files)
            found += self._fits(place, files, built=False) + sources
            known = known or bool(sources) or _is_folder(folder_of(place.partition("*")[0]), files)
        if any(place is not None for place in written.values()) and not known:
            ending = split_ending(targets[0])[1]
            usual = self._sources.usual(package, pattern)
            places = (one and one + ("" if split_ending(one)[1] else ending) for one in usual)
            found += self._first(package, places, files)
        return found

    def _first(
        self, package: Package, places: Iterable[str | None], files: Sequence[_File]
    ) -> list[str]:
        """What the first of `places` gives that any of the files fits."""
        within = (one for one in places if one is not None and inside(package.folder, one))
        fits = (self._fits(below(package.folder, one), files, built=True) for one in within)
        return next(filter(None, fits), [])

    def _fits(self, target: str, files: Sequence[_File], *, built: bool) -> list[str]:
        """What `*` of `target` stands for in each file that fits it.

        Where it is `built`, of whatever source; else it is there itself, or compiled in its place.
        """
        prefix, star, _ = target.partition("*")
        found: list[str] = []
        if not star:
            return found
        for file in files[bisect_left(files, prefix, key=lambda one: one.path) :]:
            self._looks_left -= 1
            if self._looks_left <= 0 or not file.path.startswith(prefix):
                break
            if is_for_trials(folder_of(file.path[len(prefix) :])):
                continue
            rooted = not built and not prefix and file.path.startswith(SOURCE_FOLDERS)
            found += _readings(target, file, as_written=rooted, built=built)
        return found


def _is_folder(folder: str, files: Sequence[_File]) -> bool:
    """Whether any of `files` is in `folder`. All are in the root, and what is built may be, too."""
    at = bisect_left(files, f"{folder}/", key=lambda one: one.path)
    return bool(folder) and at < len(files) and inside(folder, files[at].path)


def _readings(target: str, file: _File, *, as_written: bool, built: bool) -> Iterator[str]:
    """What `*` of `target` stands for in `file`; `as_written`: no other ending is taken for it."""
    wanted, ending = split_ending(target)
    if ending:
        compiled = not as_written and stands_for(ending, file.ending)
        if built or compiled or file.ending == ending:
            yield from _stars(wanted, file.stem)
        return
    emitted = _EMITTED.get(file.ending)
    if emitted is not None and as_written:
        return
    yield from _stars(target, file.path if emitted is None else file.stem + emitted)
    yield from _stars(target, file.stem)
    if file.stem.endswith("/index"):
        yield from _stars(target, file.stem.removesuffix("/index"))


def _stars(template: str, path: str) -> Iterator[str]:
    """The one text that makes `path` of `template` when it stands for each `*`, if there is one."""
    stars = template.count("*")
    length, left = divmod(len(path) - len(template) + stars, stars)
    if length < 1 or left:
        return
    start = template.index("*")
    found = path[start : start + length]
    if template.replace("*", found) == path:
        yield found
