import time
from contextlib import closing
from dataclasses import replace

import pytest
from tests.support.processes import children_of_sandbox
from tests.support.repositories import Repository

from indexer.indexing.facts_spool import unpacked_facts
from indexer.indexing.parse_child import Failed, FileToParse, Parsed, Skipped
from indexer.indexing.parse_pool import ParsePool, ParserUnusable
from indexer.indexing.texts import unpacked
from indexer.settings import MEBIBYTE, Settings

SETTINGS = Settings(parse_processes=2, parse_file_seconds=20.0)
MISBEHAVING = "tests.support.parsers:serve"


class Enough(Exception):
    """What a check raises."""


def nothing():
    """A check that never objects."""


@pytest.fixture
def files(tmp_path):
    """Makes what a fetch leaves, with files of these paths; what there is to parse."""

    def make(*paths, **contents):
        repository = Repository.create(tmp_path / "repository")
        everything = {
            **{path: f"export const n{no} = {no};\n".encode() for no, path in enumerate(paths)},
            **{name.replace("_", "."): content for name, content in contents.items()},
        }
        todo = [
            FileToParse(number, path, repository.blob(content))
            for number, (path, content) in enumerate(everything.items())
        ]
        repository.write("commit", b"so that there is a pack")
        repository.pack()
        return todo

    return make


@pytest.fixture
def pool(tmp_path):
    def make(*, target=MISBEHAVING, **changes):
        return ParsePool(
            tmp_path / "repository",
            replace(SETTINGS, **changes),
            base_bytes=MEBIBYTE,
            target=target,
        )

    return make


def answers(pool, todo, check=nothing):
    with closing(pool.parse(todo, check)) as told:
        return sorted(outcome.answer for outcome in told)


def outcomes(pool, todo):
    return {
        todo[one.number].path: one.reason if isinstance(one, Failed | Skipped) else "parsed"
        for one in answers(pool, todo)
    }


@pytest.mark.proves("W4", "W21")
def test_every_file_is_answered_exactly_once(files, pool):
    todo = files(*(f"src/{number}.ts" for number in range(70)))
    told = answers(pool(target="indexer.indexing.parse_child:serve"), todo)
    assert [one.number for one in told] == list(range(70))
    for one in told:
        assert isinstance(one, Parsed)
        facts = unpacked_facts(one.facts)
        assert [symbol.name for symbol in facts.symbols] == [f"n{one.number}"]
    assert not children_of_sandbox()


def test_nothing_to_parse_starts_nothing(files, pool):
    assert answers(pool(), files()) == []


@pytest.mark.proves("W14")
def test_a_file_that_kills_hangs_or_swells_its_parser_costs_that_file_alone(files, pool, log_lines):
    good = [f"good/{number}.ts" for number in range(20)]
    todo = files("a/crash.ts", *good[:7], "b/hang.ts", "b/swell.ts", *good[7:], "c/exit.ts")
    told = outcomes(pool(parse_file_seconds=1.0), todo)
    assert {path for path in told if told[path] == "parsed"} == set(good)
    assert told["a/crash.ts"] == "parser_crashed"
    assert told["b/hang.ts"] == "parser_timed_out"
    assert told["b/swell.ts"] == "parser_out_of_memory"
    assert told["c/exit.ts"] == "parser_crashed"
    assert not children_of_sandbox()
    # The log leads to the file by its blob and does not name it.
    logged = [line for line in log_lines() if line["message"] == "a file could not be parsed"]
    assert {line["blob_id"] for line in logged} <= {file.blob_id for file in todo}
    assert len(logged) == 4
    assert "hang.ts" not in str(log_lines())


@pytest.mark.proves("W14")
def test_the_text_of_a_file_that_killed_its_parser_is_read_all_the_same(files, pool):
    todo = files("good.ts", crash_ts=b"let a = 1;\nlet b = 2;\n", lie_ts=b"let c = 3;\n")
    good, crashed, lied = answers(pool(), todo)
    assert unpacked(good.text.content, file_bytes=100) == b"export const n0 = 0;\n"
    assert (crashed.reason, crashed.byte_size, crashed.line_count) == ("parser_crashed", 22, 3)
    assert unpacked(crashed.text.content, file_bytes=100) == b"let a = 1;\nlet b = 2;\n"
    # A child that cannot even say what it was asked for is asked twice and no more.
    assert (lied.reason, lied.text) == ("parser_crashed", None)


@pytest.mark.proves("W14")
def test_however_many_files_kill_their_parser_the_others_are_parsed(files, pool):
    bad = [f"a/crash{number}.ts" for number in range(24)]
    told = outcomes(pool(), files(*bad, "z/good.ts"))
    assert told == {**dict.fromkeys(bad, "parser_crashed"), "z/good.ts": "parsed"}


def test_a_child_that_answers_for_another_file_is_not_believed(files, pool):
    todo = files("a.ts", "b/lie.ts", "c.ts")
    assert outcomes(pool(parse_processes=1), todo) == {
        "a.ts": "parsed",
        "b/lie.ts": "parser_crashed",
        "c.ts": "parsed",
    }


def test_a_machine_on_which_no_parser_works_is_not_blamed_on_the_files(files, pool):
    with pytest.raises(ParserUnusable):
        answers(pool(target="tests.support.parsers:serve_nothing"), files("a.ts", "b.ts"))
    assert not children_of_sandbox()


def test_a_memory_limit_below_what_any_parser_needs_is_the_machines_fault(files, pool):
    with pytest.raises(ParserUnusable):
        answers(pool(parse_memory_bytes=8 * MEBIBYTE), files("a.ts"))


@pytest.mark.proves("W8")
def test_what_the_check_raises_ends_every_child_and_thread(files, pool):
    todo = files("a/hang.ts", *(f"b/{number}.ts" for number in range(40)), "c/hang.ts")
    began = time.monotonic()

    def check():
        raise Enough

    with pytest.raises(Enough):
        answers(pool(parse_file_seconds=60.0), todo, check)
    assert time.monotonic() - began < 20
    assert not children_of_sandbox()


@pytest.mark.proves("W8")
def test_whoever_breaks_off_leaves_no_child_behind(files, pool):
    todo = files(*(f"b/{number}.ts" for number in range(200)))
    with closing(pool().parse(todo, nothing)) as told:
        next(told)
        assert children_of_sandbox()
    assert not children_of_sandbox()


def test_what_the_content_says_is_skipped_or_failed_with_its_reason(files, pool):
    todo = files(
        "a.ts",
        pointer_ts=b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        large_ts=b"//" + b"x" * 2_000,
        binary_ts=bytes(range(256)) * 2 + bytes(200),
    )
    todo.append(FileToParse(len(todo), "missing.ts", "f" * 40))
    assert outcomes(pool(max_file_bytes=1_000), todo) == {
        "a.ts": "parsed",
        "pointer.ts": "lfs_pointer",
        "large.ts": "too_large",
        "binary.ts": "binary",
        "missing.ts": "too_large",
    }
