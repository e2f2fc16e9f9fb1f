"""Sixteen small CRMs with known truth, through the commands: `python -m benchmarks.worlds --seeds 101 102 103 104`.

Needs the generator and the evaluation of worlds in shared/worlds next to the project, and skips without them. Each
world has one mechanism that makes outcomes late, partial or misleading. The evaluation trains, scores and compares
through the `leadworth` command only. Runs that are stored already are not repeated; `--again` repeats them.

Seeds 1 to 99 are for development, 101 to 199 for reports.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from rich.table import Table

from leadworth.console import console

SHARED = Path(__file__).parents[2] / "shared" / "worlds"
RESULTS = Path(__file__).parent / "results" / "worlds.jsonl"
BACKTEST = re.compile(r"all periods\s+[\d,]+\s+[\d,]+\s+[\d,]+\s+([\d.]+) \[([\d.]+), ([\d.]+)\]")
INTERVAL = re.compile(r"predicted value ([\d,]+)\D+90 %[^\d]*([\d,]+) to ([\d,]+)")
Row = dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """A figure with the range it must be in.

    Attributes
    ----------
    label
        Text of the row.
    values
        Figures of the rows of all runs.
    low, high
        Range, ends included.
    needed
        Share of the figures that must be in it.
    """

    label: str
    values: Callable[[dict[str, list[Row]]], Iterable[float]]
    low: float
    high: float
    needed: float = 1.0


def _means(key: str) -> Callable[[dict[str, list[Row]]], Iterable[float]]:
    return lambda worlds: [mean(row[key] for row in rows) for rows in worlds.values()]


def _each(figure: Callable[[Row], float]) -> Callable[[dict[str, list[Row]]], Iterable[float]]:
    return lambda worlds: [figure(row) for rows in worlds.values() for row in rows]


BARS = (
    Bar("money, mean of a world", _means("money"), 0.85, 1.15),
    Bar("money, single runs", _each(lambda row: row["money"]), 0.75, 1.35),
    Bar("wins, mean of a world", _means("wins"), 0.87, 1.10),
    Bar("open_money, mean of a world", _means("open_money"), 0.80, 1.20),
    Bar("regret over that of the naive learner", _each(lambda row: row["regret"] / row["regret_naive"]), 0.0, 1.0),
    Bar("regret over that of full knowledge", _each(lambda row: row["regret"] / row["regret_full"]), 0.0, 1.3, 0.95),
    Bar("top 20 % less that of full knowledge", _each(lambda row: row["top20"] - row["top20_full"]), -0.005, 1.0),
    Bar("flood: share of MQL", _each(lambda row: row["flood_mql"]), 0.0, 0.03),
    Bar("flood: value of a bot over that of a lead", _each(lambda row: row["flood_value"]), 0.0, 0.10),
    Bar("gate passed", _each(lambda row: float(row["gate"])), 1.0, 1.0, 0.95),
    Bar("backtest covers the true ratio", _each(lambda row: row["backtest_covers"]), 1.0, 1.0, 0.90),
    Bar("90 % interval covers the true value", _each(lambda row: row["interval_covers"]), 1.0, 1.0, 0.85),
)


def worlds() -> list[str]:
    """Return the names of all worlds."""
    listed = subprocess.run(
        [sys.executable, str(SHARED / "worlds.py"), "--list"], check=True, capture_output=True, text=True
    )
    return [line.split()[0] for line in listed.stdout.splitlines()]


def evaluate(name: str, seed: int, scratch: Path) -> Row:
    """Generate one world, train and score it by command, and compare with its truth."""
    folder = scratch / f"{name}-{seed}"
    generate = [sys.executable, str(SHARED / "worlds.py"), str(folder), "--world", name, "--seed", str(seed)]
    subprocess.run(generate, check=True, capture_output=True)
    command = scratch / "leadworth"
    if not command.exists():
        tables = 'if [ "$1" = train ]; then set -- "$@" --details; fi'  # the backtest is among them
        command.write_text(f'#!/bin/sh\n{tables}\nexec "{sys.executable}" -m leadworth "$@"\n')
        command.chmod(0o755)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "COLUMNS": "200"}
    run = [sys.executable, str(SHARED / "evaluate.py"), str(folder), "--command", str(command), "--keep-scores"]
    done = subprocess.run(run, check=False, capture_output=True, text=True, env=environment)
    row: Row = json.loads(done.stdout.strip().splitlines()[-1])
    if "error" in row:
        return row
    score = [str(command), "score", "future.csv", "-o", "again.csv", "--at-submit", "-c", "leadworth.toml"]
    printed = subprocess.run(score, check=True, capture_output=True, text=True, env=environment, cwd=folder).stdout
    return row | _covers(row, (folder / "train.log").read_text(), printed)


def _covers(row: Row, trained: str, scored: str) -> Row:
    """Return whether the printed intervals cover the truth; a missing one does not."""
    ratio = BACKTEST.search(trained)
    interval = INTERVAL.search(scored.replace("\n", " "))
    result: Row = {"backtest_covers": 0.0, "interval_covers": 0.0}
    if ratio:
        low, high = float(ratio[2]), float(ratio[3])
        result |= {"backtest": [float(ratio[1]), low, high], "backtest_covers": float(low <= row["wins"] <= high)}
    if interval:
        value, low, high = (float(text.replace(",", "")) for text in interval.groups())
        truth = value / row["money"]
        result |= {"interval": [low / value, high / value], "interval_covers": float(low <= truth <= high)}
    return result


def stored() -> dict[tuple[str, int], Row]:
    """Return the stored runs by world and seed."""
    if not RESULTS.is_file():
        return {}
    rows = [json.loads(line) for line in RESULTS.read_text().splitlines()]
    return {(row["world"], row["seed"]): row for row in rows}


def bars_table(rows: list[Row]) -> Table:
    """Return the table of the bars."""
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["world"], []).append(row)
    table = Table(title=f"{len(rows)} runs of {len(grouped)} worlds, through the commands")
    for heading in ("figure", "bar", "lowest", "mean", "highest", "in the bar", "met"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for bar in BARS:
        values = [float(value) for value in bar.values(grouped)]
        inside = mean(bar.low <= value <= bar.high for value in values)
        needed = f"{bar.low:g} to {bar.high:g}" + (f" in {bar.needed:.0%}" if bar.needed < 1 else "")
        cells = [f"{min(values):.3f}", f"{mean(values):.3f}", f"{max(values):.3f}", f"{inside:.0%}"]
        table.add_row(bar.label, needed, *cells, "yes" if inside >= bar.needed else "NO")
    return table


def worlds_table(rows: list[Row]) -> Table:
    """Return the means by world."""
    table = Table(title="means of the seeds")
    keys = ("money", "wins", "open_money", "regret", "regret_naive", "regret_full", "top20", "flood_mql", "flood_value")
    table.add_column("world")
    for key in (*keys, "gate"):
        table.add_column(key, justify="right")
    for name in dict.fromkeys(row["world"] for row in rows):
        group = [row for row in rows if row["world"] == name]
        cells = [f"{mean(row[key] for row in group):.4f}".rstrip("0") for key in keys]
        table.add_row(name, *cells, f"{sum(row['gate'] for row in group)} of {len(group)}")
    return table


def main() -> None:
    """Run the worlds and print the table of the bars."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102, 103, 104])
    parser.add_argument("--worlds", nargs="+", help="some worlds only")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--again", action="store_true", help="repeat runs that are stored")
    options = parser.parse_args()
    if not (SHARED / "evaluate.py").is_file():
        console.print(f"Skipped: {SHARED} has no worlds; they are not part of the project.")
        return
    done = {} if options.again else stored()
    wanted = [(name, seed) for seed in options.seeds for name in options.worlds or worlds()]
    with tempfile.TemporaryDirectory(prefix="leadworth-") as scratch, ThreadPoolExecutor(options.jobs) as pool:
        missing = [one for one in wanted if one not in done]
        for row in pool.map(lambda one: evaluate(*one, Path(scratch)), missing):
            console.print(json.dumps(row), markup=False, soft_wrap=True, highlight=False)
            done[row["world"], row["seed"]] = row
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text("".join(json.dumps(one) + "\n" for one in done.values()))
    failed = [done[one] for one in wanted if "error" in done[one]]
    rows = [done[one] for one in wanted if "error" not in done[one]]
    for row in failed:
        console.print(f"{row['world']} {row['seed']}: {row['error']}", markup=False, soft_wrap=True)
    if rows:
        console.print(worlds_table(rows))
        console.print(bars_table(rows))


if __name__ == "__main__":
    main()
