"""Commits for the index, stored as the worker stores them."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.fixtures.database import ScratchDatabase
from tests.fixtures.queue import SHA, STATS

from indexer.database.connection import Database
from indexer.indexing.store import FileRow, FileText, IndexedCommit, store_indexed_data
from indexer.jobs.model import IndexRequest
from indexer.jobs.queue import JobQueue
from indexer.parsing.facts import DependencyKind, ReferenceKind, SymbolKind
from indexer.resolution.rows import (
    DependencyRow,
    ReferenceRow,
    Resolution,
    SymbolRow,
    Unresolved,
)
from indexer.settings import Settings


@dataclass
class Commit:
    """A commit to be indexed. Paths must be given in their order; the rest in any."""

    paths: Sequence[str]
    texts: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    symbols: list[SymbolRow] = field(default_factory=list)
    references: list[ReferenceRow] = field(default_factory=list)
    dependencies: list[DependencyRow] = field(default_factory=list)

    def define(
        self,
        path: str,
        name: str,
        *,
        kind: SymbolKind = SymbolKind.FUNCTION,
        line: int = 1,
        flags: int = 0,
        container: int | None = None,
        **more: Any,
    ) -> int:
        """Define a symbol; its number."""
        number = len(self.symbols)
        row = SymbolRow(
            symbol_no=number,
            file_no=self.paths.index(path),
            container_no=container,
            kind=kind,
            flags=flags,
            name=name,
            line=line,
            column=9,
            start_line=line,
            start_column=0,
            end_line=line + 2,
            end_column=1,
            signature=f"function {name}()",
            documentation=None,
        )
        self.symbols.append(row._replace(**more))
        return number

    def use(
        self,
        path: str,
        symbol: int,
        *,
        line: int,
        column: int = 4,
        kind: ReferenceKind = ReferenceKind.CALL,
        enclosing: int | None = None,
        resolution: Resolution = Resolution.EXACT,
    ) -> None:
        """Use a symbol."""
        target = self.symbols[symbol]
        self.references.append(
            ReferenceRow(
                file_no=self.paths.index(path),
                line=line,
                column=column,
                kind=kind,
                name=target.name,
                enclosing_no=enclosing,
                resolution=resolution,
                symbol_no=symbol,
                target_file_no=target.file_no,
                target_line=target.line,
            )
        )

    def depend(
        self,
        path: str,
        specifier: str,
        *,
        to: str | None = None,
        package: str | None = None,
        reason: Unresolved | None = None,
        line: int = 1,
    ) -> None:
        """Import something."""
        self.dependencies.append(
            DependencyRow(
                file_no=self.paths.index(path),
                line=line,
                column=0,
                kind=DependencyKind.IMPORT,
                specifier=specifier,
                to_file_no=None if to is None else self.paths.index(to),
                package=package,
                reason=reason,
            )
        )


def index(
    scratch: ScratchDatabase,
    tenant_id: UUID,
    commit: Commit,
    *,
    name: str = "ada/engine",
    ref: str = "main",
    default_ref: str | None = "main",
    commit_sha: str = SHA,
    url: str | None = None,
) -> UUID:
    """Enqueue, lease and store the commit; the id of its repository."""
    settings = Settings()
    with (
        closing(Database(scratch.api)) as api,
        closing(Database(scratch.worker)) as worker,
    ):
        made = JobQueue(api, settings).enqueue(
            IndexRequest(
                tenant_id=tenant_id,
                clone_url=url or f"https://github.com/{name}.git",
                full_name=name,
                ref=ref,
                request_id="tests",
            )
        )
        lease = JobQueue(worker, settings).lease_next(worker="tests")
        assert lease is not None
        assert lease.job_id == made.job_id
        files = [
            FileRow(no, path, "0" * 40, 10, 3, 0, commit.failures.get(path))
            for no, path in enumerate(commit.paths)
        ]
        texts = [
            FileText(commit.paths.index(path), text.encode()) for path, text in commit.texts.items()
        ]
        indexed = IndexedCommit(
            ref=ref,
            default_ref=default_ref,
            commit_sha=commit_sha,
            files=files,
            texts=texts,
            symbols=commit.symbols,
            references=commit.references,
            dependencies=commit.dependencies,
            stats=lambda: STATS,
        )
        store_indexed_data(worker, settings, lease, indexed)
    return made.repository_id
