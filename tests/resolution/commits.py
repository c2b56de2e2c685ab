"""Commits in memory: a path and its text, or nothing where the text does not matter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from indexer.parsing.facts import DependencyKind
from indexer.resolution.modules import Answer, ModuleResolver, Resolved

if TYPE_CHECKING:
    from collections.abc import Mapping


class Commit:
    """Files by path. A value is the text of the file, or an object to be written as JSON."""

    def __init__(self, files: Mapping[str, object] | str) -> None:
        listed = dict.fromkeys(files.split(), "") if isinstance(files, str) else dict(files)
        self.files = listed
        self.reads: list[str] = []
        self.resolver = ModuleResolver(listed, self._read)

    def _read(self, path: str) -> bytes | None:
        self.reads.append(path)
        content = self.files[path]
        if isinstance(content, bytes):
            return content
        return (content if isinstance(content, str) else json.dumps(content)).encode()

    def answer(self, importer: str, specifier: str, kind: int = DependencyKind.IMPORT) -> Answer:
        return self.resolver.resolve(importer, specifier, kind)

    def means(self, importer: str, specifier: str, kind: int = DependencyKind.IMPORT) -> str:
        """The path, or the reason in words followed by the package where there is one."""
        answer = self.answer(importer, specifier, kind)
        if isinstance(answer, Resolved):
            return answer.path
        return " ".join(filter(None, [answer.reason.name.lower(), answer.package]))
