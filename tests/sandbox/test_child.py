"""Children that behave, crash, hang, eat memory and lie, as the parent sees them."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress

import psutil
import pytest
from tests.support.children import Numbers, Words
from tests.support.processes import is_gone_within, is_running, open_descriptors

from indexer.sandbox.child import (
    Child,
    ChildCrashed,
    ChildMisbehaved,
    ChildOutOfMemory,
    ChildTimedOut,
)
from indexer.sandbox.limits import ChildLimits
from indexer.settings import MEBIBYTE

LIMITS = ChildLimits(memory_bytes=512 * MEBIBYTE, cpu_seconds=30, file_bytes=10_000)
PATIENCE = 30.0

linux = pytest.mark.skipif(sys.platform != "linux", reason="a limit that only Linux keeps")


def start(behaviour: str, limits: ChildLimits = LIMITS, directory: str = "/") -> Child:
    return Child(f"tests.support.children:{behaviour}", limits=limits, directory=directory)


def answer_of(behaviour: str, *, limits: ChildLimits = LIMITS, timeout: float = PATIENCE) -> Words:
    with start(behaviour, limits) as child:
        child.send(Words([]))
        return child.receive(Words, timeout=timeout)


def test_a_child_answers_again_and_again():
    with start("echo") as child:
        for words in (["one"], ["two", "\ud800 lone", "\0"], []):
            child.send(Words(words))
            assert child.receive(Words, timeout=PATIENCE) == Words(words)
    assert not is_running(child.pid)


@pytest.mark.proves("W14")
def test_a_child_sees_no_variable_of_its_parent_but_the_few_it_needs(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with start("tell_environment") as child:
        seen = child.receive(Words, timeout=PATIENCE).words
    names = {one.partition("=")[0] for one in seen}
    # LC_CTYPE is what the interpreter itself sets.
    allowed = {"PATH", "LANG", "PYTHONPATH", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE"}
    assert names <= allowed | {"SSL_CERT_DIR", "PYTHONPYCACHEPREFIX", "LC_CTYPE"}
    assert not any("secret" in one for one in seen)


@linux
@pytest.mark.proves("W21")
def test_a_child_is_bound_by_each_of_its_limits():
    with start("tell_limits") as child:
        assert child.receive(Numbers, timeout=PATIENCE).numbers == [
            *(512 * MEBIBYTE, 30, 10_000, 64, 0)
        ]


def test_a_child_has_a_session_of_its_own():
    with start("tell_session") as child:
        assert child.receive(Numbers, timeout=PATIENCE).numbers == [child.pid, child.pid]


def test_a_child_inherits_no_descriptor_but_its_channel(tmp_path):
    with (tmp_path / "secret").open("wb") as secret:
        os.set_inheritable(secret.fileno(), True)  # noqa: FBT003 - its only form
        with start("tell_open_descriptors") as child:
            seen = child.receive(Numbers, timeout=PATIENCE).numbers
        assert secret.fileno() not in seen
        # The three standard ones, the channel, and the one that lists them.
        assert len(seen) == 5


@linux
def test_the_peak_of_memory_is_the_childs_own():
    ballast = bytearray(120 * MEBIBYTE)
    ballast[::4096] = b"x" * len(ballast[::4096])
    with start("tell_memory") as child:
        before, after = child.receive(Numbers, timeout=PATIENCE).numbers
    assert before < 60 * MEBIBYTE
    assert after - before > 30 * MEBIBYTE


@pytest.mark.proves("W14")
def test_a_segmentation_fault_is_told_by_its_signal():
    with pytest.raises(ChildCrashed) as caught:
        answer_of("fall_over")
    assert caught.value.signal_number == signal.SIGSEGV


def test_an_early_exit_is_told_by_its_status():
    with pytest.raises(ChildCrashed) as caught:
        answer_of("leave")
    assert caught.value.status == 3


def test_an_error_inside_a_child_reaches_the_log_without_its_words(caplog):
    with pytest.raises(ChildCrashed) as caught:
        answer_of("raise_an_error")
    assert "said to nobody" not in str(caught.value)
    told = caplog.records[-1].stderr
    assert "in raise_an_error" in told
    assert told.splitlines()[-1] == "RuntimeError"


@pytest.mark.proves("W14")
def test_a_child_that_hangs_inside_native_code_is_ended_in_time():
    with start("hang") as child:
        child.send(Words([]))
        child.receive(Words, timeout=PATIENCE)
        with pytest.raises(ChildTimedOut):
            child.receive(Words, timeout=0.2)
        assert not is_running(child.pid)


@linux
def test_a_child_that_uses_up_its_processor_time_is_told_so():
    with pytest.raises(ChildTimedOut):
        answer_of("spin", limits=ChildLimits(memory_bytes=512 * MEBIBYTE, cpu_seconds=1))


@linux
@pytest.mark.proves("W21")
def test_a_child_that_eats_memory_is_told_so_and_the_parent_is_not_touched():
    with pytest.raises(ChildOutOfMemory):
        answer_of("eat_memory", limits=ChildLimits(memory_bytes=256 * MEBIBYTE, cpu_seconds=30))


def test_native_code_that_aborts_for_want_of_memory_counts_as_out_of_memory():
    with pytest.raises(ChildOutOfMemory):
        answer_of("abort_for_memory")


@linux
def test_a_child_cannot_write_a_larger_file_than_it_may(tmp_path):
    with start("write_a_large_file") as child:
        child.send(Words([str(tmp_path / "large")]))
        assert child.receive(Numbers, timeout=PATIENCE).numbers == [10_000]


def test_a_child_with_a_small_file_limit_leaves_no_broken_module_cache(tmp_path, monkeypatch):
    module = tmp_path / "large_module.py"
    module.write_text(f"DATA = {list(range(5000))}\ndef serve(channel):\n    pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with Child("large_module:serve", limits=LIMITS) as child, pytest.raises(ChildCrashed) as caught:
        child.receive(Words, timeout=PATIENCE)
    assert caught.value.status == 0
    assert [one.name for one in tmp_path.iterdir()] == ["large_module.py"]


def test_a_child_that_floods_its_stderr_neither_blocks_nor_fills_the_log(caplog):
    assert answer_of("flood_stderr") == Words(["still here"])
    assert 0 < len(caplog.records[-1].stderr) <= 4096


@pytest.mark.parametrize("behaviour", ["send_garbage", "claim_a_huge_message"])
def test_a_message_that_is_none_of_ours_ends_the_child(behaviour):
    with start(behaviour) as child:
        child.send(Words([]))
        with pytest.raises(ChildMisbehaved):
            child.receive(Words, timeout=PATIENCE)
        assert not is_running(child.pid)


def test_a_message_that_is_begun_and_never_finished_runs_into_the_time_limit():
    with pytest.raises(ChildTimedOut):
        answer_of("begin_a_message_and_stall", timeout=1.0)


def test_a_child_that_does_not_take_its_message_runs_into_the_time_limit():
    with start("never_listen") as child:
        child.receive(Words, timeout=PATIENCE)
        with pytest.raises(ChildTimedOut):
            child.send(Words(["x" * MEBIBYTE * 8]), timeout=0.5)


def test_sending_to_a_child_that_is_gone_tells_how_it_ended():
    with start("leave") as child:
        child.send(Words([]))
        with pytest.raises(ChildCrashed):
            child.receive(Words, timeout=PATIENCE)
        with pytest.raises((ChildCrashed, OSError)):
            child.send(Words([]))


def test_what_a_child_started_dies_with_it():
    with start("start_a_grandchild") as child:
        (grandchild,) = child.receive(Numbers, timeout=PATIENCE).numbers
        assert is_running(grandchild)
    assert is_gone_within(grandchild, 5)


@linux
@pytest.mark.proves("W9")
def test_a_parent_killed_outright_leaves_no_child_even_one_stuck_in_native_code():
    with start("start_a_hanging_child") as parent:
        (orphan,) = parent.receive(Numbers, timeout=PATIENCE).numbers
        assert is_running(orphan)
        os.kill(parent.pid, signal.SIGKILL)
        assert is_gone_within(orphan, 5)


def test_children_leave_no_descriptor_and_no_zombie_behind():
    with start("echo"):
        """The server that children are forked from is there by now, and stays."""
    gc.collect()
    before = open_descriptors()
    for behaviour in ("echo", "tell_session", "leave"):
        # One that leaves may be gone before it is sent anything.
        with start(behaviour) as child, suppress(ChildCrashed):
            child.send(Words([]))
    with pytest.raises(ChildCrashed):
        answer_of("leave")
    assert open_descriptors() <= before
    assert not psutil.pid_exists(child.pid)


def test_a_target_that_does_not_exist_is_a_crash_and_not_a_hang():
    with start("no_such_function") as child, pytest.raises(ChildCrashed):
        child.receive(Words, timeout=PATIENCE)
