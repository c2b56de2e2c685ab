"""What a change affects: the answers to sources that are read, indexed and asked about."""

import pytest

from indexer.search import impact
from indexer.search.changes import Change, ChangeMissing, ChangeNotFound
from indexer.search.import_cycles import Imports

SOURCES = {
    "src/money.ts": """export function total(amounts: number[]): number {
  return round(amounts.reduce((sum, one) => sum + one, 0));
}
function round(amount: number): number { return amount; }
export class Purse {
  size: number;
  constructor() { this.size = round(1); }
  fill(): void { total([this.size]); }
}
export interface Price { amount: number }
""",
    "src/cart.ts": """import { total as add, Purse } from "./money";
import type { Price } from "./money";

export const sum = add([1]);
export function pay(price: Price): number { return price.amount; }
export function purse(): Purse { return new Purse(); }
""",
    "src/shop.ts": """import { sum, purse } from "./cart";
export const api = { open() { return sum; }, deep: { inner() { return purse(); } } };
""",
    "src/all.ts": """export * from "./shop";
export { total } from "./money";
""",
    "src/types.ts": """import type { Price } from "./money";
export interface Order { price: Price }
""",
    "src/main.ts": """import { api } from "./all";
api.open();
""",
    "src/alone.ts": "export const alone = 1;\n",
    "tests/cart.test.ts": """import { sum } from "../src/cart";
import { check } from "./check";
check(sum);
""",
    "tests/check.ts": "export function check(value: number) { return value; }\n",
}


@pytest.fixture
def affected(repository, indexing, ask, work_off):
    """What a change of these sources affects."""
    repository.commit_files({path: text.encode() for path, text in SOURCES.items()})
    made = ask()
    work_off()

    def find(*files, symbols=(), **wishes):
        return impact.of_change(
            indexing.api,
            Change(files=files, symbols=symbols),
            tenant_id=indexing.tenant,
            repository=str(made.repository_id),
            **wishes,
        )

    return find


def files_of(found):
    return {one.path: one.depth for one in found.files}


def symbols_of(found):
    return {one.symbol.name: one.depth for one in found.symbols}


def told(way):
    """Each step as its link, file, definition and line."""
    return [
        (one.link.value, one.path, one.symbol.name if one.symbol else None, one.line) for one in way
    ]


def way_to(found, name):
    (one,) = [
        *(each for each in found.files if each.path == name),
        *(each for each in found.symbols if each.symbol.name == name),
    ]
    return told(one.way)


def test_a_changed_file_affects_what_imports_it_however_far(affected):
    found = affected("src/money.ts", depth=10)
    assert files_of(found) == {
        "src/money.ts": 0,
        "src/all.ts": 1,
        "src/cart.ts": 1,
        "src/types.ts": 1,
        "src/main.ts": 2,
        "src/shop.ts": 2,
        "tests/cart.test.ts": 2,
    }
    assert (found.total_files, found.total_tests, found.truncated) == (7, 1, False)
    assert [one.path for one in found.files if one.test] == ["tests/cart.test.ts"]
    assert list(found.files) == sorted(found.files, key=lambda one: (one.depth, one.path))
    assert found.symbols == []


def test_the_way_is_a_shortest_one_with_the_lines_of_the_imports(affected):
    found = affected("src/money.ts", depth=10)
    assert way_to(found, "src/main.ts") == [
        ("change", "src/money.ts", None, None),
        ("import", "src/all.ts", None, 2),
        ("import", "src/main.ts", None, 1),
    ]
    assert way_to(found, "src/shop.ts")[1:] == [
        ("import", "src/cart.ts", None, 1),
        ("import", "src/shop.ts", None, 1),
    ]
    assert way_to(found, "src/money.ts") == [("change", "src/money.ts", None, None)]


def test_so_many_steps_are_followed_and_no_more(affected):
    assert set(files_of(affected("src/shop.ts", depth=1))) == {"src/shop.ts", "src/all.ts"}
    assert "src/main.ts" in files_of(affected("src/shop.ts", depth=2))


def test_what_types_alone_import_is_not_affected_at_runtime(affected):
    found = affected("src/money.ts", imports=Imports.RUNTIME)
    assert "src/types.ts" not in files_of(found)
    assert way_to(found, "src/cart.ts")[1] == ("import", "src/cart.ts", None, 1)


def test_a_changed_function_affects_who_uses_it_and_not_all_of_their_files(affected):
    found = affected(symbols=["round"], depth=2)
    # fill calls total; what a constructor needs the class is made of.
    assert symbols_of(found) == {
        "round": 0,
        "total": 1,
        "constructor": 1,
        "sum": 2,
        "fill": 2,
        "Purse": 2,
    }
    assert way_to(found, "sum") == [
        ("change", "src/money.ts", "round", None),
        ("use", "src/money.ts", "total", 2),
        ("use", "src/cart.ts", "sum", 4),
    ]
    assert way_to(found, "Purse")[1:] == [
        ("use", "src/money.ts", "constructor", 7),
        ("part", "src/money.ts", "Purse", None),
    ]
    # all.ts passes total on, and cart.ts uses it.
    assert files_of(found) == {"src/money.ts": 0, "src/all.ts": 2, "src/cart.ts": 2}


def test_a_use_outside_of_definitions_affects_its_file_and_its_importers(affected):
    found = affected(symbols=["sum"], depth=10)
    assert symbols_of(found) == {"sum": 0, "open": 1, "api": 2}
    assert files_of(found) == {
        "src/cart.ts": 0,
        "src/shop.ts": 1,
        "tests/cart.test.ts": 1,
        "src/main.ts": 2,
    }
    assert way_to(found, "tests/cart.test.ts") == [
        ("change", "src/cart.ts", "sum", None),
        ("use", "tests/cart.test.ts", None, 3),
    ]
    assert way_to(found, "src/main.ts")[1:] == [
        ("use", "src/shop.ts", "open", 2),
        ("use", "src/main.ts", None, 2),
    ]


def test_an_object_is_made_of_its_members_however_deep(affected):
    found = affected(symbols=["purse"], depth=3)
    assert symbols_of(found) == {"purse": 0, "inner": 1, "deep": 2, "api": 3}


def test_what_stands_within_a_changed_definition_is_changed(affected):
    found = affected(symbols=["Purse"], depth=1)
    assert symbols_of(found)["purse"] == 1
    within = affected(symbols=["Price"], depth=1)
    # pay uses the member alone, by its name, and the type.
    assert symbols_of(within) == {"Price": 0, "pay": 1, "price": 1}
    assert within.total_symbols == 3


def test_types_are_made_of_their_members_and_gone_at_runtime(affected):
    found = affected(symbols=["Price"], depth=2)
    assert way_to(found, "Order")[-2:] == [
        ("use", "src/types.ts", "price", 2),
        ("part", "src/types.ts", "Order", None),
    ]
    runtime = affected(symbols=["Price"], depth=2, imports=Imports.RUNTIME)
    # The member is read where the program runs.
    assert symbols_of(runtime) == {"Price": 0, "pay": 1}


def test_a_member_is_named_with_its_container_and_a_symbol_by_its_id(affected):
    member = affected(symbols=["Purse.fill"])
    (one,) = [one for one in member.symbols if one.depth == 0]
    assert (one.symbol.name, one.line) == ("fill", 8)
    by_id = affected(symbols=[str(one.symbol.id)])
    assert symbols_of(by_id) == symbols_of(member)


def test_tests_are_told_alone(affected):
    found = affected("src/money.ts", "tests/check.ts", tests_only=True)
    assert files_of(found) == {"tests/check.ts": 0, "tests/cart.test.ts": 1}
    assert (found.total_files, found.total_tests) == (8, 2)


def test_what_is_unknown_is_named_or_passed_over(affected):
    gone = ["src/gone.ts", "src/cart.ts", "a\0b", "\ud800"]
    with pytest.raises(ChangeNotFound) as refused:
        affected(*gone, symbols=["sum", "nothing", "Purse.gone", "1-999999"])
    assert [one["field"] for one in refused.value.details] == [
        *("body.files.0", "body.files.2", "body.files.3"),
        *("body.symbols.1", "body.symbols.2", "body.symbols.3"),
    ]
    assert "src/gone.ts" in str(refused.value)
    assert "Purse.gone" in str(refused.value)
    found = affected(*gone, skip_unknown=True)
    assert list(found.unknown) == ["src/gone.ts", "a\0b", "?"]
    assert files_of(found)["src/cart.ts"] == 0
    assert affected("src/gone.ts", skip_unknown=True).files == []
    with pytest.raises(ChangeMissing):
        affected()


def test_so_many_are_told_and_all_are_counted(affected):
    found = affected("src/money.ts", depth=10, limit=2)
    assert files_of(found) == {"src/money.ts": 0, "src/all.ts": 1}
    assert (found.total_files, found.truncated) == (7, True)
