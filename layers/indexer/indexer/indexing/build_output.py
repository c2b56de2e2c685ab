"""Which folders of a repository hold what its own build made.

A name alone proves little: many a `build/` or `lib/` is written by hand, and losing it loses code.
So a folder counts as output when its name can mean nothing else, or when the project around it
says so: its compiler writes there, or its package is served from there while its sources stand
beside it, under the same names.
"""

from __future__ import annotations

import json
import posixpath
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import takewhile
from typing import Any, Final

from indexer.parsing.endings import ENDINGS

# No person writes in these.
ALWAYS: Final = frozenset(
    {
        *(".next", ".nuxt", ".output", ".svelte-kit", ".turbo", ".parcel-cache", ".docusaurus"),
        *(".angular", ".expo", ".vercel", ".netlify", ".serverless", ".aws-sam", ".cache"),
        *(".nyc_output", "storybook-static", "lcov-report", "__generated_bundles__"),
    }
)
# Output where a project has its topmost folder; elsewhere the word may mean anything.
OF_A_PROJECT: Final = frozenset({"dist"})
# Output if the project's configuration leads there.
IF_LED_TO: Final = frozenset(
    {"build", "out", "output", "lib", "libs", "es", "esm", "cjs", "umd", "es6", "esnext", "module"}
)
SOURCES: Final = ("src", "source", "sources")
PROJECT_FILES: Final = frozenset({"package.json", "tsconfig.json", "jsconfig.json", "action.yml"})
COVERAGE_FILES: Final = frozenset({"lcov.info", "clover.xml", "coverage-final.json"})
OUT_DIRECTORY: Final = re.compile(r'"(?:outDir|declarationDir)"\s*:\s*"([^"\\]{1,200})"')
ENTRY_FIELDS: Final = ("main", "module", "types", "typings", "browser", "exports", "bin", "unpkg")
MAX_ENTRIES: Final = 500
SOURCE_ENDINGS: Final = tuple(ENDINGS)

Read = Callable[[str], bytes | None]


def output_folders(paths: Collection[str], read: Read) -> frozenset[str]:
    """The folders among those of `paths` that a build writes.

    `read` gives the content of a `package.json` or `tsconfig*.json` of `paths`, or None.
    """
    folders = _folders_of(paths)
    projects = {folder for folder, names in folders.items() if names & PROJECT_FILES}
    compiled = {one for path in paths if _is_tsconfig(path) for one in _out_folders(path, read)}
    ordered = sorted(paths)
    served = {
        one
        for folder in projects
        for one in _served(folder, folders, read)
        if one in folders and _is_made_of_sources(one, folder, ordered)
    }
    return frozenset(
        folder
        for folder in folders
        if _is_output(folder, folders[folder], projects, compiled | served)
    )


def _is_output(folder: str, names: set[str], projects: set[str], led_to: set[str]) -> bool:
    above, _, name = folder.rpartition("/")
    if name in ALWAYS:
        return True
    if name == "coverage":
        return bool(names & COVERAGE_FILES)
    if name in OF_A_PROJECT:
        return not above or above in projects
    return name in IF_LED_TO and folder in led_to


def _folders_of(paths: Collection[str]) -> dict[str, set[str]]:
    """Every folder, "" being the topmost, with the names of its files."""
    folders: dict[str, set[str]] = {"": set()}
    for path in paths:
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, set()).add(name)
        while folder:
            folder = folder.rpartition("/")[0]
            folders.setdefault(folder, set())
    return folders


def _is_tsconfig(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith("tsconfig") and name.endswith(".json")


def _out_folders(path: str, read: Read) -> Iterator[str]:
    """Where the compiler of this configuration writes. Read as text: comments are allowed there."""
    text = (read(path) or b"").decode("utf-8", "replace")
    for found in OUT_DIRECTORY.findall(text)[:MAX_ENTRIES]:
        yield _joined(path.rpartition("/")[0], found)


def _served(folder: str, folders: dict[str, set[str]], read: Read) -> Iterator[str]:
    """The folders that a package is served from, if its sources stand beside them."""
    if not any(_joined(folder, name) in folders for name in SOURCES):
        return
    content = read(_joined(folder, "package.json"))
    try:
        manifest = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        return
    if not isinstance(manifest, dict):
        return
    for entry in _texts([manifest.get(name) for name in ENTRY_FIELDS]):
        place = _joined(folder, entry)
        if place.startswith(f"{folder}/" if folder else ""):
            top = place[len(folder) + 1 if folder else 0 :].partition("/")[0]
            yield _joined(folder, top)


def _is_made_of_sources(served: str, project: str, ordered: Sequence[str]) -> bool:
    """Whether a file below `served` has the name of one of the project's sources.

    Others wrote theirs by hand beside a `src/` that holds grammars or parts of a single file.
    """
    made = _names_below(served, ordered)
    return any(made & _names_below(_joined(project, one), ordered) for one in SOURCES)


def _names_below(folder: str, ordered: Sequence[str]) -> set[str]:
    """The names of the source files below a folder, without any ending."""
    inside = f"{folder}/"
    below = takewhile(
        lambda path: path.startswith(inside),
        (ordered[at] for at in range(bisect_left(ordered, inside), len(ordered))),
    )
    return {
        path.rpartition("/")[2].partition(".")[0] for path in below if path.endswith(SOURCE_ENDINGS)
    }


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - what JSON holds
    """The texts in a JSON value, at whatever depth, up to a bound."""
    waiting = [value]
    for _ in range(MAX_ENTRIES):
        if not waiting:
            return
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _joined(folder: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(folder, name)).removeprefix("./")
