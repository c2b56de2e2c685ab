"""Runs the tests of the release before on the schema of this checkout: `make compatibility`.

During a deployment the schema is new while code of the release before still runs. So its code and
its own tests are taken from the history of this repository, its folder of migrations is replaced by
this checkout's, and the tests that use a database are run. Exits 0 when they pass, when there is no
release before, and when the schema is the same; 1 when they do not pass, or a migration of that
release was edited or taken away; 2 when nothing could be tried.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.database.migrate import Migration, known_migrations

ROOT = Path(__file__).parents[2]
MIGRATIONS = Path("sql/migrations")
REQUIREMENTS = Path("requirements/dev.txt")
# Where code lies that a test may import, also in a process that it starts.
SOURCES = ("layers/indexer", "functions/api", "functions/worker", "functions/admin", "local", ".")
# What works on a migrated database. Each that a release has is run.
TESTS = (
    "tests/access",
    "tests/database",
    "tests/export",
    "tests/functions",
    "tests/indexing",
    "tests/jobs",
    "tests/search",
    "tests/webhooks",
)
LONGEST_RUN = 3600  # seconds


class CannotTry(Exception):
    """The comparison could not be made; the text says why and what to do."""


class MigrationChanged(Exception):
    """A released migration is not what it was: databases that have it would refuse the change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A commit of this project, and the name by which it was asked for."""

    name: str
    commit: str


def _git(project: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", "-C", str(project), *arguments], capture_output=True, check=False)


def release_before(project: Path) -> Release | None:
    """The newest tag `v*` among the ancestors of HEAD, HEAD itself left out."""
    told = _git(project, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", "HEAD^")
    name = told.stdout.decode().strip()
    return release_named(project, name) if told.returncode == 0 else None


def release_named(project: Path, name: str) -> Release:
    """The commit that a tag, a branch or an id names.

    Raises:
        CannotTry: this repository has no such commit.
    """
    told = _git(
        project, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
    )
    if told.returncode:
        raise CannotTry(
            f"{name} is no commit of this repository. A shallow clone lacks the history: "
            "git fetch --unshallow --tags"
        )
    return Release(name=name, commit=told.stdout.decode().strip())


def check_out(project: Path, release: Release, folder: Path) -> None:
    """Write the files of a release into an empty folder.

    Raises:
        CannotTry: git cannot give them, or they are from before the layout that is needed here.
    """
    told = _git(project, "archive", "--format=tar", release.commit)
    if told.returncode:
        raise CannotTry(f"git cannot give {release.name}: {told.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(told.stdout)) as archive:
        archive.extractall(folder, filter="data")
    for needed in (MIGRATIONS, REQUIREMENTS):
        if not (folder / needed).exists():
            raise CannotTry(f"{release.name} has no {needed}: it is too old to be compared with")


def newer_migrations(older: Sequence[Migration], newer: Sequence[Migration]) -> list[str]:
    """Names of the migrations that the older release lacks.

    Raises:
        MigrationChanged: one that it has was edited or taken away since.
    """
    now = {one.version: one for one in newer}
    for one in older:
        if one.version not in now or now[one.version].name != one.name:
            raise MigrationChanged(f"migration {one.name} was released and is gone; bring it back")
        if now[one.version].checksum != one.checksum:
            raise MigrationChanged(
                f"migration {one.name} was released and edited since; a change is a new migration"
            )
    return [one.name for one in newer if one.version > len(older)]


def python_of(project: Path, folder: Path) -> Path:
    """The Python that has the packages of the release: this one, or one that it sets up for itself.

    Raises:
        CannotTry: its own `make setup` fails.
    """
    if (project / REQUIREMENTS).read_bytes() == (folder / REQUIREMENTS).read_bytes():
        return Path(sys.executable)
    setup = subprocess.run(
        ["make", "-C", str(folder), "setup", f"PYTHON={sys.executable}"], check=False
    )
    if setup.returncode:
        raise CannotTry("the packages of that release could not be installed")
    return folder / ".venv/bin/python"


def passes(python: Path, folder: Path, tests: Sequence[str], *, workers: str) -> bool:
    """Whether the tests of the release pass as its folder stands. What they say is printed."""
    # A run of pytest that this is part of is none of theirs.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
    }
    environment["PYTHONPATH"] = os.pathsep.join(str(folder / one) for one in SOURCES)
    command = [python, "-m", "pytest", "-q", "-n", workers, "-p", "no:cacheprovider", *tests]
    try:
        run = subprocess.run(command, cwd=folder, env=environment, timeout=LONGEST_RUN, check=False)
    except subprocess.TimeoutExpired:
        print(f"the tests did not end within {LONGEST_RUN} s")
        return False
    return run.returncode == 0


def compare(project: Path, release: Release, tests: Sequence[str], *, workers: str) -> bool:
    """Whether the release works on the schema of the project.

    Raises:
        MigrationChanged: a migration of the release is not what it was.
        CannotTry: there is no way to compare.
    """
    with tempfile.TemporaryDirectory(prefix="kotadb-release-") as place:
        folder = Path(place)
        check_out(project, release, folder)
        newer = newer_migrations(
            known_migrations(folder / MIGRATIONS), known_migrations(project / MIGRATIONS)
        )
        if not newer:
            print(f"{release.name} has the schema of this checkout: nothing to try")
            return True
        chosen = [one for one in tests or TESTS if (folder / one.partition("::")[0]).exists()]
        if not chosen:
            raise CannotTry(f"{release.name} has none of these tests: {' '.join(tests or TESTS)}")
        print(f"{release.name} ({release.commit[:12]}) lacks: {', '.join(newer)}", flush=True)
        python = python_of(project, folder)
        shutil.rmtree(folder / MIGRATIONS)
        shutil.copytree(project / MIGRATIONS, folder / MIGRATIONS)
        good = passes(python, folder, chosen, workers=workers)
    verdict = "works" if good else "DOES NOT WORK"
    print(f"{release.name} {verdict} on the schema of this checkout")
    return good


def main() -> int:
    """Compare with the release that is named, or with the one before."""
    arguments = argparse.ArgumentParser(
        prog="python -m tests.release.compatibility",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    arguments.add_argument("--from", dest="release", help="tag or commit; else the newest tag v*")
    arguments.add_argument("--workers", default="2", help="processes of pytest (default: 2)")
    arguments.add_argument("--project", type=Path, default=ROOT, help=argparse.SUPPRESS)
    arguments.add_argument("tests", nargs="*", help=f"instead of {' '.join(TESTS)}")
    given = arguments.parse_args()
    try:
        if given.release:
            release = release_named(given.project, given.release)
        elif (found := release_before(given.project)) is not None:
            release = found
        else:
            print("there is no release (a tag v*) before this one: nothing to try")
            return 0
        return 0 if compare(given.project, release, given.tests, workers=given.workers) else 1
    except (MigrationChanged, CannotTry) as problem:
        print(f"compatibility: {problem}", file=sys.stderr)
        return 2 if isinstance(problem, CannotTry) else 1


if __name__ == "__main__":
    sys.exit(main())
