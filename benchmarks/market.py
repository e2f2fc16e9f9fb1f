"""Revenue per spend by signal in the simulated ad market: `python -m benchmarks.market [first seed] [last seed]`.

Writes one line for each seed and scenario to benchmarks/results/market.jsonl; what is there is not run again. The seeds
of the figures are 101 to 110; parameters of market and bidders were chosen on seeds 1 and 2.

`python -m benchmarks.market product [first seed] [last seed]` runs leadworth itself in these markets, through training,
plan, worker and local peers, with an export every sixth day and a training each quarter, into market_product.jsonl. It
takes ten to thirty minutes of CPU for each market. `python -m benchmarks.figures_page` then writes the tables.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from leadworth.console import console
from simulation.auction.ad_market import build_market
from simulation.auction.auction_parameters import auction_parameters
from simulation.auction.market_outcomes import by_month, measure, weekly_share
from simulation.auction.market_run import MarketRun
from simulation.auction.product_signal import STAGED
from simulation.auction.reported_money import reported_money
from simulation.auction.signal_registry import PRODUCT_SIGNALS, SIGNALS, run_signals

RESULTS = Path(__file__).parent / "results" / "market.jsonl"
PRODUCT = RESULTS.with_name("market_product.jsonl")
SEEDS = (101, 110)


def main(first: int, last: int, file: Path, names: Sequence[str]) -> None:
    """Run signals for the seeds that are not in the file yet."""
    done = {(line["scenario"], line["seed"]) for line in lines(file)}
    for seed in range(first, last + 1):
        for scenario in auction_parameters().scenarios:
            if (scenario, seed) in done:
                continue
            line = one_market(scenario, seed, names)
            with file.open("a", encoding="utf-8") as results:
                results.write(json.dumps(line) + "\n")
            console.print(f"{scenario} {seed}")


def lines(file: Path = RESULTS) -> list[dict[str, Any]]:
    """Return the results so far."""
    if not file.is_file():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def one_market(scenario: str, seed: int, names: Sequence[str]) -> dict[str, Any]:
    """Return the outcomes of signals in one market."""
    market = build_market(auction_parameters(), scenario, seed)
    runs: dict[str, MarketRun] = {}
    signals: dict[str, dict[str, Any]] = {}
    for signal, run in run_signals(market, list(names), quick=True):
        runs[signal.name] = run
        row = measure(market, run, signal.objective).as_row()
        figures = {name: value for name, value in row.items() if isinstance(value, float) and np.isfinite(value)}
        signals[signal.name] = {name: round(value, 5) for name, value in figures.items()}
        if signal.name in PRODUCT_SIGNALS:
            signals[signal.name]["money"] = reported_money(market, run).round(2).to_dict("index")
        signals[signal.name]["by_month"] = by_month(market, run)["value_per_spend"].round(3).tolist()
    if scenario == "shift":
        for name, run in runs.items():
            signals[name]["moved_share"] = weekly_share(market, run).round(4).tolist()
    return {"scenario": scenario, "seed": seed, "signals": signals}


if __name__ == "__main__":
    arguments = sys.argv[1:]
    product = arguments[:1] == ["product"]
    first, last = [int(number) for number in arguments[product:]] or SEEDS
    main(first, last, PRODUCT if product else RESULTS, [STAGED] if product else list(SIGNALS))
