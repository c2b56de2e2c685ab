"""Which files of a commit are indexed, and why the others are not.

Two questions at two times: `discover` judges by path and size before anything is read, and
`content_reason` by the bytes, asked by whoever reads them. Only source files are counted: nobody
wonders why a picture was not indexed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple, Self

from indexer.git.failures import TooManyFiles
from indexer.git.tree import TreeEntry
from indexer.indexing.attributes import Ignores, LinguistAttributes
from indexer.indexing.build_output import output_folders
from indexer.parsing.endings import ENDINGS, Language, endings_of
from indexer.settings import Settings

SOURCE_ENDINGS: Final = tuple(ENDINGS)
SCRIPT_ENDINGS: Final = endings_of(Language.JAVASCRIPT)

DEPENDENCY_FOLDERS: Final = frozenset({"node_modules", "bower_components", "jspm_packages"})
PACKAGE_MANAGER_FOLDERS: Final = frozenset({".yarn", ".pnp", ".pnpm-store"})
VENDOR_FOLDERS: Final = frozenset({"vendor", "vendors", "third_party", "third-party", "3rdparty"})
# Where a folder of such a name is served as it is. Elsewhere "vendor" may be a trade, and what was
# vendored below a package's own sources is imported by them like any other module.
VENDOR_PARENTS: Final = frozenset(
    {
        *("", "public", "static", "assets", "js", "javascripts", "scripts"),
        *("web", "www", "wwwroot", "resources"),
    }
)
MINIFIED_NAME: Final = re.compile(r"[.-]min\.[cm]?js$")
MINIFIED_LINE: Final = 250
MINIFIED_FROM: Final = 5_000
HEAD_BYTES: Final = 2_000
BINARY_SAMPLE: Final = 8_000
BINARY_SHARE: Final = 100
BINARY_NULS: Final = 8
UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
LFS_HEAD: Final = b"version https://git-lfs.github.com/spec/"
GENERATED_MARK: Final = re.compile(
    rb"^[ \t]*(?://|/?\*+|#)[^\n]*(?:@generated\b|\bcode generated\b[^\n]*\bdo not edit\b)",
    re.IGNORECASE | re.MULTILINE,
)
SOURCE_MAP_MARK: Final = re.compile(rb"\n//[#@] ?sourceMappingURL=[^\s]+\s*$")
MARKUP_HEADS: Final = (b"<?xml", b"<!doctype", b"<ts ", b"<html")


class SkipReason(StrEnum):
    """Why a source file is not indexed; the key under which it is counted."""

    NODE_MODULES = "node_modules"
    VENDORED = "vendored"
    BUILD_OUTPUT = "build_output"
    GITIGNORED = "gitignored"
    GENERATED = "generated"
    MINIFIED = "minified"
    TOO_LARGE = "too_large"
    BINARY = "binary"
    NOT_CODE = "not_code"
    LFS_POINTER = "lfs_pointer"


class DiscoveryRules(NamedTuple):
    """What may be indexed at most, and whether sources that are marked as generated are."""

    max_file_bytes: int
    max_files: int
    index_generated: bool = False

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The rules that this process is configured with."""
        return cls(settings.max_file_bytes, settings.max_files, settings.index_generated_files)


class Discovery(NamedTuple):
    """The files to index, in path order, and how many source files are not, by reason."""

    files: list[TreeEntry]
    skipped: Counter[SkipReason]


def is_source(path: str) -> bool:
    """Whether the path names a file of one of the languages that are indexed."""
    return path.endswith(SOURCE_ENDINGS)


def discover(
    entries: Sequence[TreeEntry],
    read: Callable[[str], bytes | None],
    rules: DiscoveryRules,
) -> Discovery:
    """Choose among all files of a commit.

    `read` gives the content of a small file by its path, or None; only `.gitignore`,
    `.gitattributes`, `package.json` and `tsconfig*.json` are asked for.

    Raises:
        TooManyFiles: more files than the rules allow are to be indexed.
    """
    judge = _Judge([entry.path for entry in entries], read, rules)
    found = Discovery([], Counter())
    for entry in sorted(entries):
        if not is_source(entry.path):
            continue
        if (reason := judge.reason(entry)) is not None:
            found.skipped[reason] += 1
            continue
        found.files.append(entry)
        if len(found.files) > rules.max_files:
            raise TooManyFiles(limit=rules.max_files)
    return found


class _Judge:
    """Knows what the repository says about its own folders."""

    def __init__(
        self, paths: list[str], read: Callable[[str], bytes | None], rules: DiscoveryRules
    ) -> None:
        # What is installed has its own configuration, which is nobody's business here.
        ours = [path for path in paths if _installed(_folders(path)) is None]
        self._rules = rules
        self._outputs = output_folders(ours, read)
        self._ignores = Ignores(_holders(ours, ".gitignore"), read)
        self._attributes = LinguistAttributes(_holders(ours, ".gitattributes"), read)

    def reason(self, entry: TreeEntry) -> SkipReason | None:  # noqa: PLR0911 - a list of rules
        """Why the source file `entry` is not indexed, by the first rule that applies."""
        folders = _folders(entry.path)
        if (installed := _installed(folders)) is not None:
            return installed
        said = self._attributes.of(entry.path)
        if said.vendored or (said.vendored is None and _is_vendored(folders)):
            return SkipReason.VENDORED
        if said.generated and not self._rules.index_generated:
            return SkipReason.GENERATED
        if self._ignores.covers(entry.path):
            return SkipReason.GITIGNORED
        if self._is_output(folders):
            return SkipReason.BUILD_OUTPUT
        if MINIFIED_NAME.search(entry.path):
            return SkipReason.MINIFIED
        if entry.size is None or entry.size > self._rules.max_file_bytes:
            return SkipReason.TOO_LARGE
        return None

    def _is_output(self, folders: list[str]) -> bool:
        return any("/".join(folders[:end]) in self._outputs for end in range(1, len(folders) + 1))


def content_reason(path: str, data: bytes, *, index_generated: bool = False) -> SkipReason | None:
    """Why a source file that was read is not indexed after all, by the first rule that applies.

    Asked by whoever reads the bytes. It looks at the start, the end and the number of lines.
    """
    for reason, applies in CONTENT_RULES:
        if applies(path, data) and not (index_generated and reason is SkipReason.GENERATED):
            return reason
    return None


def _is_lfs_pointer(_path: str, data: bytes) -> bool:
    return data.startswith(LFS_HEAD)


def _is_binary(_path: str, data: bytes) -> bool:
    """Whether NUL bytes are frequent. A single stray one is text with a flaw, UTF-16 is text."""
    sample = data[:BINARY_SAMPLE]
    if sample.startswith(UTF16_MARKS):
        return False
    nuls = sample.count(0)
    return nuls >= BINARY_NULS and nuls * BINARY_SHARE > len(sample)


def _is_markup(_path: str, data: bytes) -> bool:
    """Whether it is no code at all: translations share the ending .ts."""
    return data[:HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(MARKUP_HEADS)


def _is_minified(_path: str, data: bytes) -> bool:
    return len(data) > MINIFIED_FROM and len(data) > MINIFIED_LINE * (data.count(b"\n") + 1)


def _is_generated(_path: str, data: bytes) -> bool:
    return GENERATED_MARK.search(data[:HEAD_BYTES]) is not None


def _is_compiled(path: str, data: bytes) -> bool:
    return path.endswith(SCRIPT_ENDINGS) and SOURCE_MAP_MARK.search(data[-HEAD_BYTES:]) is not None


CONTENT_RULES: Final = (
    (SkipReason.LFS_POINTER, _is_lfs_pointer),
    (SkipReason.BINARY, _is_binary),
    (SkipReason.NOT_CODE, _is_markup),
    (SkipReason.MINIFIED, _is_minified),
    (SkipReason.GENERATED, _is_generated),
    (SkipReason.BUILD_OUTPUT, _is_compiled),
)


def _folders(path: str) -> list[str]:
    return path.split("/")[:-1]


def _installed(folders: list[str]) -> SkipReason | None:
    if not DEPENDENCY_FOLDERS.isdisjoint(folders):
        return SkipReason.NODE_MODULES
    return None if PACKAGE_MANAGER_FOLDERS.isdisjoint(folders) else SkipReason.VENDORED


def _is_vendored(folders: list[str]) -> bool:
    return any(
        name in VENDOR_FOLDERS and above in VENDOR_PARENTS
        for above, name in zip(["", *folders], folders, strict=False)
    )


def _holders(paths: Sequence[str], name: str) -> set[str]:
    """The folders that hold a file of this name, "" being the topmost."""
    return {
        path[: -len(name)].removesuffix("/")
        for path in paths
        if path == name or path.endswith(f"/{name}")
    }
