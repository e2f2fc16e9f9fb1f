"""A market without an auction: all potential leads of a simulated world, for tests of signals."""

from __future__ import annotations

from datetime import date

import numpy as np

from simulation.auction.market_contract import NOT_BOUGHT, PotentialLeads
from simulation.parameters import parameters
from simulation.world import simulate

PLATFORMS = ("google", "meta", "linkedin")


def potential_leads(
    leads: int, warm_up_days: int, days: int, seed: int = 7, end: date = date(2026, 10, 1)
) -> PotentialLeads:
    """Return the leads of a world; `days` with the warm-up."""
    world = simulate(leads=leads, months=days / 30.4375, seed=seed, end=end)
    channels = parameters().channels
    platform_of = {
        name: PLATFORMS.index(channel.platform) if channel.click_id else NOT_BOUGHT
        for name, channel in channels.items()
    }
    platform = world.truth["channel"].map(platform_of).to_numpy(dtype=np.int64)
    submitted = world.leads["Created"]
    since = (submitted - world.start).dt.total_seconds().to_numpy() / 86_400
    return PotentialLeads(
        world=world,
        warm_up_days=warm_up_days,
        days=days,
        platforms=PLATFORMS,
        day=since.astype(np.int64),
        passed=since % 1,
        platform=platform,
        cell=np.zeros(len(platform), dtype=np.int64),
        price=np.zeros(len(platform)),
    )
