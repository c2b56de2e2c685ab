"""The condition over trigrams that an expression sets to a text.

The way is that of Russ Cox's "Regular Expression Matching with a Trigram Index": of each part is
known either all that it can match, or how what it matches begins and ends and what that holds.
Where parts meet, the end of one and the beginning of the next give the trigrams between them.
Whatever grows too large is replaced by something weaker, so the condition stays necessary.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Final, assert_never

from indexer.postings.trigrams import WIDTH, folded
from indexer.search.characters import Characters
from indexer.search.expression_nodes import Choice, Edge, Node, Repetition, Sequence
from indexer.search.requirements import ANYTHING, Requirement, all_of, holding, one_of

MOST_TRIGRAMS: Final = 64
"""Distinct trigrams of a condition."""

MOST_ALTERNATIVES: Final = 16
"""Alternatives of one choice, and strings that are kept of one part."""

_MOST_CHOICES: Final = 16
_MOST_EXACT_BYTES: Final = 4096
# Of characters that differ by case in ASCII alone, two make one string.
_MOST_CHARACTERS: Final = 2 * MOST_ALTERNATIVES

_Strings = frozenset[bytes]
_EMPTY: Final = frozenset({b""})


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of all that a part can match; strings are folded as trigrams are.

    With `exact` it is one of these strings. Otherwise it begins with one of `begins`, ends with one
    of `ends` (they may overlap) and satisfies `required`.
    """

    exact: _Strings | None = None
    begins: _Strings = _EMPTY
    ends: _Strings = _EMPTY
    required: Requirement = ANYTHING


_NOTHING_KNOWN: Final = _Known()


def requirement_of(node: Node) -> Requirement:
    """The condition that every text satisfies in which the expression matches.

    It names at most MOST_TRIGRAMS trigrams, and each choice has at most MOST_ALTERNATIVES.
    """
    return _trimmed(_opened(_known(node)).required, MOST_TRIGRAMS)


def _known(node: Node) -> _Known:
    match node:
        case Characters():
            return _characters(node)
        case Edge():
            return _Known(exact=_EMPTY)
        case Sequence():
            return reduce(_joined, map(_known, node.parts), _Known(exact=_EMPTY))
        case Choice():
            return _either([_known(one) for one in node.alternatives])
        case Repetition():
            return _repeated(node)
        case _:
            assert_never(node)


def _characters(characters: Characters) -> _Known:
    if len(characters) > _MOST_CHARACTERS:
        return _NOTHING_KNOWN
    strings = frozenset(folded(chr(one).encode()) for one in characters)
    return _Known(exact=strings) if len(strings) <= MOST_ALTERNATIVES else _NOTHING_KNOWN


def _joined(left: _Known, right: _Known) -> _Known:
    if left.exact is not None and right.exact is not None:
        both = _crossed(left.exact, right.exact)
        if _few(both):
            return _Known(exact=both)
        left, right = _opened(left), _opened(right)
    # What is exact on one side prolongs the beginning or the end of the other.
    crossing = _crossed(left.exact or left.ends, right.exact or right.begins)
    begins = left.begins if left.exact is None else _heads(crossing)
    ends = right.ends if right.exact is None else _tails(crossing)
    between = (
        _holding_one(crossing)
        if len(crossing) <= MOST_ALTERNATIVES
        else all_of([_opened(left).required, _opened(right).required])
    )
    required = _bounded([left.required, right.required, between])
    return _Known(begins=begins, ends=ends, required=required)


def _either(alternatives: list[_Known]) -> _Known:
    exact: set[bytes] = set()
    for one in alternatives:
        if one.exact is None:
            break
        exact |= one.exact
    else:
        if _few(exact):
            return _Known(exact=frozenset(exact))
    opened = [_opened(one) for one in alternatives]
    conditions = tuple(dict.fromkeys(_trimmed(one.required, MOST_TRIGRAMS) for one in opened))
    return _Known(
        begins=_heads(string for one in opened for string in one.begins),
        ends=_tails(string for one in opened for string in one.ends),
        required=one_of(conditions) if len(conditions) <= MOST_ALTERNATIVES else ANYTHING,
    )


def _repeated(repetition: Repetition) -> _Known:
    part = _known(repetition.part)
    if repetition.most == 0:
        return _Known(exact=_EMPTY)
    if repetition.least == 0:
        if repetition.most == 1 and part.exact is not None and _few(part.exact | _EMPTY):
            return _Known(exact=part.exact | _EMPTY)
        return _NOTHING_KNOWN
    # No trigram reaches over more copies than it has bytes, unless a copy may be empty.
    copies = min(repetition.least, WIDTH)
    known = reduce(_joined, [part] * copies)
    return known if repetition.most == copies else _opened(known)


def _opened(known: _Known) -> _Known:
    """The same without `exact`: how it begins and ends, and what it holds."""
    if known.exact is None:
        return known
    return _Known(
        begins=_heads(known.exact),
        ends=_tails(known.exact),
        required=_holding_one(known.exact),
    )


def _few(strings: set[bytes] | _Strings) -> bool:
    return len(strings) <= MOST_ALTERNATIVES and sum(map(len, strings)) <= _MOST_EXACT_BYTES


def _crossed(left: _Strings, right: _Strings) -> _Strings:
    return frozenset(one + other for one in left for other in right)


def _heads(strings: Iterable[bytes]) -> _Strings:
    """How the strings begin: as much as a trigram may share with what stands before."""
    distinct = set(strings)
    for width in range(WIDTH - 1, 0, -1):
        cut = frozenset(one[:width] for one in distinct)
        if len(cut) <= MOST_ALTERNATIVES:
            return cut
    return _EMPTY


def _tails(strings: Iterable[bytes]) -> _Strings:
    distinct = set(strings)
    for width in range(WIDTH - 1, 0, -1):
        cut = frozenset(one[-width:] for one in distinct)
        if len(cut) <= MOST_ALTERNATIVES:
            return cut
    return _EMPTY


def _holding_one(strings: _Strings) -> Requirement:
    return one_of(holding(one) for one in sorted(strings))


def _bounded(parts: list[Requirement]) -> Requirement:
    required = all_of(parts)
    return Requirement(required.trigrams, required.choices[:_MOST_CHOICES])


def _trimmed(required: Requirement, most: int) -> Requirement:
    """A condition that is no stronger and names at most `most` trigrams."""
    parts = [Requirement(_spread(required.trigrams, most))]
    left = most - len(parts[0].trigrams)
    for at, choice in enumerate(required.choices):
        share = left // (len(required.choices) - at) // len(choice)
        part = one_of([_trimmed(one, share) for one in choice])
        left -= len(part.all_trigrams())
        parts.append(part)
    return all_of(parts)


def _spread(trigrams: frozenset[int], most: int) -> frozenset[int]:
    if len(trigrams) <= most:
        return trigrams
    ordered = sorted(trigrams)
    return frozenset(ordered[at * len(ordered) // most] for at in range(most))
