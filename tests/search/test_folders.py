import pytest
from tests.search.indexed import Commit

from indexer.search import folders
from indexer.search.folders import FolderNotFound
from indexer.search.repositories import NotIndexed, RepositoryNotFound

MOST_PAGES = 50
# Beside a folder stands what sorts before and after its slash.
PATHS = (
    "a.ts",
    "a/b.ts",
    "a/b/c/d.ts",
    "a/b/e.ts",
    "a/b0.ts",
    "a0.ts",
    "\u00e4/\U0001d49c.ts",
    "\U0001d49c/x.ts",
)


def entries(reader, folder=None, limit=None, **wanted):
    found, cursor = [], None
    for _ in range(MOST_PAGES):
        told = folders.find(
            reader.database,
            tenant_id=reader.tenant_id,
            folder=folder,
            cursor=cursor,
            limit=limit,
            **{"repository": "ada/engine", **wanted},
        )
        found += [(one.path, one.is_folder, one.files) for one in told.page.items]
        if (cursor := told.page.next_cursor) is None:
            return found
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("limit", [1, 2, 5, None])
def test_a_folder_holds_its_files_and_its_folders_with_what_is_below_them(ada, limit):
    ada.index(Commit(PATHS))
    assert entries(ada, limit=limit) == [
        ("a.ts", False, 1),
        ("a", True, 4),
        ("a0.ts", False, 1),
        ("\u00e4", True, 1),
        ("\U0001d49c", True, 1),
    ]
    for written in ("a", "a/", "/a"):
        assert entries(ada, written, limit) == [
            ("a/b.ts", False, 1),
            ("a/b", True, 2),
            ("a/b0.ts", False, 1),
        ]
    assert entries(ada, "a/b", limit) == [("a/b/c", True, 1), ("a/b/e.ts", False, 1)]
    assert entries(ada, "\u00e4", limit) == [("\u00e4/\U0001d49c.ts", False, 1)]


def test_where_no_file_lies_there_is_no_folder(ada, eve):
    ada.index(Commit(PATHS))
    for folder in ("b", "a.ts", "a/b/c/d", "a/b0", "A", "%"):
        with pytest.raises(FolderNotFound):
            entries(ada, folder)
    with pytest.raises(RepositoryNotFound):
        entries(eve, "a")
    with pytest.raises(NotIndexed):
        entries(ada, ref="v1")


def test_a_repository_without_a_file_has_an_empty_root(ada):
    ada.index(Commit(()))
    assert entries(ada) == []
