"""Takes one guard of the product away at a time, and demands that its test turns red.

`make mutations`. Works on copies of the project; exits 0 only when every guard is missed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.mutations.guards import GUARDS, Guard
from tests.support.checkout import copied

from kotadb_local.postgres import EmbeddedPostgres

LONGEST_TEST = 180


def tested(project: Path, database_url: str, *tests: str) -> tuple[int, str]:
    """How many of the tests failed, -1 when they could not be carried out, and what was said."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=project,
        env=os.environ | {"DATABASE_URL": database_url, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_TEST * len(tests),
        check=False,
    )
    failed = re.search(r"\b(\d+) failed", run.stdout)
    if failed:
        return int(failed[1]), run.stdout
    return (0 if run.returncode == 0 else -1), run.stdout


def missed(guard: Guard, project: Path, database_url: str) -> bool:
    """Whether the guard's test fails without it; the project is as before afterwards."""
    file, without = guard.removed(project)
    whole = file.read_text(encoding="utf-8")
    began = time.monotonic()
    file.write_text(without, encoding="utf-8")
    try:
        failures, said = tested(project, database_url, guard.test)
    finally:
        file.write_text(whole, encoding="utf-8")
    verdict = {0: "NOT MISSED", -1: "NOT CARRIED OUT"}.get(failures, "red without it")
    print(f"{verdict:<15}  {time.monotonic() - began:5.1f} s  {guard.name}", flush=True)
    if failures <= 0:
        print(f"    {guard.test}\n{said[-2000:]}", flush=True)
    return failures > 0


def main() -> int:
    """Carry out the guards that are asked for, else all of them."""
    arguments = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    arguments.add_argument("names", nargs="*", help="only guards whose name holds one of them")
    arguments.add_argument("--list", action="store_true", help="tell their names, and no more")
    asked = arguments.parse_args()
    guards = [one for one in GUARDS if any(name in one.name for name in asked.names or [""])]
    if not guards:
        arguments.error("no guard has such a name")
    if asked.list:
        print(*(one.name for one in guards), sep="\n")
        return 0
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedPostgres(Path(folder) / "postgres", durable=False).session() as server,
    ):
        project = copied(Path(folder) / "project")
        failures, said = tested(project, server.url, *dict.fromkeys(one.test for one in guards))
        if failures:
            print(f"with every guard in place the tests must pass\n{said[-4000:]}")
            return 1
        seen = [missed(guard, project, server.url) for guard in guards]
    print(f"{sum(seen)} of {len(seen)} guards are missed by their test")
    return 0 if all(seen) else 1


if __name__ == "__main__":
    sys.exit(main())
