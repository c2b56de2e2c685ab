"""The commit that an answer is of."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from indexer.http.shapes import View
from indexer.search.repositories import Snapshot


class CommitView(View):
    """The commit that an answer is of."""

    repository_id: UUID
    repository: str
    ref: str
    commit_sha: str


class CommitFields(TypedDict):
    """The fields of `CommitView`."""

    repository_id: UUID
    repository: str
    ref: str
    commit_sha: str


def commit_of(snapshot: Snapshot) -> CommitFields:
    """The commit that a snapshot is of."""
    return CommitFields(
        repository_id=snapshot.repository_id,
        repository=snapshot.repository,
        ref=snapshot.ref,
        commit_sha=snapshot.commit_sha,
    )
