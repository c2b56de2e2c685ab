"""Fixtures live in plugins by topic."""

import gc

from hypothesis import HealthCheck, settings

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


# How long an example takes says how busy the machine is, and nothing of the code.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("any machine")


def pytest_collection_finish():
    """The tests stay as long as the process: the cycle collector need not walk them again."""
    gc.freeze()
