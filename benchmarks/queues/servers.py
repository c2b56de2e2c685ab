"""Servers and databases that queues are measured on."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg

from indexer.database.target import Target
from indexer.settings import Settings
from kotadb_local.launch import prepare
from kotadb_local.place import Place
from kotadb_local.postgres import EmbeddedPostgres


@contextmanager
def durable_server() -> Iterator[tuple[Place, Target]]:
    """A server with durable settings, and its superuser; its data goes with it."""
    with tempfile.TemporaryDirectory(prefix="bench-kotadb-") as folder:
        state = Path(folder) / "state"
        postgres = EmbeddedPostgres(state)
        try:
            with postgres.session() as server:
                yield Place(state=state, dotenv=Path(folder) / ".env"), Target.parse(server.url)
        finally:
            postgres.forget()


def new_database(admin: Target, name: str) -> Target:
    """An empty database on the server."""
    with psycopg.connect(superuser_url(admin), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return replace(admin, dbname=name)


def our_logins(place: Place, target: Target) -> dict[str, str]:
    """The product's schema in a database; the URLs of its functions' logins, by function."""
    beside = replace(place, state=place.state / target.dbname)
    return dict(prepare(beside, target, Settings(), lambda _: None).urls)


def superuser_url(target: Target) -> str:
    """Where a superuser finds the database."""
    password = target.password or ""
    return f"postgresql://{target.user}:{password}@{target.host}:{target.port}/{target.dbname}"
