"""Which modules the packages of a repository offer to others, and the files behind them.

A package offers what its manifest exports; where it says nothing, its entry and every file. What an
import of it may write leads to a file the same way as an import from within the repository.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from indexer.resolution.candidates import CODE_ENDINGS, FileTable, split_ending
from indexer.resolution.jsonc import object_of
from indexer.resolution.packages import Package, SourceFinder
from indexer.resolution.paths import below, folder_of
from indexer.resolution.workspaces import is_for_trials

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from indexer.resolution.workspaces import Packages

MAX_PACKAGES: Final = 2_000
MAX_LISTED: Final = 10_000
"""Modules that the manifests of one repository list, by their order."""

MAX_FILES_TRIED: Final = 2_000
"""Files of one repository that are tried as modules of their own."""

_SOURCES: Final = ("src/", "source/", "lib/")
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
        open_ones = {one.folder for one in packages if _offers_files(one)}
        for package, path in islice(self._tried(open_ones), MAX_FILES_TRIED):
            for subpath in _subpaths(package, below(package.folder, path)):
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

    def _tried(self, open_ones: Collection[str]) -> Iterator[tuple[Package, str]]:
        """Files that may be modules by themselves, of which their package says no names."""
        if not open_ones:
            return
        for path in sorted(self._files.paths):
            folder = folder_of(path)
            if path.endswith(CODE_ENDINGS) and not is_for_trials(folder):
                home = self._packages.around(folder)
                if home is not None and home.folder in open_ones:
                    yield home, path


def _listed(package: Package) -> Iterator[str]:
    for key in object_of(package.manifest, "exports"):
        if key.startswith("./") and "*" not in key and not key.endswith("/"):
            yield key[2:]


def _offers_files(package: Package) -> bool:
    """Whether files of it are modules that it does not list one by one."""
    if package.manifest.get("private") is True:
        return False
    if "exports" not in package.manifest:
        return True
    return any("*" in key or key.endswith("/") for key in object_of(package.manifest, "exports"))


def _subpaths(package: Package, path: str) -> Iterator[str]:
    """How an import may write a file of a package.

    Without its folder of sources; where the package exports nothing by name, with it as well.
    """
    stem = split_ending(path)[0]
    shorter = [stem[len(one) :] for one in _SOURCES if stem.startswith(one)]
    for name in shorter if shorter and "exports" in package.manifest else (stem, *shorter):
        yield name
        if name.endswith("/index"):
            yield name.removesuffix("/index")
