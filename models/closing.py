"""When sales marks a lead that will not win as lost or junk, if ever.

Closing is informative: a lead that sales has closed does not win, so the leads still open hold more
future winners than their number suggests. With L(t), the chance that such a lead is still open after t
days, and S(t), the same of a winner, an open lead of age t wins with p S / (p S + (1 - p) L). Junk is
closed soon and a promising lead is worked more than a poor one, so L is a curve for junk and one each
for thirds of the genuine leads by their chance to win; one curve for all would make every open lead
look too good.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.base import Vector, sigmoid

FLOOR = 0.02
STEPS = 60
PARTS = 3


@dataclass(frozen=True)
class Curve:
    """Share still open, as a step function of the age.

    Examples
    --------
    >>> curve = Curve((0.0, 30.0), (1.0, 0.4))
    >>> curve.at(np.array([0.0, 29.0, 30.0, 400.0, np.nan])).tolist()
    [1.0, 1.0, 0.4, 0.4, 0.4]
    """

    days: tuple[float, ...] = (0.0,)
    share: tuple[float, ...] = (1.0,)

    def at(self, age_days: Vector) -> Vector:
        """Return the share still open at these ages, shape (n,)."""
        found = np.searchsorted(np.asarray(self.days), np.where(np.isnan(age_days), np.inf, age_days), side="right") - 1
        return np.asarray(self.share)[np.maximum(found, 0)]


@dataclass(frozen=True)
class Closing:
    """Curves of junk and of genuine losers, the latter by log-odds of g between `edges`.

    Examples
    --------
    >>> closing = Closing(junk=Curve((0.0,), (0.2,)))
    >>> one = np.ones(1)
    >>> closing.loser_open(30.0 * one, 0.5 * one, -100.0 * one).round(3).tolist()
    [0.6]
    """

    junk: Curve = Curve()
    genuine: tuple[Curve, ...] = (Curve(),)
    edges: tuple[float, ...] = ()

    def loser_open(self, age_days: Vector, junk: Vector, log_odds: Vector) -> Vector:
        """Return L: the chance that a lead that does not win is still open, shape (n,).

        Parameters
        ----------
        age_days
            Days since submit; nan counts as past all closing.
        junk
            Junk probability.
        log_odds
            Log-odds of g, the chance of a genuine lead to win.
        """
        lost = (1.0 - junk) * sigmoid(-log_odds)
        rest = np.maximum(lost + junk, 1e-12)
        return (lost * self.genuine_open(age_days, log_odds) + junk * self.junk.at(age_days)) / rest

    def genuine_open(self, age_days: Vector, log_odds: Vector) -> Vector:
        """Return the chance that a genuine loser is still open, shape (n,)."""
        part = np.searchsorted(np.asarray(self.edges), log_odds, side="right")
        found = np.ones(len(age_days))
        for number, curve in enumerate(self.genuine):
            found = np.where(part == number, curve.at(age_days), found)
        return found


@dataclass(frozen=True)
class Ends:
    """How leads ended, every vector of shape (n,).

    `age_days` is that at the snapshot, or the horizon if that is earlier; `closed` leads were marked lost or
    junk after `closed_days` (nan where that is not dated).
    """

    age_days: Vector
    closed: NDArray[np.bool_]
    closed_days: Vector

    def left(self) -> Vector:
        """Return the days each lead was open; undated closings are put where the dated ones usually are."""
        known = self.closed & np.isfinite(self.closed_days)
        usual = 0.5
        if known.any():
            usual = float(np.median(self.closed_days[known] / np.maximum(self.age_days[known], 1.0)))
        days = np.where(known, self.closed_days, usual * self.age_days)
        return np.maximum(np.where(self.closed, days, self.age_days), 0.0)


def fit_closing(ends: Ends, loser: Vector, junk: Vector, log_odds: Vector) -> Closing:
    """Fit the curves.

    Parameters
    ----------
    ends
        How the leads ended.
    loser
        Chance of each lead not to win.
    junk
        Chance that it is junk, if it does not win.
    log_odds
        Log-odds of g.
    """
    edges = np.quantile(log_odds, np.linspace(0.0, 1.0, PARTS + 1)[1:-1])
    part = np.searchsorted(edges, log_odds, side="right")
    weight = loser * (1.0 - junk)
    genuine = tuple(fit_curve(ends, weight * (part == number)) for number in range(PARTS))
    return Closing(fit_curve(ends, loser * junk), genuine, tuple(edges.tolist()))


def fit_curve(ends: Ends, weight: Vector) -> Curve:
    """Estimate one curve from weighted leads by the product-limit method (Kaplan and Meier 1958)."""
    left, closed = ends.left(), ends.closed
    if not (closed & (weight > 0)).any():
        return Curve()
    order = np.argsort(left, kind="stable")
    at_risk = np.append(np.cumsum(weight[order][::-1])[::-1], 0.0)
    events = np.append(0.0, np.cumsum((weight * closed)[order]))
    share, days, shares, previous = 1.0, [0.0], [1.0], 0
    for day in np.unique(np.quantile(left[closed & (weight > 0)], np.linspace(0.0, 1.0, STEPS + 1))):
        until = int(np.searchsorted(left[order], day, side="right"))
        risk = 0.5 * (at_risk[previous] + at_risk[until])
        if risk > 0:
            share *= float(np.exp(-(events[until] - events[previous]) / risk))
        days.append(float(day))
        shares.append(max(share, FLOOR))
        previous = until
    return Curve(tuple(days), tuple(shares))
