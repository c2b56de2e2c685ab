"""Types that are worked out from others: mapped, conditional and keyed ones, and predicates."""

from __future__ import annotations

from tree_sitter import Node

from indexer.parsing.facts import TypeOp
from indexer.parsing.nodes import last_part, parts_of
from indexer.parsing.typer import UNKNOWN, Typer


def mapped(typer: Typer, node: Node) -> int:
    """`{[K in keyof T]: …}`, which has the members of T; unknown for any other index signature."""
    for clause in node.named_children:
        name, over = clause.child_by_field_name("name"), clause.child_by_field_name("type")
        if clause.type != "mapped_type_clause" or name is None or over is None:
            continue
        key = typer.type_parameter_named(name)
        with typer.declaring({typer.walk.spelled(name): key}):
            member = typer.annotation(node.child_by_field_name("type"))
        all_of = over.type == "index_type_query"
        of = typer.annotation(last_part(over)) if all_of else UNKNOWN
        if all_of and of == UNKNOWN:
            return UNKNOWN
        if not all_of and member != UNKNOWN and typer.expressions[member].op == TypeOp.KEYED:
            # `{[K in Some]: T[K]}` has members of T.
            of = typer.expressions[member].parts[0]
        renamed = clause.child_by_field_name("alias")
        is_part = renamed is not None or (not all_of and of != UNKNOWN)
        parts = (of, member, key, _new_name(typer, renamed))
        return typer.emit(TypeOp.MAPPED, name="some" if is_part else "", parts=parts)
    return UNKNOWN


def _new_name(typer: Typer, written: Node | None) -> int:
    if written is not None and written.type == "template_literal_type":
        # Of which names it is made is not looked at: it is another one.
        return typer.primitive(f'"{typer.spelled(written)}"')
    return typer.annotation(written)


def lookup(typer: Typer, node: Node) -> int:
    """`T["a"]`, `T[number]`, `T[K]`."""
    of, *keys = parts_of(node)
    key = keys[-1] if keys else None
    receiver = typer.annotation(of)
    if key is None:
        return UNKNOWN
    if key.type == "literal_type" and key.named_children[0].type == "string":
        name = typer.spelled(key)[1:-1]
        return typer.wrapped(TypeOp.MEMBER, receiver, name=name)
    if typer.walk.spelled(key) == b"number":
        return typer.wrapped(TypeOp.ELEMENT, receiver, -1)
    named = typer.annotation(key)
    if UNKNOWN in {receiver, named}:
        return UNKNOWN
    return typer.emit(TypeOp.KEYED, parts=(receiver, named))


def keyof(typer: Typer, node: Node) -> int:
    """`keyof T`."""
    return typer.wrapped(TypeOp.KEYOF, typer.annotation(last_part(node)))


def conditional(typer: Typer, node: Node) -> int:
    """`A extends B ? C : D`."""
    left, right, then, otherwise = (
        node.child_by_field_name(one) for one in ("left", "right", "consequence", "alternative")
    )
    if left is None or right is None:
        return UNKNOWN
    check = typer.annotation(left)
    names: dict[bytes, int] = {}
    for one in _inferring(right):
        spelled = typer.walk.spelled(parts_of(one)[0])
        if spelled not in names:
            names[spelled] = typer.type_parameter_named(parts_of(one)[0])
        typer.inferred[one.id] = names[spelled]
    typer.judging += 1
    of = typer.annotation(right)
    typer.judging -= 1
    is_name = check != UNKNOWN and left.type == "type_identifier"
    naked = int(is_name and typer.expressions[check].op == TypeOp.TYPE_PARAMETER)
    with typer.declaring(names):
        holding = typer.annotation(then)
    parts = (check, of, holding, typer.annotation(otherwise), *names.values())
    return typer.emit(TypeOp.CONDITIONAL, naked, parts=parts)


def _inferring(node: Node) -> list[Node]:
    """The `infer T` of a type, but for those of conditions in it."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type == "infer_type":
            found.append(one)
        elif one.type != "conditional_type":
            waiting.extend(reversed(one.named_children))
    return found


def inferred(typer: Typer, node: Node) -> int:
    """`infer T`, of the condition that is being written."""
    return typer.inferred.get(node.id, UNKNOWN)


def predicate(typer: Typer, node: Node) -> int:
    """`a is T`, as what a function gives: which parameter that tells of, and what."""
    name, holder = node.child_by_field_name("name"), node.parent
    told = typer.annotation(node.child_by_field_name("type"))
    while holder is not None and (declared := holder.child_by_field_name("parameters")) is None:
        holder = holder.parent if holder.type == "type_predicate_annotation" else None
    if name is None or holder is None or declared is None or told == UNKNOWN:
        return typer.primitive("boolean")
    at = -1
    if name.type != "this":
        names = [one.child_by_field_name("pattern") for one in parts_of(declared)]
        spelled = [typer.walk.spelled(one) for one in names if one is not None]
        spelled = [one for one in spelled if one != b"this"]
        if typer.walk.spelled(name) not in spelled:
            return typer.primitive("boolean")
        at = spelled.index(typer.walk.spelled(name))
    return typer.emit(TypeOp.PREDICATE, at, parts=(told,))
