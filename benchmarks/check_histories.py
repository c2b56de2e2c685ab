"""Whether an index after random edits of real repositories is the one that a fresh index gives.

    python benchmarks/check_histories.py REPOSITORY... --edits 10 --seed 1

Each repository is indexed from a copy, then edited at random, commit by commit: lines come, go and
change, and now and then a file is added, removed or renamed. Each commit is indexed as a push is,
with all that is taken over, and then once more by force, which takes nothing over; every table must
have the same rows. It ends with 0 only when all of them had. Its last line is a summary.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from console import positive, tell
from indexing.edits import edit_at_random
from indexing.inputs import prepared
from indexing.options import parser_for
from indexing.stage import FIRST_INDEX, FORCED_INDEX, PUSHED_INDEX, run_stage

TABLES = (
    *("files", "file_texts", "symbols", "symbol_references", "dependencies", "symbol_names"),
    *("text_postings", "imported_names", "package_entries", "package_exports"),
)
# Imported names are numbered in the order in which they were met, so rows name them instead.
DIGEST = """
SELECT md5(string_agg(written, ' ' ORDER BY written)) AS digest
FROM (
    SELECT (
        to_jsonb(t) - 'snapshot_id' - 'imported_no'
        || jsonb_build_object('imported', n.package || ' ' || n.subpath || ' ' || n.name)
    )::text AS written
    FROM kotadb.{table} AS t
    LEFT JOIN kotadb.imported_names AS n
        ON
            t.snapshot_id = n.snapshot_id
            AND (to_jsonb(t) ->> 'imported_no')::integer = n.imported_no
    WHERE t.snapshot_id = (SELECT max(snapshot_id) FROM kotadb.snapshots WHERE state = 'current')
) AS everything
"""


class Outcome(NamedTuple):
    """What became of the commits of one repository."""

    commits: int
    in_part: int
    differing: list[str]


def main() -> int:
    """Check all repositories; the exit status."""
    parser = parser_for(__doc__)
    parser.add_argument("--edits", type=positive, default=10, help="commits for each repository")
    parser.add_argument("--seed", type=int, default=1, help="the same edits again")
    arguments = parser.parse_args()
    outcomes = [
        _checked(repository, edits=arguments.edits, seed=arguments.seed)
        for repository in arguments.repositories
    ]
    differing = [line for one in outcomes for line in one.differing]
    for line in differing:
        print(line)
    print(
        f"histories {'differ' if differing else 'held'}: seed {arguments.seed}; "
        f"repositories {len(outcomes)}; commits {sum(one.commits for one in outcomes)}, "
        f"linked in part {sum(one.in_part for one in outcomes)}; differences {len(differing)}"
    )
    return 1 if differing else 0


def _checked(repository: Path, *, edits: int, seed: int) -> Outcome:
    dice = random.Random(f"{seed} {repository.name}")  # noqa: S311 - for edits, not for secrets
    in_part, differing = 0, []
    with prepared(repository) as given:
        known = json.loads(given.context.read_text())
        every = run_stage(FIRST_INDEX, given)[0]["files_linked"]
        for number in range(1, edits + 1):
            told = edit_at_random(Path(known["copy"]), given.files, dice)
            pushed = run_stage(PUSHED_INDEX, given)[0]
            incremental = dict(_digests(known))
            fresh = run_stage(FORCED_INDEX, given)[0]
            found = [table for table, digest in _digests(known) if incremental[table] != digest]
            in_part += pushed["files_linked"] < fresh["files_linked"]
            differing += [f"{given.name}, commit {number} ({told}): {table}" for table in found]
            tell(
                f"{given.name}, commit {number}: {told}; linked {pushed['files_linked']} of "
                f"{fresh['files_linked']}{'; DIFFERS in ' + ', '.join(found) if found else ''}"
            )
        tell(f"{given.name}: {every} files, {in_part} of {edits} commits linked in part")
    return Outcome(edits, in_part, differing)


def _digests(known: dict[str, Any]) -> Iterator[tuple[str, str]]:
    with psycopg.connect(known["database_url"]) as connection:
        for table in TABLES:
            row = connection.execute(DIGEST.format(table=table)).fetchone()
            yield table, str(row and row[0])


if __name__ == "__main__":
    sys.exit(main())
