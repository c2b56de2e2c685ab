"""Where the database is: DATABASE_URL, read strictly and never repeated in a message."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from indexer.errors import ConfigurationError

EXAMPLE = "postgresql://postgres:postgres@localhost:5434/postgres"
_VARIABLES = ("DATABASE_URL", "SUPABASE_DB_URL")
_SSL_MODES = {"disable", "require", "verify-ca", "verify-full"}
_HIGHEST_PORT = 65535


class DatabaseUrlMissing(ConfigurationError):
    """Neither DATABASE_URL nor SUPABASE_DB_URL is set."""

    code = "database_url_missing"

    def __init__(self) -> None:
        super().__init__(
            "DATABASE_URL is not set. It is a native Postgres connection string, for example "
            f"{EXAMPLE} (SUPABASE_DB_URL is taken too; SUPABASE_URL, an HTTP address, is not)"
        )


class DatabaseUrlMalformed(ConfigurationError):
    """The connection string cannot be used; the text says why and repeats none of it."""

    code = "database_url_malformed"

    def __init__(self, why: str) -> None:
        super().__init__(f"DATABASE_URL cannot be used: {why}. A good one looks like {EXAMPLE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A database to connect to. `host` beginning with a slash is the folder of a unix socket."""

    host: str
    port: int
    user: str
    password: str | None = field(repr=False)
    dbname: str
    sslmode: str
    sslrootcert: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Target:
        """The target that DATABASE_URL (or SUPABASE_DB_URL) names.

        Raises:
            DatabaseUrlMissing: neither is set.
            DatabaseUrlMalformed: it is no usable connection string.
        """
        environment = os.environ if environment is None else environment
        for variable in _VARIABLES:
            if url := environment.get(variable, "").strip():
                return cls.parse(url)
        raise DatabaseUrlMissing

    @classmethod
    def parse(cls, url: str) -> Target:
        """Read `postgresql://user:password@host:port/database?sslmode=…`.

        Without `sslmode` a connection that leaves the machine is encrypted (`require`).

        Raises:
            DatabaseUrlMalformed: something of it is missing, unknown or unreadable.
        """
        try:
            parts = urlsplit(url)
            port = 5432 if parts.port is None else parts.port
        except ValueError:
            raise DatabaseUrlMalformed("its host or port cannot be read") from None
        if parts.scheme not in {"postgresql", "postgres"}:
            raise DatabaseUrlMalformed("it must begin with postgresql://")
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        host = options.pop("host", None) or unquote(parts.hostname or "")
        dbname = unquote(parts.path.removeprefix("/"))
        if not host:
            raise DatabaseUrlMalformed("it names no host")
        if not parts.username:
            raise DatabaseUrlMalformed("it names no user")
        if not dbname or "/" in dbname:
            raise DatabaseUrlMalformed("it must end with one database name")
        if not 0 < port <= _HIGHEST_PORT:
            raise DatabaseUrlMalformed("its port is out of range")
        near = host.startswith("/") or host in {"localhost", "127.0.0.1", "::1"}
        sslmode = options.pop("sslmode", "disable" if near else "require")
        if sslmode not in _SSL_MODES:
            raise DatabaseUrlMalformed(f"sslmode must be one of {', '.join(sorted(_SSL_MODES))}")
        sslrootcert = options.pop("sslrootcert", None)
        options.pop("pgbouncer", None)
        if options:
            raise DatabaseUrlMalformed("it has options other than host, sslmode and sslrootcert")
        return cls(
            host=host,
            port=port,
            user=unquote(parts.username),
            password=unquote(parts.password) if parts.password is not None else None,
            dbname=dbname,
            sslmode=sslmode,
            sslrootcert=sslrootcert,
        )
