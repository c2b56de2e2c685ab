"""Functions and everything shaped like one: parameters, type parameters, body."""

from __future__ import annotations

from tree_sitter import Node

from indexer.parsing.collected import Receiver, Region, Subject
from indexer.parsing.facts import SymbolFlag, SymbolKind
from indexer.parsing.patterns import names_bound
from indexer.parsing.scopes import Meaning, ScopeKind
from indexer.parsing.symbols import own_flags
from indexer.parsing.walk import Walk

_ANNOTATIONS = frozenset({"type_annotation", "type_predicate_annotation", "asserts_annotation"})
PARAMETER_MODIFIERS = frozenset({"accessibility_modifier", "readonly", "override_modifier"})


def words(node: Node) -> set[str]:
    """The bare tokens right below a node: `async`, `static`, `*`, `?`."""
    return {child.type for child in node.children if not child.is_named}


def head(walk: Walk, node: Node, body: Node | None) -> bytes:
    """The source of a declaration up to its body, without decorators before it."""
    start = node.start_byte
    for child in node.children:
        if child.type != "decorator":
            start = child.start_byte
            break
    return walk.text[start : body.start_byte if body else node.end_byte].rstrip(b" \t\r\n;")


def arrow_head(walk: Walk, function: Node) -> bytes:
    """The source of a function value up to its body and its arrow."""
    body = function.child_by_field_name("body")
    return head(walk, function, body).removesuffix(b"=>")


def type_parameters(walk: Walk, region: Region, node: Node) -> None:
    """Enter the type parameters of a declaration into its scope."""
    for parameter in node.named_children:
        name = parameter.child_by_field_name("name")
        if name is None:
            walk.defer(region, [parameter])
            continue
        walk.declare_local(region, name, Meaning.TYPE)
        walk.defer(region, [child for child in parameter.named_children if child != name])


def _parameter_property(
    walk: Walk, region: Region, parameter: Node, name: Node, owner: int
) -> None:
    flags = SymbolFlag.PARAMETER_PROPERTY | own_flags(words(parameter))
    flags |= visibility(walk, parameter)
    outside = walk.within(region, enclosing=owner)
    number = walk.declare(
        outside,
        name,
        SymbolKind.PROPERTY,
        Subject(parameter, flags),
        head(walk, parameter, None),
        scope=region.scope,
    )
    walk.symbols.add_member(owner, walk.spelled(name), number, static=False)


def visibility(walk: Walk, node: Node) -> int:
    """PRIVATE or PROTECTED where the modifier is written."""
    for child in node.children:
        if child.type == "accessibility_modifier":
            word = walk.spelled(child)
            return {b"private": SymbolFlag.PRIVATE, b"protected": SymbolFlag.PROTECTED}.get(word, 0)
    return 0


def _parameter(walk: Walk, region: Region, parameter: Node, owner: int) -> None:
    kind = parameter.type
    pattern: Node | None = parameter
    rest: list[Node] = []
    is_property = False
    if kind in {"required_parameter", "optional_parameter"}:
        pattern = parameter.child_by_field_name("pattern")
        for child in parameter.children:
            if child.type in PARAMETER_MODIFIERS:
                is_property = True
            elif child.is_named and child != pattern:
                rest.append(child)
        walk.defer(region, rest)
    if pattern is None:
        return
    if pattern.type == "this":
        region.this = None
        return
    if is_property and owner >= 0 and pattern.type == "identifier":
        _parameter_property(walk, region, parameter, pattern, owner)
        return
    for name in names_bound(walk, region, pattern):
        walk.declare_local(region, name)


def function_like(walk: Walk, node: Node, outside: Region, *, owner: int = -1) -> Region:
    """Open the scope of a function and go on inside it; gives the region of its parameters.

    `outside` is the region the function stands in, with the symbol that encloses its body.
    `owner` is the class whose parameter properties a constructor declares.
    """
    region = walk.enter(outside, ScopeKind.FUNCTION)
    walk.function_scopes[region.scope] = node.id
    walk.functions.append(node)
    for child in node.children:
        kind = child.type
        if kind == "statement_block":
            walk.defer(_body(walk, node, region), child.children)
        elif kind == "formal_parameters":
            _parameters(walk, region, child, owner)
        elif kind in _ANNOTATIONS:
            walk.defer(region, (child,))
        elif kind == "type_parameters":
            type_parameters(walk, region, child)
        elif kind == "=>":
            if walk.javascript:
                walk.note_cast(child, node.child_by_field_name("body"))
            _after_arrow(walk, region, node)
            break
    return region


def _parameters(walk: Walk, region: Region, node: Node, owner: int) -> None:
    for parameter in node.children:
        if parameter.type == "comment":
            walk.comments.add(parameter.start_byte, parameter.end_byte)
        elif parameter.is_named:
            _parameter(walk, region, parameter, owner)


def _after_arrow(walk: Walk, region: Region, node: Node) -> None:
    """The body of an arrow function, or the result of a function type."""
    if single := node.child_by_field_name("parameter"):
        walk.declare_local(region, single)
    for field in ("body", "return_type", "type"):
        part = node.child_by_field_name(field)
        if part is not None and part.type not in _ANNOTATIONS:
            if part.type == "statement_block":
                walk.defer(_body(walk, node, region), part.children)
            else:
                walk.defer(region, (part,))


def _body(walk: Walk, node: Node, region: Region) -> Region:
    """The region of a function's body, whose variables the defaults of its parameters do not see.

    A `var` there that is called as a parameter is that parameter. Functions there they do see, as
    the compiler has it.
    """
    parameters = node.child_by_field_name("parameters")
    if parameters is None or b"=" not in walk.spelled(parameters):
        return region
    body = walk.enter(region, ScopeKind.FUNCTION)
    walk.function_scopes[body.scope] = node.id
    walk.parameters_of_body[body.scope] = region.scope
    names = walk.scopes.names[Meaning.VALUE]
    names[body.scope].update(names[region.scope])
    return body


def arrow(walk: Walk, node: Node) -> None:
    """An arrow function that no declaration names; it keeps the `this` around it."""
    function_like(walk, node, walk.region)


def function_value(
    walk: Walk, node: Node, outside: Region, symbol: int, this: Receiver | None = None
) -> Region:
    """A function expression, assigned to what `symbol` is, or with -1 to no symbol.

    Its own name, where it has one, is visible inside it only.
    """
    inside = walk.enclosed_by(outside, symbol)
    if node.type == "arrow_function":
        return function_like(walk, node, inside)
    name = node.child_by_field_name("name")
    if name is not None:
        inside = _own_name(walk, node, name, inside, symbol)
    else:
        inside = walk.within(inside)
    inside.this = this
    return function_like(walk, node, inside)


def _own_name(walk: Walk, node: Node, name: Node, outside: Region, symbol: int) -> Region:
    region = walk.enter(outside, ScopeKind.BLOCK)
    if symbol >= 0 and walk.symbols.declared[symbol].name == walk.spelled(name):
        walk.name_again(region, name, symbol)
        return region
    flags = own_flags(words(node))
    body = node.child_by_field_name("body")
    number = walk.declare(
        region, name, SymbolKind.FUNCTION, Subject(node, flags), head(walk, node, body)
    )
    region.enclosing = number
    return region


def made_by(walk: Walk, symbol: int) -> Receiver | None:
    """What `this` is in a function of JavaScript that is called by itself: what `new` makes of it.

    https://www.typescriptlang.org/docs/handbook/type-checking-javascript-files.html
    """
    return Receiver(symbol, static=False) if walk.javascript and symbol >= 0 else None


def function_expression(walk: Walk, node: Node) -> None:
    """A function expression that no declaration names."""
    function_value(walk, node, walk.region, -1)


def function_declaration(walk: Walk, node: Node, subject: Subject) -> None:
    """`function f() {}` and its overload signatures."""
    name = node.child_by_field_name("name")
    body = node.child_by_field_name("body")
    flags = subject.flags | own_flags(words(node))
    if body is None and not (flags & SymbolFlag.AMBIENT or walk.region.ambient):
        flags |= SymbolFlag.OVERLOAD
    subject = Subject(subject.outer, flags)
    written = head(walk, node, body)
    region = walk.region
    if name is not None:
        scope = walk.parameters_of_body.get(region.scope)
        number = walk.declare(region, name, SymbolKind.FUNCTION, subject, written, scope=scope)
    else:
        number = walk.declare_default(region, SymbolKind.FUNCTION, subject, written)
    inside = walk.within(region, enclosing=number)
    inside.this = made_by(walk, number)
    function_like(walk, node, inside)
