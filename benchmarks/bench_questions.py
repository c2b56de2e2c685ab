"""What questions cost over a large index: definitions, uses, outlines, dependencies, searches.

    python benchmarks/bench_questions.py --data FOLDER --copies 2 REPOSITORY...
    python benchmarks/bench_questions.py --data FOLDER            # what lies there already

Each repository is indexed by the whole local stack, and its rows are then copied under other
names, as often as asked for. The questions are drawn from what is indexed, with a fixed seed, and
asked one after the other over HTTP: as the API's role, with row-level security in force. First
after a restart of the database, each for the first time; then all of them again.

The goal is 50 ms at the 95th percentile, for a search 150, with at least 50 repositories, or two
million symbols and ten million references.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import httpx
import psycopg
from psycopg.rows import dict_row
from service_stack import Stack, running_stack, wait_for

from indexer.database.target import Target
from kotadb_local.postgres import EmbeddedPostgres

SEED = 20_261_126
JOB_SECONDS = 1_800
NO_QUOTA = {f"REQUESTS_PER_HOUR_{tier}": "100000000" for tier in ("FREE", "SOLO", "TEAM")}
GOAL_MS, SEARCH_GOAL_MS = 50, 150
# Tables whose rows are of a snapshot, and of no other table by a number of their own.
TABLES = (
    *("files", "file_texts", "symbols", "symbol_references", "dependencies"),
    *("text_postings", "symbol_names"),
    *("imported_names", "package_entries", "package_exports"),
)
# How selective a search is: the part of all files that the index leaves, in percent.
SHARES = (0.1, 0.5, 1)


class Question(NamedTuple):
    """A route and what it is asked with."""

    path: str
    parameters: dict[str, Any]


class Timed(NamedTuple):
    """How long a question took. Of a search `candidates` is what its index left of the files."""

    milliseconds: float
    candidates: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repositories", nargs="*", type=Path, metavar="REPOSITORY")
    parser.add_argument("--data", type=Path, help="where the index lies, and stays")
    parser.add_argument("--copies", type=int, default=0, help="more of each under other names")
    parser.add_argument("--questions", type=int, default=200, help="of each kind")
    arguments = parser.parse_args()
    if arguments.data is not None:
        _run(arguments.data, arguments)
        return
    with TemporaryDirectory(prefix="bench-questions-") as folder:
        _run(Path(folder), arguments)
        EmbeddedPostgres(Path(folder) / "state").forget()


def _run(folder: Path, arguments: argparse.Namespace) -> None:
    with running_stack(folder, **NO_QUOTA) as stack:
        for repository in arguments.repositories:
            _index(stack.http, repository.resolve())
        with closing(_connect(stack.admin)) as database:
            for number in range(arguments.copies):
                _copy_all(database, number)
            database.execute("VACUUM ANALYZE")
            files = _tell_size(database)
            asked = {
                kind: list(draw(database, random.Random(SEED), arguments.questions))  # noqa: S311
                for kind, draw in KINDS.items()
            }
    print(
        "\n| question | n | warm p50 | p95 | max | after a restart p50 | p95 | max | goal at p95 |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    with running_stack(folder, **NO_QUOTA) as stack:
        cold = {kind: _asked(stack, questions) for kind, questions in asked.items()}
        warm = {kind: _asked(stack, questions) for kind, questions in asked.items()}
    rows = {
        kind: tuple([one.milliseconds for one in of[kind]] for of in (warm, cold)) for kind in asked
    }
    for kind in asked:
        for share in SHARES if kind.startswith("search") else ():
            rows[f"{kind} in at most {share} % of the files"] = tuple(
                [one.milliseconds for one in of[kind] if one.candidates <= share / 100 * files]
                for of in (warm, cold)
            )
    for kind, timed in rows.items():
        if not timed[0]:
            print(f"| {kind} | 0 |" + " - |" * 7)
            continue
        goal = SEARCH_GOAL_MS if kind.startswith("search") else GOAL_MS
        figures = " | ".join(map(_figures, timed))
        met = "met" if max(map(_p95, timed)) <= goal else "missed"
        print(f"| {kind} | {len(timed[0])} | {figures} | {goal} ms, {met} |")
    print(
        f"\nPython {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors"
    )


def _figures(milliseconds: list[float]) -> str:
    ranked = sorted(milliseconds)
    return f"{statistics.median(ranked):.1f} | {_p95(ranked):.1f} | {ranked[-1]:.1f}"


def _p95(milliseconds: list[float]) -> float:
    ranked = sorted(milliseconds)
    return ranked[min(len(ranked) - 1, round(0.95 * len(ranked)))]


def _asked(stack: Stack, questions: list[Question]) -> list[Timed]:
    timed = []
    for one in questions:
        started = time.perf_counter()
        answer = stack.http.get(one.path, params=one.parameters).raise_for_status()
        milliseconds = (time.perf_counter() - started) * 1000
        told = answer.json().get("files") if one.path == "/search" else 0
        timed.append(Timed(milliseconds, told))
    return timed


def _index(http: httpx.Client, repository: Path) -> None:
    answer = http.post("/index", json={"repository": str(repository)})
    answer.raise_for_status()
    job = wait_for(http, answer.json()["jobId"], seconds=JOB_SECONDS)
    print(f"{repository.name}: {job['status']}", flush=True)


def _connect(target: Target) -> psycopg.Connection[dict[str, Any]]:
    return psycopg.connect(
        host=target.host,
        port=target.port,
        user=target.user,
        password=target.password,
        dbname=target.dbname,
        autocommit=True,
        row_factory=dict_row,
    )


def _copy_all(database: psycopg.Connection[dict[str, Any]], number: int) -> None:
    """A copy of every repository that is no copy, under another name."""
    originals = database.execute(
        "SELECT snapshot_id FROM kotadb.snapshots JOIN kotadb.repositories USING (repository_id)"
        " WHERE state = 'current' AND full_name NOT LIKE 'copy/%%'"
    ).fetchall()
    for original in originals:
        with database.transaction():
            made = database.execute(
                "WITH place AS ("
                " INSERT INTO kotadb.repositories (tenant_id, clone_url, full_name, default_ref)"
                " SELECT places.tenant_id, clone_url || '-' || %(mark)s,"
                "  'copy/' || split_part(full_name, '/', 2) || '-' || %(mark)s, default_ref"
                " FROM kotadb.repositories AS places JOIN kotadb.snapshots AS snaps"
                "  USING (repository_id) WHERE snapshot_id = %(original)s"
                " RETURNING repository_id, tenant_id)"
                " INSERT INTO kotadb.snapshots (tenant_id, repository_id, ref, commit_sha,"
                "  generation, job_id, state, stats, has_texts, file_groups, tells_packages,"
                "  publication)"
                " SELECT place.tenant_id, place.repository_id, ref, commit_sha,"
                "  generation, job_id, state, stats, has_texts, file_groups, tells_packages,"
                "  publication"
                " FROM place, kotadb.snapshots WHERE snapshot_id = %(original)s"
                " RETURNING snapshot_id",
                {"original": original["snapshot_id"], "mark": f"{number}-{time.time_ns()}"},
            ).fetchone()
            assert made is not None  # noqa: S101 - RETURNING gives the row that was inserted
            for table in TABLES:
                columns = database.execute(
                    "SELECT string_agg(column_name, ', ' ORDER BY ordinal_position) AS names"
                    " FROM information_schema.columns WHERE table_schema = 'kotadb'"
                    " AND table_name = %s AND column_name <> 'snapshot_id'",
                    (table,),
                ).fetchone()
                assert columns is not None  # noqa: S101 - an aggregate has one row
                names = columns["names"]
                database.execute(
                    f"INSERT INTO kotadb.{table} (snapshot_id, {names})"  # noqa: S608 - our own names
                    f" SELECT %s, {names} FROM kotadb.{table} WHERE snapshot_id = %s",
                    (made["snapshot_id"], original["snapshot_id"]),
                )


def _tell_size(database: psycopg.Connection[dict[str, Any]]) -> int:
    """Print how much there is; the number of files."""
    row = database.execute(
        "SELECT (SELECT count(*) FROM kotadb.snapshots WHERE state = 'current') AS repositories,"
        " (SELECT count(*) FROM kotadb.files) AS files,"
        " (SELECT count(*) FROM kotadb.symbols) AS symbols,"
        " (SELECT count(*) FROM kotadb.symbol_references) AS uses,"
        " (SELECT sum(octet_length(content)) FROM kotadb.file_texts) AS text_bytes"
    ).fetchone()
    assert row is not None  # noqa: S101 - of aggregates
    print(
        f"\n{row['repositories']:,} repositories, {row['files']:,} files,"
        f" {row['text_bytes'] / 1e6:,.0f} MB of text, {row['symbols']:,} symbols,"
        f" {row['uses']:,} references"
    )
    for table in (*TABLES, "parsed_blobs"):
        size = database.execute(
            "SELECT pg_total_relation_size(%s::regclass) AS size", (f"kotadb.{table}",)
        ).fetchone()
        assert size is not None  # noqa: S101 - a function has one row
        print(f"    kotadb.{table}: {size['size'] / 1e6:,.0f} MB")
    files: int = row["files"]
    return files


Draw = Callable[[psycopg.Connection[dict[str, Any]], random.Random, int], Iterator[Question]]


def _sampled(
    database: psycopg.Connection[dict[str, Any]],
    chance: random.Random,
    table: str,
    count: int,
    *,
    which: str = "true",
) -> list[dict[str, Any]]:
    """Rows at random, each with its repository's id and its file's path; `which` is a condition."""
    return database.execute(
        "SELECT sampled.*, repository_id, path"  # noqa: S608 - our own names and numbers
        f" FROM kotadb.{table} AS sampled"
        f" TABLESAMPLE BERNOULLI (10) REPEATABLE ({chance.randrange(2**31)})"
        " JOIN kotadb.snapshots USING (snapshot_id)"
        " JOIN kotadb.files USING (snapshot_id, file_no)"
        f" WHERE state = 'current' AND {which}"
        f" ORDER BY hashint8(snapshot_id::bigint * 1000003 + file_no + {chance.randrange(10**6)})"
        f" LIMIT {count}"
    ).fetchall()


def _definitions(
    database: psycopg.Connection[dict[str, Any]], chance: random.Random, count: int
) -> Iterator[Question]:
    for row in _sampled(database, chance, "symbol_references", count):
        if row["symbol_no"] is not None or row["target_file_no"] is not None:
            yield Question("/definition", _place(row))


def _definitions_elsewhere(
    database: psycopg.Connection[dict[str, Any]], chance: random.Random, count: int
) -> Iterator[Question]:
    offered = (
        "imported_no IN (SELECT imported_no FROM kotadb.imported_names AS names"
        " WHERE names.snapshot_id = sampled.snapshot_id"
        " AND package IN (SELECT package FROM kotadb.package_entries))"
    )
    for row in _sampled(database, chance, "symbol_references", count, which=offered):
        yield Question("/definition", _place(row))


def _references_elsewhere(
    database: psycopg.Connection[dict[str, Any]], chance: random.Random, count: int
) -> Iterator[Question]:
    imported = (
        "symbol_no IN (SELECT exports.symbol_no FROM kotadb.package_exports AS exports"
        " JOIN kotadb.package_entries AS entries USING (snapshot_id, entry_no)"
        " WHERE exports.snapshot_id = sampled.snapshot_id"
        " AND package IN (SELECT package FROM kotadb.imported_names))"
    )
    for row in _sampled(database, chance, "symbols", count, which=imported):
        yield Question(f"/symbols/{row['snapshot_id']}-{row['symbol_no']}/references", {})


def _place(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "repository": str(row["repository_id"]),
        "path": row["path"],
        "line": row["line"],
        "column": row["column_no"],
    }


def _references(
    database: psycopg.Connection[dict[str, Any]], chance: random.Random, count: int
) -> Iterator[Question]:
    # Drawn from uses, so that the much used are asked for as often as people meet them.
    for row in _sampled(database, chance, "symbol_references", 2 * count)[: 2 * count]:
        if row["symbol_no"] is not None:
            yield Question(f"/symbols/{row['snapshot_id']}-{row['symbol_no']}/references", {})


def _of_files(path: str, **more: Any) -> Draw:  # noqa: ANN401 - whatever the route takes
    def draw(
        database: psycopg.Connection[dict[str, Any]], chance: random.Random, count: int
    ) -> Iterator[Question]:
        for row in _sampled(database, chance, "file_texts", count):
            asked = {"repository": str(row["repository_id"]), "path": row["path"], **more}
            yield Question(path, asked)

    return draw


def _words(
    database: psycopg.Connection[dict[str, Any]], chance: random.Random, count: int
) -> Iterator[Question]:
    for row in _sampled(database, chance, "symbols", 3 * count):
        words = re.findall(r"[a-z]{3,}|[A-Z][a-z]{2,}", row["name"])
        if words and count:
            count -= 1
            yield Question("/search", {"q": chance.choice(words).lower()})


def _texts(
    database: psycopg.Connection[dict[str, Any]], chance: random.Random, count: int
) -> Iterator[str]:
    """Some of what stands on a line, of 8 to 24 characters, not split in a word."""
    for row in _sampled(database, chance, "file_texts", 3 * count):
        line = chance.choice(row["content"].splitlines() or [""]).strip()
        found = re.search(r"\S.{7,23}\b", line[chance.randrange(max(1, len(line) - 24)) :])
        if found and count and "\\" not in found[0] and found[0].isprintable():
            count -= 1
            yield found[0]


def _phrases(
    database: psycopg.Connection[dict[str, Any]], chance: random.Random, count: int
) -> Iterator[Question]:
    for text in _texts(database, chance, count):
        quoted = text.replace('"', '\\"')
        yield Question("/search", {"q": f'"{quoted}"'})


def _expressions(
    database: psycopg.Connection[dict[str, Any]], chance: random.Random, count: int
) -> Iterator[Question]:
    for text in _texts(database, chance, count):
        half = len(text) // 2
        written = [re.sub(r"([^A-Za-z0-9 ])", r"\\\1", part) for part in (text[:half], text[half:])]
        yield Question("/search", {"q": f"/{written[0]}.*{written[1]}/"})


KINDS: dict[str, Draw] = {
    "definition at a place": _definitions,
    "definition in another repository": _definitions_elsewhere,
    "references, first page": _references,
    "references of what packages export": _references_elsewhere,
    "outline": _of_files("/outline"),
    "dependencies, both ways, depth 3": _of_files("/dependencies", direction="both", depth=3),
    "search for a word": _words,
    "search for a text": _phrases,
    "search for an expression": _expressions,
}


if __name__ == "__main__":
    main()
