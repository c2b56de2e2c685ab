"""Which modules the packages of a repository offer to others, and the files behind them.

A package offers what its manifest exports; where it says nothing, its entry and every file. What an
import of it may write leads to a file the same way as an import from within the repository.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from indexer.resolution.candidates import CODE_ENDINGS, FileTable, split_ending
from indexer.resolution.export_patterns import SOURCE_FOLDERS, PatternFits
from indexer.resolution.jsonc import object_of
from indexer.resolution.packages import Package, SourceFinder
from indexer.resolution.paths import below, folder_of
from indexer.resolution.workspaces import is_for_trials

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from indexer.resolution.workspaces import Packages

MAX_PACKAGES: Final = 2_000
MAX_LISTED: Final = 10_000
"""Modules that the manifests of one repository list, by their order; as many fit their patterns."""

MAX_FILES_TRIED: Final = 2_000
"""Files of one repository that are tried as modules of their own."""

_NAME: Final = re.compile(r"(?:@[\w.~-]+/)?[\w~-][\w.~-]*", re.ASCII)


class PackageModule(NamedTuple):
    """What a module specifier of `package`, and `subpath` where it is not "", leads to."""

    package: str
    subpath: str
    path: str


class PackageModules:
    """The modules that the packages of one commit offer."""

    def __init__(self, files: FileTable, packages: Packages, sources: SourceFinder) -> None:
        self._files = files
        self._packages = packages
        self._sources = sources

    def offered(self) -> list[PackageModule]:
        """All of them, by package and path in it; each path once."""
        found: dict[tuple[str, str], str] = {}
        packages = sorted(
            (one for one in self._packages.published() if one.name and _NAME.fullmatch(one.name)),
            key=lambda one: (one.name or "", one.folder),
        )[:MAX_PACKAGES]
        listed = ((one, subpath) for one in packages for subpath in ("", *_listed(one)))
        for package, subpath in islice(listed, MAX_LISTED):
            self._add(found, package, subpath)
        for package, subpath in islice(self._by_patterns(packages), MAX_LISTED):
            self._add(found, package, subpath)
        open_ones = {one.folder for one in packages if _offers_files(one)}
        for package, path in islice(self._tried(open_ones), MAX_FILES_TRIED):
            for subpath in _subpaths(below(package.folder, path)):
                self._add(found, package, subpath)
        return [PackageModule(*key, path) for key, path in sorted(found.items())]

    def _add(self, found: dict[tuple[str, str], str], package: Package, subpath: str) -> None:
        key = (package.name or "", subpath)
        if key in found:
            return
        targets = package.targets(subpath, ())
        if subpath and "exports" in package.manifest and not targets:
            return
        path = self._sources.find(package, targets, subpath)
        if path is not None:
            found[key] = path

    def _by_patterns(self, packages: list[Package]) -> Iterator[tuple[Package, str]]:
        """What imports may write by the patterns of the packages' `exports`."""
        having = [one for one in packages if any(targets for _, targets in one.patterns())]
        paths: dict[str, list[str]] = {one.folder: [] for one in having}
        for package, path in self._files_of(paths):
            paths[package.folder].append(below(package.folder, path))
        fits = PatternFits(self._sources)
        for package in having:
            for subpath in fits.subpaths(package, paths[package.folder]):
                yield package, subpath

    def _tried(self, open_ones: Collection[str]) -> Iterator[tuple[Package, str]]:
        """Files that may be modules by themselves, of which their package says no names."""
        for package, path in self._files_of(open_ones):
            if not is_for_trials(folder_of(path)):
                yield package, path

    def _files_of(self, folders: Collection[str]) -> Iterator[tuple[Package, str]]:
        """The code files of the packages in `folders`, sorted, each with its package."""
        if not folders:
            return
        for path in sorted(self._files.paths):
            if path.endswith(CODE_ENDINGS):
                home = self._packages.around(folder_of(path))
                if home is not None and home.folder in folders:
                    yield home, path


def _listed(package: Package) -> Iterator[str]:
    for key in object_of(package.manifest, "exports"):
        if key.startswith("./") and "*" not in key and not key.endswith("/"):
            yield key[2:]


def _offers_files(package: Package) -> bool:
    """Whether every file of it is a module: it is published, and exports nothing by name."""
    return package.manifest.get("private") is not True and "exports" not in package.manifest


def _subpaths(path: str) -> Iterator[str]:
    """How an import may write a file, with its folder of sources and without."""
    stem = split_ending(path)[0]
    for name in (stem, *(stem[len(one) :] for one in SOURCE_FOLDERS if stem.startswith(one))):
        yield name
        if name.endswith("/index"):
            yield name.removesuffix("/index")
