from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.resolution.written import Index, Source

from indexer.resolution.exports import ExportGraph

NAMES = ("p", "q", "r")
MODULES = 6

# A module is a list of statements: what it declares, takes by name, or takes all of.
STATEMENTS = st.one_of(
    st.tuples(st.just("declare"), st.sampled_from(NAMES)),
    st.tuples(
        st.just("named"),
        st.integers(0, MODULES - 1),
        st.sampled_from(NAMES),
        st.sampled_from((*NAMES, "default")),
    ),
    st.tuples(st.just("star"), st.integers(0, MODULES - 1)),
)
GRAPHS = st.lists(
    st.lists(STATEMENTS, max_size=4, unique_by=lambda one: one[-1] if one[0] == "named" else one),
    min_size=MODULES,
    max_size=MODULES,
)


def reached(graph, module, name, seen=frozenset()):
    """Every declaration that `name` may mean, by walking all ways that do not come back."""
    if (module, name) in seen:
        return set()
    seen = seen | {(module, name)}
    own = [one for one in graph[module] if one[0] == "declare" and one[1] == name]
    taken = [one for one in graph[module] if one[0] == "named" and one[3] == name]
    found = {(module, name)} if own else set()
    for _, source, over_there, _ in taken:
        found |= reached(graph, source, over_there, seen)
    if not own and not taken and name != "default":
        for one in graph[module]:
            if one[0] == "star":
                found |= reached(graph, one[1], name, seen)
    return found


def written(graph) -> dict[str, Source]:
    sources = {}
    for module, statements in enumerate(graph):
        source = sources[f"m{module}.ts"] = Source()
        for statement in statements:
            match statement:
                case ("declare", name):
                    source.export(name)
                case ("named", other, name, own):
                    source.export_from(f"./m{other}", name, own)
                case ("star", other):
                    source.export_from(f"./m{other}", "*")
    importer = sources["z.ts"] = Source()
    for module in range(len(graph)):
        for name in (*NAMES, "default"):
            importer.bind(f"./m{module}", name, f"{module}{name}").use(f"{module}{name}")
    return sources


@settings(max_examples=300)
@given(graph=GRAPHS)
def test_any_graph_of_re_exports_means_what_walking_all_its_ways_finds(graph):
    index = Index(written(graph))
    expected = []
    for module in range(MODULES):
        for name in (*NAMES, "default"):
            found = sorted(reached(graph, module, name))
            if len(found) == 1:
                expected.append(f"m{found[0][0]}.ts#{found[0][1]}")
            else:
                expected.append("ambiguous" if found else "not_exported")
    assert [end.partition(":")[0] for end in index.ends("z.ts")] == expected


@settings(max_examples=100)
@given(graph=GRAPHS, order=st.permutations([*(f"m{at}.ts" for at in range(MODULES)), "z.ts"]))
def test_the_rows_do_not_depend_on_the_order_of_the_files(graph, order):
    sources = written(graph)
    one, other = Index(sources), Index({path: sources[path] for path in order})
    assert one.symbols == other.symbols
    assert one.references == other.references
    assert one.dependencies == other.dependencies


def expansions(sources: dict[str, Source], monkeypatch) -> int:
    """How many (module, name) pairs are looked into to link `sources`."""
    counted = 0
    expand = ExportGraph._expand

    def counting(graph, question):
        nonlocal counted
        counted += 1
        return expand(graph, question)

    monkeypatch.setattr(ExportGraph, "_expand", counting)
    Index(sources)
    return counted


def barrel(leaves: int, importers: int) -> dict[str, Source]:
    sources = {f"leaf{at}.ts": Source().export(f"n{at}") for at in range(leaves)}
    top = sources["top.ts"] = Source()
    for at in range(leaves):
        top.export_from(f"./leaf{at}", "*")
    for at in range(importers):
        one = sources[f"use{at}.ts"] = Source()
        for name in range(leaves):
            one.bind("./top", f"n{name}").use(f"n{name}").bind("./top", f"gone{at}{name}")
            one.use(f"gone{at}{name}")
    return sources


def test_a_name_behind_a_barrel_is_looked_for_once_however_many_ask(monkeypatch):
    once = expansions(barrel(20, 1), monkeypatch)
    often = expansions(barrel(20, 30), monkeypatch)
    assert often == once


def test_the_cost_of_a_barrel_is_linear_in_its_width(monkeypatch):
    small, large = expansions(barrel(10, 1), monkeypatch), expansions(barrel(100, 1), monkeypatch)
    assert large <= 10 * small


def test_modules_that_need_members_of_each_other_are_looked_into_once(monkeypatch):
    sources = {
        "left.ts": Source().bind("./right", "*", "r").export_bound("r", "x", named="x"),
        "right.ts": Source().export_from("./left", "x"),
        "z.ts": Source().bind("./left", "x").use("x"),
    }
    assert expansions(sources, monkeypatch) == 2


def chain(length: int, importers: int) -> dict[str, Source]:
    sources = {f"m{at}.ts": Source().export_from(f"./m{at + 1}", "*") for at in range(length)}
    sources[f"m{length}.ts"] = Source().export("x")
    for at in range(importers):
        # The first to ask stands nearest to the end.
        sources[f"use{at:03}.ts"] = Source().bind(f"./m{length - 1 - at}", "x").use("x")
    return sources


def test_a_chain_is_walked_once_however_many_enter_it(monkeypatch):
    assert expansions(chain(100, 100), monkeypatch) == 101
