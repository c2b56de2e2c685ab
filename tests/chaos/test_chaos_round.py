"""A short round of what `make chaos` does for long, always with the same dice."""

import threading

import psutil
from tests.chaos.run import Options, run

SEED = 7


def test_a_short_round_of_chaos_breaks_no_promise_and_leaves_nothing(tmp_path):
    children = set(psutil.Process().children(recursive=True))
    threads = threading.active_count()
    said: list[str] = []
    options = Options(
        seconds=15,
        workers=2,
        seed=SEED,
        folder=tmp_path,
        fault_every=0.5,
        request_every=0.3,
        durable=False,
    )
    result = run(options, said.append, threading.Event())
    assert result.violations == [], "\n".join(said)
    # It was no idle round.
    assert result.faults.total() >= 5
    assert result.operations["ok"] >= 20
    assert result.jobs["completed"] >= 1
    assert result.looks >= 20
    assert set(psutil.Process().children(recursive=True)) <= children
    assert threading.active_count() <= threads
