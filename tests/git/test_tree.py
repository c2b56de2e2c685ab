"""Listing the trees of decent and of hostile commits, compared with what git itself lists."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.children import Recorded, Words
from tests.support.repositories import EXECUTABLE, FILE, FOLDER, SUBMODULE, SYMLINK, git

from indexer.git.failures import RemoteMisbehaved, TooManyEntries
from indexer.git.objects import ObjectMissing, ObjectStore, ObjectTooLarge
from indexer.git.tree import LeftOut, TreeLimits, list_tree
from indexer.sandbox.child import Child
from indexer.sandbox.limits import ChildLimits
from indexer.settings import MEBIBYTE

LIMITS = TreeLimits(entries=10_000, depth=8)


@pytest.fixture
def listing_of(fetch):
    """Fetch what is on main and list it."""

    def run(limits=LIMITS, **bounds):
        fetched = fetch(**bounds)
        with ObjectStore(Path(fetched.directory), base_bytes=32 * MEBIBYTE) as store:
            return list_tree(store, fetched.commit_sha, limits)

    return run


def test_the_files_of_a_commit_are_those_that_git_lists(repository, fetch):
    files = {
        f"packages/{package}/src/{name}.ts": f"export const {name} = {package}\n".encode() * 30
        for package in range(5)
        for name in ("a", "b", "größe", "with space", "c'quote")
    }
    sha = repository.commit_files({**files, "README.md": b"# r", "a-b/x.ts": b"", "a/x.ts": b"x"})
    fetched = fetch()
    with ObjectStore(Path(fetched.directory), base_bytes=MEBIBYTE) as store:
        listing = list_tree(store, sha, LIMITS)
        for entry in listing.files:
            content = store.read(entry.blob_id, limit=MEBIBYTE)
            assert len(content) == entry.size
            assert files.get(entry.path, content) == content
    listed = git(repository.path, "ls-tree", "-r", "-z", sha).split("\0")[:-1]
    ours = [f"100644 blob {one.blob_id}\t{one.path}" for one in listing.files]
    assert sorted(ours) == sorted(listed)
    assert not listing.left_out


@pytest.mark.proves("W7")
def test_what_is_no_file_of_ours_is_left_out_and_counted(repository, listing_of):
    blob = repository.blob(b"content")
    folder = repository.tree([(FILE, b"inside.ts", blob)])
    repository.commit_tree(
        [
            (FILE, b"..", blob),
            (FOLDER, b"..", folder),
            (FILE, b".", blob),
            (FOLDER, b".git", folder),
            (FOLDER, b".GIT", folder),
            (FOLDER, b"GIT~1", folder),
            (FILE, b"/etc/passwd", blob),
            (FILE, b"a/b.ts", blob),
            (FILE, b"back\\slash.ts", blob),
            (FILE, b"new\nline.ts", blob),
            (FILE, b"latin-\xe9.ts", blob),
            (SYMLINK, b"link.ts", repository.blob(b"/proc/self/environ")),
            (SUBMODULE, b"module", "ab" * 20),
            ("100600", b"odd.ts", blob),
            (FILE, b"good.ts", blob),
            (FILE, b"good.ts", repository.blob(b"other")),
            (EXECUTABLE, b"script.js", blob),
            (FOLDER, b"src", folder),
        ]
    )
    listing = listing_of()
    assert [one.path for one in listing.files] == ["good.ts", "script.js", "src/inside.ts"]
    assert [one.executable for one in listing.files] == [False, True, False]
    assert listing.left_out == {
        LeftOut.ODD_NAME: 10,
        LeftOut.NOT_UTF8_NAME: 1,
        LeftOut.SYMLINK: 1,
        LeftOut.SUBMODULE: 1,
        LeftOut.ODD_MODE: 1,
        LeftOut.DUPLICATE_NAME: 1,
    }


@pytest.mark.proves("W7")
def test_no_path_of_a_repository_is_ever_opened(repository, server, tmp_path):
    blob = repository.blob(b"x")
    outside = tmp_path / "canary.ts"
    outside.write_text("canary")
    hostile = [(FILE, str(outside).encode(), blob), (FILE, b"canary.ts", blob)]
    folder = repository.tree([*hostile, (SYMLINK, b"link.ts", repository.blob(b"canary.ts"))])
    repository.commit_tree([(FOLDER, b"..", folder), (FOLDER, b"src", folder), *hostile])
    limits = ChildLimits(memory_bytes=512 * MEBIBYTE, cpu_seconds=30, file_bytes=MEBIBYTE)
    with Child("tests.support.children:fetch_and_read_recorded", limits=limits) as child:
        child.send(Words([server.url("owner/sources"), str(tmp_path / "job")]))
        paths, opened = child.receive(Recorded, timeout=30)
    assert paths == ["canary.ts", "src/canary.ts"]
    assert any(str(tmp_path / "job") in one for one in opened)
    assert not [one for one in opened if "canary" in one or "link" in one]


def test_a_name_is_a_duplicate_whether_file_or_folder(repository, listing_of):
    blob = repository.blob(b"content")
    folder = repository.tree([(FILE, b"b.ts", blob)])
    repository.commit_tree([(FILE, b"a.ts", blob), (FOLDER, b"a.ts", folder)])
    listing = listing_of()
    assert [one.path for one in listing.files] == ["a.ts"]
    assert listing.left_out == {LeftOut.DUPLICATE_NAME: 1}


def test_a_file_that_was_not_sent_has_no_size(repository, listing_of):
    repository.commit_files({"large.ts": b"x" * 2000, "small.ts": b"x"})
    assert [one.size for one in listing_of(file_bytes=1000).files] == [None, 1]


def test_folders_that_lie_too_deep_are_left_out(repository, listing_of):
    tree = repository.tree([(FILE, b"deep.ts", repository.blob(b"x"))])
    for _ in range(300):
        tree = repository.tree([(FILE, b"a.ts", repository.blob(b"a")), (FOLDER, b"d", tree)])
    repository.set_ref("refs/heads/main", repository.commit(tree))
    listing = listing_of()
    assert len(listing.files) == LIMITS.depth + 1
    assert listing.left_out == {LeftOut.TOO_DEEP: 1}


def test_paths_that_are_too_long_are_left_out(repository, listing_of):
    blob = repository.blob(b"x")
    tree = repository.tree([(FILE, b"f" * 600, blob), (FILE, b"g.ts", blob)])
    repository.commit_tree([(FOLDER, b"d" * 600, tree)])
    listing = listing_of()
    assert [len(one.path) for one in listing.files] == [605]
    assert listing.left_out == {LeftOut.PATH_TOO_LONG: 1}


@pytest.mark.proves("W21")
@pytest.mark.parametrize("leaf", [FILE, None])
def test_a_tree_that_holds_itself_many_times_over_is_too_large(repository, fetch, leaf):
    tree = repository.tree([(leaf, b"a.ts", repository.blob(b"x"))] if leaf else [])
    for _ in range(7):
        tree = repository.tree([(FOLDER, b"d%02d" % one, tree) for one in range(10)])
    sha = repository.commit(tree)
    repository.set_ref("refs/heads/main", sha)
    fetched = fetch()
    with (
        ObjectStore(Path(fetched.directory), base_bytes=MEBIBYTE) as store,
        pytest.raises(TooManyEntries, match="files and folders"),
    ):
        list_tree(store, sha, LIMITS)


def test_an_empty_tree_has_no_files(repository, listing_of):
    repository.commit_tree([])
    assert listing_of().files == []


def test_a_commit_that_is_not_there_is_misbehaviour(repository, fetch):
    repository.commit_files({"a.ts": b"a"})
    fetched = fetch()
    with ObjectStore(Path(fetched.directory), base_bytes=MEBIBYTE) as store:
        blob = list_tree(store, fetched.commit_sha, LIMITS).files[0].blob_id
        for sha in ("ab" * 20, blob):
            with pytest.raises(RemoteMisbehaved):
                list_tree(store, sha, LIMITS)


def test_a_blob_is_measured_before_it_is_inflated(repository, fetch):
    same = b"export const line = 1\n" * 2000
    ids = [repository.blob(same + b"%d" % one) for one in range(5)]
    repository.commit_tree([(FILE, b"%d.ts" % one, sha) for one, sha in enumerate(ids)])
    fetched = fetch()
    assert "chain length = 1" in git(
        fetched.directory,
        "verify-pack",
        "-v",
        *map(str, (Path(fetched.directory) / "objects" / "pack").glob("*.idx")),
    )
    with ObjectStore(Path(fetched.directory), base_bytes=MEBIBYTE) as store:
        for number, sha in enumerate(ids):
            info = store.info(sha)
            assert info == ("blob", len(same) + 1)
            with pytest.raises(ObjectTooLarge) as caught:
                store.read(sha, limit=len(same))
            assert caught.value.size == len(same) + 1
            assert store.read(sha, limit=len(same) + 1) == same + b"%d" % number
        assert store.info("ab" * 20) is None
        with pytest.raises(ObjectMissing):
            store.read("ab" * 20, limit=1)


def test_a_folder_without_a_fetch_cannot_be_opened(tmp_path):
    with pytest.raises(FileNotFoundError):
        ObjectStore(tmp_path, base_bytes=1)
