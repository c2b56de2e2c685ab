"""Fetching from servers that fail, stall, lie or attack: one class of error each, within bounds."""

from __future__ import annotations

import os
import signal
import time

import pytest
from tests.support import git_server
from tests.support.git_server import GitServer
from tests.support.repositories import (
    OFFSET_DELTA,
    copying_delta,
    distance,
    entry_header,
    object_id,
    pack_of,
    whole_entry,
)

from indexer.errors import TransientJobError
from indexer.git import failures
from indexer.git import fetch as fetch_room
from indexer.git.failures import (
    FetchTimedOut,
    RepositoryTooLarge,
    TooManyBytes,
    TooManyBytesInflated,
    TooManyObjects,
    TooMuchMemory,
)
from indexer.git.fetch_child import Visit
from indexer.git.limits import FetchLimits, Meter
from indexer.git.transport import HttpTransport
from indexer.settings import MEBIBYTE

FILES = {"a.ts": b"export const a = 1\n" * 50, "b.ts": b"export const b = 2\n"}
COMMIT = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@b> 1 +0000\n\none\n"
COMMIT_SHA = object_id("commit", COMMIT)
STAGES = ["capabilities", "refs", "pack"]


@pytest.fixture(autouse=True)
def nothing_but_the_job_is_written(repository, tmp_path):
    """Whatever happens, nothing stands beside the job's folder, and no half file outside it."""
    repository.commit_files(FILES)
    yield
    assert {one.name for one in tmp_path.iterdir()} <= {"remotes", "job"}
    if (tmp_path / "job").exists():
        assert [one.name for one in (tmp_path / "job").iterdir()] == ["repository"]


@pytest.mark.proves("W15")
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (401, failures.AuthenticationRequired),
        (403, failures.AuthenticationRequired),
        (404, failures.RepositoryNotFound),
        (410, failures.RepositoryNotFound),
        (429, failures.RateLimited),
        (500, failures.RemoteUnavailable),
        (503, failures.RemoteUnavailable),
        (418, failures.RemoteMisbehaved),
    ],
)
def test_each_status_has_its_class_and_no_word_of_the_remote_gets_out(
    server, fetch_here, stage, code, expected
):
    server.fault, server.only = git_server.status(code, Retry_After="3600"), stage
    started = time.monotonic()
    with pytest.raises(expected) as caught:
        fetch_here()
    assert time.monotonic() - started < 20
    assert caught.value.transient is (code not in {401, 403, 404, 410})
    assert "secret" not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("code", [301, 307])
def test_a_redirect_is_never_followed(server, fetch_here, tmp_path, stage, code):
    with GitServer(tmp_path / "remotes") as elsewhere:
        to = f"http://127.0.0.1:{elsewhere.port}"
        server.fault, server.only = git_server.redirect(to, code), stage
        with pytest.raises(failures.RedirectRefused) as caught:
            fetch_here()
        assert elsewhere.log == []
    assert str(elsewhere.port) not in str(caught.value)


@pytest.mark.parametrize(
    "to",
    [
        *("http://169.254.169.254/latest/meta-data/", "http://[::1]:80/", "http://10.0.0.1/"),
        *("http://2130706433/", "http://0x7f.1/", "file:///etc/passwd", "gopher://127.0.0.1:6379/"),
        *(
            "//evil.example/",
            "https://ada:password@evil.example/",
            "/renamed",
            "",
            "\\\\evil\\share",
        ),
    ],
)
def test_wherever_a_redirect_leads_nothing_more_is_asked(server, fetch_here, to):
    server.fault = git_server.status(302, Location=to)
    with pytest.raises(failures.RedirectRefused) as caught:
        fetch_here()
    assert len(server.log) == 1
    assert str(caught.value) == "the repository has moved: name it by its new address"


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (git_server.login_page, failures.RemoteMisbehaved),
        (git_server.drop, failures.RemoteUnavailable),
        (git_server.cut_short, failures.RemoteUnavailable),
        (git_server.canned(b""), failures.RemoteUnavailable),
        (git_server.canned(b"zzzz not a packet"), failures.RemoteMisbehaved),
        (git_server.canned(b"0003"), failures.RemoteMisbehaved),
        (git_server.canned(b"0002"), failures.RemoteMisbehaved),
        (git_server.canned(b"0010ERR secret!!"), failures.RemoteMisbehaved),
    ],
)
def test_what_is_no_answer_of_a_git_server_is_transient(server, fetch_here, stage, fault, expected):
    server.fault, server.only = fault, stage
    with pytest.raises(expected) as caught:
        fetch_here()
    assert isinstance(caught.value, TransientJobError)
    assert "secret" not in str(caught.value)


def test_a_flipped_bit_is_found(server, fetch_here):
    server.fault, server.only = git_server.flip_a_bit, "pack"
    with pytest.raises(failures.RemoteMisbehaved):
        fetch_here()


def test_a_server_that_speaks_only_the_old_protocol_is_told_as_such(server, fetch_here):
    server.fault = git_server.canned(
        b"001e# service=git-upload-pack\n0000" + git_server.packet(b"%040x HEAD\0multi_ack" % 1)
    )
    with pytest.raises(failures.RemoteUnsupported):
        fetch_here()


def test_a_repository_with_another_kind_of_ids_is_told_as_such(server, fetch_here):
    lines = [b"version 2\n", b"ls-refs\n", b"fetch=shallow\n", b"object-format=sha256\n"]
    server.fault = git_server.canned(b"".join(map(git_server.packet, lines)) + b"0000")
    with pytest.raises(failures.RemoteUnsupported):
        fetch_here()


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("fault", [git_server.stall, git_server.hang])
def test_a_remote_that_goes_silent_is_given_up_after_the_time_of_one_read(
    server, fetch_here, stage, fault
):
    server.fault, server.only = fault, stage
    with pytest.raises(failures.RemoteUnavailable):
        fetch_here(read_seconds=0.3)


@pytest.mark.parametrize("stage", ["capabilities", "pack"])
def test_a_remote_that_drips_cannot_extend_the_whole_time(server, fetch, stage):
    server.fault, server.only = git_server.drip, stage
    started = time.monotonic()
    with pytest.raises(FetchTimedOut):
        fetch(seconds=1.0)
    assert time.monotonic() - started < 6


@pytest.mark.parametrize(
    ("fault", "stage"),
    [
        (git_server.endless_pack, "pack"),
        (git_server.endless_progress, "pack"),
        (git_server.endless_refs, "refs"),
    ],
)
def test_an_endless_answer_ends_at_the_bytes_that_may_be_received(server, fetch_here, fault, stage):
    server.fault, server.only = fault, stage
    with pytest.raises(TooManyBytes) as caught:
        fetch_here(received_bytes=MEBIBYTE)
    assert caught.value.limit == MEBIBYTE


def test_endless_refs_end_even_when_bytes_do_not_count(server, fetch_here):
    server.fault, server.only = git_server.endless_refs, "refs"
    with pytest.raises(failures.RemoteMisbehaved):
        fetch_here()


def test_nobody_listening_is_unavailable(fetch_here, server, tmp_path):
    with GitServer(tmp_path / "remotes") as other:
        url = other.url("owner/sources")
    with pytest.raises(failures.RemoteUnavailable):
        fetch_here(url=url)
    assert server.log == []


def test_a_loopback_address_is_refused_unless_the_local_run_allows_it(server):
    meter = Meter(limits=FetchLimits(public_only=True), report=lambda _progress: None)
    transport = HttpTransport(server.url("owner/sources"), meter=meter)
    with pytest.raises(failures.AddressRefused), transport.advertise():
        pass
    assert server.log == []


# Packs that lie


def serve_pack(server, *entries: bytes, count: int | None = None, sha: str = COMMIT_SHA) -> None:
    server.fault = git_server.canned_pack(pack_of(list(entries), count=count), sha)


def test_a_pack_made_by_hand_is_taken(server, fetch_here):
    serve_pack(server, whole_entry("commit", COMMIT))
    assert fetch_here().commit_sha == COMMIT_SHA


@pytest.mark.proves("W21")
def test_a_small_delta_that_makes_gigabytes_is_never_made(server, fetch):
    base = b"x" * 0xFFFF
    delta = copying_delta(len(base), 4 << 30)
    first = whole_entry("blob", base)
    bomb = entry_header(OFFSET_DELTA, len(delta)) + distance(len(first))
    bomb += whole_entry("blob", delta)[len(entry_header(3, len(delta))) :]
    serve_pack(server, first, bomb, whole_entry("commit", COMMIT))
    fetched = fetch(memory_bytes=300 * MEBIBYTE)
    assert fetched.objects == 2
    assert fetched.inflated_bytes < 10 * MEBIBYTE
    assert fetched.peak_memory_bytes < 80 * MEBIBYTE


def test_many_deltas_that_each_make_little_add_up_to_the_limit(server, fetch_here):
    base = b"x" * 0xFFFF
    delta = copying_delta(len(base), MEBIBYTE)
    body = whole_entry("blob", delta)[len(entry_header(3, len(delta))) :]
    entries = [whole_entry("commit", COMMIT), whole_entry("blob", base)]
    behind = len(entries[1])
    for _ in range(50):
        entries.append(entry_header(OFFSET_DELTA, len(delta)) + distance(behind) + body)
        behind += len(entries[-1])
    serve_pack(server, *entries)
    with pytest.raises(TooManyBytesInflated, match=f"more than {20 * MEBIBYTE} bytes after"):
        fetch_here(inflated_bytes=20 * MEBIBYTE)


@pytest.mark.proves("W21")
def test_a_huge_blob_is_passed_over_without_being_held(server, fetch):
    huge = whole_entry("blob", bytes(100 * MEBIBYTE))
    serve_pack(server, huge, whole_entry("commit", COMMIT))
    fetched = fetch()
    assert fetched.objects == 1
    assert fetched.peak_memory_bytes < 80 * MEBIBYTE


def test_a_pack_that_announces_too_many_objects_is_not_even_received(server, fetch_here):
    serve_pack(server, whole_entry("commit", COMMIT), count=4_000_000_000)
    with pytest.raises(TooManyObjects):
        fetch_here()


def self_based_delta() -> bytes:
    body = whole_entry("blob", b"\x05\x05\x05abcde")
    return entry_header(OFFSET_DELTA, 8) + distance(0) + body[1:]


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([whole_entry("blob", b"x" * 50, claimed=40)], id="more than it says"),
        pytest.param([whole_entry("blob", b"x" * 50, claimed=60)], id="less than it says"),
        pytest.param([whole_entry("blob", b"x", claimed=10**12)], id="claims a terabyte"),
        pytest.param([b"\x35garbage"], id="not deflated"),
        pytest.param([b"\x55" + b"x" * 10], id="kind five"),
        pytest.param([b"\xb5" + b"\xff" * 30], id="a size without an end"),
        pytest.param([self_based_delta()], id="a delta of itself"),
        pytest.param([b"\x78" + b"\x11" * 20 + b"x\x9c\x03\0\0\0\0\1"], id="a delta of nothing"),
        pytest.param([b""], id="no object at all"),
        pytest.param(
            [whole_entry("commit", COMMIT), b"trailing bytes"], id="more than was announced"
        ),
    ],
)
def test_a_pack_that_lies_about_an_object_would_lie_again(server, fetch_here, entries):
    announced = 1 if len(entries) == 2 else None
    serve_pack(server, *entries, count=announced)
    with pytest.raises((failures.RepositoryDamaged, RepositoryTooLarge)) as caught:
        fetch_here()
    assert not caught.value.transient


def test_another_commit_is_never_taken_for_the_wanted_one(server, fetch_here):
    serve_pack(server, whole_entry("commit", COMMIT.replace(b"one", b"two")))
    with pytest.raises(failures.RemoteMisbehaved):
        fetch_here()


def test_a_ref_that_moves_while_it_is_fetched_gives_the_commit_that_it_led_to(
    server, fetch_here, repository
):
    def move(exchange):
        repository.commit_files({"moved.ts": b"export const moved = 1;\n"})
        exchange.answer(exchange.real_answer())

    led_to = repository.commit_files(FILES)
    server.fault, server.only = move, "pack"
    assert fetch_here().commit_sha == led_to


@pytest.mark.parametrize(
    ("pinned", "expected"),
    [(True, failures.CommitNotFound), (False, failures.RemoteMisbehaved)],
)
def test_a_commit_that_is_gone_when_it_is_asked_for_is_missed_for_good_only_when_it_was_named(
    server, fetch_here, repository, pinned, expected
):
    sha = repository.commit_files(FILES)
    gone = git_server.packet(b"ERR upload-pack: not our ref " + sha.encode())
    server.fault, server.only = git_server.canned(gone), "pack"
    with pytest.raises(expected) as caught:
        fetch_here(commit_sha=sha if pinned else None)
    assert caught.value.transient is not pinned


@pytest.mark.proves("W21")
def test_unpacking_that_needs_more_memory_than_allowed_is_told_as_too_large(server, fetch):
    chain = [whole_entry("commit", COMMIT), whole_entry("blob", os.urandom(12 * MEBIBYTE))]
    serve_pack(server, *chain)
    with pytest.raises(TooMuchMemory, match=f"more than {60 * MEBIBYTE} bytes of memory"):
        fetch(memory_bytes=60 * MEBIBYTE)


def test_each_bound_has_an_error_of_its_own_and_none_is_tried_again():
    bounds = RepositoryTooLarge.__subclasses__()
    assert {one.code for one in bounds} == {
        *("too_many_bytes", "too_many_bytes_inflated", "too_many_objects", "too_much_memory"),
        *("too_many_entries", "too_many_files"),
    }
    for bound in bounds:
        error = bound(limit=7)
        assert (error.transient, error.limit) == (False, 7)
        assert str(error) == f"the commit has more than 7 {bound.what}"


@pytest.mark.parametrize("code", ["too_many_files", "repository_too_large", "words of the remote"])
def test_a_code_that_no_fetch_gives_is_misbehaviour(code):
    told = fetch_room.error_of(fetch_room.FetchFailure(code), FetchLimits())
    assert isinstance(told, failures.RemoteMisbehaved)


def test_what_nobody_foresaw_is_told_by_its_class_and_without_its_words(
    fetch_here, monkeypatch, capsys
):
    def unforeseen(_visit):
        raise KeyError("words of the remote")

    monkeypatch.setattr(Visit, "_commit", unforeseen)
    with pytest.raises(failures.RemoteMisbehaved):
        fetch_here()
    told = capsys.readouterr().err
    assert told.splitlines()[-1] == "KeyError"
    assert "in unforeseen" in told


def test_a_child_that_is_killed_is_a_transient_crash(server, fetch, monkeypatch):
    started = []

    class Watched(fetch_room.Child):
        def send(self, message, **rest):
            super().send(message, **rest)
            started.append(self.pid)
            os.kill(self.pid, signal.SIGKILL)

    server.fault = git_server.stall
    monkeypatch.setattr(fetch_room, "Child", Watched)
    with pytest.raises(failures.FetchCrashed):
        fetch()
    assert started
