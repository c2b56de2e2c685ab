"""How tests wait for what another process or thread will do."""

import time

PATIENCE = 30


def eventually(condition):
    """The condition's value once it is true; fails after a while."""
    deadline = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.01)
    return value
