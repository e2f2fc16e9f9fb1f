"""Figures of the simulated ad market: `python -m benchmarks.market_page`.

Prints the tables and draws docs/images/market.svg from benchmarks/results/market.jsonl.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student

from benchmarks.market import lines
from leadworth.console import console
from simulation.auction.auction_parameters import auction_parameters
from simulation.auction.market_outcomes import weeks_to_move
from simulation.auction.market_picture import draw_months
from simulation.auction.signal_registry import REFERENCE, SIGNALS

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "market.svg"
CHANGE_WEEK = auction_parameters().shift_day // 7


def main() -> None:
    """Print the tables of all scenarios and draw the calm one."""
    results = lines()
    for scenario in auction_parameters().scenarios:
        if here := _of(results, scenario):
            console.print("\n".join(_table(scenario, here)))
    draw_months(pd.concat([_months(_of(results, "calm"), name) for name in SIGNALS], ignore_index=True), PICTURE)


def _months(results: list[dict[str, Any]], name: str) -> pd.DataFrame:
    values = np.mean([line["signals"][name]["by_month"] for line in results], axis=0)
    return pd.DataFrame({"signal": name, "month": np.arange(1, len(values) + 1), "value_per_spend": values})


def _of(results: list[dict[str, Any]], scenario: str) -> list[dict[str, Any]]:
    return [line for line in results if line["scenario"] == scenario]


def interval(values: NDArray[np.float64]) -> str:
    """Return mean and 95 % t interval over the seeds.

    Examples
    --------
    >>> interval(np.array([0.8, 0.9, 1.0]))
    '0.90 (0.65 to 1.15)'
    """
    mean = float(values.mean())
    if len(values) < 2:
        return f"{mean:.2f}"
    half = float(student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return f"{mean:.2f} ({mean - half:.2f} to {mean + half:.2f})"


def _table(scenario: str, results: list[dict[str, Any]]) -> Iterator[str]:
    yield f"\nScenario {scenario}: {len(results)} seeds, months 7 to 18; of perfect knowledge, paired by seed.\n"
    moved = " weeks to move |" if scenario == "shift" else ""
    yield f"| signal | expected revenue / spend | of perfect | revenue that came, of perfect | spend on junk |{moved}"
    yield "|---|---|---|---|---|" + ("---|" if moved else "")
    for name in SIGNALS:
        rows = [line["signals"] for line in results]
        own, best = (np.array([row[key]["value_per_spend"] for row in rows]) for key in (name, REFERENCE))
        came, best_came = (np.array([row[key]["revenue_per_spend"] for row in rows]) for key in (name, REFERENCE))
        junk = np.mean([row[name]["junk_cost"] for row in rows])
        cells = [name, f"{own.mean():.1f}", interval(own / best), interval(came / best_came), f"{junk:.1%}"]
        if moved:
            shares = [[np.array(row[key]["moved_share"]) for key in (name, REFERENCE)] for row in rows]
            cells.append(f"{np.median([weeks_to_move(*pair, CHANGE_WEEK) for pair in shares]):.0f}")
        yield "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
