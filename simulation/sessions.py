"""What the web analytics counted, day by day and channel by channel."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulation.channels import Arrivals, Calendar, intensity
from simulation.parameters import Parameters
from simulation.rng import stream
from simulation.spend import days_of


def sessions(parameters: Parameters, calendar: Calendar, arrived: Arrivals, seed: int) -> pd.DataFrame:
    """Return one row per day and channel with a page: sessions, visitors, pages, bounces, length and forms sent."""
    rng = stream(seed, "sessions")
    world = parameters.world
    expected = intensity(parameters, calendar)
    expected *= len(arrived) / expected.sum()
    if world.sessions_last_days:
        expected[:, -world.sessions_last_days :] *= world.sessions_factor / max(world.leads_factor, 1e-9)
    days, parts = days_of(calendar), []
    for code, (name, channel) in enumerate(parameters.channels.items()):
        if channel.instant_form or channel.medium == "offline":
            continue
        leads = np.bincount(arrived.day[arrived.channel == code], minlength=calendar.days)
        seen = np.maximum(rng.poisson(expected[code] / channel.click_to_lead), leads)
        bounced = rng.binomial(seen, min(0.55 - 0.12 * channel.warmth, 0.9))
        pages = seen + rng.poisson((seen - bounced) * (2.2 + channel.warmth))
        part = {"day": days, "channel": name, "sessions": seen, "visitors": rng.binomial(seen, 0.82)}
        part |= {"page_views": pages, "bounces": bounced, "leads": leads}
        part["session_seconds_mean"] = np.round(
            45 * pages / np.maximum(seen, 1) * np.exp(rng.normal(0, 0.1, len(seen))), 1
        )
        parts.append(pd.DataFrame(part))
    columns = ["day", "channel", "sessions", "visitors", "page_views", "bounces", "session_seconds_mean", "leads"]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True).sort_values(["day", "channel"], ignore_index=True)[columns]
