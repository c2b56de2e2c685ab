"""What decides how a file is read beside its bytes: its name, the program, the settings.

What was learned of a blob may be used again where all of that is the same, and the rows of a file
where so is all that it leads to. A name is reduced to what of it is allowed to matter, and the
parser is shown nothing else of it. The program is known by a digest of its own sources and of the
grammars, so that no change of it can be forgotten.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from indexer.database.queries import named_queries
from indexer.settings import Settings

CONFIG: Final = "config"
"""How a file is read whose content is kept as it is."""

DIGEST_BYTES: Final = 16
DECLARES: Final = ".d"
# The program that makes facts and texts from bytes, and what checks and packs them.
SOURCES: Final = (
    "indexer.parsing",
    "indexer.git.pack",
    "indexer.indexing.discover",
    "indexer.indexing.facts_spool",
    "indexer.indexing.parse_child",
    "indexer.indexing.reading",
    "indexer.indexing.survey",
    "indexer.indexing.texts",
    "indexer.indexing.trigrams",
    "indexer.postings.trigrams",
    "indexer.sandbox.packing",
    "indexer.sandbox.wire",
)
# The program that makes rows from facts, beside it.
LINKING_SOURCES: Final = (
    "indexer.indexing",
    "indexer.postings",
    "indexer.resolution",
    "indexer.resolution.inference",
)
GRAMMARS: Final = ("tree_sitter", "tree_sitter_javascript", "tree_sitter_typescript")


def read_as(path: str) -> str:
    """What of a source file's name decides how it is parsed: its ending, and whether it declares.

    The result stands for the name wherever the file is read.
    """
    name = path.rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    return (DECLARES if DECLARES + "." in f"{stem}." else "") + dot + ending


def name_of(reading: str) -> str:
    """A name that is read as `reading`, and says nothing more."""
    return f"file{reading}"


def made_by(settings: Settings) -> bytes:
    """A digest of all that decides what a blob gives, but for its bytes and how it is read."""
    limits = f"{settings.max_file_bytes} {settings.index_generated_files}"
    return _digest([_program(), limits.encode()])


def linked_by(settings: Settings) -> bytes:
    """A digest of what decides the rows of a commit, but for what is in it."""
    return _digest([made_by(settings), _linking_program()])


def answered_by(paths: Iterable[str], configs: Mapping[str, str]) -> bytes:
    """A digest of what decides what the requests of a commit are answered with.

    `paths` are all of its files, `configs` the blobs of those that resolution may ask for, by path.
    """
    read = (f"{path}\0{blob_id}".encode() for path, blob_id in sorted(configs.items()))
    return _digest([_digest(path.encode() for path in paths), _digest(read)])


@cache
def _linking_program() -> bytes:
    files = [file for name in LINKING_SOURCES for file in _files_of(name, (".py", ".d.ts"))]
    stored = "".join(query.text for _, query in sorted(named_queries().items()))
    return _digest([stored.encode(), *(_read(file) for file in files)])


@cache
def _program() -> bytes:
    files = [file for name in SOURCES for file in _files_of(name, (".py",))]
    grammars = [file for name in GRAMMARS for file in _files_of(name, tuple(EXTENSION_SUFFIXES))]
    if not files or not grammars:
        # An installation whose sources cannot be read knows nothing of what others made.
        return secrets.token_bytes(DIGEST_BYTES)
    return _digest(
        piece for file in files + grammars for piece in (file.name.encode(), _read(file))
    )


def _files_of(module: str, endings: tuple[str, ...]) -> Iterator[Path]:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return iter(())
    origin = Path(spec.origin)
    if spec.submodule_search_locations is None:
        return iter((origin,)) if origin.name.endswith(endings) else iter(())
    return iter(sorted(one for one in origin.parent.iterdir() if one.name.endswith(endings)))


def _read(file: Path) -> bytes:
    return file.read_bytes()


def _digest(pieces: Iterable[bytes]) -> bytes:
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for piece in pieces:
        digest.update(len(piece).to_bytes(8, "big") + piece)
    return digest.digest()
