"""The agents' tools that follow calls and types."""

from itertools import chain

import pytest
from tests.functions.agents import pages, without_ids
from tests.search.indexed import Commit, index

HEAD = ["function total  src/money.ts:2:17", "    function total(all: number[])"]
SOURCES = {
    "src/cart.ts": 'import { total } from "./money";\n'
    "export class Cart {\n"
    "  sum(all: number[]) { return total(all) + total([]) + total([1]); }\n"
    "}\n"
    "total([]);\n",
    "src/money.ts": 'import { z } from "zod/lib";\n'
    "export function total(all: number[]) { z.parse(all); return all.map(gone); }\n",
    "src/read.ts": "export function read(one: string): string;\n"
    "export function read(one: any): any { return one; }\n"
    "read('a');\n",
    "src/types.ts": 'import { Base } from "elsewhere";\n'
    "interface Shape {}\n"
    "class Round extends Base implements Shape {}\n"
    "class Disc extends Round {}\n"
    "export default class extends Disc {}\n",
    "src/kinds.ts": 'export enum Kind { Shape = "shape" }\n',
}


@pytest.fixture(autouse=True)
def indexed(issue, migrated_database):
    index(migrated_database, issue().tenant_id, Commit.of(SOURCES))


def id_of(line):
    return line.partition("[symbol ")[2].partition("]")[0]


def test_callers_are_told_with_their_calls(call):
    told = call("find_callers", symbol="total")
    assert [line.partition("  [symbol")[0] for line in told[:2]] == HEAD
    assert told[2] == "  src/cart.ts:5:1  call at the module level"
    assert told[3].startswith("  src/cart.ts:3:31  call in sum  [symbol ")
    assert told[3].endswith("]  3 calls, also at 3:44, 3:56")
    assert call("find_callers", symbol=id_of(told[0])) == told
    narrowed = call("find_callers", symbol="total", path="src/money", repository="ada/engine")
    assert narrowed == told
    assert list(chain.from_iterable(page[2:] for page in pages(
        call, "find_callers", symbol="total", limit=1
    ))) == told[2:]  # fmt: skip
    assert call("find_callers", symbol="Disc")[-1] == "  No call of it was found."
    assert call("find_callers", symbol="nobody")[0].startswith("No definition is named nobody.")
    assert "(symbol_not_found)" in call("find_callers", symbol="99999-1", failed=True)[0]


def test_a_function_with_overloads_is_one_that_its_name_means(call):
    told = call("find_callers", symbol="read")
    assert told[0].startswith("function read  src/read.ts:1:17")
    assert told[-1] == "  src/read.ts:3:1  call at the module level"


def test_callees_are_told_with_where_they_lead(call):
    _, _, *told = call("find_callees", symbol="total")
    assert told == [
        "  src/money.ts:2:42  call parse  (z.parse of zod/lib)",
        "  src/money.ts:2:65  call map  (external)",
    ]
    told = call("find_callees", symbol="Cart.sum")
    assert without_ids(told)[-1] == "  src/cart.ts:3:31  call total  -> src/money.ts:2"
    assert told[-1].endswith("]  3 calls, also at 3:44, 3:56")
    assert call("find_callees", symbol="Cart")[-1] == "  No call in it was found."
    assert "call total" in call("find_callees", symbol="Cart", nested=True)[-1]
    assert call("find_callees", symbol="total", defined=True)[-1] == "  No call in it was found."
    (first, second) = pages(call, "find_callees", symbol="total", limit=1)
    assert "parse" in first[-1]
    assert "map" in second[-1]


def test_a_hierarchy_is_told_upwards_and_downwards(call):
    told = without_ids(call("type_hierarchy", symbol="Round"))
    assert told[0].startswith("class Round  src/types.ts:3:7")
    assert told[1:] == [
        "    class Round extends Base implements Shape",
        "above it (2):",
        "  Round extends Base  src/types.ts:3:21  (external)",
        "  Round implements Shape  src/types.ts:2:11",
        "below it (2):",
        "  Disc extends Round  src/types.ts:4:7",
        "    default extends Disc  src/types.ts:5:1",
    ]
    # What is no type has no hierarchy, so a member of an enum is not meant.
    assert "below it (3):" in call("type_hierarchy", symbol="Shape")
    assert call("find_references", symbol="Shape")[0].startswith("The same symbol name")
    below = call("type_hierarchy", symbol="Round", direction="subtypes", depth=1)
    assert [line for line in below if "it" in line.split()] == ["below it (1):"]
    assert call("type_hierarchy", symbol="Shape", direction="supertypes")[-1] == "above it: nothing"
    few = call("type_hierarchy", symbol="Round", limit=1)
    assert "above it (the first 1 of 2):" in few
    assert len(few) == 6
