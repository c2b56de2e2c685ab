"""The command line, run as a person runs it."""

import io
import json
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from tests.local.person import KOTADB
from tests.support.repositories import Repository
from typer.testing import CliRunner

from indexer.database.migrate import known_migrations
from kotadb_local.cli.display import JobProgress
from kotadb_local.cli.main import app
from kotadb_local.postgres.embedded import EmbeddedPostgres


@pytest.mark.proves("Q8", "Q20", "Q19")
def test_the_service_is_used_while_it_runs_and_stops_on_a_signal(newcomer, shop):
    newcomer.up()
    values = newcomer.env()
    health = httpx.get(values["KOTADB_URL"] + "/health").json()
    assert health["status"] == "ok"
    assert "completed" in newcomer.answer("index", shop)
    (symbol,) = json.loads(newcomer.answer("symbols", "total", "--json"))["symbols"]
    assert symbol["path"] == "src/money.ts"
    uses = newcomer.answer("references", "total")
    assert "src/cart.ts:1:10" in uses
    assert "src/cart.ts:2:20" in uses
    needs = newcomer.answer("dependencies", "src/cart.ts", "--repository", "local/shop")
    assert "src/money.ts" in needs
    assert "completed" in newcomer.answer("jobs")
    exported = newcomer.home.parent / "index.jsonl"
    newcomer.answer("export", "local/shop", "--output", exported)
    lines = [json.loads(line) for line in exported.read_text().splitlines()]
    assert {
        "t": "dependency",
        "path": "src/cart.ts",
        "line": 1,
        "specifier": "./money",
        "kind": "import",
        "to": "src/money.ts",
        "package": None,
        "reason": None,
    } in lines
    (call,) = [line for line in lines if line["t"] == "reference" and line["kind"] == "call"]
    assert (call["def_path"], call["def_line"]) == ("src/money.ts", 1)
    tags = exported.with_name("tags")
    newcomer.answer("export", "local/shop", "--format", "ctags", "--output", tags)
    (total,) = [line for line in tags.read_text().splitlines() if line.startswith("total\t")]
    assert total.startswith('total\tsrc/money.ts\t1;"\tkind:function\t')
    index = exported.with_name("index.scip")
    newcomer.answer("export", "local/shop", "--format", "scip", "--output", index)
    assert b"src/`money.ts`/total()." in index.read_bytes()
    assert sorted(one.name for one in exported.parent.glob("*index*")) == [
        "index.jsonl",
        "index.scip",
    ]
    assert newcomer.stop() == 0
    assert "Job queue stopped" in newcomer.logged()
    assert values["KOTADB_API_KEY"] not in newcomer.logged()


@pytest.mark.proves("Q8")
def test_what_stands_in_the_environment_file_is_never_changed(person, shop):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mine = f"# mine\nKOTADB_URL=http://127.0.0.1:{port}\nOTHER='kept'\n"
    person.env_file().write_text(mine)
    person.answer("index", shop)
    text = person.env_file().read_text()
    assert text.startswith(mine)
    assert person.env()["KOTADB_API_KEY"].startswith("kota_team_")
    person.answer("index", shop)
    assert person.env_file().read_text() == text


def test_a_command_starts_the_service_for_itself_where_none_runs(person, shop):
    assert "completed" in person.answer("index", shop)
    assert "money.ts" in person.answer("symbols", "total")
    assert "skipped" in person.answer("index", shop)


def test_a_service_that_is_stopped_while_its_worker_starts_up_logs_no_fault(person):
    person.up()
    assert person.stop() == 0
    entries = [json.loads(line) for line in person.logged().splitlines() if line.startswith("{")]
    assert entries
    assert not [one for one in entries if one.get("level") in {"WARNING", "ERROR"}]


def test_a_person_who_stops_the_service_is_told_how_long_that_may_take(person):
    person.up()
    person.service.send_signal(signal.SIGINT)
    _, said = person.service.communicate(timeout=60)
    assert person.stop() == 0
    told = said.decode().splitlines()[-1]
    assert told == (
        "Stopping: what runs may end within 50 s, the worker gives its jobs back. "
        "Ctrl-C again ends it at once."
    )
    assert "Ctrl-C" not in person.logged()


def test_a_second_start_says_where_the_first_one_answers(person):
    person.up()
    second = person.run("up")
    assert second.returncode == 1
    assert f"running already, at {person.env()['KOTADB_URL']}" in second.stderr.replace("\n", "")


@pytest.mark.proves("Q5", "Q6", "Q9")
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://u:hunter2@127.0.0.1:1/k", "cannot be reached"),
        ("mysql://u:hunter2@127.0.0.1/k", "must begin with postgresql://"),
    ],
)
def test_without_its_database_nothing_starts_and_the_reason_is_said(person, url, said):
    done = person.run("up", DATABASE_URL=url)
    assert done.returncode == 1
    assert said in " ".join(done.stderr.split())
    assert "hunter2" not in done.stdout + done.stderr


def test_a_job_that_fails_is_told_with_its_reason(person, shop):
    done = person.run("index", shop, "--ref", "nowhere")
    assert done.returncode == 1
    assert "failed local/shop at nowhere" in done.stdout
    assert "(ref_not_found)" in done.stdout


def test_retries_beyond_those_of_a_round_are_told_as_such(person, shop, fresh_database):
    """An operator who has a job retried gives it a round of its own; retries are counted on."""
    assert person.run("index", shop, "--ref", "nowhere").returncode == 1
    fresh_database.sql("UPDATE kotadb.index_jobs SET retry_count = 4")
    (job,) = json.loads(person.answer("jobs", "--json"))["jobs"]
    shown = person.answer("jobs", "show", job["id"]).splitlines()
    assert "  retries: 4, at most 3 a round" in shown
    terminal = Console(file=io.StringIO(), width=200)
    failed = {**job, "status": "pending", "next_attempt_at": "2026-01-01T00:00:00Z"}
    with JobProgress(terminal) as progress:
        progress.show(failed)
    assert "; retry 5, at most 3 a round, at 202" in terminal.file.getvalue()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nothing-here", "there is no folder {}/nothing-here"),
        ("empty", "{}/empty is no Git repository"),
        ("shop/src", "{0}/shop/src is a folder of the repository {0}/shop"),
    ],
)
def test_a_path_without_a_repository_is_refused_at_once(person, shop, tmp_path, path, said):
    (tmp_path / "empty").mkdir()
    (shop / "src").mkdir()
    done = person.run("index", tmp_path / path)
    assert done.returncode == 1
    assert said.format(tmp_path) in done.stderr
    assert not person.env_file().exists()


def test_answers_are_lines_that_can_be_clicked(served, shop):
    served.answer("index", shop)
    place, described = served.answer("symbols", "total").splitlines()
    assert place == "function  total  src/money.ts:1:17"
    assert re.fullmatch(r"    \d+-1  function total\(all: number\[\]\)", described)
    assert served.answer("references", "total").splitlines() == [
        "total  function  src/money.ts:1:17",
        "src/cart.ts:1:10  import",
        "src/cart.ts:2:20  call    in sum",
    ]
    assert served.answer("repositories").splitlines()[0] == f"local/shop  {shop}"
    (job,) = json.loads(served.answer("jobs", "--json"))["jobs"]
    first, second = served.answer("jobs").splitlines()
    assert first.startswith("completed  local/shop at ")
    assert second.startswith(f"    {job['id']}  20")
    *_, attempt = served.answer("jobs", job["id"]).splitlines()
    assert re.fullmatch(r"  attempt 1: 20\S+ \S+ to 20\S+ \S+  completed", attempt)


def test_a_list_that_goes_on_behind_its_limit_says_so(served, shop):
    served.answer("index", shop)
    cut = served.run("references", "total", "--limit", "1")
    assert cut.stdout.splitlines()[1:] == ["src/cart.ts:1:10  import"]
    assert cut.stderr.splitlines() == ["there are more; --limit 2 shows them"]
    assert served.run("references", "total", "--limit", "2").stderr == ""
    page = json.loads(served.answer("symbols", "-r", "local/shop", "-n", "1", "--json"))
    assert len(page["symbols"]) == 1
    assert page["next_cursor"]
    whole = json.loads(served.answer("symbols", "-r", "local/shop", "-n", "2", "--json"))
    assert [one["name"] for one in whole["symbols"]] == ["sum", "total"]
    assert whole["next_cursor"] is None


def test_a_job_is_cancelled_and_jobs_are_shown_as_before(person, shop):
    person.environment["WORKER_ENABLED"] = "false"
    person.up()
    job = json.loads(person.answer("index", shop, "--no-wait", "--json"))["jobId"]
    said = person.answer("jobs", "cancel", job).splitlines()
    assert said == ["cancelled local/shop at the default branch", "  It was cancelled. (cancelled)"]
    assert person.answer("jobs", job).startswith("cancelled local/shop")
    for words in (("jobs",), ("jobs", "--status", "cancelled"), ("jobs", "show")):
        assert person.answer(*words).startswith("cancelled  local/shop at the default branch")
    assert "kotadb jobs shows why" in person.answer("repositories")
    again = person.run("jobs", "cancel", job)
    assert (again.returncode, "(job_finished)" in again.stderr) == (1, True)
    assert "(job_not_found)" in person.run("jobs", "cancel", "no-such").stderr


@contextmanager
def indexing_while_paused(person, shop):
    """A command that waits for a job, and the first line that it says of it."""
    person.up()
    person.answer("queue", "pause")
    # Who starts the tests in the background has the interrupt ignored by all that they start.
    heeding = (
        f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {KOTADB[-1]}"
    )
    with subprocess.Popen(
        [*KOTADB[:-1], heeding, "index", str(shop)],
        env=person.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        try:
            yield command, command.stderr.readline()
        finally:
            command.kill()


def test_a_job_that_waits_because_leasing_is_paused_says_so_and_ends_after_it(person, shop):
    with indexing_while_paused(person, shop) as (command, said):
        assert said.startswith("jobs wait: leasing is stopped")
        assert "kotadb queue resume ends a pause" in said
        assert "paused by an operator" in person.answer("queue")
        doctor = person.answer("doctor")
        assert "ok  leasing: stopped since" in doctor
        assert "paused by an operator; kotadb queue resume ends it" in doctor
        person.answer("queue", "resume")
        shown, later = command.communicate(timeout=90)
    assert (command.returncode, shown.split()[0]) == (0, "completed")
    assert "jobs wait" not in later
    assert "leasing" not in person.answer("doctor")


def test_an_interrupt_leaves_a_job_and_says_which_one(person, shop):
    with indexing_while_paused(person, shop) as (command, waits):
        assert waits.startswith("jobs wait"), waits
        command.send_signal(signal.SIGINT)
        shown, said = command.communicate(timeout=90)
    assert (command.returncode, shown) == (130, "")
    (job,) = json.loads(person.answer("jobs", "--json"))["jobs"]
    # An interrupt within a line's printing has it printed again.
    assert said.endswith(
        f"job {job['id']} goes on while a service runs: kotadb jobs show {job['id']} tells how it "
        f"stands, kotadb jobs cancel {job['id']} ends it\n"
    )
    assert person.answer("jobs", "show", job["id"]).startswith("pending local/shop")
    assert person.answer("jobs", "cancel", job["id"]).startswith("cancelled local/shop")


def test_a_repository_is_deleted_when_the_person_says_yes(served, shop):
    served.answer("index", shop)
    refused = served.run("repositories", "delete", "local/shop")
    assert refused.returncode == 1
    assert f"Delete local/shop ({shop})?" in refused.stdout + refused.stderr
    assert served.answer("repositories", "--limit", "1").startswith("local/shop")
    assert "deleted: local/shop" in served.run("repositories", "delete", shop, "--yes").stderr
    assert json.loads(served.answer("repositories", "--json")) == {
        "repositories": [],
        "next_cursor": None,
    }
    gone = served.run("repositories", "delete", "local/shop", "--yes")
    assert (gone.returncode, "kotadb repositories shows what is there" in gone.stderr) == (1, True)
    assert "completed" in served.answer("index", shop)


def test_a_repository_of_a_forge_is_deleted_by_its_name_or_url_in_any_case(person, shop):
    person.environment["WORKER_ENABLED"] = "false"
    person.up()
    person.answer("index", shop, "--no-wait")
    for named in ("ada/engine", "https://github.com/ADA/engine.git"):
        person.answer("index", "Ada/Engine", "--no-wait")
        said = person.run("repositories", "delete", named, "--yes").stderr
        assert "deleted: Ada/Engine (https://github.com/Ada/Engine.git)" in said
    assert person.run("repositories", "delete", "Local/Shop", "--yes").returncode == 1
    assert person.run("repositories", "delete", "local/shop", "--yes").returncode == 0


TEXT = b'\tone("\xc3\xa4");\r\n// \x1b[2J two\n\nexport class Last { run() {} }'


def test_a_file_goes_into_a_pipe_as_it_is_and_to_a_terminal_with_numbers(served, tmp_path):
    repository = Repository.create(tmp_path / "texts")
    repository.commit_files({"a.ts": TEXT, "src/b.cjs": b""})
    served.answer("index", repository.path)
    named = ("-r", "local/texts")
    assert [line.split("  ", 1)[0] for line in served.answer("files", *named).splitlines()] == [
        "a.ts",
        "src/b.cjs",
    ]
    one = served.answer("files", *named, "--path", "a")
    assert " ".join(one.split()) == "a.ts 4 lines 56 bytes"
    assert served.answer("files", *named, "--language", "javascript").startswith("src/b.cjs  ")
    assert served.raw("file", "a.ts", *named) == TEXT
    assert served.raw("file", "a.ts", *named, "--lines", "2-3") == b"// \x1b[2J two\n\n"
    assert served.raw("file", "src/b.cjs", *named) == b""
    shown = served.seen("file", "a.ts", *named, NO_COLOR="1", TERM="dumb")
    assert shown.splitlines() == [
        '1      one("ä");',
        "2  // \\x1b[2J two",
        "3  ",
        "4  export class Last { run() {} }",
    ]
    told = json.loads(served.answer("file", "a.ts", *named, "--lines", "4", "--json"))
    assert (told["text"], told["start_line"]) == ("export class Last { run() {} }", 4)
    assert served.answer("outline", "a.ts", *named).splitlines() == [
        "a.ts",
        "4  class Last  exported",
        "4    method run",
    ]
    assert served.answer("folder", *named).splitlines() == ["a.ts", "src/  1 file"]
    assert served.answer("folder", "src", *named).splitlines() == ["src/b.cjs"]
    assert served.answer("files", *named, "--contains", "B.C").startswith("src/b.cjs  ")
    assert served.answer("occurrences", "a.ts", *named, "--lines", "4").splitlines() == [
        "4:14  class Last",
        "4:21  method run",
    ]
    names = json.loads(served.answer("occurrences", "a.ts", *named, "--json"))
    assert (names["start_line"], names["end_line"], names["next_line"]) == (1, 4, None)
    assert names["occurrences"][-1]["name"] == "run"
    done = served.run("file", "no.ts", *named)
    assert done.returncode == 1
    assert "kotadb files shows which are indexed" in done.stderr


def test_a_file_larger_than_an_answer_is_fetched_in_parts(served, tmp_path):
    large = b"// a line of a file that is long\n" * 30_000
    repository = Repository.create(tmp_path / "texts")
    repository.commit_files(
        {"a.ts": large, "b.ts": b"let a = 1;\n" * 5_000 + b"// " + b"x" * 900_000 + b"\nlast"}
    )
    served.answer("index", repository.path)
    assert served.raw("file", "a.ts", "-r", "local/texts") == large
    assert served.raw("file", "a.ts", "-r", "local/texts", "--lines", "2-29999") == large[33:-33]
    done = served.run("file", "b.ts", "-r", "local/texts", "--lines", "5000-")
    assert (done.returncode, done.stdout[-8:]) == (1, "xxxxlast")
    assert "its end is missing" in done.stderr


def test_callers_are_lines_that_can_be_clicked(served, shop):
    served.answer("index", shop)
    assert served.answer("callers", "total").splitlines() == [
        "total  function  src/money.ts:1:17",
        "src/cart.ts:2:20  call  in sum",
    ]


def test_callees_are_lines_that_can_be_clicked(served, shop):
    served.answer("index", shop)
    assert served.answer("callees", "sum").splitlines() == [
        "sum  constant  src/cart.ts:2:14",
        "src/cart.ts:2:20  call  total  -> src/money.ts:1",
    ]
    assert served.answer("callees", "total", "--nested", "--defined").splitlines()[1:] == [
        "  it calls nothing"
    ]


def test_an_index_without_a_file_says_what_is_indexed(served, tmp_path):
    words = Repository.create(tmp_path / "words")
    words.commit_files({"README.md": b"# Words\n"})
    assert "TypeScript and JavaScript are" in served.answer("index", words.path)


def test_what_a_search_finds_is_shown_below_its_file(served, shop, tmp_path):
    served.answer("index", shop)
    assert served.answer("search", "total").splitlines() == [
        "src/money.ts  local/shop at main",
        "    1:17  function  export function total(all: number[]) { return all.length; }",
        "src/cart.ts  local/shop at main",
        '    1:10  import { total } from "./money";',
        "    2:20  export const sum = total([1]);",
    ]
    # Several arguments are one query.
    assert "export const sum" in served.answer("search", "total", "/sum = /", "path:cart")
    page = json.loads(served.answer("search", "total", "--json", "--limit", "2"))
    assert [one["path"] for one in page["results"]] == ["src/money.ts", "src/cart.ts"]
    other = Repository.create(tmp_path / "shop-two")
    other.commit_files({"a.ts": b"export const total = 1;\n"})
    served.answer("index", other.path)
    assert "a.ts" in served.answer("search", "total")
    for named in ("local/shop", shop):
        assert "a.ts" not in served.answer("search", "total", "-r", named)
    assert "no repository" in served.run("search", "total", "-r", "no/such").stderr
    none = served.run("search", "zebra")
    assert (none.returncode, none.stdout) == (1, "")
    assert "No file holds zebra." in none.stderr
    wrong = served.run("search", "cache /get(/")
    assert wrong.returncode == 1
    assert "cache /get(/\n          ^" in wrong.stderr


def test_a_search_whose_last_page_has_no_results_found_what_the_first_one_had(served, tmp_path):
    # More files than one page reads, and an expression that asks all of them.
    files = {f"f{number:04}.ts": b"// " for number in range(2_010)}
    many = Repository.create(tmp_path / "many")
    many.commit_files(files | {"f0000.ts": b"// ticket1234567"})
    served.answer("index", many.path)
    found = served.run("search", "/[a-z]+[0-9]{7}/")
    assert (found.returncode, found.stderr) == (0, "")
    assert "ticket1234567" in found.stdout
    none = served.run("search", "/[a-z]+[0-9]{8}/")
    assert (none.returncode, none.stdout) == (1, "")
    assert "No line matches" in none.stderr


def test_files_that_import_each_other_are_shown_as_a_way_around(served, tmp_path):
    circle = Repository.create(tmp_path / "circle")
    circle.commit_files({"a.ts": b"import './b';\n", "b.ts": b"import type {} from './a';\n"})
    served.answer("index", circle.path)
    assert served.answer("cycles", "-r", "local/circle").splitlines() == [
        *("2 files", "    a.ts", "    b.ts", "    a.ts"),
    ]
    none = served.answer("cycles", "-r", "local/circle", "--runtime")
    assert "no files import each other in a circle" in none


def test_a_graph_of_imports_is_shown_as_trees_and_written_as_a_picture(served, tmp_path):
    shop = Repository.create(tmp_path / "shop")
    shop.commit_files(
        {
            "src/cart.ts": b"import './money';\nimport './item';\n",
            "src/item.ts": b"import './cart';\nimport './money';\nimport './tax';\n",
            "src/main.ts": b"import './cart';\n",
            "src/money.ts": b"export {};\n",
            "src/tax.ts": b"export {};\n",
        }
    )
    served.answer("index", shop.path)
    asked = ("graph", "src/cart.ts", "-r", "local/shop")
    trees = [
        "src/cart.ts (cycle)",
        "imports",
        "├── src/item.ts (cycle)",
        "│   └── src/tax.ts",
        "└── src/money.ts",
        "is imported by",
        "├── src/item.ts (cycle)",
        "└── src/main.ts",
        "5 files, 6 imports; 2 files in cycles",
    ]
    assert served.answer(*asked).splitlines() == trees
    alone = served.answer("graph", "src/tax.ts", "-r", "local/shop", "--direction", "dependencies")
    assert alone.splitlines() == [
        *("src/tax.ts", "imports: no file of the repository", "1 file, 0 imports"),
    ]
    cut = served.run(*asked, "--limit", "2")
    assert cut.stdout.splitlines()[-1] == "2 files, 2 imports; 2 files in cycles"
    assert "there are more files than are shown" in cut.stderr

    picture, graphviz, told = (tmp_path / f"cart.{one}" for one in ("svg", "gv", "json"))
    for file in (picture, graphviz, told):
        served.answer(*asked, "--output", file)
    assert picture.read_text() == served.answer(*asked, "--format", "svg")
    assert picture.read_text().startswith("<svg ")
    assert '  "src/cart.ts" -> "src/money.ts"' in graphviz.read_text()
    assert len(json.loads(told.read_text())["nodes"]) == 5
    assert json.loads(served.answer(*asked, "--json")) == json.loads(told.read_text())
    lines = tmp_path / "cart.txt"
    served.answer(*asked, "--output", lines)
    assert lines.read_text().splitlines() == trees

    assert served.answer("graph", "-r", "local/shop").splitlines() == [
        *("src  5 files", "1 folder, 0 imports between them"),
    ]
    folders = tmp_path / "folders.svg"
    served.answer("graph", "-r", "local/shop", "--output", folders)
    assert "The imports between the folders of local/shop" in folders.read_text()
    assert served.run("graph", "-r", "local/shop", "--direction", "both").returncode == 2

    missing = served.run("graph", "src/none.ts", "-r", "local/shop", "--output", picture)
    assert missing.returncode == 1
    assert "kotadb files shows which are indexed" in missing.stderr
    assert picture.read_text().startswith("<svg ")
    nowhere = served.run(*asked, "--output", tmp_path / "no" / "folder.svg")
    assert nowhere.returncode == 2
    assert "No such file or directory" in nowhere.stderr
    assert served.run(*asked, "--json", "--format", "dot").returncode == 2
    drawn = served.run(*asked, "--output", tmp_path / "cart.png")
    assert drawn.returncode == 2
    assert "nothing is written as .png" in drawn.stderr
    assert not (tmp_path / "cart.png").exists()


def test_what_a_change_affects_is_shown_with_the_way_to_it(served, shop):
    Repository(shop).commit_files(
        {
            "src/cart.ts": b'import { total } from "./money";\nexport const sum = total([1]);\n',
            "src/money.ts": b"export function total(all: number[]) { return all.length; }\n",
            "src/cart.test.ts": b'import { sum } from "./cart";\nsum;\n',
        }
    )
    served.answer("index", shop)
    assert served.answer("impact", "src/money.ts", "-r", "local/shop").splitlines() == [
        "0  src/money.ts",
        "1  src/cart.ts",
        "    src/cart.ts:1 < src/money.ts",
        "2  src/cart.test.ts (test)",
        "    src/cart.test.ts:1 < src/cart.ts:1 < src/money.ts",
        "3 files, 1 test among them; 0 definitions",
    ]
    symbols = served.answer("impact", "-s", "total", "-r", "local/shop").splitlines()
    assert symbols[-3:-1] == [
        "1  sum  constant  src/cart.ts:2",
        "    src/cart.ts:2 sum < src/money.ts total",
    ]
    tests = ("impact", "src/money.ts", "README.md", "-r", "local/shop", "--tests")
    refused = served.run(*tests)
    assert (refused.returncode, "README.md" in refused.stderr) == (1, True)
    assert "--skip-unknown goes on without" in " ".join(refused.stderr.split())
    passed = served.run(*tests, "--skip-unknown")
    assert (passed.stdout, passed.stderr) == ("src/cart.test.ts\n", "not indexed: README.md\n")


def test_what_is_imported_from_outside_and_what_from_nowhere_is_shown(served, tmp_path):
    outside = Repository.create(tmp_path / "outside")
    outside.commit_files(
        {
            "a.ts": b'import "react/jsx";\nimport "fs";\nimport "./gone";\n',
            "b.ts": b'import "react";\n',
        }
    )
    served.answer("index", outside.path)
    named = ("-r", "local/outside")
    assert served.answer("packages", *named).splitlines() == ["2  react", "1  fs  of the runtime"]
    assert served.answer("packages", "react", *named).splitlines() == [
        *("a.ts:1:8  react/jsx", "b.ts:1:8  react"),
    ]
    missing = served.run("packages", "vue", *named)
    assert (missing.returncode, "kotadb packages shows" in missing.stderr) == (1, True)
    counts = "file_not_found: 1 import in 1 file"
    assert served.answer("unresolved", *named).splitlines() == [
        *("a.ts:3:8  ./gone  (file_not_found)", counts),
    ]
    assert served.answer("unresolved", *named, "--reason", "not_code").splitlines() == [counts]
    told = json.loads(served.answer("unresolved", *named, "--path", "b", "--json"))
    assert told == {"reasons": [], "unresolved": [], "next_cursor": None}


def test_a_place_that_another_command_shows_leads_to_its_definition(served, shop):
    served.answer("index", shop)
    (use,) = [one for one in served.answer("references", "total").splitlines() if "call" in one]
    place = use.split()[0]
    assert served.answer("definition", place, "-r", "local/shop").splitlines() == [
        "total  function  src/money.ts:1:17",
        "    function total(all: number[])",
    ]
    nowhere = served.run("definition", "src/money.ts:1:53", "-r", "local/shop")
    assert (nowhere.returncode, nowhere.stdout) == (
        *(1, "length leads to nothing that is indexed (external)\n"),
    )
    wrong = ("src/cart.ts", "a.ts:2", "a.ts:2:0", "a.ts:0:2", ":2:1", f"a.ts:{2**31}:1")
    for place in (*wrong, f"a.ts:{'9' * 5_000}:1"):
        done = served.run("definition", place, "-r", "local/shop", COLUMNS="200")
        assert done.returncode == 2
        assert "lines and columns count from 1" in done.stderr
    for command in ("definition", "hover"):
        missing = served.run(command, "src/cart.ts:1:1", "-r", "local/shop")
        assert missing.returncode == 1
        assert missing.stderr == (
            "error: No name that leads anywhere stands at src/cart.ts:1:1. Lines and columns count "
            "from 1, columns in UTF-16 code units. (name_not_found)\n"
        )


def test_a_hover_shows_a_definition_with_its_uses_and_a_parameter_with_its_line(served, shop):
    served.answer("index", shop)
    assert served.answer("hover", "src/cart.ts:2:20", "-r", "local/shop").splitlines() == [
        "total  function  src/money.ts:1:17",
        *("    function total(all: number[])", "    2 uses"),
    ]
    assert served.answer("hover", "src/money.ts:1:49", "-r", "local/shop").splitlines() == [
        "all  local  src/money.ts:1",
        "    export function total(all: number[]) { return all.length; }",
    ]
    nowhere = served.run("hover", "src/money.ts:1:53", "-r", "local/shop")
    assert (nowhere.returncode, nowhere.stdout) == (
        *(1, "length leads to nothing that is indexed (external)\n"),
    )


def test_types_are_shown_with_those_above_and_below_them(served, tmp_path):
    shapes = Repository.create(tmp_path / "shapes")
    shapes.commit_files(
        {
            "a.ts": b"export interface Named {}\nexport class Base implements Named {}\n",
            "b.ts": b"import { Base } from './a';\nexport class Circle extends Base {}\n"
            b"export default () => class extends Circle {}\n"
            b"class View extends React.Component {}\n",
        }
    )
    served.answer("index", shapes.path)
    assert served.answer("hierarchy", "Base").splitlines() == [
        "Base  class  a.ts:2:14",
        *("above it:", "  Base implements Named  a.ts:1:18"),
        *("below it:", "  Circle extends Base  b.ts:2:14"),
        "    a class without a name extends Circle  b.ts:3:36",
    ]
    assert served.answer("hierarchy", "View", "--direction", "both").splitlines()[1:] == [
        *("above it:", "  View extends Component  (external)"),
        *("below it:", "  nothing extends or implements it"),
    ]


def test_exports_are_shown_with_what_they_mean(served, tmp_path):
    package = Repository.create(tmp_path / "package")
    package.commit_files(
        {
            "src/index.ts": b"export * from './all';\nexport * from 'left-pad';\n"
            b"export { one as first } from './one';\nexport * as ones from './one';\n",
            "src/all.ts": b"export * from './one';\n",
            "src/one.ts": b"export const one = 1;\n",
            "src/open.js": b"exports[name] = 1;\n",
        }
    )
    served.answer("index", package.path)
    assert served.answer("exports", "src/open.js", "-r", "local/package").splitlines() == [
        "src/open.js  0 names",
        "and other names (not_static)  src/open.js:1:1",
    ]
    assert served.answer("exports", ".", "-r", "local/package").splitlines() == [
        "src/index.ts  3 names",
        "    first  constant  src/one.ts:1:14",
        "    one    constant  src/one.ts:1:14  via src/all.ts",
        "    ones   src/one.ts:1",
        "and what left-pad exports (external_package)  src/index.ts:2:15",
    ]
    cut = served.answer("exports", "src", "-r", "local/package", "-n", "2").splitlines()
    assert cut[2:4] == [
        "    one    constant  src/one.ts:1:14  via src/all.ts",
        "    and more: --limit",
    ]
    whole = json.loads(served.answer("exports", "src", "-r", "local/package", "--json"))
    assert [one["name"] for one in whole["exports"]] == ["first", "one", "ones"]


def test_what_nothing_uses_is_shown_with_what_there_is_of_it(served, tmp_path):
    package = Repository.create(tmp_path / "package")
    package.commit_files(
        {
            "index.ts": b"import { imported } from './lib';\nexport { listed } from './lib';\n",
            "lib.ts": b"export const imported = 1;\nexport const listed = 1;\nconst own = 1;\n",
            "page.ts": b"export function page() {}\n",
        }
    )
    served.answer("index", package.path)
    listed = ["lib.ts:2:14  constant  listed  (1 export list)"]
    others = [
        "lib.ts:1:14  constant  imported  (1 import)",
        "page.ts:1:17  function  page  (nothing imports its file)",
    ]
    shown = served.answer("unused", "-r", "local/package").splitlines()
    assert sorted(" ".join(line.split()) for line in shown) == sorted(
        " ".join(line.split()) for line in (*listed, *others)
    )
    less = served.answer("unused", "-r", "local/package", "--entry", "index.ts", "--all")
    assert [line.split()[2] for line in less.splitlines()] == ["imported", "own", "page"]
    entries = ("--entry", "index.ts", "--entry", "page.ts")
    least = served.answer("unused", "-r", "local/package", *entries)
    assert [line.split()[2] for line in least.splitlines()] == ["imported"]
    whole = json.loads(
        served.answer("unused", "-r", "local/package", "--kind", "function", "--json")
    )
    assert [one["symbol"]["name"] for one in whole["unused"]] == ["page"]


@pytest.mark.parametrize(
    ("words", "looked_at"),
    [
        ((), "exported definitions but members"),
        (("--all",), "definitions but members"),
        (("--kind", "enum_member"), "definitions of the kind enum member"),
        (
            ("--kind", "class", "--path", "./src/"),
            "exported definitions of the kind class, in files whose path begins with src/",
        ),
    ],
)
def test_that_nothing_is_unused_is_said_of_what_was_looked_at(served, shop, words, looked_at):
    served.answer("index", shop)
    shown = served.answer("unused", "-r", "local/shop", "--entry", "src/cart.ts", *words)
    assert shown == f"nothing is known to be unused; looked at: {looked_at}\n"


def test_an_ambiguous_name_is_answered_with_ids_to_choose_from(served, tmp_path):
    twins = Repository.create(tmp_path / "twins")
    twins.commit_files({"a.ts": b"export const one = 1;\n", "b.ts": b"export const one = 2;\n"})
    served.answer("index", twins.path)
    done = served.run("references", "one", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.search(r"take one by its id: kotadb references \d+-0", done.stderr)
    assert "more" not in done.stderr


def test_a_name_means_a_type_where_a_hierarchy_is_asked_for(served, tmp_path):
    kinds = Repository.create(tmp_path / "kinds")
    kinds.commit_files(
        {
            "a.ts": b"class Base {}\nexport class Disc extends Base {}\n",
            "b.ts": b'export enum Kind { Disc = "disc" }\n',
        }
    )
    served.answer("index", kinds.path)
    assert "Disc extends Base  a.ts:1:7" in served.answer("hierarchy", "Disc")
    assert "several symbols" in served.run("references", "Disc").stderr


def test_a_function_with_overloads_is_one_that_its_name_means(served, tmp_path):
    shop = Repository.create(tmp_path / "overloads")
    lines = (
        b"export function parse(one: string): string;\n",
        b"export function parse(one: number): number;\n",
        b"export function parse(one: any): any { return one; }\n",
    )
    shop.commit_files(
        {"parse.ts": b"".join(lines), "use.ts": b'import { parse } from "./parse";\nparse(1);\n'}
    )
    served.answer("index", shop.path)
    assert "use.ts:2:1" in served.answer("references", "parse", "-r", "local/overloads")
    assert "use.ts" in served.answer("callers", "parse", "-r", "local/overloads")


def test_of_more_ambiguous_names_than_are_shown_it_is_told_how_to_see_them(served, tmp_path):
    many = Repository.create(tmp_path / "many")
    many.commit_files({f"m{no:02}.ts": b"export const setup = 1;\n" for no in range(21)})
    served.answer("index", many.path)
    done = served.run("callers", "setup", "-r", "local/many")
    assert (done.returncode, done.stdout) == (1, "")
    assert sum("m19.ts" in line for line in done.stderr.splitlines()) == 1
    assert "m20.ts" not in done.stderr
    assert (
        "there are more than these 20: kotadb symbols setup finds them, "
        "by --path and --repository too"
    ) in done.stderr
    found = served.answer("symbols", "setup", "--path", "m20", "--repository", "local/many")
    assert "m20.ts" in found


def test_text_of_a_repository_gives_the_terminal_no_orders(served, tmp_path):
    hostile = Repository.create(tmp_path / "hostile")
    hostile.commit_files({"a.ts": b'export class A { "\x1b[2J\xc2\x9b1m:smile:[red]" = 1 }\n'})
    served.answer("index", hostile.path)
    shown = served.answer("symbols", "--repository", "local/hostile", "--kind", "property")
    assert "A.\\x1b[2J\\x9b1m:smile:[red]  a.ts:1:" in shown
    assert "\x1b" not in shown
    (symbol,) = json.loads(
        served.answer("symbols", "-r", "local/hostile", "--kind", "property", "--json")
    )["symbols"]
    assert symbol["name"] == "\x1b[2J\x9b1m:smile:[red]"


def test_a_command_that_comes_while_another_one_serves_is_waited_for(person, shop, tmp_path):
    """The first one's service is there for the second too, until that has what it came for."""
    other = Repository.create(tmp_path / "other")
    other.commit_files({f"f{number}.ts": b"export const x = 1;\n" for number in range(300)})
    commands = [
        subprocess.Popen(
            [*KOTADB, "index", str(path)],
            env=person.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for path in (shop, other.path, shop)
    ]
    said = [command.communicate(timeout=90)[0] for command in commands]
    assert [command.returncode for command in commands] == [0, 0, 0], said


def test_errors_say_what_to_do_next(served):
    done = served.run("symbols", "x", "--repository", "no/such")
    assert done.returncode == 1
    assert "(repository_not_found)" in done.stderr
    assert "kotadb repositories shows what is there" in done.stderr


def test_errors_name_what_a_person_wrote_and_no_field_of_the_api(served, shop):
    served.answer("index", shop)
    of_shop = ("-r", "local/shop")
    changed = served.run("impact", "nope.ts", *of_shop).stderr.splitlines()[0]
    assert changed == (
        "error: Not in the index of this commit: nope.ts. Symbols are named by their ids of this "
        "commit, or by their names. (change_not_found)"
    )
    for command, what in (
        *((name, "file") for name in ("dependencies", "exports", "file", "graph", "outline")),
        ("folder", "file in a folder"),
    ):
        (missing, *_) = served.run(command, "no/such\x1b.ts", *of_shop).stderr.splitlines()
        assert f"There is no indexed {what} with the path no/such\\x1b.ts. (" in missing
    entry = served.run("unused", "--path", "src", "--entry", "nope.ts", *of_shop).stderr
    assert "There is no indexed file with the path nope.ts." in entry
    (long,) = served.run("outline", "a" * 5_000, *of_shop).stderr.splitlines()
    assert long == "error: path: String should have at most 4096 characters. (validation_failed)"


@pytest.mark.parametrize("command", ["symbols", "unused"])
def test_a_kind_that_there_is_not_is_told_with_those_that_there_are(person, command):
    done = person.run(command, "-r", "local/shop", "--kind", "bad", COLUMNS="400")
    assert done.returncode == 2
    assert "'--kind': 'bad' is not one of 'function', 'class', " in done.stderr
    assert not person.env_file().exists()


HEAVY = ["pydantic", "boto3", "aws_lambda_powertools.event_handler", "tree_sitter", "dulwich"]
OF_A_START = ["kotadb_local.launch", "pg8000", "psycopg", "yaml"]


@pytest.mark.parametrize(
    ("module", "without"),
    [
        ("main", [*HEAVY, *OF_A_START, "kotadb_local.cli.queries"]),
        *((module, [*HEAVY, *OF_A_START]) for module in ("queries", "jobs", "repositories")),
    ],
)
def test_a_command_starts_without_what_others_need(module, without):
    program = (
        f"import sys, kotadb_local.cli.{module}\n"
        f"print([name for name in {without} if name in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert shown.stdout == "[]\n"


def test_the_version_is_shown(person):
    assert person.answer("--version").startswith("kotadb ")


def test_a_key_is_printed_once_and_works(person):
    person.up()
    key = person.answer("key", "create", "bob@example.com", "--tier", "solo").strip()
    url = person.env()["KOTADB_URL"]
    answer = httpx.get(url + "/jobs", headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.json()["jobs"]) == (200, [])
    assert answer.headers["X-RateLimit-Limit"] == "1000"


def test_a_key_of_this_machine_is_replaced(person):
    person.up()
    old = person.env()["KOTADB_API_KEY"]
    done = person.run("key", "rotate", "--overlap", "0", "--name", "anew")
    assert done.returncode == 0, done.stderr
    assert "KOTADB_API_KEY" in done.stderr
    url, new = person.env()["KOTADB_URL"], done.stdout.strip()
    assert person.env()["KOTADB_API_KEY"] == old

    def status(key):
        return httpx.get(url + "/jobs", headers={"Authorization": f"Bearer {key}"}).status_code

    assert (status(old), status(new)) == (401, 200)
    old_line, new_line = person.answer("key", "list").splitlines()
    assert "  ended " in old_line
    assert "  since " in new_line
    assert new not in person.logged()


def test_the_administration_of_this_machine_opens_with_the_key_that_was_written(person):
    person.up()
    values = person.env()
    asked = f"{values['KOTADB_URL']}/admin/queue"
    opened = httpx.get(asked, headers={"Authorization": f"Bearer {values['KOTADB_ADMIN_KEY']}"})
    assert (opened.status_code, opened.json()["depth"]) == (200, 0)
    assert httpx.get(asked).status_code == 401
    tenants = {"Authorization": f"Bearer {values['KOTADB_API_KEY']}"}
    assert httpx.get(asked, headers=tenants).status_code == 403
    assert values["KOTADB_ADMIN_KEY"] not in person.logged()
    person.stop()
    assert person.env() == values


def test_too_short_an_admin_key_is_told_at_the_start(person):
    done = person.run("key", "list", ADMIN_API_KEY="secret")
    assert done.returncode == 1
    assert "openssl rand -hex 32" in done.stderr
    assert "secret" not in done.stderr


@pytest.mark.proves("D13")
def test_the_schema_is_moved_up_and_down(newcomer):
    assert "applied: 0001_roles_and_schemas" in newcomer.answer("migrate")
    assert "nothing to do" in newcomer.answer("migrate")
    last = known_migrations()[-1]
    below = str(last.version - 1)
    assert f"undone: {last.name}" in newcomer.answer("migrate", "--down-to", below, "--yes")
    assert f"{last.name}: not applied" in newcomer.answer("migrate", "--show")
    assert "lacks 1 migration\n" in newcomer.run("doctor").stdout


def test_the_sweep_says_what_it_moved(person):
    assert "leases lost: 0" in person.answer("sweep")


def test_an_operators_answers_alone_go_to_the_standard_output(newcomer):
    made = newcomer.answer("seed").splitlines()
    assert [line.split("@")[0] for line in made] == ["free", "solo", "team"]
    failed = json.loads(newcomer.answer("failed", "--json"))["jobs"]
    retried = newcomer.answer("retry", failed[0]["id"])
    assert retried.splitlines() == ["Job requeued for retry"]
    cancelled = newcomer.answer("queue", "cancel", failed[0]["id"])
    assert cancelled.splitlines() == [f"{failed[0]['id']}  cancelled"]
    swept = newcomer.answer("sweep")
    assert all(re.fullmatch(r"[a-z ]+: \d+", line) for line in swept.splitlines()), swept
    assert json.loads(newcomer.answer("queue", "--json"))["depth"] == 0


def test_the_doctor_finds_nothing_wrong_with_a_running_service(person):
    person.up()
    said = person.answer("doctor")
    assert "bad" not in said
    assert f"answers at {person.env()['KOTADB_URL']}" in said


@pytest.mark.parametrize(
    "command",
    [
        *("up", "demo", "index", "repositories", "jobs", "symbols", "references", "dependencies"),
        *(
            "files",
            "file",
            "outline",
            "callers",
            "callees",
            "definition",
            "cycles",
            "search",
            "mcp",
        ),
        *("hover", "hierarchy", "exports", "unused", "impact", "folder", "occurrences"),
        *("packages", "unresolved", "graph"),
        *("key", "user", "org", "failed", "retry", "seed", "audit"),
        *("migrate", "sweep", "export", "reset", "doctor"),
    ],
)
def test_every_command_explains_itself(command):
    shown = CliRunner().invoke(app, [command, "--help"], prog_name="kotadb")
    assert shown.exit_code == 0
    assert f"Usage: kotadb {command}" in shown.output


def test_a_person_is_told_of_every_command(person):
    shown = person.answer("--help")
    assert "Usage: kotadb" in shown
    assert all(command in shown for command in ("up", "index", "symbols", "doctor"))


def test_a_reset_takes_the_key_that_it_made_out_of_the_environment_file(person):
    kept = Path(person.environment["KOTADB_ENV_FILE"])
    kept.write_text('NODE_ENV=test\nexport KOTADB_API_KEY="kota_of_before"\nPORT=9\n')
    kept.chmod(0o644)
    person.home.mkdir(exist_ok=True)
    (person.home / "api-key").write_text("kota_of_before\n")
    done = person.run("reset", "--yes")
    assert done.returncode == 0
    assert "KOTADB_API_KEY" not in done.stderr
    assert not person.home.exists()
    assert kept.read_text() == "NODE_ENV=test\nPORT=9\n"


def test_a_reset_is_refused_while_the_service_runs_and_takes_nothing_away(served):
    kept = Path(served.environment["KOTADB_ENV_FILE"])
    before = kept.read_text()
    assert "KOTADB_API_KEY" in before
    done = served.run("reset", "--yes")
    assert done.returncode == 1
    assert "the service runs at http://127.0.0.1:" in done.stderr
    assert "stop it first" in done.stderr
    assert kept.read_text() == before
    assert (served.home / "api-key").exists()
    assert served.run("repositories").returncode == 0


def test_a_reset_that_finds_the_data_in_use_leaves_the_key(person):
    kept = Path(person.environment["KOTADB_ENV_FILE"])
    kept.write_text("KOTADB_API_KEY=kota_of_before\n")
    person.home.mkdir(exist_ok=True)
    (person.home / "api-key").write_text("kota_of_before\n")
    with EmbeddedPostgres(person.home).session():
        done = person.run("reset", "--yes")
        assert done.returncode == 1
        assert "in use" in done.stderr
        assert kept.read_text() == "KOTADB_API_KEY=kota_of_before\n"
        assert (person.home / "api-key").exists()
    assert person.run("reset", "--yes").returncode == 0


def test_a_reset_leaves_a_key_that_somebody_else_wrote_and_says_so(person):
    kept = Path(person.environment["KOTADB_ENV_FILE"])
    kept.write_text("KOTADB_API_KEY=kota_of_another\n")
    person.home.mkdir(exist_ok=True)
    (person.home / "api-key").write_text("kota_of_before\n")
    done = person.run("reset", "--yes")
    assert done.returncode == 0
    assert "KOTADB_API_KEY in person.env was not made here" in done.stderr
    assert not person.home.exists()
    assert kept.read_text() == "KOTADB_API_KEY=kota_of_another\n"
    kept.unlink()
    assert "KOTADB_API_KEY" not in person.run("reset", "--yes").stderr


def test_a_wrong_option_is_a_usage_error(person):
    assert person.run("symbols", "--nonsense").returncode == 2
