"""CommonJS and the other things that assignments declare in JavaScript."""

from __future__ import annotations

from tree_sitter import Node

from indexer.parsing.chains import chain
from indexer.parsing.collected import Receiver, Subject, names_an_export
from indexer.parsing.facts import DependencyKind, ReferenceKind, SymbolFlag, SymbolKind, Target
from indexer.parsing.membership import LONGEST_CHAIN
from indexer.parsing.nodes import FUNCTION_VALUES, parts_of
from indexer.parsing.open_exports import is_exports, note_open, note_spreads, pass_on, required
from indexer.parsing.requests import requested
from indexer.parsing.scopes import Destination, Meaning, Scopes
from indexer.parsing.values import (
    declared_value,
    has_a_type,
    initial_value,
    kind_of_value,
    member_name,
    value_head,
)
from indexer.parsing.walk import Walk

_PROPERTY = "property_identifier"
_WITHOUT_NAMES = (
    frozenset({"class", "string", "template_string", "number", "true", "false", "null", "regex"})
    | FUNCTION_VALUES
)
_HOLDERS = frozenset({SymbolKind.CLASS, SymbolKind.FUNCTION})
_INSIDE_METHODS = frozenset({SymbolKind.FUNCTION, SymbolKind.CONSTANT, SymbolKind.VARIABLE})


# require


def required_bindings(
    walk: Walk, pattern: Node, value: Node, scope: int, *, declared_at: int
) -> bool:
    """Bind what `const x = require("y").z` and `const {a, b: c} = require("y").z` import.

    False, and nothing done, for everything else, and where the comment before the declaration,
    which begins at `declared_at`, says what type it has.
    """
    steps: list[Node] = []
    while value.type == "member_expression" and value.children[-1].type == _PROPERTY:
        steps.insert(0, value.children[-1])
        value = value.children[0]
    source = required(walk, value)
    pairs = [] if pattern.type == "identifier" else _plain_pairs(pattern)
    if source is None or pairs is None or len(steps) > LONGEST_CHAIN:
        return False
    if walk.comments.says_type(declared_at):
        return False
    request = requested(walk, source, DependencyKind.REQUIRE)
    if pattern.type == "identifier" and len(steps) <= 1:
        imported = walk.spelled(steps[0]) if steps else b"export="
        number = walk.bind_import(pattern, request, imported, type_only=False, scope=scope)
        for step in steps:
            walk.use_known(step, ReferenceKind.IMPORT, Destination(Target.IMPORT, number, None))
    elif pattern.type == "identifier":
        walk.enter_import(pattern, _member_of_required(walk, steps, request), scope)
    elif steps:
        _, number, beyond = _member_of_required(walk, steps, request)
        for key, name in pairs:
            member = (*(beyond if isinstance(beyond, tuple) else ()), _text(walk, key))
            leads_to = Destination(Target.IMPORT_MEMBER, number, member)
            walk.enter_import(name, leads_to, scope)
            walk.use_known(key, ReferenceKind.IMPORT, leads_to)
    else:
        for key, name in pairs:
            imported = walk.spelled(key)
            number = walk.bind_import(name, request, imported, type_only=False, scope=scope)
            walk.use_known(key, ReferenceKind.IMPORT, Destination(Target.IMPORT, number, None))
    return True


def _member_of_required(walk: Walk, steps: list[Node], request: int) -> Destination:
    """Note the names in `require("y").a.b`; gives what the last one leads to."""
    first, *others = steps
    number = walk.add_import(first, request, walk.spelled(first), type_only=False)
    leads_to = Destination(Target.IMPORT, number, None)
    walk.use_known(first, ReferenceKind.IMPORT, leads_to)
    for end in range(1, len(steps)):
        names = tuple(_text(walk, step) for step in others[:end])
        leads_to = Destination(Target.IMPORT_MEMBER, number, names)
        walk.use_known(steps[end], ReferenceKind.IMPORT, leads_to)
    return leads_to


def _text(walk: Walk, node: Node) -> str:
    return walk.source.name(walk.spelled(node))


def _plain_pairs(pattern: Node) -> list[tuple[Node, Node]] | None:
    """Key and name of each member of an object pattern; None where one is not that simple."""
    pairs = []
    if pattern.type != "object_pattern":
        return None
    for child in parts_of(pattern):
        if child.type == "shorthand_property_identifier_pattern":
            pairs.append((child, child))
        elif child.type == "pair_pattern":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is None or value is None or (key.type, value.type) != (_PROPERTY, "identifier"):
                return None
            pairs.append((key, value))
        else:
            return None
    return pairs


# Assignments that declare


def may_declare(walk: Walk, left: Node) -> bool:
    """Whether an assignment to this may declare something: at the top, or a member anywhere."""
    if left.type == "subscript_expression" and not _is_quoted_export(walk, left):
        return False
    if left.type not in {"member_expression", "subscript_expression"}:
        return False
    if left.children[0].type == "this":
        return walk.javascript and walk.region.this is not None
    return declares_first(walk, left) or (walk.javascript and _holder(left.children[0]) is not None)


def declares_first(walk: Walk, left: Node) -> bool:
    """Whether an assignment to a member comes before those in functions to the same one."""
    return left.children[0].type == "this" or _is_at_the_top(walk)


def _is_at_the_top(walk: Walk) -> bool:
    return walk.scopes.holding_var(walk.region.scope) == Scopes.MODULE


def _holder(target: Node) -> Node | None:
    """The `A` of `A` and `A.prototype`; None for anything else."""
    if target.type == "member_expression" and target.children[-1].type == _PROPERTY:
        target = target.children[0]
    return target if target.type == "identifier" else None


def assigned(walk: Walk, node: Node, left: Node, right: Node) -> bool:
    """Declare what `exports.a =`, `A.prototype.b =`, `a.b =` and `this.a =` declare.

    False, and nothing done, where the assignment declares nothing.
    """
    target = left.children[0]
    name = left.child_by_field_name("index") or left.children[-1]
    if name.type not in {_PROPERTY, "string"} or not _declares_here(walk, target):
        return False
    if target.type == "this":
        return _own_property(walk, node, name, right)
    written = _written(walk, target)
    if walk.javascript and written == b"module" and walk.spelled(name) == b"exports":
        _module_exports(walk, node, right)
    elif walk.javascript and written in {b"exports", b"module.exports"}:
        _named_export(walk, node, name, right)
    else:
        return _member(walk, node, left, name, right)
    chain(walk, target, ReferenceKind.READ)
    return True


def _member(walk: Walk, node: Node, left: Node, name: Node, right: Node) -> bool:
    """`A.prototype.b =`, `A.prototype = {…}`, `a.b =`, `exports.a.b =`."""
    target = left.children[0]
    if _written(walk, target).endswith(b".prototype"):
        return _prototype_member(walk, node, target, name, right)
    if right.type == "object" and walk.spelled(name) == b"prototype":
        return _prototype(walk, left, right)
    if target.type == "identifier" or _exported_name(walk, target) is not None:
        return _expando(walk, node, target, name, right)
    return False


def _declares_here(walk: Walk, target: Node) -> bool:
    """Whether members of this are declared where the walk is.

    In a function these are members of `this`, and of a function or class and its prototype.
    """
    if target.type == "this" or _is_at_the_top(walk):
        return True
    holder = _holder(target)
    owner = -1 if holder is None else _symbol_named(walk, walk.spelled(holder))
    return owner >= 0 and _holds_members(walk, owner)


def _is_quoted_export(walk: Walk, left: Node) -> bool:
    """Whether this is `exports["a"]`."""
    index = left.child_by_field_name("index")
    return (
        walk.javascript
        and index is not None
        and index.type == "string"
        and is_exports(walk, left.children[0])
    )


def _written(walk: Walk, target: Node) -> bytes:
    """`a` or `b.c`, whatever stands between the words."""
    ends = [target]
    if target.type == "member_expression":
        ends = [target.children[0], target.children[-1]]
    return b".".join(walk.spelled(end) for end in ends)


def note_given(walk: Walk, left: Node, right: Node) -> None:
    """Note what a constructor of TypeScript gives to a member of its class."""
    this, around = walk.region.this, walk.region.enclosing
    if this is None or around < 0 or this.static:
        return
    if walk.symbols.declared[around].kind == SymbolKind.CONSTRUCTOR:
        known = walk.symbols.member(this.symbol, walk.spelled(left.children[-1]), static=False)
        if known is not None:
            walk.assigned_members.setdefault(known, []).append(right)


def _own_property(walk: Walk, node: Node, name: Node, right: Node) -> bool:
    this, spelled = walk.region.this, walk.spelled(name)
    if this is None:
        return False
    symbols = walk.symbols
    known = symbols.member(this.symbol, spelled, static=False)
    declares = not this.static and _declares_own(walk, node, this)
    if known is not None and declares:
        symbols.yielding.discard(known)
    if known is not None:
        walk.assigned_members.setdefault(known, []).append(right)
    if this.static or known is not None:
        return False
    region, flags = walk.enclosed_by(walk.region, this.symbol), walk.flags_of_made(this.symbol)
    number = walk.add_symbol(
        region, (spelled, name.start_byte), SymbolKind.PROPERTY, Subject(node, flags), spelled
    )
    symbols.add_member(this.symbol, spelled, number, static=False)
    if not declares:
        symbols.yielding.add(number)
    walk.visit([right])
    return True


def _declares_own(walk: Walk, node: Node, this: Receiver) -> bool:
    """Whether `this.a =` declares `a` even where a base has one: if the constructor says it.

    One with a type in its comment only narrows what the base has, as the compiler sees it.
    """
    around = walk.region.enclosing
    if around == this.symbol:
        return True
    while around >= 0 and walk.symbols.declared[around].kind in _INSIDE_METHODS:
        around = walk.symbols.declared[around].container
    if around < 0 or walk.symbols.declared[around].kind != SymbolKind.CONSTRUCTOR:
        return False
    return not walk.comments.says_type(node.start_byte)


def _declared(
    walk: Walk, node: Node, name: Node, right: Node, flags: int, *, owner: int, method: bool
) -> int:
    kind = kind_of_value(right, SymbolKind.PROPERTY if method else SymbolKind.VARIABLE)
    if kind is SymbolKind.FUNCTION and method:
        kind = SymbolKind.METHOD
    # What is exported stands at the top, also in what a variable begins with.
    region = walk.within(walk.region, enclosing=-1 if flags & SymbolFlag.EXPORTED else None)
    left = node.child_by_field_name("left")
    end = name.end_byte if left is None else max(name.end_byte, left.end_byte)
    return walk.add_symbol(
        walk.enclosed_by(region, owner),
        member_name(walk, name) or (walk.spelled(name), name.start_byte),
        kind,
        Subject(node, flags),
        walk.text[node.start_byte : end] + value_head(walk, right),
    )


def _named_export(walk: Walk, node: Node, name: Node, right: Node) -> None:
    number = _declared(walk, node, name, right, SymbolFlag.EXPORTED, owner=-1, method=False)
    spelled, at = member_name(walk, name) or (walk.spelled(name), name.start_byte)
    walk.assigned_exports[spelled] = number
    is_local = right.type == "identifier"
    if names_an_export(spelled):
        leads_to = None if is_local else Destination(Target.SYMBOL, number, None)
        walk.add_export(spelled, at, leads_to, walk.spelled(right) if is_local else None)
    if is_local:
        walk.visit([right])
    else:
        declared_value(walk, walk.region, right, number)


def _module_exports(walk: Walk, node: Node, right: Node) -> None:
    at, region = node.start_byte, walk.region
    value = right
    while value.type == "assignment_expression":
        value = value.child_by_field_name("right") or value.children[-1]
    here = Destination(Target.LOCAL, at, None)
    exports = node.children[0]
    shown = exports.children[-1]
    own_name = value.child_by_field_name("name") if value is right else None
    if value.type == "identifier":
        walk.add_export(b"export=", at, None, walk.spelled(value), shown=shown)
        walk.add_export(b"*", value.start_byte, None, walk.spelled(value), shown=value)
        walk.visit([right])
    elif (request := pass_on(walk, value)) is not None:
        whole = Destination(Target.MODULE, request, "export=")
        walk.add_export(
            b"export=", at, here if walk.comments.says_type(node.start_byte) else whole, shown=shown
        )
        walk.visit([right])
    elif own_name is not None and value.type in {"class", *FUNCTION_VALUES}:
        number = _declared(walk, node, own_name, right, SymbolFlag.EXPORTED, owner=-1, method=False)
        walk.add_export(b"export=", at, Destination(Target.SYMBOL, number, None))
        declared_value(walk, region, right, number)
    elif value.type == "object" and _names_only(value):
        # What asks for this file gets the module itself, and an empty object is filled later.
        for name in parts_of(value):
            spelled = walk.spelled(name)
            walk.add_export(spelled, name.start_byte, None, spelled, shown=name)
        _note_alias(walk, node)
        walk.visit([right])
    elif value is right and value.type == "object":
        owner = walk.symbols.anonymous()
        walk.exported_objects.append(owner)
        walk.add_export(b"export=", at, here)
        note_spreads(walk, exports, value)
        walk.symbol_of_value[value.start_byte] = owner
        walk.visit([value])
    else:
        walk.add_export(b"export=", at, here, shown=shown)
        if value.type not in _WITHOUT_NAMES:
            note_open(walk, exports)
        walk.visit([right])


def _note_alias(walk: Walk, node: Node) -> None:
    """Note the name in `const app = exports = module.exports = {}`: another one for the module."""
    above = node.parent
    while above is not None and above.type == "assignment_expression":
        above = above.parent
    if above is not None and above.type == "variable_declarator":
        name = above.child_by_field_name("name")
        if name is not None:
            walk.own_names.add(walk.spelled(name))


def _names_only(literal: Node) -> bool:
    """Whether an exported object only lists names, if any: then it exports what they mean."""
    return all(child.type == "shorthand_property_identifier" for child in parts_of(literal))


def _prototype_member(walk: Walk, node: Node, target: Node, name: Node, right: Node) -> bool:
    root = target.children[0]
    if root.type != "identifier":
        return False
    owner = _symbol_named(walk, walk.spelled(root))
    if owner < 0 and right.type not in FUNCTION_VALUES:
        return False
    chain(walk, target, ReferenceKind.READ)
    flags = walk.flags_of_made(owner)
    number = _declared(walk, node, name, right, flags, owner=owner, method=True)
    this = None
    if owner >= 0:
        walk.symbols.add_member(owner, walk.spelled(name), number, static=False)
        this = _receiver(walk, node, owner, static=False)
    initial_value(walk, walk.region, right, number, this)
    return True


def _receiver(walk: Walk, node: Node, owner: int, *, static: bool) -> Receiver | None:
    """What `this` is in a function that is assigned, where its comment does not say."""
    return None if walk.comments.says_this(node.start_byte) else Receiver(owner, static=static)


def _prototype(walk: Walk, left: Node, right: Node) -> bool:
    """`A.prototype = {…}`."""
    owner = _assigned_to(walk, left.children[0])
    if owner < 0 or not _holds_members(walk, owner):
        return False
    chain(walk, left, ReferenceKind.WRITE)
    walk.prototype_of[right.start_byte] = owner
    walk.defer(walk.enclosed_by(walk.region, owner), [right])
    return True


def _expando(walk: Walk, node: Node, target: Node, name: Node, right: Node) -> bool:
    spelled = walk.spelled(name)
    owner = _assigned_to(walk, target)
    if not walk.javascript and (owner < 0 or not _holds_members(walk, owner)):
        return False
    if right.type not in FUNCTION_VALUES and (
        owner < 0 or walk.symbols.member(owner, spelled, static=True) is not None
    ):
        return False
    chain(walk, target, ReferenceKind.READ)
    of_a_class = owner >= 0 and walk.symbols.declared[owner].kind == SymbolKind.CLASS
    flags = SymbolFlag.STATIC if of_a_class else 0
    number = _declared(walk, node, name, right, flags, owner=owner, method=True)
    this = None
    if owner >= 0 and not has_a_type(walk, owner):
        walk.symbols.add_member(owner, spelled, number, static=True)
        this = _receiver(walk, node, owner, static=True)
        if walk.spelled(target) in walk.own_names:
            walk.add_export(spelled, name.start_byte, Destination(Target.SYMBOL, number, None))
    initial_value(walk, walk.region, right, number, this)
    return True


def _assigned_to(walk: Walk, target: Node) -> int:
    """The symbol that a member is assigned to, by its name or as an export; -1: there is none."""
    exported = _exported_name(walk, target)
    if exported is None:
        return _symbol_named(walk, walk.spelled(target))
    return walk.assigned_exports.get(exported, -1)


def _exported_name(walk: Walk, target: Node) -> bytes | None:
    """The name of the export that `exports.a` is; None: it is none."""
    if not walk.javascript or target.type != "member_expression":
        return None
    return walk.spelled(target.children[-1]) if is_exports(walk, target.children[0]) else None


def _symbol_named(walk: Walk, name: bytes) -> int:
    """The symbol that a name means where the walk is; -1: it is none."""
    found = walk.scopes.found_by_now(walk.region.scope, name, Meaning.VALUE)
    return found.a if found is not None and found.target == Target.SYMBOL else -1


def _holds_members(walk: Walk, owner: int) -> bool:
    """Whether it is a function or a class, and nothing else says what members that has."""
    kind = walk.symbols.declared[owner].kind
    return kind in _HOLDERS and not has_a_type(walk, owner)
