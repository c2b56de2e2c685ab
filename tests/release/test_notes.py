import os
import subprocess
import sys

import pytest
from tests.release import notes
from tests.release.licences import ROOT

CHANGELOG = """\
# Changelog

All notable changes are listed here.

## [Unreleased]

### Added

- What is to come.

## [0.2.0] - 2026-03-01

### Added

- A thing, [described](docs/thing.md).

### Fixed

- Another thing
  over two lines.

## [0.1.0] - 2026-01-01

- The first.

[Unreleased]: https://example.com/compare/v0.2.0...HEAD
[0.2.0]: https://example.com/releases/v0.2.0
"""
SECTION = """\
### Added

- A thing, [described](docs/thing.md).

### Fixed

- Another thing
  over two lines."""


@pytest.fixture
def project(tmp_path):
    """A project at version 0.2.0."""
    (tmp_path / notes.CODE).parent.mkdir(parents=True)
    (tmp_path / notes.CODE).write_text('"""The layer."""\n\n__version__ = "0.2.0"\n')
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "kotadb"\nversion = "0.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    return tmp_path


def test_a_release_is_told_by_its_own_section_alone(project):
    assert notes.notes(project, "v0.2.0") == SECTION


def test_the_last_section_ends_before_the_links():
    assert notes.section(CHANGELOG, "0.1.0") == "- The first."


def test_a_version_without_a_section_is_refused_with_what_there_is():
    with pytest.raises(
        notes.NotReady, match=r"no section \[0.3.0\], only: Unreleased, 0.2.0, 0.1.0"
    ):
        notes.section(CHANGELOG, "0.3.0")


def test_what_is_unreleased_is_no_release():
    unreleased = CHANGELOG.partition("## [0.2.0]")[0]
    with pytest.raises(notes.NotReady, match=r"no section \[0.2.0\], only: Unreleased\. Put what"):
        notes.section(unreleased, "0.2.0")
    with pytest.raises(notes.NotReady, match="only: none"):
        notes.section("# Changelog\n", "0.2.0")


@pytest.mark.parametrize("day", ["", " - soon", " - 2026-13-01", " - TBD"])
def test_a_section_without_its_day_is_refused(day):
    with pytest.raises(notes.NotReady, match="needs its day"):
        notes.section(CHANGELOG.replace("[0.2.0] - 2026-03-01", f"[0.2.0]{day}"), "0.2.0")


def test_an_empty_section_is_refused():
    empty = CHANGELOG.replace(SECTION, "### Added")
    with pytest.raises(notes.NotReady, match="lists nothing"):
        notes.section(empty, "0.2.0")


def test_two_sections_of_one_version_are_refused():
    twice = CHANGELOG.replace("[0.1.0]", "[0.2.0]")
    with pytest.raises(notes.NotReady, match="several sections"):
        notes.section(twice, "0.2.0")


@pytest.mark.parametrize(
    "tag", ["", "0.2.0", "v0.2", "v0.2.0 ", "release-0.2.0", "v0.2.0;id", "main"]
)
def test_what_is_no_tag_of_a_release_is_refused(project, tag):
    with pytest.raises(notes.NotReady, match="is no tag of a release"):
        notes.notes(project, tag)


@pytest.mark.parametrize("file", ["pyproject.toml", notes.CODE])
def test_a_tag_that_is_not_the_version_of_the_package_is_refused(project, file):
    text = (project / file).read_text().replace("0.2.0", "0.1.0")
    (project / file).write_text(text)
    with pytest.raises(notes.NotReady, match=rf"the tag is v0.2.0, but {file} has version 0.1.0"):
        notes.notes(project, "v0.2.0")


def carried_out(project, tag, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "tests.release.notes", "--project", project, *arguments],
        cwd=ROOT,
        env=os.environ | {"TAG": tag},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_command_writes_the_section_or_says_why_not(project, tmp_path):
    place = tmp_path / "made" / "notes.md"
    good = carried_out(project, "v0.2.0", "--output", place)
    assert (good.returncode, good.stderr) == (0, "")
    assert place.read_text() == SECTION + "\n"
    bad = carried_out(project, "v0.3.0", "--output", place)
    assert bad.returncode == 1
    assert bad.stderr == "notes: the tag is v0.3.0, but pyproject.toml has version 0.2.0\n"
    assert place.read_text() == SECTION + "\n"


def test_the_changelog_of_the_project_has_headings_of_the_form_that_is_read():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    found = [one["version"] for one in notes._HEADING.finditer(text)]
    assert headings[0] == "## [Unreleased]"
    assert len(found) == len(headings)
