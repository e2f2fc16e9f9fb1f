"""Summary of a simulation by channel."""

from __future__ import annotations

import pandas as pd

from simulation.world import Simulation


def by_channel(simulation: Simulation) -> pd.DataFrame:
    """Return per channel: leads, bots (share), wins so far and to come, revenue, spend and cost per lead.

    Examples
    --------
    >>> from simulation.world import simulate
    >>> table = by_channel(simulate(leads=500, months=6))
    >>> int(table["leads"].sum()), table.columns[0]
    (500, 'leads')
    """
    truth = simulation.truth
    visible = truth["won_by_end"]
    groups = pd.DataFrame(
        {
            "channel": truth["channel"],
            "leads": 1,
            "junk": truth["junk"].astype(float),
            "wins_so_far": visible.astype(int),
            "wins_to_come": (truth["wins"] & ~visible).astype(int),
            "revenue_so_far": truth["revenue"].where(visible, 0.0),
            "revenue_to_come": truth["revenue"].where(~visible, 0.0),
        }
    ).groupby("channel")
    table = groups.sum()
    table["junk_share"] = table.pop("junk") / table["leads"]
    genuine = table["leads"] * (1 - table["junk_share"])
    table["win_rate_genuine"] = (table["wins_so_far"] + table["wins_to_come"]) / genuine.where(genuine > 0)
    table["spend"] = simulation.spend.groupby("channel")["cost"].sum().reindex(table.index, fill_value=0.0)
    table["cost_per_lead"] = table["spend"] / table["leads"]
    return table.sort_values("leads", ascending=False)
