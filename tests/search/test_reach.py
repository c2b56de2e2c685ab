"""A change is followed as a search in breadth would do it, whatever the graph looks like."""

from collections import deque
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.search.indexed import Commit, index

from indexer.parsing.facts import ReferenceKind, SymbolFlag, SymbolKind
from indexer.search import impact, reach
from indexer.search.changes import Change, ChangeAmbiguous
from indexer.search.impact import MOST_BYTES
from indexer.search.import_cycles import Imports
from indexer.search.reach import Link

FILES, SYMBOLS = 7, 8
PATHS = [f"f{number}.ts" for number in range(FILES)]
# Symbol n stands in file n % FILES; 1 is a member of the object 0, and 3 a method of the class 2,
# and so each pair is of one file.
HOME = [0, 0, 2, 2, 4, 5, 6, 6]
MADE_OF = {1: 0}
WITHIN = {1: 0, 3: 2}
NODES = st.integers(0, FILES - 1)
LINKS = st.sets(st.tuples(NODES, NODES), max_size=18)
USES = st.sets(
    st.tuples(
        st.integers(0, SYMBOLS - 1),
        st.one_of(
            st.tuples(st.just("S"), st.integers(0, SYMBOLS - 1)),
            st.tuples(st.sampled_from("FM"), NODES),
        ),
    ),
    max_size=18,
)


def commit_with_symbols():
    commit = Commit(PATHS)
    for number, home in enumerate(HOME):
        commit.define(
            PATHS[home],
            f"s{number}",
            kind=SymbolKind.CLASS if number == 2 else SymbolKind.METHOD,
            container=WITHIN.get(number),
            flags=SymbolFlag.OBJECT_MEMBER if number in MADE_OF else 0,
        )
    return commit


def searched(links, uses, files, symbols, depth):
    """Each node with its distance: ("F", file), ("M", file that only mentions), ("S", symbol)."""
    following = {}
    for importer, imported in links:
        following.setdefault(("F", imported), set()).add(("F", importer))
    for used, user in uses:
        following.setdefault(("S", used), set()).add(user)
    for part, whole in MADE_OF.items():
        following.setdefault(("S", part), set()).add(("S", whole))
    # A file that uses a symbol is told as one, not as one that mentions it too.
    for users in following.values():
        users -= {("M", number) for kind, number in users if kind == "F"}
    starts = [("F", one) for one in files] + [("S", one) for one in symbols]
    starts += [("S", one) for one, around in WITHIN.items() if around in symbols]
    distances, waiting = dict.fromkeys(starts, 0), deque(starts)
    while waiting:
        node = waiting.popleft()
        for successor in following.get(node, ()) if distances[node] < depth else ():
            if successor not in distances:
                distances[successor] = distances[node] + 1
                waiting.append(successor)
    return distances, following


def test_every_graph_is_walked_as_a_search_in_breadth_does(ada):
    index(ada.scratch, ada.tenant_id, commit_with_symbols())
    snapshot = ada.scratch.value("SELECT snapshot_id FROM kotadb.snapshots")

    @settings(max_examples=300, suppress_health_check=list(HealthCheck))
    @given(
        links=LINKS,
        uses=USES,
        files=st.sets(NODES, max_size=2),
        symbols=st.sets(st.integers(0, SYMBOLS - 1), max_size=2),
        depth=st.integers(1, 10),
    )
    def hold(links, uses, files, symbols, depth):
        if not files and not symbols:
            files = {0}
        store(ada.scratch, snapshot, links, uses)
        found = impact.of_change(
            ada.database,
            Change(
                files=[PATHS[one] for one in files],
                symbols=[f"{snapshot}-{one}" for one in symbols],
            ),
            tenant_id=ada.tenant_id,
            repository="ada/engine",
            depth=depth,
        )
        distances, following = searched(links, uses, files, symbols, depth)
        nearest = {}
        for (kind, number), distance in distances.items():
            path = PATHS[HOME[number] if kind == "S" else number]
            nearest[path] = min(distance, nearest.get(path, distance))
        assert {one.path: one.depth for one in found.files} == nearest
        parts = {one for one, around in WITHIN.items() if around in symbols and one not in symbols}
        assert {int(one.symbol.name[1:]): one.depth for one in found.symbols} == {
            number: distance
            for (kind, number), distance in distances.items()
            if kind == "S" and number not in parts
        }
        assert (found.total_files, found.truncated) == (len(nearest), False)
        for one in (*found.files, *found.symbols):
            is_a_way(one, following)

    def is_a_way(one, following):
        """Each step follows on the one before, and there are as many as the distance says."""
        steps = list(one.way)
        assert steps[0].link is Link.CHANGE
        assert steps[-1].path == one.path
        counted = 0
        for before, after in pairwise(steps):
            if after.link is Link.PART and WITHIN.get(named(after)) == named(before):
                continue
            counted += 1
            if after.symbol is not None:
                follows = {("S", named(after))}
            else:
                follows = {(kind, PATHS.index(after.path)) for kind in "FM"}
            at = "S" if before.symbol else "F"
            came = ("S", named(before)) if at == "S" else ("F", PATHS.index(before.path))
            assert follows & following[came]
        assert counted == one.depth

    def named(step):
        return int(step.symbol.name[1:]) if step.symbol else None

    hold()


def store(scratch, snapshot, links, uses):
    with scratch.connection() as connection:
        connection.execute("DELETE FROM kotadb.dependencies")
        connection.execute("DELETE FROM kotadb.symbol_references")
        cursor = connection.cursor()
        cursor.executemany(
            "INSERT INTO kotadb.dependencies VALUES (%s, %s, 1, %s, 0, 1, NULL, './x', NULL)",
            [(snapshot, importer, imported) for importer, imported in links],
        )
        cursor.executemany(
            "INSERT INTO kotadb.symbol_references VALUES (%s, %s, 1, %s, %s, %s, 1, 0, %s, 1, 'x')",
            [
                (
                    *(snapshot, HOME[user] if kind == "S" else user, used),
                    *(user if kind == "S" else None, HOME[used]),
                    int(ReferenceKind.IMPORT if kind == "M" else ReferenceKind.CALL),
                )
                for used, (kind, user) in uses
            ],
        )


@pytest.fixture
def affected(ada):
    def find(change, **wishes):
        return impact.of_change(
            ada.database, change, tenant_id=ada.tenant_id, repository="ada/engine", **wishes
        )

    return find


def test_a_popular_symbol_is_followed_in_part_and_says_so(ada, affected, monkeypatch):
    monkeypatch.setattr(reach, "MOST_USES", 5)
    commit = Commit(PATHS)
    commit.define(PATHS[0], "used")
    for line in range(6):
        user = commit.define(PATHS[1], f"user{line}", line=line + 1)
        commit.use(PATHS[1], 0, line=line + 1, enclosing=user)
    index(ada.scratch, ada.tenant_id, commit)
    found = affected(Change(symbols=["used"]))
    assert (len(found.symbols), found.truncated) == (6, True)


def test_an_answer_is_bounded_in_bytes_however_long_paths_are(ada, affected):
    folder = "\N{PILE OF POO}" * 1_000
    paths = sorted(f"{folder}/f{number:03}.ts" for number in range(400))
    commit = Commit(paths)
    for path in paths[1:]:
        commit.depend(path, "./x", to=paths[0])
    index(ada.scratch, ada.tenant_id, commit)
    found = affected(Change(files=[paths[0]]), limit=1_000)
    assert (found.total_files, found.truncated) == (400, True)
    assert 1 < len(found.files) < MOST_BYTES // len(folder)


def test_a_name_of_too_many_definitions_is_refused(ada, affected):
    commit = Commit(PATHS)
    for number in range(101):
        commit.define(PATHS[0], "get", line=number + 1)
    holder = commit.define(PATHS[0], "Holder", kind=SymbolKind.CLASS)
    commit.define(PATHS[0], "get", container=holder, kind=SymbolKind.METHOD)
    index(ada.scratch, ada.tenant_id, commit)
    with pytest.raises(ChangeAmbiguous):
        affected(Change(symbols=["get"]))
    assert affected(Change(symbols=["Holder.get"])).total_symbols == 1


def test_uses_that_types_make_are_gone_at_runtime(ada, affected):
    commit = Commit(PATHS)
    commit.define(PATHS[0], "used")
    kinds = (ReferenceKind.TYPE, ReferenceKind.IMPLEMENTS, ReferenceKind.EXTENDS)
    for number, kind in enumerate(kinds, start=1):
        user = commit.define(PATHS[number], f"user{number}")
        commit.use(PATHS[number], 0, line=1, enclosing=user, kind=kind)
    commit.use(PATHS[4], 0, line=1, kind=ReferenceKind.IMPORT)
    index(ada.scratch, ada.tenant_id, commit)
    everything = affected(Change(symbols=["used"]))
    assert (everything.total_symbols, everything.total_files) == (4, 5)
    runtime = affected(Change(symbols=["used"]), imports=Imports.RUNTIME)
    assert [one.symbol.name for one in runtime.symbols] == ["used", "user3"]
