"""What it takes to tell exports: names and files are read once, however they are passed on."""

import random
import tracemalloc

import pytest
from tests.search.indexed import Commit

from indexer.database.connection import Statements
from indexer.search import exported_files, exports, unused
from indexer.search.unused import UnusedQuery

HERE = "ada/engine"


@pytest.fixture
def sent(monkeypatch):
    """The names of the queries that are sent."""
    names, fetch_all = [], Statements.fetch_all

    def noted(statements, name, /, **parameters):
        names.append(name)
        return fetch_all(statements, name, **parameters)

    monkeypatch.setattr(Statements, "fetch_all", noted)
    return names


def exported(ada, path, **wishes):
    return exports.of_path(
        ada.database, tenant_id=ada.tenant_id, repository=HERE, path=path, **wishes
    )


def not_used(ada, *entries):
    query = UnusedQuery(repository=HERE, entries=entries)
    page = unused.find(ada.database, query, tenant_id=ada.tenant_id, limit=100).page
    return [one.symbol.name for one in page.items]


def chain(files, names):
    """Each file passes on the next one and adds some names."""
    return {
        f"f{number}.ts": f"export * from './f{number + 1}.js';\n"
        + "".join(f"export const n{number}_{one} = 1;\n" for one in range(names))
        for number in range(files)
    }


def test_a_long_chain_of_files_is_told_whole_and_its_names_are_kept_once(ada, sent):
    ada.index(Commit.of(chain(files=100, names=100)))
    tracemalloc.start()
    try:
        found = exported(ada, "f0.ts", limit=1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (found.total, found.truncated) == (10_000, False)
    assert peak < 20_000_000
    assert len(sent) < 7 * 100
    (last,) = exported(ada, "f0.ts", limit=1, cursor=found.page.next_cursor).page.items
    assert (last.name, last.path, last.via) == ("n0_1", "f0.ts", [])
    ends = exported(ada, "f98.ts", limit=100).page.items
    assert {(one.path, tuple(one.via)) for one in ends} == {("f98.ts", ())}


@pytest.mark.parametrize("seed", range(3))
def test_a_name_comes_from_every_file_that_no_nearer_one_hides(ada, seed):
    dice = random.Random(seed)
    files = [f"f{number}" for number in range(14)]
    stars = {one: dice.sample(files, dice.randrange(4)) for one in files}
    own = {one: dice.sample("abcdefgh", dice.randrange(4)) for one in files}
    ada.index(
        Commit.of(
            {
                f"{one}.ts": "".join(f"export * from './{other}';\n" for other in stars[one])
                + "".join(f"export const {name} = '{one}';\n" for name in own[one])
                for one in files
            }
        )
    )

    def givers(name, file, seen):
        if file in seen:
            return set()
        if name in own[file]:
            return {file}
        return set().union(*(givers(name, one, seen | {file}) for one in stars[file]))

    for file in files:
        expected = {name: givers(name, file, set()) for name in "abcdefgh"}
        found = {one.name: one for one in exported(ada, f"{file}.ts").page.items}
        assert found.keys() == {name for name, some in expected.items() if some}
        for name, one in found.items():
            assert one.path.removesuffix(".ts") in expected[name]
            assert one.ambiguous == (len(expected[name]) > 1)


@pytest.mark.parametrize(
    ("bound", "most"), [("MOST_ENTRIES", 45), ("MOST_STEPS", 45), ("_MOST_READS", 4)]
)
def test_too_many_names_are_told_in_part_and_that_is_said(ada, monkeypatch, bound, most):
    ada.index(Commit.of(chain(files=10, names=10)))
    monkeypatch.setattr(exported_files, bound, most)
    found = exported(ada, "f0.ts")
    assert found.truncated
    assert 20 <= found.total < 50
    assert "n0_0" in [one.name for one in found.page.items]


def test_a_search_that_leads_too_far_leaves_its_name_out(ada, monkeypatch):
    ada.index(
        Commit.of(
            {
                "index.ts": "export * from './a';\nexport * from './b';\nexport const own = 1;\n",
                "a.ts": "export const both = 1;\n",
                "b.ts": "export const both = 2;\n",
            }
        )
    )
    assert exported(ada, "index.ts").page.items[0].ambiguous
    monkeypatch.setattr(exported_files, "MOST_STEPS", 3)
    found = exported(ada, "index.ts")
    assert ([one.name for one in found.page.items], found.truncated) == (["own"], True)


def test_modules_that_an_entry_exports_are_read_together_and_shared_files_once(ada, sent):
    modules = [f"m{number}" for number in range(60)]
    ada.index(
        Commit.of(
            {
                "index.ts": "".join(f"export * as {one} from './{one}';\n" for one in modules),
                "shared.ts": "export * from './deep';\nexport const common = 1;\n",
                "deep.ts": "export const deepest = 1;\n",
                "other.ts": "export const left = 1;\n",
                **{
                    f"{one}.ts": f"export * from './shared';\nexport const of_{one} = 1;\n"
                    for one in modules
                },
            }
        )
    )
    assert not_used(ada, "index.ts") == ["left"]
    assert len(sent) < 40
    assert len(not_used(ada)) == len(modules) + 3
