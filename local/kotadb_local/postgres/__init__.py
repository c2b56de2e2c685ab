"""The Postgres that a run without DATABASE_URL brings along."""

from kotadb_local.postgres.embedded import EmbeddedPostgres, PostgresServer
from kotadb_local.postgres.errors import (
    DataOfAnotherVersion,
    EmbeddedPostgresFailed,
    EmbeddedPostgresUnavailable,
)

__all__ = [
    "DataOfAnotherVersion",
    "EmbeddedPostgres",
    "EmbeddedPostgresFailed",
    "EmbeddedPostgresUnavailable",
    "PostgresServer",
]
