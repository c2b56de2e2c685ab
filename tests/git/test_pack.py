"""Packs read by our own hand, compared with git's reading, and damaged in every way."""

from __future__ import annotations

import io
import random
import subprocess
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.repositories import (
    ID_DELTA,
    OFFSET_DELTA,
    Repository,
    copying_delta,
    distance,
    entry_header,
    git,
    object_id,
    pack_of,
    whole_entry,
)

from indexer.git.failures import FetchTimedOut, RepositoryTooLarge
from indexer.git.limits import FetchLimits, FetchProgress, Meter
from indexer.git.objects import ObjectStore
from indexer.git.pack import PackCorrupt, PackIndexer, PackWriter, write_index
from indexer.settings import MEBIBYTE

LIMITS = FetchLimits(file_bytes=100_000)


def meter(limits: FetchLimits = LIMITS) -> Meter:
    return Meter(limits=limits, report=lambda _progress: None)


def received(data: bytes) -> str:
    writer = PackWriter(io.BytesIO(), meter())
    writer.write(data)
    return writer.finish()


def index(pack: bytes, limits: FetchLimits = LIMITS) -> list[tuple[bytes, int, int]]:
    return PackIndexer(pack, meter(limits)).entries()


@pytest.fixture(scope="session")
def delta_pack(tmp_path_factory) -> bytes:
    """A pack that git made, with long chains of deltas and objects of every kind."""
    folder = tmp_path_factory.mktemp("packed") / "repository"
    repository = Repository.create(folder)
    rng = random.Random(7)
    lines = [b"line %d of a file that changes a little" % one for one in range(200)]
    parent = None
    for version in range(12):
        lines[rng.randrange(200)] = b"changed in %d" % version
        files = {f"src/{one}.ts": b"\n".join([*lines, b"%d" % one]) for one in range(6)}
        parent = repository.commit_files(files, parent=parent)
    repository.tag("v1", parent)
    return subprocess.run(
        ["git", "-C", str(folder), "pack-objects", "--all", "--stdout", "--depth=20", "-q"],
        capture_output=True,
        check=True,
        stdin=subprocess.DEVNULL,
    ).stdout


def indexed_by_git(pack: bytes, folder: Path) -> list[tuple[bytes, int, int]]:
    (folder / "p.pack").write_bytes(pack)
    subprocess.run(
        ["git", "index-pack", "--strict", str(folder / "p.pack")], check=True, capture_output=True
    )
    with (folder / "p.idx").open("rb") as file:
        shown = subprocess.run(["git", "show-index"], stdin=file, capture_output=True, check=True)
    rows = [line.split() for line in shown.stdout.decode().splitlines()]
    return [(bytes.fromhex(sha), int(at), int(crc[1:-1], 16)) for at, sha, crc in rows]


def test_a_pack_of_deltas_gives_the_ids_that_git_finds(delta_pack, tmp_path):
    assert index(delta_pack) == indexed_by_git(delta_pack, tmp_path)


def test_every_object_reads_as_git_reads_it(delta_pack, tmp_path):
    packs = tmp_path / "objects" / "pack"
    packs.mkdir(parents=True)
    (tmp_path / "refs").mkdir()
    (tmp_path / "HEAD").write_text("ref: refs/heads/main\n")
    checksum = delta_pack[-20:].hex()
    pack = packs / f"pack-{checksum}.pack"
    pack.write_bytes(delta_pack)
    write_index(pack, checksum, meter())
    listed = git(tmp_path, "cat-file", "--batch-all-objects", "--batch-check").splitlines()
    assert len(listed) > 80
    with ObjectStore(tmp_path, base_bytes=MEBIBYTE) as store:
        for line in random.Random(1).sample(listed, len(listed)):
            sha, kind, size = line.split()
            assert store.info(sha) == (kind, int(size))
            assert object_id(kind, store.read(sha, limit=MEBIBYTE)) == sha


def test_a_pack_may_arrive_in_any_pieces(delta_pack):
    for size in (1, 7, 20, 21, 65_536):
        out = io.BytesIO()
        writer = PackWriter(out, meter())
        for at in range(0, len(delta_pack), size):
            writer.write(delta_pack[at : at + size])
        assert writer.finish() == delta_pack[-20:].hex()
        assert out.getvalue() == delta_pack


@pytest.mark.parametrize("data", [b"", b"PACK", b"PACK\0\0\0\2\0\0\0\0", b"x" * 100])
def test_what_is_no_whole_pack_is_refused(data):
    with pytest.raises(PackCorrupt):
        received(data)


@settings(max_examples=150)
@given(data=st.data())
def test_a_damaged_pack_is_refused_or_read_as_some_pack_and_nothing_else_happens(delta_pack, data):
    damaged = bytearray(delta_pack)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(12, len(damaged) - 21))
        damaged[at] = data.draw(st.integers(0, 255))
    try:
        entries = index(bytes(damaged))
    except (PackCorrupt, RepositoryTooLarge):
        return
    assert all(12 <= offset < len(damaged) for _, offset, _ in entries)


@settings(max_examples=100)
@given(body=st.binary(max_size=200), count=st.integers(0, 5))
def test_any_bytes_after_a_header_are_refused_or_a_pack(body, count):
    pack = b"PACK\0\0\0\2" + count.to_bytes(4, "big") + body + bytes(20)
    try:
        entries = index(pack)
    except (PackCorrupt, RepositoryTooLarge):
        return
    assert len(entries) <= count


def delta_entry(kind: int, base: bytes, delta: bytes) -> bytes:
    return entry_header(kind, len(delta)) + base + zlib.compress(delta)


def test_a_delta_by_id_may_stand_before_its_base():
    content = b"0123456789" * 10
    delta = copying_delta(len(content), 30)
    base_id = bytes.fromhex(object_id("blob", content))
    pack = pack_of([delta_entry(ID_DELTA, base_id, delta), whole_entry("blob", content)])
    expected = {base_id, bytes.fromhex(object_id("blob", content[:30]))}
    assert {sha for sha, _, _ in index(pack)} == expected


@pytest.mark.parametrize("base", [bytes(20), b"\xff" * 20])
def test_a_delta_against_something_outside_the_pack_is_refused(base):
    with pytest.raises(PackCorrupt):
        index(pack_of([delta_entry(ID_DELTA, base, copying_delta(10, 10))]))


def test_a_delta_for_a_base_of_another_size_is_refused():
    base = whole_entry("blob", b"0123456789")
    entry = delta_entry(OFFSET_DELTA, distance(len(base)), copying_delta(11, 10))
    with pytest.raises(PackCorrupt):
        index(pack_of([base, entry]))


def test_an_object_is_inflated_no_further_than_it_says():
    bomb = whole_entry("blob", bytes(50 * MEBIBYTE), claimed=40)
    tracemalloc.start()
    try:
        with pytest.raises(PackCorrupt):
            index(pack_of([bomb]))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEBIBYTE


def test_a_chain_of_ten_thousand_deltas_is_followed_without_recursion():
    content = b"x" * 100
    entries = [whole_entry("blob", content)]
    for one in range(10_000):
        # Copy all, then add a letter or take one away: each differs from its base.
        size = 100 + one % 2
        made = 101 - one % 2
        copied = min(size, made)
        delta = bytes([size, made, 0x90, copied]) + (b"\x01y" if made > size else b"")
        entries.append(delta_entry(OFFSET_DELTA, distance(len(entries[-1])), delta))
    assert len(index(pack_of(entries))) == 2


def test_a_small_file_against_a_base_beyond_all_limits_is_left_out_with_it():
    limits = LIMITS._replace(file_bytes=10)
    huge = whole_entry("blob", bytes(limits.object_bytes + 1))
    small = delta_entry(
        OFFSET_DELTA, distance(len(huge)), copying_delta(limits.object_bytes + 1, 5)
    )
    grandchild = delta_entry(OFFSET_DELTA, distance(len(small)), copying_delta(5, 4))
    kept = whole_entry("blob", b"kept")
    found = index(pack_of([huge, small, grandchild, kept]), limits)
    assert [sha.hex() for sha, _, _ in found] == [object_id("blob", b"kept")]


def test_a_meter_ends_a_fetch_by_the_clock_and_reports_now_and_then():
    now = [100.0]
    told: list[FetchProgress] = []
    running = Meter(limits=FetchLimits(seconds=10), report=told.append, clock=lambda: now[0])
    for _ in range(5):
        running.count_received(7)
        now[0] += 0.1
    assert [one.received_bytes for one in told] == [7, 28]
    now[0] = 109.9
    assert running.remaining_seconds() == pytest.approx(0.1)
    now[0] = 110.0
    with pytest.raises(FetchTimedOut):
        running.count_received(1)
