"""Informative loss censoring: the share of leads that will not win and are still open, by age.

Sales closes leads that will not win as lost or junk, so the open leads contain a larger share of future winners than
all leads. With L(t) the probability that a loser is still open after t days and S(t) that of a winner, an open lead of
age t wins with probability p S / (p S + (1 - p) L). Junk is closed early, and leads with a high win probability are
closed at a different rate than others, so L has one curve for junk and one for each third of the genuine leads by
win probability. A single curve would overestimate every open lead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leadworth.arrays import Flags, Vector
from models.log_odds import sigmoid

FLOOR = 0.02
STEPS = 60
PARTS = 3


@dataclass(frozen=True)
class OpenShareCurve:
    """Share of leads still open, a step function of the age.

    Examples
    --------
    >>> curve = OpenShareCurve((0.0, 30.0), (1.0, 0.4))
    >>> curve.at(np.array([0.0, 29.0, 30.0, 400.0, np.nan])).tolist()
    [1.0, 1.0, 0.4, 0.4, 0.4]
    """

    days: tuple[float, ...] = (0.0,)
    share: tuple[float, ...] = (1.0,)

    def at(self, age_days: Vector) -> Vector:
        """Return the share still open at these ages, shape (n,)."""
        age = np.where(np.isnan(age_days), np.inf, age_days)
        step = np.searchsorted(np.asarray(self.days), age, side="right") - 1
        return np.asarray(self.share)[np.maximum(step, 0)]


@dataclass(frozen=True)
class LossCensoring:
    """Open-share curves of junk and of genuine losers.

    Attributes
    ----------
    junk
        Curve of junk.
    genuine
        Curves of genuine losers by log-odds of g.
    edges
        Log-odds of g between two curves of `genuine`.

    Examples
    --------
    >>> closing = LossCensoring(junk=OpenShareCurve((0.0,), (0.2,)))
    >>> closing.loser_open(np.array([30.0]), np.array([0.5]), np.array([-100.0])).round(3).tolist()
    [0.6]
    """

    junk: OpenShareCurve = OpenShareCurve()
    genuine: tuple[OpenShareCurve, ...] = (OpenShareCurve(),)
    edges: tuple[float, ...] = ()

    def loser_open(self, age_days: Vector, junk: Vector, log_odds: Vector) -> Vector:
        """Return L, the probability that a lead that will not win is still open, shape (n,).

        Parameters
        ----------
        age_days
            Days since submit; nan counts as infinite.
        junk
            Junk probability.
        log_odds
            Log-odds of g, the win probability of a genuine lead.
        """
        lost = (1.0 - junk) * sigmoid(-log_odds)
        losers = np.maximum(lost + junk, 1e-12)
        return (lost * self.genuine_open(age_days, log_odds) + junk * self.junk.at(age_days)) / losers

    def genuine_open(self, age_days: Vector, log_odds: Vector) -> Vector:
        """Return the probability that a genuine loser is still open, shape (n,)."""
        part = np.searchsorted(np.asarray(self.edges), log_odds, side="right")
        open_share = np.ones(len(age_days))
        for number, curve in enumerate(self.genuine):
            open_share = np.where(part == number, curve.at(age_days), open_share)
        return open_share


@dataclass(frozen=True)
class ClosingTimes:
    """Closing times of n leads, arrays of shape (n,).

    Attributes
    ----------
    age_days
        Days from submit to the snapshot or the horizon, whichever is earlier.
    closed
        Whether the lead was marked lost or junk.
    closed_days
        Days from submit to closing; nan without a date.
    """

    age_days: Vector
    closed: Flags
    closed_days: Vector

    def open_days(self) -> Vector:
        """Return the days each lead was open; closings without a date get the median relative age of the others."""
        dated = self.closed & np.isfinite(self.closed_days)
        median = 0.5
        if dated.any():
            median = float(np.median(self.closed_days[dated] / np.maximum(self.age_days[dated], 1.0)))
        days = np.where(dated, self.closed_days, median * self.age_days)
        return np.maximum(np.where(self.closed, days, self.age_days), 0.0)


def fit_closing(ends: ClosingTimes, loser: Vector, junk: Vector, log_odds: Vector) -> LossCensoring:
    """Fit the open-share curves.

    Parameters
    ----------
    ends
        Closing times of n leads.
    loser
        Probability that each lead does not win, times the number of leads that it represents, shape (n,).
    junk
        Probability that it is junk if it does not win, shape (n,).
    log_odds
        Log-odds of g, shape (n,).
    """
    edges = np.quantile(log_odds, np.linspace(0.0, 1.0, PARTS + 1)[1:-1])
    part = np.searchsorted(edges, log_odds, side="right")
    weight = loser * (1.0 - junk)
    genuine = tuple(fit_curve(ends, weight * (part == number)) for number in range(PARTS))
    return LossCensoring(fit_curve(ends, loser * junk), genuine, tuple(edges.tolist()))


def fit_curve(ends: ClosingTimes, weight: Vector) -> OpenShareCurve:
    """Estimate one curve from weighted leads by the product-limit method (Kaplan and Meier 1958)."""
    days_open = ends.open_days()
    closed = ends.closed
    if not (closed & (weight > 0)).any():
        return OpenShareCurve()
    order = np.argsort(days_open, kind="stable")
    at_risk = np.append(np.cumsum(weight[order][::-1])[::-1], 0.0)
    events = np.append(0.0, np.cumsum((weight * closed)[order]))
    share = 1.0
    days = [0.0]
    shares = [1.0]
    start = 0
    for day in np.unique(np.quantile(days_open[closed & (weight > 0)], np.linspace(0.0, 1.0, STEPS + 1))):
        end = int(np.searchsorted(days_open[order], day, side="right"))
        risk = 0.5 * (at_risk[start] + at_risk[end])
        if risk > 0:
            share *= float(np.exp(-(events[end] - events[start]) / risk))
        days.append(float(day))
        shares.append(max(share, FLOOR))
        start = end
    return OpenShareCurve(tuple(days), tuple(shares))
