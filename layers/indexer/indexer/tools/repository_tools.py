"""Tools about repositories: what is indexed, have one indexed, how far that is, a map of one."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from indexer.indexing.wish import index_request
from indexer.jobs import records
from indexer.jobs.model import Job, JobStatus
from indexer.search import files, most_used, repositories
from indexer.search.repositories import (
    MOST_REPOSITORIES,
    NotIndexed,
    Repository,
    RepositoryNotFound,
)
from indexer.search.symbols import Symbol
from indexer.tools.pages import Listing, page_that_fits
from indexer.tools.registry import Arguments, Caller, OfRepository, Tool
from indexer.tools.wording import LONGEST_SIGNATURE, commit, kind, one_line, qualified

MANY: Final = 100
MOST_REFS: Final = 20
"""Of each repository, the default one first."""

CHARACTERS_PER_TOKEN: Final = 4
"""Of code and English, on the average of today's tokenizers; a budget is kept by this rule."""

_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


class ListRepositories(Arguments):
    """What `list_repositories` takes."""

    cursor: str | None = Field(default=None, description="Of the answer before.")


class IndexRepository(Arguments):
    """What `index_repository` takes."""

    repository: str = Field(description="owner/name, or an https URL on an allowed host.")
    ref: str | None = Field(default=None, description="A branch or tag; else the default branch.")
    force: bool = Field(default=False, description="Index again although it stands at the commit.")


class GetJob(Arguments):
    """What `get_index_job_status` takes."""

    job_id: str = Field(description="As index_repository told it.")


class RecentFiles(Arguments):
    """What `list_recent_files` takes."""

    repository: str | None = Field(default=None, description="Only of this one.")
    limit: int = Field(default=20, ge=1, le=MANY, description="Files at the most.")


class RepoMap(OfRepository):
    """What `repo_map` takes."""

    path: str | None = Field(default=None, description="Only files whose path begins so.")
    tokens: int = Field(default=1_000, ge=100, le=8_000, description="As long as the map may be.")


def list_repositories(caller: Caller, wanted: ListRepositories) -> str:
    """What is indexed: each repository with its refs, commits and ages."""

    def page(limit: int) -> Listing:
        found = repositories.page(
            caller.database, tenant_id=caller.tenant_id, cursor=wanted.cursor, limit=limit
        )
        return Listing(
            head=() if found.items else ["Nothing is indexed. index_repository adds a repository."],
            entries=[[_repository(one)] for one in found.items],
            next_cursor=found.next_cursor,
        )

    return page_that_fits(MANY, page)


def _repository(one: Repository) -> str:
    if not one.snapshots:
        return f"{one.full_name}  (nothing indexed yet)  id {one.repository_id}"
    snapshots = sorted(one.snapshots, key=lambda snapshot: snapshot.ref != one.default_ref)
    refs = [
        f"{snapshot.ref} at {snapshot.commit_sha[:10]}, indexed {_ago(snapshot.age_seconds)}"
        for snapshot in snapshots[:MOST_REFS]
    ]
    if (others := len(snapshots) - len(refs)) > 0:
        refs.append(f"and {others} more refs")
    return f"{one.full_name}  {'; '.join(refs)}  id {one.repository_id}"


def _ago(seconds: float) -> str:
    for unit, name in ((_DAY, "days"), (_HOUR, "hours"), (_MINUTE, "minutes")):
        if seconds >= 2 * unit:
            return f"{int(seconds // unit)} {name} ago"
    return "just now"


def index_repository(caller: Caller, wanted: IndexRepository) -> str:
    """Have a repository indexed; the job's id."""
    request = index_request(
        caller.settings,
        tenant_id=caller.tenant_id,
        repository=wanted.repository,
        ref=wanted.ref,
        force=wanted.force,
        request_id=caller.request_id,
    )
    made = caller.queue.enqueue(request)
    if not made.deduplicated:
        caller.wake(made.job_id)
    there = " was there already" if made.deduplicated else " is queued"
    return (
        f"Job {made.job_id}{there}. get_index_job_status tells how far it is; an index of a few "
        "thousand files takes about a minute."
    )


def get_index_job_status(caller: Caller, wanted: GetJob) -> str:
    """How far a job is."""
    job, _ = records.get(caller.database, wanted.job_id, tenant_id=caller.tenant_id)
    lines = [f"{job.repository}: {job.status.value}"]
    if job.status is JobStatus.PROCESSING:
        lines.append(_progress(job))
    if job.commit_sha is not None:
        lines.append(f"commit {job.commit_sha} at {job.ref}")
    if job.error_message is not None:
        lines.append(f"{job.error_message} ({job.error_code})")
    if job.stats:
        counted = ("files_indexed", "symbols_extracted", "references_found")
        lines.append(", ".join(f"{job.stats.get(name, 0):,} {name}" for name in counted))
    return "\n".join(lines)


def _progress(job: Job) -> str:
    phase = "" if job.phase is None else job.phase.value
    total = "" if not job.files_total else f", {job.files_done} of {job.files_total} files"
    return f"phase {phase}{total}"


def list_recent_files(caller: Caller, wanted: RecentFiles) -> str:
    """Files of what was indexed last, repository after repository."""
    if wanted.repository is not None:
        return "\n".join(_files_of(caller, wanted.repository, wanted.limit).lines)
    answering = repositories.answering(caller.database, tenant_id=caller.tenant_id)
    lines: list[str] = []
    left = wanted.limit
    for snapshot in answering[:MANY]:
        try:
            found = _files_of(caller, str(snapshot.repository_id), left)
        except (NotIndexed, RepositoryNotFound):
            # It was deleted just now, or another ref became its default.
            continue
        lines += found.lines
        left -= len(found.entries)
        if left <= 0:
            break
    return "\n".join(lines) or (
        "No default branch is indexed. list_repositories tells what is there; index_repository "
        "adds a repository."
    )


def _files_of(caller: Caller, repository: str, most: int) -> Listing:
    found = files.find(
        caller.database, tenant_id=caller.tenant_id, repository=repository, limit=most
    )
    head = f"{commit(found.snapshot)}, indexed {found.snapshot.indexed_at:%Y-%m-%d %H:%M}"
    return Listing(
        head=[head],
        entries=[[f"  {one.path}  {one.line_count} lines"] for one in found.page.items],
        # They are an example of what is there; nothing goes on from them.
        next_cursor=None,
    )


def repo_map(caller: Caller, wanted: RepoMap) -> str:
    """The most used definitions of a repository, by file, as many as the budget holds."""
    found = most_used.find(
        caller.database,
        tenant_id=caller.tenant_id,
        repository=wanted.repository,
        ref=wanted.ref,
        path=wanted.path,
    )
    head = f"{commit(found.snapshot)}: its most used definitions, by file"
    room = wanted.tokens * CHARACTERS_PER_TOKEN - len(head)
    chosen: dict[str, list[Symbol]] = {}
    for one in found.symbols:
        room -= len(_map_line(one, found.uses[one.id])) + 1
        room -= 0 if one.path in chosen else len(one.path) + 2
        if room < 0:
            break
        chosen.setdefault(one.path, []).append(one)
    lines = [head]
    for path, members in chosen.items():
        lines.append(f"{path}:")
        in_source = sorted(members, key=lambda one: (one.start_line, one.column))
        lines += [_map_line(one, found.uses[one.id]) for one in in_source]
    return "\n".join(lines)


def _map_line(one: Symbol, uses: int) -> str:
    said = one.signature or f"{kind(one)} {qualified(one)}"
    return f"  {one.line}: {one_line(said, LONGEST_SIGNATURE)}  ({uses} uses)"


TOOLS: Final = (
    Tool(
        name="list_repositories",
        title="List repositories",
        description="Which repositories are indexed, at which refs and commits.",
        arguments=ListRepositories,
        answer=list_repositories,
    ),
    Tool(
        name="repo_map",
        title="Map a repository",
        description="The most used definitions of a repository within a budget of tokens: what to "
        "know first of code that one has not seen.",
        arguments=RepoMap,
        answer=repo_map,
    ),
    Tool(
        name="list_recent_files",
        title="List recent files",
        description="Files of the repositories whose default branches were indexed last, of the "
        f"first {MOST_REPOSITORIES:,} by name.",
        arguments=RecentFiles,
        answer=list_recent_files,
    ),
    Tool(
        name="index_repository",
        title="Index a repository",
        description="Have a Git repository indexed in the background.",
        arguments=IndexRepository,
        answer=index_repository,
        read_only=False,
    ),
    Tool(
        name="get_index_job_status",
        title="Follow a job",
        description="How far a job of index_repository is, and what became of it.",
        arguments=GetJob,
        answer=get_index_job_status,
    ),
)
