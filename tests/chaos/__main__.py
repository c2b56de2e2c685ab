"""`python -m tests.chaos`: break a whole stack for a while, and say whether it kept its promises.

It ends with 0 only when every invariant held. Its first line names the seed, its last is a summary.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.chaos.run import Options, run


def main(words: list[str] | None = None) -> int:
    """Carry out one run; the exit status."""
    arguments = _parser().parse_args(words)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stopping.set())
    seed = random.SystemRandom().randrange(1 << 31) if arguments.seed is None else arguments.seed
    _say(
        f"chaos: seed {seed}, {arguments.duration:g} s, {arguments.workers} workers; "
        f"again with: make chaos SEED={seed} DURATION={arguments.duration:g} "
        f"WORKERS={arguments.workers}"
    )
    folder = Path(tempfile.mkdtemp(prefix="kotadb-chaos-", dir=arguments.keep_in))
    began = time.monotonic()
    options = Options(
        seconds=arguments.duration,
        workers=arguments.workers,
        seed=seed,
        folder=folder,
        fault_every=arguments.fault_every,
    )
    result = run(options, _say, stopping)
    held = not result.violations
    if held and arguments.keep_in is None:
        shutil.rmtree(folder)
    else:
        _say(f"history and logs: {folder}")
    early = " (stopped early)" if stopping.is_set() else ""
    _say(
        f"chaos {'held' if held else 'BROKE'}{early}: seed {seed}; "
        f"{time.monotonic() - began:.0f} s; {result.summary()}"
    )
    return 0 if held else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument(
        "--duration",
        type=_positive,
        default=600.0,
        metavar="SECONDS",
        help="how long to do harm (600); healing and checking come on top",
    )
    parser.add_argument(
        "--workers",
        type=int,
        choices=range(1, 17),
        default=4,
        metavar="1..16",
        help="worker processes (4)",
    )
    parser.add_argument("--seed", type=int, help="of every dice; a new one each time unless named")
    parser.add_argument(
        "--fault-every",
        type=_positive,
        default=0.7,
        metavar="SECONDS",
        help="about the mean pause between two faults (0.7)",
    )
    parser.add_argument(
        "--keep-in",
        type=Path,
        metavar="FOLDER",
        help="leave history and logs there; unless named they are left only when a promise broke",
    )
    return parser


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("must be more than 0")
    return number


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
