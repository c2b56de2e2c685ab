import re

import pytest
from tests.contract.project import ROOT

from indexer.database.migrate import known_migrations
from indexer.database.outside import steps_of

FOLDER = ROOT / "sql/migrations"


def test_migrations_are_numbered_without_a_gap():
    assert [one.version for one in known_migrations()] == list(
        range(1, len(known_migrations()) + 1)
    )


def test_no_file_among_the_migrations_is_overlooked():
    """A misspelt name would never be applied."""
    names = {one.name for one in known_migrations()}
    expected = {f"{name}{end}" for name in names for end in (".sql", ".down.sql")}
    assert {file.name for file in FOLDER.iterdir()} <= expected


@pytest.mark.proves("D13")
@pytest.mark.parametrize("migration", known_migrations(), ids=lambda one: one.name)
def test_a_migration_has_a_way_down_or_says_why_not(migration):
    assert migration.down or re.search(r"^-- No way down: \w.{10,}", migration.text, re.MULTILINE)


@pytest.mark.parametrize("migration", known_migrations(), ids=lambda one: one.name)
def test_a_migration_begins_with_what_it_is_for(migration):
    assert migration.text.startswith("-- ")


@pytest.mark.parametrize("migration", known_migrations(), ids=lambda one: one.name)
def test_what_a_migration_makes_belongs_to_the_owner(migration):
    """An object of the migrating login would be seen past every policy."""
    for text in filter(None, (migration.text, migration.down)):
        # Outside a transaction the migrator sees to it.
        assert steps_of(text) or "SET LOCAL ROLE kotadb_owner;" in text
        assert not re.search(r"^(RESET|SET) ROLE", text, re.MULTILINE)
