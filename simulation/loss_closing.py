"""Closing of lost leads by sales: when, and the probability that a lead that is not won is still open."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from simulation.channels import DAY_SECONDS, Arrivals, Calendar
from simulation.parameters import Parameters, Sales
from simulation.propensities import Chances
from simulation.rng import Flags, Floats, chance, stream

PURSUIT_DAYS = (25.0, 0.8, 3.0)
"""Days that sales pursues a lead that it does not win: median and sigma of a log-normal, and days added."""
LABEL_DAYS = (8.0, 1.0, 2.0 / 24.0)
"""The same of the days until a junk label."""


def draw_closing(
    rng: np.random.Generator,
    parameters: Parameters,
    calendar: Calendar,
    arrivals: Arrivals,
    chances: Chances,
    worked: Flags,
    pursuit_days: Floats,
    seed: int,
) -> Floats:
    """Draw the days from submit until sales closes each lead as lost, if it does not win; inf for never."""
    sales = parameters.sales
    size = len(arrivals)
    closes = chance(rng, sales.closed, size)
    days = _median_days(sales, chances) * np.exp(sales.closed_days[1] * rng.normal(size=size))
    closes &= worked | chance(stream(seed, "closing"), sales.closed_unworked, size)
    closed = np.where(closes, np.maximum(days, pursuit_days), np.inf)
    clean_up = stream(seed, "clean-ups")
    submitted = _submit_days(calendar, arrivals)
    for day in _clean_up_days(sales, calendar.days + parameters.world.horizon_days):
        age = day - submitted
        hit = chance(clean_up, sales.clean_up_share, size) & (age > sales.clean_up_after_days) & (age < closed)
        closed = np.where(hit, age, closed)
    return closed


def open_share(parameters: Parameters, calendar: Calendar, arrivals: Arrivals, chances: Chances) -> Floats:
    """Return the probability that a genuine lead that is not won is still open at the export, shape (n,).

    Open is: not closed as lost, and not labelled junk. Leads that are worked and leads that are not differ in both.
    """
    sales = parameters.sales
    submitted = _submit_days(calendar, arrivals)
    age = calendar.export_day - submitted
    closed_by_now = _log_normal_cdf(age / _median_days(sales, chances), sales.closed_days[1])
    closed_by_now = sales.closed * closed_by_now * _shifted_cdf(age, PURSUIT_DAYS)
    mislabelled = sales.mislabelled * _shifted_cdf(age, LABEL_DAYS)
    lost_worked = chances.worked * (1 - chances.well_served * Chances.factor(parameters))
    lost_unworked = (1 - chances.worked) * (1 - chances.well_served * sales.unworked)
    still_open = lost_worked * (1 - closed_by_now) * (1 - mislabelled)
    still_open = still_open + lost_unworked * (1 - sales.closed_unworked * closed_by_now)
    for day in _clean_up_days(sales, calendar.export_day):
        still_open = still_open * np.where(day - submitted > sales.clean_up_after_days, 1 - sales.clean_up_share, 1.0)
    result: Floats = still_open / (lost_worked + lost_unworked)
    return result


def _submit_days(calendar: Calendar, arrivals: Arrivals) -> Floats:
    """Return the time of each submit in days since the start."""
    days: Floats = (arrivals.seconds - calendar.start_seconds) / DAY_SECONDS
    return days


def _median_days(sales: Sales, chances: Chances) -> Floats:
    """Return the median of the days until a lost lead is closed; promising leads may be kept longer."""
    median: Floats = sales.closed_days[0] * (chances.well_served / 0.1) ** sales.closed_by_quality
    return median


def _clean_up_days(sales: Sales, until: int) -> range:
    """Return the days before `until`, since the start, at the beginning of which old leads are closed."""
    every = sales.clean_up_every_days
    return range(every, until, every) if every else range(0)


def _log_normal_cdf(multiple: Floats, sigma: float) -> Floats:
    """Return the probability of at most this multiple of the median."""
    cdf: Floats = ndtr(np.log(np.maximum(multiple, 1e-300)) / sigma)
    return cdf


def _shifted_cdf(days: Floats, delay: tuple[float, float, float]) -> Floats:
    median, sigma, added = delay
    return _log_normal_cdf((days - added) / median, sigma)
