"""What a package.json promises under which name, and which source files keep the promise.

A repository is read without its build output, so an entry such as `./dist/index.js` is usually
not there; the source that it is built from is found beside it by the habits of build tools.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from indexer.resolution.candidates import CODE_ENDINGS, FileTable, Round, split_ending
from indexer.resolution.jsonc import JsonObject, object_of, text_of
from indexer.resolution.paths import MAX_WRITTEN_LENGTH, below, filled, inside, join, name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_TARGETS: Final = 64
MAX_ENTRY_DEPTH: Final = 16
MAX_ENTRIES: Final = 4096

_ENTRY_FIELDS: Final = ("source", "types", "typings", "module", "main")
_SOURCE_CONDITION: Final = re.compile(r"source|src|ts-")
_CONDITION_ORDER: Final = {"types": 2, "import": 3, "default": 4}

_OUTPUT_FOLDERS: Final = frozenset(
    ("dist", "lib", "build", "out", "es", "esm", "cjs", "legacy", "modern", "types")
)
_OUTPUT_VARIANTS: Final = _OUTPUT_FOLDERS | {"prod", "dev", "production", "development"}
_SOURCE_FOLDERS: Final = ("src", "", "source", "lib")
_SOURCE_ENTRIES: Final = ("src/index", "src/main", "index", "lib/index", "source/index")


def package_name(specifier: str) -> str:
    """The part of a bare specifier that names the package."""
    segments = specifier.split("/")
    return "/".join(segments[: 2 if specifier.startswith("@") else 1])


def subpath_of(package: str, specifier: str) -> str | None:
    """What a bare specifier asks for in a package, "" being the package itself.

    None where it does not name the package: under a name of its own (`#imports`) it may ask for
    anything.
    """
    return below(package, specifier) if inside(package, specifier) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A folder with a package.json. `manifest` is that file's object."""

    folder: str
    name: str | None
    manifest: JsonObject

    def targets(self, subpath: str, conditions: tuple[str, ...]) -> list[str]:
        """Where the package says that `subpath` of it is ("" is the package itself), best first.

        `conditions` are names that come before the usual ones. Targets are as written.
        """
        key = f"./{subpath}" if subpath else "."
        found = list(self._exported(key, conditions))
        if not subpath:
            found += [one for one in map(self._field, _ENTRY_FIELDS) if one is not None]
        found += self._by_version(subpath or "index")
        return found[:MAX_TARGETS]

    def patterns(self) -> Iterator[tuple[str, list[str]]]:
        """Each pattern of `exports`, without "./", and its targets; in all of them `*` is open.

        An entry that is a folder is one: `./lib/` is `lib/*`. One that is closed has no targets.
        """
        for key, value in islice(object_of(self.manifest, "exports").items(), MAX_ENTRIES):
            pattern = f"{key}*" if key.endswith("/") else key
            if pattern.startswith("./") and pattern.count("*") == 1:
                yield pattern[2:], list(dict.fromkeys(_leaves(value, "*", ())))

    def private_targets(self, specifier: str, conditions: tuple[str, ...]) -> list[str]:
        """Where the package's own `imports` say that `specifier` (it starts with "#") is."""
        return list(_entry(object_of(self.manifest, "imports"), specifier, conditions))[
            :MAX_TARGETS
        ]

    def _field(self, field: str) -> str | None:
        return text_of(self.manifest, field)

    def _exported(self, key: str, conditions: tuple[str, ...]) -> Iterator[str]:
        exports = self.manifest.get("exports")
        if isinstance(exports, dict) and any(one.startswith(".") for one in exports):
            yield from _entry(exports, key, conditions)
        elif key == ".":
            yield from _leaves(exports, "", conditions)

    def _by_version(self, subpath: str) -> list[str]:
        found: list[str] = []
        for versions in list(object_of(self.manifest, "typesVersions").values())[:MAX_TARGETS]:
            if isinstance(versions, dict):
                found += _entry(versions, subpath, ())
        return found


def _entry(table: JsonObject, key: str, conditions: tuple[str, ...]) -> Iterator[str]:
    """The targets of the entry of `exports` or `imports` that fits `key` best."""
    if key in table:
        yield from _leaves(table[key], "", conditions)
        return
    best: tuple[tuple[int, int], str, str] | None = None
    for pattern in list(table)[:MAX_ENTRIES]:
        captured = _captured(pattern, key)
        length = (len(pattern.partition("*")[0]), len(pattern))
        if captured is not None and (best is None or length > best[0]):
            best = (length, pattern, captured)
    if best is not None:
        yield from _leaves(table[best[1]], best[2], conditions)


def _captured(pattern: str, key: str) -> str | None:
    """What `*` (or the end, of an entry that is a folder) stands for; None when it does not fit."""
    if pattern.endswith("/"):
        return key[len(pattern) :] if key.startswith(pattern) else None
    prefix, star, suffix = pattern.partition("*")
    if not star or "*" in suffix or len(key) <= len(prefix) + len(suffix):
        return None
    if not (key.startswith(prefix) and key.endswith(suffix)):
        return None
    return key[len(prefix) : len(key) - len(suffix)]


def _leaves(value: object, captured: str, conditions: tuple[str, ...]) -> Iterator[str]:
    """Every path below `value`, in the order in which its conditions count here.

    One that would be longer than a path may be is passed over.
    """
    waiting: list[tuple[object, int]] = [(value, 0)]
    given = 0
    while waiting and given < MAX_TARGETS:
        one, depth = waiting.pop()
        if isinstance(one, str):
            given += 1
            place = _target(one, captured)
            if place is not None:
                yield place
        elif depth >= MAX_ENTRY_DEPTH:
            continue
        elif isinstance(one, list):
            waiting += [(item, depth + 1) for item in reversed(one[:MAX_TARGETS])]
        elif isinstance(one, dict):
            ranked = sorted(one, key=lambda name: _rank(name, conditions))
            waiting += [(one[name], depth + 1) for name in reversed(ranked[:MAX_TARGETS])]


def _target(written: str, captured: str) -> str | None:
    """Where a target leads; None where that is longer than a path may be."""
    if not written.endswith("/"):
        return filled(written, captured)
    return written + captured if len(written + captured) <= MAX_WRITTEN_LENGTH else None


def _rank(condition: str, conditions: tuple[str, ...]) -> int:
    if condition in conditions:
        return 0
    if _SOURCE_CONDITION.search(condition):
        return 1
    return _CONDITION_ORDER.get(condition, 5)


class SourceFinder:
    """Finds the file behind what a package promises."""

    def __init__(self, files: FileTable) -> None:
        self._files = files

    def find(self, package: Package, targets: list[str], subpath: str) -> str | None:
        """The code file of `package` that its `targets` stand for.

        When none of them is there, it is what they are built from, then what `subpath` names
        below the usual source folders, then the usual entry of a package.
        """
        return (
            self.present(package, targets)
            or self._first(self.built_from(package, targets))
            or self._first(self.usual(package, subpath))
        )

    def present(self, package: Package, targets: list[str]) -> str | None:
        """The code file that the first of `targets` that is there stands for."""
        return self._first(join(package.folder, one) for one in targets)

    def place(self, place: str) -> str | None:
        """The code file that `place` names, with or without its ending, or as a folder."""
        if place in self._files.paths and place.endswith(CODE_ENDINGS):
            return place
        stem = split_ending(place)[0]
        bases = (place,) if stem == place else (stem, place)
        for base in bases:
            for look in Round:
                if found := self._code(self._files.file(base, look)):
                    return found
        for look in Round:
            if found := self._code(self._files.index(place, look)):
                return found
        return None

    @staticmethod
    def _code(path: str | None) -> str | None:
        return path if path is not None and path.endswith(CODE_ENDINGS) else None

    def _first(self, places: Iterable[str | None]) -> str | None:
        for place in places:
            if place is not None and (found := self.place(place)) is not None:
                return found
        return None

    @staticmethod
    def built_from(package: Package, targets: Iterable[str]) -> Iterator[str | None]:
        """Where the sources of `targets` may be, best first: beside the folders of output."""
        for target in targets:
            segments = target.removeprefix("./").split("/")
            output = next((at for at, one in enumerate(segments) if one in _OUTPUT_FOLDERS), None)
            if output is None:
                continue
            first = output
            while first < len(segments) - 1 and _is_output(segments[first]):
                first += 1
            before, after = "/".join(segments[:output]), "/".join(segments[first:])
            for source in _SOURCE_FOLDERS:
                yield join(package.folder, f"{before}/{source}/{after}")

    @staticmethod
    def usual(package: Package, subpath: str) -> Iterator[str | None]:
        """Where `subpath` of a package usually is, whatever its manifest says, best first."""
        if subpath:
            for source in ("src", "", "lib"):
                yield join(package.folder, f"{source}/{subpath}")
            return
        for entry in _SOURCE_ENTRIES:
            yield join(package.folder, entry)
        yield join(package.folder, f"src/{name_of(package.folder)}")


def _is_output(segment: str) -> bool:
    return segment in _OUTPUT_VARIANTS or segment.endswith("-esm")
