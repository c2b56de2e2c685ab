"""From a remote to the facts of every file: fetch, survey, take over what is known, parse the rest.

Where something is known of the repository, its trees are fetched first, and of its blobs only those
that nobody has read before. Whatever cannot be done so is done with the whole commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, NamedTuple

from indexer.database.connection import Database
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
from indexer.indexing.known import BlobContent, BlobKey, KnownBlobs, unpacked_content
from indexer.indexing.parse_child import Failed, FileToParse, Parsed, Skipped, Text
from indexer.indexing.parse_pool import Outcome, ParsePool
from indexer.indexing.parsed import NO_FACTS, ParsedCommit, ParsedFile
from indexer.indexing.part import HeldBefore, Part
from indexer.indexing.reading import CONFIG, linked_by, name_of, read_as
from indexer.indexing.standing import Standing, StandingFile
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
from indexer.observability import logger
from indexer.parsing.facts import FileFacts
from indexer.resolution.modules import ModuleResolver
from indexer.resolution.relinking import NotRelinkable, files_for_all
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


class Gathered(NamedTuple):
    """What a commit holds, what resolves its imports, and what of it is to be linked, if not all.

    `linked_by` marks what a later index may take rows from.
    """

    survey: Survey
    resolver: ModuleResolver
    linked_by: bytes
    part: Part | None


class Gathering:
    """Gathers one fetched commit, with `known` about its blobs, into `parsed`.

    With `database` the rows of files that a change does not reach may stay as they stand there.
    """

    def __init__(
        self,
        run: Run,
        settings: Settings,
        fetch: CommitFetch,
        *,
        commit: FetchedCommit,
        known: KnownBlobs,
        parsed: ParsedCommit,
        ref: str,
        database: Database | None,
    ) -> None:
        self._run, self._settings = run, settings
        self._fetch, self._commit = fetch, commit
        self._ref, self._database = ref, database
        self._known, self._parsed = known, parsed
        self._base_bytes = FetchLimits.from_settings(settings).object_bytes
        self._files: dict[int, ParsedFile] = {}
        self._left_out: set[int] = set()
        self.received_bytes = commit.received_bytes

    def gather(self) -> Gathered:
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

    def _gathered(self) -> Gathered:
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
        run.report(Phase.PARSE, total=len(survey.files))
        parsed.skipped.update(survey.skipped)
        self._leave_out_known(survey.files)
        marked = linked_by(self._settings, survey.paths, survey.config_blobs)
        resolver = ModuleResolver(survey.paths, survey.configs.get)
        part = self._part(survey, resolver, marked)
        if part is None:
            self._gather_files(survey.files, range(len(survey.files)))
        parsed.files = [self._files[number] for number in sorted(self._files)]
        return Gathered(survey, resolver, marked, part)

    def _part(self, survey: Survey, resolver: ModuleResolver, marked: bytes) -> Part | None:
        """What is to be linked anew, where an earlier index has the rest. Then all is gathered."""
        database = self._database
        if database is None:
            return None
        standing = Standing.find(
            database, self._run.lease.repository_id, ref=self._ref, linked_by=marked
        )
        if standing is None:
            return None
        try:
            return self._gathered_part(survey, resolver, standing)
        except NotRelinkable as error:
            logger.info("the commit is linked as a whole", reason=str(error))
            return None

    def _gathered_part(self, survey: Survey, resolver: ModuleResolver, standing: Standing) -> Part:
        files = survey.files
        numbers = [one for one in range(len(files)) if one not in self._left_out]
        _must_be_those_of(standing, files, numbers)
        unchanged = {
            file_no: number
            for file_no, (number, stands) in enumerate(zip(numbers, standing.files, strict=True))
            if files[number].blob_id == stands.blob_id
            and stands.failure is None
            and self._is_parsed(files[number])
        }
        changed = [one for one in range(len(numbers)) if one not in unchanged]
        for_all = files_for_all(standing.linked)
        self._gather_files(files, [numbers[one] for one in sorted({*changed, *for_all})])
        # One that was to be parsed may have been left out.
        _must_be_those_of(standing, files, [one for one in numbers if one not in self._left_out])
        new = {file_no: self._facts_of(numbers[file_no]) for file_no in changed}
        part = Part.of(standing, self._held_before(standing, changed), new, resolver)
        standing_ones = {no: one for no, one in unchanged.items() if one not in self._files}
        for file_no, number in standing_ones.items():
            self._let_stand(number, files[number], standing.files[file_no])
        self._have_packed(
            [files[one] for no, one in standing_ones.items() if no in part.change.read]
        )
        return part

    def _have_packed(self, files: Sequence[FoundFile]) -> None:
        """Have the facts of these files, which stand, without a look at them."""
        wanted = {_key(file) for file in files}
        spooled = {
            key: self._parsed.spool.append_packed(piece.content)
            for key, piece in self._checked(self._known.contents(sorted(wanted)))
        }
        for one in self._files.values():
            if one.stands and (key := _key(one.found)) in wanted:
                if key not in spooled:
                    raise NotRelinkable("what is known of a file is gone")
                one.spooled = spooled[key]

    def _held_before(self, standing: Standing, changed: Iterable[int]) -> dict[int, HeldBefore]:
        """What the files that stand held, of those of which it is known."""
        keys: dict[BlobKey, list[int]] = {}
        for file_no in changed:
            before = standing.files[file_no]
            row = self._known.get(key := (before.blob_id, read_as(before.path)))
            if before.failure is None and row is not None and row.has_content:
                keys.setdefault(key, []).append(file_no)
        found = {}
        for key, piece in self._checked(self._known.contents(list(keys))):
            with suppress(MessageRefused):
                held = HeldBefore(
                    unpacked_facts(piece.content), unpacked_trigrams(piece.trigrams or b"")
                )
                found.update(dict.fromkeys(keys[key], held))
        return found

    def _facts_of(self, number: int) -> FileFacts:
        spooled = self._files[number].spooled
        return NO_FACTS if spooled is None else self._parsed.spool[spooled]

    def _gather_files(self, files: Sequence[FoundFile], numbers: Iterable[int]) -> None:
        """Have the files with these numbers: what is known of them, else what parsing tells."""
        wanted = [one for one in numbers if one not in self._files and one not in self._left_out]
        unknown = self._take_over(files, wanted)
        if self._commit.trees_only:
            self._fetch_blobs([files[number].blob_id for number in unknown])
        self._parse(files, unknown)

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

    def _leave_out_known(self, files: Sequence[FoundFile]) -> None:
        """Leave out, and count, the files of which it is known why they are."""
        for number, file in enumerate(files):
            key = _key(file)
            row = self._known.get(key)
            if row is not None and row.skip_reason is not None:
                self._left_out.add(number)
                self._parsed.skipped[row.skip_reason] += 1
                self._use(key, row.byte_size)

    def _is_parsed(self, file: FoundFile) -> bool:
        """Whether the facts of the file are known."""
        row = self._known.get(_key(file))
        return row is not None and row.has_content

    def _let_stand(self, number: int, file: FoundFile, stands: StandingFile) -> None:
        """Have a file of which all rows stand but those that say where it stands itself."""
        row = self._known.get(_key(file))
        if row is None:
            raise AssertionError("what stands is known")
        self._files[number] = ParsedFile(
            found=file,
            byte_size=row.byte_size,
            line_count=stands.line_count,
            syntax_errors=stands.syntax_errors,
            text_bytes=row.text_bytes,
            known_text=row.snapshot_id,
            stands=True,
        )
        self._use(_key(file), row.byte_size)

    def _take_over(self, files: Sequence[FoundFile], wanted: Sequence[int]) -> list[int]:
        """Take over what is known of these files; the numbers of the others, in order."""
        numbers: dict[BlobKey, list[int]] = {}
        for number in wanted:
            numbers.setdefault(_key(files[number]), []).append(number)
        known = {
            key: row
            for key in numbers
            if (row := self._known.get(key)) is not None and row.has_content
        }
        for key, piece in self._checked(self._known.contents(list(known))):
            row = known[key]
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
                    found=files[number],
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

    def _parse(self, files: Sequence[FoundFile], numbers: list[int]) -> None:
        """Parse the files with these numbers."""
        total = len(files)
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
            case Skipped(number=number, reason=reason, byte_size=size):
                self._left_out.add(number)
                parsed.skipped[reason] += 1
                parsed.left_out[found.blob_id, read_as(found.path)] = size, reason

    def _keep_text(self, one: ParsedFile, text: Text) -> None:
        one.text = self._parsed.texts.append(text.content)
        one.trigrams = self._parsed.trigrams.append(text.trigrams)


def _must_be_those_of(
    standing: Standing, files: Sequence[FoundFile], numbers: Iterable[int]
) -> None:
    """Nothing, where the files with these numbers are those of the snapshot that stands.

    Raises:
        NotRelinkable: they are others.
    """
    if [files[one].path for one in numbers] != [one.path for one in standing.files]:
        raise NotRelinkable("other files are indexed than before")


def _key(file: FoundFile) -> BlobKey:
    return file.blob_id, read_as(file.path)
