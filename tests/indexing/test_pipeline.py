import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fixtures.queue import SHA
from tests.support.git_server import status
from tests.support.processes import children_of_sandbox

from indexer.git.failures import RefNotFound
from indexer.indexing.pipeline import Indexer
from indexer.jobs.model import Phase
from indexer.jobs.run import RunInterrupted

SOURCES = {
    "src/a.ts": b'import { b } from "./b";\nimport "react";\nexport const a = b(1);\n',
    "src/b.ts": b"/** Doubles. */\nexport function b(n: number) { return n * 2; }\n",
    "README.md": b"# sources\n",
}


def stats_of(indexing, made):
    job = indexing.job(made.job_id)
    assert job["status"] == "completed", job
    return job["stats"]


def count(indexing, table):
    return indexing.scratch.value(
        f"SELECT count(*) FROM kotadb.{table} WHERE snapshot_id IN "
        "(SELECT snapshot_id FROM kotadb.snapshots WHERE state = 'current')"
    )


@pytest.mark.proves("W4", "W19")
def test_what_the_stats_say_is_what_the_index_holds(repository, indexing, ask, work_off):
    repository.commit_files(
        {
            **SOURCES,
            "src/broken.ts": b"export function half( {\n  const found = 1;\n",
            "src/data.ts": bytes(range(256)) * 40,
            "dist/a.min.js": b"a=1;",
            "node_modules/react/index.js": b"module.exports = 1;",
        }
    )
    made = ask()
    work_off()
    stats = stats_of(indexing, made)
    failed = sum(stats["files_failed"].values())
    assert count(indexing, "files") == stats["files_indexed"] + failed
    assert (
        indexing.scratch.value("SELECT sum(octet_length(content)) FROM kotadb.file_texts")
        == stats["bytes_of_text"]
    )
    assert count(indexing, "symbols") == stats["symbols_extracted"] >= 2
    assert count(indexing, "symbol_references") == stats["references_found"]
    assert sum(stats["references_by_resolution"].values()) == stats["references_found"]
    assert count(indexing, "dependencies") == stats["dependencies_extracted"] == 2
    assert stats["dependencies_internal"] == 1
    left_out = failed + sum(stats["files_skipped"].values())
    # README.md is no source, everything else is accounted for.
    assert stats["files_indexed"] + left_out == 6
    (stored,) = indexing.scratch.sql("SELECT stats FROM kotadb.snapshots WHERE state = 'current'")
    assert stored["stats"] == stats


def test_every_file_that_is_text_is_stored_as_it_was_parsed(repository, indexing, ask, work_off):
    written = {
        "bom.ts": b"\xef\xbb\xbfexport const bom = 1;\r\n",
        "broken.ts": b"export const caf\xe9 = '" + b"x" * 100 + b"';\n",
        "empty.ts": b"",
        "half.ts": b"export function half( {",
        "nul.ts": b"export const before = 1;\0 // " + b"x" * 40,
        "plain.ts": b"const tab = '\t\\n\\\\';\r\rconst two = `\\.`;\n",
        "wide.ts": b"\xff\xfe" + "export const wide = '\U0001d49c\u2028';".encode("utf-16-le"),
        "wrong.ts": b"\xff\xfe" + b"\x00\xd8" * 9,
    }
    repository.commit_files(written)
    made = ask()
    work_off()
    rows = indexing.scratch.sql(
        "SELECT path, failure, content, line_count FROM kotadb.files "
        "LEFT JOIN kotadb.file_texts USING (snapshot_id, file_no)"
    )
    stored = {row["path"]: row["content"] for row in rows}
    assert stored == {
        "bom.ts": "export const bom = 1;\r\n",
        "broken.ts": f"export const caf\ufffd = '{'x' * 100}';\n",
        "empty.ts": "",
        "half.ts": "export function half( {",
        "nul.ts": f"export const before = 1;  // {'x' * 40}",
        "plain.ts": written["plain.ts"].decode(),
        "wide.ts": "export const wide = '\U0001d49c\u2028';",
        "wrong.ts": None,
    }
    lines = {row["path"]: row["line_count"] for row in rows}
    assert (lines["empty.ts"], lines["plain.ts"], lines["wide.ts"]) == (1, 4, 2)
    assert [row["failure"] for row in rows if row["content"] is None] == ["not_utf16"]
    texts = sum(len(text.encode()) for text in stored.values() if text is not None)
    assert stats_of(indexing, made)["bytes_of_text"] == texts


@pytest.mark.proves("W21")
def test_facts_that_wait_on_the_disk_give_the_same_index(repository, indexing, ask, work_off):
    def rows():
        return [
            indexing.scratch.sql(
                f"SELECT to_jsonb(t) - 'snapshot_id' AS row FROM kotadb.{table} AS t "
                "WHERE snapshot_id IN (SELECT snapshot_id FROM kotadb.snapshots "
                "WHERE state = 'current') ORDER BY 1"
            )
            for table in ("files", "file_texts", "symbols", "symbol_references", "dependencies")
        ]

    repository.commit_files(SOURCES)
    ask()
    work_off()
    held = rows()
    ask(force=True)
    spooling = replace(indexing.settings, facts_in_memory=0)
    work_off(Indexer(spooling).index_repository)
    assert rows() == held
    assert all(held)


@pytest.mark.proves("W12")
def test_a_commit_that_stands_is_not_indexed_again_unless_forced(
    repository, indexing, ask, work_off
):
    sha = repository.commit_files(SOURCES)
    first = ask()
    work_off()
    again = ask()
    work_off()
    job = indexing.job(again.job_id)
    assert (job["status"], job["error_code"]) == ("skipped", "already_indexed")
    assert (job["ref"], job["commit_sha"]) == ("main", sha)
    forced = ask(force=True)
    work_off()
    # What git says on the way is not always as long.
    told = [{**stats_of(indexing, one), "bytes_received": 0} for one in (first, forced)]
    assert told[0] == told[1]
    assert count(indexing, "snapshots") == 1


@pytest.mark.parametrize(
    "lacking", ["has_texts = false", "file_groups = NULL", "tells_packages = false"]
)
def test_a_commit_that_an_earlier_release_indexed_is_indexed_again(
    repository, indexing, ask, work_off, lacking
):
    repository.commit_files(SOURCES)
    ask()
    work_off()
    indexing.scratch.sql(f"UPDATE kotadb.snapshots SET {lacking}")
    again = ask()
    work_off()
    assert indexing.job(again.job_id)["status"] == "completed"
    standing = indexing.scratch.sql("SELECT * FROM kotadb.snapshots WHERE state = 'current'")
    assert [
        (row["has_texts"], row["file_groups"] is not None, row["tells_packages"])
        for row in standing
    ] == [(True, True, True)]


def test_a_newer_commit_replaces_the_older(repository, indexing, ask, work_off):
    repository.commit_files(SOURCES)
    ask()
    work_off()
    repository.commit_files({"only.ts": b"export const only = 1;\n"})
    made = ask()
    work_off()
    assert stats_of(indexing, made)["files_indexed"] == 1
    assert count(indexing, "files") == 1


def test_a_job_tells_which_commit_it_works_on_and_failed_at(repository, indexing, ask, work_off):
    sha = repository.commit_files(SOURCES)
    made = ask()
    indexer, seen = Indexer(indexing.settings), []

    def failing(run, database):
        report = run.report

        def reporting(phase, **counts):
            if phase is Phase.PARSE:
                seen.append(indexing.job(made.job_id))
                raise RefNotFound
            report(phase, **counts)

        run.report = reporting
        indexer.index_repository(run, database)

    work_off(failing)
    (running,), failed = seen, indexing.job(made.job_id)
    assert (running["status"], running["ref"], running["commit_sha"]) == ("processing", "main", sha)
    assert (failed["status"], failed["ref"], failed["commit_sha"]) == ("failed", "main", sha)


def test_an_older_request_that_finishes_last_is_superseded(repository, indexing, ask, work_off):
    repository.commit_files(SOURCES)
    older = ask(ref="main")
    indexer = Indexer(indexing.settings)
    newer = []

    def overtaken(run, database):
        if run.lease.job_id == older.job_id:
            # Between the fetch of the older and its store, the newer one is asked for and done.
            report = run.report

            def reporting(phase, **counts):
                if phase is Phase.STORE and not newer:
                    repository.commit_files({"only.ts": b"export const only = 1;\n"})
                    newer.append(ask())
                    work_off()
                report(phase, **counts)

            run.report = reporting
        indexer.index_repository(run, database)

    work_off(overtaken, max_jobs=1)
    job = indexing.job(older.job_id)
    assert (job["status"], job["error_code"]) == ("skipped", "superseded")
    assert stats_of(indexing, newer[0])["files_indexed"] == 1
    assert count(indexing, "files") == 1


@pytest.mark.parametrize("name", ["tsconfig.json", "tsconfig.base.json", "config/paths.json"])
def test_aliases_come_from_a_config_whatever_its_name(repository, indexing, ask, work_off, name):
    paths = {
        "compilerOptions": {"paths": {"@lib/*": ["/".join([".."] * name.count("/") + ["./lib/*"])]}}
    }
    files = {
        name: json.dumps(paths).encode(),
        "lib/tool.ts": b"export const tool = 1;\n",
        "src/a.ts": b'import { tool } from "@lib/tool";\nexport const a = tool;\n',
    }
    if name != "tsconfig.json":
        files["tsconfig.json"] = json.dumps({"extends": f"./{name}"}).encode()
    repository.commit_files(files)
    made = ask()
    work_off()
    stats = stats_of(indexing, made)
    assert (stats["dependencies_extracted"], stats["dependencies_internal"]) == (1, 1)


@pytest.mark.proves("W8", "W7")
@pytest.mark.parametrize("phase", [Phase.DISCOVER, Phase.PARSE, Phase.RESOLVE, Phase.STORE])
def test_a_run_that_is_interrupted_leaves_no_child_folder_or_row(
    repository, indexing, ask, work_off, phase
):
    repository.commit_files({f"src/{number}.ts": b"export const n = 1;\n" for number in range(300)})
    made = ask()
    indexer = Indexer(indexing.settings)
    left = []

    def interrupted(run, database):
        def report(now, **counts):
            if now is phase and (phase is not Phase.PARSE or counts.get("done", 0) > 2):
                raise RunInterrupted("the worker is stopping")

        run.report = report
        try:
            indexer.index_repository(run, database)
        except RunInterrupted:
            left.append(children_of_sandbox())
            raise

    assert work_off(interrupted, max_jobs=1) == {str(made.job_id): "released: pending"}
    # While the error is still being handled: what holds its traceback must hold no child.
    assert left == [[]]
    assert list(Path(indexing.settings.work_directory).iterdir()) == []
    for table in ("snapshots", "files", "symbols"):
        assert indexing.scratch.value(f"SELECT count(*) FROM kotadb.{table}") == 0


@pytest.fixture
def conflicts(indexing):
    """Lets the next stores each meet another transaction, as many as told."""
    sql = indexing.scratch.sql
    sql("CREATE SEQUENCE public.met")
    sql("CREATE TABLE public.conflicts (planned bigint)")
    sql(
        "CREATE FUNCTION public.meet() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ "
        "BEGIN IF nextval('public.met') <= (SELECT planned FROM public.conflicts) THEN "
        "RAISE EXCEPTION USING ERRCODE = 'deadlock_detected'; END IF; RETURN NEW; END $$"
    )
    sql(
        "CREATE TRIGGER meet AFTER INSERT ON kotadb.files "
        "FOR EACH ROW EXECUTE FUNCTION public.meet()"
    )
    yield lambda planned: sql("INSERT INTO public.conflicts VALUES (%s)", planned)
    sql("DROP TRIGGER meet ON kotadb.files")
    sql("DROP FUNCTION public.meet")
    sql("DROP TABLE public.conflicts")
    sql("DROP SEQUENCE public.met")


@pytest.mark.parametrize(("planned", "outcome"), [(2, "completed"), (3, "failed: pending")])
def test_a_store_that_meets_another_transaction_is_repeated_within_its_run(
    repository, indexing, ask, work_off, conflicts, planned, outcome
):
    repository.commit_files({"src/a.ts": SOURCES["src/a.ts"]})
    made = ask()
    conflicts(planned)
    assert work_off() == {str(made.job_id): outcome}
    assert len(indexing.attempts(made.job_id)) == 1
    if outcome == "completed":
        stats = stats_of(indexing, made)
        assert count(indexing, "symbols") == stats["symbols_extracted"] > 0
        assert count(indexing, "symbol_references") == stats["references_found"] > 0
    else:
        assert indexing.job(made.job_id)["error_code"] == "database_failed"
        assert indexing.scratch.value("SELECT count(*) FROM kotadb.snapshots") == 0


ADDRESSES = [
    *("https://internal.example/ada/x.git", "https://127.0.0.1/ada/x.git", "/srv/ada/x.git"),
    *("http://127.0.0.1:80/ada/x.git", "file:///srv/ada/x.git", "git://github.com/ada/x.git"),
    *("ssh://git@github.com/ada/x.git", "ext::sh -c id", "https://github.com:8443/ada/x.git"),
    *("https://ada:password@github.com/ada/x.git", "https://github.com/ada/../x.git"),
    *("https://[::1]/ada/x.git", "https://2130706433/ada/x.git", "x"),
]


def test_an_address_that_is_not_allowed_is_refused_by_the_worker_too(indexing, work_off):
    made = [
        indexing.enqueue(f"ada/x{number}", clone_url=address, commit_sha=SHA)
        for number, address in enumerate(ADDRESSES)
    ]
    deployed = replace(indexing.settings, allow_local_repositories=False)
    work_off(Indexer(deployed).index_repository)
    ended = [indexing.job(one.job_id) for one in made]
    assert {(job["status"], job["error_code"]) for job in ended} == {
        ("failed", "repository_refused")
    }


def test_two_tenants_with_one_repository_share_nothing(
    repository, git_server, indexing, ask, work_off, make_tenant
):
    repository.commit_files(SOURCES)
    eve = make_tenant("eve@example.com")
    hers, mine = ask(tenant_id=eve), ask()
    work_off()
    assert hers.repository_id != mine.repository_id
    first, second = (stats_of(indexing, one) for one in (hers, mine))
    assert first["bytes_received"] > 0
    assert (second["files_reused"], second["bytes_not_transferred"]) == (0, 0)
    # One pack may come in more or fewer packets, each with a head of its own.
    assert second["bytes_received"] == pytest.approx(first["bytes_received"], rel=0.1)
    # It becomes private, or is gone: what a tenant has is neither lost nor given to another.
    git_server.fault = status(404)
    again = ask(force=True)
    work_off()
    assert indexing.job(again.job_id)["error_code"] == "repository_not_found"
    assert count(indexing, "files") == 4
    indexing.delete(mine.repository_id)
    rows = indexing.scratch.sql(
        "SELECT DISTINCT repository_id FROM kotadb.snapshots JOIN kotadb.repositories "
        "USING (repository_id) WHERE deleted_at IS NULL"
    )
    assert [row["repository_id"] for row in rows] == [hers.repository_id]


def test_an_empty_tree_is_an_empty_index(repository, indexing, ask, work_off):
    repository.commit_tree([])
    made = ask()
    work_off()
    stats = stats_of(indexing, made)
    assert (stats["files_indexed"], stats["references_found"]) == (0, 0)


def test_a_run_whose_time_is_over_stops_while_imports_are_resolved(
    indexing, repository, ask, work_off
):
    repository.commit_files({f"{one}.ts": b'import "./a";\n' for one in "abc"})
    job_id, phases = ask().job_id, []

    def work(run, database):
        report = run.report

        def reporting(phase, **counts):
            phases.append(phase)
            report(phase, **counts)
            if phase is Phase.RESOLVE:
                run._deadline = 0.0

        run.report = reporting
        return Indexer(indexing.settings).index_repository(run, database)

    work_off(work)
    assert indexing.job(job_id)["error_code"] == "job_timed_out"
    assert set(phases) == {Phase.CLONE, Phase.DISCOVER, Phase.PARSE, Phase.RESOLVE}
