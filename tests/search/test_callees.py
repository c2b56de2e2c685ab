import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.search.indexed import Commit

from indexer.database.paging import CursorInvalid, write_cursor
from indexer.parsing.facts import ReferenceKind
from indexer.resolution.places import ImportedName
from indexer.resolution.rows import Resolution
from indexer.search import callees, callers, symbols
from indexer.search.call_sites import CALLS, MOST_SITES
from indexer.search.symbols import SymbolNotFound

MOST_PAGES = 50
TEXTS = {
    "src/coin.ts": (
        "export class Coin {\n"
        "  constructor(readonly worth: number) {}\n"
        "}\n"
        "export const mint = (worth: number) => new Coin(worth);\n"
    ),
    "src/till.tsx": (
        'import { render as draw } from "@ada/screen/dom";\n'
        'import { Coin, mint as make } from "./coin";\n'
        'import * as unheard from "./gone";\n'
        "export class Till {\n"
        "  fill(each: () => Coin) {\n"
        "    const local = () => make(1);\n"
        "    local();\n"
        "    draw(each(), local());\n"
        "    console.log(make(2), unheard.of(), [new Coin(3)].map(() => nothing()));\n"
        "    return make(4);\n"
        "  }\n"
        "  open() {\n"
        "    this.fill(() => new Coin(5));\n"
        "    return <Sign />;\n"
        "  }\n"
        "}\n"
        "export function Sign() { return Till; }\n"
        "export const till = new Till();\n"
        "till.fill(() => make(6));\n"
    ),
}


def id_of(reader, name: str) -> str:
    (found,) = symbols.find(
        reader.database, symbols.SymbolQuery(name=name), tenant_id=reader.tenant_id
    ).items
    return str(found.id)


def ask(reader, symbol_id: str, limit: int | None = None, **how: bool) -> list:
    found, cursor = [], None
    for _ in range(MOST_PAGES):
        told = callees.of_symbol(
            reader.database,
            symbol_id,
            tenant_id=reader.tenant_id,
            cursor=cursor,
            limit=limit,
            **how,
        )
        assert str(told.symbol.id) == symbol_id
        assert len(told.page.items) <= (limit or 50)
        found += told.page.items
        if (cursor := told.page.next_cursor) is None:
            return found
    raise AssertionError("the pages do not end")


def briefly(found: list) -> list:
    return [
        (one.symbol.name if one.symbol else one.name, one.path, one.line, one.calls)
        for one in found
    ]


@pytest.mark.parametrize("limit", [1, 2, 3, 8, 9, None])
def test_what_a_definition_calls_is_told_once_each_by_the_first_call(ada, limit):
    ada.index(Commit.of(TEXTS))
    found = ask(ada, id_of(ada, "fill"), limit)
    assert briefly(found) == [
        ("local", "src/till.tsx", 6, 2),
        ("draw", None, None, 1),
        ("each", "src/till.tsx", 5, 1),
        ("log", None, None, 1),
        ("mint", "src/coin.ts", 4, 2),
        ("of", None, None, 1),
        ("Coin", "src/coin.ts", 1, 1),
        ("map", None, None, 1),
        ("nothing", None, None, 1),
    ]


def test_each_callee_says_how_it_is_written_and_what_it_is(ada):
    ada.index(Commit.of(TEXTS))
    local, draw, each, log, mint, lost, coin, mapped, nothing = ask(ada, id_of(ada, "fill"))
    assert (mint.name, mint.symbol and mint.symbol.name) == ("make", "mint")
    assert [(one.line, one.column, one.kind) for one in mint.sites] == [
        (9, 16, ReferenceKind.CALL),
        (10, 11, ReferenceKind.CALL),
    ]
    assert local.symbol is not None
    assert (each.symbol, each.imported) == (None, None)
    assert draw.imported == ImportedName("@ada/screen", "dom", "render")
    assert [one.kind for one in coin.sites] == [ReferenceKind.NEW]
    assert [one.sites[0].resolution for one in (draw, lost, mapped, nothing)] == [
        Resolution.EXTERNAL,
        Resolution.UNRESOLVED_MODULE,
        Resolution.EXTERNAL,
        Resolution.UNDECLARED,
    ]
    assert log.imported is None


def test_the_calls_of_a_class_are_those_of_its_members_if_they_are_asked_for(ada):
    ada.index(Commit.of(TEXTS))
    till = id_of(ada, "Till")
    assert ask(ada, till) == []
    found = ask(ada, till, nested=True, defined=True)
    assert briefly(found) == [
        ("mint", "src/coin.ts", 4, 3),
        ("local", "src/till.tsx", 6, 2),
        ("Coin", "src/coin.ts", 1, 2),
        ("fill", "src/till.tsx", 5, 1),
        ("Sign", "src/till.tsx", 17, 1),
    ]
    assert found[-1].sites[0].kind is ReferenceKind.JSX
    assert len(ask(ada, till, nested=True)) > len(found)


def test_members_that_stand_outside_of_what_they_are_of_are_inside(ada):
    texts = {
        "a.js": "helper();\nfunction helper() {}\nfunction Box() {}\n"
        "Box.prototype.shut = function () { helper(); };\nhelper();\n"
    }
    ada.index(Commit.of(texts))
    assert briefly(ask(ada, id_of(ada, "Box"), nested=True)) == [("helper", "a.js", 2, 1)]


def test_the_first_calls_of_a_callee_are_told_in_order(ada):
    commit = Commit(("a.ts",))
    target = commit.define("a.ts", "target")
    user = commit.define("a.ts", "user", line=10, end_line=40)
    for line in range(20, 12, -1):
        commit.use("a.ts", target, line=line, enclosing=user)
    commit.use("a.ts", target, line=11, enclosing=user, kind=ReferenceKind.READ)
    ada.index(commit)
    (one,) = ask(ada, id_of(ada, "user"))
    assert (one.calls, [site.line for site in one.sites]) == (8, [13, 14, 15, 16, 17])
    assert len(one.sites) == MOST_SITES


def test_a_callee_of_a_package_says_whether_a_repository_offers_it(ada):
    screen = {"dom.ts": "export function render() {}\n"}
    manifest = {"package.json": {"name": "@ada/screen", "exports": {"./dom": "./dom.ts"}}}
    ada.index(Commit.of(TEXTS))
    (draw,) = [one for one in ask(ada, id_of(ada, "fill")) if one.name == "draw"]
    assert not draw.elsewhere
    ada.index(Commit.of(screen, manifests=manifest), name="ada/screen")
    (draw,) = [one for one in ask(ada, id_of(ada, "fill")) if one.name == "draw"]
    assert draw.elsewhere


def test_nobody_else_is_told_and_no_other_cursor_is_read(ada, eve):
    ada.index(Commit.of(TEXTS))
    fill = id_of(ada, "fill")
    with pytest.raises(SymbolNotFound):
        callees.of_symbol(eve.database, fill, tenant_id=eve.tenant_id)
    for cursor in (write_cursor("callers", 0, 0), write_cursor("callees", 0, -1)):
        with pytest.raises(CursorInvalid):
            callees.of_symbol(ada.database, fill, tenant_id=ada.tenant_id, cursor=cursor)


NAMES = ("zero", "one", "two", "three")
USES = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(0, 4), st.sampled_from(ReferenceKind), st.integers(0, 2)
    ),
    max_size=14,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(uses=USES)
def test_what_a_definition_calls_has_it_among_its_callers(ada, uses):
    """Each use: of which definition, in which (4: in none), how, and in which column."""
    commit = Commit(("a.ts",))
    for line, name in enumerate(NAMES):
        commit.define("a.ts", name, line=line * 10 + 1, end_line=line * 10 + 9)
    for target, within, kind, column in uses:
        enclosing = None if within == len(NAMES) else within
        line = within * 10 + 2
        commit.use("a.ts", target, line=line, column=column, kind=kind, enclosing=enclosing)
    ada.index(commit)
    ids = {name: id_of(ada, name) for name in NAMES}
    down = {(name, one.symbol.name, one.calls) for name in NAMES for one in ask(ada, ids[name])}
    up = {
        (one.symbol.name, name, one.calls)
        for name in NAMES
        for one in callers.of_symbol(ada.database, ids[name], tenant_id=ada.tenant_id).page.items
        if one.symbol is not None
    }
    assert down == up
    assert sum(calls for *_, calls in down) == sum(
        within < len(NAMES) and kind in CALLS for _, within, kind, _ in uses
    )
