"""What a run of the market brought: revenue per spend, spend on junk, speed of moving, reported money."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from simulation.auction.ad_market import AdMarket
from simulation.auction.market_run import MarketRun
from simulation.auction.reported_money import reported_money
from simulation.channels import DAYS_PER_MONTH
from simulation.rng import Flags, Floats, Ints

SETTLED_MONTHS = 6  # of the run, before the months that are compared
_WEEKS_BEFORE = 8
_WEEKS_MEAN = 4


@dataclass(frozen=True)
class Outcome:
    """Result of one signal in one market, over the settled months where nothing else is said.

    `value_per_spend` is the true expected revenue of the bought leads per money spent, `revenue_per_spend` the one
    that came with the luck of single deals. `junk_spend` is the share of the spend paid for clicks of junk, `junk_cost`
    that of leads that are junk, where all that is spent in a cell is divided by its leads.
    Ratios are of the whole run, and missing for counts: `reported_ratio` is the money reported over the revenue of the
    bought leads, `reportable_ratio` over that of the leads that have consent, `hidden_share` the share of the revenue
    that comes from leads without.
    """

    signal: str
    scenario: str
    seed: int
    value_per_spend: float
    revenue_per_spend: float
    junk_spend: float
    junk_cost: float
    junk_leads: float
    spend_of_budget: float
    reported_ratio: float
    reportable_ratio: float
    hidden_share: float

    def as_row(self) -> dict[str, object]:
        """Return the fields by name."""
        return asdict(self)


def settled_day(market: AdMarket) -> int:
    """Return the first day of the months that are compared."""
    run = market.leads.days - market.leads.warm_up_days
    share = SETTLED_MONTHS / market.parameters.run_months
    return market.leads.warm_up_days + round(run * share)


def measure(market: AdMarket, run: MarketRun, objective: str) -> Outcome:
    """Return the outcome of a run."""
    leads = market.leads
    truth = leads.world.truth
    first = settled_day(market)
    bought = run.won & leads.bought
    late = bought & (leads.day >= first)
    spend = float(run.cost[first:].sum())
    revenue = truth["revenue"].to_numpy()
    money = reported_money(market, run).sum() * (1.0 if objective == "value" else float("nan"))
    return Outcome(
        signal=run.signal,
        scenario=market.scenario,
        seed=leads.world.seed,
        value_per_spend=float(truth["value"].to_numpy()[late].sum()) / spend,
        revenue_per_spend=float(revenue[late].sum()) / spend,
        junk_spend=_spend_on(market, run, first, _junk_of_clicks(market)) / spend,
        junk_cost=_spend_on(market, run, first, market.bot_share) / spend,
        junk_leads=float(truth["junk"].to_numpy()[late].mean()),
        spend_of_budget=spend / (float(market.daily_budget.sum()) * (leads.days - first)),
        reported_ratio=float(money["reported"] / money["revenue"]),
        reportable_ratio=float(money["reported"] / money["revenue_with_consent"]),
        hidden_share=float(1 - money["revenue_with_consent"] / money["revenue"]),
    )


def _junk_of_clicks(market: AdMarket) -> Floats:
    share = market.bot_share * market.click_to_lead / market.parameters.prices.bot_click_to_lead
    return share.clip(0.0, 1.0)


def _spend_on(market: AdMarket, run: MarketRun, first: int, share: Floats) -> float:
    """Return the spend from a day on, weighted with a share of each cell before and after the change."""
    parts = (slice(first, market.change_day), slice(max(market.change_day, first), None))
    return sum(float((run.cost[days] @ share[period]).sum()) for period, days in enumerate(parts))


def by_month(market: AdMarket, run: MarketRun) -> pd.DataFrame:
    """Return true expected revenue per spend by month of the run: columns `month` (from 1) and `value_per_spend`."""
    leads = market.leads
    days = np.arange(leads.warm_up_days, leads.days)
    length = DAYS_PER_MONTH * (leads.days - leads.warm_up_days) / (market.parameters.run_months * DAYS_PER_MONTH)
    month = np.minimum((days - leads.warm_up_days) / length, market.parameters.run_months - 1).astype(np.int64)
    daily = run.cost[leads.warm_up_days :].sum(axis=1, dtype=np.float64)
    bought = run.won & leads.bought & (leads.day >= leads.warm_up_days)
    worth = np.bincount(month[leads.day[bought] - leads.warm_up_days], leads.world.truth["value"].to_numpy()[bought])
    spend = np.bincount(month, daily)
    return pd.DataFrame({"month": np.arange(1, len(spend) + 1), "value_per_spend": worth / spend})


def gaining_cells(market: AdMarket) -> Flags:
    """Return the cells that are worth more for their price after the change than before, relative to the platform."""
    before, after = (market.value_per_click[period] / _price(market, period) for period in (0, 1))
    return np.asarray(after / before > 1.2)


def _price(market: AdMarket, period: int) -> Floats:
    day = market.change_day + (1 if period else -1)
    return market.median_price(day)


def weekly_share(market: AdMarket, run: MarketRun) -> Floats:
    """Return the share of the spend in the gaining cells, by week of the run; the change is at the start of a week."""
    leads = market.leads
    platform = int(np.argmax(market.daily_budget))
    part = market.cells.of_platform(platform)
    cost = run.cost[:, part]
    gains = cost[:, gaining_cells(market)[part]].sum(axis=1, dtype=np.float64)
    every = cost.sum(axis=1, dtype=np.float64)
    offset = (market.change_day - leads.warm_up_days) % 7
    first = leads.warm_up_days + offset
    weeks: Ints = (np.arange(first, leads.days) - first) // 7
    full = weeks < (leads.days - first) // 7
    return np.asarray(np.bincount(weeks[full], gains[first:][full]) / np.bincount(weeks[full], every[first:][full]))


def weeks_to_move(share: Floats, ideal: Floats, change_week: int) -> float:
    """Return the weeks after the change until the share of a run rose half as far as that of perfect knowledge.

    The mean of four weeks counts; a run that never gets there has the weeks that were left.

    Parameters
    ----------
    share, ideal
        Result of `weekly_share` of the run and of perfect knowledge.
    """
    rise = ideal[-2 * _WEEKS_BEFORE :].mean() - ideal[change_week - _WEEKS_BEFORE : change_week].mean()
    level = share[change_week - _WEEKS_BEFORE : change_week].mean() + rise / 2
    means = np.convolve(share[change_week:], np.ones(_WEEKS_MEAN) / _WEEKS_MEAN, mode="valid")
    reached = np.flatnonzero(means >= level)
    return float(reached[0] + _WEEKS_MEAN if len(reached) else len(share) - change_week)
