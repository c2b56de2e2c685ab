"""The tree of an expression, and the tree as RE2 reads it.

What RE2 runs is written from the tree alone, and so is the condition over trigrams: the two speak
of the same expression. Every character is spelled out, with its cases and without line ends, so no
flag of RE2 changes what is meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, assert_never

from indexer.search.characters import FIRST_SURROGATE, LAST_SURROGATE, Characters


class Edge(Enum):
    """A place between two characters, and how RE2 writes it.

    RE2 cannot look at what follows, so the end of a line takes its carriage return along.
    """

    LINE_START = "(?m:^)"
    LINE_END = r"(?:\r?(?m:$))"
    WORD = r"\b"
    NO_WORD = r"\B"


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other; without parts it is the empty text."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the alternatives, earlier ones preferred."""

    alternatives: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repetition:
    """The part, at least and at most so many times; None: without an end."""

    part: Node
    least: int
    most: int | None
    lazy: bool = False


Node: TypeAlias = Characters | Edge | Sequence | Choice | Repetition


def rendered(node: Node) -> str:
    """The expression as RE2 writes it, in ASCII."""
    match node:
        case Characters():
            return _class(node)
        case Edge():
            return node.value
        case Sequence():
            return "".join(
                f"(?:{rendered(part)})" if isinstance(part, Choice) else rendered(part)
                for part in node.parts
            )
        case Choice():
            return "|".join(rendered(one) for one in node.alternatives)
        case Repetition():
            return f"(?:{rendered(node.part)}){_count(node)}"
        case _:
            assert_never(node)


def matches_empty(node: Node) -> bool:
    """Whether the empty text is among what the expression may match, edges left aside."""
    match node:
        case Characters():
            return False
        case Edge():
            return True
        case Sequence():
            return all(matches_empty(part) for part in node.parts)
        case Choice():
            return any(matches_empty(one) for one in node.alternatives)
        case Repetition():
            return node.least == 0 or matches_empty(node.part)
        case _:
            assert_never(node)


def _class(characters: Characters) -> str:
    ranges = characters.ranges
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return _character(ranges[0][0])
    if FIRST_SURROGATE - 1 in characters and LAST_SURROGATE + 1 in characters:
        # None stands in a text, and without the gap the program has half the size.
        ranges = Characters.of([*ranges, (FIRST_SURROGATE, LAST_SURROGATE)]).ranges
    spelled = (
        _character(first) if first == last else f"{_character(first)}-{_character(last)}"
        for first, last in ranges
    )
    return f"[{''.join(spelled)}]"


def _character(code: int) -> str:
    letter = chr(code)
    if letter.isascii() and (letter.isalnum() or letter in "_ "):
        return letter
    return f"\\x{{{code:x}}}"


def _count(repetition: Repetition) -> str:
    match repetition.least, repetition.most:
        case 0, None:
            count = "*"
        case 1, None:
            count = "+"
        case 0, 1:
            count = "?"
        case least, None:
            count = f"{{{least},}}"
        case least, most:
            count = f"{{{least},{most}}}"
    return count + "?" * repetition.lazy
