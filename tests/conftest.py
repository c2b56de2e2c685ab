"""Fixtures live in plugins by topic."""

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.logs",
    "tests.fixtures.metrics",
    "tests.fixtures.ports",
    "tests.fixtures.queue",
    "tests.fixtures.secrets",
]
