"""Demo and tutorial with 20 seeds on several dates: `python -m benchmarks.demo_seeds [seed ...]`.

Each seed runs the commands of the demo and the tutorial (`simulate`, `train`, `score`) with one of four export dates,
in turn. Reported are the verdict of the promotion gate, and predicted over true value of the leads after the export and
of the leads open at it. A tutorial works if its model becomes champion without force.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import served_runs
from leadworth.console import console
from simulation.demo_command import LEADS, MONTHS, NEW_DAYS
from simulation.world import DEFAULT_END

RESULTS = Path(__file__).parent / "results" / "demo_seeds.json"
SEEDS = tuple(range(1, 21))
ENDS = (str(DEFAULT_END), "2024-02-29", "2025-07-01", "2026-01-02")


def run(seed: int, end: str) -> dict[str, Any]:
    """Run the commands for one seed and export date."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "shop"
        served_runs.simulate(folder, scenario=None, leads=LEADS, months=MONTHS, new_days=NEW_DAYS, seed=seed, end=end)
        training = served_runs.train(folder)
        figures = served_runs.compare(served_runs.serve(folder, end))
    seconds = time.perf_counter() - began
    return {"seed": seed, "end": end, "seconds": seconds, **asdict(training), **asdict(figures)}


def main(seeds: Sequence[int] = SEEDS) -> None:
    """Run, print and store the figures; those of other seeds stay as they are stored."""
    stored = json.loads(RESULTS.read_text("utf-8"))["runs"] if RESULTS.is_file() else []
    runs = {one["seed"]: one for one in stored if one["seed"] not in seeds}
    for seed in seeds:
        one = run(seed, ENDS[(seed - 1) % len(ENDS)])
        runs[seed] = one
        console.print(
            f"seed {seed}, export {one['end']}: {'champion' if one['promoted'] else 'stopped'}; "
            f"money {one['money']:.2f}, open money {one['open_money']:.2f}, wins {one['wins']:.2f}; "
            f"{one['seconds']:.0f} s",
            soft_wrap=True,
        )
        for line in one["failed"]:
            console.print(f"  {line}", markup=False, soft_wrap=True)
        content = {"leads": LEADS, "months": MONTHS, "runs": [runs[key] for key in sorted(runs)]}
        RESULTS.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    promoted = sum(one["promoted"] for one in runs.values())
    console.print(f"{promoted} of {len(runs)} are champion without force")


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SEEDS)
