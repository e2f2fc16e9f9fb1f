"""Web analytics: sessions by day and channel."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulation.channels import Arrivals, Calendar, intensity
from simulation.parameters import Parameters
from simulation.rng import stream
from simulation.spend import days_of


def draw_sessions(parameters: Parameters, calendar: Calendar, arrivals: Arrivals, seed: int) -> pd.DataFrame:
    """Return one row per day and channel with a page: sessions, visitors, pages, bounces, length and forms sent."""
    rng = stream(seed, "sessions")
    world = parameters.world
    expected = intensity(parameters, calendar)
    expected *= len(arrivals) / expected.sum()
    if world.sessions_last_days:
        expected[:, calendar.last(world.sessions_last_days)] *= world.sessions_factor / max(world.leads_factor, 1e-9)
    days = days_of(calendar)
    parts = []
    for code, (name, channel) in enumerate(parameters.channels.items()):
        if channel.instant_form or channel.medium == "offline":
            continue
        leads = np.bincount(arrivals.day[arrivals.channel == code], minlength=calendar.days)
        counts = np.maximum(rng.poisson(expected[code] / channel.click_to_lead), leads)
        bounced = rng.binomial(counts, min(0.55 - 0.12 * channel.warmth, 0.9))
        pages = counts + rng.poisson((counts - bounced) * (2.2 + channel.warmth))
        part = {"day": days, "channel": name, "sessions": counts, "visitors": rng.binomial(counts, 0.82)}
        part |= {"page_views": pages, "bounces": bounced, "leads": leads}
        part["session_seconds_mean"] = np.round(
            45 * pages / np.maximum(counts, 1) * np.exp(rng.normal(0, 0.1, len(counts))), 1
        )
        parts.append(pd.DataFrame(part))
    columns = ["day", "channel", "sessions", "visitors", "page_views", "bounces", "session_seconds_mean", "leads"]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True).sort_values(["day", "channel"], ignore_index=True)[columns]
