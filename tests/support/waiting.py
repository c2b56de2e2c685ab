"""How tests wait for what another process or thread will do."""

import threading
import time
from contextlib import contextmanager

PATIENCE = 30


def eventually(condition):
    """The condition's value once it is true; fails after a while."""
    deadline = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.01)
    return value


@contextmanager
def meanwhile(scratch, login, act):
    """Run `act` while the block goes on, which it enters when `act` waits for a lock or is over."""
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(act()))
    thread.start()
    ends = time.monotonic() + 15
    while thread.is_alive() and not scratch.value(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND wait_event_type = 'Lock' "
        "AND datname = current_database()",
        login.user,
    ):
        assert time.monotonic() < ends, "it neither waits nor ends"
        time.sleep(0.01)
    yield outcome
    thread.join(timeout=15)
    assert not thread.is_alive()
