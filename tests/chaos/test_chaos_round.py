"""A short round of what `make chaos` does for long, always with the same dice."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest
from tests.chaos.__main__ import main
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


def test_the_command_stops_at_ctrl_c_and_still_heals_checks_and_says_what_it_found(tmp_path):
    words = ["--duration", "3600", "--workers", "1", "--seed", "5", "--keep-in", str(tmp_path)]
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos", *words],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    with running:
        assert running.stdout is not None
        assert "seed 5" in running.stdout.readline()
        running.send_signal(signal.SIGINT)
        said = running.stdout.read().splitlines()
    assert said[-1].startswith("chaos held (stopped early): seed 5;")
    assert running.returncode == 0
    (kept,) = tmp_path.iterdir()
    assert (kept / "history.jsonl").exists()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--duration", "0"], "must be more than 0"),
        (["--duration", "long"], "invalid"),
        (["--workers", "0"], "invalid choice"),
        (["--seed", "x"], "invalid int"),
    ],
)
def test_a_command_line_that_means_nothing_is_refused(capsys, words, complaint):
    with pytest.raises(SystemExit) as refused:
        main(words)
    assert refused.value.code == 2
    assert complaint in capsys.readouterr().err
