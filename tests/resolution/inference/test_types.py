"""Types are compared by identity, and last as long as somebody has them."""

import gc
from weakref import ref

import pytest

from indexer.resolution.inference.types import (
    AnyOf,
    Elements,
    Env,
    External,
    Function,
    Instance,
    Keys,
    Mapped,
    Object,
    Primitive,
    Selected,
    Value,
)
from indexer.resolution.places import ImportedName

OTHER = Value(7, 7)
MAKERS = {
    "instance": lambda: Instance(1, 2, (Instance(1, 3, ()), None)),
    "value": lambda: Value(1, 2),
    "function": lambda: Function(1, 2, Env((((1, 4), OTHER),), Instance(1, 2, ()))),
    "object": lambda: Object(1, 2, Env()),
    "elements": lambda: Elements([OTHER, None]),
    "union": lambda: AnyOf((OTHER, Value(1, 2))),
    "selection": lambda: Selected(OTHER, frozenset({"total"}), without=True),
    "mapped type": lambda: Mapped(OTHER, 1, 2, Env(), is_part=True),
    "package": lambda: External(ImportedName("react", "", "useState")),
    "primitive": lambda: Primitive('"total"'),
    "keys": lambda: Keys(OTHER),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_what_is_made_of_the_same_is_the_same_object(kind):
    made = MAKERS[kind]()
    assert MAKERS[kind]() is made
    others = [make() for name, make in MAKERS.items() if name != kind]
    assert all(other is not made for other in others)


@pytest.mark.parametrize("kind", MAKERS)
def test_what_nobody_has_any_more_is_gone_and_can_be_made_again(kind):
    seen = ref(MAKERS[kind]())
    gc.collect()
    assert seen() is None
    made = MAKERS[kind]()
    assert MAKERS[kind]() is made


def test_with_a_type_goes_what_it_was_made_of():
    part = Value(1, 98)
    whole, seen = Keys(Elements([part])), ref(part)
    del part
    assert seen() is not None
    del whole
    assert seen() is None


def test_a_type_that_is_wanted_again_while_it_goes_is_one_from_then_on():
    again = []
    gone = Value(1, 99)
    # The callback of a later reference comes first: before the table hears of it.
    seen = ref(gone, lambda _: again.append(Value(1, 99)))
    del gone
    assert seen() is None
    (made,) = again
    assert Value(1, 99) is made
