"""What somebody wishes to have indexed, as the queue takes it."""

from __future__ import annotations

from uuid import UUID

from indexer.git.refs import parse_commit_sha, parse_ref
from indexer.git.remote import Remote
from indexer.jobs.model import IndexRequest
from indexer.settings import Settings


def index_request(
    settings: Settings,
    *,
    tenant_id: UUID,
    repository: str,
    request_id: str,
    ref: str | None = None,
    commit_sha: str | None = None,
    force: bool = False,
) -> IndexRequest:
    """The request for an index of `repository`, written as `owner/name` or as a URL.

    Raises:
        RepositoryInvalid, HostNotAllowed: it names none that may be fetched here.
        RefInvalid, CommitInvalid: the ref or the commit can be none.
    """
    remote = Remote.parse(
        repository,
        allowed_hosts=settings.allowed_hosts,
        allow_local=settings.allow_local_repositories,
    )
    return IndexRequest(
        tenant_id=tenant_id,
        clone_url=remote.location,
        full_name=remote.full_name,
        ref=None if ref is None else parse_ref(ref),
        commit_sha=None if commit_sha is None else parse_commit_sha(commit_sha),
        force=force,
        request_id=request_id,
    )
