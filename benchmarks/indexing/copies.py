"""An input of any size: real repositories, copied side by side into one until there is enough.

A copy stays a copy: its code is that of the others. But each of its files is a blob of its own, and
its packages have names of their own, which it goes on asking for; so neither what was learned of a
blob nor an import by name makes two copies one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from indexing.inputs import AUTHOR, check_out, git
from indexing.measured import MEGABYTE

SOURCES = frozenset((".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"))
CONFIGS = frozenset((".json", ".yaml"))
JUDGING = frozenset((".gitignore", ".gitattributes"))
MANIFEST = "package.json"


def repository_of(repositories: Sequence[Path], megabytes: float, folder: Path) -> int:
    """Make a repository of at least so many MB of source in `folder`; how many copies it holds.

    The repositories are taken in turn, again and again.
    """
    with TemporaryDirectory(prefix="bench-index-") as scratch:
        originals = []
        for number, repository in enumerate(repositories):
            original = Path(scratch) / f"{number}-{repository.name}"
            check_out(repository, original)
            originals.append(original)
        folder.mkdir()
        size = copies = 0
        while size < megabytes * MEGABYTE:
            original = originals[copies % len(originals)]
            copies += 1
            added = _copy(original, folder / f"copy{copies}-{original.name}", copies)
            if not added:
                raise SystemExit(
                    f"there is no source in {repositories[(copies - 1) % len(originals)]}"
                )
            size += added
    git(folder, "init", "--quiet")
    git(folder, "add", "--all", "--force")
    git(folder, *AUTHOR, "commit", "--quiet", "--message", f"{copies} copies")
    return copies


def _copy(original: Path, folder: Path, number: int) -> int:
    """Copy what indexing reads; the bytes of source."""
    found = [path for path in sorted(original.rglob("*")) if _is_read(path)]
    renamed = _names(path for path in found if path.name == MANIFEST)
    size = 0
    for path in found:
        text = renamed.sub(rb"\g<quote>\g<name>-copy%d" % number, path.read_bytes())
        if path.suffix in SOURCES:
            text += b"\n// copy %d\n" % number
            size += len(text)
        place = folder / path.relative_to(original)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text)
    return size


def _is_read(path: Path) -> bool:
    wanted = path.suffix in SOURCES or path.suffix in CONFIGS or path.name in JUDGING
    return wanted and path.is_file() and not path.is_symlink()


def _names(manifests: Iterable[Path]) -> re.Pattern[bytes]:
    """A pattern for a package of the repository where a string names it or something in it."""
    names = set()
    for manifest in manifests:
        try:
            told = json.loads(manifest.read_bytes())
        except ValueError:
            continue  # Some packages are there to be broken.
        name = told.get("name") if isinstance(told, dict) else None
        if isinstance(name, str) and name:
            names.add(re.escape(name.encode()))
    # Backwards, so that a name comes before the one that it begins with.
    listed = b"|".join(sorted(names, reverse=True)) or b"(?!)"
    return re.compile(rb"""(?P<quote>["'`])(?P<name>%s)(?=["'`/])""" % listed)
