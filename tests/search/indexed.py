"""Commits for the index, stored as the worker stores them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.fixtures.database import ScratchDatabase
from tests.fixtures.queue import SHA, STATS

from indexer.database.connection import Database
from indexer.indexing.copy_rows import FileRow, FileText
from indexer.indexing.names import Uses, not_counted
from indexer.indexing.store import IndexedCommit, store_indexed_data
from indexer.jobs.model import Enqueued, IndexRequest
from indexer.jobs.queue import JobQueue
from indexer.parsing.facts import DependencyKind, ReferenceKind, SymbolKind
from indexer.parsing.parser import parse_file
from indexer.parsing.source import line_starts
from indexer.postings.blocks import blocks_of
from indexer.postings.groups import grouped
from indexer.postings.trigrams import trigrams_of
from indexer.resolution.link import Linker
from indexer.resolution.modules import ModuleResolver
from indexer.resolution.rows import (
    DependencyRow,
    ImportedNameRow,
    PackageEntryRow,
    PackageExportRow,
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
    line_counts: dict[str, int] = field(default_factory=dict)
    symbols: list[SymbolRow] = field(default_factory=list)
    references: list[ReferenceRow] = field(default_factory=list)
    dependencies: list[DependencyRow] = field(default_factory=list)
    imported_names: list[ImportedNameRow] = field(default_factory=list)
    package_entries: list[PackageEntryRow] = field(default_factory=list)
    package_exports: list[PackageExportRow] = field(default_factory=list)

    @classmethod
    def of(cls, texts: dict[str, str], *, manifests: dict[str, Any] | None = None) -> "Commit":
        """What parsing and linking make of these files; `manifests` are its package.json."""
        paths = sorted(texts)
        configs = {path: json.dumps(one).encode() for path, one in (manifests or {}).items()}
        facts = [(path, parse_file(texts[path].encode(), path)) for path in paths]
        linker = Linker(facts, ModuleResolver([*paths, *configs], configs.get))
        return cls(
            paths=paths,
            texts=texts,
            line_counts={path: len(line_starts(text.encode())) for path, text in texts.items()},
            symbols=list(linker.symbols()),
            references=list(linker.references()),
            dependencies=list(linker.dependencies()),
            imported_names=list(linker.imported_names()),
            package_entries=linker.package_entries(),
            package_exports=list(linker.package_exports()),
        )

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


def enqueue(
    api: Database, tenant_id: UUID, name: str, *, ref: str = "main", url: str | None = None
) -> Enqueued:
    """Ask for an index."""
    return JobQueue(api, Settings()).enqueue(
        IndexRequest(
            tenant_id=tenant_id,
            clone_url=url or f"https://github.com/{name}.git",
            full_name=name,
            ref=ref,
            request_id="tests",
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
        scratch.database(scratch.api) as api,
        scratch.database(scratch.worker) as worker,
    ):
        made = enqueue(api, tenant_id, name, ref=ref, url=url)
        lease = JobQueue(worker, settings).lease_next(worker="tests")
        assert lease is not None
        assert lease.job_id == made.job_id
        files = [
            FileRow(
                no,
                path,
                "0" * 40,
                len(commit.texts.get(path, "").encode()) or 10,
                commit.line_counts.get(path, 3),
                0,
                commit.failures.get(path),
            )
            for no, path in enumerate(commit.paths)
        ]
        texts = [
            FileText(commit.paths.index(path), text.encode()) for path, text in commit.texts.items()
        ]
        uses = Uses(not_counted(len(commit.symbols)))
        indexed = IndexedCommit(
            ref=ref,
            default_ref=default_ref,
            commit_sha=commit_sha,
            files=files,
            texts=texts,
            references=uses.of_references(commit.references),
            symbols=uses.of_symbols(commit.symbols),
            names=uses.names(),
            postings=blocks_of((one.file_no, trigrams_of(one.content)) for one in sorted(texts)),
            file_groups=grouped((path, path in commit.texts) for path in commit.paths),
            dependencies=commit.dependencies,
            imported_names=commit.imported_names,
            package_entries=commit.package_entries,
            package_exports=commit.package_exports,
            stats=lambda: STATS,
        )
        store_indexed_data(worker, settings, lease, indexed)
    return made.repository_id
