"""The form of a message between a parent and its child: JSON that fits a declared NamedTuple.

Pickle is not used, not even restricted to known classes: its BUILD instruction sets attributes on
the very classes it was allowed to name, and its memo can be made to claim gigabytes. What arrives
here is checked against the annotations of the NamedTuple it says it is, so that a child that was
taken over can give wrong values but never values of a wrong type.

Fields may be int (64 bits), float, str, bool, bytes, None, NamedTuples, and lists, tuples and
string-keyed dicts of these. Rows of NamedTuples are checked by column, which costs a tenth of
checking them one by one.
"""

from __future__ import annotations

import base64
import binascii
import builtins
import json
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple, NoReturn, TypeAlias, TypeVar

from indexer.collector import collector_paused
from indexer.errors import TransientJobError

Message = TypeVar("Message", bound=tuple[Any, ...])
Reader: TypeAlias = Callable[[Any], Any]

INTEGER_LIMIT = 1 << 63
PLAIN: dict[Any, frozenset[type]] = {one: frozenset({one}) for one in (int, str, bool, type(None))}


class MessageRefused(TransientJobError):
    """A child sent something that is none of the messages expected of it."""

    code = "message_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"a child process sent a message that cannot be taken: {reason}")


class _Kind(NamedTuple):
    """How the values of one annotation look in JSON, and how they are read from there.

    Values of the `plain` types, a part of `json_types`, are the same on both sides.
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
            return typing.cast("Message", _kind_of(kind).read(body[1]))
    raise MessageRefused("not of an expected kind")


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and the infinities are not sent")


def _bytes_as_text(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} cannot be sent")


def _as_float(value: object) -> float:
    _check([value], frozenset({int, float}))
    return float(typing.cast("float", value))


def _text_as_bytes(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise MessageRefused("bytes that are not base64") from None


@cache
def _kind_of(hint: Any) -> _Kind:  # noqa: ANN401 - an annotation may be any object
    if hint in PLAIN:
        return _plain(PLAIN[hint])
    if hint is float:
        # Where a float is wanted an int will do, for Python as for its type checkers.
        return _Kind(frozenset({int, float}), frozenset({float}), _as_float)
    if hint is bytes:
        return _checked(frozenset({str}), _text_as_bytes)
    if _is_row(hint):
        rows = _rows(hint)
        return _checked(frozenset({list}), lambda fields: rows([fields])[0])
    if typing.get_origin(hint) in {types.UnionType, typing.Union}:
        return _union([_kind_of(one) for one in typing.get_args(hint)])
    return _container(hint)


def _is_row(hint: Any) -> bool:  # noqa: ANN401 - as in _kind_of
    return isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields")


def _container(hint: Any) -> _Kind:  # noqa: ANN401 - as in _kind_of
    match typing.get_origin(hint), typing.get_args(hint):
        case builtins.list, (one,):
            return _checked(frozenset({list}), _many(one))
        case builtins.tuple, (one, builtins.Ellipsis):
            many = _many(one)
            return _checked(frozenset({list}), lambda values: tuple(many(values)))
        case builtins.dict, (builtins.str, one):
            many = _many(one)
            return _checked(
                frozenset({dict}), lambda value: dict(zip(value, many(value.values()), strict=True))
            )
        case _:
            raise TypeError(f"a message cannot have a field of {hint!r}")


def _plain(json_types: frozenset[type]) -> _Kind:
    def read(value: object) -> object:
        _check([value], json_types)
        return value

    return _Kind(json_types, json_types, read)


def _checked(json_types: frozenset[type], convert: Reader) -> _Kind:
    def read(value: object) -> object:
        _check([value], json_types)
        return convert(value)

    return _Kind(json_types, frozenset(), read)


def _union(members: list[_Kind]) -> _Kind:
    json_types = frozenset[type]().union(*(member.json_types for member in members))
    by_type = {one: member for member in members for one in member.json_types}
    if sum(len(member.json_types) for member in members) != len(by_type):
        raise TypeError("the members of a union must differ in JSON")

    def read(value: object) -> object:
        _check([value], json_types)
        return by_type[type(value)].read(value)

    return _Kind(json_types, frozenset().union(*(member.plain for member in members)), read)


def _many(hint: Any) -> Callable[[Iterable[Any]], list[Any]]:  # noqa: ANN401 - as in _kind_of
    if _is_row(hint):
        return _rows(hint)
    kind = _kind_of(hint)
    return lambda values: list(_column(kind, list(values)))


def _rows(hint: Any) -> Callable[[Iterable[Any]], list[Any]]:  # noqa: ANN401 - as in _kind_of
    """A reader of many NamedTuples of one class, given as lists of fields."""
    hints = typing.get_type_hints(hint)
    kinds = [_kind_of(hints[name]) for name in hint._fields]

    def read(values: Iterable[Any]) -> list[Any]:
        rows = list(values)
        if not rows:
            return rows
        _check(rows, frozenset({list}))
        if set(map(len, rows)) != {len(kinds)}:
            raise MessageRefused("a row of another length")
        columns = zip(*rows, strict=True)
        read_columns = [_column(kind, one) for kind, one in zip(kinds, columns, strict=True)]
        return list(map(hint._make, zip(*read_columns, strict=True)))

    return read


def _column(kind: _Kind, values: Sequence[Any]) -> Sequence[Any]:
    if _check(values, kind.json_types) <= kind.plain:
        return values
    return [one if type(one) in kind.plain else kind.read(one) for one in values]


def _check(values: Sequence[Any], wanted: frozenset[type]) -> set[type]:
    """The types among `values`, none of which may be an unwanted one."""
    found = set(map(type, values))
    if not found <= wanted:
        raise MessageRefused("a value of another type")
    if int in found:
        numbers = values if found == {int} else [one for one in values if type(one) is int]
        if not -INTEGER_LIMIT <= min(numbers) <= max(numbers) < INTEGER_LIMIT:
            raise MessageRefused("a number beyond 64 bits")
    return found
