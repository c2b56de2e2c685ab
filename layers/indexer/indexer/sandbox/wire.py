"""The form of a message between a parent and its child: JSON that fits a declared NamedTuple.

Pickle is not used, not even restricted to known classes: its BUILD instruction sets attributes on
the very classes it was allowed to name, and its memo can be made to claim gigabytes. What arrives
here is checked against the annotations of the NamedTuple it says it is, so that a child that was
taken over can give wrong values but never values of a wrong type.

Fields may be int (64 bits), float, str, bytes, bool, None, NamedTuples, and lists, tuples and
string-keyed dicts of these. Rows are checked by column, and the elements of lists all together,
which costs a tenth of checking them one by one.
"""

from __future__ import annotations

import base64
import binascii
import builtins
import json
import types
import typing
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from itertools import chain, islice
from typing import Any, NamedTuple, NoReturn, TypeAlias, TypeVar

from indexer.collector import collector_paused
from indexer.errors import TransientJobError

Message = TypeVar("Message", bound=tuple[Any, ...])
Reader: TypeAlias = Callable[[Sequence[Any]], Sequence[Any]]

PLAIN: dict[Any, frozenset[type]] = {one: frozenset({one}) for one in (int, str, bool, type(None))}


class MessageRefused(TransientJobError):
    """A child sent something that is none of the messages expected of it."""

    code = "message_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"a child process sent a message that cannot be taken: {reason}")


class _Kind(NamedTuple):
    """How the values of one annotation look in JSON, and how they are read from there.

    Values of the `plain` types, a part of `json_types`, are the same on both sides. `read` takes
    many values at a time, all of them of `json_types`.
    """

    json_types: frozenset[type]
    plain: frozenset[type]
    read: Reader


def encode(message: tuple[Any, ...]) -> bytes:
    """The message, a NamedTuple, as bytes."""
    body = [type(message).__name__, message]
    return json.dumps(body, default=_bytes_as_text, separators=(",", ":")).encode("ascii")


def decode(data: bytes, kinds: Sequence[type[Message]]) -> Message:
    """The message that `data` holds, which must be one of `kinds`.

    Raises:
        MessageRefused: it is no such message.
    """
    with collector_paused():
        return _decode(data, kinds)


def _decode(data: bytes, kinds: Sequence[type[Message]]) -> Message:
    try:
        body = json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise MessageRefused("not JSON") from None
    if type(body) is not list or len(body) != 2:  # noqa: PLR2004 - the name and the fields
        raise MessageRefused("not an envelope")
    for kind in kinds:
        if body[0] == kind.__name__:
            return typing.cast("Message", _column(_kind_of(kind), body[1:])[0])
    raise MessageRefused("not of an expected kind")


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and the infinities are not sent")


def _bytes_as_text(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} cannot be sent")


def _text_as_bytes(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise MessageRefused("bytes that are not base64") from None


@cache
def _kind_of(hint: Any) -> _Kind:  # noqa: ANN401 - an annotation may be any object
    if hint in PLAIN:
        return _Kind(PLAIN[hint], PLAIN[hint], lambda values: values)
    if hint is float:
        # Where a float is wanted an int will do, for Python as for its type checkers.
        return _Kind(
            frozenset({int, float}), frozenset({float}), lambda values: list(map(float, values))
        )
    if hint is bytes:
        return _made_of(str, lambda values: list(map(_text_as_bytes, values)))
    if _is_row(hint):
        return _made_of(list, _rows(hint))
    if typing.get_origin(hint) in {types.UnionType, typing.Union}:
        return _union([_kind_of(one) for one in typing.get_args(hint)])
    return _container(hint)


def _made_of(json_type: type, read: Reader) -> _Kind:
    return _Kind(frozenset({json_type}), frozenset(), read)


def _is_row(hint: Any) -> bool:  # noqa: ANN401 - as in _kind_of
    return isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields")


def _container(hint: Any) -> _Kind:  # noqa: ANN401 - as in _kind_of
    match typing.get_origin(hint), typing.get_args(hint):
        case builtins.list, (one,):
            return _made_of(list, _all_elements(list, _kind_of(one)))
        case builtins.tuple, (one, builtins.Ellipsis):
            return _made_of(list, _all_elements(tuple, _kind_of(one)))
        case builtins.dict, (builtins.str, one):
            elements = _all_elements(list, _kind_of(one))
            return _made_of(
                dict,
                lambda values: [
                    dict(zip(value, read, strict=True))
                    for value, read in zip(
                        values, elements([list(one.values()) for one in values]), strict=True
                    )
                ],
            )
        case _:
            raise TypeError(f"a message cannot have a field of {hint!r}")


def _all_elements(make: Callable[[Iterable[Any]], Any], kind: _Kind) -> Reader:
    """A reader of many lists, which looks at the elements of all at once."""

    def read(values: Sequence[Any]) -> list[Any]:
        elements = iter(_column(kind, list(chain.from_iterable(values))))
        return [make(islice(elements, len(one))) for one in values]

    return read


def _union(members: list[_Kind]) -> _Kind:
    json_types = frozenset[type]().union(*(member.json_types for member in members))
    by_type = {one: member for member in members for one in member.json_types}
    if sum(len(member.json_types) for member in members) != len(by_type):
        raise TypeError("the members of a union must differ in JSON")
    plain = frozenset[type]().union(*(member.plain for member in members))

    def read(values: Sequence[Any]) -> list[Any]:
        found = list(values)
        for json_type in {type(one) for one in values} - plain:
            at = [number for number, one in enumerate(values) if type(one) is json_type]
            of_a_type = by_type[json_type].read([values[number] for number in at])
            for number, one in zip(at, of_a_type, strict=True):
                found[number] = one
        return found

    return _Kind(json_types, plain, read)


def _rows(hint: Any) -> Reader:  # noqa: ANN401 - as in _kind_of
    """A reader of many NamedTuples of one class, given as lists of fields."""
    hints = typing.get_type_hints(hint)
    kinds = [_kind_of(hints[name]) for name in hint._fields]
    # Their lengths are known by then, so that `_make` would look at them in vain.
    make = partial(tuple.__new__, hint)

    def read(rows: Sequence[Any]) -> list[Any]:
        if set(map(len, rows)) - {len(kinds)}:
            raise MessageRefused("a row of another length")
        columns = zip(*rows, strict=True)
        read_columns = [_column(kind, one) for kind, one in zip(kinds, columns, strict=True)]
        return list(map(make, zip(*read_columns, strict=True)))

    return read


def _column(kind: _Kind, values: Sequence[Any]) -> Sequence[Any]:
    """Read many values of one kind, once they are seen to be of its types."""
    return values if _check(values, kind.json_types) <= kind.plain else kind.read(values)


def _check(values: Sequence[Any], wanted: frozenset[type]) -> set[type]:
    """The types among `values`, none of which may be an unwanted one."""
    found = set(map(type, values))
    if not found <= wanted:
        raise MessageRefused("a value of another type")
    if int in found:
        numbers = values if found == {int} else [one for one in values if type(one) is int]
        try:
            array("q", numbers)
        except OverflowError:
            raise MessageRefused("a number beyond 64 bits") from None
    return found
