import json

import pytest
from tests.search.indexed import Commit

from indexer.parsing.facts import ReferenceKind, SymbolKind
from indexer.search import occurrences
from indexer.search.files import FileNotFound
from indexer.search.occurrences import MOST_BYTES, MOST_LINES, MOST_OCCURRENCES, OccurrenceRole
from indexer.search.repositories import RepositoryNotFound
from indexer.search.texts import LinesBeyondEnd, LinesInvalid

MOST_ANSWERS = 20
SOURCES = {
    "src/cart.ts": (
        'import { toCents, Purse } from "./money";\n'
        "export class Cart implements Purse {\n"
        "  total(): number { return toCents(3) + gone; }\n"
        "}\n"
        "const total = 1; export { total };\n"
    ),
    "src/money.ts": (
        "export interface Purse {}\n"
        'export const Purse = "\U0001d49c", toCents = (a: number) => a;\n'
    ),
}


def told(reader, path="src/cart.ts", lines=None, **wanted):
    return occurrences.in_lines(
        reader.database,
        tenant_id=reader.tenant_id,
        path=path,
        lines=lines,
        **{"repository": "ada/engine", **wanted},
    )


def test_every_name_stands_at_its_place_in_the_text(ada):
    ada.index(Commit.of(SOURCES))
    for path, text in SOURCES.items():
        lines = text.split("\n")
        found = told(ada, path).occurrences
        assert found
        for one in found:
            line = lines[one.line - 1].encode("utf-16-le")
            written = line[2 * one.column : 2 * one.end_column].decode("utf-16-le")
            assert written == (f'"{one.name}"' if one.role is OccurrenceRole.IMPORT else one.name)


def test_definitions_uses_and_imports_come_in_the_order_of_the_source(ada):
    ada.index(Commit.of(SOURCES))
    found = told(ada).occurrences
    assert [(one.line, one.column) for one in found] == sorted(
        (one.line, one.column) for one in found
    )
    by_name = {(one.line, one.name, one.role): one for one in found}
    called = by_name[3, "toCents", OccurrenceRole.REFERENCE]
    assert (called.kind, called.target) == (ReferenceKind.CALL, ("src/money.ts", 2))
    assert by_name[1, "toCents", OccurrenceRole.REFERENCE].symbol == called.symbol
    defined = by_name[2, "Cart", OccurrenceRole.DEFINITION]
    assert (defined.kind, defined.target) == (SymbolKind.CLASS, ("src/cart.ts", 2))
    module = by_name[1, "./money", OccurrenceRole.IMPORT]
    assert (module.kind, module.symbol, module.target) == (None, None, ("src/money.ts", 1))
    gone = by_name[3, "gone", OccurrenceRole.REFERENCE]
    assert (gone.symbol, gone.target, gone.resolution.name) == (None, None, "UNDECLARED")


def test_what_may_mean_several_things_stands_once_and_says_so(ada):
    commit = Commit(("src/cart.ts",))
    kind, value = (commit.define("src/cart.ts", "Purse", line=line) for line in (1, 2))
    for symbol in (value, kind, value):
        commit.use("src/cart.ts", symbol, line=3)
    ada.index(commit)
    (purse,) = told(ada, lines="3").occurrences
    assert (purse.meanings, purse.target) == (2, ("src/cart.ts", 1))


def test_only_the_lines_that_are_named_are_told(ada):
    ada.index(Commit.of(SOURCES))
    whole = told(ada)
    assert (whole.start_line, whole.end_line, whole.next_line) == (1, 6, None)
    part = told(ada, lines="2-3")
    assert list(part.occurrences) == [one for one in whole.occurrences if one.line in {2, 3}]
    assert (part.start_line, part.end_line, part.next_line) == (2, 3, None)
    assert told(ada, lines="5-900").end_line == 6
    with pytest.raises(LinesBeyondEnd):
        told(ada, lines="7")
    with pytest.raises(LinesInvalid):
        told(ada, lines="3-2")


def answers_of(reader, path):
    found, lines = [], None
    for _ in range(MOST_ANSWERS):
        part = told(reader, path, lines)
        assert len(part.occurrences) <= MOST_OCCURRENCES
        found.append(part)
        if part.next_line is None:
            return found
        assert part.next_line == part.end_line + 1
        lines = f"{part.next_line}-"
    raise AssertionError("the answers do not end")


def test_answers_that_go_on_are_together_all_of_it(ada):
    each = 7
    count = 2 * MOST_OCCURRENCES // each
    commit = Commit(("a.ts",), line_counts={"a.ts": count + 5})
    used = commit.define("a.ts", "x", line=count + 1)
    for line in range(1, count + 1):
        for column in range(each):
            commit.use("a.ts", used, line=line, column=column)
    ada.index(commit)
    parts = answers_of(ada, "a.ts")
    assert len(parts) == 3
    found = [one for part in parts for one in part.occurrences]
    assert len(found) == count * each + 1
    assert len({(one.line, one.column) for one in found}) == len(found)
    assert [part.truncated for part in parts] == [False] * 3
    assert parts[-1].end_line == count + 5


def test_one_answer_is_about_so_many_lines_at_the_most(ada):
    commit = Commit(("a.ts",), line_counts={"a.ts": 2 * MOST_LINES + 1})
    for line in (1, MOST_LINES, MOST_LINES + 1, 2 * MOST_LINES + 1):
        commit.define("a.ts", "x", line=line)
    ada.index(commit)
    parts = answers_of(ada, "a.ts")
    assert [part.end_line for part in parts] == [MOST_LINES, 2 * MOST_LINES, 2 * MOST_LINES + 1]
    assert [[one.line for one in part.occurrences] for part in parts] == [
        [1, MOST_LINES],
        [MOST_LINES + 1],
        [2 * MOST_LINES + 1],
    ]


def test_of_a_line_with_too_many_names_the_first_are_told_and_the_next_line_follows(ada):
    commit = Commit(("a.js",), line_counts={"a.js": 2})
    used = commit.define("a.js", "x", line=2)
    for column in range(MOST_OCCURRENCES + 500):
        commit.use("a.js", used, line=1, column=column)
    ada.index(commit)
    first, second = answers_of(ada, "a.js")
    assert (first.truncated, first.end_line, len(first.occurrences)) == (True, 1, MOST_OCCURRENCES)
    assert [one.column for one in first.occurrences] == list(range(MOST_OCCURRENCES))
    assert (second.truncated, [one.line for one in second.occurrences]) == (False, [2])


def test_long_names_and_paths_make_no_long_answer(ada):
    paths = tuple(f"{'d' * 200}/" * 18 + f"{n:04}.ts" for n in range(2))
    commit = Commit(paths, line_counts=dict.fromkeys(paths, 1_000))
    used = commit.define(paths[1], "\U0001d49c" * 100)
    for line in range(1, 1_000):
        commit.use(paths[0], used, line=line)
    ada.index(commit)
    parts = answers_of(ada, paths[0])
    assert sum(len(part.occurrences) for part in parts) == 999
    for part in parts:
        assert sum(len(one.target[0]) for one in part.occurrences) < MOST_BYTES


@pytest.mark.parametrize("character", ["\x01", '"', "\U0001d49c"])
def test_names_that_json_writes_long_make_no_long_answer(ada, character):
    commit = Commit(("a.ts",), line_counts={"a.ts": 1_000})
    used = commit.define("a.ts", character * 500, line=1_000)
    for line in range(1, 1_000):
        commit.use("a.ts", used, line=line)
    ada.index(commit)
    parts = answers_of(ada, "a.ts")
    assert sum(len(part.occurrences) for part in parts) == 1_000
    for part in parts:
        assert len(json.dumps([one.name for one in part.occurrences])) < MOST_BYTES


def test_another_tenant_and_another_path_have_none(ada, eve):
    ada.index(Commit.of(SOURCES))
    with pytest.raises(RepositoryNotFound):
        told(eve)
    with pytest.raises(FileNotFound):
        told(ada, "src/no.ts")
    ada.index(Commit(("bytes.ts",), failures={"bytes.ts": "not_text"}), name="ada/bytes")
    assert told(ada, "bytes.ts", repository="ada/bytes").occurrences == []
