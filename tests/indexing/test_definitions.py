"""From a place in a file to what is defined: what a person sees who clicks on a name."""

import pytest

from indexer.parsing.facts import ReferenceKind
from indexer.resolution.rows import Resolution, Unresolved
from indexer.search import definitions
from indexer.search.definitions import NameNotFound
from indexer.search.files import FileNotFound

SOURCES = {
    "src/money.ts": """/** Adds amounts up. */
export function total(amounts: number[]): number {
  const start = 0;
  return amounts.reduce((sum, one) => sum + one, start);
}
export class Purse { size = 1; }
export interface Purse { colour: string }
""",
    "src/cart.ts": """import { total as add, Purse } from "./money";
import * as money from "./money";
import react from "react";
import gone from "./gone";

const purse: Purse = new Purse();
export const sum = add([1]) + money.total([2]);
export const text = `\U0001f4b0${sum}`;
export const shorthand = { sum };
purse.size; purse.nothing; react.createElement;
export const { increment, decrement: less } = react.actions;
export const more = increment;
""",
}


@pytest.fixture
def at(repository, indexing, ask, work_off):
    """What is found so many columns into a piece of a line."""
    repository.commit_files({path: text.encode() for path, text in SOURCES.items()})
    made = ask()
    work_off()

    def place(path, line, column):
        return definitions.at(
            indexing.api,
            tenant_id=indexing.tenant,
            repository=str(made.repository_id),
            path=path,
            line=line,
            column=column,
        )

    def find(path, line, piece, *, into=0):
        if path not in SOURCES:
            return place(path, line, 0)
        written = SOURCES[path].splitlines()[line - 1]
        before = written[: written.index(piece)]
        return place(path, line, len(before.encode("utf-16-le")) // 2 + into)

    return find


def leads_to(found):
    return [
        (one.path, one.line, one.symbol.name if one.symbol else None) for one in found.definitions
    ]


TOTAL = ("src/money.ts", 2, "total")


@pytest.mark.parametrize(
    ("line", "piece", "into", "kind"),
    [
        (1, "total", 0, ReferenceKind.IMPORT),
        (7, "add", 0, ReferenceKind.CALL),
        (7, "add", 2, ReferenceKind.CALL),
        # Behind the name, where a person stands who has just written it.
        (7, "add", 3, ReferenceKind.CALL),
        (7, "total", 1, ReferenceKind.CALL),
    ],
)
def test_a_use_leads_to_the_definition_through_imports_and_other_names(at, line, piece, into, kind):
    found = at("src/cart.ts", line, piece, into=into)
    assert leads_to(found) == [TOTAL]
    assert (found.kind, found.resolution) == (kind, Resolution.EXACT)
    (one,) = found.definitions
    assert one.symbol.documentation == "Adds amounts up."
    assert "number[]" in one.symbol.signature


def test_a_definition_leads_to_itself(at):
    found = at("src/money.ts", 2, "total")
    assert leads_to(found) == [TOTAL]
    assert (found.name, found.start_column, found.end_column) == ("total", 16, 21)
    assert found.kind is None


@pytest.mark.parametrize(("piece", "name"), [("increment,", "increment"), ("less", "less")])
def test_what_a_pattern_takes_out_of_something_unknown_is_defined_there(at, piece, name):
    found = at("src/cart.ts", 11, piece)
    assert (leads_to(found), found.unresolved) == ([("src/cart.ts", 11, name)], None)
    assert found.resolution is Resolution.EXACT


def test_a_name_that_is_defined_by_a_pattern_is_led_to_from_its_uses(at):
    assert leads_to(at("src/cart.ts", 12, "increment")) == [("src/cart.ts", 11, "increment")]


def test_columns_are_utf_16_code_units(at):
    found = at("src/cart.ts", 8, "sum")
    assert (found.name, found.start_column) == ("sum", 25)
    assert leads_to(found) == [("src/cart.ts", 7, "sum")]


def test_a_local_and_a_parameter_lead_to_their_lines(at):
    assert leads_to(at("src/money.ts", 4, "start")) == [("src/money.ts", 3, None)]
    assert leads_to(at("src/money.ts", 4, "one, start"))[0][:2] == ("src/money.ts", 4)


def test_a_module_specifier_leads_to_its_file_or_says_why_to_none(at):
    inside = at("src/cart.ts", 1, '"./money"', into=3)
    assert (inside.name, leads_to(inside)) == ("./money", [("src/money.ts", 1, None)])
    missing = at("src/cart.ts", 4, '"./gone"', into=1)
    assert (missing.unresolved, leads_to(missing)) == (Unresolved.FILE_NOT_FOUND, [])
    package = at("src/cart.ts", 3, '"react"', into=1)
    assert package.unresolved is Unresolved.EXTERNAL_PACKAGE


def test_what_leads_nowhere_says_why(at):
    assert at("src/cart.ts", 10, "createElement").resolution is Resolution.EXTERNAL
    assert leads_to(at("src/cart.ts", 10, "createElement")) == []


def test_a_member_leads_to_the_class_of_its_receiver(at):
    assert leads_to(at("src/cart.ts", 10, "size")) == [("src/money.ts", 6, "size")]


def test_where_no_name_stands_there_is_none(at):
    for line, piece in ((6, " = new"), (7, "([1])"), (5, "")):
        with pytest.raises(NameNotFound):
            at("src/cart.ts", line, piece, into=1)
    with pytest.raises(FileNotFound):
        at("src/none.ts", 1, "")


def test_a_shorthand_property_leads_to_the_value_that_it_takes(at):
    assert leads_to(at("src/cart.ts", 9, "sum")) == [("src/cart.ts", 7, "sum")]
