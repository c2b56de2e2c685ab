"""Which file a path without certainty about its ending stands for.

TypeScript looks in two rounds: everywhere for something typed, then everywhere for JavaScript, so
`foo/index.ts` wins over `foo.js`. What it would refuse and a bundler takes comes last.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

from indexer.resolution.paths import folder_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

CODE_ENDINGS: Final = (".ts", ".tsx", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs")


class Round(IntEnum):
    """One sweep over all places where a module may be."""

    TYPED = 0
    JAVASCRIPT = 1
    LENIENT = 2


_APPENDED: Final = {
    Round.TYPED: (".ts", ".tsx", ".d.ts"),
    Round.JAVASCRIPT: (".js", ".jsx"),
    Round.LENIENT: (".mts", ".cts", ".d.mts", ".d.cts", ".mjs", ".cjs", ".json"),
}

# What a written ending may stand for: sources are imported by the name of their output.
_PLAIN: Final = {Round.TYPED: (".ts", ".tsx", ".d.ts"), Round.JAVASCRIPT: (".js", ".jsx")}
_WITH_JSX: Final = {Round.TYPED: (".tsx", ".ts", ".d.ts"), Round.JAVASCRIPT: (".jsx", ".js")}
_MODULE: Final = {Round.TYPED: (".mts", ".d.mts"), Round.JAVASCRIPT: (".mjs",)}
_COMMONJS: Final = {Round.TYPED: (".cts", ".d.cts"), Round.JAVASCRIPT: (".cjs",)}
_WRITTEN: Final = {
    ".d.ts": _PLAIN,
    ".d.mts": _MODULE,
    ".d.cts": _COMMONJS,
    ".ts": _PLAIN,
    ".js": _PLAIN,
    ".tsx": _WITH_JSX,
    ".jsx": _WITH_JSX,
    ".mts": _MODULE,
    ".mjs": _MODULE,
    ".cts": _COMMONJS,
    ".cjs": _COMMONJS,
}
_STANDS_FOR: Final = {
    written: frozenset(ending for endings in rounds.values() for ending in endings)
    for written, rounds in _WRITTEN.items()
}
_DECLARATIONS: Final = (".d.ts", ".d.mts", ".d.cts")


def split_ending(path: str) -> tuple[str, str]:
    """`path` before its code ending, and that ending; "" when it has none."""
    for ending in _DECLARATIONS:
        if path.endswith(ending):
            return path[: -len(ending)], ending
    stem, dot, last = path.rpartition(".")
    ending = dot + last
    return (stem, ending) if ending in _WRITTEN else (path, "")


def stands_for(written: str, ending: str) -> bool:
    """Whether a file that ends in `ending` may be what the ending `written` names."""
    return ending == written or ending in _STANDS_FOR[written]


class FileTable:
    """The files of one commit, asked by name without ending. Paths are case-sensitive."""

    def __init__(self, paths: Collection[str]) -> None:
        self.paths = frozenset(paths)
        self.folders = _folders(self.paths)

    def file(self, place: str, look: Round, suffixes: tuple[str, ...] = ("",)) -> str | None:
        """The file that `place` names in this round.

        `suffixes` are tsconfig's `moduleSuffixes`: put before the ending, tried in order.
        """
        paths = self.paths
        for stem, endings in self._readings(place, look):
            for suffix in suffixes:
                for ending in endings:
                    if (path := stem + suffix + ending) in paths:
                        return path
        return place if look is Round.LENIENT and place in paths and is_module(place) else None

    def index(self, folder: str, look: Round, suffixes: tuple[str, ...] = ("",)) -> str | None:
        """The index file of `folder` in this round."""
        if folder not in self.folders:
            return None
        place = f"{folder}/index" if folder else "index"
        for suffix in suffixes:
            for ending in _APPENDED[look]:
                if (path := place + suffix + ending) in self.paths:
                    return path
        return None

    @staticmethod
    def _readings(place: str, look: Round) -> Iterator[tuple[str, tuple[str, ...]]]:
        stem, ending = split_ending(place)
        if ending and look is not Round.LENIENT:
            yield stem, _WRITTEN[ending][look]
        yield place, _APPENDED[look]


def is_module(path: str) -> bool:
    """Whether an import can give the contents of `path` to a program: code, or JSON."""
    return path.endswith((*CODE_ENDINGS, ".json"))


def _folders(paths: Collection[str]) -> frozenset[str]:
    folders = {""}
    for path in paths:
        folder = folder_of(path)
        while folder not in folders:
            folders.add(folder)
            folder = folder_of(folder)
    return frozenset(folders)
