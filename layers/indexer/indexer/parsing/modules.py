"""Imports, exports and every other way in which a file asks for a module."""

from __future__ import annotations

from tree_sitter import Node

from indexer.parsing.chains import chain
from indexer.parsing.collected import Export, Subject, names_an_export
from indexer.parsing.declarations import DECLARATIONS
from indexer.parsing.facts import DependencyKind, ReferenceKind, SymbolFlag, SymbolKind, Target
from indexer.parsing.nodes import last_part, parts_of
from indexer.parsing.requests import literal, requested
from indexer.parsing.scopes import Destination, Meaning, ScopeKind, Scopes
from indexer.parsing.values import declared_value, kind_of_value, value_head
from indexer.parsing.walk import Walk

# Imports


def import_statement(walk: Walk, node: Node) -> None:
    """`import … from "x"`, `import "x"` and `import x = require("x")`."""
    source = node.child_by_field_name("source")
    type_only = any(child.type in {"type", "typeof"} for child in node.children)
    clauses = [child for child in node.named_children if child.type == "import_clause"]
    for child in node.named_children:
        if child.type == "import_require_clause":
            _import_equals(walk, child, type_only=type_only)
            return
    if source is None:
        return
    if not clauses:
        requested(walk, source, DependencyKind.SIDE_EFFECT)
        return
    kind = DependencyKind.IMPORT_TYPE if type_only else DependencyKind.IMPORT
    request = requested(walk, source, kind)
    for clause in clauses:
        _import_clause(walk, clause, request, type_only=type_only)


def _import_equals(walk: Walk, clause: Node, *, type_only: bool) -> None:
    source = clause.child_by_field_name("source")
    name = clause.named_children[0]
    if source is not None and name.type == "identifier":
        request = requested(walk, source, DependencyKind.IMPORT_EQUALS)
        walk.bind_import(name, request, b"export=", type_only=type_only)


def _import_clause(walk: Walk, clause: Node, request: int, *, type_only: bool) -> None:
    for child in clause.named_children:
        if child.type == "identifier":
            number = walk.bind_import(child, request, b"default", type_only=type_only)
            walk.use_known(child, ReferenceKind.IMPORT, Destination(Target.IMPORT, number, None))
        elif child.type == "namespace_import":
            walk.bind_import(child.named_children[-1], request, b"*", type_only=type_only)
        elif child.type == "named_imports":
            for specifier in child.named_children:
                if specifier.type == "import_specifier":
                    _import_specifier(walk, specifier, request, type_only=type_only)


def _import_specifier(walk: Walk, node: Node, request: int, *, type_only: bool) -> None:
    name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
    if name is None:
        return
    type_only = type_only or any(child.type in {"type", "typeof"} for child in node.children)
    number = walk.bind_import(alias or name, request, _public(walk, name), type_only=type_only)
    if name.type != "string":
        walk.use_known(name, ReferenceKind.IMPORT, Destination(Target.IMPORT, number, None))


def import_alias(walk: Walk, node: Node, subject: Subject) -> None:
    """`import A = B.C`: another name for something of a namespace."""
    name, *others = parts_of(node)
    if not others:
        return
    target = others[-1]
    use = chain(walk, target, ReferenceKind.READ, meaning=Meaning.ANY)
    leads_to = Destination(Target.LOCAL, name.start_byte, None)
    region, scope = walk.region, walk.region.scope
    exported = bool(subject.flags & SymbolFlag.EXPORTED)
    if exported or region.ambient:
        scope = walk.scopes.holding_exports(scope)
    for meaning in (Meaning.VALUE, Meaning.TYPE, Meaning.NAMESPACE):
        walk.scopes.declare(scope, walk.spelled(name), meaning, leads_to)
    if use is not None:
        walk.aliases[leads_to] = (region, use)
    if exported:
        _export(walk, name, leads_to, type_only=False)


# Exports


def export_statement(walk: Walk, node: Node) -> None:
    """`export` in each of its forms."""
    walk.visit([child for child in node.named_children if child.type == "decorator"])
    tokens = [child.type for child in node.children if not child.is_named]
    if declaration := node.child_by_field_name("declaration"):
        flags = SymbolFlag.EXPORTED | (SymbolFlag.DEFAULT if "default" in tokens else 0)
        _exported_declaration(walk, declaration, Subject(node, flags))
    elif source := node.child_by_field_name("source"):
        _export_from(walk, node, source, type_only="type" in tokens)
    elif value := node.child_by_field_name("value"):
        _exported_value(walk, node, value, b"default")
    elif "=" in tokens and (value := last_part(node)):
        _exported_value(walk, node, value, b"export=")
    elif "namespace" not in tokens:
        for clause in node.named_children:
            _export_clause(walk, clause, type_only="type" in tokens)


def _exported_declaration(walk: Walk, node: Node, subject: Subject) -> None:
    if node.type == "import_alias":
        import_alias(walk, node, subject)
        return
    declaration = DECLARATIONS.get(node.type)
    if declaration is None:
        walk.visit([node])
    else:
        declaration(walk, node, subject)


def _export_from(walk: Walk, node: Node, source: Node, *, type_only: bool) -> None:
    request = requested(walk, source, DependencyKind.EXPORT_FROM)
    whole = Destination(Target.MODULE, request, "*")
    bare = True
    for child in node.named_children:
        if child.type == "namespace_export":
            bare = False
            # `default` is a keyword here, so the name need not be a named node.
            _export(walk, child.children[-1], whole, type_only=type_only)
        elif child.type == "export_clause":
            bare = False
            for specifier in child.named_children:
                _export_from_specifier(walk, specifier, request, type_only=type_only)
    if bare and walk.region.scope == Scopes.MODULE:
        walk.exports.append(Export(b"*", type_only, node.start_byte, None, whole))


def _export_from_specifier(walk: Walk, node: Node, request: int, *, type_only: bool) -> None:
    name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
    if name is None:
        return
    type_only = type_only or any(child.type == "type" for child in node.children)
    leads_to = Destination(Target.MODULE, request, walk.source.name(_public(walk, name)))
    if name.type != "string":
        walk.use_known(name, ReferenceKind.EXPORT, leads_to)
    _export(walk, alias or name, leads_to, type_only=type_only)


def _export(walk: Walk, name: Node, leads_to: Destination, *, type_only: bool) -> None:
    _note(walk, Export(_public(walk, name), type_only, name.start_byte, None, leads_to))


def _public(walk: Walk, name: Node) -> bytes:
    """The name by which a module is asked; empty for a string that means no name here."""
    if name.type != "string":
        return walk.spelled(name)
    written = literal(walk, name) or b""
    return written if names_an_export(written) else b""


def _note(walk: Walk, export: Export) -> None:
    """Note what the file, or the namespace around, exports; in a block there is nothing to."""
    region = walk.region
    if not export.name:
        return
    if region.scope == Scopes.MODULE:
        walk.exports.append(export)
    elif walk.scopes.kinds[region.scope] is ScopeKind.NAMESPACE:
        walk.exports.append(export._replace(scope=region.scope, within=region.enclosing))


def _export_clause(walk: Walk, clause: Node, *, type_only: bool) -> None:
    for node in clause.named_children:
        name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
        if name is None:
            continue
        walk.use(name, (), ReferenceKind.EXPORT, Meaning.ANY)
        shown = alias or name
        only = type_only or any(child.type == "type" for child in node.children)
        public = _public(walk, shown)
        _note(walk, Export(public, only, shown.start_byte, walk.spelled(name), None))


def _exported_value(walk: Walk, node: Node, value: Node, name: bytes) -> None:
    region = walk.region
    if value.type == "identifier":
        walk.use(value, (), ReferenceKind.EXPORT, Meaning.ANY)
        at, local = value.start_byte, walk.spelled(value)
        _note(walk, Export(name, type_only=False, at=at, local=local, leads_to=None))
        return
    kind = kind_of_value(value, SymbolKind.CONSTANT)
    flags = SymbolFlag.EXPORTED | (SymbolFlag.DEFAULT if name == b"default" else 0)
    written = b"export " + (name if name == b"default" else b"") + value_head(walk, value)
    start = node.start_byte
    number = walk.add_symbol(region, (name, start), kind, Subject(node, flags), written)
    if region.scope == Scopes.MODULE:
        walk.add_export(name, start, Destination(Target.SYMBOL, number, None))
    declared_value(walk, region, value, number)
