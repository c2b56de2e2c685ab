import itertools
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.search.indexed import Commit

from indexer.parsing.facts import DependencyKind
from indexer.search import dependencies, neighbourhood
from indexer.search.dependencies import Direction
from indexer.search.files import FileNotFound
from indexer.search.neighbourhood import DEFAULT_NODES, MOST_NODES, Side
from indexer.search.pictures import dot_of, svg_of
from indexer.search.repositories import NotIndexed, RepositoryNotFound

PATHS = ("a.ts", "b.ts", "c.ts", "d.ts", "e.ts", "lone.ts", "test/a.ts")


def engine() -> Commit:
    """test/a -> a -> b -> c -> d -> b (a cycle of three), c -> e, test/a -> e."""
    commit = Commit(PATHS)
    for source, target in ("ab", "bc", "cd", "ce", "db"):
        commit.depend(f"{source}.ts", f"./{target}", to=f"{target}.ts")
    commit.depend("test/a.ts", "../a", to="a.ts")
    commit.depend("test/a.ts", "../e", to="e.ts", line=2)
    return commit


def ask(reader, path, **how):
    return neighbourhood.around_file(
        reader.database,
        tenant_id=reader.tenant_id,
        **{"repository": "ada/engine", "path": path, **how},
    )


def shown(answer):
    return [(one.path, one.layer, one.side.value) for one in answer.files]


def links(answer):
    return [f"{one.from_path}>{one.to_path}" for one in answer.imports]


def test_what_imports_a_file_is_to_its_left_and_what_it_imports_to_its_right(ada):
    ada.index(engine())
    answer = ask(ada, "a.ts")
    assert shown(answer) == [
        ("a.ts", 0, "self"),
        ("b.ts", 1, "dependencies"),
        ("test/a.ts", -1, "dependents"),
        ("c.ts", 2, "dependencies"),
    ]
    assert links(answer) == ["a.ts>b.ts", "b.ts>c.ts", "test/a.ts>a.ts"]
    assert (answer.depth, answer.direction, answer.truncated) == (2, Direction.BOTH, False)


def test_every_import_between_two_shown_files_is_told(ada):
    ada.index(engine())
    answer = ask(ada, "a.ts", depth=3)
    # The test and e are on different sides, and neither way leads by this import.
    assert links(answer) == [
        *("a.ts>b.ts", "b.ts>c.ts", "c.ts>d.ts", "c.ts>e.ts", "d.ts>b.ts"),
        *("test/a.ts>a.ts", "test/a.ts>e.ts"),
    ]
    assert {(one.from_path, one.to_path) for one in answer.imports if one.in_cycle} == {
        ("b.ts", "c.ts"),
        ("c.ts", "d.ts"),
        ("d.ts", "b.ts"),
    }
    assert {one.path for one in answer.files if one.in_cycle} == {"b.ts", "c.ts", "d.ts"}


def test_an_import_from_one_cycle_into_another_is_in_none(ada):
    commit = Commit(PATHS)
    for source, target in ("ab", "ba", "bc", "cd", "dc"):
        commit.depend(f"{source}.ts", f"./{target}", to=f"{target}.ts")
    ada.index(commit)
    answer = ask(ada, "a.ts", depth=10)
    assert all(one.in_cycle for one in answer.files)
    assert [f"{one.from_path}>{one.to_path}" for one in answer.imports if not one.in_cycle] == [
        "b.ts>c.ts"
    ]


def test_a_cycle_is_marked_only_where_all_of_it_is_shown(ada):
    ada.index(engine())
    near = ask(ada, "b.ts", direction=Direction.DEPENDENCIES, depth=1)
    assert links(near) == ["b.ts>c.ts"]
    assert not any(one.in_cycle for one in (*near.files, *near.imports))


@pytest.mark.parametrize(
    ("direction", "told"),
    [
        (Direction.DEPENDENTS, [("a.ts", 0, "self"), ("test/a.ts", -1, "dependents")]),
        (Direction.DEPENDENCIES, [("a.ts", 0, "self"), ("b.ts", 1, "dependencies")]),
    ],
)
def test_one_direction_is_walked_alone(ada, direction, told):
    ada.index(engine())
    assert shown(ask(ada, "a.ts", direction=direction, depth=1)) == told


def test_what_is_on_both_sides_is_drawn_on_the_nearer_one(ada):
    ada.index(engine())
    # From b to c and back to b: c is one import away, and two against the imports; d is the other.
    answer = ask(ada, "b.ts", depth=2)
    assert ("c.ts", 1, "both") in shown(answer)
    assert ("d.ts", -1, "both") in shown(answer)
    assert {one.side for one in answer.files if one.path == "b.ts"} == {Side.SELF}


def test_the_nearest_are_kept_and_of_equals_those_whose_paths_come_first(ada):
    ada.index(engine())
    answer = ask(ada, "a.ts", depth=10, limit=4)
    assert [one.path for one in answer.files] == ["a.ts", "b.ts", "test/a.ts", "c.ts"]
    assert answer.truncated
    assert links(answer) == ["a.ts>b.ts", "b.ts>c.ts", "test/a.ts>a.ts"]
    assert [one.path for one in ask(ada, "a.ts", limit=2).files] == ["a.ts", "b.ts"]
    alone = ask(ada, "a.ts", limit=-5)
    assert ([one.path for one in alone.files], alone.truncated) == (["a.ts"], True)


def test_all_that_there_is_is_no_truncated_answer(ada):
    ada.index(engine())
    assert not ask(ada, "a.ts", depth=10, limit=6).truncated
    assert not ask(ada, "a.ts", depth=1).truncated
    alone = ask(ada, "lone.ts")
    assert (shown(alone), alone.imports, alone.truncated) == ([("lone.ts", 0, "self")], (), False)


def test_an_import_that_stands_in_several_ways_is_one_with_all_its_kinds(ada):
    ada.index(
        Commit.of(
            {
                "a.ts": 'import { b } from "./b";\nimport("./b");\nimport "./b";\nb;\n',
                "b.ts": "export const b = 1;\n",
                "loop.ts": 'import "./loop";\n',
            }
        )
    )
    (one,) = ask(ada, "a.ts").imports
    assert one.kinds == (
        DependencyKind.IMPORT,
        DependencyKind.DYNAMIC_IMPORT,
        DependencyKind.SIDE_EFFECT,
    )
    loop = ask(ada, "loop.ts")
    assert (links(loop), loop.imports[0].in_cycle) == (["loop.ts>loop.ts"], True)
    assert loop.files[0].in_cycle


def test_as_many_files_are_shown_as_were_asked_for_within_limits(ada):
    paths = [f"f{number:03}.ts" for number in range(150)]
    commit = Commit(paths)
    for path in paths[1:]:
        commit.depend(path, "./f000", to=paths[0])
    ada.index(commit)
    for limit, expected in ((None, DEFAULT_NODES), (7, 7), (1_000, MOST_NODES), (0, 1)):
        answer = ask(ada, paths[0], limit=limit)
        assert [one.path for one in answer.files] == paths[:expected]
        assert answer.truncated


def test_a_dense_graph_of_long_paths_stays_a_small_answer_with_every_import_of_its_files(ada):
    """Every file imports every other one: 100 of them have more imports than an answer holds."""
    paths = [f"{'漢' * 300}/{number:03}.ts" for number in range(100)]
    commit = Commit(paths)
    for source, target in itertools.product(paths, paths):
        commit.depend(source, "./x", to=target)
    ada.index(commit)
    answer = ask(ada, paths[50], limit=100)
    count = len(answer.files)
    assert 5 < count < 100
    assert answer.truncated
    assert len(answer.imports) == count * count
    assert sum(len(json.dumps(one.from_path + one.to_path)) for one in answer.imports) < 800_000


GRAPHS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=18, unique=True)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(GRAPHS, st.integers(0, 6), st.integers(1, 4))
def test_a_neighbourhood_is_what_the_walks_of_dependencies_reach(ada, pairs, start, depth):
    paths = [f"f{number}.ts" for number in range(7)]
    commit = Commit(paths)
    for source, target in pairs:
        commit.depend(paths[source], "./x", to=paths[target])
    ada.index(commit)
    asked = {"path": paths[start], "direction": Direction.BOTH, "depth": depth}
    answer = ask(ada, **asked, limit=100)
    walks = dependencies.of_file(
        ada.database, tenant_id=ada.tenant_id, repository="ada/engine", **asked
    )
    right = {one.path: one.depth for one in walks.dependencies.files}
    left = {one.path: one.depth for one in walks.dependents.files}
    there = {paths[start]} | set(right) | set(left)
    assert {one.path for one in answer.files} == there
    for one in answer.files[1:]:
        known = [walk[one.path] for walk in (right, left) if one.path in walk]
        assert one.distance == min(known)
        assert (one.side is Side.BOTH) == (len(known) == 2)
        assert (one.layer > 0) == (right.get(one.path, 99) <= left.get(one.path, 99))
    assert links(answer) == [
        f"{paths[source]}>{paths[target]}"
        for source, target in sorted(pairs)
        if {paths[source], paths[target]} <= there
    ]
    cyclic = {
        one.path for one in (*walks.dependencies.files, *walks.dependents.files) if one.in_cycle
    }
    assert {one.path for one in answer.files[1:] if one.in_cycle} == cyclic
    assert answer.files[0].in_cycle == walks.in_cycle


def test_what_is_not_there_or_not_ones_own_is_not_found(ada, eve):
    repository_id = ada.index(engine())
    with pytest.raises(FileNotFound):
        ask(ada, "missing.ts")
    with pytest.raises(NotIndexed):
        ask(ada, "a.ts", ref="v9")
    for name in ("ada/engine", str(repository_id), "eve/none"):
        with pytest.raises(RepositoryNotFound):
            ask(eve, "a.ts", repository=name)


def test_a_picture_says_what_it_shows(ada):
    ada.index(engine())
    picture = svg_of(ask(ada, "b.ts", depth=2))
    for told in (
        *("The imports around b.ts", "imports it", "it imports", "2 imports away"),
        *("3 files in cycles of imports", "ada/engine at main, commit aaaaaaaaaa"),
    ):
        assert told in picture
    assert "there are more" not in picture
    assert "there are more" in svg_of(ask(ada, "b.ts", limit=2))
    assert dot_of(ask(ada, "b.ts")).startswith('digraph "The imports around b.ts" {\n')
