"""Fixtures live in plugins by topic."""

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
