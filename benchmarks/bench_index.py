"""What indexing a repository costs, stage by stage, beside the raw parse of the same files.

    make bench REPO=/path/to/repository          (a Git repository; its HEAD is indexed)

Each stage runs in a process of its own, the stages in turn, several times over, so that a machine
whose speed drifts treats all of them alike. CPU seconds say more than wall seconds; of the job they
are those of the worker and its children, without the database's. The whole job is forced, so that
it takes nothing over; "re-index" is the job after a commit that changes one file of middling size.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID

ROUNDS = 3
STAGES = ("raw parse", "extract", "resolve", "whole job", "re-index")
FIRST_INDEX = "first index"
BRANCH = "refs/heads/benchmark"
MEGABYTE = 1_000_000


def main() -> None:
    arguments = _arguments()
    if arguments.stage:
        print(json.dumps(_run_stage(arguments.stage, arguments.context)))
        return
    for repository in arguments.repository:
        _measure(Path(repository).resolve(), arguments.rounds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repository", nargs="*", help="paths of Git repositories")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--stage", choices=(*STAGES, FIRST_INDEX), help=argparse.SUPPRESS)
    parser.add_argument("--context", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.repository and not arguments.stage:
        parser.error("name at least one repository")
    return arguments


def _measure(repository: Path, rounds: int) -> None:
    from indexer.database.migrate import Migrator
    from indexer.database.target import Target
    from kotadb_local.postgres import EmbeddedPostgres

    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        postgres = EmbeddedPostgres(Path(folder) / "state")
        stack.callback(postgres.forget)
        server = stack.enter_context(postgres.session())
        Migrator(Target.parse(server.url)).up()
        context = Path(folder) / "context.json"
        files, size = _fetch_and_list(repository, Path(folder), context, server.url)
        _in_own_process(FIRST_INDEX, context)
        runs: dict[str, list[dict[str, float]]] = {stage: [] for stage in STAGES}
        for _ in range(rounds):
            for stage in STAGES:
                runs[stage].append(_in_own_process(stage, context))
    _print(repository, files, size, runs)


def _fetch_and_list(
    repository: Path, folder: Path, context: Path, database_url: str
) -> tuple[int, int]:
    """Fetch HEAD as a job does and note which files it indexes; how many, and their bytes."""
    from indexer.git.fetch import WantedCommit, fetch_commit
    from indexer.git.limits import FetchLimits
    from indexer.git.objects import ObjectStore
    from indexer.git.remote import Remote
    from indexer.indexing.survey import survey_commit
    from indexer.settings import Settings

    limits = FetchLimits.from_settings(Settings())
    remote = Remote.parse(str(repository), allowed_hosts=(), allow_local=True)
    bare = folder / "bare"
    fetched = fetch_commit(WantedCommit(remote=remote), directory=bare, limits=limits)
    survey = survey_commit(
        bare,
        fetched.commit_sha,
        Settings(),
        base_bytes=limits.object_bytes,
        check=lambda: None,
    )
    with ObjectStore(bare, base_bytes=limits.object_bytes) as store:
        size = sum(len(store.read(one.blob_id, limit=limits.file_bytes)) for one in survey.files)
    context.write_text(
        json.dumps(
            {
                "bare": str(bare),
                "repository": str(repository),
                "copy": str(_borrowing_copy(repository, folder / "copy.git", fetched.commit_sha)),
                "database_url": database_url,
                "files": [[one.path, one.blob_id] for one in survey.files],
                "paths": survey.paths,
                "configs": {path: text.decode("latin-1") for path, text in survey.configs.items()},
            }
        )
    )
    return len(survey.files), size


def _borrowing_copy(repository: Path, copy: Path, commit_sha: str) -> Path:
    """A bare repository that reads the objects of another and takes commits of its own."""
    _git(repository, "init", "--quiet", "--bare", str(copy))
    common = Path(_git(repository, "rev-parse", "--git-common-dir"))
    (copy / "objects/info/alternates").write_text(f"{repository / common / 'objects'}\n")
    _git(copy, "update-ref", BRANCH, commit_sha)
    _git(copy, "symbolic-ref", "HEAD", BRANCH)
    return copy


def _commit_one_file(copy: Path, sizes: list[tuple[int, str]]) -> None:
    """Commit a change of the file of middling size."""
    _, path = sorted(sizes)[len(sizes) // 2]
    text = _git(copy, "cat-file", "blob", f"{BRANCH}:{path}")
    text += f"\nexport const benchmark{time.time_ns()} = 1;\n"
    blob = _git(copy, "hash-object", "-w", "--stdin", given=text)
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        _git(copy, "read-tree", BRANCH, **index)
        _git(copy, "update-index", "--cacheinfo", f"100644,{blob},{path}", **index)
        tree = _git(copy, "write-tree", **index)
    author = ("-c", "user.name=benchmark", "-c", "user.email=benchmark@example.com")
    commit = _git(copy, *author, "commit-tree", "-p", BRANCH, "-m", "Change one file", tree)
    _git(copy, "update-ref", BRANCH, commit)


def _git(folder: Path, *words: str, given: str = "", **environment: str) -> str:
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(folder), *words],  # noqa: S607 - the person's own git
        input=given,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.rstrip("\n")


def _in_own_process(stage: str, context: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--stage", stage, "--context", str(context)],
        check=True,
        capture_output=True,
        text=True,
    )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _run_stage(stage: str, context: str) -> dict[str, float]:
    known = json.loads(Path(context).read_text())
    work = {
        "raw parse": _raw_parse,
        "extract": _extract,
        "resolve": _resolve,
        "whole job": _whole_job,
        "re-index": _reindex,
        FIRST_INDEX: _first_index,
    }[stage](known)
    wall, cpu = time.perf_counter(), _cpu()
    counts = work()
    return {
        "wall": time.perf_counter() - wall,
        "cpu": _cpu() - cpu,
        "peak": _peak(),
        **(counts or {}),
    }


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def _peak() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(one).ru_maxrss for one in who) * unit / MEGABYTE


Work = Callable[[], dict[str, float] | None]


def _sources(known: dict) -> list[tuple[str, bytes]]:
    from indexer.git.limits import FetchLimits
    from indexer.git.objects import ObjectStore
    from indexer.settings import Settings

    limits = FetchLimits.from_settings(Settings())
    with ObjectStore(Path(known["bare"]), base_bytes=limits.object_bytes) as store:
        return [
            (path, store.read(blob_id, limit=limits.file_bytes)) for path, blob_id in known["files"]
        ]


def _raw_parse(known: dict) -> Work:
    """One parse of each file by the grammar that its ending names first, and nothing else."""
    from tree_sitter import Parser

    from indexer.parsing.languages import grammars_for

    sources = [(grammars_for(path)[0].language, text) for path, text in _sources(known)]

    def work() -> None:
        for language, text in sources:
            Parser(language).parse(text)

    return work


def _extract(known: dict) -> Work:
    """Parse and extract, one file after the other in one process."""
    from indexer.parsing.parser import parse_file
    from indexer.parsing.source import FileNotParsed

    sources = _sources(known)

    def work() -> None:
        for path, text in sources:
            try:
                parse_file(text, path)
            except FileNotParsed:
                continue

    return work


def _resolve(known: dict) -> Work:
    """Join the facts of all files, which are extracted before the clock runs."""
    from indexer.parsing.parser import parse_file
    from indexer.parsing.source import FileNotParsed
    from indexer.resolution.link import Linker
    from indexer.resolution.modules import ModuleResolver

    facts = []
    for path, text in _sources(known):
        try:
            facts.append((path, parse_file(text, path)))
        except FileNotParsed:
            continue
    configs = {path: text.encode("latin-1") for path, text in known["configs"].items()}

    def work() -> None:
        linker = Linker(facts, ModuleResolver(known["paths"], configs.get))
        for rows in (linker.symbols(), linker.references(), linker.dependencies()):
            for _row in rows:
                pass

    return work


def _whole_job(known: dict) -> Work:
    """A job that takes nothing over."""
    return _job(known, known["repository"], force=True)


def _first_index(known: dict) -> Work:
    """The index that the re-index after it takes over from."""
    return _job(known, known["copy"], force=False)


def _reindex(known: dict) -> Work:
    """The job after a commit that changes one file."""
    sizes = [(len(text), path) for path, text in _sources(known)]
    _commit_one_file(Path(known["copy"]), sizes)
    return _job(known, known["copy"], force=False)


def _job(known: dict, repository: str, *, force: bool) -> Work:
    """A job from its lease to its published snapshot, as the worker runs it."""
    from indexer.database.connection import Database
    from indexer.database.target import Target
    from indexer.indexing.pipeline import Indexer
    from indexer.jobs.model import IndexRequest
    from indexer.jobs.queue import JobQueue
    from indexer.jobs.run import StopSignal
    from indexer.jobs.runner import Runner
    from indexer.observability import logger
    from indexer.settings import Settings

    # Nothing but the result goes to standard output.
    logger.registered_handler.setStream(sys.stderr)
    settings = replace(
        Settings(), allow_local_repositories=True, work_directory=tempfile.gettempdir()
    )
    target = Target.parse(known["database_url"])
    database, heartbeats = Database(target), Database(target)
    tenant = _tenant(database)
    request = IndexRequest(
        tenant_id=tenant,
        clone_url=repository,
        full_name=f"benchmark/{Path(repository).name}",
        force=force,
        request_id="benchmark",
    )

    def work() -> dict[str, float]:
        with closing(database), closing(heartbeats):
            job_id = JobQueue(database, settings).enqueue(request).job_id
            Runner(
                database=database,
                heartbeats=heartbeats,
                settings=settings,
                work=Indexer(settings).index_repository,
                stop=StopSignal(drain_seconds=0),
            ).run(worker="benchmark", remaining_seconds=lambda: 3_600.0, max_jobs=1)
            with database.transaction(principal=tenant) as statements:
                job = statements.fetch_one("job_by_id", job_id=job_id)
        if job is None or job["status"] != "completed":
            raise SystemExit(f"the job did not complete: {job}")
        return {
            name: job["stats"][name]
            for name in (
                *("symbols_extracted", "references_found", "references_resolved"),
                *("files_reused", "bytes_not_transferred", "bytes_received"),
            )
        }

    return work


def _tenant(database: object) -> UUID:
    from indexer.access.provisioning import issue_key
    from indexer.settings import Settings

    return issue_key(database, Settings(), email="benchmark@example.com", tier="team").tenant_id


def _print(
    repository: Path, files: int, size: int, runs: dict[str, list[dict[str, float]]]
) -> None:
    def median(stage: str, what: str) -> float:
        return statistics.median(run[what] for run in runs[stage])

    raw = median("raw parse", "cpu")
    job = runs["whole job"][0]
    resolved = job["references_resolved"] / max(1, job["references_found"])
    name = "/".join(repository.parts[-2:])
    print(f"\n## {name}: {files:,} files, {size / MEGABYTE:.2f} MB")
    print(
        f"{job['symbols_extracted']:,.0f} symbols, {job['references_found']:,.0f} references, "
        f"{resolved:.1%} resolved\n"
    )
    print("| stage | CPU s (min-max) | x raw parse | wall s | files/s | MB/s | peak MB |")
    print("|---|---|---|---|---|---|---|")
    for stage in STAGES:
        cpus = [run["cpu"] for run in runs[stage]]
        wall = median(stage, "wall")
        print(
            f"| {stage} | {median(stage, 'cpu'):.2f} ({min(cpus):.2f}-{max(cpus):.2f}) "
            f"| {median(stage, 'cpu') / raw:.2f} | {wall:.2f} | {files / wall:,.0f} "
            f"| {size / MEGABYTE / wall:.2f} | {median(stage, 'peak'):.0f} |"
        )
    again = runs["re-index"][0]
    shares = ", ".join(
        f"{median('re-index', what) / median('whole job', what):.2f} of its {name}"
        for what, name in (("cpu", "CPU"), ("wall", "wall time"))
    )
    print(
        f"\nThe re-index takes {shares}; {again['files_reused']:,.0f} files taken over, "
        f"{again['bytes_received']:,.0f} bytes received instead of {job['bytes_received']:,.0f}."
    )
    print(
        f"\nPython {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors"
    )


if __name__ == "__main__":
    main()
