"""Fetching from a decent server: which commit arrives, under which names, and what it costs."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from tests.support import git_server
from tests.support.canaries import Canaries
from tests.support.repositories import git

from indexer.errors import JobError
from indexer.git import fetch as fetch_room
from indexer.git.failures import (
    CommitNotFound,
    LocalRepositoryDamaged,
    RefNotFound,
    RepositoryEmpty,
    RepositoryNotFound,
)
from indexer.git.remote import Remote

FILES = {"src/a.ts": b"export const a = 1\n", "README.md": b"# readme\n"}


def files_of(fetched):
    return git(fetched.directory, "ls-tree", "-r", "--name-only", fetched.commit_sha).splitlines()


@pytest.mark.proves("W4")
def test_the_default_branch_is_fetched_when_no_ref_is_named(repository, fetch):
    sha = repository.commit_files(FILES)
    fetched = fetch()
    assert (fetched.commit_sha, fetched.ref, fetched.default_ref) == (sha, "main", "main")
    assert files_of(fetched) == ["README.md", "src/a.ts"]
    assert git(fetched.directory, "fsck", "--strict", "--full", sha) == ""


@pytest.mark.proves("W4")
def test_only_the_one_commit_is_fetched_not_its_history(repository, fetch):
    first = repository.commit_files({"old.ts": b"old"})
    second = repository.commit_files(FILES, parent=first)
    fetched = fetch()
    assert git(fetched.directory, "rev-list", second) == second
    # The commit, two trees and two blobs; nothing of the first commit.
    assert fetched.objects == 5


@pytest.mark.parametrize(
    ("ref", "name"),
    [
        ("topic/x", "topic/x"),
        ("refs/heads/topic/x", "topic/x"),
        ("v1", "v1"),
        ("refs/tags/v1", "v1"),
        ("annotated", "annotated"),
        ("refs/notes/review", "refs/notes/review"),
        ("HEAD", "main"),
    ],
)
def test_a_ref_is_found_as_branch_then_tag_then_full_name(repository, fetch_here, ref, name):
    repository.commit_files({"main.ts": b""})
    sha = repository.commit_files(FILES, ref="refs/heads/topic/x")
    repository.set_ref("refs/tags/v1", sha)
    repository.set_ref("refs/notes/review", sha)
    repository.tag("annotated", sha)
    fetched = fetch_here(ref=ref)
    assert fetched.ref == name
    assert fetched.default_ref == "main"
    assert files_of(fetched) == (["main.ts"] if ref == "HEAD" else ["README.md", "src/a.ts"])


def test_a_branch_wins_over_a_tag_of_its_name(repository, fetch_here):
    branch = repository.commit_files({"branch.ts": b""})
    tagged = repository.commit_files({"tag.ts": b""}, ref="refs/tags/main")
    assert branch != tagged
    assert fetch_here(ref="main").commit_sha == branch


def test_a_tag_that_shares_its_name_with_a_branch_is_named_in_full(repository, fetch_here):
    repository.commit_files({"branch.ts": b""})
    tagged = repository.commit_files({"tag.ts": b""}, ref="refs/tags/main")
    fetched = fetch_here(ref="refs/tags/main")
    assert (fetched.commit_sha, fetched.ref) == (tagged, "refs/tags/main")


def test_a_tag_of_a_tag_leads_to_its_commit(repository, fetch_here):
    sha = repository.commit_files(FILES)
    inner = repository.tag("inner", sha)
    repository.tag("outer", inner, kind="tag")
    assert fetch_here(ref="outer").commit_sha == sha


def test_a_pinned_commit_is_fetched_even_when_its_branch_has_moved_on(repository, fetch_here):
    pinned = repository.commit_files(FILES)
    repository.commit_files({"new.ts": b""}, parent=pinned)
    fetched = fetch_here(ref="main", commit_sha=pinned)
    assert fetched.commit_sha == pinned
    assert fetched.ref == "main"
    assert files_of(fetched) == ["README.md", "src/a.ts"]


def test_a_pinned_commit_keeps_the_name_of_a_branch_that_is_gone(repository, fetch_here):
    pinned = repository.commit_files(FILES)
    assert fetch_here(ref="refs/heads/gone", commit_sha=pinned).ref == "gone"


def test_a_pinned_commit_that_is_not_there_is_told_as_such(repository, fetch_here):
    repository.commit_files(FILES)
    with pytest.raises(CommitNotFound):
        fetch_here(commit_sha="ab" * 20)


@pytest.mark.parametrize("kind", ["tree", "blob", "tag"])
def test_a_pinned_id_of_something_else_than_a_commit_is_refused(repository, fetch_here, kind):
    sha = repository.commit_files(FILES)
    ids = {
        "tree": repository.tree_of(FILES),
        "blob": repository.blob(FILES["README.md"]),
        "tag": repository.tag("annotated", sha),
    }
    with pytest.raises(CommitNotFound):
        fetch_here(commit_sha=ids[kind])


def test_a_ref_that_is_not_there_is_told_as_such(repository, fetch_here):
    repository.commit_files(FILES)
    with pytest.raises(RefNotFound):
        fetch_here(ref="no-such-branch")


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("ref", [None, "main", "HEAD"])
def test_an_empty_repository_is_told_as_such(fetch_here, ref):
    with pytest.raises(RepositoryEmpty):
        fetch_here(ref=ref)


def test_a_head_that_leads_nowhere_is_a_ref_not_found(repository, fetch_here):
    repository.commit_files(FILES, ref="refs/heads/other")
    with pytest.raises(RefNotFound):
        fetch_here()


def test_a_detached_head_has_no_name(repository, fetch_here):
    sha = repository.commit_files(FILES)
    (repository.path / "HEAD").write_text(f"{sha}\n")
    fetched = fetch_here()
    assert (fetched.commit_sha, fetched.ref, fetched.default_ref) == (sha, None, None)


def test_a_repository_that_is_not_there_is_told_as_such(fetch_here):
    with pytest.raises(RepositoryNotFound):
        fetch_here("owner/nothing")


@pytest.mark.proves("W21")
def test_blobs_over_the_limit_are_not_even_sent(repository, fetch):
    exact, over = b"x" * 1000, b"y" * 1001
    sha = repository.commit_files({"exact.ts": exact, "over.ts": over})
    fetched = fetch(file_bytes=1000)
    assert fetched.filtered
    assert git(fetched.directory, "cat-file", "-s", f"{sha}:exact.ts") == "1000"
    assert fetched.objects == 3


def test_a_server_without_filters_sends_everything_and_is_told_apart(
    repository, server, fetch_here
):
    server.filters = "false"
    repository.commit_files({"exact.ts": b"x" * 1000, "over.ts": b"y" * 1001})
    fetched = fetch_here(file_bytes=1000)
    assert not fetched.filtered
    assert fetched.objects == 4


@pytest.mark.proves("W5")
def test_progress_is_told_while_bytes_arrive(repository, fetch):
    repository.commit_files({f"{one}.ts": bytes(str(one), "ascii") * 500 for one in range(300)})
    told = []
    fetched = fetch(on_progress=told.append)
    assert told
    assert all(one.received_bytes <= fetched.received_bytes for one in told)
    assert [one.received_bytes for one in told] == sorted(one.received_bytes for one in told)


@pytest.mark.proves("W10")
def test_a_token_travels_in_a_header_and_never_in_the_url(repository, server, fetch):
    repository.commit_files(FILES)
    fetch(token="ghs_secret")
    credentials = b64encode(b"x-access-token:ghs_secret").decode()
    assert server.log
    assert all("secret" not in path and credentials not in path for _, path, _ in server.log)
    assert {headers["Authorization"] for _, _, headers in server.log} == {f"Basic {credentials}"}


@pytest.mark.proves("W10")
@pytest.mark.parametrize("fault", [None, git_server.status(401), git_server.drop])
def test_a_token_stands_in_no_file_log_line_argument_or_error(
    repository, server, fetch, tmp_path, monkeypatch, capfd, fault
):
    canaries = Canaries()
    token = canaries.plant("token")
    repository.commit_files(FILES)
    server.fault, server.only = fault, "pack"
    seen = []

    class Watched(fetch_room.Child):
        def send(self, message, **rest):
            here = Path(f"/proc/{self.pid}")
            seen.extend((here / name).read_text("latin-1") for name in ("cmdline", "environ"))
            super().send(message, **rest)

    monkeypatch.setattr(fetch_room, "Child", Watched)
    if fault is None:
        told = repr(fetch(token=token))
    else:
        with pytest.raises(JobError) as failed:
            fetch(token=token)
        told = f"{failed.value!r} {failed.value.__dict__}"
    assert len(seen) == 2
    written = [one.read_bytes() for one in (tmp_path / "job").rglob("*") if one.is_file()]
    logged = "".join(capfd.readouterr())
    everything = [*seen, told, logged, *(one.decode("latin-1") for one in written)]
    assert canaries.in_text("\n".join(everything)) == set()


@pytest.mark.proves("W7")
def test_nothing_is_written_but_the_bare_repository(repository, fetch, tmp_path):
    repository.commit_files(FILES)
    before = {one.name for one in tmp_path.iterdir()}
    fetched = fetch()
    job = tmp_path / "job"
    assert {one.name for one in tmp_path.iterdir()} == before | {"job"}
    assert [one.name for one in job.iterdir()] == ["repository"]
    written = sorted(one.relative_to(job / "repository") for one in job.rglob("*") if one.is_file())
    assert [one.suffix for one in written] == ["", "", ".idx", ".pack", ""]
    assert git(fetched.directory, "rev-parse", "--is-bare-repository") == "true"


@pytest.mark.parametrize("prefix", ["", "file://"])
def test_a_local_repository_is_fetched_through_the_git_program(repository, fetch, prefix):
    sha = repository.commit_files({"a.ts": b"a", "large.ts": b"x" * 2000})
    fetched = fetch(url=f"{prefix}{repository.path}", file_bytes=1000)
    assert fetched.commit_sha == sha
    assert fetched.filtered
    assert files_of(fetched) == ["a.ts", "large.ts"]


def test_a_local_work_tree_is_fetched_by_its_folder(tmp_path, fetch_here):
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "trunk")
    (folder / "a.ts").write_text("export {}\n")
    git(folder, "add", ".")
    git(folder, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "one")
    fetched = fetch_here(url=str(folder))
    assert fetched.ref == "trunk"
    assert files_of(fetched) == ["a.ts"]


def test_a_local_folder_that_is_no_repository_is_told_as_such(tmp_path, fetch_here):
    (tmp_path / "plain").mkdir()
    with pytest.raises(RepositoryNotFound):
        fetch_here(url=str(tmp_path / "plain"))


def test_a_local_pinned_commit_that_is_not_there_is_told_as_such(repository, fetch):
    repository.commit_files(FILES)
    with pytest.raises(CommitNotFound):
        fetch(url=str(repository.path), commit_sha="ab" * 20)


def test_a_local_repository_that_lacks_objects_is_told_as_such_and_not_tried_again(
    repository, fetch
):
    repository.commit_files({"a.ts": b"a"})
    lost = repository.blob(b"a")
    (repository.path / "objects" / lost[:2] / lost[2:]).unlink()
    with pytest.raises(LocalRepositoryDamaged) as damaged:
        fetch(url=str(repository.path))
    assert not damaged.value.transient


def test_the_memory_of_a_fetch_is_told(repository, fetch):
    repository.commit_files(FILES)
    assert 5_000_000 < fetch().peak_memory_bytes < 200_000_000


def test_the_same_address_is_meant_by_the_server_and_the_remote(server):
    remote = Remote.parse(server.url("owner/sources"), allowed_hosts=(), allow_local=True)
    assert remote.location == server.url("owner/sources")
