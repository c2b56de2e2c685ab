"""A re-index takes over what is known of unchanged blobs, and gives the index of a fresh one."""

import itertools
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.indexing.indexes import SOURCES, blob, retiring_before_the_store
from tests.support.git_server import packet
from tests.support.repositories import Repository


@pytest.fixture
def wanted(git_server):
    """What is wanted of the server by each request for a pack, in order."""
    asked = []

    def watch(exchange):
        if exchange.asks == "pack":
            words = exchange.body.split()
            asked.append(
                {
                    words[at + 1][:40].decode()
                    for at, one in enumerate(words)
                    if one.endswith(b"want")
                }
            )
        exchange.answer(exchange.real_answer())

    git_server.fault = watch
    return asked


@pytest.mark.proves("W21")
def test_only_what_is_new_is_transferred_and_parsed(
    repository, stats_after, wanted, equals_a_fresh_index
):
    first = repository.commit_files(SOURCES)
    stats = stats_after()
    assert (stats["files_reused"], stats["bytes_not_transferred"]) == (0, 0)
    assert wanted == [{first}]
    wanted.clear()
    changed = b"export const b = (n: number) => n * 3;\n"
    second = repository.commit_files({**SOURCES, "src/b.ts": changed}, parent=first)
    stats = stats_after()
    assert wanted == [{second}, {blob(changed)}]
    assert stats["files_indexed"] == 3
    assert stats["files_reused"] == 2
    assert stats["files_skipped"] == {"generated": 1, "gitignored": 1}
    taken = (
        "src/a.ts",
        "src/data.json",
        "src/generated.ts",
        "lib/c.js",
        "package.json",
        ".gitignore",
    )
    assert stats["bytes_not_transferred"] == sum(len(SOURCES[path]) for path in taken)
    equals_a_fresh_index()


def test_what_moved_or_was_copied_is_known_by_its_blob_and_its_ending(
    repository, stats_after, wanted, equals_a_fresh_index
):
    repository.commit_files(SOURCES)
    stats_after()
    moved = {path.replace("src/", "source/"): content for path, content in SOURCES.items()}
    moved["copy/b.ts"] = SOURCES["src/b.ts"]
    repository.commit_files(moved)
    wanted.clear()
    assert stats_after()["files_reused"] == 4
    assert len(wanted) == 1
    # The same bytes under an ending of another language are another file to the parser.
    moved["source/b.js"] = moved.pop("source/b.ts")
    moved["source/b.d.ts"] = moved["source/b.js"]
    repository.commit_files(moved)
    wanted.clear()
    assert stats_after()["files_reused"] == 3
    assert wanted[1:] == [{blob(SOURCES["src/b.ts"])}]
    equals_a_fresh_index()


def test_a_config_that_changes_is_fetched_before_the_files_are_chosen(
    repository, stats_after, wanted, equals_a_fresh_index
):
    repository.commit_files(SOURCES)
    stats_after()
    wanted.clear()
    changed = {**SOURCES, ".gitignore": b"lib\n"}
    repository.commit_files(changed)
    assert stats_after()["files_skipped"] == {"generated": 1, "gitignored": 1}
    assert wanted[1:] == [{blob(b"lib\n")}, {blob(SOURCES["extra/out.ts"])}]
    equals_a_fresh_index()


def test_a_server_that_cannot_leave_blobs_out_sends_all_and_little_is_parsed(
    repository, git_server, stats_after, equals_a_fresh_index
):
    git_server.filters = "false"
    repository.commit_files(SOURCES)
    stats_after()
    repository.commit_files({**SOURCES, "src/b.ts": b"export const b = 1;\n"})
    stats = stats_after()
    assert (stats["files_reused"], stats["bytes_not_transferred"]) == (2, 0)
    equals_a_fresh_index()


@pytest.mark.parametrize(
    "refusal",
    [
        packet(b"ERR upload-pack: not our ref\n"),
        packet(b"ERR no\n"),
        packet(b"nonsense\n") + b"0000",
        packet(b"packfile\n"),
    ],
    ids=["not our ref", "no", "nonsense", "broken off"],
)
def test_a_server_that_hands_out_no_single_blob_is_asked_for_the_whole_commit(
    repository, git_server, stats_after, equals_a_fresh_index, refusal
):
    def refuse(exchange):
        single = exchange.asks == "pack" and b"deepen" not in exchange.body
        exchange.answer(refusal if single else exchange.real_answer())

    repository.commit_files(SOURCES)
    stats_after()
    git_server.fault = refuse
    repository.commit_files({**SOURCES, "src/b.ts": b"export const b = 1;\n"})
    stats = stats_after()
    assert (stats["files_reused"], stats["bytes_not_transferred"]) == (2, 0)
    equals_a_fresh_index()


@pytest.mark.parametrize(("size", "whole"), [(3_100, False), (60_000, True)])
def test_a_new_file_that_is_too_large_is_left_out_once_and_for_all(
    repository, indexing, stats_after, wanted, equals_a_fresh_index, size, whole
):
    indexing.settings = replace(indexing.settings, max_file_bytes=3_000)
    repository.commit_files(SOURCES)
    stats_after()
    wanted.clear()
    noise = bytes(random.Random(7).choices(range(35, 92), k=size))
    large = {**SOURCES, "large.ts": b"//" + noise, "large.json": b'"' + noise + b'"'}
    sha = repository.commit_files(large)
    assert stats_after()["files_skipped"]["too_large"] == 1
    # Blobs beyond all bounds: a server that sends the whole commit leaves them out.
    assert (wanted[-1] == {sha}) is whole
    wanted.clear()
    repository.commit_files({**large, "new.ts": b"export const n = 1;\n"})
    stats = stats_after()
    assert stats["files_skipped"]["too_large"] == 1
    assert wanted[1:] == [{blob(b"export const n = 1;\n")}]
    equals_a_fresh_index()


@pytest.mark.parametrize(
    "damage",
    [
        "content = '\\x00'",
        "content = substring(content FROM 1 FOR octet_length(content) - 1)",
        "content = NULL",
        "trigrams = '\\x00'",
        "trigrams = NULL",
        "made_by = decode(repeat('00', 16), 'hex')",
    ],
)
def test_what_cannot_be_read_or_was_made_by_another_program_counts_as_unknown(
    repository, indexing, stats_after, equals_a_fresh_index, damage
):
    repository.commit_files(SOURCES)
    stats_after()
    indexing.scratch.sql(f"UPDATE kotadb.parsed_blobs SET {damage}")
    repository.commit_files({**SOURCES, "src/b.ts": b"export const b = 1;\n"})
    stats = stats_after()
    assert stats["files_reused"] == 0
    assert stats["files_indexed"] == 3
    # It was learned anew.
    repository.commit_files(SOURCES)
    assert stats_after()["files_reused"] == 2
    equals_a_fresh_index()


def test_texts_that_go_while_they_are_to_be_taken_over_are_read_anew(
    repository, indexing, stats_after, equals_a_fresh_index
):
    repository.commit_files(SOURCES)
    stats_after(ref="main")
    repository.commit_files(SOURCES, ref="refs/heads/topic")
    stats_after(ref="topic")
    repository.commit_files({**SOURCES, "src/b.ts": b"export const b = 1;\n"})
    work, turns = retiring_before_the_store(indexing, "WHERE ref = 'topic'")
    stats = stats_after(work, ref="main")
    assert len(turns) == 2
    assert (stats["files_indexed"], stats["files_reused"]) == (3, 0)
    equals_a_fresh_index()


def known(indexing):
    found = indexing.scratch.sql(
        "SELECT encode(blob_id, 'hex') AS blob_id, read_as FROM kotadb.parsed_blobs"
    )
    return {(row["blob_id"], row["read_as"]) for row in found}


def test_what_no_current_snapshot_holds_goes_with_the_last_that_did(
    repository, indexing, stats_after
):
    only_topic = b"export const topic = 1;\n"
    repository.commit_files(SOURCES)
    stats_after(ref="main")
    assert known(indexing) == {
        *((blob(SOURCES[path]), ".ts") for path in ("src/a.ts", "src/b.ts", "src/generated.ts")),
        (blob(SOURCES["lib/c.js"]), ".js"),
        *(
            (blob(SOURCES[path]), "config")
            for path in ("src/data.json", "package.json", ".gitignore")
        ),
    }
    repository.commit_files(
        {"t.ts": only_topic, "b.ts": SOURCES["src/b.ts"]}, ref="refs/heads/topic"
    )
    stats_after(ref="topic")
    repository.commit_files({"a.ts": SOURCES["src/a.ts"]})
    stats_after(ref="main")
    indexing.scratch.pass_time(indexing.settings.retired_keep_seconds + 1)
    assert indexing.sweep.drop_retired_snapshots() == 1
    held = {(blob(SOURCES["src/a.ts"]), ".ts"), (blob(SOURCES["src/b.ts"]), ".ts")}
    assert known(indexing) == {*held, (blob(only_topic), ".ts")}
    indexing.scratch.sql("DELETE FROM kotadb.repositories")
    assert known(indexing) == set()


FILES = {
    "a.ts": [b'import { b } from "./b";\nexport * from "@lib/c";\nexport const a = b;\n', b""],
    "b.ts": [b"export const b = 1;\nexport default b;\n", b"export function b() { c(); }\n"],
    "lib/c.ts": [b'export { default as d } from "../b";\nexport class C { m() {} }\n'],
    "lib/index.ts": [b'import { C } from "./c";\nexport class D extends C { n() { this.m(); } }\n'],
    "globals.d.ts": [b"declare function c(): void;\ndeclare module 'x' { export const y: 1 }\n"],
    "old.js": [b'const { b } = require("./b");\nexports.old = b;\n', b"// @generated\n"],
    "tsconfig.json": [
        b'{"compilerOptions": {"paths": {"@lib/*": ["./lib/*"]}}}',
        b'{"compilerOptions": {"baseUrl": ".", "paths": {"@lib/c": ["./b"]}}}',
    ],
    "package.json": [b'{"name": "p", "imports": {"#b": "./b.ts"}}', b'{"main": "lib/index.ts"}'],
    ".gitignore": [b"lib\n", b"*.js\n"],
    ".gitattributes": [b"b.ts linguist-generated\n", b"lib/* linguist-vendored\n"],
}
PATHS = [*FILES, "lib/b.ts", "lib/a.d.ts", "c.tsx", "node_modules/x/index.js"]
CONTENTS = [content for contents in FILES.values() for content in contents]
EDITS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(PATHS), st.sampled_from(CONTENTS)),
    st.tuples(st.just("remove"), st.sampled_from(PATHS), st.none()),
    st.tuples(st.just("rename"), st.sampled_from(PATHS), st.sampled_from(PATHS)),
    st.tuples(st.just("copy"), st.sampled_from(PATHS), st.sampled_from(PATHS)),
)
HISTORIES = st.lists(st.lists(EDITS, min_size=1, max_size=4), min_size=2, max_size=4)


def edited(files, edits):
    files = dict(files)
    for kind, path, more in edits:
        if kind == "write":
            files[path] = more
        elif path in files and kind == "remove":
            del files[path]
        elif path in files and kind in {"rename", "copy"}:
            files[more] = files[path]
            if kind == "rename" and more != path:
                del files[path]
    return files


@pytest.mark.proves("W12")
def test_after_any_history_the_index_is_that_of_a_fresh_one(indexing, git_server, work_off, rows):
    numbers = itertools.count()

    @settings(
        max_examples=4,
        database=None,
    )
    @given(HISTORIES)
    def check(history):
        name = f"owner/history-{next(numbers)}"
        repository = Repository.create(git_server.root / name)
        (git_server.root / f"{name}-fresh").symlink_to(repository.path)

        def index(name):
            indexing.enqueue(name, clone_url=git_server.url(name))
            assert set(work_off().values()) <= {"completed"}
            return rows(name)

        files = {path: contents[0] for path, contents in FILES.items()}
        repository.commit_files(files)
        incremental = index(name)
        for edits in history:
            files = edited(files, edits)
            repository.commit_files(files)
            incremental = index(name)
        assert incremental == index(f"{name}-fresh")

    check()
