"""What every list takes."""

from __future__ import annotations

from pydantic import Field

from admin_function.actions.action import Wish
from indexer.database.paging import DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE


class LimitWish(Wish):
    """How much of a list."""

    limit: int | None = Field(
        default=None,
        description=f"1 to {LARGEST_PAGE_SIZE}, {DEFAULT_PAGE_SIZE} unless asked for; what lies "
        "outside is moved to the nearer end.",
    )


class PageWish(LimitWish):
    """Which page of a list."""

    cursor: str | None = Field(
        default=None, min_length=1, description="next_cursor of the page before, as it is."
    )
