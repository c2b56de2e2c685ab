"""Repositories made object by object, so that a hostile one is as easily made as a decent one."""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path

FILE, EXECUTABLE, SYMLINK, FOLDER, SUBMODULE = "100644", "100755", "120000", "40000", "160000"
AUTHOR = b"Ada <ada@example.org> 1700000000 +0000"
KIND_NUMBERS = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
OFFSET_DELTA, ID_DELTA = 6, 7


def object_id(kind: str, content: bytes) -> str:
    return hashlib.sha1(b"%s %d\0" % (kind.encode(), len(content)) + content).hexdigest()


@dataclass(frozen=True)
class Repository:
    """A bare repository on disk, written as loose objects without running git."""

    path: Path

    @classmethod
    def create(cls, path: Path, *, head: str = "refs/heads/main") -> Repository:
        for folder in ("objects", "refs/heads", "refs/tags"):
            (path / folder).mkdir(parents=True)
        (path / "HEAD").write_text(f"ref: {head}\n")
        (path / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
        return cls(path)

    def write(self, kind: str, content: bytes) -> str:
        sha = object_id(kind, content)
        place = self.path / "objects" / sha[:2] / sha[2:]
        place.parent.mkdir(exist_ok=True)
        header = b"%s %d\0" % (kind.encode(), len(content))
        place.write_bytes(zlib.compress(header + content, 1))
        return sha

    def blob(self, content: bytes) -> str:
        return self.write("blob", content)

    def tree(self, entries: list[tuple[str, bytes, str]]) -> str:
        """A tree of (mode, name, id), in the order given, whatever the names are."""
        return self.write(
            "tree",
            b"".join(
                mode.encode() + b" " + name + b"\0" + bytes.fromhex(sha)
                for mode, name, sha in entries
            ),
        )

    def tree_of(self, files: dict[str, bytes]) -> str:
        """The tree of decent files, by path."""
        folders: dict[str, dict[str, bytes]] = {}
        entries = []
        for path, content in files.items():
            name, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(name, {})[rest] = content
            else:
                entries.append((FILE, name.encode(), self.blob(content)))
        entries += [
            (FOLDER, name.encode(), self.tree_of(inside)) for name, inside in folders.items()
        ]
        entries.sort(key=lambda one: one[1] + (b"/" if one[0] == FOLDER else b""))
        return self.tree(entries)

    def commit(self, tree: str, *, parents: list[str] | None = None, message: str = "one") -> str:
        lines = [f"tree {tree}", *(f"parent {one}" for one in parents or [])]
        head = "\n".join(lines).encode()
        body = b"\nauthor %s\ncommitter %s\n\n%s\n" % (AUTHOR, AUTHOR, message.encode())
        return self.write("commit", head + body)

    def pack(self) -> None:
        """Put every object into one pack, as a fetch leaves them."""
        objects = self.path / "objects"
        ids = [f"{one.parent.name}{one.name}" for one in objects.glob("??/*")]
        subprocess.run(
            ["git", "-c", "safe.directory=*", "pack-objects", "-q", "objects/pack/pack"],
            cwd=self.path,
            input="\n".join(ids).encode(),
            capture_output=True,
            check=True,
        )

    def tag(self, name: str, target: str, *, kind: str = "commit") -> str:
        """An annotated tag and its ref; the id of the tag object."""
        head = f"object {target}\ntype {kind}\ntag {name}\ntagger ".encode()
        sha = self.write("tag", head + AUTHOR + b"\n\nmessage\n")
        self.set_ref(f"refs/tags/{name}", sha)
        return sha

    def set_ref(self, name: str, sha: str) -> None:
        place = self.path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{sha}\n")

    def commit_files(
        self, files: dict[str, bytes], *, ref: str = "refs/heads/main", parent: str | None = None
    ) -> str:
        """Commit decent files to a branch."""
        sha = self.commit(self.tree_of(files), parents=[parent] if parent else None)
        self.set_ref(ref, sha)
        return sha

    def commit_tree(self, entries: list[tuple[str, bytes, str]]) -> str:
        """Commit a tree of any entries to main."""
        sha = self.commit(self.tree(entries))
        self.set_ref("refs/heads/main", sha)
        return sha


def git(directory: Path, *words: str) -> str:
    """What the git program says, asked without anybody's configuration."""
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
    }
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(directory), *words],
        env=environment,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(0x80 | (value & 0x7F))
        value >>= 7
    out.append(value)
    return bytes(out)


def entry_header(kind: int, size: int) -> bytes:
    """The head of an object in a pack, which may lie about its size."""
    first = (kind << 4) | (size & 15)
    size >>= 4
    return bytes([first | 0x80]) + _varint(size) if size else bytes([first])


def distance(value: int) -> bytes:
    """How far before a delta its base starts."""
    out = [value & 0x7F]
    while value := value >> 7:
        value -= 1
        out.append(0x80 | (value & 0x7F))
    return bytes(reversed(out))


def copying_delta(base_size: int, result_size: int, *, copy: int = 0xFFFFFF) -> bytes:
    """A delta that makes `result_size` bytes by copying the base's start again and again."""
    out = bytearray(_varint(base_size) + _varint(result_size))
    while result_size > 0:
        size = min(result_size, copy, base_size)
        out += b"\xf0" + struct.pack("<I", size)[:3]
        result_size -= size
    return bytes(out)


def pack_of(entries: list[bytes], *, count: int | None = None) -> bytes:
    """A pack of ready-made entries, with the right checksum and, unless told, the right count."""
    body = b"PACK" + struct.pack(">II", 2, len(entries) if count is None else count)
    body += b"".join(entries)
    return body + hashlib.sha1(body).digest()


def whole_entry(kind: str, content: bytes, *, claimed: int | None = None) -> bytes:
    size = len(content) if claimed is None else claimed
    return entry_header(KIND_NUMBERS[kind], size) + zlib.compress(content, 1)
