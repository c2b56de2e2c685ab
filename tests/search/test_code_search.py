from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.search.indexed import Commit

from indexer.database.paging import CursorInvalid
from indexer.parsing.endings import Language
from indexer.parsing.facts import SymbolKind
from indexer.search import code_search, walk
from indexer.search.empty_answers import EmptyReason
from indexer.search.query import Filter
from indexer.search.repositories import CursorExpired

ENGINE = {
    "src/cache.ts": (
        'import { Store } from "./store";\n'
        "export class UserCache {\n"
        "  private store = new Store();\n"
        "  getUserById(id: string) { return this.store.get(id); }\n"
        "}\n"
    ),
    "src/store.ts": (
        "/** Keeps what a cache needs. */\n"
        "export class Store {\n"
        "  get(key: string) { return key; }\n"
        "}\n"
    ),
    "test/cache.test.ts": (
        "import { UserCache } from \"../src/cache\";\nnew UserCache().getUserById('superuser');\n"
    ),
    "lib/old.js": "// the cache of old\nmodule.exports = function cache() {};\n",
}


@pytest.fixture
def search(ada):
    """Every result of a query, or the first page of it."""

    def run(q, reader=ada, **how):
        return code_search.find(reader.database, tenant_id=reader.tenant_id, q=q, **how)

    return run


@pytest.fixture
def found(search):
    """Where the results of all pages stand, in their order."""

    def run(q, **how):
        return [
            (one.path, one.line, None if one.symbol is None else one.symbol.name)
            for page in pages(search, q, **how)
            for one in page.results
        ]

    return run


def pages(search: Callable[..., code_search.SearchAnswer], q: str, **how) -> Iterator:
    cursor = None
    for _ in range(1_000):
        page = search(q, cursor=cursor, **how)
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return
    raise AssertionError("a search without an end")


@pytest.fixture
def engine(ada):
    ada.index(Commit.of(ENGINE))


@pytest.mark.usefixtures("engine")
def test_definitions_by_name_come_first_and_then_the_lines_of_text(found):
    assert found("cache") == [
        # The name that is the word, then those that have it, then lines by what their files are.
        ("lib/old.js", 2, "cache"),
        ("src/cache.ts", 2, "UserCache"),
        ("lib/old.js", 1, None),
        ("src/store.ts", 1, None),
        ("test/cache.test.ts", 1, None),
        ("test/cache.test.ts", 2, None),
    ]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("user", {("src/cache.ts", 2), ("src/cache.ts", 4), ("test/cache.test.ts", 1),
                  ("test/cache.test.ts", 2)}),
        ('"user"', {("test/cache.test.ts", 2)}),
        ('"superuser"', {("test/cache.test.ts", 2)}),
        ("superuser", {("test/cache.test.ts", 2)}),
        ("uperuser", set()),
        (r"/class \w+/", {("src/cache.ts", 2), ("src/store.ts", 2)}),
        ("/CLASS/i", {("src/cache.ts", 2), ("src/store.ts", 2)}),
        ("/CLASS/", set()),
        ("store get", {("src/cache.ts", 1), ("src/cache.ts", 3), ("src/cache.ts", 4),
                       ("src/store.ts", 2), ("src/store.ts", 3)}),
        ("store -private", {("src/store.ts", 2)}),
        ("cache path:src", {("src/cache.ts", 2), ("src/store.ts", 1)}),
        ("cache -path:src", {("lib/old.js", 1), ("lib/old.js", 2), ("test/cache.test.ts", 1),
                             ("test/cache.test.ts", 2)}),
        ("cache path:*.js", {("lib/old.js", 1), ("lib/old.js", 2)}),
        ("cache path:/src/*.ts -path:store", {("src/cache.ts", 2)}),
        ("cache lang:js", {("lib/old.js", 1), ("lib/old.js", 2)}),
        ("cache -lang:js", {("src/cache.ts", 2), ("src/store.ts", 1), ("test/cache.test.ts", 1),
                            ("test/cache.test.ts", 2)}),
        ("cache kind:class", {("src/cache.ts", 2)}),
        ("cache -kind:class path:src", {("src/store.ts", 1)}),
        ("symbol:store", {("src/store.ts", 2), ("src/cache.ts", 3)}),
        ("symbol:store kind:class", {("src/store.ts", 2)}),
        ('symbol:"Store"', {("src/store.ts", 2)}),
        ("symbol:get this", {("src/cache.ts", 4)}),
        ("store -symbol:store", {("src/cache.ts", 1), ("src/cache.ts", 4)}),
        ("id", {("src/cache.ts", 4), ("test/cache.test.ts", 2)}),
    ],
)  # fmt: skip
def test_a_query_finds_these_lines_and_no_others(found, q, expected):
    lines = [(path, line) for path, line, _ in found(q)]
    assert set(lines) == expected
    assert len(lines) == len(expected)


@pytest.mark.usefixtures("engine")
def test_a_result_says_where_it_is_and_of_which_commit(search):
    (one,) = search("symbol:getUserById").results
    assert (one.path, one.line, one.snapshot.repository, one.snapshot.ref) == (
        "src/cache.ts", 4, "ada/engine", "main"
    )  # fmt: skip
    assert one.snippet.text == "  getUserById(id: string) { return this.store.get(id); }"
    assert (one.snippet.column, one.snippet.end_column) == (2, 13)
    assert one.symbol.kind is SymbolKind.METHOD


@pytest.mark.usefixtures("engine")
def test_the_name_that_fits_best_and_is_used_most_comes_first(ada, found):
    ada.index(
        Commit.of(
            {
                "a.ts": "export function total() {}\nexport function totals() {}\n"
                "export function subTotal() {}\nexport function Total() {}\n",
                "b.ts": 'import { subTotal, totals } from "./a";\n'
                "totals(); totals(); subTotal();\n",
                "c/d/e/total.ts": "export function total() {}\n",
            }
        ),
        name="ada/sums",
    )
    names = [(path, line) for path, line, name in found("total repo:sums") if name]
    assert names == [("a.ts", 1), ("c/d/e/total.ts", 1), ("a.ts", 4), ("a.ts", 3), ("a.ts", 2)]


@pytest.mark.parametrize(
    ("texts", "q", "expected"),
    [
        # Of one name the more used.
        (
            {
                "a.ts": "export function total() {}\n",
                "b.ts": "export function total() {}\n",
                "c.ts": 'import { total } from "./b";\ntotal();\n',
            },
            "symbol:total",
            [("b.ts", "total"), ("a.ts", "total")],
        ),
        # What stands near the top, though it is used less.
        (
            {
                "a/b/c/total.ts": "export function total() {}\ntotal();\n",
                "test/total.ts": "export function total() {}\ntotal();\ntotal();\n",
                "z.ts": "export function total() {}\n",
            },
            "symbol:total",
            [("z.ts", "total"), ("a/b/c/total.ts", "total"), ("test/total.ts", "total")],
        ),
        # What has more of the words.
        (
            {"a.ts": "class Cache {}\nclass User {}\nclass UserCache {}\n"},
            "user cache kind:class",
            [("a.ts", "UserCache"), ("a.ts", "Cache"), ("a.ts", "User")],
        ),
    ],
)
def test_definitions_that_fit_alike_have_an_order(ada, found, texts, q, expected):
    ada.index(Commit.of(texts))
    assert [(path, name) for path, _, name in found(q)] == expected


def test_repositories_are_narrowed_by_name_and_by_id(ada, search):
    one = ada.index(Commit.of({"a.ts": "let needle = 1;\n"}), name="ada/one")
    ada.index(Commit.of({"a.ts": "let needle = 2;\n"}), name="ada/two")

    def repositories(q):
        return [result.snapshot.repository for result in search(q).results]

    assert sorted(repositories("needle")) == ["ada/one", "ada/two"]
    assert repositories("needle repo:TWO") == ["ada/two"]
    assert repositories("needle -repo:ada/two") == ["ada/one"]
    assert repositories(f"needle repo:{one}") == ["ada/one"]
    assert sorted(repositories("needle repo:one repo:two")) == ["ada/one", "ada/two"]


def test_a_ref_that_was_indexed_is_searched_where_it_is_asked_for(ada, search):
    ada.index(Commit.of({"a.ts": "let old = 1;\n"}))
    ada.index(Commit.of({"a.ts": "let fresh = 1;\n"}), ref="next", commit_sha="b" * 40)
    assert not search("fresh").results
    (one,) = search("fresh", ref="next").results
    assert (one.snapshot.ref, one.snapshot.commit_sha) == ("next", "b" * 40)


def test_another_tenant_finds_nothing(ada, eve, search):
    ada.index(Commit.of({"a.ts": "let needle = 1;\n"}))
    eve.index(Commit.of({"b.ts": "let other = 1;\n"}), name="eve/other")
    for q in ("needle", '"needle"', "/needle/", "symbol:needle", "needle repo:engine"):
        theirs = search(q, reader=eve)
        assert list(theirs.results) == []
        # Their own file and repository, where nothing narrows to less.
        assert (theirs.files <= 1, theirs.repositories <= 1) == (True, True)
        assert len(search(q).results) == 1
    page = search("/./", limit=1)
    with pytest.raises((CursorInvalid, CursorExpired)):
        search("/./", reader=eve, limit=1, cursor=_more(ada, search))
    assert page.results


def _more(ada, search):
    ada.index(Commit.of({"a.ts": "let needle = 1;\nlet needle2 = 1;\n"}))
    cursor = search("/./", limit=1).next_cursor
    assert cursor is not None
    return cursor


@pytest.mark.usefixtures("engine")
def test_pages_of_any_size_give_the_same_results(search, found):
    everything = found("/./", limit=100)
    assert len(everything) == len(set(everything)) == 13
    for size in (1, 2, 5):
        assert found("/./", limit=size) == everything
        assert all(len(page.results) <= size for page in pages(search, "/./", limit=size))


@pytest.mark.usefixtures("engine")
def test_a_later_page_goes_on_among_the_groups_and_repositories(ada, found, monkeypatch):
    ada.index(Commit.of(ENGINE), name="ada/twin")
    monkeypatch.setattr(walk, "WINDOW_FILES", 1)
    everything = found("/export|import|cache of/", limit=100)
    assert [path for path, _, _ in everything] == [
        *("lib/old.js", "lib/old.js", "src/cache.ts", "src/cache.ts", "src/store.ts") * 2,
        *("test/cache.test.ts",) * 2,
    ]
    for size in (1, 3):
        assert found("/export|import|cache of/", limit=size) == everything


def test_lines_are_ranked_within_a_window_of_files(ada, found, monkeypatch):
    files = {f"f{no:02}.ts": "// alpha\n" * (1 + no % 3) + "// alpha beta\n" for no in range(9)}
    files["f08.ts"] += "// beta\n"
    ada.index(Commit.of(files))
    monkeypatch.setattr(walk, "WINDOW_FILES", 4)
    results = found("alpha beta", limit=3)
    assert len(results) == len(set(results)) == 9 + 18 + 1
    # Of the first four files those lines first on which both stand.
    assert [path for path, _, _ in results[:4]] == ["f00.ts", "f01.ts", "f02.ts", "f03.ts"]
    assert [path for path, _, _ in results[4:11]] == sorted(path for path, _, _ in results[4:11])
    monkeypatch.setattr(walk, "WINDOW_FILES", 32)
    assert [path for path, _, _ in found("alpha beta")[:9]] == [f"f{no:02}.ts" for no in range(9)]


def test_a_page_that_reads_too_much_ends_early_and_goes_on(ada, search, monkeypatch):
    ada.index(Commit.of({f"f{no:03}.ts": f"// {'x' * no}\n" for no in range(40)}))
    monkeypatch.setattr(walk, "WINDOW_FILES", 4)
    monkeypatch.setattr(walk, "LARGEST_WINDOW", 4)
    monkeypatch.setattr(walk, "MOST_FILES", 8)
    answers = list(pages(search, "/ x{37}$/"))
    assert [page.complete for page in answers] == [False] * 4 + [True]
    assert [one.path for page in answers for one in page.results] == ["f037.ts"]


def test_a_last_page_without_results_says_that_nothing_was_found_only_if_nothing_was(
    ada, search, monkeypatch
):
    ada.index(Commit.of({f"f{no:03}.ts": f"// {'x' * (40 - no)}\n" for no in range(40)}))
    monkeypatch.setattr(walk, "WINDOW_FILES", 4)
    monkeypatch.setattr(walk, "LARGEST_WINDOW", 4)
    monkeypatch.setattr(walk, "MOST_FILES", 8)
    found, nothing = list(pages(search, "/ x{40}$/")), list(pages(search, "/ x{41}$/"))
    assert [len(page.results) for page in found] == [1, 0, 0, 0, 0]
    assert [page.empty for page in found] == [None] * 5
    assert [len(page.results) for page in nothing] == [0] * 5
    assert [page.empty and page.empty.reason for page in nothing] == [
        *([None] * 4),
        EmptyReason.NO_MATCH,
    ]


def slow():
    """A clock of which each look is a second later."""
    ticks = count()
    return lambda: next(ticks)


def test_a_page_without_time_ends_a_window_that_another_page_began(ada, search):
    ada.index(Commit.of({f"f{no:03}.ts": "// a\n// ab\n" for no in range(10)}))
    first = search("/a/ /b/", limit=12)
    rest = search("/a/ /b/", cursor=first.next_cursor, clock=slow())
    lines = [(one.path, one.line) for page in (first, rest) for one in page.results]
    both = [(f"f{no:03}.ts", 2) for no in range(10)]
    assert lines == [*both, *((path, 1) for path, _ in both)]


def test_windows_grow_where_nothing_is_found(ada, search, monkeypatch):
    texts = {f"f{no:03}.ts": "// abc\n" for no in range(30)}
    texts |= {"f028.ts": "// abc 1\n", "f029.ts": "// abc 1\n// abc abd 1\n"}
    ada.index(Commit.of(texts))
    monkeypatch.setattr(walk, "WINDOW_FILES", 2)
    asked: list[int] = []
    fetch = walk.Walk._fetched

    def noted(self, files, most_bytes):
        asked.append(len(files))
        return fetch(self, files, most_bytes)

    monkeypatch.setattr(walk.Walk, "_fetched", noted)
    everything = search("/abc.*1/ /c/")
    assert asked == [2, 4, 8, 16]
    lines = [(one.path, one.line) for one in everything.results]
    assert lines == [("f028.ts", 1), ("f029.ts", 1), ("f029.ts", 2)]
    again = [one for page in pages(search, "/abc.*1/ /c/", limit=1) for one in page.results]
    assert [(one.path, one.line) for one in again] == lines


def test_a_page_that_takes_too_long_ends_within_its_window(ada, search):
    ada.index(Commit.of({f"f{no:03}.ts": "// ab\n// a\n// ab\n" for no in range(10)}))
    answers = []
    cursor = None
    while True:
        answers.append(search("ab", cursor=cursor, clock=slow()))
        cursor = answers[-1].next_cursor
        if cursor is None:
            break
    assert not answers[0].complete
    assert len(answers) > 2
    lines = [(one.path, one.line) for page in answers for one in page.results]
    assert lines == [(f"f{no:03}.ts", line) for no in range(10) for line in (1, 3)]


@pytest.mark.usefixtures("engine")
def test_a_cursor_is_of_its_query_and_ref(search):
    cursor = search("/./", limit=1).next_cursor
    for how in ({"q": "/../"}, {"q": "/./", "ref": "main"}):
        with pytest.raises(CursorInvalid):
            search(cursor=cursor, limit=1, **how)


def test_pages_stay_those_of_their_commit_while_a_re_index_lands(ada, search):
    files = {f"f{no}.ts": "// needle\n" * 3 for no in range(5)}
    ada.index(Commit.of(files))
    first = search("needle", limit=4)
    ada.index(Commit.of({"g.ts": "// needle\n"}), commit_sha="b" * 40)
    rest = search("needle", limit=100, cursor=first.next_cursor)
    both = [*first.results, *rest.results]
    assert [(one.path, one.line) for one in both] == [
        (f"f{no}.ts", line) for no in range(5) for line in (1, 2, 3)
    ]
    assert [one.path for one in search("needle").results] == ["g.ts"]
    ada.scratch.sql("DELETE FROM kotadb.snapshots WHERE state = 'retired'")
    with pytest.raises(CursorExpired):
        search("needle", cursor=first.next_cursor)


@pytest.mark.usefixtures("engine")
def test_facets_say_what_may_answer_and_what_filters_took_away(search):
    facets = search("cache").facets
    assert facets.repositories == [("ada/engine", 4)]
    assert facets.languages == [(Language.TYPESCRIPT, 3), (Language.JAVASCRIPT, 1)]
    assert dict(facets.kinds) == {SymbolKind.CLASS: 1, SymbolKind.FUNCTION: 1}
    assert facets.left_out == {}
    narrowed = search("cache lang:ts path:src")
    assert narrowed.facets.left_out == {Filter.LANG: 1, Filter.PATH: 1}
    assert (narrowed.files, narrowed.repositories) == (2, 1)


@pytest.mark.parametrize(
    ("q", "reason", "says"),
    [
        ("zebra", EmptyReason.TERM_NOT_FOUND, "No file holds zebra."),
        ('cache "zebra crossing"', EmptyReason.TERM_NOT_FOUND, '"zebra crossing"'),
        ("superuser private", EmptyReason.TERMS_NOT_TOGETHER, "no file holds them all"),
        ("cache path:nowhere", EmptyReason.FILES_FILTERED, "path: left none"),
        ("private lang:js", EmptyReason.FILES_FILTERED, "lang: left none"),
        ("cache repo:nobody", EmptyReason.REPOSITORY_FILTER, "repo:"),
        ("uperuser", EmptyReason.NO_MATCH, "quote it"),
        ("symbol:zebra", EmptyReason.NO_MATCH, "No definition has such a name."),
        ("private kind:function", EmptyReason.NO_MATCH, "No definition has such a name."),
    ],
)
@pytest.mark.usefixtures("engine")
def test_an_empty_answer_says_why(search, q, reason, says):
    empty = search(q).empty
    assert empty is not None
    assert empty.reason is reason
    assert says in empty.message


def test_where_nothing_is_indexed_that_is_said(ada, search):
    assert search("x").empty.reason is EmptyReason.NOTHING_INDEXED
    ada.enqueue("ada/waiting")
    waiting = search("x").empty
    assert waiting.reason is EmptyReason.NOT_INDEXED_YET
    assert "ada/waiting" in waiting.message
    assert search("x repo:other").empty.reason is EmptyReason.NOTHING_INDEXED


def test_what_was_indexed_before_there_was_a_search_is_named(ada, search):
    ada.index(Commit.of({"a.ts": "let needle = 1;\n"}))
    ada.scratch.sql("UPDATE kotadb.snapshots SET file_groups = NULL")
    answer = search("needle")
    assert list(answer.not_searchable) == ["ada/engine"]
    assert answer.empty.reason is EmptyReason.INDEX_TOO_OLD


def test_a_file_that_could_not_be_parsed_is_searched_all_the_same(ada, found):
    ada.index(
        Commit(
            paths=["a.ts", "b.bin.ts"],
            texts={"a.ts": "let needle = (\n"},
            failures={"a.ts": "parser_crashed", "b.bin.ts": "not_text"},
        )
    )
    assert found("needle") == [("a.ts", 1, None)]
    assert found("/./") == [("a.ts", 1, None)]


WORDS = st.sampled_from(["ab", "abc", "Abc", "bca", "cab", "a_b", "abC", "xabc", "é", "ab-c"])
LINES = st.lists(st.lists(WORDS, max_size=4).map(" ".join), max_size=5).map("\n".join)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(LINES, min_size=1, max_size=6), st.data())
def test_texts_are_found_on_every_line_that_holds_them(ada, found, texts, data):
    files = {f"f{no}.ts": text for no, text in enumerate(texts)}
    ada.index(Commit(paths=sorted(files), texts=files))
    wanted = data.draw(st.text(alphabet="abcC_ é-", min_size=1, max_size=4), "wanted")
    expected = {
        (path, number)
        for path, text in files.items()
        for number, line in enumerate(text.split("\n"), start=1)
        if wanted in line
    }
    results = [(path, line) for path, line, _ in found(f'"{wanted}"', limit=7)]
    assert len(results) == len(set(results))
    assert set(results) == expected
