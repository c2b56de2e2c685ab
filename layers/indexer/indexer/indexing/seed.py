"""Data to try things on: repositories of three users, their jobs in every state, and an index.

The index is whole: its rows are what indexing its texts would give, so every question has an
answer. Everything but the times is the same wherever it is made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from indexer.database.connection import Statements
from indexer.postings.blocks import blocks_of
from indexer.postings.groups import grouped
from indexer.postings.trigrams import trigrams_of
from indexer.postings.words import words_of
from indexer.resolution.rows import Resolution
from indexer.settings import Settings

_NAMESPACE = UUID("6b6f7461-6462-4000-8000-736565640001")
_DEFAULT_REF = "main"
SYMBOLS_PER_FILE = 10
# How long the job that hangs goes on hanging.
HANGING_HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedJob:
    """A job that ended, or hangs. A completed one is `current` when no later one is of its ref."""

    status: str
    ref: str = _DEFAULT_REF
    files: int = 0
    minutes_ago: int
    current: bool = False
    error: tuple[str, str] | None = None
    attempts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRepository:
    """A repository and its jobs, oldest first."""

    tier: str
    name: str
    jobs: tuple[SeedJob, ...]

    @property
    def repository_id(self) -> UUID:
        """The same everywhere."""
        return uuid5(_NAMESPACE, f"repository {self.name}")


def _completed(
    files: int, minutes_ago: int, ref: str = _DEFAULT_REF, *, current: bool = False
) -> SeedJob:
    return SeedJob(
        status="completed", ref=ref, files=files, minutes_ago=minutes_ago, current=current
    )


REPOSITORIES = (
    SeedRepository(
        tier="free",
        name="kotadb-seed/notes",
        jobs=(
            _completed(50, 2_900),
            _completed(60, 1_450, current=True),
            SeedJob(status="processing", ref="next", files=140, minutes_ago=12),
        ),
    ),
    SeedRepository(
        tier="solo",
        name="kotadb-seed/storefront",
        jobs=(
            _completed(80, 4_300),
            _completed(90, 2_800, "next", current=True),
            SeedJob(
                status="failed",
                ref="experiment",
                minutes_ago=1_300,
                error=("ref_not_found", "The repository has no branch or tag of this name."),
            ),
            _completed(100, 700, current=True),
        ),
    ),
    SeedRepository(
        tier="team",
        name="kotadb-seed/platform",
        jobs=(
            _completed(120, 9_000, "release"),
            _completed(150, 7_000),
            _completed(160, 5_000, "release", current=True),
            _completed(180, 3_000),
            SeedJob(
                status="failed",
                ref="hotfix",
                minutes_ago=600,
                error=("remote_unavailable", "The remote did not answer."),
                attempts=4,
            ),
            _completed(200, 90, current=True),
        ),
    ),
)


def fill(statements: Statements, settings: Settings, owners: Mapping[str, UUID]) -> None:
    """Make the repositories with their jobs and their index, in the caller's transaction.

    `owners` are the tenants, by their tier. Raises DatabaseError.
    """
    for repository in REPOSITORIES:
        tenant_id = owners[repository.tier]
        statements.execute(
            "seed_repository",
            repository_id=repository.repository_id,
            tenant_id=tenant_id,
            clone_url=f"https://github.com/{repository.name}.git",
            full_name=repository.name,
            default_ref=_DEFAULT_REF,
            generation=len(repository.jobs),
        )
        for number, job in enumerate(repository.jobs, start=1):
            _add_job(statements, settings, _Place(repository, tenant_id, number), job)


def is_seeded(statements: Statements) -> bool:
    """Whether any of it is there. Others who ask wait until this transaction has ended."""
    statements.fetch_one("seed_turn")
    row = statements.fetch_one(
        "seed_is_there", repository_ids=[one.repository_id for one in REPOSITORIES]
    )
    return bool(row and row["present"])


class _Place(NamedTuple):
    """Where a job belongs: the which of its repository it is, from 1."""

    repository: SeedRepository
    tenant_id: UUID
    number: int

    def named(self, what: str) -> UUID:
        """An id that is the same everywhere."""
        return uuid5(_NAMESPACE, f"{what} {self.repository.name} {self.number}")

    @property
    def commit_sha(self) -> str:
        """It names nothing, and only has the form of a commit's id."""
        return sha256(f"{self.repository.name} {self.number}".encode()).hexdigest()[:40]


def _add_job(statements: Statements, settings: Settings, place: _Place, job: SeedJob) -> None:
    job_id = place.named("job")
    done, runs = job.status == "completed", job.status == "processing"
    code, message = job.error or (None, None)
    statements.execute(
        "seed_job",
        job_id=job_id,
        tenant_id=place.tenant_id,
        repository_id=place.repository.repository_id,
        requested_ref="" if job.ref == _DEFAULT_REF else job.ref,
        request_id=f"seed-{place.number}",
        generation=place.number,
        queue_job_id=place.named("queue row"),
        status=job.status,
        ref=job.ref if done else None,
        commit_sha=place.commit_sha if done else None,
        phase="parse" if runs else None,
        files_done=job.files // 3 if runs else job.files,
        files_total=job.files or None,
        retry_count=job.attempts - 1,
        max_retries=settings.retry_limit,
        error_code=code,
        error_message=message,
        stats=json.dumps(stats_of(job.files)) if done else None,
        minutes_ago=job.minutes_ago,
        ended_minutes_ago=None if runs else job.minutes_ago - 4 * job.attempts,
    )
    statements.execute(
        "seed_attempts",
        job_id=job_id,
        attempts=job.attempts,
        outcome=None if runs else job.status,
    )
    if job.error is not None:
        statements.execute("seed_dead_letter", job_id=job_id)
    if runs:
        statements.execute("seed_lease", job_id=job_id, hours=HANGING_HOURS)
    if job.current:
        made = statements.fetch_one("seed_snapshot", job_id=job_id, file_count=job.files)
        if made is not None:
            _complete(statements, made["snapshot_id"])


def _complete(statements: Statements, snapshot_id: int) -> None:
    """Store what a search reads and what joins repositories, from what is stored already."""
    sources = statements.fetch_all("seed_sources", snapshot_id=snapshot_id)
    blocks = list(
        blocks_of((row["file_no"], trigrams_of(row["content"].encode())) for row in sources)
    )
    statements.execute(
        "seed_postings",
        snapshot_id=snapshot_id,
        segments=[one.segment for one in blocks],
        first_trigrams=[one.first_trigram for one in blocks],
        contents=[one.content.hex() for one in blocks],
        file_groups=grouped((row["path"], True) for row in sources).packed(),
    )
    statements.execute("seed_uses", snapshot_id=snapshot_id)
    statements.execute(
        "seed_imported_name", snapshot_id=snapshot_id, external=int(Resolution.EXTERNAL)
    )
    names = [
        (row["name"], row["kinds"], row["uses"], word)
        for row in statements.fetch_all("seed_names_used", snapshot_id=snapshot_id)
        for word in words_of(row["name"])
    ]
    statements.execute(
        "seed_names",
        snapshot_id=snapshot_id,
        rests=[word.rest for *_, word in names],
        wholes=[word.is_whole for *_, word in names],
        names=[name for name, *_ in names],
        kinds=[kinds for _, kinds, *_ in names],
        uses=[uses for _, _, uses, _ in names],
    )


def stats_of(files: int) -> dict[str, Any]:
    """What an index of so many files of the recipe holds (see `seed_snapshot`)."""
    packages, missing = len(range(0, files, 5)), len(range(7, files, 25))
    found = {"exact": 18 * files, "external": packages, "unknown_receiver": files}
    return {
        "files_indexed": files,
        "symbols_extracted": SYMBOLS_PER_FILE * files,
        "references_found": 19 * files + packages + missing,
        "references_resolved": found["exact"],
        "dependencies_extracted": files + packages + missing,
        "dependencies_internal": files,
        "files_skipped": {},
        "files_failed": {},
        "references_by_resolution": {**found, "unresolved_module": missing},
    }
