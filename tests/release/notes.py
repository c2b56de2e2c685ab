"""Gives the text of a release: the section of CHANGELOG.md for a tag, once all fits together.

`make notes TAG=v1.2.3`, or TAG in the environment. Exits 0 with the section on the standard output,
1 when the tag, the version of the package and the changelog do not tell the same release.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tomllib
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = "layers/indexer/indexer/__init__.py"
_CODE_VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)
_TAG = re.compile(r"v(\d+\.\d+\.\d+)")
_HEADING = re.compile(r"^## \[(?P<version>[^\]]+)\](?: - (?P<date>\S+))?[ \t]*$", re.MULTILINE)
# Where links are defined, at the end of a changelog.
_LINKS = re.compile(r"^\[[^\]]+\]: \S+[ \t]*$\n?", re.MULTILINE)


class NotReady(Exception):
    """The files do not tell the release that a tag names; the text says what to do."""


def version_of(tag: str) -> str:
    """The version that a tag names.

    Raises:
        NotReady: it is no tag of a release.
    """
    match = _TAG.fullmatch(tag)
    if match is None:
        raise NotReady(f"{tag!r} is no tag of a release; one looks like v1.2.3")
    return match[1]


def section(changelog: str, version: str) -> str:
    """What the changelog says of a version, without its heading.

    Raises:
        NotReady: it says nothing, says it twice, or gives no date.
    """
    headings = list(_HEADING.finditer(changelog))
    of_version = [one for one in headings if one["version"] == version]
    if not of_version:
        known = ", ".join(one["version"] for one in headings) or "none"
        raise NotReady(
            f"CHANGELOG.md has no section [{version}], only: {known}. "
            f"Put what is below [Unreleased] under '## [{version}] - YYYY-MM-DD'"
        )
    if len(of_version) > 1:
        raise NotReady(f"CHANGELOG.md has several sections [{version}]")
    (heading,) = of_version
    try:
        date.fromisoformat(heading["date"] or "")
    except ValueError:
        raise NotReady(
            f"the section [{version}] of CHANGELOG.md needs its day: '## [{version}] - YYYY-MM-DD'"
        ) from None
    following = [one.start() for one in headings if one.start() > heading.start()]
    body = changelog[heading.end() : min(following, default=len(changelog))]
    body = _LINKS.sub("", body).strip()
    if not re.search(r"^[-*] ", body, re.MULTILINE):
        raise NotReady(f"the section [{version}] of CHANGELOG.md lists nothing")
    return body


def notes(project: Path, tag: str) -> str:
    """The text of the release that a tag names.

    Raises:
        NotReady: the tag, the version of the package and the changelog differ.
    """
    version = version_of(tag)
    package = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    code = _CODE_VERSION.search((project / CODE).read_text(encoding="utf-8"))
    for place, found in (
        ("pyproject.toml", package["version"]),
        (CODE, code[1] if code else "none"),
    ):
        if found != version:
            raise NotReady(f"the tag is {tag}, but {place} has version {found}")
    return section((project / "CHANGELOG.md").read_text(encoding="utf-8"), version)


def main() -> int:
    """Print the text of the release, or write it."""
    arguments = argparse.ArgumentParser(prog="python -m tests.release.notes", description=__doc__)
    arguments.add_argument("--project", type=Path, default=ROOT, help=argparse.SUPPRESS)
    arguments.add_argument("--output", type=Path, help="write the text there")
    given = arguments.parse_args()
    try:
        # A tag may hold what a shell or make would carry out, so it comes in as a variable.
        text = notes(given.project, os.environ.get("TAG", ""))
    except NotReady as problem:
        print(f"notes: {problem}", file=sys.stderr)
        return 1
    if given.output is None:
        print(text)
    else:
        given.output.parent.mkdir(parents=True, exist_ok=True)
        given.output.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
