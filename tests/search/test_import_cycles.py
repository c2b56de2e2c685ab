"""Files that import each other in a circle."""

import pytest
from tests.search.indexed import Commit, index

from indexer.database.paging import CursorInvalid
from indexer.parsing.facts import DependencyKind
from indexer.resolution.rows import DependencyRow
from indexer.search import import_cycles
from indexer.search.import_cycles import MOST_FILES, Imports

PATHS = ("a.ts", "b.ts", "c.ts", "d.ts", "e.ts", "f.ts", "g.ts")
# Two files in a circle, three in another, one that imports itself, and one that only imports.
LINKS = ("a b", "b a", "b c", "c d", "d e", "e c", "c e", "f f", "g a")


def commit_of(links, paths=PATHS):
    commit = Commit(paths)
    for number, link in enumerate(links):
        source, target = (f"{name}.ts" for name in link.split())
        commit.depend(source, f"./{target}", to=target, line=number + 1)
    return commit


@pytest.fixture
def cycles(ada):
    def find(**wishes):
        return import_cycles.find(
            ada.database, tenant_id=ada.tenant_id, repository="ada/engine", **wishes
        )

    return find


def test_each_circle_is_told_once_the_largest_first(ada, cycles):
    index(ada.scratch, ada.tenant_id, commit_of(LINKS))
    found = cycles()
    assert [(one.size, list(one.files), list(one.shortest)) for one in found.page.items] == [
        (3, ["c.ts", "d.ts", "e.ts"], ["c.ts", "e.ts"]),
        (2, ["a.ts", "b.ts"], ["a.ts", "b.ts"]),
        (1, ["f.ts"], ["f.ts"]),
    ]
    assert (found.total, found.files_in_cycles, found.truncated) == (3, 6, False)


def test_what_only_types_import_is_no_circle_of_the_running_program(ada, cycles):
    commit = commit_of(("a b",))
    commit.dependencies.append(
        DependencyRow(
            file_no=1,
            line=1,
            column=0,
            kind=DependencyKind.IMPORT_TYPE,
            specifier="./a",
            to_file_no=0,
            package=None,
            reason=None,
        )
    )
    index(ada.scratch, ada.tenant_id, commit)
    assert cycles().total == 1
    assert cycles(imports=Imports.RUNTIME).total == 0


def test_pages_tell_every_circle_once(ada, cycles):
    index(ada.scratch, ada.tenant_id, commit_of(LINKS))
    first = cycles(limit=2)
    second = cycles(limit=2, cursor=first.page.next_cursor)
    told = [*first.page.items, *second.page.items]
    assert [one.size for one in told] == [3, 2, 1]
    assert second.page.next_cursor is None
    assert second.page.items[0].files == ["f.ts"]
    with pytest.raises(CursorInvalid):
        cycles(cursor="W10")


def test_a_large_circle_is_told_in_part(ada, cycles):
    names = [f"f{number:04}" for number in range(MOST_FILES + 50)]
    links = [f"{one} {two}" for one, two in zip(names, [*names[1:], names[0]], strict=True)]
    index(ada.scratch, ada.tenant_id, commit_of(links, [f"{name}.ts" for name in names]))
    (one,) = cycles().page.items
    assert (one.size, len(one.files)) == (len(names), MOST_FILES)
    assert one.shortest == []


def test_a_repository_without_circles_has_none(ada, cycles):
    index(ada.scratch, ada.tenant_id, commit_of(("a b", "b c")))
    found = cycles()
    assert (found.page.items, found.total) == ((), 0)
