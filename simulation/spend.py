"""Ad spend by day, channel and campaign."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from simulation.channels import Arrivals, Calendar, campaign_shares, campaigns_of, intensity, is_late
from simulation.parameters import Parameters
from simulation.rng import stream


def days_of(calendar: Calendar) -> list[str]:
    """Return the days of the simulation as ISO 8601 dates."""
    return [(calendar.start + timedelta(days=d)).date().isoformat() for d in range(calendar.days)]


def draw_spend(parameters: Parameters, calendar: Calendar, arrivals: Arrivals, seed: int) -> pd.DataFrame:
    """Return one row per day, channel and campaign with impressions, clicks and cost.

    Channels that cost nothing (organic, referral) have no rows.
    """
    rng = stream(seed, "spend")
    expected = intensity(parameters, calendar)
    expected *= len(arrivals) / expected.sum()
    days = days_of(calendar)
    parts = []
    for code, (name, channel) in enumerate(parameters.channels.items()):
        if channel.click_cost == 0:
            continue
        every = np.arange(calendar.days)
        late = is_late(parameters, calendar, every)
        passed = calendar.passed(every)
        shares = campaign_shares(channel, late, passed, parameters.world.bidding)
        here = arrivals.channel == code
        for number, (campaign, share) in enumerate(zip(campaigns_of(name, channel), shares, strict=True)):
            leads = np.bincount(arrivals.day[here & (arrivals.campaign == number)], minlength=calendar.days)
            clicks = np.maximum(rng.poisson(expected[code] * share / channel.click_to_lead), leads)
            cost = np.round(clicks * channel.click_cost * np.exp(rng.normal(-0.005, 0.1, calendar.days)), 2)
            part = {"day": days, "channel": name, "campaign": campaign, "clicks": clicks, "cost": cost}
            part["impressions"] = clicks * 12 + rng.poisson(clicks * 13.0)
            parts.append(pd.DataFrame(part)[clicks > 0])
    columns = ["day", "channel", "campaign", "impressions", "clicks", "cost", "currency"]
    if not parts:
        return pd.DataFrame(columns=columns)
    table: pd.DataFrame = pd.concat(parts, ignore_index=True)
    table["currency"] = parameters.world.currency
    table = table[columns].sort_values(["day", "channel", "campaign"], ignore_index=True)
    return table
