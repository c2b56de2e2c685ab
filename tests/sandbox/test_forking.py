"""The server that children are forked from: one, replaced when it is lost, gone with its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack

import psutil
import pytest
from tests.sandbox.test_child import PATIENCE, answer_of, linux, start
from tests.support.children import Numbers, Words
from tests.support.processes import FORK_SERVER, is_gone_within, is_running

from indexer.sandbox import forking
from indexer.sandbox.child import ChildCrashed, ChildTimedOut
from indexer.sandbox.limits import ChildLimits
from indexer.settings import MEBIBYTE


def server_of(child):
    return psutil.Process(child.pid).parent()


def test_children_are_forked_by_one_process_that_this_one_started():
    with start("echo") as one, start("echo") as other:
        server = server_of(one)
        assert server_of(other) == server
        assert server.ppid() == os.getpid()
        assert FORK_SERVER in server.cmdline()
    with start("echo") as later:
        assert server_of(later) == server


@pytest.mark.proves("W14")
def test_a_child_holds_nothing_of_the_others_that_live():
    with ExitStack() as others:
        for _ in range(3):
            others.enter_context(start("echo"))
        with start("tell_open_descriptors") as child:
            seen = child.receive(Numbers, timeout=PATIENCE).numbers
    # The three standard ones, the channel, and the one that lists them.
    assert len(seen) == 5


def test_a_killed_server_takes_its_children_along_and_is_replaced():
    with start("echo") as child:
        child.send(Words([]))
        child.receive(Words, timeout=PATIENCE)
        server = server_of(child)
        server.kill()
        with pytest.raises(ChildCrashed) as caught:
            child.receive(Words, timeout=PATIENCE)
    assert caught.value.signal_number == signal.SIGKILL
    assert is_gone_within(child.pid, 5)
    with start("echo") as later:
        assert server_of(later) != server


def test_children_of_before_go_on_when_the_environment_changes(monkeypatch, tmp_path):
    with start("echo") as before:
        server = server_of(before)
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        with start("tell_environment") as after:
            assert f"TMPDIR={tmp_path}" in after.receive(Words, timeout=PATIENCE).words
        with start("echo") as after:
            assert server_of(after) != server
        before.send(Words(["still"]))
        assert before.receive(Words, timeout=PATIENCE) == Words(["still"])
    assert is_gone_within(server.pid, 5)


def test_what_cannot_be_forked_is_a_crash_whose_reason_is_logged(monkeypatch, tmp_path, caplog):
    (tmp_path / "sitecustomize.py").write_text(
        "import errno, os\n"
        "def fork():\n"
        "    raise BlockingIOError(errno.EAGAIN, 'Resource temporarily unavailable')\n"
        "os.fork = fork\n"
    )
    with monkeypatch.context() as patched:
        patched.syspath_prepend(str(tmp_path))
        with start("echo") as child, pytest.raises(ChildCrashed):
            child.receive(Words, timeout=PATIENCE)
    assert caplog.records[-1].stderr == (
        "no child could be forked: Resource temporarily unavailable\n"
    )
    with start("echo"):
        """With the environment of before, they are forked again."""


def test_what_ended_children_used_is_told():
    before = forking.children_usage().cpu_seconds
    with pytest.raises(ChildTimedOut):
        answer_of("spin", limits=ChildLimits(memory_bytes=512 * MEBIBYTE, cpu_seconds=1))
    assert forking.children_usage().cpu_seconds - before > 0.5
    assert forking.peak_memory_mebibytes() > 10


@linux
@pytest.mark.parametrize("end", ["return", "raise SystemExit(3)", "os.kill(os.getpid(), 9)"])
def test_a_server_ends_with_the_process_that_started_it_and_so_do_its_children(end):
    program = (
        "import os, sys\n"
        "from tests.sandbox.test_child import PATIENCE, start\n"
        "from tests.sandbox.test_forking import server_of\n"
        "from tests.support.children import Words\n"
        "def main():\n"
        "    child = start('hang')\n"
        "    child.send(Words([]))\n"
        "    child.receive(Words, timeout=PATIENCE)\n"
        "    print(child.pid, server_of(child).pid, flush=True)\n"
        f"    {end}\n"
        "main()\n"
    )
    path = os.pathsep.join(sys.path)
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    pids = [int(word) for word in ended.stdout.split()]
    assert len(pids) == 2
    assert all(is_gone_within(pid, 5) for pid in pids)


def test_a_server_that_is_ended_by_hand_leaves_nothing():
    with start("echo") as child:
        child.send(Words([]))
        child.receive(Words, timeout=PATIENCE)
        server = server_of(child)
        forking.end_server()
        assert not is_running(server.pid)
        assert is_gone_within(child.pid, 5)
        child.kill()
