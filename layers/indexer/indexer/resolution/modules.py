"""Which file of the repository a module specifier means, as TypeScript answers, with no install.

The order: a relative path; `paths` and `baseUrl` of the configurations that cover the importing
file, then of those around it; the package's own `#imports`; a package of this repository by name;
a module of the runtime; else an external package.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from indexer.parsing.facts import DependencyKind
from indexer.resolution.candidates import FileTable, Round, is_module, split_ending
from indexer.resolution.configs import ConfigIndex, is_config
from indexer.resolution.globs import Looks
from indexer.resolution.jsonc import JsonDocuments, object_of
from indexer.resolution.node_builtins import builtin_module
from indexer.resolution.package_modules import PackageModule, PackageModules
from indexer.resolution.packages import Package, SourceFinder, package_name
from indexer.resolution.paths import (
    below,
    enclosing_folders,
    filled,
    folder_of,
    inside,
    join,
    name_of,
)
from indexer.resolution.rows import Unresolved
from indexer.resolution.tsconfig import Config, ConfigReader, alternative_root
from indexer.resolution.workspaces import MANIFEST, PNPM_WORKSPACE, Packages

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

MAX_SPECIFIER_LENGTH: Final = 2048

ANSWERS_PER_CHECK: Final = 10
"""Between two questions whether the work shall go on; a hostile one takes some milliseconds."""

_RELATIVE: Final = re.compile(r"\.\.?(?:/|$)")
_URL: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://|data:|//")
_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_PACKAGE: Final = re.compile(r"(?:@[a-zA-Z0-9~-][\w.~-]*/)?[a-zA-Z0-9~_-][\w.~-]*(?=/|$)")
_ALIAS_LIKE: Final = ("@/", "~/", "~", "#", "$")
_DEPENDENCY_FIELDS: Final = (
    "dependencies",
    "devDependencies",
    "peerDependencies",
    "optionalDependencies",
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The specifier means this file of the repository (code or JSON)."""

    path: str


@dataclass(frozen=True, slots=True)
class NotResolved:
    """The specifier leads to no file that a program could load. `package` names whose it is."""

    reason: Unresolved
    package: str | None = None


Answer: TypeAlias = Resolved | NotResolved


class Resolver(Protocol):
    """What linking asks of module resolution."""

    def resolve(self, importing_path: str, specifier: str, kind: int) -> Answer: ...

    def package_modules(self) -> Sequence[PackageModule]: ...

    @property
    def glob_looks(self) -> int: ...


_NOT_STATIC: Final = NotResolved(Unresolved.NOT_STATIC)
_MALFORMED: Final = NotResolved(Unresolved.MALFORMED)
_OUTSIDE: Final = NotResolved(Unresolved.OUTSIDE_REPOSITORY)
_NOT_FOUND: Final = NotResolved(Unresolved.FILE_NOT_FOUND)
_NOT_CODE: Final = NotResolved(Unresolved.NOT_CODE)
_ALIAS_TARGET_MISSING: Final = NotResolved(Unresolved.ALIAS_TARGET_MISSING)


def is_configuration(path: str) -> bool:
    """Whether the resolver may ask for the contents of `path` by its name alone.

    A configuration may extend a JSON file of any other name, so this is where reading starts, not
    all that may be read.
    """
    return name_of(path) in {MANIFEST, PNPM_WORKSPACE} or is_config(path)


class ModuleResolver:
    """Answers for one commit. `paths` are all of its files, code and not.

    `read_json` gives the bytes of a file of the commit, or None; it is called at most once a file.
    Answers are kept, so asking again costs a look-up. `check` is called now and then and raises
    where the work shall not go on, which every method then raises.
    """

    def __init__(
        self,
        paths: Collection[str],
        read_json: Callable[[str], bytes | None],
        *,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._check = check
        self._looks = Looks(check)
        self._files = FileTable(paths)
        documents = JsonDocuments(self._files.paths, read_json)
        self._packages = Packages(self._files, documents, self._looks)
        self._configs = ConfigIndex(
            self._files,
            ConfigReader(documents, self._packages.folder_of_package),
            self._looks,
        )
        self._sources = SourceFinder(self._files)
        self._configs_of_file: dict[str, tuple[Config, ...]] = {}
        self._answers: dict[tuple[str, str, int], Answer] = {}

    def resolve(self, importing_path: str, specifier: str, kind: int) -> Answer:
        """What `specifier` means in the file at `importing_path`; `kind` is a `DependencyKind`.

        An empty specifier stands for one that is computed when the program runs.
        """
        if not specifier:
            return _NOT_STATIC
        if len(specifier) > MAX_SPECIFIER_LENGTH or "\0" in specifier:
            return _MALFORMED
        if kind == DependencyKind.REFERENCE_PATH and not _RELATIVE.match(specifier):
            specifier = f"./{specifier}"
        folder = folder_of(importing_path)
        configs = self._configs_for(importing_path)
        # Equal lists of configurations are one object that lives as long as this resolver.
        key = (folder, specifier, id(configs))
        answer = self._answers.get(key)
        if answer is None:
            if not len(self._answers) % ANSWERS_PER_CHECK:
                self._check()
            answer = self._answers[key] = self._answer(folder, specifier, configs)
        return answer

    @property
    def glob_looks(self) -> int:
        """What putting the patterns of configurations to paths took so far: `globs.MAX_LOOKS`."""
        return self._looks.taken

    def package_modules(self) -> list[PackageModule]:
        """The modules that the packages of the commit offer to other repositories."""
        return PackageModules(self._files, self._packages, self._sources).offered()

    def _configs_for(self, path: str) -> tuple[Config, ...]:
        configs = self._configs_of_file.get(path)
        if configs is None:
            configs = self._configs_of_file[path] = self._configs.configs_for(path)
        return configs

    def _answer(self, folder: str, specifier: str, configs: tuple[Config, ...]) -> Answer:
        if _RELATIVE.match(specifier):
            return self._relative(folder, specifier, configs)
        if specifier.startswith("/") or _URL.match(specifier):
            return _OUTSIDE
        conditions = configs[0].conditions if configs else ()
        aliased, found = self._by_configuration(specifier, configs[:1])
        if found is None:
            found = self._own_entry(folder, specifier, conditions)
        if found is None:
            around, found = self._by_configuration(specifier, configs[1:])
            aliased = aliased or around
        if found is not None:
            return found
        if specifier.startswith("#"):
            return self._private(folder, specifier, conditions)
        return self._by_name(folder, specifier, conditions, aliased=aliased)

    def _relative(self, folder: str, specifier: str, configs: tuple[Config, ...]) -> Answer:
        place = join(folder, specifier)
        if place is None:
            return _OUTSIDE
        must_be_folder = specifier.endswith(("/", "/.", "/..")) or specifier in {".", ".."}
        config = configs[0] if configs else None
        places = [place, *(alternative_root(config, place) if config else ())]
        found = self._first(places, config, only_folder=must_be_folder)
        return found or self._without_query(folder, specifier, places) or _NOT_FOUND

    def _without_query(self, folder: str, specifier: str, places: Sequence[str]) -> Answer | None:
        """A file that is not code, or one asked for with a bundler's `?query`."""
        if any(place in self._files.paths for place in places):
            return _NOT_CODE
        bare = re.split(r"[?#]", specifier, maxsplit=1)[0]
        place = join(folder, bare)
        if bare == specifier or place is None:
            return None
        return self._first([place], None) or (_NOT_CODE if place in self._files.paths else None)

    def _by_configuration(
        self, specifier: str, configs: tuple[Config, ...]
    ) -> tuple[bool, Answer | None]:
        """Whether an alias claims `specifier`, and what it means by `paths` and `baseUrl`."""
        claimed = False
        for config in configs:
            places: list[str] = []
            found: Resolved | None = None
            for alias in config.aliases:
                captured = alias.captured(specifier)
                if captured is not None:
                    claimed = claimed or not alias.catches_all
                    named = _places_of(alias.targets, captured)
                    places = [place for _, place in named]
                    found = self._as_written(named)
                    break
            found = found or self._first(places, config)
            if found is None and config.base_url is not None:
                place = join(config.base_url, specifier)
                places = [*places, *(() if place is None else (place,))]
                found = self._first(places, config)
            if found is not None:
                return claimed, found
            if any(place in self._files.paths for place in places):
                return claimed, _NOT_CODE
        return claimed, None

    def _as_written(self, named: Sequence[tuple[str, str]]) -> Resolved | None:
        """The file that an alias names with its ending: that one, whatever declares it beside it.

        As `tryLoadModuleUsingPaths` of the TypeScript compiler does.
        """
        for target, place in named:
            if not split_ending(target)[1]:
                return None
            if place in self._files.paths:
                return Resolved(place)
        return None

    def _own_entry(
        self, folder: str, specifier: str, conditions: tuple[str, ...]
    ) -> Resolved | None:
        """What a package means by its own name, by those of its `exports` that are there."""
        package = self._packages.around(folder)
        if package is None or not package.name or "exports" not in package.manifest:
            return None
        if not inside(package.name, specifier):
            return None
        targets = package.targets(below(package.name, specifier), conditions)
        path = self._sources.present(package, targets)
        return None if path is None else Resolved(path)

    def _first(
        self, places: Sequence[str], config: Config | None, *, only_folder: bool = False
    ) -> Resolved | None:
        suffixes = config.suffixes if config else ("",)
        for look in Round:
            for place in places:
                path = None if only_folder else self._files.file(place, look, suffixes)
                path = path or self._folder(place, look, suffixes)
                if path is not None:
                    return Resolved(path)
        return None

    def _folder(self, folder: str, look: Round, suffixes: tuple[str, ...]) -> str | None:
        """What importing a folder gives: what its package.json names, else its index."""
        if folder not in self._files.folders:
            return None
        package = self._packages.at(folder)
        for field in ("typings", "types", "main") if package else ():
            written = package.manifest.get(field) if package else None
            place = join(folder, written) if isinstance(written, str) else None
            if place is None or place == folder:
                continue
            found = self._files.file(place, look, suffixes) or self._files.index(
                place, look, suffixes
            )
            if found:
                return found
        return self._files.index(folder, look, suffixes)

    def _private(self, folder: str, specifier: str, conditions: tuple[str, ...]) -> Answer:
        package = self._packages.around(folder)
        if package is None:
            return _ALIAS_TARGET_MISSING
        targets = package.private_targets(specifier, conditions)
        inner = [one for one in targets if _RELATIVE.match(one)]
        for target in inner:
            if path := self._sources.find(package, [target], target.removeprefix("./")):
                return Resolved(path)
        for target in targets:
            if target not in inner and _PACKAGE.match(target):
                return self._by_name(folder, target, conditions, aliased=False)
        return _ALIAS_TARGET_MISSING

    def _by_name(
        self, folder: str, specifier: str, conditions: tuple[str, ...], *, aliased: bool
    ) -> Answer:
        name = package_name(specifier)
        package = self._packages.named(name, asking_folder=folder)
        if package is not None:
            return self._from_package(package, specifier, name, conditions)
        builtin = builtin_module(specifier)
        if builtin is not None:
            return NotResolved(Unresolved.BUILTIN, builtin)
        if specifier.startswith(_ALIAS_LIKE) or _SCHEME.match(specifier):
            return _ALIAS_TARGET_MISSING
        if not _PACKAGE.match(specifier) or any(one in specifier for one in "!?\\ "):
            return _MALFORMED
        if aliased and not self._is_declared(folder, name):
            return _ALIAS_TARGET_MISSING
        return NotResolved(Unresolved.EXTERNAL_PACKAGE, name)

    def _from_package(
        self, package: Package, specifier: str, name: str, conditions: tuple[str, ...]
    ) -> Answer:
        subpath = specifier[len(name) + 1 :]
        place = join(package.folder, subpath)
        if place is None:
            return _OUTSIDE
        targets = package.targets(subpath, conditions)
        if subpath:
            targets += self._nested_targets(place, subpath)
        path = self._sources.find(package, targets, subpath)
        if path is not None:
            return Resolved(path)
        if subpath and place in self._files.paths:
            return Resolved(place) if is_module(place) else _NOT_CODE
        return NotResolved(Unresolved.WORKSPACE_ENTRY_MISSING, name)

    def _nested_targets(self, place: str, subpath: str) -> list[str]:
        """Entries of a package.json that stands in a subfolder only to redirect from there."""
        nested = self._packages.at(place) if place in self._files.folders else None
        return [] if nested is None else [f"{subpath}/{one}" for one in nested.targets("", ())]

    def _is_declared(self, folder: str, name: str) -> bool:
        """Whether a package.json around `folder` lists the package `name` as a dependency."""
        packages = (self._packages.at(one) for one in enclosing_folders(folder))
        return any(
            name in object_of(package.manifest, field)
            for package in packages
            if package is not None
            for field in _DEPENDENCY_FIELDS
        )


def _places_of(targets: Iterable[str], captured: str) -> list[tuple[str, str]]:
    """The targets of an alias, each with the place in the repository that it names."""
    found = []
    for target in targets:
        path = filled(target, captured)
        place = None if path is None else join("", path)
        if place is not None:
            found.append((target, place))
    return found
