"""scip-typescript and universal-ctags: how they come here, how they run, and what they covered.

scip-typescript is installed at a pinned version into the user's cache; in what it indexes nothing
is installed. ctags is the one on the PATH. Both run on a copy, into which they may write.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from indexing.inputs import Input
from indexing.measured import Ended

SCIP_PACKAGES = ("@sourcegraph/scip-typescript@0.4.0", "typescript@5.9.3")
INSTALL_SECONDS = 600.0
TSCONFIG = "tsconfig.kotadb-benchmark.json"
# A field of a protobuf message: its number stands above the three bits of its kind.
DOCUMENT, RELATIVE_PATH = 2, 1
NUMBER, BYTES = 0, 2


class NotInstalled(Exception):
    """A rival is not there; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """What is run on a copy of a repository; `covered` counts the input's files that it read."""

    name: str
    version: str
    command: Callable[[Input, Path, Path], list[str]]
    covered: Callable[[Input, Path, Ended], int]


def default_folder() -> Path:
    """Where scip-typescript lies: the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "kotadb-bench-index"


def ctags() -> Rival:
    """Universal Ctags, which is given the list of files, with the endings that it does not know.

    Raises:
        NotInstalled: there is none on the PATH, or it is another ctags.
    """
    program = shutil.which("ctags")
    if program is None:
        raise NotInstalled("no ctags on the PATH")
    said = _said([program, "--version"])
    found = re.match(r"Universal Ctags ([^\s,]+)", said)
    if found is None:
        raise NotInstalled(f"the ctags on the PATH is no Universal Ctags: {said[:60]!r}")

    def command(given: Input, _copy: Path, output: Path) -> list[str]:
        listed = given.folder / "ctags-files"
        listed.write_text("".join(f"{path}\n" for path in given.files))
        endings = [f"--map-TypeScript=+.{ending}" for ending in ("tsx", "mts", "cts")]
        return [
            *(program, "--quiet=yes", "--totals=yes", "--fields=+neK", *endings),
            *("--map-JavaScript=+.cjs", "-f", str(output), "-L", str(listed)),
        ]

    def covered(_given: Input, _output: Path, ended: Ended) -> int:
        scanned = re.search(r"(\d+) files?, ", ended.errors + ended.output)
        return int(scanned[1]) if scanned else 0

    return Rival(
        name="universal-ctags",
        version=f"universal-ctags {found[1]}",
        command=command,
        covered=covered,
    )


def scip_typescript(folder: Path) -> list[Rival]:
    """scip-typescript with the repository's own tsconfig.json, and with one that lists our files.

    Raises:
        NotInstalled: it could not be installed.
    """
    program = _installed(folder)
    version = f"scip-typescript {_said([str(program), '--version'])}, Node {_said(['node', '-v'])}"

    def as_it_ships(_given: Input, _copy: Path, output: Path) -> list[str]:
        return [*start, "--infer-tsconfig", "--output", str(output)]

    def same_files(given: Input, copy: Path, output: Path) -> list[str]:
        (copy / TSCONFIG).write_text(json.dumps(_tsconfig(given.files)))
        return [*start, "--output", str(output), TSCONFIG]

    start = [str(program), "index", "--no-progress-bar"]
    return [
        Rival(name=name, version=version, command=command, covered=_documented)
        for name, command in (
            ("scip-typescript, as the repository ships", as_it_ships),
            ("scip-typescript, the same files", same_files),
        )
    ]


def _tsconfig(files: list[str]) -> dict[str, object]:
    options = {
        "allowJs": True,
        "jsx": "preserve",
        "module": "esnext",
        "moduleResolution": "bundler",
        "target": "esnext",
        "experimentalDecorators": True,
        "resolveJsonModule": True,
        "skipLibCheck": True,
        "types": [],
    }
    return {"compilerOptions": options, "files": files}


def _documented(given: Input, output: Path, _ended: Ended) -> int:
    index = memoryview(output.read_bytes())
    paths = {
        bytes(path).decode()
        for number, document in _fields(index)
        if number == DOCUMENT
        for inner, path in _fields(document)
        if inner == RELATIVE_PATH
    }
    return len(paths & set(given.files))


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The fields of a protobuf message that hold bytes, by number."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        value, at = _varint(message, at)
        if key & 7 == BYTES:
            yield key >> 3, message[at : at + value]
            at += value
        elif key & 7 != NUMBER:
            raise ValueError(f"a field of kind {key & 7}, which SCIP does not have")


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that more follows
            return value, at


def _installed(folder: Path) -> Path:
    program = folder / "node_modules" / ".bin" / "scip-typescript"
    stamp, wanted = folder / "installed.txt", "\n".join(SCIP_PACKAGES)
    if not (stamp.exists() and stamp.read_text() == wanted):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text(json.dumps({"private": True}))
        _said(["npm", "install", "--no-audit", "--no-fund", *SCIP_PACKAGES], folder)
        stamp.write_text(wanted)
    return program


def _said(command: list[str], folder: Path | None = None) -> str:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        raise NotInstalled(error.stderr.strip()[-300:]) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(str(error)) from None
    return done.stdout.strip()
