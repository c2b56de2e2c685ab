"""From a remote to the facts of every file: fetch, survey, take over what is known, parse the rest.

Where something is known of the repository, its trees are fetched first, and of its blobs only those
that nobody has read before. Whatever cannot be done so is done with the whole commit.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from indexer.indexing.beside import Beside
from indexer.indexing.gathered_files import GatheredFiles
from indexer.indexing.known import BlobKey, KnownBlobs, unpacked_content
from indexer.indexing.parse_pool import ParsePool
from indexer.indexing.parsed import ParsedCommit
from indexer.indexing.part import Part
from indexer.indexing.reading import CONFIG, answered_by, linked_by
from indexer.indexing.standing import Standing
from indexer.indexing.survey import (
    KnownConfig,
    Survey,
    SurveyIncomplete,
    survey_commit,
)
from indexer.jobs.model import Phase
from indexer.jobs.run import Run
from indexer.observability import logger
from indexer.resolution.modules import ModuleResolver
from indexer.resolution.relinking import NotRelinkable, files_for_all
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

    `answered_by` marks what answers its requests.
    """

    survey: Survey
    resolver: ModuleResolver
    answered_by: bytes
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
        files = GatheredFiles(
            run,
            survey.files,
            known=self._known,
            parsed=parsed,
            fetch=self._fetch_blobs,
            pool=self._pool,
            use=self._use,
        )
        mark = answered_by(survey.paths, survey.config_blobs)
        resolver = ModuleResolver(survey.paths, survey.configs.get, check=run.check)
        part = self._part(files, resolver, mark)
        if part is None:
            files.gather(files.numbers)
        parsed.files = files.gathered()
        return Gathered(survey, resolver, mark, part)

    def _pool(self) -> ParsePool:
        return ParsePool(Path(self._commit.directory), self._settings, base_bytes=self._base_bytes)

    def _part(self, files: GatheredFiles, resolver: ModuleResolver, mark: bytes) -> Part | None:
        """What is to be linked anew, where an earlier index has the rest. Then all is gathered."""
        if self._database is None:
            return None
        standing = Standing.find(
            self._database,
            self._run.lease.repository_id,
            ref=self._ref,
            linked_by=linked_by(self._settings),
        )
        if standing is None:
            return None
        try:
            return _gathered_part(files, resolver, standing, mark)
        except NotRelinkable as error:
            logger.info("the commit is linked as a whole", reason=str(error))
            return None

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

    def _use(self, key: BlobKey, byte_size: int) -> None:
        if key not in self._parsed.taken_over:
            self._parsed.taken_over.add(key)
            if self._commit.trees_only:
                self._parsed.bytes_not_transferred += byte_size

    def _fetch_blobs(self, blob_ids: Sequence[str]) -> None:
        """Have these blobs beside the trees, where only trees were fetched."""
        wanted = list(dict.fromkeys(blob_ids)) if self._commit.trees_only else []
        if len(wanted) > MOST_BLOBS:
            raise SurveyIncomplete
        if wanted:
            self.received_bytes = self._fetch.blobs(wanted).received_bytes


def _gathered_part(
    files: GatheredFiles, resolver: ModuleResolver, standing: Standing, mark: bytes
) -> Part:
    """The part of a commit that a change reaches, once all of its files are gathered.

    Raises:
        NotRelinkable: all is to be linked.
    """
    at_path = {one.path: one for one in standing.files}
    changed = {one for one in files.numbers if not files.is_as(one, at_path.get(files.path(one)))}
    for_all = {standing.files[one].path for one in files_for_all(standing.linked)}
    files.gather([one for one in files.numbers if one in changed or files.path(one) in for_all])
    # One that was to be parsed may have been left out.
    numbers = files.numbers
    beside = Beside.of(standing, [files.path(one) for one in numbers], resolver, answered_by=mark)
    file_no = {number: at for at, number in enumerate(numbers)}
    known = {file_no[one] for one in changed if one in file_no}
    readdressed = beside.readdressed()
    files.gather([numbers[one] for one in readdressed])
    if files.numbers != numbers:
        raise NotRelinkable("a file that stands is left out")
    stands = {one: at_path[files.path(one)] for one in numbers if files.path(one) in at_path}
    anew = {numbers[one] for one in {*known, *readdressed}}
    held = files.held_before({one: stands[one] for one in sorted(anew & stands.keys())})
    part = Part.of(
        beside,
        {file_no[number]: one for number, one in held.items()},
        {file_no[number]: files.facts(number) for number in sorted(anew)},
        readdressed=readdressed,
    )
    files.let_stand(stands, [numbers[one] for one in part.change.read])
    return part
