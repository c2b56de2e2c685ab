import pytest
from tests.search.indexed import Commit

from indexer.database.paging import CursorInvalid, write_cursor
from indexer.parsing.endings import ENDINGS, Language, language_of
from indexer.parsing.languages import EXTENSIONS
from indexer.search import files, outlines
from indexer.search.files import FileNotFound
from indexer.search.outlines import DEEPEST
from indexer.search.repositories import NotIndexed, RepositoryNotFound

MOST_PAGES = 50
PATHS = ("lib/a.js", "src/[x]/%_.tsx", "src/a.ts", "src/a.ts.cjs", "srcery.mts", "\U0001d49c.ts")


def engine(**more) -> Commit:
    return Commit(PATHS, failures={"src/a.ts": "parser_crashed"}, **more)


def pages(reader, limit: int | None = None, **wanted) -> list[str]:
    found, cursor = [], None
    for _ in range(MOST_PAGES):
        told = files.find(
            reader.database,
            tenant_id=reader.tenant_id,
            cursor=cursor,
            limit=limit,
            **{"repository": "ada/engine", **wanted},
        )
        found += [one.path for one in told.page.items]
        if (cursor := told.page.next_cursor) is None:
            return found
    raise AssertionError("the pages do not end")


def test_the_endings_that_have_a_language_are_those_that_are_parsed():
    assert set(ENDINGS) == set(EXTENSIONS)


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.ts", "typescript"),
        ("a.d.mts", "typescript"),
        ("a/b.tsx", "typescript"),
        ("a.b.cjs", "javascript"),
        ("a.jsx", "javascript"),
        ("a.ts/b", None),
        ("ts", None),
        ("a.py", None),
    ],
)
def test_a_files_language_is_told_by_its_ending(path, language):
    assert language_of(path) == language


@pytest.mark.parametrize("limit", [1, 2, 5, 6, None])
def test_files_come_in_the_order_of_their_paths_and_each_once(ada, limit):
    ada.index(engine())
    assert pages(ada, limit) == list(PATHS)


@pytest.mark.parametrize("limit", [1, None])
def test_every_filter_of_files_must_hold(ada, limit):
    ada.index(engine())
    assert pages(ada, limit, path="src/") == ["src/[x]/%_.tsx", "src/a.ts", "src/a.ts.cjs"]
    assert pages(ada, limit, path="src/a.ts") == ["src/a.ts", "src/a.ts.cjs"]
    assert pages(ada, limit, path="src/%") == pages(ada, limit, path="zzz") == []
    assert pages(ada, limit, language=Language.JAVASCRIPT) == ["lib/a.js", "src/a.ts.cjs"]
    assert pages(ada, limit, language=Language.JAVASCRIPT, path="src") == ["src/a.ts.cjs"]


@pytest.mark.parametrize("limit", [1, None])
def test_files_are_found_by_what_their_paths_contain(ada, limit):
    ada.index(engine())
    assert pages(ada, limit, contains="A.T") == ["src/a.ts", "src/a.ts.cjs"]
    assert pages(ada, limit, contains="%_") == ["src/[x]/%_.tsx"]
    assert pages(ada, limit, contains="\U0001d49c") == ["\U0001d49c.ts"]
    assert pages(ada, limit, contains="a", path="src/", language=Language.JAVASCRIPT) == [
        "src/a.ts.cjs"
    ]
    assert pages(ada, limit, contains="nowhere") == []


def test_a_file_is_told_with_what_became_of_it(ada):
    ada.index(engine())
    told = files.find(
        ada.database, tenant_id=ada.tenant_id, repository="ada/engine", path="src/a.ts", limit=1
    )
    (one,) = told.page.items
    assert (one.blob_id, one.byte_size, one.line_count, one.syntax_errors) == ("0" * 40, 10, 3, 0)
    assert (one.failure, one.language) == ("parser_crashed", Language.TYPESCRIPT)
    assert told.snapshot.repository == "ada/engine"


def test_a_cursor_beyond_the_last_file_gives_none(ada):
    ada.index(engine())
    snapshot = ada.scratch.value("SELECT snapshot_id FROM kotadb.snapshots")

    def after(cursor):
        return files.find(
            ada.database, tenant_id=ada.tenant_id, repository="ada/engine", cursor=cursor
        )

    for last in (len(PATHS) - 1, 2**31 - 1):
        told = after(write_cursor("files", snapshot, last))
        assert (told.page.items, told.page.next_cursor) == ((), None)
    for foreign in (
        write_cursor("symbols", snapshot, 1),
        write_cursor("files", snapshot, -1),
        write_cursor("files", 1),
        "files",
    ):
        with pytest.raises(CursorInvalid):
            after(foreign)


def test_files_of_another_ref_are_told_only_when_it_is_named(ada):
    ada.index(engine())
    ada.index(Commit(("old.ts",)), ref="v1", default_ref=None)
    assert pages(ada) == list(PATHS)
    assert pages(ada, ref="v1") == ["old.ts"]
    with pytest.raises(NotIndexed):
        pages(ada, ref="v2")


def outline(reader, path="src/a.ts", limit: int | None = None, **wanted) -> list[tuple]:
    found, cursor = [], None
    for _ in range(MOST_PAGES):
        told = outlines.of_file(
            reader.database,
            tenant_id=reader.tenant_id,
            path=path,
            cursor=cursor,
            limit=limit,
            **{"repository": "ada/engine", **wanted},
        )
        found += [
            (one.symbol.name, one.depth, one.symbol.container and one.symbol.container.name)
            for one in told.page.items
        ]
        if (cursor := told.page.next_cursor) is None:
            return found
    raise AssertionError("the pages do not end")


def nested() -> Commit:
    commit = engine()
    commit.define("lib/a.js", "elsewhere")
    outer = commit.define("src/a.ts", "Outer")
    inner = commit.define("src/a.ts", "inner", container=outer)
    commit.define("src/a.ts", "innermost", container=inner)
    commit.define("src/a.ts", "second", container=outer)
    commit.define("src/a.ts", "after")
    commit.define("src/a.ts.cjs", "later")
    return commit


@pytest.mark.parametrize("limit", [1, 2, 3, None])
def test_an_outline_is_one_file_in_the_order_of_its_source_with_depths(ada, limit):
    ada.index(nested())
    assert outline(ada, limit=limit) == [
        ("Outer", 0, None),
        ("inner", 1, "Outer"),
        ("innermost", 2, "inner"),
        ("second", 1, "Outer"),
        ("after", 0, None),
    ]
    assert outline(ada, "srcery.mts") == []


def test_an_outline_counts_depth_up_to_a_bound(ada):
    commit, around = engine(), None
    for number in range(DEEPEST + 20):
        around = commit.define("src/a.ts", f"n{number}", container=around)
    ada.index(commit)
    depths = [depth for _, depth, _ in outline(ada, limit=100)]
    assert depths == [min(number, DEEPEST) for number in range(DEEPEST + 20)]


def test_files_and_outlines_of_another_tenant_do_not_exist(ada, eve):
    repository_id = ada.index(nested())
    for name in ("ada/engine", str(repository_id)):
        with pytest.raises(RepositoryNotFound):
            pages(eve, repository=name)
        with pytest.raises(RepositoryNotFound):
            outline(eve, repository=name)
    with pytest.raises(FileNotFound):
        outline(ada, "missing.ts")
