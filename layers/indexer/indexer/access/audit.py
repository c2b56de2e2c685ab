"""What was changed by hand, by whom and when. A row is written with the change it tells of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from indexer.database.connection import Database, Statements
from indexer.database.paging import Page, integer, page_of, page_size, read_cursor, write_cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a change was asked from: the request, and the network address or another way in."""

    request_id: str
    caller: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change. `target` is the id of what was changed."""

    audit_id: int
    at: datetime
    action: str
    target: str | None
    details: Mapping[str, Any]
    request_id: str
    caller: str


def record(
    statements: Statements,
    origin: Origin,
    *,
    action: str,
    target: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write a change down, in the transaction that makes it. `details` hold no secret."""
    statements.execute(
        "add_audit",
        action=action,
        target=target,
        details=json.dumps(dict(details or {}), default=str),
        request_id=origin.request_id,
        caller=origin.caller,
    )


def page(
    database: Database,
    *,
    action: str | None = None,
    target: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[AuditEntry]:
    """The changes, newest first, at most `limit` (1 to 100, else 50) of them.

    Raises:
        CursorInvalid: the cursor is none of this list's.
        DatabaseError: the database did not answer.
    """
    size = page_size(limit)
    (before,) = (None,) if cursor is None else read_cursor(cursor, "audit", integer)
    rows = database.fetch_all(
        "audit_page", action=action, target=target, before=before, page_size=size + 1
    )
    return page_of(
        [AuditEntry(**row) for row in rows],
        size=size,
        cursor=lambda entry: write_cursor("audit", entry.audit_id),
    )
