import pytest
from tests.search.indexed import Commit

from indexer.resolution.rows import Unresolved
from indexer.search import dependencies
from indexer.search.dependencies import MOST_FILES, MOST_IMPORTS, Direction
from indexer.search.files import FileNotFound
from indexer.search.repositories import NotIndexed, RepositoryNotFound

PATHS = ("a.ts", "b.ts", "c.ts", "d.ts", "e.ts", "lone.ts")


def engine() -> Commit:
    """a -> b -> c -> d -> b (a cycle of three), c -> e, and imports that leave the repository."""
    commit = Commit(PATHS)
    commit.depend("a.ts", "./b", to="b.ts", line=1)
    commit.depend("a.ts", "react", package="react", reason=Unresolved.EXTERNAL_PACKAGE, line=2)
    commit.depend("a.ts", "./gone", reason=Unresolved.FILE_NOT_FOUND, line=3)
    commit.depend("b.ts", "./c", to="c.ts")
    commit.depend("b.ts", "node:fs", reason=Unresolved.BUILTIN, line=2)
    commit.depend("c.ts", "./d", to="d.ts")
    commit.depend("c.ts", "./e", to="e.ts", line=2)
    commit.depend("c.ts", "react", package="react", reason=Unresolved.EXTERNAL_PACKAGE, line=3)
    commit.depend("d.ts", "./b", to="b.ts")
    return commit


def ask(reader, path: str, **how):
    return dependencies.of_file(
        reader.database,
        tenant_id=reader.tenant_id,
        **{"repository": "ada/engine", "path": path, **how},
    )


def told(walk) -> list[tuple[str, int, bool]]:
    return [(one.path, one.depth, one.in_cycle) for one in walk.files]


def test_a_walk_gives_each_file_once_with_its_nearest_depth(ada):
    ada.index(engine())
    answer = ask(ada, "a.ts", depth=10)
    assert told(answer.dependencies) == [
        ("b.ts", 1, True),
        ("c.ts", 2, True),
        ("d.ts", 3, True),
        ("e.ts", 3, False),
    ]
    assert (answer.in_cycle, answer.dependents) == (False, None)
    assert not answer.dependencies.truncated


def test_a_walk_ends_at_its_depth(ada):
    ada.index(engine())
    assert [one[0] for one in told(ask(ada, "a.ts").dependencies)] == ["b.ts"]
    assert [one[0] for one in told(ask(ada, "a.ts", depth=2).dependencies)] == ["b.ts", "c.ts"]


def test_dependents_are_walked_against_the_imports(ada):
    ada.index(engine())
    answer = ask(ada, "e.ts", direction=Direction.DEPENDENTS, depth=10)
    assert told(answer.dependents) == [
        ("c.ts", 1, True),
        ("b.ts", 2, True),
        ("a.ts", 3, False),
        ("d.ts", 3, True),
    ]
    assert answer.dependencies is None
    assert (answer.imports, answer.external_packages, answer.unresolved) == ((), (), ())


def test_both_directions_and_the_file_itself_on_a_cycle(ada):
    ada.index(engine())
    answer = ask(ada, "b.ts", direction=Direction.BOTH, depth=3)
    assert answer.in_cycle
    assert told(answer.dependencies) == [("c.ts", 1, True), ("d.ts", 2, True), ("e.ts", 2, False)]
    assert told(answer.dependents) == [("a.ts", 1, False), ("d.ts", 1, True), ("c.ts", 2, True)]


def test_packages_and_dead_imports_are_those_of_the_files_that_were_followed(ada):
    ada.index(engine())
    near = ask(ada, "a.ts")
    assert [(one.name, one.depth, one.files) for one in near.external_packages] == [("react", 0, 1)]
    far = ask(ada, "a.ts", depth=10)
    assert [(one.name, one.builtin, one.depth, one.files) for one in far.external_packages] == [
        ("react", False, 0, 2),
        ("node:fs", True, 1, 1),
    ]
    assert [(one.path, one.line, one.specifier, one.reason) for one in far.unresolved] == [
        ("a.ts", 3, "./gone", Unresolved.FILE_NOT_FOUND)
    ]


def test_a_files_own_imports_are_told_line_by_line(ada):
    ada.index(engine())
    imports = ask(ada, "a.ts").imports
    assert [(one.line, one.specifier, one.path, one.package, one.reason) for one in imports] == [
        (1, "./b", "b.ts", None, None),
        (2, "react", None, "react", Unresolved.EXTERNAL_PACKAGE),
        (3, "./gone", None, None, Unresolved.FILE_NOT_FOUND),
    ]


def test_a_file_without_imports_has_an_empty_walk(ada):
    ada.index(engine())
    answer = ask(ada, "lone.ts", direction=Direction.BOTH, depth=10)
    assert (answer.dependencies.files, answer.dependents.files) == ((), ())
    assert not answer.in_cycle


def test_a_walk_that_reaches_too_much_says_so(ada):
    paths = [f"f{number:05}.ts" for number in range(MOST_FILES + 2)]
    commit = Commit(paths)
    for path in paths[1:]:
        commit.depend(paths[0], f"./{path}", to=path)
    ada.index(commit)
    everything = ask(ada, paths[0]).dependencies
    assert (len(everything.files), everything.truncated) == (MOST_FILES, True)


def test_the_files_own_imports_are_told_whichever_way_is_walked(ada):
    ada.index(engine())
    answer = ask(ada, "a.ts", direction=Direction.DEPENDENTS)
    assert [one.specifier for one in answer.imports] == ["./b", "react", "./gone"]
    assert (answer.external_packages, answer.unresolved, answer.truncated) == ((), (), False)


@pytest.mark.parametrize("more", [0, 1])
@pytest.mark.parametrize("reason", [Unresolved.FILE_NOT_FOUND, Unresolved.EXTERNAL_PACKAGE])
def test_lists_that_are_cut_say_so(ada, reason, more):
    commit = Commit(["a.ts"])
    for number in range(MOST_IMPORTS + more):
        package = f"p{number}" if reason is Unresolved.EXTERNAL_PACKAGE else None
        commit.depend("a.ts", f"p{number}", package=package, reason=reason, line=number + 1)
    ada.index(commit)
    answer = ask(ada, "a.ts")
    assert len(answer.imports) == MOST_IMPORTS
    assert len(answer.unresolved) + len(answer.external_packages) == MOST_IMPORTS
    assert answer.truncated == bool(more)


def test_a_dense_graph_is_walked_in_bounded_steps(ada):
    paths = [f"f{number:03}.ts" for number in range(60)]
    commit = Commit(paths)
    for source in paths:
        for target in paths:
            commit.depend(source, f"./{target}", to=target)
    ada.index(commit)
    answer = ask(ada, paths[0], depth=10)
    assert len(answer.dependencies.files) == 59
    assert all(one.in_cycle for one in answer.dependencies.files)


def test_what_is_not_there_or_not_ones_own_is_not_found(ada, eve):
    repository_id = ada.index(engine())
    with pytest.raises(FileNotFound):
        ask(ada, "missing.ts")
    with pytest.raises(NotIndexed):
        ask(ada, "a.ts", ref="v9")
    for name in ("ada/engine", str(repository_id), "eve/none"):
        with pytest.raises(RepositoryNotFound):
            ask(eve, "a.ts", repository=name)
