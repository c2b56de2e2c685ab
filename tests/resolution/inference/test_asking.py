"""Answers that are kept: found once, and the same whatever was asked before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.resolution.inference.asking import MAX_LOOP, Answers, Asking, Questions

Leads: TypeAlias = dict[int, list[int]]
Answer: TypeAlias = tuple[object, ...]

BACK: Answer = ("leads back",)
NUMBERS = st.integers(0, 6)
GRAPHS = st.dictionaries(NUMBERS, st.lists(NUMBERS, max_size=3, unique=True), max_size=7)


def following(leads: list[int], answer: Callable[[int], Answer]) -> list[Answer]:
    """The answers to what a question leads to, in turn.

    An answer decides what is asked next: one from a loop lets the next question be left out.
    """
    found: list[Answer] = []
    waiting = iter(leads)
    for one in waiting:
        found.append(answer(one))
        if BACK in found[-1:] or BACK in found[-1]:
            next(waiting, None)
    return found


class Graph:
    """Questions that lead to others; an answer tells all that it was found by."""

    def __init__(self, leads: Leads) -> None:
        self.asking = Asking()
        self.leads = leads
        self.found: Counter[int] = Counter()
        self.answers: Answers[int, Answer] = Answers(self.asking, self.find, lambda _: BACK)

    def find(self, question: int) -> Answer:
        self.found[question] += 1
        return (question, *following(self.leads.get(question, []), self.answers.to))


def alone(leads: Leads, question: int, above: tuple[int, ...] = ()) -> Answer:
    """The answer where nothing is kept."""
    if question in above:
        return BACK
    inside = (*above, question)
    return (question, *following(leads.get(question, []), lambda one: alone(leads, one, inside)))


@given(GRAPHS, st.lists(NUMBERS, min_size=1, max_size=12))
# What takes an answer from a loop is itself to be found anew within that loop.
@example({5: [0, 6], 2: [5], 1: [0, 2], 6: [2, 1]}, [2, 1, 6])
def test_an_answer_is_the_same_whatever_was_asked_before(leads, asked):
    graph = Graph(leads)
    for question in asked:
        assert graph.answers.to(question) == alone(leads, question)


@given(GRAPHS, st.lists(NUMBERS, min_size=1, max_size=12))
def test_what_was_answered_for_whoever_asks_from_outside_is_not_found_again(leads, asked):
    graph = Graph(leads)
    for question in asked:
        graph.answers.to(question)
    before = sum(graph.found.values())
    for question in asked:
        graph.answers.to(question)
    assert sum(graph.found.values()) == before


def test_what_leads_nowhere_back_is_found_once():
    graph = Graph({0: [1, 2], 1: [3], 2: [3], 3: [4]})
    graph.answers.to(0)
    graph.answers.to(2)
    assert set(graph.found.values()) == {1}


def test_a_loop_is_gone_round_once_however_many_lead_to_it():
    # Each of many leads to a loop of four, and to the next of the many.
    many = {at: [at + 1, 1000] for at in range(100)}
    graph = Graph(many | {1000: [1001], 1001: [1002], 1002: [1003], 1003: [1000]})
    graph.answers.to(99)
    for at in reversed(range(100)):
        graph.answers.to(at)
    assert graph.found[1000] == 1
    assert max(graph.found.values()) == 1


def test_the_answers_of_a_loop_that_is_too_large_are_not_kept():
    ring = {at: [at + 1] for at in range(MAX_LOOP)} | {MAX_LOOP: [0], MAX_LOOP + 1: [0]}
    graph = Graph(ring)
    graph.answers.to(0)
    graph.answers.to(MAX_LOOP + 1)
    assert graph.found[0] == 2
    assert graph.found[MAX_LOOP] == 2


def test_what_met_a_bound_is_found_again_and_what_did_not_is_not():
    asking = Asking()
    found: Counter[str] = Counter()

    def find(question: str) -> str:
        found[question] += 1
        if question == "deep":
            asking.bounds_met += 1
        elif question == "whole":
            answers.to("fine")
            answers.to("deep")
        return question

    answers: Answers[str, str] = Answers(asking, find, str)
    answers.to("whole")
    answers.to("whole")
    assert found == {"whole": 2, "deep": 2, "fine": 1}


@pytest.mark.parametrize("first", ["outer", "inner"])
def test_what_is_only_asked_counts_among_the_ways_that_lead_back(first):
    """A question that is guarded but not kept is as much of a loop as one that is."""
    asking = Asking()
    guarded: Questions[str] = Questions(asking)

    def find(question: str) -> str:
        if question == "inner" or guarded.leads_back("outer"):
            return f"{question}!"
        return guarded.ask("outer", lambda: question + answers.to("inner") + answers.to("again"))

    answers: Answers[str, str] = Answers(asking, find, lambda _: "back")
    answers.to(first)
    assert answers.to("outer") == "outerinner!again!"
    assert answers.to("again") == "againinner!back"
