"""Cells of the ad platforms: channel, campaign, audience, device, hours and country of each potential lead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.auction.auction_parameters import CellParameters
from simulation.auction.market_contract import NOT_BOUGHT
from simulation.rng import Flags, Floats, Ints, chance, codes, stream
from simulation.world import Simulation

AUDIENCES_OF_PEOPLE = 6  # light and heavy industries by three sizes
OPEN_AUDIENCE = AUDIENCES_OF_PEOPLE


@dataclass(frozen=True)
class Cells:
    """Attributes of each cell, sorted by platform; positions count from 0."""

    platform: Ints
    channel: Ints  # position in the channels of the world
    campaign: Ints  # over all channels
    audience: Ints
    device: Ints
    hours: Ints
    country: Ints

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.platform)

    def of_platform(self, platform: int) -> slice:
        """Return the positions of the cells of one platform."""
        first, last = np.searchsorted(self.platform, [platform, platform + 1])
        return slice(int(first), int(last))


def assign_cells(world: Simulation, rules: CellParameters, platforms: tuple[str, ...]) -> tuple[Cells, Ints, Floats]:
    """Return the cells with at least one lead, the cell of each lead, and the share of its day that had passed.

    Platforms see an audience, not the form: a quarter of the people are in another one, and junk gathers in the open
    audience.
    """
    truth = world.truth
    names = list(world.parameters.channels)
    channel = pd.Categorical(truth["channel"], categories=names).codes.astype(np.int64)
    of_channel = np.array([_platform(world, name, platforms) for name in names])
    platform = of_channel[channel]
    campaign = pd.factorize(truth["channel"] + " " + truth["campaign"], sort=True)[0]
    seconds = (truth["submitted_at"] - truth["submitted_at"].dt.floor("D")).dt.total_seconds().to_numpy()
    columns = [
        platform,
        channel,
        campaign,
        _audience(world, rules),
        (world.leads["Device"] == "mobile").to_numpy().astype(np.int64),
        np.searchsorted([3600 * hour for hour in rules.hours], seconds, side="right"),
        _country(world.leads["Country"], rules),
    ]
    table = np.column_stack(columns)
    bought = platform != NOT_BOUGHT
    distinct, position = np.unique(table[bought], axis=0, return_inverse=True)
    cell = np.full(len(truth), NOT_BOUGHT)
    cell[bought] = position.ravel()
    return Cells(*distinct.T), cell, np.asarray(seconds / 86_400)


def _platform(world: Simulation, channel: str, platforms: tuple[str, ...]) -> int:
    facts = world.parameters.channels[channel]
    sold = facts.click_cost > 0 and facts.platform in platforms
    return platforms.index(facts.platform) if sold else NOT_BOUGHT


def _audience(world: Simulation, rules: CellParameters) -> Ints:
    rng = stream(world.seed, "audiences")
    leads = world.leads
    size = len(leads)
    industry = leads["Industry"].str.casefold()
    heavy = industry.isin(rules.heavy).to_numpy().astype(np.int64)
    employees = leads["Employees"].to_numpy(dtype=float)
    band = np.searchsorted(rules.sizes, np.nan_to_num(employees, nan=0.0), side="right")
    seen = heavy * 3 + band
    known = ~np.isnan(employees) & industry.notna().to_numpy()
    common = np.bincount(seen[known], minlength=AUDIENCES_OF_PEOPLE) + 1.0
    other = codes(rng, common.tolist(), size)
    lost: Flags = chance(rng, rules.noise, size) | ~known
    junk = world.truth["junk"].to_numpy()
    is_open = chance(rng, np.where(junk, rules.open_bots, rules.open_people), size)
    return np.where(is_open, OPEN_AUDIENCE, np.where(lost, other, seen))


def _country(countries: pd.Series, rules: CellParameters) -> Ints:
    written = countries.str.casefold()
    last = np.full(len(written), len(rules.countries))
    for position, names in enumerate(rules.countries):
        last = np.where(written.isin(names), position, last)
    return last
