"""What can go wrong with the embedded Postgres. These texts are for the person at the terminal."""

from __future__ import annotations

from pathlib import Path

from indexer.errors import ConfigurationError, KotaError


class EmbeddedPostgresUnavailable(ConfigurationError):
    """This machine cannot run the bundled server; a server of one's own works everywhere."""

    code = "embedded_postgres_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The embedded Postgres cannot run here: {reason}. Set DATABASE_URL to use a server "
            "of your own, e.g. postgresql://postgres:postgres@localhost:5434/postgres"
        )


class EmbeddedPostgresFailed(KotaError):
    """A step of the server's life did not end well; `log_tail` is what the server said last."""

    code = "embedded_postgres_failed"

    def __init__(self, step: str, *, log_tail: str = "") -> None:
        super().__init__(f"{step}\n{log_tail}" if log_tail else step)
        self.log_tail = log_tail


class EndedInUse(EmbeddedPostgresFailed):
    """No server runs, though somebody uses it: it was killed, or ended by itself."""

    code = "embedded_postgres_ended"

    def __init__(self) -> None:
        super().__init__("The embedded Postgres has ended while it was in use")


class DataInUse(EmbeddedPostgresFailed):
    """The data shall be deleted while somebody uses it."""

    code = "embedded_postgres_in_use"

    def __init__(self) -> None:
        super().__init__("The embedded Postgres is in use; stop what uses it first")


class DataOfAnotherVersion(EmbeddedPostgresFailed):
    """The data directory was written by another major version, which this one cannot read."""

    code = "embedded_postgres_data_of_another_version"

    def __init__(self, *, data: Path, found: str, wanted: str) -> None:
        super().__init__(
            f"The data in {data} belongs to Postgres {found}, the embedded server is {wanted}. "
            f"Export it with Postgres {found} and move the directory away to start anew"
        )
        self.found, self.wanted = found, wanted
