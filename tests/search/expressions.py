"""Expressions made at random, and what the tests ask of one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from indexer.postings.trigrams import trigrams_of
from indexer.search.expressions import Expression


@dataclass(frozen=True)
class Written:
    """One expression as we read it, and as Python does."""

    ours: str
    python: str

    def wrapped(self, before: str, after: str) -> Written:
        return Written(before + self.ours + after, before + self.python + after)


def same(text: str) -> Written:
    return Written(text, text)


def joined(parts: list[Written], between: str = "") -> Written:
    return Written(
        between.join(one.ours for one in parts), between.join(one.python for one in parts)
    )


COUNTS = ["*", "+", "?", "{2}", "{1,2}", "{0,3}", "{2,}"]
LAZY_COUNTS = ["*?", "+?", "??", "{2}?", "{1,3}?"]
CLASSES = ["[ab]", "[^a]", "[a-c]", "[^ -]", "[]a]", "[^]a]", "[a-c0-9_]"]
POSIX_CLASSES = [
    Written("[[:alpha:]]", "[A-Za-z]"),
    Written("[^[:digit:]b]", "[^0-9b]"),
    Written("[[:upper:]_]", "[A-Z_]"),
    Written("[[:space:]c]", r"[ \t\f\v\rc]"),
]
ESCAPES = [r"\w", r"\W", r"\s", r"\S"]
PERL_ESCAPES = [r"\d", r"\D", r"[\w-]", r"[^\s\d]", r"\x61", r"\t"]


def written(
    letters: str, *, perl: bool, edges: bool = True, posix: bool = True
) -> st.SearchStrategy[Written]:
    """Expressions over these letters; without `perl` only what POSIX and GNU know too."""
    literals = st.sampled_from(letters).map(lambda one: same(f"\\{one}" if one in ".[]" else one))
    atoms: list[Written] = [*map(same, [".", *CLASSES, *ESCAPES])]
    atoms += map(same, ["^", "$", r"\b", r"\B"]) if edges else []
    atoms += POSIX_CLASSES if posix else []
    atoms += map(same, PERL_ESCAPES) if perl else []
    counts = COUNTS + (LAZY_COUNTS if perl else [])
    groups = ["(", "(?:"] if perl else ["("]

    def grown(smaller: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
        grouped = st.tuples(smaller, st.sampled_from(groups)).map(
            lambda one: one[0].wrapped(one[1], ")")
        )
        return st.one_of(
            st.lists(smaller, min_size=2, max_size=4).map(joined),
            st.lists(smaller, min_size=2, max_size=3).map(
                lambda parts: joined(parts, "|").wrapped("(", ")")
            ),
            st.tuples(grouped, st.sampled_from(counts)).map(lambda one: one[0].wrapped("", one[1])),
        )

    words = st.lists(literals, min_size=3, max_size=5).map(joined)
    return st.recursive(st.one_of(words, literals, st.sampled_from(atoms)), grown, max_leaves=8)


def matching(expression: Written, letters: str, *, ignore_case: bool) -> st.SearchStrategy[str]:
    """Texts of these letters that the expression matches as a whole."""
    flags = re.ASCII | (re.IGNORECASE if ignore_case else 0)
    return st.from_regex(
        re.compile(expression.python, flags), fullmatch=True, alphabet=st.sampled_from(letters)
    )


def admits(expression: Expression, text: str) -> bool:
    """Whether a text is worth reading for an expression."""
    held = trigrams_of(text.encode())
    return expression.requirement.satisfied(lambda one: int(one in held), 1) == 1


def lines_of(expression: Expression, text: str) -> dict[int, int]:
    """The lines with a match, counted from 0, and the byte in each where the first begins."""
    found: dict[int, int] = {}
    encoded = text.encode()
    for match in expression.pattern.finditer(encoded):
        assert b"\n" not in encoded[match.start() : match.end()]
        before = encoded[: match.start()]
        found.setdefault(before.count(b"\n"), match.start() - before.rfind(b"\n") - 1)
    return found


def texts(letters: str, **size: Any) -> st.SearchStrategy[str]:
    return st.text(alphabet=letters, **size)
