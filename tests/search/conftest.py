"""Two tenants whose repositories are indexed."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from tests.fixtures.database import ScratchDatabase
from tests.search.indexed import Commit, index

from indexer.database.connection import Database


@dataclass(frozen=True)
class Reader:
    """A tenant who asks the index."""

    scratch: ScratchDatabase
    database: Database
    tenant_id: UUID

    def index(self, commit: Commit, **how: str | None) -> UUID:
        return index(self.scratch, self.tenant_id, commit, **how)


@pytest.fixture
def ada(
    migrated_database: ScratchDatabase,
    api_database: Database,
    make_tenant: Callable[..., UUID],
) -> Reader:
    """A tenant."""
    return Reader(migrated_database, api_database, make_tenant("ada@example.com"))


@pytest.fixture
def eve(ada: Reader, make_tenant: Callable[..., UUID]) -> Reader:
    """Another tenant on the same connection."""
    return Reader(ada.scratch, ada.database, make_tenant("eve@example.com"))
