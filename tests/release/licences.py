"""Tells the licence of every package, deployed or for development, and refuses what is not allowed.

`make licences`. Reads what is installed, which are the packages of the locks. What may be installed
stands in pyproject.toml, below `tool.kotadb.licences`. Exits 0 only when all of it is allowed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from license_expression import ExpressionError, LicenseSymbol, get_spdx_licensing
from packaging.utils import canonicalize_name
from tests.release import locks

ROOT = Path(__file__).parents[2]
_SPDX = get_spdx_licensing()
# pip-licenses joins several classifiers so; each of them is taken to hold.
_SEVERAL = "; "


@dataclass(frozen=True, slots=True, kw_only=True)
class Licensed:
    """An installed package and its licence, in the words of its own metadata."""

    name: str
    version: str
    licence: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Which licences are allowed, by SPDX identifier, and which words of metadata mean which."""

    allowed: frozenset[str]
    spelled: Mapping[str, str]

    @classmethod
    def of_the_project(cls) -> Policy:
        """What pyproject.toml says."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        table = project["tool"]["kotadb"]["licences"]
        return cls(allowed=frozenset(table["allowed"]), spelled=dict(table["spelled"]))

    def expression(self, licence: str) -> str | None:
        """The licence as an SPDX expression; None where its words are not known."""
        words = [self.spelled.get(one, one) for one in licence.split(_SEVERAL)]
        try:
            parsed = [_SPDX.parse(one, validate=True, strict=True) for one in words]
        except ExpressionError:
            return None
        if any(one is None for one in parsed):  # no words at all
            return None
        return str(_SPDX.AND(*parsed).simplify() if len(parsed) > 1 else parsed[0])

    def allows(self, licence: str) -> bool:
        """Whether one side of each OR, and both of each AND, is allowed."""
        expression = self.expression(licence)
        if expression is None:
            return False
        answers = {True: _SPDX.TRUE, False: _SPDX.FALSE}
        parsed = _SPDX.parse(expression)
        known = {
            one: answers[isinstance(one, LicenseSymbol) and one.key in self.allowed]
            for one in parsed.symbols
        }
        return bool(parsed.subs(known, simplify=True) == _SPDX.TRUE)


def installed() -> dict[str, Licensed]:
    """Every package that is installed beside the running Python, by its canonical name."""
    program = Path(sys.executable).with_name("pip-licenses")
    told = subprocess.run(
        [program, "--from=mixed", "--format=json", "--with-urls", "--with-system"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return {
        canonicalize_name(one["Name"]): Licensed(
            name=one["Name"], version=one["Version"], licence=one["License"], url=one["URL"]
        )
        for one in json.loads(told)
    }


def objections(packages: Iterable[Licensed], policy: Policy) -> list[str]:
    """A line for each package whose licence is not allowed or not known."""
    lines = []
    for one in packages:
        if policy.allows(one.licence):
            continue
        why = "is not known" if policy.expression(one.licence) is None else "is not allowed"
        lines.append(f"{one.name} {one.version}: its licence {why}: {one.licence}")
    return lines


def table(packages: Sequence[Licensed], policy: Policy) -> str:
    """The packages with their licences, in Markdown."""
    rows = ["| package | version | licence | from |", "|---|---|---|---|"]
    for one in sorted(packages, key=lambda one: one.name.lower()):
        licence = policy.expression(one.licence) or one.licence
        rows.append(f"| {one.name} | {one.version} | {licence} | {one.url} |")
    return "\n".join(rows)


def main() -> int:
    """Print the report, or write it; complain of every licence that is not allowed."""
    arguments = argparse.ArgumentParser(
        prog="python -m tests.release.licences", description=__doc__
    )
    arguments.add_argument("--output", type=Path, help="write the report there")
    output = arguments.parse_args().output
    policy, found = Policy.of_the_project(), installed()
    wanted = locks.here((ROOT / "requirements/dev.txt").read_text(encoding="utf-8"))
    missing = sorted(
        f"{pin.name} {pin.version}"
        for pin in wanted.values()
        if pin.name not in found or found[pin.name].version != pin.version
    )
    if missing:
        print(f"not installed as locked (make setup): {', '.join(missing)}", file=sys.stderr)
        return 1
    layer = locks.deployed((ROOT / "requirements/layer.txt").read_text(encoding="utf-8"))
    report = "\n\n".join(
        [
            "# Licences of the packages",
            "What they say of themselves. The project itself: Apache-2.0.",
            "## Deployed, in the layer",
            table([found[name] for name in layer], policy),
            "## For a local run, tests and releases only",
            table([found[name] for name in wanted.keys() - layer.keys()], policy),
        ]
    )
    if output is None:
        print(report)
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(report + "\n", encoding="utf-8")
    complaints = objections((found[name] for name in wanted.keys() | layer.keys()), policy)
    for line in sorted(complaints):
        print(line, file=sys.stderr)
    print(
        f"{len(layer)} packages deployed, {len(wanted)} installed here, "
        f"{len(complaints)} licences not allowed",
        file=sys.stderr,
    )
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
