import pytest
from tests.search.indexed import Commit

from indexer.database.paging import CursorInvalid, write_cursor
from indexer.parsing.facts import ReferenceKind, SymbolKind
from indexer.resolution.rows import Resolution
from indexer.search import callers, symbols
from indexer.search.call_sites import MOST_SITES
from indexer.search.symbols import SymbolId, SymbolNotFound

MOST_PAGES = 50


def called() -> Commit:
    commit = Commit(("a.ts", "b.ts", "c.tsx", "d.ts"))
    target = commit.define("a.ts", "target")
    other = commit.define("a.ts", "other", line=9)
    late = commit.define("b.ts", "late", line=30)
    box = commit.define("b.ts", "Box", kind=SymbolKind.CLASS, line=2)
    method = commit.define("b.ts", "run", kind=SymbolKind.METHOD, line=4, container=box)
    for line in range(20, 12, -1):
        commit.use("b.ts", target, line=line, enclosing=method)
    commit.use("b.ts", target, line=31, enclosing=late, kind=ReferenceKind.NEW)
    commit.use("b.ts", target, line=40, resolution=Resolution.HEURISTIC)
    commit.use("b.ts", target, line=1, kind=ReferenceKind.IMPORT)
    commit.use("a.ts", target, line=5, kind=ReferenceKind.READ)
    commit.use("a.ts", target, line=10, enclosing=other, kind=ReferenceKind.DECORATOR)
    commit.use("a.ts", target, line=3, enclosing=target)
    commit.use("c.tsx", target, line=7, column=2, kind=ReferenceKind.JSX)
    commit.use("c.tsx", target, line=7, column=1, kind=ReferenceKind.JSX)
    commit.use("d.ts", target, line=1, kind=ReferenceKind.EXPORT)
    commit.use("d.ts", other, line=2)
    return commit


def id_of(reader, name: str) -> str:
    (found,) = symbols.find(
        reader.database, symbols.SymbolQuery(name=name), tenant_id=reader.tenant_id
    ).items
    return str(found.id)


def ask(reader, name: str, limit: int | None = None) -> list:
    found, cursor = [], None
    for _ in range(MOST_PAGES):
        told = callers.of_symbol(
            reader.database,
            id_of(reader, name),
            tenant_id=reader.tenant_id,
            cursor=cursor,
            limit=limit,
        )
        assert told.symbol.name == name
        assert len(told.page.items) <= (limit or 50)
        found += told.page.items
        if (cursor := told.page.next_cursor) is None:
            return found
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6, None])
def test_callers_are_definitions_with_their_calls_and_files_for_the_others(ada, limit):
    ada.index(called())
    told = [
        (one.path, one.symbol and one.symbol.name, one.line, one.calls)
        for one in ask(ada, "target", limit)
    ]
    assert told == [
        ("a.ts", "target", 1, 1),
        ("a.ts", "other", 9, 1),
        ("b.ts", None, None, 1),
        ("b.ts", "late", 30, 1),
        ("b.ts", "run", 4, 8),
        ("c.tsx", None, None, 2),
    ]


def test_the_first_calls_of_a_caller_are_told_in_order(ada):
    ada.index(called())
    run = ask(ada, "target")[4]
    assert run.symbol is not None
    assert run.symbol.kind is SymbolKind.METHOD
    assert [site.line for site in run.sites] == [13, 14, 15, 16, 17]
    assert len(run.sites) == MOST_SITES
    module = ask(ada, "target")[5]
    assert [(site.line, site.column, site.kind) for site in module.sites] == [
        (7, 1, ReferenceKind.JSX),
        (7, 2, ReferenceKind.JSX),
    ]
    assert ask(ada, "target")[2].sites[0].resolution is Resolution.HEURISTIC


def test_what_nobody_calls_has_no_callers(ada):
    ada.index(called())
    assert ask(ada, "late") == []


def test_an_enclosing_definition_that_is_not_there_ends_no_page_twice(ada):
    commit = called()
    for number in range(3):
        commit.use("d.ts", 0, line=50 + number, enclosing=900 + number)
    ada.index(commit)
    assert [one.symbol for one in ask(ada, "target", 1)[-3:]] == [None] * 3


def test_one_symbol_is_told_by_its_id(ada, eve):
    ada.index(called())
    written = id_of(ada, "run")
    found = symbols.get(ada.database, written, tenant_id=ada.tenant_id)
    assert found.container is not None
    assert (found.name, found.container.name, found.path) == ("run", "Box", "b.ts")
    for reader, missing in ((eve, written), (ada, str(SymbolId(found.id.snapshot_id, 999)))):
        with pytest.raises(SymbolNotFound):
            symbols.get(reader.database, missing, tenant_id=reader.tenant_id)
        with pytest.raises(SymbolNotFound):
            callers.of_symbol(reader.database, missing, tenant_id=reader.tenant_id)


def test_a_cursor_of_another_list_leads_to_no_callers(ada):
    ada.index(called())
    for cursor in (write_cursor("references", 0, 0, 0, 0, 0), write_cursor("callers", 0, -1)):
        with pytest.raises(CursorInvalid):
            callers.of_symbol(
                ada.database, id_of(ada, "target"), tenant_id=ada.tenant_id, cursor=cursor
            )
