"""Keys, and the API's way to ask for them."""

from collections.abc import Iterator

import pytest
from tests.fixtures.database import ScratchDatabase

from indexer.database.connection import Database


@pytest.fixture(params=["psycopg", "pg8000"])
def admin_database(
    migrated_database: ScratchDatabase, request: pytest.FixtureRequest
) -> Iterator[Database]:
    """The admin's connection, once over each driver."""
    with migrated_database.database(migrated_database.admin_role, driver=request.param) as database:
        yield database


@pytest.fixture(params=["psycopg", "pg8000"])
def asking_database(
    migrated_database: ScratchDatabase, request: pytest.FixtureRequest
) -> Iterator[Database]:
    """The API's connection, once over each driver."""
    with migrated_database.database(migrated_database.api, driver=request.param) as database:
        yield database


@pytest.fixture
def key_maker(migrated_database: ScratchDatabase) -> Iterator[Database]:
    """The admin's connection."""
    with migrated_database.database(migrated_database.admin_role) as database:
        yield database
