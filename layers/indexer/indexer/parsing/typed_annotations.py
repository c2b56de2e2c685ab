"""The types that are written down: annotations, aliases, type arguments."""

from __future__ import annotations

from itertools import takewhile
from typing import Final

from tree_sitter import Node

from indexer.parsing.facts import NULL, SELECTING, Target, TypeOp
from indexer.parsing.jsdoc import Tag
from indexer.parsing.nodes import first_part, last_part, parts_of
from indexer.parsing.scopes import Destination
from indexer.parsing.typed_comments import (
    declared_in_a_comment,
    documented_parameter,
    is_rest,
    said_of_parameters,
)
from indexer.parsing.typed_computed import (
    conditional,
    inferred,
    keyof,
    lookup,
    mapped,
    predicate,
)
from indexer.parsing.typed_this import instance, written_this
from indexer.parsing.typer import MAX_PARTS, MAX_PROPERTIES, UNKNOWN, Documented, Typer, Writer

_UNSAID: Final = frozenset({b"any", b"unknown", b"object"})
_NOTHING: Final = frozenset({b"null", b"undefined", b"void", b"never"})

# What a selecting type has for arguments: the type, and the keys of it.
_OF_AND_KEYS: Final = 2


def arguments_of(typer: Typer, node: Node | None) -> tuple[int, ...]:
    """The types in `<…>`."""
    if node is None:
        return ()
    return tuple(typer.annotation(one) for one in parts_of(node)[:MAX_PARTS])


def _last(typer: Typer, node: Node) -> int:
    return typer.annotation(last_part(node))


def _name(typer: Typer, node: Node) -> int:
    return _named(typer, node, ())


def _named(typer: Typer, node: Node, arguments: tuple[int, ...]) -> int:
    leads_to = typer.leads_to(node)
    if leads_to is None and typer.documented is not None:
        return _named_in_a_comment(typer, typer.documented, node, arguments)
    name = typer.spelled(node)
    if leads_to is None or leads_to.target == Target.UNDECLARED:
        return _global(typer, node, name, arguments)
    return named_type(typer, leads_to, arguments)


def _global(typer: Typer, node: Node, name: str, arguments: tuple[int, ...]) -> int:
    """A type that the file does not declare; `node` is its name."""
    if name in SELECTING and len(arguments) == _OF_AND_KEYS and node.parent is not None:
        keys = _keys(typer, node.parent.child_by_field_name("type_arguments"))
        arguments = (arguments[0], arguments[1] if keys == UNKNOWN else keys)
    return typer.emit(TypeOp.GLOBAL_TYPE, name=name, parts=arguments)


def _keys(typer: Typer, written: Node | None) -> int:
    """The second of some type arguments, if it names all it stands for: `"a" | "b"`."""
    keys = [] if written is None else _flat(parts_of(written)[1], "union_type")
    literals = [one.named_children[0] for one in keys if one.type == "literal_type"]
    if not 0 < len(keys) == len(literals) <= MAX_PROPERTIES:
        return UNKNOWN
    if any(one.type != "string" for one in literals):
        return UNKNOWN
    return typer.emit(TypeOp.UNION, parts=tuple(map(typer.literal, literals)))


def _named_in_a_comment(
    typer: Typer, documented: Documented, node: Node, arguments: tuple[int, ...]
) -> int:
    name = documented.docs.spelled(node)
    if name in documented.docs.requests:
        module = _module_in_a_comment(typer, documented, name)
        return typer.emit(TypeOp.TYPE_MEMBER, name="export=", parts=(module, *arguments))
    declared = declared_in_a_comment(typer, documented, node, arguments)
    if declared is not None:
        return declared
    if name in documented.docs.imported:
        placeholder, imported = documented.docs.imported[name]
        module = _module_in_a_comment(typer, documented, placeholder)
        public = typer.walk.source.name(imported)
        return typer.emit(TypeOp.TYPE_MEMBER, name=public, parts=(module, *arguments))
    leads_to = documented.find(name)
    if leads_to.target != Target.UNDECLARED:
        return named_type(typer, leads_to, arguments)
    word = typer.walk.source.name(name)
    if word == "Object" and len(arguments) == len(("key", "value")):
        word = "Record"
    if word in {"Object", "Function", "any"}:
        return UNKNOWN
    return _global(typer, node, word, arguments)


def _module_in_a_comment(typer: Typer, documented: Documented, name: bytes) -> int:
    _, at = documented.docs.requests[name]
    return typer.emit(TypeOp.MODULE, typer.request(at))


def named_type(typer: Typer, leads_to: Destination, arguments: tuple[int, ...]) -> int:
    """The type that a name stands for."""
    target = leads_to.target
    if target == Target.LOCAL:
        return typer.type_parameter(leads_to.a)
    _, a, b = typer.given_out(leads_to)
    if target == Target.SYMBOL:
        return typer.emit(TypeOp.SYMBOL_TYPE, a, parts=arguments)
    if target == Target.IMPORT:
        return typer.emit(TypeOp.IMPORT_TYPE, a, parts=arguments)
    if target == Target.MODULE:
        module = typer.emit(TypeOp.MODULE, a)
        return typer.emit(TypeOp.TYPE_MEMBER, name=str(b), parts=(module, *arguments))
    if target == Target.IMPORT_MEMBER and isinstance(b, tuple):
        number = typer.emit(TypeOp.IMPORT_VALUE, a)
        for one in b[:-1]:
            number = typer.emit(TypeOp.MEMBER, name=one, parts=(number,))
        return typer.emit(TypeOp.TYPE_MEMBER, name=b[-1], parts=(number, *arguments))
    return UNKNOWN


def type_parameter(typer: Typer, name: Node) -> int:
    """The type parameter that a name declares."""
    declared = name.parent
    kind = "" if declared is None else declared.type
    limit = default = None
    if declared is not None and kind == "type_parameter":
        limit = declared.child_by_field_name("constraint")
        limit = None if limit is None else last_part(limit)
        default = declared.child_by_field_name("value")
        default = None if default is None else last_part(default)
    elif declared is not None and kind == "infer_type":
        limit = next(iter(parts_of(declared)[1:]), None)
    elif kind != "mapped_type_clause":
        return UNKNOWN
    parts = (typer.annotation(limit), typer.annotation(default))
    return typer.emit(TypeOp.TYPE_PARAMETER, name.start_byte, typer.spelled(name), parts)


def _generic(typer: Typer, node: Node) -> int:
    name = node.child_by_field_name("name") or parts_of(node)[0]
    arguments = arguments_of(typer, node.child_by_field_name("type_arguments"))
    if name.type in {"nested_type_identifier", "member_expression", "nested_identifier"}:
        return _qualified_with(typer, name, arguments)
    return _named(typer, name, arguments)


def _qualified(typer: Typer, node: Node) -> int:
    return _qualified_with(typer, node, ())


def _qualified_with(typer: Typer, node: Node, arguments: tuple[int, ...]) -> int:
    last = node.children[-1]
    leads_to = typer.leads_to(last)
    if leads_to is None and typer.documented is not None:
        return _qualified_in_a_comment(typer, typer.documented, node, arguments)
    if leads_to is not None and leads_to.target in {
        Target.SYMBOL,
        Target.IMPORT_MEMBER,
        Target.IMPORT,
        Target.MODULE,
    }:
        return named_type(typer, leads_to, arguments)
    root = node.children[0]
    number = typer.emit(TypeOp.GLOBAL_VALUE, name=typer.spelled(root).partition(".")[0])
    for name in typer.spelled(root).split(".")[1:]:
        number = typer.emit(TypeOp.MEMBER, name=name.strip(), parts=(number,))
    return typer.emit(TypeOp.TYPE_MEMBER, name=typer.spelled(last), parts=(number, *arguments))


def _qualified_in_a_comment(
    typer: Typer, documented: Documented, node: Node, arguments: tuple[int, ...]
) -> int:
    """`import("x").A` or `A.B` in a comment."""
    *holder, last = _words_in_a_comment(documented, node)
    number = _value_in_a_comment(typer, documented, holder) if holder else UNKNOWN
    if number == UNKNOWN:
        return UNKNOWN
    name = typer.walk.source.name(last)
    return typer.emit(TypeOp.TYPE_MEMBER, name=name, parts=(number, *arguments))


def _words_in_a_comment(documented: Documented, node: Node) -> list[bytes]:
    return documented.docs.spelled(node).replace(b" ", b"").split(b".")


def _value_in_a_comment(typer: Typer, documented: Documented, words: list[bytes]) -> int:
    """The value of `import("x").a.b` or `a.b` in a comment."""
    first, *names = words
    if first in documented.docs.imported:
        first, imported = documented.docs.imported[first]
        if imported != b"*":
            names.insert(0, imported)
    if first in documented.docs.requests:
        number = _module_in_a_comment(typer, documented, first)
    else:
        number = typer.named_value(documented.find(first), typer.walk.source.name(first))
    for name in names:
        number = typer.wrapped(TypeOp.MEMBER, number, name=typer.walk.source.name(name))
    return number


def _predefined(typer: Typer, node: Node) -> int:
    word = typer.walk.spelled(node)
    if word in _UNSAID:
        # What anything may be is said where it is asked whether a type is that.
        return typer.primitive(typer.spelled(node)) if typer.judging else UNKNOWN
    return typer.primitive(NULL if word in _NOTHING else typer.spelled(node))


def _literal(typer: Typer, node: Node) -> int:
    written = first_part(node)
    literal = UNKNOWN if written is None else typer.literal(written)
    return typer.primitive("string") if literal == UNKNOWN else literal


def _union(typer: Typer, node: Node) -> int:
    parts = [typer.annotation(one) for one in _flat(node, "union_type")]
    return typer.union(parts)


def _intersection(typer: Typer, node: Node) -> int:
    parts = [typer.annotation(one) for one in _flat(node, "intersection_type")]
    known = tuple(part for part in parts if part != UNKNOWN)[:MAX_PARTS]
    return typer.emit(TypeOp.INTERSECTION, parts=known)


def _flat(node: Node, kind: str) -> list[Node]:
    """The members of `A | B | C`, which the grammar nests to the left."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type == kind:
            waiting.extend(reversed(parts_of(one)))
        else:
            found.append(one)
    return found


def _array(typer: Typer, node: Node) -> int:
    return typer.emit(TypeOp.ARRAY, parts=(_last(typer, node),))


def _tuple(typer: Typer, node: Node) -> int:
    parts = []
    for child in parts_of(node)[:MAX_PARTS]:
        if child.type in {"required_parameter", "optional_parameter"}:
            of = typer.annotation(child.child_by_field_name("type"))
        elif child.type in {"optional_type", "rest_type"}:
            of = _last(typer, child)
        else:
            of = typer.annotation(child)
        parts.append(typer.emit(TypeOp.REST, parts=(of,)) if _is_rest(child) else of)
    return typer.emit(TypeOp.TUPLE, parts=tuple(parts))


def _is_rest(element: Node) -> bool:
    """Whether an element of a tuple is all the rest of it."""
    name = element.child_by_field_name("name")
    return element.type == "rest_type" or (name is not None and is_rest(name))


def object_type(typer: Typer, node: Node) -> int:
    """A type literal, or the body of an interface."""
    parts, indexed = [], UNKNOWN
    for child in node.named_children[:400]:
        kind = child.type
        if kind in {"property_signature", "method_signature"}:
            parts.append(_signature(typer, child))
        elif kind == "call_signature":
            parts.append(signature(typer, child, TypeOp.FUNCTION))
        elif kind == "construct_signature":
            parts.append(signature(typer, child, TypeOp.CONSTRUCTOR))
        elif kind == "index_signature":
            by_template = mapped(typer, child)
            if by_template != UNKNOWN:
                return by_template
            indexed = index_of(typer, child) if node.type == "object_type" else UNKNOWN
    known = tuple(part for part in parts if part != UNKNOWN)
    if indexed == UNKNOWN:
        return typer.emit(TypeOp.OBJECT, parts=known)
    by_any = typer.emit(TypeOp.MAPPED, parts=(UNKNOWN, indexed, UNKNOWN, UNKNOWN))
    if not known:
        return by_any
    return typer.emit(TypeOp.INTERSECTION, parts=(typer.emit(TypeOp.OBJECT, parts=known), by_any))


def index_of(typer: Typer, node: Node) -> int:
    """What an index signature gives; for mapped types nothing is said."""
    if any(child.type == "mapped_type_clause" for child in node.named_children):
        return UNKNOWN
    return typer.annotation(node.child_by_field_name("type"))


def _signature(typer: Typer, node: Node) -> int:
    key = typer.key(node.child_by_field_name("name"))
    if key is None:
        return UNKNOWN
    if node.type == "property_signature":
        of = typer.annotation(node.child_by_field_name("type"))
        if of != UNKNOWN and any(child.type == "?" for child in node.children):
            of = typer.union([of, typer.primitive(NULL)])
    else:
        of = as_property(typer, node, signature(typer, node))
    return typer.declared(key, of)


def as_property(typer: Typer, method: Node, of: int) -> int:
    """The type of a member by that of its method: of an accessor what it gives or takes."""
    for child in method.children:
        if child.type == "get":
            return typer.wrapped(TypeOp.RESULT, of)
        if child.type == "set":
            return typer.wrapped(TypeOp.PARAMETER, of, 0)
    return of


def signature(typer: Typer, node: Node, op: TypeOp = TypeOp.FUNCTION) -> int:
    """A function that is only described: its result, its parameters, its type parameters."""
    generic = type_parameters_of(typer, node)
    with typer.declaring(_by_name(typer, node, generic)):
        result = node.child_by_field_name("return_type") or node.child_by_field_name("type")
        parameters = parameters_of(typer, node)
        parts = (typer.annotation(result), *parameters, *generic)
    return function_type(typer, op, node, len(parameters), parts)


def _by_name(typer: Typer, node: Node, parameters: tuple[int, ...]) -> dict[bytes, int]:
    """The type parameters that are written in a type of a comment, by their names."""
    declared = node.child_by_field_name("type_parameters") if typer.documented else None
    if declared is None:
        return {}
    return dict(zip(map(typer.walk.spelled, _names(declared)), parameters, strict=True))


def type_parameters_of(typer: Typer, node: Node) -> tuple[int, ...]:
    """The type parameters of a declaration, in their order."""
    declared = node.child_by_field_name("type_parameters")
    if declared is None:
        block = typer.block(node)
        return () if block is None else tuple(typer.template(one) for one in block.templates)
    return tuple(typer.type_parameter_named(name) for name in _names(declared))


def _names(type_parameters: Node) -> list[Node]:
    names = [one.child_by_field_name("name") for one in type_parameters.named_children]
    return [name for name in names if name is not None]


def parameters_of(typer: Typer, node: Node) -> tuple[int, ...]:
    """The written types of a function's parameters; unknown for one without.

    What a rest parameter lists as a tuple are parameters by themselves.
    """
    block = typer.block(node)
    if block is not None and block.parameters:
        return tuple(_documented(typer, *one) for one in said_of_parameters(typer, node, block))
    declared = node.child_by_field_name("parameters")
    if declared is None:
        return (UNKNOWN,) if node.child_by_field_name("parameter") is not None else ()
    found = []
    for one in parts_of(declared)[:MAX_PARTS]:
        pattern = one.child_by_field_name("pattern") or one
        if pattern.type == "this":
            continue
        written = one.child_by_field_name("type")
        of = typer.documented_here(one) if written is None else typer.annotation(written)
        if not is_rest(pattern):
            found.append(of)
        elif of >= 0 and _listed(one) and typer.expressions[of].op == TypeOp.TUPLE:
            found += typer.expressions[of].parts
        else:
            found.append(typer.emit(TypeOp.REST, parts=(of,)))
    return tuple(found)


def _documented(typer: Typer, pattern: Node, said: Tag | None) -> int:
    of = typer.documented_here(pattern)
    if of == UNKNOWN and said is not None:
        of = documented_parameter(typer, pattern, said)
    return typer.emit(TypeOp.REST, parts=(of,)) if is_rest(pattern) else of


def _listed(rest: Node) -> list[Node] | None:
    """What a rest parameter takes, where its type lists that, the rest of it at the end."""
    written = rest.child_by_field_name("type")
    listed = None if written is None else first_part(written)
    if listed is None or listed.type != "tuple_type":
        return None
    parts = parts_of(listed)
    return None if any(_is_rest(part) for part in parts[:-1]) else parts


def function_type(
    typer: Typer, op: TypeOp, node: Node, parameters: int, parts: tuple[int, ...]
) -> int:
    """The type of a function whose result, parameters and type parameters are known."""
    said = [_required(node, parameters)]
    this = written_this(typer, node)
    if this != UNKNOWN:
        said.append("this")
        parts = (*parts, this)
    return typer.emit(op, parameters, " ".join(said).strip(), parts=parts)


def _required(node: Node, parameters: int) -> str:
    declared = node.child_by_field_name("parameters")
    if declared is None:
        return ""
    required = 0
    for one in parts_of(declared):
        pattern = one.child_by_field_name("pattern")
        if pattern is not None and pattern.type == "this":
            continue
        if one.type != "required_parameter" or one.child_by_field_name("value") is not None:
            break
        if pattern is not None and is_rest(pattern):
            required += len(list(takewhile(_is_required, _listed(one) or ())))
            break
        required += 1
    return "" if required >= parameters else str(required)


def _is_required(element: Node) -> bool:
    """Whether an element of a tuple cannot be missing."""
    return element.type not in {"optional_parameter", "optional_type"} and not _is_rest(element)


def _function_type(typer: Typer, node: Node) -> int:
    return signature(typer, node, TypeOp.FUNCTION)


def _constructor_type(typer: Typer, node: Node) -> int:
    return signature(typer, node, TypeOp.CONSTRUCTOR)


def _query(typer: Typer, node: Node) -> int:
    """`typeof a.b`."""
    written = first_part(node)
    if written is None:
        return UNKNOWN
    first = written
    while first.type in {"member_expression", "nested_identifier"}:
        first = first.children[0]
    if first.type == "identifier" and typer.leads_to(first) is None and typer.documented:
        words = _words_in_a_comment(typer.documented, written)
        return _value_in_a_comment(typer, typer.documented, words)
    return typer.value(written)


def _string(typer: Typer, _node: Node) -> int:
    return typer.primitive("string")


def _import_type(typer: Typer, node: Node) -> int:
    """`import("x").Name` as a type."""
    if node.type == "call_expression":
        return UNKNOWN
    last = node.children[-1]
    leads_to = typer.leads_to(last)
    return UNKNOWN if leads_to is None else named_type(typer, leads_to, ())


WRITERS: Final[dict[str, Writer]] = {
    "adding_type_annotation": _last,
    "array_type": _array,
    "conditional_type": conditional,
    "constructor_type": _constructor_type,
    "function_type": _function_type,
    "generic_type": _generic,
    "identifier": _name,
    "index_type_query": keyof,
    "infer_type": inferred,
    "intersection_type": _intersection,
    "literal_type": _literal,
    "lookup_type": lookup,
    "member_expression": _import_type,
    "nested_type_identifier": _qualified,
    "object_type": object_type,
    "interface_body": object_type,
    "omitting_type_annotation": _last,
    "optional_type": _last,
    "opting_type_annotation": _last,
    "parenthesized_type": _last,
    "predefined_type": _predefined,
    "readonly_type": _last,
    "template_literal_type": _string,
    "this_type": instance,
    "tuple_type": _tuple,
    "type_annotation": _last,
    "type_arguments": _last,
    "type_identifier": _name,
    "type_predicate": predicate,
    "type_predicate_annotation": _last,
    "type_query": _query,
    "union_type": _union,
}
