"""From a remote to the facts of every file: fetch, survey, take over what is known, parse the rest.

Where something is known of the repository, its trees are fetched first, and of its blobs only those
that nobody has read before. Whatever cannot be done so is done with the whole commit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from indexer.errors import KotaError
from indexer.git.failures import (
    CommitNotFound,
    LocalRepositoryDamaged,
    RemoteMisbehaved,
    RemoteUnavailable,
    RepositoryDamaged,
    RepositoryTooLarge,
)
from indexer.git.fetch import MOST_BLOBS, CommitFetch, FetchedCommit
from indexer.git.limits import FetchLimits
from indexer.indexing.facts_spool import unpacked_facts
from indexer.indexing.known import BlobContent, BlobKey, KnownBlob, KnownBlobs, unpacked_content
from indexer.indexing.parse_child import Failed, FileToParse, Parsed, Skipped, Text
from indexer.indexing.parse_pool import Outcome, ParsePool
from indexer.indexing.parsed import ParsedCommit, ParsedFile
from indexer.indexing.reading import CONFIG, name_of, read_as
from indexer.indexing.survey import (
    FoundFile,
    KnownConfig,
    Survey,
    SurveyIncomplete,
    survey_commit,
)
from indexer.indexing.trigrams import unpacked_trigrams
from indexer.jobs.model import Phase
from indexer.jobs.run import Run
from indexer.sandbox.wire import MessageRefused
from indexer.settings import Settings

# What single blobs may fail with and the whole commit may not.
NOT_SO: Final = (
    RepositoryTooLarge,
    CommitNotFound,
    RemoteMisbehaved,
    RemoteUnavailable,
    RepositoryDamaged,
    LocalRepositoryDamaged,
    SurveyIncomplete,
)


class NotPieceByPiece(KotaError):
    """The commit cannot be had by its trees and single blobs; as a whole it may."""

    code = "not_piece_by_piece"

    def __init__(self, reason: KotaError) -> None:
        super().__init__("the commit is fetched as a whole")
        self.reason = reason.code


class Gathering:
    """Gathers one fetched commit, with `known` about its blobs, into `parsed`."""

    def __init__(
        self,
        run: Run,
        settings: Settings,
        fetch: CommitFetch,
        *,
        commit: FetchedCommit,
        known: KnownBlobs,
        parsed: ParsedCommit,
    ) -> None:
        self._run, self._settings = run, settings
        self._fetch, self._commit = fetch, commit
        self._known, self._parsed = known, parsed
        self._base_bytes = FetchLimits.from_settings(settings).object_bytes
        self._files: dict[int, ParsedFile] = {}
        self.received_bytes = commit.received_bytes

    def gather(self) -> Survey:
        """Fill `parsed`; what the commit holds.

        Raises:
            NotPieceByPiece: only trees were fetched, and the whole commit is to be.
            JobError: the commit cannot be gathered.
            DatabaseError: what is known cannot be read.
        """
        if not self._commit.trees_only:
            return self._gathered()
        try:
            return self._gathered()
        except NOT_SO as error:
            raise NotPieceByPiece(error) from None

    def _gathered(self) -> Survey:
        run, parsed = self._run, self._parsed
        run.report(Phase.DISCOVER)
        survey = survey_commit(
            Path(self._commit.directory),
            self._commit.commit_sha,
            self._settings,
            base_bytes=self._base_bytes,
            check=run.check,
            provide=self._provide if self._commit.trees_only else None,
        )
        total = len(survey.files)
        run.report(Phase.PARSE, total=total)
        parsed.skipped.update(survey.skipped)
        unknown = self._take_over(survey)
        if self._commit.trees_only:
            self._fetch_blobs([survey.files[number].blob_id for number in unknown])
        self._parse(survey.files, unknown, total)
        parsed.files = [self._files[number] for number in sorted(self._files)]
        return survey

    def _provide(self, blob_ids: Sequence[str]) -> dict[str, KnownConfig]:
        """What is known of these configuration files; the others are fetched."""
        rows = {
            blob_id: row
            for blob_id in blob_ids
            if (row := self._known.get((blob_id, CONFIG))) is not None
        }
        found = {
            blob_id: KnownConfig(row.byte_size, None)
            for blob_id, row in rows.items()
            if not row.has_content
        }
        wanted = [(blob_id, CONFIG) for blob_id, row in rows.items() if row.has_content]
        for (blob_id, _), piece in self._known.contents(wanted):
            size = rows[blob_id].byte_size
            content = unpacked_content(piece.content, byte_size=size)
            if content is not None:
                found[blob_id] = KnownConfig(size, content)
        self._fetch_blobs([one for one in blob_ids if one not in found])
        for blob_id, one in found.items():
            self._use((blob_id, CONFIG), one.byte_size)
        return found

    def _take_over(self, survey: Survey) -> list[int]:
        """Take over what is known of the files; the numbers of the others, in order."""
        numbers: dict[BlobKey, list[int]] = {}
        for number, file in enumerate(survey.files):
            numbers.setdefault((file.blob_id, read_as(file.path)), []).append(number)
        left_out, parsed = self._known_among(numbers)
        for key, row in left_out.items():
            self._parsed.skipped[row.skip_reason or ""] += len(numbers.pop(key))
            self._use(key, row.byte_size)
        for key, piece in self._checked(self._known.contents(list(parsed))):
            row = parsed[key]
            if piece.trigrams is None:
                continue
            try:
                facts = unpacked_facts(piece.content)
                unpacked_trigrams(piece.trigrams)
            except MessageRefused:
                continue
            spooled = self._parsed.spool.append(piece.content, facts)
            trigrams = self._parsed.trigrams.append(piece.trigrams)
            for number in numbers.pop(key):
                self._files[number] = ParsedFile(
                    found=survey.files[number],
                    byte_size=row.byte_size,
                    line_count=facts.line_count,
                    syntax_errors=facts.syntax_errors,
                    spooled=spooled,
                    text_bytes=row.text_bytes,
                    known_text=row.snapshot_id,
                    trigrams=trigrams,
                )
            self._use(key, row.byte_size)
        return sorted(number for those in numbers.values() for number in those)

    def _known_among(
        self, keys: dict[BlobKey, list[int]]
    ) -> tuple[dict[BlobKey, KnownBlob], dict[BlobKey, KnownBlob]]:
        """Those that are left out, and those that have facts."""
        rows = {key: row for key in keys if (row := self._known.get(key)) is not None}
        left_out = {key: row for key, row in rows.items() if row.skip_reason is not None}
        parsed = {key: row for key, row in rows.items() if key not in left_out and row.has_content}
        return left_out, parsed

    def _checked(
        self, contents: Iterator[tuple[BlobKey, BlobContent]]
    ) -> Iterator[tuple[BlobKey, BlobContent]]:
        for one in contents:
            self._run.check()
            yield one

    def _use(self, key: BlobKey, byte_size: int) -> None:
        if key not in self._parsed.taken_over:
            self._parsed.taken_over.add(key)
            if self._commit.trees_only:
                self._parsed.bytes_not_transferred += byte_size

    def _fetch_blobs(self, blob_ids: Sequence[str]) -> None:
        wanted = list(dict.fromkeys(blob_ids))
        if len(wanted) > MOST_BLOBS:
            raise SurveyIncomplete
        if wanted:
            self.received_bytes = self._fetch.blobs(wanted).received_bytes

    def _parse(self, files: list[FoundFile], numbers: list[int], total: int) -> None:
        """Parse the files with these numbers."""
        todo = []
        for number in numbers:
            file = files[number]
            todo.append(FileToParse(number, name_of(read_as(file.path)), file.blob_id))
        pool = ParsePool(Path(self._commit.directory), self._settings, base_bytes=self._base_bytes)
        known = total - len(todo)
        # Closed here and now: an error would keep the children alive as long as its traceback.
        with closing(pool.parse(todo, self._run.check)) as outcomes:
            for done, outcome in enumerate(outcomes, start=known + 1):
                self._take(outcome, files[outcome.answer.number])
                self._run.report(Phase.PARSE, done=done, total=total)

    def _take(self, outcome: Outcome, found: FoundFile) -> None:
        """Take what a child said of a file; one that is not to be indexed is only counted."""
        parsed = self._parsed
        match outcome.answer:
            case Parsed(number=number, byte_size=size, text=text, facts=piece) if outcome.facts:
                self._files[number] = one = ParsedFile(
                    found=found,
                    byte_size=size,
                    line_count=outcome.facts.line_count,
                    syntax_errors=outcome.facts.syntax_errors,
                    spooled=parsed.spool.append(piece, outcome.facts),
                )
                self._keep_text(one, text)
            case Failed(number=number, byte_size=size, reason=reason, line_count=lines, text=kept):
                parsed.failed[reason] += 1
                self._files[number] = one = ParsedFile(
                    found=found, byte_size=size, line_count=lines, failure=reason
                )
                if kept is not None:
                    self._keep_text(one, kept)
            case Skipped(reason=reason, byte_size=size):
                parsed.skipped[reason] += 1
                parsed.left_out[found.blob_id, read_as(found.path)] = size, reason

    def _keep_text(self, one: ParsedFile, text: Text) -> None:
        one.text = self._parsed.texts.append(text.content)
        one.trigrams = self._parsed.trigrams.append(text.trigrams)
