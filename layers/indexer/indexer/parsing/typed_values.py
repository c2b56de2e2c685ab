"""The types of expressions."""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from indexer.parsing.facts import NULL, OWN_MODULE, Target, TypeOp
from indexer.parsing.narrowing import narrowed_member, narrowed_name
from indexer.parsing.nodes import (
    FUNCTION_VALUES,
    OPERATIONS,
    PREFIXED,
    first_part,
    last_part,
    parts_of,
    unprefixed,
)
from indexer.parsing.scopes import Destination
from indexer.parsing.typed_annotations import arguments_of
from indexer.parsing.typed_bases import parent
from indexer.parsing.typed_functions import function_value, method
from indexer.parsing.typed_this import class_symbol, instance
from indexer.parsing.typer import MAX_PARTS, MAX_PROPERTIES, UNKNOWN, Typer, Writer

_STARTS: Final[dict[int, TypeOp]] = {
    Target.IMPORT: TypeOp.IMPORT_VALUE,
    Target.IMPORT_MEMBER: TypeOp.IMPORT_VALUE,
    Target.INSTANCE_MEMBER: TypeOp.INSTANCE,
    Target.SYMBOL: TypeOp.SYMBOL_VALUE,
}
_ASSERTIONS: Final = frozenset({"as_expression", "type_assertion"})
_AROUND_TYPE_ARGUMENTS: Final = frozenset({"instantiation_expression", "non_null_expression"})
_OF_CLASSES: Final = frozenset({TypeOp.INSTANCE, TypeOp.SYMBOL_VALUE})
_CHAINS: Final = frozenset(
    {"call_expression", "member_expression", "non_null_expression", "subscript_expression"}
)
_OR_ELSE: Final = frozenset({"&&=", "??=", "||="})
# What may be the name of a member rather than a number.
_MAY_BE_KEYS: Final = frozenset({"as_expression", "identifier", "member_expression"})
_REACHED_BY_CONST: Final = frozenset({"array", "object", "pair", "parenthesized_expression"})
# Between what a function gives and the function.
_AROUND_RESULTS: Final = frozenset(
    {"array", "parenthesized_expression", "return_statement", "statement_block", *FUNCTION_VALUES}
)
_OF_PAIRS: Final = {
    "call_expression": frozenset({b"Object.fromEntries"}),
    "new_expression": frozenset({b"Map", b"WeakMap"}),
}
# Where a pattern may stand for a value, by what holds both.
_PATTERN_OF: Final = {"assignment_expression": "left", "variable_declarator": "name"}


def _name(typer: Typer, node: Node) -> int:
    leads_to = typer.leads_to(node)
    if leads_to is None:
        return UNKNOWN
    name = typer.spelled(node)
    if name == "exports" and _is_commonjs(typer, node):
        return typer.emit(TypeOp.MODULE, OWN_MODULE)
    return narrowed_name(typer, node, leads_to, named_value(typer, leads_to, name))


def _is_commonjs(typer: Typer, node: Node) -> bool:
    """Whether `exports` or `module` is what CommonJS has by that name."""
    leads_to = typer.leads_to(node)
    undeclared = leads_to is not None and leads_to.target == Target.UNDECLARED
    return undeclared and typer.walk.javascript and not typer.walk.is_module


def named_value(typer: Typer, leads_to: Destination, name: str) -> int:
    """The type of the value that a name stands for."""
    target = leads_to.target
    if target == Target.LOCAL:
        return typer.local(leads_to.a)
    if target == Target.UNDECLARED:
        return typer.emit(TypeOp.GLOBAL_VALUE, name=name)
    _, a, b = typer.given_out(leads_to)
    op = _STARTS.get(target)
    number = UNKNOWN if op is None else typer.emit(op, a)
    further = b if isinstance(b, tuple) else (b,) if target == Target.INSTANCE_MEMBER else ()
    for one in further:
        number = typer.wrapped(TypeOp.MEMBER, number, name=str(one))
    return number


def _member(typer: Typer, node: Node) -> int:
    receiver, last = node.children[0], node.children[-1]
    leads_to = typer.leads_to(last)
    name = typer.spelled(last)
    if leads_to is not None and leads_to.target == Target.SYMBOL:
        if _is_inherited(typer, receiver, leads_to.a):
            inherited = typer.wrapped(TypeOp.MEMBER, typer.value(receiver), name=name)
            return narrowed_member(typer, node, name, inherited)
        of = typer.emit(TypeOp.SYMBOL_VALUE, typer.symbol(leads_to.a))
        return narrowed_member(typer, node, name, of)
    if name == "exports" and typer.spelled(receiver) == "module" and _is_commonjs(typer, receiver):
        return typer.emit(TypeOp.MODULE, OWN_MODULE)
    of = typer.wrapped(TypeOp.MEMBER, typer.value(receiver), name=name)
    return _whole(typer, node, narrowed_member(typer, node, name, of))


def _is_inherited(typer: Typer, receiver: Node, member: int) -> bool:
    """Whether a member of a class, of `this` or of `super` is of a base.

    That may have other type parameters, and may ask what it is a member of.
    """
    if receiver.type not in {"identifier", "this", "super"}:
        return False
    of = typer.value(receiver)
    if of == UNKNOWN or receiver.type == "super":
        return of != UNKNOWN
    ops = {TypeOp.SYMBOL_VALUE} if receiver.type == "identifier" else _OF_CLASSES
    holder = typer.walk.symbols.declared[member].container
    is_of_class = typer.expressions[of].op in ops
    return is_of_class and holder >= 0 and typer.symbol(holder) != typer.expressions[of].a


def _whole(typer: Typer, node: Node, of: int) -> int:
    """What an expression gives that may be a whole chain with an `await` inside its first call.

    Or with an operation, which is one of the whole chain, too.
    """
    if node.id in typer.walk.awaited:
        return typer.wrapped(TypeOp.AWAIT, of)
    operation = typer.walk.operations.get(node.id)
    return of if operation is None else _operated(typer, operation, of)


def _operated(typer: Typer, operation: Node, of: int) -> int:
    """What an operation gives when its last operand is `of`."""
    last = _last_operand(operation)
    if last is not None and last.type in OPERATIONS:
        of = _operated(typer, last, of)
    is_awaited = operation.type == "await_expression"
    return typer.wrapped(TypeOp.AWAIT, of) if is_awaited else _combined(typer, operation, of)


def _last_operand(operation: Node) -> Node | None:
    return operation.child_by_field_name("right") or last_part(operation)


def _non_null(typer: Typer, node: Node) -> int:
    """`a!`; where a chain begins with `a + b!` it is what that ends with."""
    inner, outer = first_part(node), node.parent
    if outer is not None and outer.type in _CHAINS and outer.children[0] == node:
        while inner is not None and inner.type in OPERATIONS:
            inner = _last_operand(inner)
    return typer.value(inner)


def _subscript(typer: Typer, node: Node) -> int:
    receiver = typer.value(node.child_by_field_name("object"))
    index = node.child_by_field_name("index")
    if index is None:
        return UNKNOWN
    if index.type == "string":
        name = typer.spelled(index)[1:-1]
        return typer.wrapped(TypeOp.MEMBER, receiver, name=name)
    if symbol := typer.well_known_symbol(index):
        return typer.wrapped(TypeOp.MEMBER, receiver, name=symbol)
    at = UNKNOWN
    if index.type == "number":
        digits = typer.walk.spelled(index)
        at = int(digits) if digits.isdigit() and len(digits) < 4 else UNKNOWN  # noqa: PLR2004
    key = typer.value(index) if index.type in _MAY_BE_KEYS else UNKNOWN
    if UNKNOWN in {receiver, key}:
        return typer.wrapped(TypeOp.ELEMENT, receiver, at)
    return typer.emit(TypeOp.ELEMENT, at, parts=(receiver, key))


def _call(typer: Typer, node: Node) -> int:
    callee = node.child_by_field_name("function") or node.children[0]
    arguments = node.child_by_field_name("arguments")
    given = parts_of(arguments) if arguments is not None else []
    kind = callee.type
    if kind == "import" or (kind == "identifier" and typer.walk.spelled(callee) == b"require"):
        request = typer.request(given[0].start_byte) if given else -1
        if request >= 0:
            module = typer.emit(TypeOp.MODULE, request)
            return module if kind != "import" else typer.promise(module)
        if kind == "import":
            return UNKNOWN
    if kind == "super":
        return UNKNOWN
    if kind in PREFIXED and node.child_by_field_name("type_arguments") is not None:
        callee = unprefixed(callee)
    return _whole(typer, node, _called(typer, TypeOp.CALL, node, typer.value(callee)))


def _new(typer: Typer, node: Node) -> int:
    return _called(typer, TypeOp.NEW, node, typer.value(node.child_by_field_name("constructor")))


def _called(typer: Typer, op: TypeOp, node: Node, callee: int) -> int:
    if callee == UNKNOWN:
        return UNKNOWN
    types = arguments_of(typer, _type_arguments(node))
    arguments = node.child_by_field_name("arguments")
    given: tuple[int, ...] = ()
    if arguments is not None and arguments.type == "arguments":
        given = tuple(map(typer.argument, parts_of(arguments)[:MAX_PARTS]))
    return typer.emit(op, len(types), parts=(callee, *types, *given))


def _type_arguments(call: Node) -> Node | None:
    """`<…>` of a call; the grammar has those of some tags within what is called."""
    written = call.child_by_field_name("type_arguments")
    callee = call.children[0]
    while written is None and callee.type in _AROUND_TYPE_ARGUMENTS:
        written = callee.child_by_field_name("type_arguments")
        callee = callee.children[0]
    return written


def _await(typer: Typer, node: Node) -> int:
    return typer.wrapped(TypeOp.AWAIT, _inner(typer, node))


def _inner(typer: Typer, node: Node) -> int:
    return typer.value(first_part(node))


def _parenthesized(typer: Typer, node: Node) -> int:
    """`(a)`, or `/** @type {T} */ (a)`, which says that it is a T."""
    docs = None if typer.documented is None else typer.documented.docs
    block = None if docs is None else docs.blocks.get(node.start_byte)
    if block is not None and block.type_at >= 0:
        return typer.documented_type(block.type_at)
    return _last(typer, node)


def _last(typer: Typer, node: Node) -> int:
    return typer.value(last_part(node))


def _asserted(typer: Typer, node: Node) -> int:
    expression, *written = parts_of(node)
    if node.type == "type_assertion":
        expression, written = written[-1], [expression]
    if not written or typer.walk.spelled(written[-1]) == b"const":
        return typer.constant(expression)
    if node.type == "satisfies_expression":
        inner = typer.value(expression)
        return inner if inner != UNKNOWN else typer.annotation(written[-1])
    return typer.annotation(written[-1])


def _conditional(typer: Typer, node: Node) -> int:
    fields = ("consequence", "alternative")
    return typer.union([typer.value(node.child_by_field_name(one)) for one in fields])


def _template(typer: Typer, node: Node) -> int:
    """A template; one whose tag has type arguments is no part of a call."""
    tag = typer.walk.tags.get(node.id)
    if tag is None:
        return typer.primitive("string")
    callee = typer.value(tag.callee)
    # Several are the parts of one, a union or an intersection.
    types = tuple(map(typer.annotation, tag.types)) if len(tag.types) == 1 else ()
    if callee == UNKNOWN:
        return UNKNOWN
    return typer.emit(TypeOp.CALL, len(types), parts=(callee, *types))


def _binary(typer: Typer, node: Node) -> int:
    if node.id in typer.walk.compared:
        return typer.value(typer.walk.compared[node.id])
    return _combined(typer, node, typer.value(node.child_by_field_name("right")))


def _combined(typer: Typer, node: Node, right: int) -> int:
    """What an operation of two operands gives, or of one; `right`: the last of them."""
    operator = node.child_by_field_name("operator")
    sign = operator.type if operator is not None else ""
    if node.type == "unary_expression":
        return typer.primitive("number")
    if sign in {"||", "??"}:
        return typer.union([typer.value(node.child_by_field_name("left")), right])
    if sign == "&&":
        return right
    return typer.primitive("number" if sign in {"-", "*", "/", "%", "**"} else "string")


def _augmented(typer: Typer, node: Node) -> int:
    """`a ??= b`, which is a or b; of sums what these are."""
    operator = node.child_by_field_name("operator")
    sides = [typer.value(node.child_by_field_name(one)) for one in ("left", "right")]
    if operator is not None and operator.type in _OR_ELSE:
        return typer.union(sides)
    return typer.primitive("string" if operator is not None and operator.type == "+=" else "number")


def _object(typer: Typer, node: Node) -> int:
    parts = [_property(typer, child) for child in node.named_children[:MAX_PROPERTIES]]
    return typer.emit(TypeOp.OBJECT, parts=tuple(part for part in parts if part != UNKNOWN))


def _property(typer: Typer, node: Node) -> int:
    kind = node.type
    if kind == "shorthand_property_identifier":
        return _declared_property(typer, node, _name(typer, node))
    if kind == "pair":
        of = typer.tag(node.child_by_field_name("value"))
        return _declared_property(typer, node.child_by_field_name("key"), of)
    if kind == "method_definition":
        return _declared_property(typer, node.child_by_field_name("name"), method(typer, node))
    if kind == "spread_element":
        # That something unknown is spread is known.
        return typer.emit(TypeOp.SPREAD, parts=(_inner(typer, node),))
    return UNKNOWN


def _declared_property(typer: Typer, name: Node | None, of: int) -> int:
    key = typer.key(name)
    return UNKNOWN if key is None else typer.declared(key, of)


def _array(typer: Typer, node: Node) -> int:
    children = parts_of(node)[:MAX_PARTS]
    if _is_tuple(typer, node) and all(child.type != "spread_element" for child in children):
        return typer.emit(TypeOp.TUPLE, parts=tuple(typer.value(child) for child in children))
    elements = []
    for child in children:
        if child.type == "spread_element":
            elements.append(typer.wrapped(TypeOp.ELEMENT, _inner(typer, child), -1))
        else:
            elements.append(typer.value(child))
    return typer.emit(TypeOp.ARRAY, parts=(typer.union(elements),))


def _is_tuple(typer: Typer, array: Node) -> bool:
    """Whether what stands at each place of an array literal matters where that is.

    So it does for an argument, and for those in it, for what a pattern takes apart, for what is
    `as const`, and for the pairs of which a map or an object is made.
    """
    outer = array.parent
    if outer is not None and outer.type in _PATTERN_OF:
        pattern = outer.child_by_field_name(_PATTERN_OF[outer.type])
        return pattern is not None and pattern.type == "array_pattern"
    argument = outer.parent if outer is not None and outer.type == "array" else outer
    if argument is not None and argument.type == "arguments":
        return True
    if outer is not None and _is_pair(typer, outer):
        return True
    while outer is not None and outer.type in _REACHED_BY_CONST:
        outer = outer.parent
    return outer is not None and outer.type in _ASSERTIONS and _is_const(typer, outer)


def _is_pair(typer: Typer, around: Node) -> bool:
    """Whether what stands in a node is what a function gives that makes the pairs of a map.

    `new Map(carts.map((cart) => [cart.id, cart]))`
    """
    arguments: Node | None = around
    while arguments is not None and arguments.type in _AROUND_RESULTS:
        arguments = arguments.parent
    # What the function is given to, and what is made of what that gives.
    call = _given_to(arguments)
    made = None if call is None else _given_to(call.parent)
    if made is None:
        return False
    callee = made.child_by_field_name("constructor") or made.child_by_field_name("function")
    if callee is None or typer.walk.spelled(callee) not in _OF_PAIRS.get(made.type, ()):
        return False
    leads_to = typer.leads_to(first_part(callee) or callee)
    return leads_to is not None and leads_to.target == Target.UNDECLARED


def _given_to(arguments: Node | None) -> Node | None:
    """The call whose arguments these are; None: they are no arguments."""
    is_given = arguments is not None and arguments.type == "arguments"
    return arguments.parent if arguments is not None and is_given else None


def _is_const(typer: Typer, assertion: Node) -> bool:
    """Whether this is `a as const` or `<const>a`."""
    parts = parts_of(assertion)
    return len(parts) == 1 or typer.walk.spelled(parts[0]) == b"<const>"


def _class(typer: Typer, node: Node) -> int:
    number = class_symbol(typer, node)
    return UNKNOWN if number < 0 else typer.emit(TypeOp.SYMBOL_VALUE, typer.symbol(number))


def _assignment(typer: Typer, node: Node) -> int:
    return typer.value(node.child_by_field_name("right"))


def _this(typer: Typer, node: Node) -> int:
    return narrowed_name(typer, node, "this", instance(typer, node))


def _meta(typer: Typer, node: Node) -> int:
    """`import.meta`, which the runtime and declarations of the repository have members for."""
    if node.children[0].type != "import":
        return UNKNOWN
    return typer.emit(TypeOp.GLOBAL_TYPE, name="ImportMeta")


def _primitive(name: str) -> Writer:
    def write(typer: Typer, _node: Node) -> int:
        return typer.primitive(name)

    return write


WRITERS: Final[dict[str, Writer]] = {
    "array": _array,
    "as_expression": _asserted,
    "assignment_expression": _assignment,
    "augmented_assignment_expression": _augmented,
    "await_expression": _await,
    "binary_expression": _binary,
    "call_expression": _call,
    "class": _class,
    "false": _primitive("boolean"),
    "identifier": _name,
    "instantiation_expression": _inner,
    "jsx_element": _primitive("element"),
    "jsx_self_closing_element": _primitive("element"),
    "member_expression": _member,
    "meta_property": _meta,
    "nested_identifier": _member,
    "new_expression": _new,
    "non_null_expression": _non_null,
    "null": _primitive(NULL),
    "number": _primitive("number"),
    "object": _object,
    "parenthesized_expression": _parenthesized,
    "regex": _primitive("regex"),
    "satisfies_expression": _asserted,
    "sequence_expression": _last,
    "shorthand_property_identifier": _name,
    "string": _primitive("string"),
    "subscript_expression": lambda typer, node: _whole(typer, node, _subscript(typer, node)),
    "super": parent,
    "template_string": _template,
    "ternary_expression": _conditional,
    "this": _this,
    "true": _primitive("boolean"),
    "type_assertion": _asserted,
    "unary_expression": _primitive("number"),
    "undefined": _primitive(NULL),
    "update_expression": _primitive("number"),
    **dict.fromkeys(FUNCTION_VALUES, function_value),
}
