"""A connection whose every statement has an end, also when the network has lost the server.

The server's statement_timeout ends what the server works on. Nothing ends the wait for a server
that is gone without a word: the bytes lie acknowledged in a proxy or a frozen machine. So another
thread cuts the connection under a statement that takes too long.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indexer.database.drivers import Answer, Driver
    from indexer.database.queries import Query


@contextmanager
def answered_within(driver: Driver, seconds: float) -> Iterator[None]:
    """Cut the driver's connection when the block lasts longer; its statement then fails."""
    timer = threading.Timer(seconds, driver.abort)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class WatchedDriver:
    """A driver whose statements each get an answer within `seconds()` or lose their connection.

    It is asked when a statement begins, so that it may tell less and less.
    """

    def __init__(self, driver: Driver, *, seconds: Callable[[], float]) -> None:
        self._driver = driver
        self._seconds = seconds

    def run(self, query: Query, parameters: dict[str, Any]) -> Answer:
        with answered_within(self._driver, self._seconds()):
            return self._driver.run(query, parameters)

    def script(self, text: str) -> Answer:
        with answered_within(self._driver, self._seconds()):
            return self._driver.script(text)

    def copy(self, statement: str, blocks: Iterable[bytes]) -> None:
        with answered_within(self._driver, self._seconds()):
            self._driver.copy(statement, blocks)

    def stale(self) -> bool:
        return self._driver.stale()

    def cancel(self) -> None:
        self._driver.cancel()

    def abort(self) -> None:
        self._driver.abort()

    def close(self) -> None:
        self._driver.close()
