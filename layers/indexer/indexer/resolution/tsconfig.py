"""What tsconfig.json and jsconfig.json say about finding modules.

One `Config` is what a configuration file amounts to after all that it extends. Only options that
decide where a module is are kept. A broken, missing or hostile file amounts to less, never to an
error: cycles end, chains and lists are bounded, and no path leaves the repository.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from indexer.resolution.globs import Glob, usable_globs
from indexer.resolution.jsonc import JsonDocuments, JsonObject, object_of, text_of, texts_of
from indexer.resolution.packages import package_name
from indexer.resolution.paths import below, folder_of, inside, join, name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.resolution.globs import Looks

MAX_EXTENDED: Final = 64
MAX_EXTENDS_DEPTH: Final = 16
MAX_ALIASES: Final = 2048
MAX_ALIAS_TARGETS: Final = 32
MAX_ROOTS: Final = 64
MAX_SUFFIXES: Final = 32
MAX_CONDITIONS: Final = 64

_CONFIG_FOLDER: Final = "${configDir}"
_NEVER_INCLUDED: Final = (
    Glob("**/node_modules"),
    Glob("**/bower_components"),
    Glob("**/jspm_packages"),
)
_TYPED_ENDINGS: Final = (".ts", ".tsx", ".mts", ".cts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """One entry of `paths`: what a specifier starts and ends with, and where it then leads.

    `suffix` is None for an entry without `*`. Targets are repository paths that may hold a `*`.
    """

    prefix: str
    suffix: str | None
    targets: tuple[str, ...]

    def captured(self, specifier: str) -> str | None:
        """What `*` stands for in `specifier`; None when the entry does not fit."""
        if self.suffix is None:
            return "" if specifier == self.prefix else None
        if len(specifier) < len(self.prefix) + len(self.suffix):
            return None
        if not (specifier.startswith(self.prefix) and specifier.endswith(self.suffix)):
            return None
        return specifier[len(self.prefix) : len(specifier) - len(self.suffix)]

    @property
    def catches_all(self) -> bool:
        """Whether the entry fits every specifier, so that fitting it means nothing."""
        return not self.prefix and self.suffix == ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The options of one configuration file, paths relative to the repository.

    `aliases` stand in the order in which they are to be tried: exact ones, then longest prefix.
    """

    path: str
    base_url: str | None
    aliases: tuple[Alias, ...]
    root_folders: tuple[str, ...]
    suffixes: tuple[str, ...]
    conditions: tuple[str, ...]
    references: tuple[str, ...]
    files: frozenset[str]
    included: tuple[Glob, ...]
    excluded: tuple[Glob, ...]
    takes_javascript: bool

    def covers(self, path: str, looks: Looks) -> bool:
        """Whether the program that this file configures holds the file at `path`.

        As far as its patterns may be put to it.
        """
        if path in self.files:
            return True
        if not self.takes_javascript and not path.endswith(_TYPED_ENDINGS):
            return False
        if not looks.take(len(self.included) + len(self.excluded)):
            return False
        return any(one.fits(path, looks) for one in self.included) and not (
            any(one.fits(path, looks) for one in self.excluded)
        )


@dataclass(slots=True)
class _Origin:
    """A value and the folder of the file that it was written in."""

    value: object
    folder: str


class ConfigReader:
    """Reads configuration files of one commit, each once.

    `package_folder` gives the folder of a package of this repository by its name.
    """

    def __init__(
        self, documents: JsonDocuments, package_folder: Callable[[str], str | None]
    ) -> None:
        self._documents = documents
        self._package_folder = package_folder
        self._configs: dict[str, Config | None] = {}

    def config_at(self, path: str) -> Config | None:
        """The configuration that the file at `path` amounts to; None when it cannot be used."""
        if path not in self._configs:
            self._configs[path] = self._read(path)
        return self._configs[path]

    def _read(self, path: str) -> Config | None:
        own = self._documents.object_at(path)
        if own is None:
            return None
        options: dict[str, _Origin] = {}
        selection: dict[str, _Origin] = {}
        for one in self._lineage(path):
            document = self._documents.object_at(one) or {}
            folder = folder_of(one)
            for key, value in object_of(document, "compilerOptions").items():
                options[key] = _Origin(value, folder)
            for key in ("files", "include", "exclude"):
                if isinstance(document.get(key), list):
                    selection[key] = _Origin(document[key], folder)
        return _amount(path, options, selection, self._references(path, own))

    def _lineage(self, path: str) -> list[str]:
        """The files that make up `path`, the farthest base first, itself last."""
        lineage: list[str] = []
        entered = 0
        waiting: list[tuple[str, tuple[str, ...], bool]] = [(path, (), False)]
        while waiting:
            one, trail, bases_done = waiting.pop()
            if bases_done:
                lineage.append(one)
                continue
            if one in trail or len(trail) > MAX_EXTENDS_DEPTH or entered > MAX_EXTENDED:
                continue
            entered += 1
            waiting.append((one, trail, True))
            bases = reversed(self._bases(one))
            waiting.extend((base, (*trail, one), False) for base in bases)
        return lineage

    def _bases(self, path: str) -> list[str]:
        document = self._documents.object_at(path) or {}
        single = text_of(document, "extends")
        written = [single] if single is not None else texts_of(document, "extends")
        places = (self._extended(folder_of(path), one) for one in written[:MAX_EXTENDED])
        return [place for place in places if place is not None]

    def _extended(self, folder: str, specifier: str) -> str | None:
        if specifier.startswith(("./", "../")) or specifier in {".", ".."}:
            return self._present(join(folder, specifier))
        name = package_name(specifier)
        home = self._package_folder(name)
        if home is None:
            return None
        inner = below(name, specifier)
        if not inner:
            manifest = self._documents.object_at(join(home, "package.json") or "") or {}
            inner = text_of(manifest, "tsconfig") or "tsconfig.json"
        return self._present(join(home, inner))

    def _present(self, place: str | None) -> str | None:
        if place is None:
            return None
        for path in (place, f"{place}.json", join(place, "tsconfig.json")):
            if path is not None and self._documents.object_at(path) is not None:
                return path
        return None

    def _references(self, path: str, document: JsonObject) -> tuple[str, ...]:
        written = document.get("references")
        if not isinstance(written, list):
            return ()
        found: list[str] = []
        for one in written[:MAX_ROOTS]:
            place = text_of(one, "path") if isinstance(one, dict) else None
            target = self._present(None if place is None else join(folder_of(path), place))
            if target is not None and target != path:
                found.append(target)
        return tuple(found)


def _amount(
    path: str,
    options: dict[str, _Origin],
    selection: dict[str, _Origin],
    references: tuple[str, ...],
) -> Config:
    home = folder_of(path)
    base_url = _place(options.get("baseUrl"), home)
    outputs = [_place(options.get(key), home) for key in ("outDir", "declarationDir")]
    takes_javascript = options.get("allowJs", options.get("checkJs"))
    return Config(
        path=path,
        base_url=base_url,
        aliases=_aliases(options.get("paths"), base_url, home),
        root_folders=tuple(_places(options.get("rootDirs"), home)),
        suffixes=tuple(_strings(options.get("moduleSuffixes"))[:MAX_SUFFIXES]) or ("",),
        conditions=tuple(_strings(options.get("customConditions"))[:MAX_CONDITIONS]),
        references=references,
        files=frozenset(_places(selection.get("files"), home)),
        included=_included(selection, home),
        excluded=(
            *_globs(selection.get("exclude"), home),
            *_NEVER_INCLUDED,
            *(Glob(one) for one in outputs if one and "exclude" not in selection),
        ),
        takes_javascript=(
            takes_javascript.value is True
            if takes_javascript is not None
            else name_of(path) == "jsconfig.json"
        ),
    )


def _included(selection: dict[str, _Origin], home: str) -> tuple[Glob, ...]:
    if "include" in selection:
        return _globs(selection["include"], home)
    return () if "files" in selection else (Glob(home),)


def _globs(origin: _Origin | None, home: str) -> tuple[Glob, ...]:
    places = (_within(one, origin, home) for one in usable_globs(_strings(origin)))
    return tuple(Glob(place) for place in places if place is not None)


def _aliases(origin: _Origin | None, base_url: str | None, home: str) -> tuple[Alias, ...]:
    if origin is None or not isinstance(origin.value, dict):
        return ()
    start = _Origin(None, origin.folder if base_url is None else base_url)
    aliases: list[Alias] = []
    for pattern, value in list(origin.value.items())[:MAX_ALIASES]:
        if not isinstance(value, list) or pattern.count("*") > 1:
            continue
        prefix, star, suffix = pattern.partition("*")
        written = [one for one in value[:MAX_ALIAS_TARGETS] if isinstance(one, str)]
        places = (_within(one, start, home) for one in written)
        targets = tuple(place for place in places if place is not None)
        aliases.append(Alias(prefix=prefix, suffix=suffix if star else None, targets=targets))
    return tuple(sorted(aliases, key=lambda one: (one.suffix is not None, -len(one.prefix))))


def _within(written: str, origin: _Origin | None, home: str) -> str | None:
    """A path written in a configuration as a repository path; None when it lies elsewhere."""
    if written.startswith(_CONFIG_FOLDER):
        return join(home, written[len(_CONFIG_FOLDER) :].lstrip("/"))
    if written.startswith("/") or origin is None:
        return None
    return join(origin.folder, written)


def _place(origin: _Origin | None, home: str) -> str | None:
    if origin is None or not isinstance(origin.value, str):
        return None
    return _within(origin.value, origin, home)


def _places(origin: _Origin | None, home: str) -> list[str]:
    places = (_within(one, origin, home) for one in _strings(origin)[:MAX_ALIASES])
    return [place for place in places if place is not None]


def _strings(origin: _Origin | None) -> list[str]:
    if origin is None or not isinstance(origin.value, list):
        return []
    return [one for one in origin.value if isinstance(one, str)]


def alternative_root(config: Config, place: str) -> list[str]:
    """Where `place` may also be, by the configuration's `rootDirs`: merged virtual folders."""
    homes = [root for root in config.root_folders[:MAX_ROOTS] if inside(root, place)]
    if not homes:
        return []
    home = max(homes, key=len)
    others = (
        join(root, below(home, place)) for root in config.root_folders[:MAX_ROOTS] if root != home
    )
    return [one for one in others if one is not None]
