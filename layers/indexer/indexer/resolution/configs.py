"""Which configurations count for a file: those that cover it, nearest first, then those around."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from indexer.resolution.paths import enclosing_folders, folder_of, name_of

if TYPE_CHECKING:
    from indexer.resolution.candidates import FileTable
    from indexer.resolution.globs import Looks
    from indexer.resolution.tsconfig import Config, ConfigReader

MAX_CONFIGS: Final = 8
MAX_SIBLINGS: Final = 32

_STANDARD: Final = {"tsconfig.json": 0, "jsconfig.json": 1}
_CONFIG_NAME: Final = re.compile(r"(?:tsconfig(?:\.[^/]+)?|jsconfig)\.json")


def is_config(path: str) -> bool:
    """Whether `path` is named as a TypeScript or JavaScript configuration is."""
    return _CONFIG_NAME.fullmatch(name_of(path)) is not None


class ConfigIndex:
    """Finds the configurations of a file; what a folder holds is looked up once."""

    def __init__(self, files: FileTable, reader: ConfigReader, looks: Looks) -> None:
        self._reader = reader
        self._looks = looks
        self._paths_by_folder: dict[str, list[str]] = {}
        for path in files.paths:
            if is_config(path):
                self._paths_by_folder.setdefault(folder_of(path), []).append(path)
        for paths in self._paths_by_folder.values():
            paths.sort(key=lambda path: (_STANDARD.get(name_of(path), 2), path))
        self._around: dict[str, tuple[Config, ...]] = {}
        self._chosen: dict[tuple[str, ...], tuple[Config, ...]] = {}

    def configs_for(self, path: str) -> tuple[Config, ...]:
        """The configurations to try for the file at `path`, the most fitting first.

        Equal answers are the same object, so an answer can serve as a key.
        """
        around = self._configs_around(folder_of(path))
        covering = [one for one in around if one.covers(path, self._looks)]
        standing = [one for one in around if name_of(one.path) in _STANDARD]
        chosen = tuple(dict.fromkeys(one.path for one in (*covering, *standing)))[:MAX_CONFIGS]
        if chosen not in self._chosen:
            by_path = {one.path: one for one in around}
            self._chosen[chosen] = tuple(by_path[one] for one in chosen)
        return self._chosen[chosen]

    def _configs_around(self, folder: str) -> tuple[Config, ...]:
        """The configurations of `folder` and the folders around it, with those they refer to."""
        if folder not in self._around:
            found: dict[str, Config] = {}
            for one in enclosing_folders(folder):
                for path in self._paths_by_folder.get(one, ())[:MAX_SIBLINGS]:
                    self._gather(path, found)
            self._around[folder] = tuple(found.values())
        return self._around[folder]

    def _gather(self, path: str, found: dict[str, Config]) -> None:
        config = self._reader.config_at(path)
        if config is None:
            return
        found.setdefault(path, config)
        for referred in config.references:
            one = self._reader.config_at(referred)
            if one is not None:
                found.setdefault(referred, one)
