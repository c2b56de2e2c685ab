"""Repositories whose commits change while they are indexed, and what the index of each must be.

The files of a commit name it in everything that they hold, so that a mixture of two commits shows.
What must be stored follows from the number of the commit alone; no code of the product is asked.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.repositories import Repository, object_id

FILES_AT_LEAST, FILES_SPREAD = 4, 5
NUMBER = re.compile(r"_c(\d+)_")

Rows = frozenset[tuple[str, ...]]


def files_of(name: str, number: int) -> dict[str, bytes]:
    """The files of the commit of that number, by path."""
    count = FILES_AT_LEAST + number % FILES_SPREAD
    files = {}
    for at in range(count):
        here, there = f"{name}_c{number}_f{at}", f"{name}_c{number}_f{(at + 1) % count}"
        files[f"src/f{at}_c{number}_.ts"] = (
            f'import {{ {there} }} from "./f{(at + 1) % count}_c{number}_";\n'
            f"/** Of commit {number}. */\n"
            f"export function {here}(n: number) {{\n  return n ? {there}(n - 1) : {number};\n}}\n"
        ).encode()
    return files


def stored_files(name: str, number: int) -> Rows:
    """Path and blob of every file that the index of a commit holds."""
    return frozenset(
        (path, object_id("blob", content)) for path, content in files_of(name, number).items()
    )


def stored_symbols(name: str, number: int) -> Rows:
    """Path and name of every symbol that the index of a commit holds."""
    count = FILES_AT_LEAST + number % FILES_SPREAD
    return frozenset((f"src/f{at}_c{number}_.ts", f"{name}_c{number}_f{at}") for at in range(count))


def number_in(rows: Rows) -> int:
    """The number of the commit that one of these rows names; 0 when there are none."""
    for row in rows:
        if found := NUMBER.search(row[0]):
            return int(found[1])
    return 0


@dataclass
class Source:
    """One repository of the git server. `numbers` are its commits by their id."""

    name: str
    repository: Repository
    numbers: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def create(cls, root: Path, name: str) -> Source:
        """A repository with one commit."""
        source = cls(name, Repository.create(root / "chaos" / name))
        source.commit()
        return source

    def commit(self) -> str:
        """A new commit of the default branch; its id."""
        with self._lock:
            number = len(self.numbers) + 1
            parent = next(reversed(self.numbers), None)
            tree = self.repository.tree_of(files_of(self.name, number))
            sha = self.repository.commit(
                tree, parents=[parent] if parent else None, message=f"commit {number}"
            )
            # Known before it can be fetched.
            self.numbers[sha] = number
            self.repository.set_ref("refs/heads/main", sha)
            return sha
