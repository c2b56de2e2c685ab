"""SCIP as others read it: the published schema, the grammar of symbols, what `scip lint` asks."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_tools import protoc

SCHEMA = Path(__file__).parent / "schema"
DEFINITION, IMPORT, WRITE, READ = 1, 2, 4, 8

_SIMPLE = re.compile(r"[_+\-$A-Za-z0-9]+")
_ESCAPED = re.compile(r"`((?:[^`]|``)+)`")
_HEAD = re.compile(r"((?:[^ ]|  )+) ((?:[^ ]|  )+) ((?:[^ ]|  )+) ((?:[^ ]|  )+) ")
_SUFFIXES = {"/": "namespace", "#": "type", ".": "term", ":": "meta", "!": "macro"}


@cache
def _index_message(folder: Path) -> Any:
    compiled = folder / "scip.binpb"
    code = protoc.main(
        ["protoc", f"-I{SCHEMA}", f"--descriptor_set_out={compiled}", str(SCHEMA / "scip.proto")]
    )
    assert code == 0
    files = descriptor_pb2.FileDescriptorSet.FromString(compiled.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    pool.Add(files.file[0])
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("scip.Index"))


def decode(written: bytes, folder: Path) -> Any:
    """The bytes as an `Index` of the published schema, which is compiled into the folder."""
    index = _index_message(folder)()
    assert index.ParseFromString(written) == len(written)
    return index


class Descriptor(NamedTuple):
    """One step of a symbol."""

    name: str
    suffix: str
    disambiguator: str = ""


def descriptors(symbol: str) -> list[Descriptor]:
    """The descriptors of a global symbol, by the grammar in the schema.

    Raises:
        ValueError: it is none.
    """
    head = _HEAD.match(symbol)
    if head is None or symbol.startswith("local"):
        raise ValueError(f"no scheme and package: {symbol!r}")
    at, found = head.end(), []
    while at < len(symbol):
        one, at = _descriptor(symbol, at)
        found.append(one)
    if not found:
        raise ValueError(f"no descriptor: {symbol!r}")
    return found


def _name(symbol: str, at: int) -> tuple[str, int]:
    if plain := _SIMPLE.match(symbol, at):
        return plain.group(), plain.end()
    escaped = _ESCAPED.match(symbol, at)
    if escaped is None:
        raise ValueError(f"no name at {at}: {symbol!r}")
    name = escaped.group(1).replace("``", "`")
    if _SIMPLE.fullmatch(name):
        raise ValueError(f"escaped without need at {at}: {symbol!r}")
    return name, escaped.end()


def _descriptor(symbol: str, at: int) -> tuple[Descriptor, int]:
    opening = symbol[at]
    if opening in "[(":
        name, end = _name(symbol, at + 1)
        closing = "]" if opening == "[" else ")"
        if symbol[end : end + 1] != closing:
            raise ValueError(f"not closed at {end}: {symbol!r}")
        return Descriptor(name, "parameter" if opening == "(" else "type parameter"), end + 1
    name, end = _name(symbol, at)
    mark = symbol[end : end + 1]
    if mark == "(":
        inner = _SIMPLE.match(symbol, end + 1)
        more = inner.group() if inner else ""
        end += 1 + len(more)
        if symbol[end : end + 2] != ").":
            raise ValueError(f"no method at {end}: {symbol!r}")
        return Descriptor(name, "method", more), end + 2
    if mark not in _SUFFIXES:
        raise ValueError(f"no suffix at {end}: {symbol!r}")
    return Descriptor(name, _SUFFIXES[mark]), end + 1


def is_local(symbol: str) -> bool:
    """Whether it is the symbol of something that one document alone sees."""
    return symbol.startswith("local ") and _SIMPLE.fullmatch(symbol[6:]) is not None


def span(values: Any) -> tuple[int, int, int, int]:
    """A range of either length as start line and column, end line and column."""
    if len(values) == 3:
        return (values[0], values[1], values[0], values[2])
    assert len(values) == 4
    return tuple(values)


def faults(index: Any) -> list[str]:
    """What is wrong with an index by the schema's comments and by `scip lint`."""
    external = Counter(one.symbol for one in index.external_symbols)
    documents = Counter(one.relative_path for one in index.documents)
    known = {one.symbol for document in index.documents for one in document.symbols}
    found = [f"{what} twice" for what, count in (external + documents).items() if count > 1]
    found += [f"{one}: of this index and of another" for one in known & set(external)]
    for document in index.documents:
        found += [
            f"{document.relative_path}: {fault}"
            for fault in _of_document(document, set(external), known)
        ]
    return found


def _of_document(document: Any, external: set[str], known: set[str]) -> list[str]:
    found = []
    path = document.relative_path
    if not path or any(part in ("", ".", "..") for part in path.split("/")):
        found.append("the path is not canonical")
    if document.position_encoding != 2 or not document.language:
        found.append("no encoding of positions, or no language")
    own = Counter(one.symbol for one in document.symbols)
    found += _of_symbols(document.symbols, own, external | known)
    ranges = [span(one.range) for one in document.occurrences]
    if ranges != sorted(ranges):
        found.append("occurrences out of order")
    places = Counter(
        (place, one.symbol) for place, one in zip(ranges, document.occurrences, strict=True)
    )
    found += [f"{place} occurs twice" for place, count in places.items() if count > 1]
    for place, one in zip(ranges, document.occurrences, strict=True):
        if place[:2] > place[2:] or min(place) < 0:
            found.append(f"{place} ends before it begins")
        if one.symbol not in (own if is_local(one.symbol) else external | known):
            found.append(f"{one.symbol} is described nowhere")
        if one.enclosing_range:
            around = span(one.enclosing_range)
            if not (around[:2] <= place[:2] and place[2:] <= around[2:]):
                found.append(f"{place} is not inside of {around}")
    return found


def _of_symbols(symbols: Any, own: Counter[str], known: set[str]) -> list[str]:
    found = [f"{symbol} is described twice" for symbol, count in own.items() if count > 1]
    for one in symbols:
        found += _of_symbol(one.symbol)
        related = Counter(relation.symbol for relation in one.relationships)
        found += [f"{one.symbol}: related twice" for count in related.values() if count > 1]
        for relation in one.relationships:
            flags = (relation.is_reference, relation.is_implementation)
            if not any(flags) or relation.symbol not in known:
                found.append(f"{one.symbol}: a relation to nothing")
    return found


def _of_symbol(symbol: str) -> list[str]:
    if is_local(symbol):
        return []
    try:
        descriptors(symbol)
    except ValueError as error:
        return [str(error)]
    return []
