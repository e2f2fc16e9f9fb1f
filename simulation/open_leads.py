"""Truth of the leads that are open at the export: win probability and value, given that they are still open.

By Bayes, with p the win probability at submit, S the probability that a win takes longer than the age of the lead,
L the probability that a lead that is not won is still open, and R the mean of the revenue of a win times the indicator
that it takes longer: probability p S / (p S + (1 - p) L), value p R / (p S + (1 - p) L). Revenue and delay of a win
depend on each other; S and R are sums over the distribution of the revenue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.bot_traffic import Classes
from simulation.channels import DAY_SECONDS, Arrivals, Calendar
from simulation.deals import Deals, delay_centre, revenue_nodes, share_after
from simulation.loss_closing import open_share
from simulation.parameters import Parameters
from simulation.propensities import Chances
from simulation.rng import Flags, Floats
from simulation.sales_process import JUNK, LOST, WON, SalesHistory


@dataclass(frozen=True)
class OpenLeads:
    """Leads that are open at the export, and the truth from there on; nan for other leads."""

    is_open: Flags
    win_probability: Floats
    value: Floats


def open_leads(
    parameters: Parameters,
    calendar: Calendar,
    arrivals: Arrivals,
    classes: Classes,
    chances: Chances,
    deals: Deals,
    history: SalesHistory,
) -> OpenLeads:
    """Return which leads are open at the export, with their chances given that they are."""
    is_open = still_open(parameters, calendar, arrivals, history)
    win, value = chances_if_open(parameters, calendar, arrivals, chances, deals)
    junk = classes.junk
    return OpenLeads(
        is_open,
        np.where(is_open, np.where(junk, 0.0, win), np.nan),
        np.where(is_open, np.where(junk, 0.0, value), np.nan),
    )


def still_open(parameters: Parameters, calendar: Calendar, arrivals: Arrivals, history: SalesHistory) -> Flags:
    """Return which leads are younger than the horizon at the export and not won, lost or labelled junk, shape (n,)."""
    age = _age_days(calendar, arrivals)
    is_open: Flags = (age > 0) & (age < parameters.world.horizon_days)
    closing = np.isin(history.stage, (WON, LOST, JUNK)) & (history.seconds < calendar.end_seconds)
    is_open[history.lead[closing]] = False
    return is_open


def chances_if_open(
    parameters: Parameters, calendar: Calendar, arrivals: Arrivals, chances: Chances, deals: Deals
) -> tuple[Floats, Floats]:
    """Return win probability and value of each lead from the export on, if it is genuine and open then, shape (n,)."""
    age = np.maximum(_age_days(calendar, arrivals), 0.0)
    later, revenue_later = _wins_to_come(parameters, arrivals, deals, age)
    is_open = chances.win * later + (1 - chances.win) * open_share(parameters, calendar, arrivals, chances)
    win = np.divide(chances.win * later, is_open, out=np.zeros(len(age)), where=is_open > 0)
    value = np.divide(chances.win * revenue_later, is_open, out=np.zeros(len(age)), where=is_open > 0)
    return win, value


def _age_days(calendar: Calendar, arrivals: Arrivals) -> Floats:
    age: Floats = (calendar.end_seconds - arrivals.seconds) / DAY_SECONDS
    return age


def _wins_to_come(parameters: Parameters, arrivals: Arrivals, deals: Deals, age: Floats) -> tuple[Floats, Floats]:
    """Return the probability that a win takes longer than the age, and the mean revenue times that indicator."""
    delay = parameters.delay
    share = np.zeros(len(age))
    revenue_later = np.zeros(len(age))
    for multiple, weight in zip(*revenue_nodes(parameters.deal), strict=True):
        revenue = deals.typical * multiple
        centre = delay_centre(parameters, arrivals, revenue)
        usual = share_after(parameters, centre, age)
        quick = share_after(parameters, centre + np.log(delay.quick_factor), age)
        after = (1 - delay.quick_share) * usual + delay.quick_share * quick
        share += weight * after
        revenue_later += weight * after * revenue
    return share, revenue_later
