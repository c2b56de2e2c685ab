"""The table: a row for each thing measured, a column for each queue, ratios to ours."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from queues.contenders import OURS

RATES = {
    "enqueue_one": "enqueue one by one, jobs/s",
    "enqueue_many": "enqueue in 1000s, jobs/s",
    "drain_one": "one job per transaction, 1 worker, jobs/s",
    "drain_batch": "drain, best settings, 1 worker, jobs/s",
    "drain_full": "the same beside the finished jobs, jobs/s",
}
Samples = Mapping[str, Mapping[str, Sequence[float]]]
"""By row and by queue: one figure a round (of the pick-up: every job's)."""


def table(samples: Samples, words: Mapping[str, Mapping[str, str]], names: Sequence[str]) -> str:
    """The table in Markdown. `words` are cells that are no figures, by row and by queue."""
    lines = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for row, title in RATES.items():
        if row in samples:
            ours = _median(samples[row].get(OURS, ()))
            cells = [_rate(samples[row].get(name, ()), ours, name) for name in names]
            lines.append(f"| {title} | " + " | ".join(cells) + " |")
    if "pick_up" in samples:
        cells = [_pick_up(samples["pick_up"].get(name, ())) for name in names]
        lines.append("| idle pick-up p50 / p99, ms | " + " | ".join(cells) + " |")
    if "crash" in samples:
        cells = [
            _seconds(samples["crash"].get(name, ()), words["crash"].get(name, "-"))
            for name in names
        ]
        lines.append("| kill -9 to redelivery, lease 5 s | " + " | ".join(cells) + " |")
    if "stale" in words:
        cells = [words["stale"].get(name, "-") for name in names]
        lines.append("| a stale attempt's success is accepted | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _median(figures: Sequence[float]) -> float | None:
    return statistics.median(figures) if figures else None


def _rate(figures: Sequence[float], ours: float | None, name: str) -> str:
    middle = _median(figures)
    if middle is None:
        return "-"
    ratio = "" if ours is None or name == OURS else f", {middle / ours:.2f}x"
    return f"{middle:,.0f} ({min(figures):,.0f}-{max(figures):,.0f}){ratio}"


def _pick_up(milliseconds: Sequence[float]) -> str:
    if not milliseconds:
        return "-"
    ranked = sorted(milliseconds)
    p99 = ranked[min(len(ranked) - 1, round(0.99 * len(ranked)))]
    return f"{statistics.median(ranked):.0f} / {p99:.0f}"


def _seconds(figures: Sequence[float], otherwise: str) -> str:
    if not figures:
        return otherwise
    return f"{statistics.median(figures):.1f} s ({min(figures):.1f}-{max(figures):.1f})"
