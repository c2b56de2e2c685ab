"""One stage of indexing, run as a program in a process of its own: what it costs, as JSON.

The clock runs while the stage works, not while Python starts and its input is read.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexing.disk import WatchedDisk
from indexing.inputs import Input
from indexing.measured import Ended, peak_megabytes, run_measured

if TYPE_CHECKING:
    from indexer.parsing.facts import FileFacts
    from indexer.resolution.link import Linker

RAW_PARSE, EXTRACT, RESOLVE = "raw parse", "extract", "resolve"
STORE, WHOLE_JOB = "store", "whole job"
RE_INDEX, RE_INDEX_INSIDE = "re-index, an export more", "re-index, a change inside"
RE_INDEX_MORE = "re-index, a file more"
PUSHED_INDEX, FORCED_INDEX = "pushed index", "forced index"
FIRST_INDEX, IN_MEMORY, EACH_FILE = "first index", "extract and resolve", "each file"

STAGE_SECONDS = 3_600.0

Known = dict[str, Any]
"""What `Input.context` tells."""
Figures = dict[str, Any]
"""`cpu`, `wall` and `peak` of the stage, as those of a `Cost`, and what else it counted.

`disk`: the MB that the folder of its job held at most; None where no job ran.
"""


def run_stage(stage: str, given: Input, *, seconds: float = STAGE_SECONDS) -> tuple[Figures, Ended]:
    """Run a stage; its own figures, and the cost of the whole process.

    Raises:
        RunFailed: it did not end well.
    """
    with WatchedDisk(given.folder) as disk:
        ended = run_measured(
            [sys.executable, "-m", "indexing.stage", stage, str(given.context)],
            seconds=seconds,
            environment={
                "PYTHONPATH": str(Path(__file__).parents[1]),
                # As what is deployed: else each process would compile all that it imports.
                "PYTHONDONTWRITEBYTECODE": "",
            },
        )
    figures: Figures = json.loads(ended.output.splitlines()[-1])
    return figures | {"disk": disk.most or None}, ended


def sources_of(known: Known) -> list[tuple[str, bytes]]:
    """The path and the bytes of every file."""
    from indexer.git.limits import FetchLimits
    from indexer.git.objects import ObjectStore
    from indexer.settings import Settings

    limits = FetchLimits.from_settings(Settings.from_environment())
    with ObjectStore(Path(known["bare"]), base_bytes=limits.object_bytes) as store:
        return [
            (path, store.read(blob_id, limit=limits.file_bytes)) for path, blob_id in known["files"]
        ]


def cpu_seconds() -> float:
    """Of this process and of the children that it waited for, forked ones and their server too."""
    from indexer.sandbox.forking import children_usage

    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used) + children_usage().cpu_seconds


def timed(work: Callable[[], Figures | None]) -> Figures:
    """What the work costs, with what it counted itself, which goes before."""
    from indexer.sandbox.forking import most_memory

    wall, cpu = time.perf_counter(), cpu_seconds()
    counted = work() or {}
    figures: Figures = {"wall": time.perf_counter() - wall, "cpu": cpu_seconds() - cpu}
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peaks = {"peak": peak_megabytes(most_memory()), "peak_of_itself": peak_megabytes(own)}
    return figures | peaks | counted


def _raw_parse(known: Known) -> Figures:
    """One parse of each file by the grammar that its ending names first, and nothing else."""
    from tree_sitter import Parser

    from indexer.parsing.languages import grammars_for

    sources = [(grammars_for(path)[0].language, text) for path, text in sources_of(known)]

    def work() -> None:
        for language, text in sources:
            Parser(language).parse(text)

    return timed(work)


def _extract(known: Known) -> Figures:
    """Parse and extract, one file after the other, and keep nothing."""
    sources = sources_of(known)

    def work() -> None:
        for path, text in sources:
            _facts_of(path, text)

    return timed(work)


def _resolve(known: Known) -> Figures:
    """Join the facts of all files, which are extracted before the clock runs."""
    facts = _all_facts(sources_of(known))
    return timed(lambda: _read_rows(_linker(known, facts)))


def _in_memory(known: Known) -> Figures:
    """Parse, extract and resolve in one process; the shares of the two beside the whole."""
    sources = sources_of(known)
    parts: list[Figures] = []

    def work() -> None:
        facts: list[tuple[str, FileFacts]] = []
        parts.append(timed(lambda: facts.extend(_all_facts(sources))))
        parts.append(timed(lambda: _read_rows(_linker(known, facts))))

    whole = timed(work)
    return whole | {"extract_cpu": parts[0]["cpu"], "resolve_cpu": parts[1]["cpu"]}


def _each_file(known: Known) -> Figures:
    """CPU seconds by file: its extraction, and the resolution of its references."""
    sources = sources_of(known)
    _facts_of("first.ts", b"")  # What only the first file costs is no file's.
    facts, extracted = [], {}
    for path, text in sources:
        started = time.process_time()
        one = _facts_of(path, text)
        extracted[path] = time.process_time() - started
        if one is not None:
            facts.append((path, one))
    linker = _linker(known, facts)
    resolved = dict.fromkeys(linker.paths, 0.0)
    started, before = time.process_time(), 0
    for row in linker.references():
        if row.file_no != before:
            now = time.process_time()
            # What the first row of a file costs is counted with the file before it.
            resolved[linker.paths[before]] += now - started
            started, before = now, row.file_no
    if linker.paths:
        resolved[linker.paths[before]] += time.process_time() - started
    return {
        "files": [
            [path, len(text), extracted[path], resolved.get(path, 0.0)] for path, text in sources
        ]
    }


def _all_facts(sources: list[tuple[str, bytes]]) -> list[tuple[str, FileFacts]]:
    facts = ((path, _facts_of(path, text)) for path, text in sources)
    return [(path, one) for path, one in facts if one is not None]


def _facts_of(path: str, text: bytes) -> FileFacts | None:
    from indexer.parsing.parser import parse_file
    from indexer.parsing.source import FileNotParsed

    try:
        return parse_file(text, path)
    except FileNotParsed:
        return None


def _linker(known: Known, facts: list[tuple[str, FileFacts]]) -> Linker:
    from indexer.resolution.link import Linker
    from indexer.resolution.modules import ModuleResolver

    configs = {path: text.encode("latin-1") for path, text in known["configs"].items()}
    return Linker(facts, ModuleResolver(known["paths"], configs.get))


def _read_rows(linker: Linker) -> None:
    for rows in (linker.symbols(), linker.references(), linker.dependencies()):
        for _row in rows:
            pass


def main() -> None:
    """Run the stage that the command line names."""
    from indexing import job

    stage, context = sys.argv[1:]
    known: Known = json.loads(Path(context).read_text())
    stages: dict[str, Callable[[Known], Figures]] = {
        RAW_PARSE: _raw_parse,
        EXTRACT: _extract,
        RESOLVE: _resolve,
        IN_MEMORY: _in_memory,
        EACH_FILE: _each_file,
        WHOLE_JOB: job.whole_job,
        STORE: job.store,
        FIRST_INDEX: job.index_of_copy,
        PUSHED_INDEX: job.index_of_copy,
        FORCED_INDEX: job.forced_index_of_copy,
        RE_INDEX: job.reindex,
        RE_INDEX_INSIDE: job.reindex_inside,
        RE_INDEX_MORE: job.reindex_more,
    }
    print(json.dumps(stages[stage](known)))


if __name__ == "__main__":
    main()
