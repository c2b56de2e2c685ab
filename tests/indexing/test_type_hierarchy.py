"""What extends and implements what: from a real commit to the types above and below one."""

from uuid import uuid4

import pytest

from indexer.parsing.facts import ReferenceKind
from indexer.resolution.rows import Resolution
from indexer.search import symbols, type_hierarchy
from indexer.search.symbols import SymbolNotFound, SymbolQuery
from indexer.search.type_hierarchy import MOST_RELATIONS, TypeDirection

SOURCES = {
    "src/shapes.ts": """export interface Named { name: string }
export interface Drawn<T> { draw(on: T): void }
export interface Shape extends Named, Drawn<Canvas> {}
export interface Canvas {}
export abstract class Base<T> implements Shape {
  name = "base";
  draw(on: Canvas) { class Inner extends Other {} new Inner(); }
}
export class Other {}
""",
    "src/round.ts": """import { Base as Root, Other } from "./shapes";
import * as all from "./shapes";
import React from "react";
export class Circle extends Root<Other> implements all.Named {}
export class Disc
  extends Circle
  implements
    all.Drawn<all.Canvas>,
    Pick<Circle, "name"> {}
export const Ring = class extends Disc {};
export default class extends (Disc) {}
export class View extends React.Component<Other> {}
export class Mixed extends mixin(Other) {}
export class Of extends make(Other).Part {}
""",
    "src/merged.ts": """import { Named, Other } from "./shapes";
export class Merged extends Other {}
export interface Merged extends Named {}
export class Below extends Merged {}
export interface Below {}
export namespace Below { export class Merged extends Below {} }
const Wrapped = wrap(Other);
export class Held extends Wrapped {}
export type Alias = Named & { more: 1 };
export interface Wide extends Alias {}
""",
    "src/mixin.js": """import { Other } from './shapes'
export function mixin(Any) {
  return class extends Any {}
}
export function plain() {
  return class extends Other {}
}
module.exports = class extends Other {}
const held = { Kept: class extends Other {} }
""",
    "src/loop.ts": """export interface Left extends Right {}
export interface Right extends Left {}
""",
}
EXTENDS, IMPLEMENTS = ReferenceKind.EXTENDS, ReferenceKind.IMPLEMENTS


@pytest.fixture
def indexed(repository, ask, work_off):
    repository.commit_files({path: text.encode() for path, text in SOURCES.items()})
    made = ask()
    work_off()
    return str(made.repository_id)


@pytest.fixture
def ids(indexed, indexing):
    """The ids of the definitions of a name, by file and source."""

    def find(name):
        page = symbols.find(
            indexing.api,
            SymbolQuery(name=name, repository=indexed),
            tenant_id=indexing.tenant,
        )
        return [str(one.id) for one in page.items]

    return find


@pytest.fixture
def hierarchy(ids, indexing):
    def find(name, *, which=0, **wishes):
        return type_hierarchy.of_symbol(
            indexing.api, ids(name)[which], tenant_id=indexing.tenant, **wishes
        )

    return find


def above(found):
    return [told(one) for one in found.supertypes.relations]


def below(found):
    return [told(one) for one in found.subtypes.relations]


def told(one):
    name = one.type.symbol.name if one.type and one.type.symbol else None
    return one.depth, one.kind, one.of.name, name


def test_all_that_a_class_extends_and_implements_is_above_it(hierarchy):
    assert above(hierarchy("Circle")) == [
        (1, EXTENDS, "Circle", "Base"),
        (1, IMPLEMENTS, "Circle", "Named"),
        (2, IMPLEMENTS, "Base", "Shape"),
        (3, EXTENDS, "Shape", "Named"),
        (3, EXTENDS, "Shape", "Drawn"),
    ]


def test_a_relation_tells_where_it_is_written_and_where_it_leads(hierarchy):
    relations = hierarchy("Circle").supertypes.relations
    base, named = relations[:2]
    assert (base.name, base.path, base.line, base.column) == ("Root", "src/round.ts", 4, 28)
    assert (base.type.path, base.type.line, base.type.column) == ("src/shapes.ts", 5, 22)
    assert (named.name, named.line, named.column) == ("Named", 4, 55)
    assert base.resolution is Resolution.EXACT


def test_all_that_extends_and_implements_a_type_is_below_it(hierarchy):
    assert below(hierarchy("Shape")) == [
        (1, IMPLEMENTS, "Shape", "Base"),
        (2, EXTENDS, "Base", "Circle"),
        (3, EXTENDS, "Circle", "Disc"),
        (4, EXTENDS, "Disc", "Ring"),
        (4, EXTENDS, "Disc", "default"),
    ]


def test_a_clause_may_take_several_lines_and_name_what_is_not_indexed(hierarchy):
    near = hierarchy("Disc", depth=1)
    assert above(near) == [
        (1, EXTENDS, "Disc", "Circle"),
        (1, IMPLEMENTS, "Disc", "Drawn"),
        (1, IMPLEMENTS, "Disc", None),
    ]
    pick = near.supertypes.relations[-1]
    assert (pick.name, pick.type, pick.resolution) == ("Pick", None, Resolution.UNDECLARED)


def test_type_arguments_and_what_members_do_are_no_supertypes(hierarchy):
    # Base<T>'s method has a class that extends Other; Circle names Other as an argument.
    assert below(hierarchy("Other", depth=1)) == [
        (1, EXTENDS, "Other", "Merged"),
        (1, EXTENDS, "Other", None),
        (1, EXTENDS, "Other", None),
        (1, EXTENDS, "Other", "Kept"),
        (1, EXTENDS, "Other", "Inner"),
    ]
    assert below(hierarchy("Canvas")) == []


def test_a_class_without_a_name_is_told_by_its_place(hierarchy):
    unnamed = [one for one in hierarchy("Other", depth=1).subtypes.relations if not one.type.symbol]
    assert [(one.type.path, one.type.line) for one in unnamed] == [
        *(("src/mixin.js", 6), ("src/mixin.js", 8)),
    ]


def test_a_package_s_class_has_a_reason_and_an_expression_is_nothing(hierarchy):
    (component,) = hierarchy("View").supertypes.relations
    assert (component.name, component.type, component.resolution) == (
        *("Component", None, Resolution.EXTERNAL),
    )
    assert above(hierarchy("Mixed")) == []
    (part,) = hierarchy("Of").supertypes.relations
    assert (part.name, part.resolution) == ("Part", Resolution.EXTERNAL)


def test_declarations_that_merge_are_one_type(hierarchy):
    for which in (0, 1):
        found = hierarchy("Merged", which=which)
        assert {one[1:] for one in above(found)} == {
            (EXTENDS, "Merged", "Other"),
            (EXTENDS, "Merged", "Named"),
        }
        assert below(found) == [
            (1, EXTENDS, "Merged", "Below"),
            (2, EXTENDS, "Below", "Merged"),
        ]


def test_of_what_is_no_class_only_what_extends_it_is_told(hierarchy):
    wrapped = hierarchy("Wrapped")
    assert (above(wrapped), below(wrapped)) == ([], [(1, EXTENDS, "Wrapped", "Held")])
    alias = hierarchy("Alias")
    assert (above(alias), below(alias)) == ([], [(1, EXTENDS, "Alias", "Wide")])
    assert above(hierarchy("Wide")) == [(1, EXTENDS, "Wide", "Alias")]


def test_types_that_extend_each_other_are_followed_once(hierarchy):
    assert above(hierarchy("Left")) == [
        (1, EXTENDS, "Left", "Right"),
        (2, EXTENDS, "Right", "Left"),
    ]


def test_one_direction_and_so_many_steps(hierarchy):
    up = hierarchy("Circle", direction=TypeDirection.SUPERTYPES, depth=2)
    assert (max(one[0] for one in above(up)), up.subtypes) == (2, None)
    down = hierarchy("Shape", direction=TypeDirection.SUBTYPES, depth=1)
    assert (below(down), down.supertypes) == ([(1, IMPLEMENTS, "Shape", "Base")], None)


def test_an_id_that_leads_nowhere_is_refused(ids, indexing):
    (wanted,) = ids("Circle")
    for wrong in ("x", f"{wanted}0000", "1"):
        with pytest.raises(SymbolNotFound):
            type_hierarchy.of_symbol(indexing.api, wrong, tenant_id=indexing.tenant)
    with pytest.raises(SymbolNotFound):
        type_hierarchy.of_symbol(indexing.api, wanted, tenant_id=uuid4())


def test_a_type_with_too_many_below_says_so(repository, indexing, ask, work_off):
    lines = ["export class Top {}", *(f"class C{n} extends Top {{}}" for n in range(600))]
    repository.commit_files({"a.ts": "\n".join(lines).encode()})
    made = ask()
    work_off()
    page = symbols.find(
        indexing.api,
        SymbolQuery(name="Top", repository=str(made.repository_id)),
        tenant_id=indexing.tenant,
    )
    found = type_hierarchy.of_symbol(indexing.api, str(page.items[0].id), tenant_id=indexing.tenant)
    assert (len(found.subtypes.relations), found.subtypes.truncated) == (MOST_RELATIONS, True)
    assert [one.type.symbol.name for one in found.subtypes.relations[:2]] == ["C0", "C1"]
