"""Messages: what comes back is what was sent, and nothing else is taken."""

from __future__ import annotations

import json
import socket
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.parsing.facts import FileFacts, ReferenceFact, SymbolFact, TypeExpression, TypeFacts
from indexer.sandbox import wire
from indexer.sandbox.channel import Channel, ChannelClosed
from indexer.sandbox.wire import MessageRefused


class Point(NamedTuple):
    x: int
    y: int | None


class Everything(NamedTuple):
    flag: bool
    text: str
    ratio: float
    data: bytes
    maybe: str | None
    nothing: None
    points: list[Point]
    path: tuple[str, ...]
    mixed: int | str | tuple[str, ...] | None
    counts: dict[str, int]
    nested: list[list[int]]
    point: Point


class Unsendable(NamedTuple):
    value: set[int]


integers = st.integers(-(2**63), 2**63 - 1)
points = st.builds(Point, x=integers, y=st.none() | integers)
everything = st.builds(
    Everything,
    flag=st.booleans(),
    text=st.text(st.characters()),
    ratio=st.floats(allow_nan=False, allow_infinity=False),
    data=st.binary(),
    maybe=st.none() | st.text(),
    nothing=st.none(),
    points=st.lists(points),
    path=st.lists(st.text()).map(tuple),
    mixed=st.one_of(integers, st.text(), st.lists(st.text()).map(tuple), st.none()),
    counts=st.dictionaries(st.text(), integers),
    nested=st.lists(st.lists(integers)),
    point=points,
)


@given(everything)
def test_a_message_arrives_as_it_was_sent(message):
    arrived = wire.decode(wire.encode(message), [Point, Everything])
    assert arrived == message
    assert type(arrived) is Everything
    assert all(type(one) is Point for one in arrived.points)
    assert type(arrived.path) is tuple


def test_the_facts_of_a_file_arrive_as_they_were_sent():
    symbols = [SymbolFact("total", 1, 3, -1, *range(6), "total(): void", None)]
    references = [
        ReferenceFact("a", 1, 1, 0, -1, 4, 0, b, sure) for b in (None, 3, "x", ("a", "b"))
        for sure in (True, False)
    ]  # fmt: skip
    expressions = [TypeExpression(2, 0, "", parts) for parts in ((), (1,), (0, 2, -1))]
    facts = FileFacts(symbols, references, [], [], [], 3, 0, TypeFacts(expressions, [], [], []))
    assert wire.decode(wire.encode(facts), [FileFacts]) == facts


@pytest.mark.parametrize(
    "fields",
    [
        [1],
        [1, 2, 3],
        ["1", None],
        [None, None],
        [True, None],
        [1.0, None],
        [1, [2]],
        [2**63, None],
        [1, -(2**63) - 1],
        {"x": 1, "y": 2},
        "xy",
        None,
    ],
)
def test_fields_that_do_not_fit_their_annotations_are_refused(fields):
    with pytest.raises(MessageRefused):
        wire.decode(json.dumps(["Point", fields]).encode(), [Point])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"{}",
        b'["Point"]',
        b'["Point",[1,NaN]]',
        b'["Unsendable",[1]]',
        b'["__class__",[1]]',
        b'[["Point"],[1,2]]',
        b"[" * 1_000_000,
        b'["Point",[' + b"9" * 5000 + b",1]]",
        b"\x80\x04cposix\nsystem\n(X\x04\x00\x00\x00truetR.",
    ],
)
def test_what_is_no_expected_message_is_refused(data):
    with pytest.raises(MessageRefused):
        wire.decode(data, [Point])


class Data(NamedTuple):
    data: bytes


@pytest.mark.parametrize("text", ["é", "a", "a b=", "YQ==\n"])
def test_bytes_that_are_not_base64_are_refused(text):
    assert wire.decode(json.dumps(["Data", ["YQ=="]]).encode(), [Data]) == Data(b"a")
    with pytest.raises(MessageRefused):
        wire.decode(json.dumps(["Data", [text]]).encode(), [Data])


class Leaves(NamedTuple):
    paths: list[tuple[int, ...]]
    mixed: list[int | str | tuple[str, ...] | None]
    counts: dict[str, list[Point]]


leaves = st.builds(
    Leaves,
    paths=st.lists(st.lists(integers).map(tuple)),
    mixed=st.lists(st.one_of(integers, st.text(), st.lists(st.text()).map(tuple), st.none())),
    counts=st.dictionaries(st.text(), st.lists(points)),
)


@given(leaves)
def test_elements_of_many_lists_arrive_where_they_were(message):
    assert wire.decode(wire.encode(message), [Leaves]) == message


@pytest.mark.parametrize(
    "fields",
    [
        [[[1], [2, "3"]], [], {}],
        [[[1], [2**63]], [], {}],
        [[[1], 2], [], {}],
        [[], [1, "a", ["b", 1]], {}],
        [[], [1, {}], {}],
        [[], [1, 1.5], {}],
        [[], [1, True], {}],
        [[], [], {"a": [], "b": [[1, 2, 3]]}],
        [[], [], {"a": [], "b": [[1, "2"]]}],
        [[], [], {"a": [[1, 2]], "b": 1}],
        [[], [], []],
    ],
)
def test_one_element_of_many_that_does_not_fit_is_refused(fields):
    with pytest.raises(MessageRefused):
        wire.decode(json.dumps(["Leaves", fields]).encode(), [Leaves])


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)


@given(json_values)
def test_any_json_is_either_taken_with_the_right_types_or_refused(value):
    try:
        point = wire.decode(json.dumps(["Point", value]).encode(), [Point])
    except MessageRefused:
        return
    assert type(point.x) is int
    assert point.y is None or type(point.y) is int


def test_what_a_message_cannot_hold_is_told_to_its_author():
    with pytest.raises(TypeError):
        wire.encode(Unsendable({1}))
    with pytest.raises(TypeError):
        wire._kind_of(Unsendable)
    with pytest.raises(TypeError):
        wire._kind_of(str | bytes)


def test_a_channel_tells_an_end_amid_a_message():
    ours, theirs = socket.socketpair()
    with Channel(ours, message_bytes=100) as channel:
        with theirs:
            theirs.sendall(b"\x00\x00\x00\x10half")
        with pytest.raises(ChannelClosed):
            channel.receive(Point, timeout=5)
        with pytest.raises(ChannelClosed):
            channel.send(Point(1, 2))
