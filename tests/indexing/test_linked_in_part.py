"""Of a commit a part is linked, as far as its changes reach; the index is that of a fresh one."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.indexing.indexes import SOURCES, blob, retiring_before_the_store
from tests.support.repositories import Repository
from tests.support.waiting import eventually

from indexer.indexing import beside
from indexer.indexing.standing import packed_links, unpacked_links

WORKSPACE = {
    "package.json": [b'{"name": "root", "private": true, "workspaces": ["packages/*"]}'],
    "a.ts": [
        b"export const a = 1;\n",
        b"export const a = 1;\nexport function aa() {}\nexport class A { b() { aa(); } }\n",
        b"",
    ],
    "packages/shop/package.json": [
        b'{"name": "shop", "exports": {".": "./index.ts", "./till": "./till.ts"}}'
    ],
    "packages/shop/index.ts": [
        b'export * from "./cart";\nexport { Coin as Money } from "./coin";\n',
        b'export { Cart } from "./cart";\nexport * from "./coin";\nexport const line = 1;\n',
    ],
    "packages/shop/cart.ts": [
        (
            b'import { Coin } from "./coin";\nimport { z } from "zod";\n'
            b"export class Cart { coins: Coin[] = []; pay() { z.any(); return this.coins[0]; } }\n"
        ),
        (
            b'import { Coin } from "./coin";\nimport { y } from "yup";\n/** More. */\n'
            b"export interface Basket { size: number }\n"
            b"export class Cart { coins: Coin[] = []; pay() { y.any(); return this.coins[1]; } }\n"
        ),
        b"export class Cart { pay() { return this; } empty() {} }\n",
        b"",
    ],
    "packages/shop/coin.ts": [
        b"export class Coin { value = 1; spend() { return this.value; } }\n",
        b"// A line more.\nexport class Coin { value = 2; spend() { return this.value; } }\n",
        b"export class Coin { worth = 1; spend() { return this; } toss() {} }\n",
    ],
    "packages/shop/till.ts": [
        b'import { Cart } from "./index";\nexport const till = new Cart();\ntill.pay().spend();\n',
        b'import { Cart } from "./index";\nimport { z } from "zod";\nz.array(Cart);\n',
    ],
    "clock.ts": [
        b'import { format } from "dates";\nexport function now() { return format(1); }\n',
        b'import { format, zone } from "dates";\nexport const now = () => format(zone);\n',
    ],
    "clock.test.ts": [b'import { now } from "./clock";\nnow();\nbeep();\n', b"beep();\n"],
    "globals.d.ts": [
        b"declare function beep(): void;\n",
        b"declare function beep(): void;\ndeclare function honk(): void;\n",
    ],
    "odd.js": [
        b'const clock = require("./clock");\nrequire("./logo.svg");\nmodule.exports = clock;\n',
        b"honk(\n",
    ],
    **{f"far/{at}.ts": [f"export const far{at} = {at};\n".encode()] for at in range(12)},
}
# Paths that are nobody's at first, and may be asked for.
UNTAKEN = ["b.ts", "packages/shop/cart/index.ts", "packages/shop/a.tsx", "z.ts", "logo.svg"]
# Of the far ones, which are there so that most files are not reached, one is enough.
MOVING = [path for path in sorted(WORKSPACE) if not path.startswith("far/")] + ["far/0.ts"]
REWRITES = st.lists(
    st.lists(
        st.tuples(st.sampled_from(MOVING), st.sampled_from([None, "", *UNTAKEN])),
        min_size=1,
        max_size=3,
    ),
    min_size=2,
    max_size=4,
)


def rewritten(files, changes, random):
    """Some files rewritten (None), gone ("") or at another path; manifests are only rewritten.

    Of some that go, those that ask for their names get a comment more, and look as before.
    """
    files = dict(files)
    for path, change in changes:
        if path not in files or change is None or path.endswith(".json"):
            files[path] = random.choice(WORKSPACE[path])
            continue
        content = files.pop(path)
        if change:
            files[change] = content
        if random.random() < 0.5:
            files |= commented(files, path)
    return files


def commented(files, path):
    """Those that ask for the name of `path`, with a comment more each."""
    asked = f'/{path.rpartition("/")[2].partition(".")[0]}"'.encode()
    return {one: b"// More.\n" + content for one, content in files.items() if asked in content}


@pytest.mark.proves("W12")
def test_after_any_change_of_files_what_was_not_linked_again_is_as_if_it_had_been(
    indexing, git_server, work_off, rows
):
    numbers, linked = itertools.count(), []

    @settings(
        max_examples=8,
        database=None,
    )
    @given(REWRITES, st.randoms(use_true_random=False))
    def check(history, random):
        name = f"owner/rewritten-{next(numbers)}"
        repository = Repository.create(git_server.root / name)
        (git_server.root / f"{name}-fresh").symlink_to(repository.path)

        def index(name):
            job_id = indexing.enqueue(name, clone_url=git_server.url(name)).job_id
            assert set(work_off().values()) <= {"completed"}
            return indexing.job(job_id)["stats"]["files_linked"]

        files = {path: contents[0] for path, contents in WORKSPACE.items()}
        repository.commit_files(files)
        every = index(name)
        for number, changes in enumerate(history):
            files = rewritten(files, changes, random) | {"README.md": f"{number}".encode()}
            repository.commit_files(files)
            linked.append(index(name) < every / 2)
        assert index(f"{name}-fresh") > every / 2
        assert rows(name) == rows(f"{name}-fresh")

    check()
    assert linked.count(True) > len(linked) / 4


@pytest.fixture
def workspace(repository, stats_after):
    """The workspace is indexed; this changes some files, and gives the stats of the next index."""
    files = {path: contents[0] for path, contents in WORKSPACE.items()}
    repository.commit_files(files)
    every = stats_after()["files_linked"]
    assert every == sum(path.endswith((".ts", ".js")) for path in files)

    def rewritten(*paths, version=1, gone=(), **more):
        for path in paths:
            files[path] = WORKSPACE[path][version]
        for path in gone:
            del files[path]
        repository.commit_files({**files, **more.pop("besides", {})})
        return stats_after(**more)

    rewritten.every = every
    return rewritten


TILL, COIN = "packages/shop/till.ts", "packages/shop/coin.ts"


@pytest.mark.parametrize(
    ("paths", "version", "linked"),
    [
        ([TILL], 1, 1),
        # All symbols of other files move on.
        (["a.ts"], 1, 1),
        (["a.ts"], 2, 1),
        # Its class stands on another line, and is the same to others.
        ([COIN], 1, 1),
        ([COIN], 2, 4),
        (["clock.ts"], 1, 3),
        (["clock.test.ts", TILL], 1, 2),
        (["globals.d.ts"], 1, None),
    ],
)
def test_only_files_that_a_change_reaches_are_linked_again(
    workspace, equals_a_fresh_index, paths, version, linked
):
    stats = workspace(*paths, version=version)
    assert stats["files_linked"] == (linked or workspace.every)
    assert stats["files_reused"] == workspace.every - len(paths)
    equals_a_fresh_index()


def test_a_commit_that_changes_no_source_links_nothing(workspace, equals_a_fresh_index):
    workspace(besides={"README.md": b"one"})
    assert workspace(besides={"README.md": b"two"})["files_linked"] == 0
    equals_a_fresh_index()


@pytest.mark.parametrize(
    ("besides", "linked"),
    [
        ({"package.json": b'{"version": "2.0.0"}'}, 0),
        ({"package-lock.json": b"{}"}, 0),
        ({"tsconfig.json": b"{}"}, 0),
        # `dates` is asked for by the clock, and the clock by its test and another file.
        ({"tsconfig.json": b'{"compilerOptions": {"paths": {"dates": ["./a.ts"]}}}'}, 3),
        ({"packages/shop/package.json": b'{"name": "shop", "exports": "./cart.ts"}'}, 0),
        # The cart asks for it, and the index and the till lead there.
        ({"packages/shop/package.json": b'{"name": "zod"}'}, 3),
    ],
    ids=["a version", "a lock", "nothing new", "an alias", "an entry", "a name that is asked for"],
)
def test_where_the_configuration_is_another_one_those_are_linked_whose_imports_it_answers(
    workspace, equals_a_fresh_index, besides, linked
):
    assert workspace(besides=besides)["files_linked"] == linked
    equals_a_fresh_index()


@pytest.mark.parametrize(
    ("gone", "came", "linked"),
    [
        ([], {"README.md": b"Read me."}, 0),
        # First and last of all, so that every number moves, or none.
        ([], {"0.ts": b"export const first = 0;\n"}, 1),
        ([], {"z.ts": b'import { till } from "./packages/shop/till";\ntill.pay();\n'}, 1),
        ([], {"logo.svg": b"<svg />"}, 1),
        (["a.ts"], {}, 0),
        (["a.ts"], {"packages/a.ts": WORKSPACE["a.ts"][1]}, 1),
        ([TILL], {}, 0),
        # Who asks for what is gone, and who asks for those.
        ([COIN], {}, 3),
        (["clock.ts"], {"clock/index.ts": WORKSPACE["clock.ts"][0]}, 3),
        # It is no module of a package any more, and another one comes before it.
        ([TILL], {"packages/shop/a.ts": WORKSPACE[TILL][0].replace(b"./index", b"./cart")}, 1),
        (["globals.d.ts"], {}, None),
        ([], {"more.d.ts": b"declare function more(): void;\n"}, None),
        # It is known for a generated file as soon as it is read.
        ([], {"new.ts": SOURCES["src/generated.ts"]}, 0),
    ],
)
def test_paths_that_come_and_go_are_linked_for_those_who_ask_for_them(
    workspace, equals_a_fresh_index, gone, came, linked
):
    before = workspace.every
    stats = workspace(gone=gone, besides=came)
    indexed = sum(path.endswith(".ts") and path != "new.ts" for path in came)
    assert stats["files_indexed"] == before - len(gone) + indexed
    assert stats["files_linked"] == (stats["files_indexed"] if linked is None else linked)
    equals_a_fresh_index()


def test_names_from_a_file_that_is_no_code_say_so_for_as_long_as_it_is_there(
    workspace, equals_a_fresh_index
):
    passed_on = {
        "top.ts": b'export { default as all } from "./data.json";\n',
        "use.ts": b'import { all } from "./top";\nall;\n',
    }
    with_it = {**passed_on, "data.json": b"[]"}
    for besides, reason in [
        (passed_on, "unresolved_module"),
        (with_it, "not_code"),
        (passed_on, "unresolved_module"),
    ]:
        stats = workspace(besides=besides)
        assert stats["files_linked"] == 2
        counts = stats["references_by_resolution"]
        both = {"not_code", "unresolved_module"} & set(counts)
        assert {one: counts[one] for one in both} == {reason: 3}
        equals_a_fresh_index()


ALIAS = b'{"compilerOptions": {"paths": {"@cart": ["./cart.ts"]}}}'
CARTS = {
    "cart.ts": b"export class Cart { pay() {} }\n",
    "side.ts": b"export class Cart { pay() {} }\n",
    "barrel.ts": b'export * from "./cart";\n',
    "one.ts": b'import { Cart } from "./barrel";\nnew Cart().pay();\n',
    "tsconfig.json": ALIAS,
    "shop.ts": b'import { Cart } from "@cart";\nexport const shop = () => new Cart();\n',
    "two.ts": b'import { shop } from "./shop";\nshop().pay();\n',
    **{f"far/{at}.ts": f"export const far{at} = {at};\n".encode() for at in range(8)},
}


@pytest.mark.parametrize(
    ("gone", "came", "edited", "linked"),
    [
        (["cart.ts"], {}, "barrel.ts", 4),
        ([], {"tsconfig.json": ALIAS.replace(b"cart.ts", b"side.ts")}, "shop.ts", 2),
    ],
    ids=["its target is gone", "its alias is another file's"],
)
def test_a_file_that_looks_as_before_is_linked_for_others_where_it_leads_elsewhere(
    repository, stats_after, equals_a_fresh_index, gone, came, edited, linked
):
    repository.commit_files(CARTS)
    stats_after()
    after = {**CARTS, **came, edited: b"// More.\n" + CARTS[edited]}
    repository.commit_files({path: after[path] for path in after if path not in gone})
    assert stats_after()["files_linked"] == linked
    equals_a_fresh_index()


def test_files_are_not_moved_from_one_segment_of_posting_lists_to_another(
    workspace, equals_a_fresh_index, monkeypatch
):
    monkeypatch.setattr(beside, "SEGMENT_FILES", workspace.every)
    assert workspace(TILL)["files_linked"] == 1
    stats = workspace(besides={"z.ts": b"export const z = 1;\n"})
    assert stats["files_linked"] == workspace.every + 1
    equals_a_fresh_index()


def test_a_file_that_is_indexed_no_more_answers_no_import_though_its_path_stays(
    workspace, equals_a_fresh_index
):
    # Its test and another file ask for the clock.
    stats = workspace(besides={"clock.ts": SOURCES["src/generated.ts"]})
    assert (stats["files_indexed"], stats["files_linked"]) == (workspace.every - 1, 2)
    equals_a_fresh_index()
    stats = workspace()
    assert (stats["files_indexed"], stats["files_linked"]) == (workspace.every, 3)
    equals_a_fresh_index()


def test_a_package_that_offers_its_files_offers_one_more(
    repository, stats_after, indexing, equals_a_fresh_index
):
    offered = {f"lib/{name}.ts": f"export const {name} = 1;\n".encode() for name in "abcdeg"}
    repository.commit_files({**offered, "package.json": b'{"name": "open"}'})
    stats_after()
    more = {**offered, "lib/f.ts": b"export const f = 1;\n", "package.json": b'{"name": "open"}'}
    del more["lib/b.ts"]
    repository.commit_files(more)
    assert stats_after()["files_linked"] == 1
    exported = indexing.scratch.sql(
        "SELECT e.subpath, x.name, f.path FROM kotadb.package_entries AS e "
        "JOIN kotadb.package_exports AS x USING (snapshot_id, entry_no) "
        "JOIN kotadb.files AS f ON f.snapshot_id = x.snapshot_id AND f.file_no = x.file_no "
        "JOIN kotadb.snapshots AS s ON s.snapshot_id = x.snapshot_id AND s.state = 'current' "
        "WHERE e.subpath IN ('lib/f', 'lib/g', 'lib/b') ORDER BY e.subpath"
    )
    assert [tuple(one.values()) for one in exported] == [
        ("lib/f", "f", "lib/f.ts"),
        ("lib/g", "g", "lib/g.ts"),
    ]
    equals_a_fresh_index()


def test_a_branch_is_linked_beside_the_one_that_stands(repository, stats_after, workspace, rows):
    files = {path: contents[0] for path, contents in WORKSPACE.items()}
    repository.commit_files({**files, "clock.ts": WORKSPACE["clock.ts"][1]}, ref="refs/heads/topic")
    assert stats_after(ref="topic")["files_linked"] == 3
    found = rows(ref="topic")
    assert stats_after(ref="topic", force=True)["files_linked"] == workspace.every
    assert rows(ref="topic") == found


@pytest.mark.parametrize(
    "damage",
    [
        "links = '\\x00'",
        "links = substring(links FROM 1 FOR octet_length(links) - 1)",
        "links = NULL, linked_by = NULL",
        "linked_by = decode(repeat('00', 16), 'hex')",
        "state = 'retired'",
    ],
)
def test_what_another_program_linked_or_cannot_be_read_is_linked_again(
    workspace, indexing, equals_a_fresh_index, damage
):
    indexing.scratch.sql(f"UPDATE kotadb.snapshots SET {damage}")
    assert workspace(TILL)["files_linked"] == workspace.every
    equals_a_fresh_index()


def test_links_of_other_files_are_not_taken_for_those_of_the_snapshot(
    workspace, indexing, equals_a_fresh_index
):
    stored = indexing.scratch.value("SELECT links FROM kotadb.snapshots")
    linked = unpacked_links(stored)
    fewer = packed_links(linked._replace(files=linked.files[:-1]))
    indexing.scratch.sql("UPDATE kotadb.snapshots SET links = %s", fewer)
    assert workspace(TILL)["files_linked"] == workspace.every
    equals_a_fresh_index()


def test_a_snapshot_that_goes_while_its_rows_are_to_be_taken_costs_another_turn(
    workspace, indexing, equals_a_fresh_index
):
    work, turns = retiring_before_the_store(indexing)
    stats = workspace(TILL, work=work)
    assert len(turns) == 2
    assert (stats["files_linked"], stats["files_reused"]) == (workspace.every, 0)
    equals_a_fresh_index()


def test_rows_are_not_taken_from_a_snapshot_that_went_though_the_texts_stand_elsewhere(
    repository, stats_after, workspace, indexing, equals_a_fresh_index
):
    files = {path: contents[0] for path, contents in WORKSPACE.items()}
    repository.commit_files(files, ref="refs/heads/topic")
    stats_after(ref="topic")
    work, turns = retiring_before_the_store(indexing, "WHERE ref = 'main'")
    assert workspace(TILL, work=work)["files_linked"] == workspace.every
    assert len(turns) == 2
    equals_a_fresh_index()


def test_what_does_not_fit_to_what_stands_is_linked_again_as_a_whole(
    workspace, indexing, equals_a_fresh_index
):
    # As if the file that changes led to nothing: what it imports is then not read.
    stored = unpacked_links(indexing.scratch.value("SELECT links FROM kotadb.snapshots"))
    numbers = sorted(path for path in WORKSPACE if path.endswith((".ts", ".js")))
    index_at = numbers.index("packages/shop/index.ts")
    files = list(stored.files)
    files[index_at] = files[index_at]._replace(leads_to=[])
    indexing.scratch.sql(
        "UPDATE kotadb.snapshots SET links = %s", packed_links(stored._replace(files=files))
    )
    assert workspace(TILL)["files_linked"] == workspace.every
    equals_a_fresh_index()


@pytest.mark.parametrize("damage", ["content = '\\x00'", "content = NULL"])
def test_facts_that_linking_asks_for_and_cannot_be_read_are_learned_anew(
    workspace, indexing, equals_a_fresh_index, damage
):
    cart = blob(WORKSPACE["packages/shop/cart.ts"][0])
    indexing.scratch.sql(
        f"UPDATE kotadb.parsed_blobs SET {damage} WHERE encode(blob_id, 'hex') = %s", cart
    )
    stats = workspace(TILL)
    assert stats["files_reused"] == workspace.every - 2
    assert stats["files_linked"] >= 2
    equals_a_fresh_index()


def test_facts_that_nobody_asks_for_are_not_looked_at(workspace, indexing, equals_a_fresh_index):
    clock = blob(WORKSPACE["clock.ts"][0])
    indexing.scratch.sql(
        "UPDATE kotadb.parsed_blobs SET content = '\\x00' WHERE encode(blob_id, 'hex') = %s", clock
    )
    assert workspace(TILL)["files_linked"] == 1
    equals_a_fresh_index()


def test_posting_lists_that_cannot_be_read_are_made_anew(workspace, indexing, equals_a_fresh_index):
    indexing.scratch.sql("UPDATE kotadb.text_postings SET content = '\\x01'")
    assert workspace(TILL)["files_linked"] == workspace.every
    equals_a_fresh_index()


LOOKED_AT = """
SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint
FROM pg_stat_user_tables
WHERE
    schemaname = 'kotadb'
    AND relname = ANY(ARRAY[
        'symbols', 'symbol_references', 'symbol_names', 'imported_names', 'package_exports'
    ])
"""
STORED = """
SELECT
    (SELECT count(*) FROM kotadb.symbols) + (SELECT count(*) FROM kotadb.symbol_references)
    + (SELECT count(*) FROM kotadb.symbol_names) + (SELECT count(*) FROM kotadb.imported_names)
    + (SELECT count(*) FROM kotadb.package_exports)
"""


def test_rows_are_taken_in_one_pass_though_nothing_is_known_of_how_many_there_are(
    repository, indexing, stats_after, equals_a_fresh_index
):
    many = {
        f"src/{at}.ts": "".join(
            f'import {{ a{at}_{no} }} from "pack";\nexport const s{at}_{no} = a{at}_{no};\n'
            for no in range(100)
        ).encode()
        for at in range(12)
    }
    index = "".join(f'export * from "./src/{at}";\n' for at in range(12)).encode()
    files = {
        **many,
        "index.ts": index,
        "package.json": b'{"name": "many", "exports": "./index.ts"}',
        "far.ts": b"export function far(a: number) { return a; }\n",
    }
    repository.commit_files(files)
    assert stats_after()["symbols_extracted"] == 1_201
    # From now on statistics say that there is one snapshot, and so none of any other: not of the
    # next one, nor of the one after it, which takes rows from that.
    stored = indexing.scratch.value(STORED)
    indexing.scratch.sql("ANALYZE")
    stats_after(force=True)
    before = looked_at(indexing)
    repository.commit_files({**files, "far.ts": files["far.ts"] + b"// More.\nlet b = 1; b;\n"})
    assert stats_after()["files_linked"] == 1
    assert stored / 2 < looked_at(indexing) - before < 8 * stored
    equals_a_fresh_index()


def looked_at(indexing):
    """So many rows were looked at; a session is counted when it is over."""
    sessions = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = %s",
        indexing.scratch.worker.user,
    )
    before = indexing.scratch.value(*sessions)
    indexing.worker.close()
    eventually(lambda: indexing.scratch.value(*sessions) < before)
    return indexing.scratch.value(LOOKED_AT)
