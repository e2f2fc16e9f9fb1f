"""What costs leadworth money in the ad market, switched off one by one: `python -m benchmarks.market_switches`.

    python -m benchmarks.market_switches [scenario] [seed] [potential leads]

leadworth runs through training, plan, worker and local peers in one market, of 20,000 potential leads unless given: as
shipped, and with one cause switched off in each further run. Earnings are those of months 7 to 18, of perfect knowledge
in the market as it is; money is what the platforms accepted for their own clicks, of the expected revenue of leads with
consent. Appends to benchmarks/results/market_switches.jsonl; what is there is not run again. A run takes some five
minutes, with an export every night fifteen.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.market import lines
from leadworth.console import console
from simulation.auction.ad_market import AdMarket, build_market
from simulation.auction.auction_parameters import PlatformRules, auction_parameters
from simulation.auction.market_outcomes import measure
from simulation.auction.market_run import run_market, warm_up
from simulation.auction.plain_signals import TrueValue
from simulation.auction.product_signal import PRIMARY, STAGED, ProductSignal, at_submit_only, staged
from simulation.auction.reported_money import COLUMNS, reported_money
from simulation.auction.signal_registry import QUICK_EXPORT_DAYS

RESULTS = Path(__file__).parent / "results" / "market_switches.jsonl"
LEADS = 20_000
GOOGLE_RESTATES_DAYS = 90
"""The most that the settings of leadworth allow."""
NO_WINDOW_DAYS = 10_000


def _as_it_is(market: AdMarket) -> AdMarket:
    return market


def _all_consent(market: AdMarket) -> AdMarket:
    """Return the market with both purposes granted by every lead."""
    world = market.leads.world
    granted = world.leads.assign(**dict.fromkeys(COLUMNS, "yes"))
    return replace(market, leads=replace(market.leads, world=replace(world, leads=granted)))


def _with_rules(market: AdMarket, **changes: int) -> AdMarket:
    """Return the market with other rules of all platforms."""
    rules = {name: PlatformRules(**{**dict(old), **changes}) for name, old in market.parameters.platforms.items()}
    return replace(market, parameters=market.parameters.model_copy(update={"platforms": rules}))


@dataclass(frozen=True)
class Switch:
    """One run: how the signal is made, and what is changed in the market."""

    make: Callable[[], ProductSignal] = staged
    change: Callable[[AdMarket], AdMarket] = _as_it_is
    export_days: int = QUICK_EXPORT_DAYS


SWITCHES = {
    "as shipped": Switch(),
    "platforms that add up: at submit only": Switch(lambda: ProductSignal(STAGED, stages=(PRIMARY,))),
    "all platforms: at submit only": Switch(at_submit_only),
    "every lead gives consent": Switch(change=_all_consent),
    "no conversion window, Google restates for 90 days": Switch(
        lambda: ProductSignal(STAGED, changes={"google": {"restate_days": GOOGLE_RESTATES_DAYS}}),
        lambda market: _with_rules(market, window_days=NO_WINDOW_DAYS),
    ),
    "no minimum volumes": Switch(change=lambda market: _with_rules(market, least_conversions=1, least_values=1)),
    "an export every night": Switch(export_days=1),
}


def main(scenario: str = "calm", seed: int = 1, leads: int = LEADS) -> None:
    """Run what is not in the results yet."""
    about = {"scenario": scenario, "seed": seed, "leads": leads}
    done = {line["switch"] for line in lines(RESULTS) if about.items() <= line.items()}
    market = build_market(auction_parameters(), scenario, seed, leads=leads)
    perfect = measure(market, run_market(warm_up(market), TrueValue()), TrueValue.objective).value_per_spend
    for name, switch in SWITCHES.items():
        if name in done:
            continue
        line = {**about, "switch": name, **one_run(market, switch, perfect)}
        with RESULTS.open("a", encoding="utf-8") as results:
            results.write(json.dumps(line) + "\n")
        console.print(line)


def one_run(market: AdMarket, switch: Switch, perfect: float) -> dict[str, Any]:
    """Return the figures of one run; `perfect` is the expected revenue per spend of perfect knowledge."""
    changed = switch.change(market)
    with closing(switch.make()) as signal:
        signal.export_days = switch.export_days
        run = run_market(warm_up(changed), signal)
    money = reported_money(changed, run)
    outcome = measure(changed, run, signal.objective)
    return {
        "of_perfect": round(outcome.value_per_spend / perfect, 3),
        "junk_cost": round(outcome.junk_cost, 3),
        "money": round(float(money["reported"].sum() / money["expected_with_consent"].sum()), 3),
        "platforms": (money["reported"] / money["expected_with_consent"]).round(2).to_dict(),
    }


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:]))
