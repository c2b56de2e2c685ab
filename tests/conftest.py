"""Fixtures live in plugins by topic."""

pytest_plugins = [
    "tests.fixtures.browser",
    "tests.fixtures.database",
    "tests.fixtures.github",
    "tests.fixtures.logs",
    "tests.fixtures.metrics",
    "tests.fixtures.ports",
    "tests.fixtures.queue",
    "tests.fixtures.secrets",
    # It uses those above.
    "tests.fixtures.operators_page",
]
