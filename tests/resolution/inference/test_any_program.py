"""Whatever a program says, the linker answers, and in no order in which it is asked otherwise."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.resolution.inference.cases import linked
from tests.resolution.inference.programs import ASKED, MODULES, PROGRAMS, asking

NAMES = [f"m{at}" for at in range(MODULES)]


def files(program, names: list[str] = NAMES) -> dict[str, str]:
    return {f"{names[at]}.ts": one.text(at, names) for at, one in enumerate(program)}


def answers(texts: dict[str, str], called: dict[str, str] | None = None) -> list[tuple]:
    """Each use and where it leads, by paths and lines; `called` renames paths."""
    linker = linked(texts.items())
    symbols = list(linker.symbols())
    paths = [(called or {}).get(path, path) for path in linker.paths]
    found = []
    for row in linker.references():
        end: tuple = (row.target_file_no is not None and paths[row.target_file_no], row.target_line)
        if row.symbol_no is not None:
            symbol = symbols[row.symbol_no]
            end = (paths[symbol.file_no], symbol.line, symbol.column, symbol.name)
        found.append((paths[row.file_no], row.line, row.column, row.name, row.resolution, end))
    return sorted(found)


@settings(max_examples=25)
@given(program=PROGRAMS, order=st.permutations(range(MODULES)))
def test_the_order_in_which_files_are_given_changes_nothing(program, order):
    texts = files(program)
    paths = list(texts)
    assert answers(texts) == answers({paths[at]: texts[paths[at]] for at in order})


@settings(max_examples=25)
@given(program=PROGRAMS, names=st.permutations(NAMES))
def test_the_order_in_which_files_are_looked_at_changes_nothing(program, names):
    called = {f"{names[at]}.ts": f"{NAMES[at]}.ts" for at in range(MODULES)}
    assert answers(files(program)) == answers(files(program, names), called)


@settings(max_examples=25)
@given(program=PROGRAMS, asked=ASKED, more=ASKED)
def test_what_others_ask_changes_no_answer(program, asked, more):
    alone = {**files(program), "z.ts": asking(asked, NAMES)}
    after_others = {"a.ts": asking(more, NAMES), **alone}
    assert answers(alone) == [one for one in answers(after_others) if one[0] != "a.ts"]
