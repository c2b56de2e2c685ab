"""Overloads, accessors and declarations that merge are one thing for whoever asks who uses it."""

import pytest
from tests.search.indexed import Commit

from indexer.parsing.facts import ReferenceKind
from indexer.search import callees, callers, impact, references, symbols
from indexer.search.changes import Change
from indexer.search.symbols import Declarations, SymbolQuery

TEXTS = {
    "src/parse.ts": (
        "function helper() {}\n"
        "export function parse(one: string): string;\n"
        "export function parse(one: number): number;\n"
        "export function parse(one: any): any { helper(); return one; }\n"
        "function setUp(): void;\n"
        "function setUp(one?: number): void { helper(); }\n"
        "setUp();\n"
    ),
    "src/shop.ts": (
        "export class Shop {\n"
        "  add(one: string): void;\n"
        "  add(one: number): void;\n"
        "  add(one: any) { this.stock = one; }\n"
        "  static add(one: any) {}\n"
        "  get stock() { return 1; }\n"
        "  set stock(value) {}\n"
        "}\n"
        "export interface Cart { pay(one: string): void; pay(one: number): void }\n"
        "export interface Cart { owner: string }\n"
        "export class Other { add() {} }\n"
        "export class Third { add() {} }\n"
    ),
    "src/till.ts": (
        'import { parse } from "./parse";\n'
        'import { Cart, Shop } from "./shop";\n'
        'export const parsed = parse("a");\n'
        "export function fill(cart: Cart) {\n"
        "  cart.pay(1);\n"
        "  const shop = new Shop();\n"
        "  shop.add(1);\n"
        "  return shop.stock;\n"
        "}\n"
    ),
    # Each is a function of its own, though nothing around them is a symbol.
    "test/apart.ts": (
        "it('one', () => { function once() {} once(); });\n"
        "it('two', () => { function once() {} once(); once(); });\n"
    ),
}


def named(reader, name, **how):
    query = SymbolQuery(name=name, repository="ada/engine", **how)
    return list(symbols.find(reader.database, query, tenant_id=reader.tenant_id).items)


def at(reader, name, line):
    (found,) = [one for one in named(reader, name) if one.line == line]
    return str(found.id)


@pytest.fixture
def shop(ada):
    ada.index(Commit.of(TEXTS))
    return ada


def uses(reader, symbol_id):
    told = references.of_symbol(reader.database, symbol_id, tenant_id=reader.tenant_id)
    assert str(told.symbol.id) == symbol_id
    return [(one.path, one.line) for one in told.page.items if one.kind is not ReferenceKind.IMPORT]


@pytest.mark.parametrize(
    ("name", "lines", "used"),
    [
        ("parse", (2, 3, 4), [("src/till.ts", 3)]),
        ("setUp", (5, 6), [("src/parse.ts", 7)]),
        ("Shop.add", (2, 3, 4), [("src/till.ts", 7)]),
        ("stock", (6, 7), [("src/shop.ts", 4), ("src/till.ts", 8)]),
        ("Cart", (9, 10), [("src/till.ts", 4)]),
        ("Shop.add", (5,), []),
        ("Other.add", (11,), []),
        ("once", (1,), [("test/apart.ts", 1)]),
        ("once", (2,), [("test/apart.ts", 2), ("test/apart.ts", 2)]),
    ],
)
def test_the_uses_of_each_declaration_are_those_of_what_it_declares(shop, name, lines, used):
    for line in lines:
        assert uses(shop, at(shop, name, line)) == used


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("parse", [2]),
        ("setUp", [5]),
        ("Shop.add", [2, 5]),
        ("add", [2, 5, 11, 12]),
        ("pay", [9]),
        ("stock", [6]),
        ("Cart", [9]),
        ("once", [1, 2]),
        ("helper", [1]),
    ],
)
def test_what_is_declared_several_times_can_be_listed_once(shop, name, lines):
    firsts = named(shop, name, declarations=Declarations.FIRST)
    assert sorted(one.line for one in firsts) == lines
    assert len(named(shop, name)) >= len(firsts)


@pytest.mark.parametrize("line", [2, 3, 4])
def test_a_function_with_overloads_has_the_callers_and_the_callees_of_all(shop, line):
    parse = at(shop, "parse", line)
    calling = callers.of_symbol(shop.database, parse, tenant_id=shop.tenant_id).page.items
    assert [(one.path, one.symbol and one.symbol.name) for one in calling] == [
        ("src/till.ts", "parsed")
    ]
    for nested in (False, True):
        called = callees.of_symbol(
            shop.database, parse, tenant_id=shop.tenant_id, nested=nested
        ).page.items
        assert [one.name for one in called] == ["helper"]


@pytest.mark.parametrize("named_by", ["name", 2, 4])
def test_a_change_goes_on_from_the_body_of_a_function_with_overloads(shop, named_by):
    helper = impact.of_change(
        shop.database,
        Change(symbols=["helper"]),
        tenant_id=shop.tenant_id,
        repository="ada/engine",
    )
    assert "src/till.ts" in {one.path for one in helper.files}
    assert "parsed" in {one.symbol.name for one in helper.symbols}
    parse = "parse" if named_by == "name" else at(shop, "parse", named_by)
    changed = impact.of_change(
        shop.database, Change(symbols=[parse]), tenant_id=shop.tenant_id, repository="ada/engine"
    )
    assert "src/till.ts" in {one.path for one in changed.files}


BLOCKS = """
SELECT sum(pg_stat_get_xact_blocks_fetched(oid))::integer AS fetched
FROM pg_class WHERE relnamespace = 'kotadb'::regnamespace
"""


# Long names make the index of names taller than that of numbers.
ANOTHER_SNAPSHOT = """
WITH place AS (
    INSERT INTO kotadb.repositories (tenant_id, clone_url, full_name, default_ref)
    VALUES (%s, 'https://github.com/ada/other.git', 'ada/other', 'main')
    RETURNING tenant_id, repository_id
), snapshot AS (
    INSERT INTO kotadb.snapshots (
        tenant_id, repository_id, ref, commit_sha, generation, job_id, state, stats
    )
    SELECT tenant_id, repository_id, 'main', repeat('a', 40), 1, gen_random_uuid(), 'current', '{}'
    FROM place
    RETURNING snapshot_id
)
INSERT INTO kotadb.symbols
SELECT
    snapshot_id, n, n / 20, NULL, 1, 1, 1, 0, 1, 0, 0, 0, repeat('long', 50) || n, NULL, NULL
FROM snapshot, generate_series(0, 9999) AS n
"""
STEPS, BLOCKS_EACH = 256, 10


@pytest.mark.parametrize("statistics", ["of now", "older"])
def test_of_more_declarations_than_anybody_writes_some_are_looked_at(ada, statistics):
    ada.scratch.sql(ANOTHER_SNAPSHOT, ada.tenant_id)
    ada.scratch.sql("VACUUM ANALYZE kotadb.symbols")
    many = "".join(f"export function parse(one: {number}): {number};\n" for number in range(3_000))
    ada.index(Commit.of({"a.ts": many + "export function parse(one: any) { return one; }\n"}))
    if statistics == "of now":
        ada.scratch.sql("VACUUM ANALYZE kotadb.symbols")
    assert len(named(ada, "parse", declarations=Declarations.FIRST)) == 1
    last = named(ada, "parse")[-1].id.snapshot_id, 3_000
    with ada.scratch.connection() as connection, connection.transaction():
        before = connection.execute(BLOCKS).fetchone()
        connection.execute("SELECT kotadb.first_declaration(%s::integer, %s::integer)", last)
        after = connection.execute(BLOCKS).fetchone()
    assert after["fetched"] - before["fetched"] < STEPS * BLOCKS_EACH
