"""`leadworth simulate market`: compare what bidders earn with each signal, in a small simulated ad market."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from leadworth.console import console, progress, table
from leadworth.errors import InputError
from simulation.auction.ad_market import build_market
from simulation.auction.auction_parameters import auction_parameters
from simulation.auction.market_outcomes import Outcome, by_month, measure
from simulation.auction.market_picture import draw_months
from simulation.auction.product_signal import STAGED
from simulation.auction.signal_registry import PRODUCT_SIGNALS, REFERENCE, SIGNALS, run_signals

SCENARIOS = tuple(auction_parameters().scenarios)
HEADINGS = (
    "expected revenue / spend",
    "of perfect knowledge",
    "revenue / spend",
    "spend on junk leads",
    "reported / came",
)


def market(
    picture: Annotated[Path, typer.Option(help="Where the picture is written (SVG)")] = Path("market.svg"),
    scenario: Annotated[str, typer.Option(help="One of: " + ", ".join(SCENARIOS))] = SCENARIOS[0],
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same figures")] = 7,
    leads: Annotated[int, typer.Option(min=1000, help="Leads that could be bought or come by themselves")] = 8_000,
    signal: Annotated[list[str] | None, typer.Option(help="Run only these signals; repeat the option")] = None,
) -> None:
    """Compare signals to the ad platforms in a simulated market, at equal spend over 18 months after a warm-up of 12.

    One market says little: single deals weigh much in the revenue that came. The expected revenue is without the luck
    of deals. Here leadworth exports every sixth day, not every night. The page
    "Proof of values" of the documentation has the figures of ten markets in three scenarios.
    """
    names = list(signal or (*SIGNALS, STAGED))
    unknown = [name for name in names if name not in SIGNALS | PRODUCT_SIGNALS]
    if unknown:
        raise InputError(f"no signal {unknown[0]!r}", allowed=", ".join((*SIGNALS, *PRODUCT_SIGNALS)))
    with console.status(f"Simulating {leads:,} leads"):
        offered = build_market(auction_parameters(), scenario, seed, leads=leads)
    outcomes, months = [], []
    days = offered.leads.days - offered.leads.warm_up_days
    with progress("Running signals, day by day", total=len(names) * days) as advance:
        for sent, run in run_signals(offered, names, quick=True, advance=advance):
            outcomes.append(measure(offered, run, sent.objective))
            months.append(by_month(offered, run).assign(signal=sent.name, scenario=scenario))
    draw_months(pd.concat(months, ignore_index=True), picture)
    title = f"Months 7 to 18, scenario {scenario}, seed {seed}, {len(offered.cells):,} cells"
    console.print(table(("signal", *HEADINGS), _rows(outcomes), title=title, right=HEADINGS))
    console.print(f"Picture: {picture}")


def _rows(outcomes: list[Outcome]) -> list[tuple[str, ...]]:
    best = {outcome.signal: outcome.value_per_spend for outcome in outcomes}.get(REFERENCE)
    return [
        (
            outcome.signal,
            f"{outcome.value_per_spend:.2f}",
            f"{outcome.value_per_spend / best:.2f}" if best else "-",
            f"{outcome.revenue_per_spend:.2f}",
            f"{outcome.junk_cost:.1%}",
            f"{outcome.reported_ratio:.2f}" if outcome.reported_ratio == outcome.reported_ratio else "-",
        )
        for outcome in outcomes
    ]
