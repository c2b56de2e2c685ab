"""The packages of one repository: found by name, preferring what its workspaces list."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from indexer.resolution.globs import Glob, usable_globs
from indexer.resolution.jsonc import MAX_BYTES, JsonDocuments, object_of, text_of, texts_of
from indexer.resolution.packages import Package
from indexer.resolution.paths import enclosing_folders, folder_of, join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.resolution.candidates import FileTable
    from indexer.resolution.globs import Looks

MAX_WORKSPACE_GLOBS: Final = 512

MANIFEST: Final = "package.json"
PNPM_WORKSPACE: Final = "pnpm-workspace.yaml"

_FOR_TRIALS: Final = re.compile(
    r"(?:^|/)(?:__tests__|__fixtures__|__mocks__|tests?|fixtures?|examples?|templates?|e2e|"
    r"benchmarks?|playgrounds?|demos?)(?:/|$)"
)

_TOP_LEVEL_KEY: Final = re.compile(r"(?P<key>[^\s#:'\"]+|'[^']*'|\"[^\"]*\")\s*:(?P<rest>\s.*|)")
_ITEM: Final = re.compile(r"\s*-\s+(?P<value>.+)")


class Packages:
    """Every package.json of one commit, read when first asked for."""

    def __init__(self, files: FileTable, documents: JsonDocuments, looks: Looks) -> None:
        self._files = files
        self._looks = looks
        self._documents = documents
        self._by_folder: dict[str, Package | None] = {}
        self._nearest: dict[str, Package | None] = {}
        self._by_name: dict[str, Package] | None = None

    def at(self, folder: str) -> Package | None:
        """The package whose package.json stands in `folder`."""
        if folder not in self._by_folder:
            manifest = self._documents.object_at(f"{folder}/{MANIFEST}" if folder else MANIFEST)
            self._by_folder[folder] = (
                None
                if manifest is None
                else Package(folder=folder, name=text_of(manifest, "name"), manifest=manifest)
            )
        return self._by_folder[folder]

    def around(self, folder: str) -> Package | None:
        """The nearest package that holds `folder`."""
        if folder not in self._nearest:
            found = (self.at(one) for one in enclosing_folders(folder))
            self._nearest[folder] = next((one for one in found if one is not None), None)
        return self._nearest[folder]

    def named(self, name: str, *, asking_folder: str) -> Package | None:
        """The package called `name`: the asking one, a workspace's, or any of that name."""
        own = self.around(asking_folder)
        if own is not None and own.name == name:
            return own
        if self._by_name is None:
            self._by_name = self._index()
        return self._by_name.get(name)

    def published(self) -> list[Package]:
        """The packages of the repository, one of each name: the root's and its workspaces'.

        Where nothing lists workspaces, all but those of tests, examples and the like.
        """
        packages, members = self._with_names()
        found: dict[str, Package] = {}
        for name, package in packages:
            if not package.folder or self._is_member(package.folder, members):
                found.setdefault(name, package)
        return list(found.values())

    def folder_of_package(self, name: str) -> str | None:
        """The folder of the package called `name`."""
        package = self.named(name, asking_folder="")
        return None if package is None else package.folder

    def _index(self) -> dict[str, Package]:
        packages, members = self._with_names()
        strangers: dict[str, Package] = {}
        named: dict[str, Package] = {}
        for name, package in packages:
            listed = self._is_listed(package.folder, members)
            (named if listed else strangers).setdefault(name, package)
        return strangers | named

    def _is_member(self, folder: str, members: list[Glob]) -> bool:
        return self._is_listed(folder, members) if members else not is_for_trials(folder)

    def _is_listed(self, folder: str, members: list[Glob]) -> bool:
        return self._looks.take(len(members)) and any(
            glob.fits(folder, self._looks) for glob in members
        )

    def _with_names(self) -> tuple[list[tuple[str, Package]], list[Glob]]:
        """The packages that have a name, by it, the least deep first, and what workspaces list."""
        folders = self._folders_with(MANIFEST)
        members = [*islice(self._workspace_globs(folders), MAX_WORKSPACE_GLOBS)]
        packages = (self.at(folder) for folder in folders)
        return [(one.name, one) for one in packages if one is not None and one.name], members

    def _folders_with(self, name: str) -> list[str]:
        """The folders that hold a file called `name`, the least deep first."""
        folders = [
            folder_of(path)
            for path in self._files.paths
            if (path == name or path.endswith(f"/{name}")) and "node_modules/" not in path
        ]
        return sorted(folders, key=lambda folder: (len(folder), folder))

    def _workspace_globs(self, folders: list[str]) -> Iterator[Glob]:
        """What the workspaces list; a pattern that takes away is passed over."""
        listed = [(folder, _workspace_patterns(self.at(folder))) for folder in folders]
        for folder in self._folders_with(PNPM_WORKSPACE):
            data = self._documents.bytes_at(join(folder, PNPM_WORKSPACE) or "")
            listed.append((folder, pnpm_packages(data)))
        for folder, patterns in listed:
            for pattern in usable_globs(patterns):
                place = None if pattern.startswith("!") else join(folder, pattern)
                if place is not None:
                    yield Glob(place)


def is_for_trials(folder: str) -> bool:
    """Whether what is in `folder` is there to test or to show something else."""
    return _FOR_TRIALS.search(folder) is not None


def _workspace_patterns(package: Package | None) -> list[str]:
    if package is None:
        return []
    listed = texts_of(package.manifest, "workspaces")
    return listed or texts_of(object_of(package.manifest, "workspaces"), "packages")


def pnpm_packages(data: bytes | None) -> list[str]:
    """The list under `packages:` of a pnpm-workspace.yaml.

    Reads the two ways in which lists are written there, one item a line or `[a, b]`; of anything
    else in the language it takes nothing.
    """
    if data is None or len(data) > MAX_BYTES:
        return []
    found: list[str] = []
    reading = False
    for line in data.decode("utf-8-sig", errors="replace").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if key := _TOP_LEVEL_KEY.fullmatch(line):
            reading = key["key"].strip("'\"") == "packages"
            inline = key["rest"].strip()
            if reading and inline.startswith("["):
                found += [_scalar(one) for one in inline.strip("[] ").split(",")]
        elif reading and (item := _ITEM.fullmatch(line)):
            found.append(_scalar(item["value"]))
        elif not line[0].isspace():
            reading = False
    return [one for one in found if one]


def _scalar(text: str) -> str:
    text = text.strip()
    if text[:1] in {"'", '"'}:
        return text[1:].partition(text[0])[0]
    return text.partition(" #")[0].strip()
