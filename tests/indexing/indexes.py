"""What the tests of an index after another one share: the files, and the rows as they compare."""

from tests.support.repositories import object_id

from indexer.indexing.pipeline import Indexer
from indexer.jobs.model import Phase

SOURCES = {
    "src/a.ts": b'import { b } from "./b";\nimport "./data.json";\nexport const a = b(1);\n',
    "src/b.ts": b"/** Doubles. */\nexport function b(n: number) { return n * 2; }\n",
    "src/data.json": b"{}",
    "src/generated.ts": b"// @generated\nexport const g = 1;\n",
    "lib/c.js": b'const { b } = require("../src/b");\nmodule.exports = b;\n',
    "package.json": b'{"name": "sources"}',
    ".gitignore": b"extra\n",
    "extra/out.ts": b"export const out = 1;\n",
}


def blob(content):
    return object_id("blob", content)


def retiring_before_the_store(indexing, those=""):
    """Work at whose every store some snapshots are replaced just before, and its turns so far."""
    indexer, turns = Indexer(indexing.settings), []

    def work(run, database):
        report = run.report

        def reporting(phase, **counts):
            if phase is Phase.STORE:
                turns.append(phase)
                indexing.scratch.sql(f"UPDATE kotadb.snapshots SET state = 'retired' {those}")
            report(phase, **counts)

        run.report = reporting
        return indexer.index_repository(run, database)

    return work, turns
