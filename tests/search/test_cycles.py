from hypothesis import given
from hypothesis import strategies as st

from indexer.search.cycles import followed_by, on_cycles, shortest_cycle

LINKS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=25)


def reachable(start: int, links: list[tuple[int, int]]) -> set[int]:
    found: set[int] = set()
    waiting = [start]
    while waiting:
        node = waiting.pop()
        for source, target in links:
            if source == node and target not in found:
                found.add(target)
                waiting.append(target)
    return found


@given(LINKS)
def test_a_node_is_on_a_cycle_exactly_when_it_can_be_reached_from_itself(links):
    nodes = {node for link in links for node in link}
    assert on_cycles(links) == {node for node in nodes if node in reachable(node, links)}


def distance(start, links):
    """How many links lead from a node back to it, at the least; 0: none do."""
    reached, steps = {start}, 0
    while reached:
        steps += 1
        reached = {target for source, target in links if source in reached}
        if start in reached:
            return steps
        if steps > 9:
            return 0
    return 0


@given(LINKS, st.integers(0, 8))
def test_a_shortest_way_around_is_made_of_links_and_none_is_shorter(links, start):
    way = shortest_cycle(followed_by(links), start)
    assert len(way) == distance(start, links)
    if way:
        assert way[0] == start
        assert set(zip(way, [*way[1:], start], strict=True)) <= set(links)


def test_a_chain_longer_than_the_recursion_limit_is_no_difficulty():
    chain = [(number, number + 1) for number in range(50_000)]
    assert on_cycles(chain) == set()
    assert len(on_cycles([*chain, (50_000, 0)])) == 50_001
