import pytest
from tests.fixtures.queue import SHA
from tests.search.indexed import Commit

from indexer.database.paging import CursorInvalid
from indexer.parsing.facts import ReferenceKind, SymbolFlag, SymbolKind
from indexer.search import references, symbols
from indexer.search.repositories import NotIndexed, RepositoryNotFound
from indexer.search.symbols import (
    FilterMissing,
    FiltersContradict,
    SymbolId,
    SymbolNotFound,
    SymbolQuery,
)

MOST_PAGES = 50
PATHS = ("lib/a.ts", "src/a.ts", "src/b.ts", "srcery.ts")


def engine() -> Commit:
    commit = Commit(PATHS)
    commit.define("lib/a.ts", "getUser")
    store = commit.define(
        "src/a.ts", "UserStore", kind=SymbolKind.CLASS, line=3, flags=SymbolFlag.EXPORTED
    )
    commit.define("src/a.ts", "get", kind=SymbolKind.METHOD, line=5, container=store)
    commit.define("src/b.ts", "getUserById", line=1, flags=SymbolFlag.ASYNC)
    commit.define("srcery.ts", "getUser", line=9, kind=SymbolKind.CONSTANT)
    return commit


def names(reader, **wanted) -> list[str]:
    page = symbols.find(reader.database, SymbolQuery(**wanted), tenant_id=reader.tenant_id)
    return [f"{one.path}#{one.name}" for one in page.items]


def pages(reader, limit: int, **wanted) -> list[str]:
    found, cursor = [], None
    for _ in range(MOST_PAGES):
        page = symbols.find(
            reader.database,
            SymbolQuery(**wanted),
            tenant_id=reader.tenant_id,
            cursor=cursor,
            limit=limit,
        )
        assert len(page.items) <= limit
        found += [f"{one.path}#{one.name}" for one in page.items]
        if (cursor := page.next_cursor) is None:
            return found
    raise AssertionError("the pages do not end")


def test_a_name_finds_its_definitions_and_no_longer_name(ada):
    ada.index(engine())
    assert names(ada, name="getUser") == ["lib/a.ts#getUser", "srcery.ts#getUser"]
    assert names(ada, name="getuser") == []


def test_a_member_is_found_by_its_container_and_name(ada):
    commit = engine()
    other = commit.define("src/b.ts", "UserCache", kind=SymbolKind.CLASS, line=20)
    commit.define("src/b.ts", "get", kind=SymbolKind.METHOD, line=21, container=other)
    ada.index(commit)
    assert names(ada, name="UserStore.get") == ["src/a.ts#get"]
    assert names(ada, name="UserCache.get", repository="ada/engine") == ["src/b.ts#get"]
    for nobody in ("Nobody.get", "UserStore.getUser", "None.getUser", ".get", "get.", "."):
        assert names(ada, name=nobody) == []
    assert names(ada, name="UserStore.get", kind=SymbolKind.CLASS) == []
    assert names(ada, name="UserStore.get", path="src/b") == []


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_names_with_dots_are_found_beside_members_page_by_page(ada, limit):
    commit = Commit(("a.ts", "b.ts"))
    for path in ("a.ts", "b.ts"):
        app = commit.define(path, "app", kind=SymbolKind.CONSTANT)
        commit.define(path, "run", kind=SymbolKind.METHOD, container=app)
        commit.define(path, "app.run", kind=SymbolKind.PROPERTY)
    ada.index(commit)
    expected = ["a.ts#app.run", "b.ts#app.run", "a.ts#run", "b.ts#run"]
    assert names(ada, name="app.run") == expected
    assert pages(ada, limit, name="app.run") == expected
    assert pages(ada, limit, name="app.run", repository="ada/engine") == expected


def test_a_prefix_finds_names_in_their_order(ada):
    ada.index(engine())
    assert names(ada, prefix="getUser") == [
        "lib/a.ts#getUser",
        "srcery.ts#getUser",
        "src/b.ts#getUserById",
    ]
    assert names(ada, prefix="get%") == []


def test_every_filter_given_must_hold(ada):
    ada.index(engine())
    assert names(ada, prefix="get", path="src/") == ["src/a.ts#get", "src/b.ts#getUserById"]
    assert names(ada, prefix="get", path="src/", kind=SymbolKind.METHOD) == ["src/a.ts#get"]
    assert names(ada, prefix="get", path="nowhere/") == []
    assert names(ada, repository="ada/engine", path="src/b") == ["src/b.ts#getUserById"]
    assert names(ada, repository="ada/engine", kind=SymbolKind.CLASS) == ["src/a.ts#UserStore"]
    assert names(ada, repository="ada/engine", path="zzz") == []


def test_without_a_name_symbols_come_in_the_order_of_files_and_source(ada):
    ada.index(engine())
    assert names(ada, repository="ada/engine") == [
        "lib/a.ts#getUser",
        "src/a.ts#UserStore",
        "src/a.ts#get",
        "src/b.ts#getUserById",
        "srcery.ts#getUser",
    ]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_together_are_the_whole_answer_once(ada, limit):
    ada.index(engine())
    ada.index(engine(), name="ada/second")
    for wanted in ({"prefix": "g"}, {"name": "getUser"}, {"repository": "ada/engine"}):
        assert pages(ada, limit, **wanted) == names(ada, **wanted)
    assert len(names(ada, prefix="g")) == 8


def test_a_symbol_says_what_it_is_and_where(ada):
    repository_id = ada.index(engine())
    (get,) = symbols.find(ada.database, SymbolQuery(name="get"), tenant_id=ada.tenant_id).items
    assert (get.kind, get.path, get.line, get.column) == (SymbolKind.METHOD, "src/a.ts", 5, 9)
    assert get.container is not None
    assert (get.container.name, get.container.kind) == ("UserStore", SymbolKind.CLASS)
    assert (get.snapshot.repository_id, get.snapshot.ref) == (repository_id, "main")
    assert SymbolId.parse(str(get.id)) == get.id


def test_the_default_ref_answers_unless_another_is_named(ada):
    ada.index(engine())
    other = Commit(("old.ts",))
    other.define("old.ts", "getUser")
    ada.index(other, ref="v1", default_ref=None)
    assert names(ada, name="getUser") == ["lib/a.ts#getUser", "srcery.ts#getUser"]
    assert names(ada, name="getUser", ref="v1") == ["old.ts#getUser"]
    assert names(ada, name="getUser", repository="ada/engine", ref="v1") == ["old.ts#getUser"]
    assert names(ada, name="getUser", ref="v2") == []
    with pytest.raises(NotIndexed):
        names(ada, name="getUser", repository="ada/engine", ref="v2")


def test_the_newest_snapshot_answers_while_the_default_ref_is_unknown(ada):
    ada.index(engine(), ref="v1", default_ref=None)
    other = Commit(("new.ts",))
    other.define("new.ts", "getUser")
    ada.index(other, ref="v2", default_ref=None)
    assert names(ada, name="getUser") == ["new.ts#getUser"]


def test_another_tenants_symbols_are_found_by_no_question(ada, eve):
    repository_id = ada.index(engine())
    assert names(eve, name="getUser") == []
    assert names(eve, prefix="g") == []
    for repository in ("ada/engine", str(repository_id)):
        with pytest.raises(RepositoryNotFound):
            names(eve, repository=repository)
    (known, *_) = symbols.find(
        ada.database, SymbolQuery(name="getUser"), tenant_id=ada.tenant_id
    ).items
    with pytest.raises(SymbolNotFound):
        references.of_symbol(eve.database, str(known.id), tenant_id=eve.tenant_id)


def test_an_id_leads_to_its_commit_for_a_while_after_the_next_one(ada):
    ada.index(engine())
    (old, *_) = symbols.find(ada.database, SymbolQuery(name="get"), tenant_id=ada.tenant_id).items
    ada.index(engine(), commit_sha="b" * 40)
    told = symbols.get(ada.database, str(old.id), tenant_id=ada.tenant_id)
    assert (told.id, told.snapshot.commit_sha) == (old.id, SHA)
    assert names(ada, name="get") == ["src/a.ts#get"]
    ada.scratch.pass_time(901)
    with pytest.raises(SymbolNotFound):
        symbols.get(ada.database, str(old.id), tenant_id=ada.tenant_id)
    with pytest.raises(SymbolNotFound):
        references.of_symbol(ada.database, str(old.id), tenant_id=ada.tenant_id)


def test_a_question_about_everything_or_two_names_is_refused(ada):
    with pytest.raises(FilterMissing):
        names(ada, kind=SymbolKind.CLASS)
    with pytest.raises(FiltersContradict):
        names(ada, name="a", prefix="a")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "1",
        "1-",
        "-1-2",
        "01-2",
        "1-2 ",
        "1-2\n",
        "2147483648-0",
        "1-99999999999",
        "\u0661-\u0662",
    ],
)
def test_only_an_id_to_the_letter_is_one(written):
    with pytest.raises(SymbolNotFound):
        SymbolId.parse(written)


def used() -> Commit:
    commit = engine()
    caller = commit.define("src/b.ts", "caller", line=20)
    for line in range(1, 8):
        commit.use("src/b.ts", 0, line=line, enclosing=caller)
    commit.use("lib/a.ts", 0, line=4, kind=ReferenceKind.READ)
    commit.use("srcery.ts", 0, line=1, kind=ReferenceKind.IMPORT)
    # Beyond the last column that is stored, all uses of one line share one place.
    for _ in range(5):
        commit.use("srcery.ts", 0, line=2, column=40_000)
    commit.use("srcery.ts", 1, line=3)
    return commit


def uses(reader, limit: int, **how) -> list[tuple[str, int, str]]:
    (symbol, *_) = symbols.find(
        reader.database, SymbolQuery(name="getUser"), tenant_id=reader.tenant_id
    ).items
    found, cursor = [], None
    for _ in range(MOST_PAGES):
        answer = references.of_symbol(
            reader.database,
            str(symbol.id),
            tenant_id=reader.tenant_id,
            limit=limit,
            cursor=cursor,
            **how,
        )
        assert answer.symbol.id == symbol.id
        found += [(one.path, one.line, one.kind.name) for one in answer.page.items]
        if (cursor := answer.page.next_cursor) is None:
            return found
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_the_uses_of_a_symbol_come_in_order_and_each_once(ada, limit):
    ada.index(used())
    assert uses(ada, limit) == [
        ("lib/a.ts", 4, "READ"),
        *[("src/b.ts", line, "CALL") for line in range(1, 8)],
        ("srcery.ts", 1, "IMPORT"),
        *[("srcery.ts", 2, "CALL")] * 5,
    ]
    assert uses(ada, limit, kind=ReferenceKind.IMPORT) == [("srcery.ts", 1, "IMPORT")]


def test_a_use_names_the_definition_around_it(ada):
    ada.index(used())
    (symbol, *_) = symbols.find(
        ada.database, SymbolQuery(name="getUser"), tenant_id=ada.tenant_id
    ).items
    answer = references.of_symbol(ada.database, str(symbol.id), tenant_id=ada.tenant_id)
    around = {one.path: one.enclosing.name if one.enclosing else None for one in answer.page.items}
    assert around == {"lib/a.ts": None, "src/b.ts": "caller", "srcery.ts": None}


def test_a_cursor_of_another_list_is_refused(ada):
    ada.index(engine())
    page = symbols.find(ada.database, SymbolQuery(prefix="g"), tenant_id=ada.tenant_id, limit=1)
    with pytest.raises(CursorInvalid):
        symbols.find(
            ada.database,
            SymbolQuery(repository="ada/engine"),
            tenant_id=ada.tenant_id,
            cursor=page.next_cursor,
        )
