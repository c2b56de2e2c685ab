"""The Postgres that a run without DATABASE_URL brings along."""

from kotadb_local.postgres.embedded import EmbeddedPostgres, PostgresServer
from kotadb_local.postgres.errors import (
    DataInUse,
    DataOfAnotherVersion,
    EmbeddedPostgresFailed,
    EmbeddedPostgresUnavailable,
    EndedInUse,
)

__all__ = [
    "DataInUse",
    "DataOfAnotherVersion",
    "EmbeddedPostgres",
    "EmbeddedPostgresFailed",
    "EmbeddedPostgresUnavailable",
    "EndedInUse",
    "PostgresServer",
]
