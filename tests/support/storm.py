"""Many connections that do things at once, for a while."""

import random
import threading
from contextlib import closing

from indexer.database.connection import Database
from indexer.errors import KotaError

SECONDS = 4.0


class Storm:
    """Threads that each do one thing again and again on a connection of their own."""

    def __init__(self):
        self.trouble = []
        self._over = threading.Event()

    def rage(self, crew, *, seconds=SECONDS):
        threads = [
            threading.Thread(target=self._repeat, args=(*one, seed))
            for seed, one in enumerate(crew)
        ]
        for thread in threads:
            thread.start()
        self._over.wait(seconds)
        self._over.set()
        for thread in threads:
            thread.join(timeout=30)

    def _repeat(self, target, act, seed):
        chance = random.Random(seed)
        with closing(Database(target)) as database:
            while not self._over.is_set():
                try:
                    act(database, chance)
                except (KotaError, AssertionError) as error:
                    self.trouble.append(error)
                    return
