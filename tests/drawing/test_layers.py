from hypothesis import given
from hypothesis import strategies as st

from indexer.drawing.layers import layers_of
from indexer.search.cycles import cyclic_components, followed_by

NAMES = "abcdefgh"
WEIGHTS = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(
        lambda link: len(set(link)) == 2
    ),
    st.integers(1, 50),
    max_size=20,
)


def drawn(names, weights):
    return layers_of(names, weights, cycles_of(weights))


def cycles_of(weights):
    components = cyclic_components(
        followed_by((ord(source), ord(target)) for source, target in weights)
    )
    return {chr(one): place for place, members in enumerate(components) for one in members}


@given(WEIGHTS)
def test_only_edges_of_a_cycle_do_not_lead_to_the_right(weights):
    layers, cycles = drawn(NAMES, weights), cycles_of(weights)
    for source, target in weights:
        if source not in cycles or cycles[source] != cycles.get(target):
            assert layers[source] < layers[target]


@given(WEIGHTS)
def test_without_cycles_every_edge_leads_to_the_right(weights):
    falling = {link: weight for link, weight in weights.items() if link[0] < link[1]}
    layers = drawn(NAMES, falling)
    assert all(layers[source] < layers[target] for source, target in falling)


@given(WEIGHTS)
def test_every_name_has_a_layer_and_layers_begin_with_0(weights):
    layers = drawn(NAMES, weights)
    assert set(layers) == set(NAMES)
    assert min(layers.values()) == 0
    assert max(layers.values()) < len(NAMES)


@given(WEIGHTS, st.permutations(list(NAMES)))
def test_layers_depend_on_nothing_but_the_graph(weights, names):
    turned = dict(reversed(list(weights.items())))
    assert drawn(names, turned) == drawn(NAMES, weights)


def test_of_a_cycle_the_lightest_edge_leads_back():
    layers = drawn("abc", {("a", "b"): 9, ("b", "c"): 8, ("c", "a"): 1})
    assert layers == {"a": 0, "b": 1, "c": 2}


def test_what_nothing_leads_to_stands_next_to_what_it_leads_to():
    chain = {("a", "b"): 1, ("b", "c"): 1, ("c", "d"): 1, ("x", "d"): 1}
    assert drawn("abcdx", chain) == {"a": 0, "b": 1, "c": 2, "d": 3, "x": 2}


def test_what_has_no_edges_is_at_the_left():
    assert drawn("ab", {}) == {"a": 0, "b": 0}
    assert drawn("", {}) == {}
