"""A release, made of this checkout, meets the schema of a later one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.functions.gateway import url_of
from tests.release.compatibility import ROOT
from tests.support.checkout import copied

from indexer.database.migrate import known_migrations

NEXT = len(known_migrations()) + 1
# One test over real tables is enough to tell the two apart.
TEST = "tests/jobs/test_cancel.py::test_a_pending_job_ends_at_once_and_is_never_leased"


def git(project, *arguments):
    subprocess.run(
        [
            "git",
            "-C",
            project,
            "-c",
            "user.name=Ada",
            "-c",
            "user.email=ada@example.org",
            *arguments,
        ],
        check=True,
        capture_output=True,
    )


@pytest.fixture
def project(tmp_path):
    """A repository whose newest commit is this checkout, released as v0.1.0."""
    folder = copied(tmp_path / "project")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Release")
    git(folder, "tag", "v0.1.0")
    return folder


def migrate(project: Path, text: str) -> None:
    """Add a migration to the project, after its release."""
    migration = project / f"sql/migrations/{NEXT:04}_later.sql"
    migration.write_text(f"-- What a later release brings.\nSET LOCAL ROLE kotadb_owner;\n{text}\n")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=Later")


def compared(project, *arguments, url=None):
    """The exit code of the command, and all that it said."""
    run = subprocess.run(
        [
            *(sys.executable, "-m", "tests.release.compatibility"),
            *("--project", project, "--workers", "0", *arguments),
        ],
        cwd=ROOT,
        env=os.environ | ({"DATABASE_URL": url} if url else {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=180,
    )
    return run.returncode, run.stdout


def test_a_schema_that_only_adds_lets_the_release_before_work(project, server):
    migrate(project, "ALTER TABLE kotadb.index_jobs ADD COLUMN later text;")
    code, said = compared(project, TEST, url=url_of(server))
    assert code == 0, said
    assert f"lacks: {NEXT:04}_later" in said
    assert "2 passed" in said  # once over each driver
    assert said.endswith("v0.1.0 works on the schema of this checkout\n")


def test_a_schema_that_takes_away_what_the_release_before_uses_is_noticed(project, server):
    migrate(project, "ALTER TABLE kotadb.index_jobs RENAME COLUMN error_code TO failure_code;")
    code, said = compared(project, TEST, url=url_of(server))
    assert code == 1, said
    assert 'column "error_code"' in said
    assert said.endswith("v0.1.0 DOES NOT WORK on the schema of this checkout\n")


def test_a_released_migration_that_was_edited_is_refused(project):
    first = project / "sql/migrations/0001_roles_and_schemas.sql"
    first.write_text(first.read_text() + "-- one more line\n")
    git(project, "commit", "--quiet", "--all", "--message=Edit")
    code, said = compared(project)
    assert (code, "0001_roles_and_schemas was released and edited since" in said) == (1, True), said


def test_a_released_migration_that_is_gone_is_refused(project):
    for file in (project / "sql/migrations").glob(f"{NEXT - 1:04}_*"):
        file.unlink()
    git(project, "commit", "--quiet", "--all", "--message=Take away")
    code, said = compared(project)
    assert (code, "was released and is gone" in said) == (1, True), said


def test_the_release_before_is_the_newest_tag_that_is_not_this_very_commit(project):
    assert compared(project) == (
        0,
        "there is no release (a tag v*) before this one: nothing to try\n",
    )
    git(project, "commit", "--quiet", "--allow-empty", "--message=Next")
    git(project, "tag", "v0.2.0")
    assert compared(project) == (0, "v0.1.0 has the schema of this checkout: nothing to try\n")
    git(project, "commit", "--quiet", "--allow-empty", "--message=After")
    assert compared(project) == (0, "v0.2.0 has the schema of this checkout: nothing to try\n")


def test_what_cannot_be_tried_is_told_and_never_taken_for_a_success(project):
    code, said = compared(project, "--from", "v9.9.9")
    assert (code, "v9.9.9 is no commit of this repository" in said) == (2, True), said
    migrate(project, "ALTER TABLE kotadb.index_jobs ADD COLUMN later text;")
    git(project, "rm", "--quiet", "-r", "sql/migrations")
    git(project, "commit", "--quiet", "--message=Nothing yet")
    code, said = compared(project, "--from", "HEAD")
    assert (code, "HEAD has no sql/migrations" in said) == (2, True), said
    git(project, "reset", "--quiet", "--hard", "HEAD^")
    code, said = compared(project, "tests/nowhere")
    assert (code, "v0.1.0 has none of these tests: tests/nowhere" in said) == (2, True), said
