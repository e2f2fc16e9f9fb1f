"""Section of docs/reference/figures.md on the ad market; `python -m benchmarks.market_page` draws its picture.

Read from benchmarks/results/market.jsonl and market_product.jsonl; the picture is docs/images/market.svg.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.market import PRODUCT, lines
from benchmarks.market_comparison import DEALS, FILLS, Row, interval, leadworth_itself, paired, weeks_until_moved
from simulation.auction.auction_parameters import auction_parameters
from simulation.auction.market_picture import draw_months
from simulation.auction.product_signal import STAGED
from simulation.auction.signal_registry import REFERENCE, SIGNALS

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "market.svg"

Results = list[dict[str, Any]]
DRAWN = (STAGED, FILLS, "MQL count", "decile values", "90-day target", DEALS, REFERENCE)
"""Signals of the picture; with all of them the lines hide one another."""


def main() -> None:
    """Draw the mean of the markets in which leadworth ran, by scenario."""
    own = {(line["scenario"], line["seed"]): line["signals"] for line in lines(PRODUCT)}
    months = [
        pd.DataFrame({"scenario": line["scenario"], "signal": name, "value_per_spend": signals[name]["by_month"]})
        for scenario in auction_parameters().scenarios
        for line in _of(lines(), scenario)
        if (signals := {**line["signals"], **own.get((line["scenario"], line["seed"]), {})}).keys() >= {*DRAWN}
        for name in DRAWN
    ]
    every = pd.concat([part.rename_axis("month").reset_index() for part in months])
    every["month"] += 1
    draw_months(every.groupby(["scenario", "signal", "month"], sort=False).mean().reset_index(), PICTURE)


def market(targets: str, row: Row) -> Iterator[str]:
    """Yield the lines of the section."""
    yield "## Ad market: `python -m benchmarks.market`, and `python -m benchmarks.market product`"
    results = lines()
    for scenario in auction_parameters().scenarios:
        if here := _of(results, scenario):
            yield from _table(scenario, here)
    yield from leadworth_itself(paired(results, lines(PRODUCT)), targets, row)
    yield "\nReasons for what is missed: [proof of values](../explanation/proof-of-values.md).\n"


def _of(results: Results, scenario: str) -> Results:
    return [line for line in results if line["scenario"] == scenario]


def _table(scenario: str, results: Results) -> Iterator[str]:
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
            cells.append(f"{np.median([weeks_until_moved(row[name], row[REFERENCE]) for row in rows]):.0f}")
        yield "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
