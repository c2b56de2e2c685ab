"""Fixtures live in plugins by topic."""

import gc

pytest_plugins = [
    "tests.fixtures.browser",
    "tests.fixtures.build",
    "tests.fixtures.database",
    "tests.fixtures.deployment",
    "tests.fixtures.github",
    "tests.fixtures.logs",
    "tests.fixtures.metrics",
    "tests.fixtures.ports",
    "tests.fixtures.queue",
    "tests.fixtures.secrets",
    # They use those above.
    "tests.fixtures.pages",
    "tests.fixtures.explorer",
    "tests.fixtures.operators_page",
]


def pytest_collection_finish():
    """The tests stay as long as the process: the cycle collector need not walk them again."""
    gc.freeze()
