"""Signals at every moment of a wait, each in a process that would hang if it were missed."""

import subprocess
import sys

WAITS = """
import random, signal
from kotadb_local.stop_signals import StopSignals

for _ in range(20_000):
    with StopSignals({signal.SIGALRM}, again=lambda: None) as signals:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-6, 3e-5))
        signals.wait()
"""
AGAIN = """
import signal
from kotadb_local.stop_signals import StopSignals

heard = []
before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
with StopSignals({signal.SIGTERM}, again=lambda: heard.append(1)) as signals:
    signal.signal(signal.SIGUSR1, lambda *_: None)
    signal.raise_signal(signal.SIGUSR1)
    signal.raise_signal(signal.SIGTERM)
    assert heard == []
    signals.wait()
    signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGTERM)
assert heard == [1, 1]
assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
assert signal.set_wakeup_fd(-1) == -1
"""


def run(program):
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_signal_is_heard_at_whatever_moment_of_the_wait_it_comes():
    run(WAITS)


def test_later_signals_are_handed_on_and_all_is_as_before_at_the_end():
    run(AGAIN)
