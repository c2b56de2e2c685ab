"""Whether the queue works, and its figures. Reading changes no row."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.clocks import MACHINE, Clocks
from indexer.database.connection import Database
from indexer.database.failures import DatabaseError, DatabaseTimeout, DatabaseUnavailable
from indexer.observability import logger
from indexer.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFigures:
    """The queue of the whole deployment. Ages are in seconds; None: nothing is due."""

    depth: int
    running: int
    failed_24h: int
    oldest_pending_age_seconds: float | None
    workers: int


class HealthMonitor:
    """Reads the figures at most once in HEALTH_CACHE_SECONDS. Failures are not remembered."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        clocks: Clocks = MACHINE,
    ) -> None:
        self._database = database
        self._settings = settings
        self._clocks = clocks
        self._figures: QueueFigures | None = None
        self._read_at = clocks.now()

    def figures(self) -> QueueFigures | None:
        """The figures, in one round trip of at most a second.

        None: the queue is absent, leasing is off or paused, or its tables did not answer in time.

        Raises:
            DatabaseUnavailable: the database itself cannot be reached.
        """
        if not self._settings.worker_enabled:
            self._database.script("database_answers")
            return None
        age = self._clocks.seconds_since(self._read_at)
        if self._figures is not None and age < self._settings.health_cache_seconds:
            return self._figures
        self._figures = self._read()
        self._read_at = self._clocks.now()
        return self._figures

    def _read(self) -> QueueFigures | None:
        try:
            rows = self._database.script("queue_figures_in_time")
        except DatabaseTimeout:
            logger.warning("the queue's figures did not come in time")
            return None
        except DatabaseUnavailable:
            raise
        except DatabaseError as error:
            logger.warning("the queue cannot be read", sqlstate=error.sqlstate)
            return None
        figures = dict(rows[0])
        if figures.pop("stopped"):
            return None
        return QueueFigures(workers=self._settings.worker_team_size, **figures)


def check_queue_health(database: Database, settings: Settings) -> bool:
    """True when jobs can be queued and are being leased; False, and never an error, otherwise."""
    try:
        return HealthMonitor(database, settings).figures() is not None
    except DatabaseError as error:
        logger.warning("the database is away", error_code=error.code)
        return False
