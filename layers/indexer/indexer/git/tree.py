"""What files a commit has, by their trees alone: no blob is read, no path opened.

A tree is as hostile as a blob: it may name `..`, hold itself a thousand times over, or go deeper
than any disk could. What is no ordinary file is left out and counted by reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, Self

from indexer.git.failures import RemoteMisbehaved, TooManyEntries
from indexer.git.objects import ObjectMissing, ObjectStore, ObjectTooLarge
from indexer.git.pack import PackCorrupt
from indexer.settings import Settings

ID_BYTES: Final = 20
MAX_PATH_BYTES: Final = 1024
MAX_TREE_BYTES: Final = 32 * 1024 * 1024
COMMIT_BYTES: Final = 1024 * 1024
# What git on some system would take for its own folder: ".git" as Windows and macOS see it.
GIT_NAMES: Final = frozenset({".git", "git~1"})
FORBIDDEN: Final = frozenset(chr(one) for one in (*range(0x20), 0x7F)) | {"/", "\\"}


class LeftOut(StrEnum):
    """Why an entry of a tree is no file that could be indexed."""

    SYMLINK = "symlink"
    SUBMODULE = "submodule"
    ODD_MODE = "odd_mode"
    ODD_NAME = "odd_name"
    NOT_UTF8_NAME = "not_utf8_name"
    DUPLICATE_NAME = "duplicate_name"
    PATH_TOO_LONG = "path_too_long"
    TOO_DEEP = "too_deep"
    DAMAGED_FOLDER = "damaged_folder"


class TreeEntry(NamedTuple):
    """A file of the commit. `size` is None when the remote did not send it: it is too large."""

    path: str
    blob_id: str
    executable: bool
    size: int | None


class TreeLimits(NamedTuple):
    """Bounds of one listing: entries of any kind that are looked at, and folders below folders."""

    entries: int
    depth: int

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The limits that this process is configured with."""
        return cls(settings.max_tree_entries, settings.max_tree_depth)


@dataclass(slots=True)
class TreeListing:
    """The files of a commit, a folder's before those of its subfolders, and what was left out."""

    files: list[TreeEntry] = field(default_factory=list)
    left_out: Counter[LeftOut] = field(default_factory=Counter)


class _RawEntry(NamedTuple):
    mode: bytes
    name: bytes
    sha: str


class _Folder(NamedTuple):
    sha: str
    prefix: str
    depth: int


def list_tree(store: ObjectStore, commit_sha: str, limits: TreeLimits) -> TreeListing:
    """The files of a commit, without reading any of them.

    Raises:
        TooManyEntries: it has more entries than `limits` allow.
        RemoteMisbehaved: the commit, or its topmost tree, is missing or damaged.
    """
    return _Walk(store, limits).run(_root_of(store, commit_sha))


def _root_of(store: ObjectStore, commit_sha: str) -> str:
    try:
        commit = store.read(commit_sha, limit=COMMIT_BYTES)
        word, _, sha = commit.partition(b"\n")[0].partition(b" ")
        if word != b"tree" or len(bytes.fromhex(sha.decode("ascii"))) != ID_BYTES:
            raise RemoteMisbehaved
        store.read(sha.decode("ascii"), limit=MAX_TREE_BYTES)
    except (ObjectMissing, ObjectTooLarge, PackCorrupt, ValueError):
        raise RemoteMisbehaved from None
    return sha.decode("ascii")


class _Walk:
    """One listing in progress: folders wait on a stack, so depth costs no recursion."""

    def __init__(self, store: ObjectStore, limits: TreeLimits) -> None:
        self._store = store
        self._limits = limits
        self._listing = TreeListing()
        self._seen = 0

    def run(self, root: str) -> TreeListing:
        waiting = [_Folder(root, "", 0)]
        while waiting:
            inside = self._enter(waiting.pop())
            # The next to be taken stands last; this keeps the order of the trees.
            waiting += reversed(inside)
        return self._listing

    def _enter(self, folder: _Folder) -> list[_Folder]:
        """Take the files of a folder, and give the folders in it."""
        try:
            content = self._store.read(folder.sha, limit=MAX_TREE_BYTES)
            entries = list(_parse(content))
        except (ObjectMissing, ObjectTooLarge, PackCorrupt):
            self._leave_out(LeftOut.DAMAGED_FOLDER)
            return []
        self._seen += 1 + len(entries)
        if self._seen > self._limits.entries:
            raise TooManyEntries(limit=self._limits.entries)
        folders = []
        names: set[bytes] = set()
        for entry in entries:
            path = self._path_of(folder, entry, names)
            if path is None:
                continue
            if entry.mode == b"40000":
                folders.append(_Folder(entry.sha, f"{path}/", folder.depth + 1))
            else:
                self._listing.files.append(self._file(path, entry))
        return self._shallow_enough(folders)

    def _path_of(self, folder: _Folder, entry: _RawEntry, names: set[bytes]) -> str | None:
        """The path of an entry that is taken, None for one that is left out and counted."""
        reason, name = _judge(entry)
        if reason is None and entry.name in names:
            reason = LeftOut.DUPLICATE_NAME
        names.add(entry.name)
        path = folder.prefix + name
        if reason is None and len(path.encode()) > MAX_PATH_BYTES:
            reason = LeftOut.PATH_TOO_LONG
        if reason is not None:
            self._leave_out(reason)
            return None
        return path

    def _file(self, path: str, entry: _RawEntry) -> TreeEntry:
        info = self._store.info(entry.sha)
        return TreeEntry(path, entry.sha, entry.mode == b"100755", info.size if info else None)

    def _shallow_enough(self, folders: list[_Folder]) -> list[_Folder]:
        if folders and folders[0].depth > self._limits.depth:
            self._listing.left_out[LeftOut.TOO_DEEP] += len(folders)
            return []
        return folders

    def _leave_out(self, reason: LeftOut) -> None:
        self._listing.left_out[reason] += 1


def _parse(content: bytes) -> Iterator[_RawEntry]:
    """The entries of a tree object.

    Raises:
        PackCorrupt: it is no tree object.
    """
    at = 0
    while at < len(content):
        space = content.find(b" ", at, at + 8)
        end = content.find(b"\0", space)
        sha = content[end + 1 : end + 1 + ID_BYTES]
        if space < 0 or end < 0 or len(sha) != ID_BYTES:
            raise PackCorrupt("a tree that cannot be read")
        yield _RawEntry(content[at:space].lstrip(b"0"), content[space + 1 : end], sha.hex())
        at = end + 1 + ID_BYTES


def _judge(entry: _RawEntry) -> tuple[LeftOut | None, str]:
    """Why an entry is left out, if it is, and its name."""
    match entry.mode:
        case b"120000":
            return LeftOut.SYMLINK, ""
        case b"160000":
            return LeftOut.SUBMODULE, ""
        case b"100644" | b"100755" | b"40000":
            pass
        # Old gits wrote group-writable files; they are files all the same.
        case b"100664":
            pass
        case _:
            return LeftOut.ODD_MODE, ""
    try:
        name = entry.name.decode("utf-8")
    except UnicodeDecodeError:
        return LeftOut.NOT_UTF8_NAME, ""
    odd = not name or name in {".", ".."} or name.lower() in GIT_NAMES
    if odd or not FORBIDDEN.isdisjoint(name):
        return LeftOut.ODD_NAME, ""
    return None, name
