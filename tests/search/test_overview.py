import itertools

import pytest
from tests.search.indexed import Commit

from indexer.search import overview
from indexer.search.pictures import dot_of, svg_of
from indexer.search.repositories import NotIndexed, RepositoryNotFound


def links(answer):
    return {(one.from_path, one.to_path): one.imports for one in answer.imports}


def ask(reader, **how):
    return overview.of_repository(
        reader.database, tenant_id=reader.tenant_id, **{"repository": "ada/engine", **how}
    )


def shop() -> Commit:
    """src/cart and src/shop import each other, both src/money; a test and the top import src."""
    commit = Commit(
        (
            *("main.ts", "src/cart/a.ts", "src/cart/b.ts", "src/money/deep/er/m.ts"),
            *("src/money/n.ts", "src/shop/s.ts", "test/t.ts"),
        )
    )
    for source, target in (
        ("main.ts", "src/shop/s.ts"),
        ("src/cart/a.ts", "src/money/n.ts"),
        ("src/cart/b.ts", "src/money/n.ts"),
        ("src/cart/b.ts", "src/money/deep/er/m.ts"),
        ("src/cart/b.ts", "src/cart/a.ts"),
        ("src/cart/a.ts", "src/shop/s.ts"),
        ("src/shop/s.ts", "src/cart/a.ts"),
        ("src/shop/s.ts", "src/cart/b.ts"),
        ("test/t.ts", "src/cart/a.ts"),
    ):
        commit.depend(source, "./x", to=target)
        commit.depend(source, "./x", to=target, line=2)
    return commit


def test_folders_are_told_apart_as_deep_as_the_limit_allows(ada):
    ada.index(shop())
    for limit, depth, folders in (
        (3, 1, {".": 1, "src": 5, "test": 1}),
        (4, 1, {".": 1, "src": 5, "test": 1}),
        (5, 2, {".": 1, "src/cart": 2, "src/money": 2, "src/shop": 1, "test": 1}),
        (
            None,
            3,
            {
                ".": 1,
                "src/cart": 2,
                "src/money": 1,
                "src/shop": 1,
                "test": 1,
                "src/money/deep": 1,
            },
        ),
    ):
        answer = ask(ada, limit=limit)
        assert (answer.depth, answer.truncated) == (depth, False)
        assert {one.path: one.files for one in answer.folders} == folders


def test_imports_are_counted_between_folders_as_pairs_of_files(ada):
    ada.index(shop())
    assert links(ask(ada, limit=5)) == {
        (".", "src/shop"): 1,
        ("src/cart", "src/money"): 3,
        ("src/cart", "src/shop"): 1,
        ("src/shop", "src/cart"): 2,
        ("test", "src/cart"): 1,
    }
    assert links(ask(ada, depth=1)) == {(".", "src"): 1, ("test", "src"): 1}
    assert links(ask(ada))["src/cart", "src/money/deep"] == 1


def test_cycles_of_folders_are_marked_and_what_is_imported_stands_to_the_right(ada):
    ada.index(shop())
    answer = ask(ada, limit=5)
    assert {one.path for one in answer.folders if one.in_cycle} == {"src/cart", "src/shop"}
    assert {(one.from_path, one.to_path) for one in answer.imports if one.in_cycle} == {
        ("src/cart", "src/shop"),
        ("src/shop", "src/cart"),
    }
    layers = {one.path: one.layer for one in answer.folders}
    assert layers["test"] < layers["src/cart"] < layers["src/money"]
    # One file leads back, two lead on.
    assert layers["."] < layers["src/shop"] < layers["src/cart"]


def test_of_too_many_uppermost_folders_those_with_most_files_are_told(ada):
    commit = Commit(("a/1.ts", "b/1.ts", "b/2.ts", "c/1.ts", "c/2.ts", "c/3.ts"))
    for source, target in itertools.permutations(("a/1.ts", "b/1.ts", "c/1.ts"), 2):
        commit.depend(source, "./x", to=target)
    ada.index(commit)
    answer = ask(ada, limit=2)
    assert ([one.path for one in answer.folders], answer.truncated) == (["b", "c"], True)
    assert links(answer) == {("b", "c"): 1, ("c", "b"): 1}
    assert "there are more" in svg_of(answer)


def test_a_dense_overview_of_long_names_stays_a_small_answer(ada):
    paths = [f"{'漢' * 300}{number:02}/a.ts" for number in range(100)]
    commit = Commit(paths)
    for source, target in itertools.permutations(paths, 2):
        commit.depend(source, "./x", to=target)
    ada.index(commit)
    answer = ask(ada, limit=100)
    count = len(answer.folders)
    assert 5 < count < 100
    assert answer.truncated
    assert len(answer.imports) == count * (count - 1)
    for text in (svg_of(answer), dot_of(answer)):
        assert len(text.encode()) < 1_000_000


def test_folders_that_import_nothing_are_shown_too(ada):
    ada.index(Commit(("a/1.ts", "b/1.ts")))
    answer = ask(ada)
    assert ([one.path for one in answer.folders], answer.imports) == (["a", "b"], ())
    ada.index(Commit(()), name="ada/empty")
    assert ask(ada, repository="ada/empty").folders == ()
    assert "0 folders" in svg_of(ask(ada, repository="ada/empty"))


def test_an_overview_says_what_it_shows(ada):
    ada.index(shop())
    answer = ask(ada, limit=5)
    picture = svg_of(answer)
    for told in (
        *("The imports between the folders of ada/engine", "5 folders with 7 files, 8 imports"),
        *(">src/<", "3 imports"),
    ):
        assert told in picture
    assert '"src/cart" -> "src/money" [tooltip="3 imports", penwidth=1.5]' in dot_of(answer)


def test_what_is_not_there_or_not_ones_own_is_not_found(ada, eve):
    repository_id = ada.index(shop())
    with pytest.raises(NotIndexed):
        ask(ada, ref="v9")
    for name in ("ada/engine", str(repository_id)):
        with pytest.raises(RepositoryNotFound):
            ask(eve, repository=name)
