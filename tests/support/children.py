"""What the children of the sandbox's tests do: one function for each way to behave or misbehave."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from indexer.git import fetch
from indexer.git.fetch_child import Visit
from indexer.git.limits import FetchLimits
from indexer.git.objects import ObjectStore
from indexer.git.remote import Remote
from indexer.git.tree import TreeLimits, list_tree
from indexer.sandbox.child import Child
from indexer.sandbox.limits import ChildLimits, peak_memory_bytes

if TYPE_CHECKING:
    from indexer.sandbox.channel import Channel


class Words(NamedTuple):
    words: list[str]


class Numbers(NamedTuple):
    numbers: list[int]


class Recorded(NamedTuple):
    paths: list[str]
    opened: list[str]


def echo(channel: Channel) -> None:
    while True:
        channel.send(channel.receive(Words))


def tell_environment(channel: Channel) -> None:
    channel.send(Words([f"{name}={value}" for name, value in sorted(os.environ.items())]))


def tell_limits(channel: Channel) -> None:
    names = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE")
    channel.send(Numbers([resource.getrlimit(getattr(resource, name))[0] for name in names]))


def tell_session(channel: Channel) -> None:
    channel.send(Numbers([os.getpid(), os.getsid(0)]))


def tell_open_descriptors(channel: Channel) -> None:
    channel.send(Numbers(sorted(int(one.name) for one in Path("/dev/fd").iterdir())))


def tell_memory(channel: Channel) -> None:
    before = peak_memory_bytes()
    block = bytearray(40 * 1024 * 1024)
    block[:: resource.getpagesize()] = b"x" * len(block[:: resource.getpagesize()])
    channel.send(Numbers([before, peak_memory_bytes()]))


def fall_over(channel: Channel) -> None:
    channel.receive(Words)
    # Not through a handler: the fault itself.
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    ctypes.string_at(0)


def leave(channel: Channel) -> None:
    channel.receive(Words)
    sys.exit(3)


def raise_an_error(channel: Channel) -> None:
    channel.receive(Words)
    raise RuntimeError("said to nobody but the log")


def hang(channel: Channel) -> None:
    channel.send(channel.receive(Words))
    # Holds the interpreter: no thread of this process runs any more.
    ctypes.PyDLL(None).sleep(600)


def spin(channel: Channel) -> None:
    channel.receive(Words)
    while True:
        pass


def eat_memory(channel: Channel) -> None:
    channel.receive(Words)
    eaten = []
    while True:
        eaten.append(bytearray(16 * 1024 * 1024))


def abort_for_memory(channel: Channel) -> None:
    channel.receive(Words)
    os.write(2, b"memory allocation of 4294967296 bytes failed\n")
    os.abort()


def write_a_large_file(channel: Channel) -> None:
    path = Path(channel.receive(Words).words[0])
    try:
        path.write_bytes(b"x" * 100_000)
    except OSError:
        channel.send(Numbers([path.stat().st_size]))


def flood_stderr(channel: Channel) -> None:
    channel.receive(Words)
    for _ in range(200):
        try:
            os.write(2, b"e" * 10_000)
        except BlockingIOError:
            break
    channel.send(Words(["still here"]))


def _raw(channel: Channel) -> socket.socket:
    return channel._connection


def send_garbage(channel: Channel) -> None:
    channel.receive(Words)
    _raw(channel).sendall(b"\x00\x00\x00\x04\x80\x04N.")
    time.sleep(600)


def claim_a_huge_message(channel: Channel) -> None:
    channel.receive(Words)
    _raw(channel).sendall(b"\xff\xff\xff\xff")
    time.sleep(600)


def begin_a_message_and_stall(channel: Channel) -> None:
    channel.receive(Words)
    _raw(channel).sendall(b"\x00\x00\x10\x00[")
    time.sleep(600)


def never_listen(channel: Channel) -> None:
    channel.send(Words(["deaf"]))
    time.sleep(600)


def start_a_grandchild(channel: Channel) -> None:
    grandchild = subprocess.Popen(["sleep", "600"])
    channel.send(Numbers([grandchild.pid]))
    channel.receive(Words)


def start_a_hanging_child(channel: Channel) -> None:
    """Be a parent: the test kills this process and looks for the one it started."""
    limits = ChildLimits(memory_bytes=1 << 30, cpu_seconds=60)
    with Child("tests.support.children:hang", limits=limits) as child:
        child.send(Words([]))
        # From here on it is past its start, where it would look for its parent.
        child.receive(Words, timeout=30)
        channel.send(Numbers([child.pid]))
        channel.receive(Words)


def fetch_and_read_recorded(channel: Channel) -> None:
    """Fetch, list and read a whole commit, and tell which paths were opened on the way."""
    url, directory = channel.receive(Words).words
    opened: list[str] = []
    sys.addaudithook(
        lambda event, values: opened.append(str(values[0])) if event == "open" else None
    )
    remote = Remote.parse(url, allowed_hosts=(), allow_local=True)
    request = fetch.request_for(
        fetch.WantedCommit(remote=remote),
        directory=Path(directory),
        limits=FetchLimits(),
        token=None,
    )
    visit = Visit(request, report=lambda _progress: None)
    fetched = visit.commit()
    visit.close()
    if not isinstance(fetched, fetch.FetchedCommit):
        raise TypeError(fetched.code)
    with ObjectStore(Path(directory), base_bytes=1 << 20) as store:
        files = list_tree(store, fetched.commit_sha, TreeLimits(1000, 8)).files
        for entry in files:
            store.read(entry.blob_id, limit=1 << 20)
    channel.send(Recorded(sorted(entry.path for entry in files), opened))
