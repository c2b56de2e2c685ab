"""Packs that no git program would send, and servers that lie: more of what `hostile` notes."""

from __future__ import annotations

import hashlib

from tests.support import git_server
from tests.support.git_server import Fault, canned_pack
from tests.support.hostile import ALL, GOOD, GOOD_SOURCE, commit, hostile
from tests.support.repositories import (
    OFFSET_DELTA,
    copying_delta,
    distance,
    entry_header,
    object_id,
    pack_of,
    whole_entry,
)

__all__ = ["ALL"]

LINES = b"author A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\none\n"


def commit_of(tree: str) -> bytes:
    return b"tree " + tree.encode() + b"\n" + LINES


def tree_with(name: bytes, sha: str) -> bytes:
    """A tree of a file with this id, and of the good one."""
    entries = [(name, sha), (GOOD.encode(), object_id("blob", GOOD_SOURCE))]
    return b"".join(b"100644 %b\0" % name + bytes.fromhex(sha) for name, sha in entries)


def served(*more: bytes, tree: bytes, count: int | None = None) -> Fault:
    """A server of one commit of this tree, with the good file and more entries in its pack."""
    head = commit_of(object_id("tree", tree))
    entries = [whole_entry("commit", head), whole_entry("tree", tree)]
    entries += [whole_entry("blob", GOOD_SOURCE), *more]
    return canned_pack(pack_of(entries, count=count), object_id("commit", head))


def bombs(size: int, number: int) -> list[bytes]:
    """A base, and so many small deltas that each make `size` bytes of it."""
    base = whole_entry("blob", b"x" * 0xFFFF)
    delta = copying_delta(0xFFFF, size)
    body = whole_entry("blob", delta)[len(entry_header(3, len(delta))) :]
    entries, behind = [base], len(base)
    for _ in range(number):
        entries.append(entry_header(OFFSET_DELTA, len(delta)) + distance(behind) + body)
        behind += len(entries[-1])
    return entries


@hostile(skipped={"too_large": 1})
def a_delta_that_makes_four_gigabytes(_repository, _elsewhere):
    unknown = hashlib.sha1(b"nobody makes it").hexdigest()
    return served(*bombs(4 << 30, 1), tree=tree_with(b"bomb.ts", unknown))


@hostile(error="too_many_bytes_inflated")
def deltas_that_add_up(_repository, _elsewhere):
    return served(*bombs(1 << 20, 40), tree=tree_with(b"a.ts", "ab" * 20))


@hostile(error="too_many_bytes_inflated")
def a_blob_of_a_hundred_megabytes_of_nothing(_repository, _elsewhere):
    return served(whole_entry("blob", bytes(100 << 20)), tree=tree_with(b"a.ts", "ab" * 20))


@hostile(error="too_many_objects")
def a_pack_that_announces_billions_of_objects(_repository, _elsewhere):
    return served(tree=tree_with(b"a.ts", "ab" * 20), count=4_000_000_000)


@hostile(error="repository_damaged")
def an_object_that_is_more_than_it_says(_repository, _elsewhere):
    return served(whole_entry("blob", b"x" * 50, claimed=40), tree=tree_with(b"a.ts", "ab" * 20))


@hostile(error="repository_damaged")
def an_object_that_does_not_inflate(_repository, _elsewhere):
    return served(b"\x35garbage", tree=tree_with(b"a.ts", "ab" * 20))


@hostile(error="repository_damaged")
def more_objects_than_were_announced(_repository, _elsewhere):
    return served(whole_entry("blob", b"x"), tree=tree_with(b"a.ts", "ab" * 20), count=3)


@hostile(skipped={"odd_name": 2})
def entries_without_a_name(_repository, _elsewhere):
    sha = bytes.fromhex(object_id("blob", GOOD_SOURCE))
    nameless = b"".join(mode + b" \0" + sha for mode in (b"100644", b"40000"))
    return served(tree=nameless + b"100644 %b\0" % GOOD.encode() + sha)


@hostile(skipped={"damaged_folder": 1, "too_large": 1})
def a_tree_without_some_of_its_objects(_repository, _elsewhere):
    entries = b"40000 gone\0" + bytes.fromhex("cd" * 20)
    return served(tree=entries + tree_with(b"gone.ts", "ab" * 20))


@hostile(error="remote_misbehaved", passing=True)
def another_commit_than_was_asked_for(_repository, _elsewhere):
    head = commit_of(object_id("tree", b""))
    return canned_pack(pack_of([whole_entry("commit", head)]), "ab" * 20)


@hostile(error="remote_misbehaved", passing=True)
def a_commit_without_a_tree(_repository, _elsewhere):
    head = b"tree ../../../etc/passwd\n" + LINES
    return canned_pack(pack_of([whole_entry("commit", head)]), object_id("commit", head))


@hostile(error="too_many_bytes")
def a_pack_without_an_end(repository, _elsewhere):
    commit(repository)
    return lambda exchange: (
        git_server.endless_pack(exchange)
        if exchange.asks == "pack"
        else exchange.answer(exchange.real_answer())
    )


@hostile(error="redirect_refused")
def a_server_that_sends_elsewhere(_repository, elsewhere):
    return git_server.redirect(elsewhere, 307)


@hostile(error="remote_misbehaved", passing=True)
def a_page_to_log_in(_repository, _elsewhere):
    return git_server.login_page
