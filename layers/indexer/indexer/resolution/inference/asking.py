"""Which questions are asked within which, and for whom an answer holds that was found once.

A question may lead back to itself: `type Tree = { next: Tree }`. It has no answer there, and what
was asked on the way has one that depends on where the way began. So an answer is kept

- for whoever asks, where nothing led back;
- for whoever asks from outside of the loop, where something led back, but not beyond the question:
  from within the loop, it would be found in another way;
- for nobody, where something led back beyond the question, or met a bound.

What is answered then does not depend on what was asked before, as long as no bound is met.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LOOP: Final = 256
"""Of how many questions a loop may be whose answers are kept."""

_NOWHERE: Final = 1 << 30

_Question = TypeVar("_Question", bound=Hashable)
_Answer = TypeVar("_Answer")

_Asked: TypeAlias = "tuple[Questions[Any], Hashable]"
_Loop: TypeAlias = frozenset[_Asked]
_Stand: TypeAlias = tuple[int, int, int]
_NO_LOOP: Final[_Loop] = frozenset()


class Asking:
    """What is being asked, of all kinds, each within the one before."""

    def __init__(self) -> None:
        self.bounds_met = 0
        """How many questions met a bound: how near it is depends on what was asked before."""
        self.depth = 0
        """How many are being asked."""
        self.led_back = _NOWHERE
        """The place of the outermost one that was led back to since the innermost was asked."""
        self.loops: list[_Loop | None] = []
        """The loops that what was asked since the outermost one is in; None: one too large."""

    def stands(self) -> _Stand:
        """How things stand before a question is asked; then nothing has led back."""
        stand = (self.led_back, self.bounds_met, len(self.loops))
        self.led_back = _NOWHERE
        return stand

    def end(self, before: _Stand, place: int, asked: _Asked) -> _Loop | None:
        """End a question: the loop that it is in or leads to, empty for none.

        None: its answer is not to be kept.
        """
        outer, bounds_met, loops = before
        led_back, inside = self.led_back, self.loops[loops:]
        self.led_back = min(outer, led_back) if led_back < place else outer
        self.depth = place - 1
        is_bounded = self.bounds_met != bounds_met
        if led_back == _NOWHERE and not inside and not is_bounded:
            return _NO_LOOP
        loop = _joined(asked, inside)
        self.loops[loops:] = [loop] if self.depth else []
        return None if led_back < place or is_bounded else loop


def _joined(asked: _Asked, inside: list[_Loop | None]) -> _Loop | None:
    found = {asked}
    for one in inside:
        if one is None or len(found) + len(one) > MAX_LOOP:
            return None
        found |= one
    return frozenset(found)


class Questions(Generic[_Question]):
    """Those of one kind that are being asked."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        # Each with its place.
        self._asked: dict[_Question, int] = {}

    def is_asked(self, question: Hashable) -> bool:
        """Whether a question is being asked just now."""
        return question in self._asked

    def leads_back(self, question: _Question) -> bool:
        """Whether a question is being asked already, and so has no answer here."""
        place = self._asked.get(question)
        if place is None:
            return False
        self._asking.led_back = min(self._asking.led_back, place)
        return True

    def ask(self, question: _Question, find: Callable[[], _Answer]) -> _Answer:
        """What `find` gives, while the question is being asked; it is not kept."""
        asking = self._asking
        before = asking.stands()
        asking.depth = place = self._asked[question] = asking.depth + 1
        answer = find()
        del self._asked[question]
        asking.end(before, place, (self, question))
        return answer


class Answers(Questions[_Question], Generic[_Question, _Answer]):
    """The answers to questions of one kind, each found once.

    `find` answers a question; `otherwise` is the answer to one that leads back to itself.
    """

    def __init__(
        self,
        asking: Asking,
        find: Callable[[_Question], _Answer],
        otherwise: Callable[[_Question], _Answer],
    ) -> None:
        super().__init__(asking)
        self._find = find
        self._otherwise = otherwise
        self._known: dict[_Question, _Answer] = {}
        self._in_loops: dict[_Question, tuple[_Answer, _Loop]] = {}

    def to(self, question: _Question) -> _Answer:
        """The answer to a question."""
        known = self._known
        if question in known:
            return known[question]
        asking, asked = self._asking, self._asked
        if question in asked:
            asking.led_back = min(asking.led_back, asked[question])
            return self._otherwise(question)
        if question in self._in_loops:
            answer, loop = self._in_loops[question]
            if not any(kind.is_asked(one) for kind, one in loop):
                asking.loops.append(loop)
                return answer
        # As `ask`, written out: this is what linking does most. Nearly always nothing led back.
        led_back, bounds_met, loops = asking.led_back, asking.bounds_met, len(asking.loops)
        asking.led_back = _NOWHERE
        asking.depth = place = asked[question] = asking.depth + 1
        answer = self._find(question)
        del asked[question]
        if (
            asking.led_back == _NOWHERE
            and asking.bounds_met == bounds_met
            and len(asking.loops) == loops
        ):
            asking.led_back, asking.depth = led_back, place - 1
            known[question] = answer
            return answer
        before = (led_back, bounds_met, loops)
        found = asking.end(before, place, (self, question))
        if found:
            self._in_loops[question] = answer, found
        elif found is not None:
            known[question] = answer
        return answer
