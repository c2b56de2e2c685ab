"""The joined index of one commit, as rows that are made while they are stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from indexer.git.fetch import FetchedCommit
from indexer.indexing.copy_rows import FileRow, FileText, KnownText
from indexer.indexing.gather import Gathered
from indexer.indexing.known import MOST_CONTENT_BYTES, BlobRow, packed_content
from indexer.indexing.names import Uses, not_counted
from indexer.indexing.parsed import ParsedCommit
from indexer.indexing.reading import CONFIG, linked_by, read_as
from indexer.indexing.standing import CountedRows, packed_links
from indexer.indexing.store import IndexedCommit
from indexer.indexing.texts import unpacked
from indexer.indexing.trigrams import unpacked_trigrams
from indexer.jobs.run import Run
from indexer.postings.blocks import Block, blocks_of
from indexer.postings.groups import grouped
from indexer.resolution.link import Linker
from indexer.resolution.rows import DependencyRow, ReferenceRow, Resolution
from indexer.settings import Settings

# Rows between two questions whether the work shall go on: a fraction of a second.
ROWS_PER_CHECK = 5_000
TEXTS_PER_CHECK = 100
RESOLVED = (Resolution.EXACT, Resolution.HEURISTIC)

Row = TypeVar("Row")


@dataclass(slots=True)
class Tally:
    """Counts rows while they stream into the store."""

    text_bytes: int = 0
    reused: int = 0
    references: Counter[int] = field(default_factory=Counter)
    """By `Resolution`."""
    dependencies: Counter[bool] = field(default_factory=Counter)
    """By whether they lead to a file of the commit."""

    @classmethod
    def of(cls, taken: CountedRows) -> Self:
        """With what is taken from another snapshot counted already."""
        return cls(references=taken.by_resolution, dependencies=taken.dependencies)


class JoinedCommit:
    """The joined index of one commit, as rows that are made while they are stored."""

    def __init__(
        self,
        commit: FetchedCommit,
        ref: str,
        parsed: ParsedCommit,
        gathered: Gathered,
        *,
        made_by: bytes,
        settings: Settings,
    ) -> None:
        self.commit, self.ref, self.parsed = commit, ref, parsed
        self._gathered, self._part = gathered, gathered.part
        self._changed = None if self._part is None else frozenset(self._part.change.changed)
        self._made_by, self._settings = made_by, settings
        self._tally = Tally()
        self._linker: Linker | None = None

    def join(self) -> None:
        """Resolve every import of every file that is linked."""
        self._linker = Linker(
            self.parsed,
            self._gathered.resolver,
            paths=[one.found.path for one in self.parsed.files],
            relinking=None if self._part is None else self._part.relinking,
        )

    def rows(self, run: Run) -> IndexedCommit:
        """The rows, each kind to be read once; asked for again they are made and counted anew."""
        if self._linker is None:
            raise AssertionError("rows are made after join")
        part, linker = self._part, self._linker
        self._tally = Tally() if part is None else Tally.of(part.taken())
        uses = Uses(not_counted(linker.symbol_count) if part is None else part.uses())
        return IndexedCommit(
            ref=self.ref,
            default_ref=self.commit.default_ref,
            commit_sha=self.commit.commit_sha,
            files=self._files(linker.paths),
            texts=_checked(self._texts(), run, every=TEXTS_PER_CHECK),
            references=self._references(uses.of_references(_checked(linker.references(), run))),
            symbols=uses.of_symbols(_checked(linker.symbols(), run)),
            names=_checked(uses.names(), run),
            postings=self._postings(run),
            file_groups=grouped((one.found.path, one.has_text) for one in self.parsed.files),
            dependencies=self._dependencies(_checked(linker.dependencies(), run)),
            imported_names=linker.imported_names(),
            package_entries=linker.package_entries() if part is None else part.entries.rows,
            package_exports=_checked(linker.package_exports(), run),
            known_texts=self._known_texts(),
            blobs=_checked(self._blobs(), run, every=TEXTS_PER_CHECK),
            known_blobs=self.parsed.taken_over,
            made_by=self._made_by,
            linked_by=linked_by(self._settings),
            links=lambda: self._links(linker),
            taken=None if part is None else part.taken_rows(uses),
            stats=self.stats,
        )

    def stats(self) -> Mapping[str, Any]:
        """What the index holds; complete once the rows were read."""
        tally, part = self._tally, self._part
        failed = sum(self.parsed.failed.values())
        return {
            "files_indexed": len(self.parsed.files) - failed,
            "symbols_extracted": 0 if self._linker is None else self._linker.symbol_count,
            "references_found": tally.references.total(),
            "references_resolved": sum(tally.references[one] for one in RESOLVED),
            "dependencies_extracted": tally.dependencies.total(),
            "dependencies_internal": tally.dependencies[True],
            "files_skipped": dict(sorted(self.parsed.skipped.items())),
            "files_failed": dict(sorted(self.parsed.failed.items())),
            "bytes_indexed": sum(one.byte_size for one in self.parsed.files),
            "bytes_of_text": tally.text_bytes,
            "bytes_received": self.commit.received_bytes,
            "files_reused": tally.reused,
            "files_linked": len(self.parsed.files if part is None else part.change.relinked),
            "bytes_not_transferred": self.parsed.bytes_not_transferred,
            "references_by_resolution": {
                Resolution(one).name.lower(): number
                for one, number in sorted(tally.references.items())
            },
        }

    def _files(self, paths: Sequence[str]) -> Iterator[FileRow]:
        for file_no, (path, one) in enumerate(zip(paths, self.parsed.files, strict=True)):
            if path != one.found.path:
                raise AssertionError("the linker numbers files in another order")
            yield FileRow(
                file_no=file_no,
                path=path,
                blob_id=one.found.blob_id,
                byte_size=one.byte_size,
                line_count=one.line_count,
                syntax_errors=one.syntax_errors,
                failure=one.failure,
            )

    def _texts(self) -> Iterator[FileText]:
        most = self._settings.max_file_bytes
        for file_no, one in enumerate(self.parsed.files):
            if one.text is not None:
                content = unpacked(self.parsed.texts[one.text], file_bytes=most)
                one.text_bytes = len(content)
                self._tally.text_bytes += one.text_bytes
                if self._is_stored_anew(file_no):
                    yield FileText(file_no, content)

    def _known_texts(self) -> Iterator[KnownText]:
        for file_no, one in enumerate(self.parsed.files):
            if one.known_text is not None:
                self._tally.reused += 1
                self._tally.text_bytes += one.text_bytes
                if self._is_stored_anew(file_no):
                    yield KnownText(file_no, one.known_text, one.found.blob_id)

    def _is_stored_anew(self, file_no: int) -> bool:
        """Whether nothing of a file is taken from the snapshot that stands."""
        return self._changed is None or file_no in self._changed

    def _links(self, linker: Linker) -> bytes | None:
        linked = linker.linked()
        if linked is None:
            return None
        return packed_links(linked._replace(answered_by=self._gathered.answered_by))

    def _postings(self, run: Run) -> Iterable[Block]:
        """Where a part is linked anew, made at once: rows cannot be read while others are sent."""
        if self._part is None:
            return blocks_of(_checked(self._trigrams(), run, every=TEXTS_PER_CHECK))
        changed = {one: self._trigrams_of(one) for one in self._part.change.changed}
        return self._part.postings(changed)

    def _trigrams(self) -> Iterator[tuple[int, Sequence[int]]]:
        for file_no, one in enumerate(self.parsed.files):
            if one.trigrams is not None:
                yield file_no, self._trigrams_of(file_no)

    def _trigrams_of(self, file_no: int) -> Sequence[int]:
        number = self.parsed.files[file_no].trigrams
        return () if number is None else unpacked_trigrams(self.parsed.trigrams[number])

    def _blobs(self) -> Iterator[BlobRow]:
        """What was learned of blobs that were not known; each blob and reading once."""
        parsed, seen = self.parsed, set(self.parsed.taken_over)
        for blob_id, config in self._gathered.survey.read.items():
            key = (blob_id, CONFIG)
            content = None if config.content is None else packed_content(config.content)
            if key not in seen and len(content or b"") <= MOST_CONTENT_BYTES:
                yield BlobRow(key, config.byte_size, content=content)
        for key, (size, reason) in parsed.left_out.items():
            yield BlobRow(key, size, skip_reason=reason)
        for one in parsed.files:
            key = (one.found.blob_id, read_as(one.found.path))
            if one.spooled is None or key in seen:
                continue
            seen.add(key)
            content = parsed.spool.packed(one.spooled)
            trigrams = None if one.trigrams is None else parsed.trigrams[one.trigrams]
            if len(content) <= MOST_CONTENT_BYTES:
                yield BlobRow(
                    key, one.byte_size, one.text_bytes, content=content, trigrams=trigrams
                )

    def _references(self, rows: Iterator[ReferenceRow]) -> Iterator[ReferenceRow]:
        endings = self._tally.references
        for row in rows:
            endings[row.resolution] += 1
            yield row

    def _dependencies(self, rows: Iterator[DependencyRow]) -> Iterator[DependencyRow]:
        for row in rows:
            self._tally.dependencies[row.to_file_no is not None] += 1
            yield row


def _checked(rows: Iterator[Row], run: Run, *, every: int = ROWS_PER_CHECK) -> Iterator[Row]:
    """The same rows; now and then the run is asked whether it shall go on."""
    for number, row in enumerate(rows):
        if not number % every:
            run.check()
        yield row
