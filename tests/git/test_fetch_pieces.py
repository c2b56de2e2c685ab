"""Fetching a commit's trees first, and of its blobs those that are asked for."""

import itertools
import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.git.conftest import request_of
from tests.support import git_server
from tests.support.git_server import packet
from tests.support.repositories import git, object_id, pack_of, whole_entry

from indexer.git.failures import (
    CommitNotFound,
    FetchTimedOut,
    RemoteMisbehaved,
    RemoteUnavailable,
    TooManyBytes,
    TooManyBytesInflated,
    TooManyObjects,
)
from indexer.git.fetch import MOST_BLOBS, CommitFetch
from indexer.git.objects import ObjectStore
from indexer.settings import MEBIBYTE

FILES = {"src/a.ts": b"export const a = 1\n", "src/b.ts": b"export const b = 1\n", "c.md": b"#\n"}


def blob(content):
    return object_id("blob", content)


@pytest.fixture
def pieces(tmp_path, server):
    """A fetch from the server that leaves blobs out, each into a folder of its own."""
    numbers = itertools.count()

    @contextmanager
    def begin(url=None, **limits):
        job = tmp_path / f"job-{next(numbers)}"
        wanted, rest = request_of(job, url or server.url("owner/sources"), **limits)
        with CommitFetch(wanted, **rest, trees_only=True) as fetch:
            yield fetch

    return begin


def holds(fetched, content):
    with ObjectStore(Path(fetched.directory), base_bytes=MEBIBYTE) as store:
        return store.info(blob(content)) is not None


@pytest.fixture(params=["http", "local"])
def url(request, repository, server):
    return str(repository.path) if request.param == "local" else server.url("owner/sources")


@pytest.mark.proves("W4", "W21")
def test_trees_come_without_blobs_and_then_the_blobs_that_are_asked_for(repository, pieces, url):
    sha = repository.commit_files(FILES)
    with pieces(url) as fetch:
        commit = fetch.commit()
        assert (commit.commit_sha, commit.trees_only, commit.objects) == (sha, True, 3)
        assert not holds(commit, FILES["src/a.ts"])
        blobs = fetch.blobs([blob(FILES["src/a.ts"]), blob(FILES["c.md"])])
        assert blobs.objects == 5
        assert blobs.received_bytes > commit.received_bytes
        fetch.blobs([blob(FILES["src/b.ts"])])
    assert git(commit.directory, "fsck", "--strict", "--full", sha) == ""
    with ObjectStore(Path(commit.directory), base_bytes=MEBIBYTE) as store:
        for content in FILES.values():
            assert store.read(blob(content), limit=100) == content


def test_a_server_without_filters_sends_everything_at_once(repository, server, pieces):
    server.filters = "false"
    repository.commit_files(FILES)
    with pieces() as fetch:
        commit = fetch.commit()
    assert (commit.trees_only, commit.objects) == (False, 6)


def test_as_many_blobs_as_may_be_asked_for_at_once_are_had(repository, pieces, url):
    files = {f"{number}.ts": b"%d" % number for number in range(MOST_BLOBS + 1)}
    repository.commit_files(files)
    ids = [blob(content) for content in files.values()]
    with pieces(url) as fetch:
        fetch.commit()
        assert fetch.blobs(ids[:-1]).objects == 2 + MOST_BLOBS
        with pytest.raises(TooManyObjects):
            fetch.blobs(ids)


def test_blobs_that_together_are_more_than_all_may_have_are_given_up_early(repository, pieces):
    files = {"small.ts": b"x", "large.ts": os.urandom(3 * MEBIBYTE)}
    repository.commit_files(files)
    with pieces(file_bytes=1_000) as fetch:
        commit = fetch.commit()
        with pytest.raises(TooManyBytes):
            fetch.blobs([blob(content) for content in files.values()])
    received = sum(one.stat().st_size for one in Path(commit.directory).rglob("*.pack"))
    assert received < MEBIBYTE


def test_the_bounds_hold_for_all_of_a_fetch_together(repository, pieces):
    repository.commit_files(FILES)
    ids = [blob(one) for one in FILES.values()]
    with pieces(objects=5) as fetch:
        inflated = fetch.commit().inflated_bytes
        with pytest.raises(TooManyObjects):
            fetch.blobs(ids)
    with pieces(inflated_bytes=inflated + 10) as fetch:
        fetch.commit()
        with pytest.raises(TooManyBytesInflated):
            fetch.blobs(ids)


def test_the_time_is_that_of_all_of_a_fetch_together(repository, server, pieces):
    repository.commit_files(FILES)
    with pieces(seconds=2.0) as fetch:
        fetch.commit()
        server.fault, server.only = git_server.drip, "pack"
        with pytest.raises(FetchTimedOut):
            fetch.blobs([blob(FILES["c.md"])])


@pytest.mark.parametrize("url", ["http"], indirect=True)
def test_a_blob_that_is_not_there_is_told_as_such(repository, pieces, url):
    repository.commit_files(FILES)
    with pieces(url) as fetch:
        fetch.commit()
        with pytest.raises(CommitNotFound):
            fetch.blobs(["ab" * 20])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        # Another blob than the one that was wanted, and none at all.
        (pack_of([whole_entry("blob", b"other")]), RemoteMisbehaved),
        (pack_of([]), RemoteMisbehaved),
        (pack_of([whole_entry("blob", FILES["c.md"])])[:-1], RemoteMisbehaved),
        (None, RemoteUnavailable),
    ],
)
def test_an_answer_without_the_blobs_that_were_wanted_is_not_believed(
    repository, server, pieces, answer, error
):
    repository.commit_files(FILES)
    with pieces() as fetch:
        fetch.commit()
        body = packet(b"packfile\n")
        if answer is not None:
            body += packet(b"\x01" + answer) + b"0000"
        server.fault, server.only = git_server.canned(body), "pack"
        with pytest.raises(error):
            fetch.blobs([blob(FILES["c.md"])])
