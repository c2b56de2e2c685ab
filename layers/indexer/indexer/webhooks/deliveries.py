"""Acting on deliveries: each in one transaction, once.

Whoever sends the same body again, under whatever id, changes nothing; a delivery that failed left
nothing behind, so it can be delivered again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from indexer.database.connection import Database, Statements
from indexer.database.failures import ConstraintViolated, TransactionConflict
from indexer.jobs.model import JobStatus
from indexer.jobs.statements import tell_once_committed
from indexer.observability import logger
from indexer.settings import Settings
from indexer.webhooks.events import (
    Event,
    Ignored,
    InstallationChanged,
    Ping,
    Push,
    RepositoryChanged,
)

# GitHub delivers nothing again by itself, so what merely met another transaction is done anew.
TRIES: Final = 3


class Outcome(StrEnum):
    """What became of a delivery."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    PONG = "pong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery: the id and the event that its headers name, and its signed bytes."""

    delivery_id: str
    event: str
    body: bytes
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What became of it, and the jobs that it made, of whichever tenants."""

    outcome: Outcome
    job_ids: tuple[UUID, ...] = ()


class Deliveries:
    """Takes deliveries on one connection."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    def receive(self, delivery: Delivery, event: Event) -> Received:
        """Do what a delivery asks for, `event` being what `read_delivery` made of its body.

        When this returns everything is committed.

        Raises:
            DatabaseError: nothing was done, or the answer to the COMMIT was lost; then a repetition
                is a duplicate.
        """
        if isinstance(event, Ping):
            return Received(outcome=Outcome.PONG)
        if isinstance(event, Ignored):
            return Received(outcome=Outcome.IGNORED)
        for _ in range(TRIES - 1):
            try:
                return self._once(delivery, event)
            except (ConstraintViolated, TransactionConflict):
                # A request may have made the very row that a rename was about to make.
                logger.warning("a delivery met another transaction and is repeated")
        return self._once(delivery, event)

    def _once(self, delivery: Delivery, event: Event) -> Received:
        with self._database.transaction() as statements:
            row = statements.fetch_one(
                "receive_delivery",
                delivery_id=delivery.delivery_id,
                body_digest=hashlib.sha256(delivery.body).digest(),
                event=delivery.event,
            )
            if row is None or not row["is_new"]:
                return Received(outcome=Outcome.DUPLICATE)
            jobs = self._act(statements, event, delivery.request_id)
        return Received(outcome=Outcome.ACCEPTED, job_ids=tuple(jobs))

    def _act(self, statements: Statements, event: Event, request_id: str) -> Sequence[UUID]:
        match event:
            case Push():
                return self._push(statements, event, request_id)
            case RepositoryChanged(repository=repository):
                statements.fetch_one(
                    "receive_repository",
                    github_id=repository.github_id,
                    owner_id=repository.owner_id,
                    clone_urls=[repository.remote.location, *event.formerly],
                    full_name=repository.remote.full_name,
                    is_private=repository.private,
                    is_gone=event.gone,
                )
            case InstallationChanged():
                statements.fetch_one(
                    "note_installation",
                    installation_id=event.installation_id,
                    account_id=event.account_id,
                    account_login=event.account_login,
                    state=None if event.state is None else event.state.value,
                    all_repositories=event.all_repositories,
                )
                if event.lost:
                    statements.fetch_one(
                        "receive_lost_access",
                        installation_id=event.installation_id,
                        github_ids=list(event.lost),
                    )
        return ()

    def _push(self, statements: Statements, push: Push, request_id: str) -> list[UUID]:
        repository = push.repository
        rows = statements.fetch_all(
            "receive_push",
            github_id=repository.github_id,
            owner_id=repository.owner_id,
            clone_url=repository.remote.location,
            full_name=repository.remote.full_name,
            is_private=repository.private,
            default_ref=repository.default_branch,
            ref=push.branch,
            commit_sha=push.commit_sha,
            request_id=request_id,
            max_retries=self._settings.retry_limit,
            expire_hours=self._settings.expire_in_hours,
            asked_at=None,
        )
        made = [row["job_id"] for row in rows if row["job_id"] is not None]
        for _ in made:
            tell_once_committed(statements, JobStatus.PENDING)
        return made
