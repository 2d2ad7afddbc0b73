"""How results are printed."""

from __future__ import annotations

from bench.measure import Timing
from bench.workloads import Workload

HEADER = (
    f"\n{'workload':<58} clients      p50      p95   per s    SQL  raw p50  ratio  errors\n"
    f"{'':<58}              ms       ms                    ms"
)


def line(workload: Workload, timing: Timing, statements: int, bound: float | None) -> str:
    """One row: times in milliseconds; the ratio compares p50 with the raw lower bound."""
    middle = timing.percentile(0.5)
    raw = "–" if bound is None else f"{bound * 1000:.2f}"
    ratio = "–" if bound is None else f"{middle / bound:.1f}"
    title = f"{workload.name}: {workload.title}"
    return (
        f"{title:<58} {timing.clients:>7} {middle * 1000:>8.1f} {timing.percentile(0.95) * 1000:>8.1f} "
        f"{timing.per_second:>7.1f} {statements:>6} {raw:>8} {ratio:>6} {len(timing.errors):>7}"
    )
