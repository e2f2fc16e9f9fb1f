"""What the stages that are sent to the ad platforms are worth: `python -m benchmarks.market_stages [seed]`.

leadworth runs through training, plan, worker and local peers in one calm market of 20,000 potential leads: as shipped,
with the value at submit alone for the platforms that add up, and with it alone for all. Earnings are those of months 7
to 18, of perfect knowledge; money is what the platforms accepted for their own clicks, of the expected revenue of leads
with consent. Writes benchmarks/results/market_stages.json; each run takes some five minutes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from leadworth.console import console
from simulation.auction.ad_market import build_market
from simulation.auction.auction_parameters import auction_parameters
from simulation.auction.market_outcomes import measure
from simulation.auction.market_run import run_market, warm_up
from simulation.auction.plain_signals import TrueValue
from simulation.auction.product_signal import PRIMARY, STAGED, ProductSignal, at_submit_only, staged
from simulation.auction.reported_money import reported_money
from simulation.auction.signal_registry import QUICK_EXPORT_DAYS

RESULTS = Path(__file__).parent / "results" / "market_stages.json"
LEADS = 20_000
SEED = 1
SIGNALS: dict[str, Callable[[], ProductSignal]] = {
    "as shipped": staged,
    "platforms that add up: at submit only": lambda: ProductSignal(STAGED, stages=(PRIMARY,)),
    "all platforms: at submit only": at_submit_only,
}


def main(seed: int = SEED) -> None:
    """Run the signals in one market, print and store the figures."""
    market = build_market(auction_parameters(), "calm", seed, leads=LEADS)
    warmed = warm_up(market)
    perfect = measure(market, run_market(warmed, TrueValue()), TrueValue.objective).value_per_spend
    runs: dict[str, dict[str, Any]] = {}
    for name, make in SIGNALS.items():
        with closing(make()) as signal:
            signal.export_days = QUICK_EXPORT_DAYS
            run = run_market(warmed, signal)
        money = reported_money(market, run)
        platforms = money["reported"] / money["expected_with_consent"]
        runs[name] = {
            "of_perfect": round(measure(market, run, signal.objective).value_per_spend / perfect, 3),
            "money": round(float(money["reported"].sum() / money["expected_with_consent"].sum()), 3),
            "platforms": platforms.round(2).to_dict(),
        }
        console.print(f"{name}: {runs[name]}")
    RESULTS.write_text(json.dumps({"seed": seed, "leads": LEADS, "runs": runs}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
