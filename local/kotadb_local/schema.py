"""Prints the schema that the migrations give, readable from top to bottom: `make schema`.

It is kept as `sql/schema.sql`, so that the effect of a migration is a diff that can be reviewed.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from indexer.database.migrate import Migrator
from indexer.database.target import Target
from kotadb_local.postgres import EmbeddedPostgres

HEADING = """\
-- The schema as all migrations together give it. Made by `make schema`; do not edit.
"""
# Session settings, comments that repeat each statement's name, and pg_dump's own brackets.
_NOISE = re.compile(
    r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)$\n?", re.MULTILINE
)
_GAPS = re.compile(r"\n{3,}")


def dump_schema(binaries: Path, target: Target) -> str:
    """The schema of a migrated database as pg_dump sees it, without what differs between runs.

    Raises:
        CalledProcessError: pg_dump failed.
    """
    dumped = subprocess.run(
        [
            str(binaries / "pg_dump"),
            "--schema-only",
            "--schema=kotadb",
            "--schema=kotadb_queue",
            # One a day, made by rotate_archive.
            "--exclude-table=kotadb_queue.archive_2*",
        ],
        env={
            "PGHOST": target.host,
            "PGPORT": str(target.port),
            "PGUSER": target.user,
            "PGPASSWORD": target.password or "",
            "PGDATABASE": target.dbname,
        },
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return HEADING + _GAPS.sub("\n\n", "\n" + _NOISE.sub("", dumped).strip() + "\n")


def main() -> None:
    """Migrate a throw-away database and print its schema."""
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedPostgres(Path(folder), durable=False).session() as server,
    ):
        target = Target.parse(server.url)
        Migrator(target).up()
        sys.stdout.write(dump_schema(server.binaries, target))


if __name__ == "__main__":
    main()
