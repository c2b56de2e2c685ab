"""What an editor shows of a name: from a real commit to what a person sees."""

import pytest

from indexer.parsing.facts import SymbolKind
from indexer.search import hovers
from indexer.search.definitions import NameNotFound
from indexer.search.hovers import LONGEST_LINE, Meaning

SOURCES = {
    "src/money.ts": """export const rate = 2;
export class Purse {
  /** Counts `coins`, *all* of them. */
  count(coins: number[]): number {
    let sum = 0;\r
    for (const one of coins) sum += one;
    return sum * rate;
  }
}
""",
    "src/cart.ts": """import * as money from "./money";
import { Purse } from "./money";
import { gone } from "./gone";
export const paid = new Purse().count([1]) + money.rate;
gone();
""",
    "src/long.ts": f"""export function g(first = {"1 + " * 100}1) {{ return first; }}
""",
}


@pytest.fixture
def hover(repository, indexing, ask, work_off):
    """What is shown of the name so many columns into the last such piece of a line."""
    repository.commit_files({path: text.encode() for path, text in SOURCES.items()})
    made = ask()
    work_off()

    def find(path, line, piece, *, into=0):
        return hovers.at(
            indexing.api,
            tenant_id=indexing.tenant,
            repository=str(made.repository_id),
            path=path,
            line=line,
            column=SOURCES[path].splitlines()[line - 1].rindex(piece) + into,
        )

    return find


def only(found):
    (one,) = found.meanings
    return one


def test_a_symbol_is_shown_with_its_words_its_class_and_its_uses(hover):
    found = hover("src/cart.ts", 4, "count", into=2)
    one = only(found)
    assert (found.name.name, found.name.start_column, found.name.end_column) == ("count", 32, 37)
    assert (one.meaning, one.definition.path, one.definition.line) == (
        *(Meaning.SYMBOL, "src/money.ts", 4),
    )
    symbol = one.definition.symbol
    assert (symbol.kind, symbol.container.name) == (SymbolKind.METHOD, "Purse")
    assert symbol.signature == "count(coins: number[]): number"
    assert symbol.documentation == "Counts `coins`, *all* of them."
    assert (one.uses, one.text) == (1, None)


def test_uses_count_imports_too(hover):
    # Its import, and `new Purse()`.
    assert only(hover("src/money.ts", 2, "Purse")).uses == 2
    # In its own file, and by way of the namespace of the other.
    assert only(hover("src/money.ts", 1, "rate")).uses == 2


@pytest.mark.parametrize(
    ("line", "piece", "declared_at", "text"),
    [
        (7, "sum", 5, "let sum = 0;"),
        (6, "coins", 4, "count(coins: number[]): number {"),
        (6, "one", 6, "for (const one of coins) sum += one;"),
    ],
)
def test_a_local_is_shown_with_the_line_that_declares_it(hover, line, piece, declared_at, text):
    one = only(hover("src/money.ts", line, piece))
    assert (one.meaning, one.uses, one.text) == (Meaning.LOCAL, None, text)
    assert (one.definition.path, one.definition.line) == ("src/money.ts", declared_at)


def test_only_the_beginning_of_a_long_line_is_shown(hover):
    text = only(hover("src/long.ts", 1, "first")).text
    assert text.startswith("export function g(first = 1 + 1")
    assert len(text) == LONGEST_LINE


@pytest.mark.parametrize("piece", ["money", '"./money"'])
def test_a_module_is_shown_as_its_file(hover, piece):
    found = hover("src/cart.ts", 4 if piece == "money" else 1, piece, into=1)
    one = only(found)
    assert (one.meaning, one.definition.path, one.text) == (Meaning.MODULE, "src/money.ts", None)


def test_what_leads_nowhere_has_a_reason_and_no_meaning(hover):
    found = hover("src/cart.ts", 5, "gone")
    assert found.meanings == []
    assert found.name.resolution.name == "UNRESOLVED_MODULE"
    with pytest.raises(NameNotFound):
        hover("src/cart.ts", 5, "()", into=1)


def test_uses_that_were_not_counted_are_not_told(hover, indexing):
    indexing.scratch.sql("UPDATE kotadb.snapshots SET file_groups = NULL")
    assert only(hover("src/money.ts", 2, "Purse")).uses is None


def test_a_text_that_is_not_stored_is_not_told(hover, indexing):
    indexing.scratch.sql("DELETE FROM kotadb.file_texts")
    one = only(hover("src/money.ts", 7, "sum"))
    assert (one.meaning, one.definition.line, one.text) == (Meaning.LOCAL, 5, None)
