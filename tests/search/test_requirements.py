from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.postings.trigrams import trigrams_of
from indexer.search.requirements import ANYTHING, Requirement, all_of, holding, one_of

TEXTS = (b"the cat sat", b"the dog sat", b"a CAT and a dog", b"nothing", b"")
EVERYTHING = (1 << len(TEXTS)) - 1


def files_holding(trigram: int) -> int:
    return sum(1 << at for at, text in enumerate(TEXTS) if trigram in trigrams_of(text))


def satisfied(wanted: Requirement) -> list[int]:
    found = wanted.satisfied(files_holding, EVERYTHING)
    return [at for at in range(len(TEXTS)) if found >> at & 1]


CAT, DOG, SAT = holding(b"cat"), holding(b"dog"), holding(b"sat")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ANYTHING, [0, 1, 2, 3, 4]),
        (CAT, [0, 2]),
        (holding(b"Cat"), [0, 2]),
        (holding(b"ca"), [0, 1, 2, 3, 4]),
        (holding(b"cat sat"), [0]),
        (all_of([CAT, DOG]), [2]),
        (all_of([]), [0, 1, 2, 3, 4]),
        (one_of([CAT, DOG]), [0, 1, 2]),
        (one_of([CAT, ANYTHING]), [0, 1, 2, 3, 4]),
        (one_of([CAT]), [0, 2]),
        (one_of([CAT, CAT]), [0, 2]),
        (all_of([one_of([CAT, DOG]), SAT]), [0, 1]),
        (one_of([all_of([CAT, DOG]), all_of([DOG, SAT])]), [1, 2]),
        (all_of([one_of([CAT, DOG]), one_of([SAT, holding(b"and")])]), [0, 1, 2]),
    ],
)
def test_a_requirement_admits_the_texts_that_may_match(wanted, expected):
    assert satisfied(wanted) == expected


@given(st.recursive(st.sampled_from([CAT, DOG, SAT, ANYTHING]), lambda one: st.one_of(
    st.lists(one, max_size=3).map(all_of), st.lists(one, min_size=1, max_size=3).map(one_of)
)))  # fmt: skip
def test_a_requirement_asks_for_no_trigram_that_it_does_not_name(wanted):
    asked: set[int] = set()

    def note(trigram: int) -> int:
        asked.add(trigram)
        return EVERYTHING

    assert wanted.satisfied(note, EVERYTHING) == EVERYTHING
    assert asked <= wanted.all_trigrams()
