"""The ad market: cells with their clicks and competing bids, and the potential leads of a simulated business."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from simulation.auction.auction_parameters import AuctionParameters, ChannelChange, PriceParameters
from simulation.auction.market_cells import Cells, assign_cells
from simulation.auction.market_contract import PotentialLeads
from simulation.channels import DAY_SECONDS, DAYS_PER_MONTH, Calendar, intensity
from simulation.rng import Flags, Floats, Ints, stream
from simulation.world import DEFAULT_END, Simulation, simulate


@dataclass(frozen=True)
class AdMarket:
    """Everything that is offered; money in the currency of the world.

    Cells have a share of the clicks of their channel and a value before (row 0) and after (row 1) the day of change.
    """

    parameters: AuctionParameters
    scenario: str
    leads: PotentialLeads
    cells: Cells
    change_day: int
    expected_leads: Floats  # (channels, days)
    lead_share: Floats  # (2, cells): of the leads of the channel
    click_to_lead: Floats  # (2, cells)
    base_price: Floats  # (cells,): median of the competing bid, on a day of factor 1
    price_factor: Floats  # (channels, days)
    value_per_click: Floats  # (2, cells): true
    bot_share: Floats  # (2, cells): of the leads
    daily_budget: Floats  # (platforms,)

    def period(self, day: int) -> int:
        """Return 0 before the change, and 1 from its day on."""
        return int(day >= self.change_day)

    def clicks(self, day: int) -> tuple[Floats, Floats]:
        """Return the expected clicks offered by cell that become no leads, and those that do."""
        period = self.period(day)
        leads = self.expected_leads[self.cells.channel, day] * self.lead_share[period]
        return leads / self.click_to_lead[period] - leads, leads

    def median_price(self, day: int) -> Floats:
        """Return the median competing bid by cell."""
        price: Floats = self.base_price * self.price_factor[self.cells.channel, day]
        return price


def build_market(
    rules: AuctionParameters, scenario: str, seed: int, *, leads: int | None = None, shorter: float = 1.0
) -> AdMarket:
    """Simulate a business and the market in which it buys its clicks.

    Parameters
    ----------
    leads
        Potential leads; left out: as in the parameters.
    shorter
        Factor on the months of warm-up and run, for a quick look.
    """
    warm_up = round(rules.warm_up_months * DAYS_PER_MONTH * shorter)
    run = round(rules.run_months * DAYS_PER_MONTH * shorter)
    change_day = warm_up + round(rules.shift_day * shorter)
    changes = rules.changes(scenario)
    world = _world(changes, leads or rules.leads, warm_up + run, change_day, seed)
    platforms = tuple(rules.platforms)
    cells, cell, passed = assign_cells(world, rules.cells, platforms)
    day = ((world.truth["submitted_at"] - world.start).dt.total_seconds() // DAY_SECONDS).to_numpy().astype(np.int64)
    platform = np.where(cell < 0, -1, cells.platform[cell])
    facts = _cell_facts(world, rules, cells, cell, day >= change_day, seed)
    factor = _price_factor(world, rules.prices, changes, warm_up + run, change_day)
    noise = stream(seed, "competing bids").normal(size=len(cell))
    price = facts["base_price"][cell] * factor[cells.channel[cell], day] * np.exp(rules.prices.sigma * noise)
    market = AdMarket(
        parameters=rules,
        scenario=scenario,
        leads=PotentialLeads(world, warm_up, warm_up + run, platforms, day, passed, platform, cell, price),
        cells=cells,
        change_day=change_day,
        expected_leads=_expected(world, warm_up + run),
        price_factor=factor,
        daily_budget=np.zeros(len(platforms)),
        **facts,
    )
    return replace(market, daily_budget=_budgets(market))


def _world(changes: dict[str, ChannelChange], leads: int, days: int, change_day: int, seed: int) -> Simulation:
    """Return one business whose channels change on a day.

    A changed quality comes from a second simulation with the same people and the new quality, used from that day on.
    """
    flooded: dict[str, Any] = {
        name: {
            "flood_share": change.flood_share,
            "flood_growth": change.flood_growth,
            "flood_last_days": days - change_day,
        }
        for name, change in changes.items()
        if change.flood_share
    }
    quality = {name: {"quality": change.quality} for name, change in changes.items() if change.quality is not None}
    months = days / DAYS_PER_MONTH
    common: dict[str, Any] = {"world": {"utm_sources": True}, "mess": {"late_category": 0.0}}

    def world_with(channels: dict[str, Any]) -> Simulation:
        return simulate(
            leads=leads, months=months, seed=seed, end=DEFAULT_END, changes={**common, "channels": channels}
        )

    world = world_with(flooded)
    if not quality:
        return world
    later = world_with(quality)
    since = world.start + pd.Timedelta(days=change_day)
    changed = (world.truth["submitted_at"] >= since).to_numpy()
    ids = set(world.truth.loc[changed, "lead_id"])

    def joined(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
        kept = [before[~before["lead_id"].isin(ids)], after[after["lead_id"].isin(ids)]]
        return pd.concat(kept, ignore_index=True)

    return replace(
        world,
        leads=pd.concat([world.leads[~changed], later.leads[changed]], ignore_index=True),
        truth=joined(world.truth, later.truth),
        events=joined(world.events, later.events),
        stages=joined(world.stages, later.stages),
    )


def _expected(world: Simulation, days: int) -> Floats:
    expected = intensity(world.parameters, Calendar(world.end, days))
    scaled: Floats = expected * (len(world.truth) / expected.sum())
    return scaled


def _means(total: Floats, groups: Ints, parent: Floats, strength: float) -> Floats:
    """Return the mean of each member's group, shrunk towards the parent's; `total` has rows of sum and count."""
    sums, counts = (np.bincount(groups, row) for row in total)
    mean: Floats = (sums[groups] + strength * parent) / (counts[groups] + strength)
    return mean


def _cell_facts(
    world: Simulation, rules: AuctionParameters, cells: Cells, cell: Ints, changed: Flags, seed: int
) -> dict[str, Floats]:
    """Return shares, rates, prices and true values of the cells, from their leads."""
    truth = world.truth
    bought = cell >= 0
    slot = cell[bought] + len(cells) * changed[bought].astype(np.int64)

    def by_cell(weights: Floats) -> Floats:
        sums = np.bincount(slot, weights[bought], minlength=2 * len(cells))
        return sums.astype(np.float64).reshape(2, -1)

    junk = truth["junk"].to_numpy()
    counts = by_cell(np.ones(len(truth)))
    bots = by_cell(junk.astype(float))
    values = by_cell(truth["value"].to_numpy())
    kinds = np.unique(np.column_stack([cells.channel, cells.audience]), axis=0, return_inverse=True)[1].ravel()
    channel_count = np.array([np.bincount(cells.channel, row)[cells.channel] for row in counts])
    bot_share = np.array([_of_kind(b, n, kinds, cells.channel) for b, n in zip(bots, counts, strict=True)])
    per_lead = np.array([_of_kind(v, n, kinds, cells.channel, within=5.0) for v, n in zip(values, counts, strict=True)])
    rate = np.array([c.click_to_lead for c in world.parameters.channels.values()])[cells.channel]
    bot_rate = np.maximum(rules.prices.bot_click_to_lead, rate)
    at_channel = np.array([np.bincount(cells.channel, b)[cells.channel] for b in bots]) / np.maximum(channel_count, 1)
    people_rate = (1 - at_channel) / (1 / rate - at_channel / bot_rate)
    click_to_lead = 1 / ((1 - bot_share) / people_rate + bot_share / bot_rate)
    return {
        "lead_share": counts / np.maximum(channel_count, 1),
        "click_to_lead": click_to_lead,
        "bot_share": bot_share,
        "value_per_click": per_lead * click_to_lead,
        "base_price": _base_price(
            world, rules.prices, cells, counts[0] / click_to_lead[0], bot_share[0], per_lead[0], seed
        ),
    }


def _of_kind(sums: Floats, counts: Floats, kinds: Ints, channel: Ints, within: float | None = None) -> Floats:
    """Return the mean of channel and audience by cell; with `within`, that of the cell shrunk towards it."""
    parent = np.bincount(channel, sums)[channel] / np.maximum(np.bincount(channel, counts)[channel], 1)
    mean = _means(np.array([sums, counts]), kinds, parent, 10.0)
    if within is None:
        return mean
    shrunk: Floats = (sums + within * mean) / (counts + within)
    return shrunk


def _base_price(
    world: Simulation, prices: PriceParameters, cells: Cells, clicks: Floats, bots: Floats, value: Floats, seed: int
) -> Floats:
    """Return the median competing bid: its mean over the clicks of a channel is the click price of the channel."""
    people = 1 - bots
    worth = value / people.clip(0.05)
    cost = np.array([c.click_cost for c in world.parameters.channels.values()])[cells.channel]
    noise = stream(seed, "cell prices").normal(size=len(cells))
    relative = people.clip(0.02) ** prices.human_power * worth.clip(1.0) ** prices.value_power
    relative = relative * np.exp(prices.cell_sigma * noise)
    weight = np.maximum(clicks, 1e-9)
    mean = np.bincount(cells.channel, relative * weight) / np.maximum(np.bincount(cells.channel, weight), 1e-12)
    median: Floats = cost * relative / mean[cells.channel] * np.exp(-(prices.sigma**2) / 2)
    return median


def _price_factor(
    world: Simulation, prices: PriceParameters, changes: dict[str, ChannelChange], days: int, change_day: int
) -> Floats:
    """Return the factor on the prices, shape (channels, days)."""
    months = Calendar(world.end, days).months()
    common = np.array(prices.seasons)[months] * (1 + prices.per_year) ** (np.arange(days) / 365.25)
    factor = np.array([changes.get(name, ChannelChange()).price for name in world.parameters.channels])
    since = np.arange(days) >= change_day
    return np.asarray(np.where(since, factor[:, None], 1.0) * common)


def _budgets(market: AdMarket) -> Floats:
    """Return the share of the price of all clicks of the warm-up, per day and platform."""
    total = np.zeros(len(market.leads.platforms))
    mean = np.exp(market.parameters.prices.sigma**2 / 2)
    for day in range(market.leads.warm_up_days):
        offered = sum(market.clicks(day)) * market.median_price(day) * mean
        total += np.bincount(market.cells.platform, offered, minlength=len(total))
    budget: Floats = market.parameters.budget.share * total / market.leads.warm_up_days
    return budget
