"""When sales marks a lost lead as lost, if ever.

Closing is informative: a lead that sales has closed is lost, so the leads still open hold more future
winners than their number suggests. With L(t), the chance that a loser is still open after t days, and
S(t), the same of a winner, an open lead of age t wins with p S / (p S + (1 - p) L).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.base import Vector

FLOOR = 0.02


@dataclass(frozen=True)
class Closing:
    """Chance that a loser is still open, as a step function of the age.

    Examples
    --------
    >>> closing = Closing((0.0, 30.0), (1.0, 0.4))
    >>> closing.still_open(np.array([0.0, 29.0, 30.0, 400.0, np.nan])).tolist()
    [1.0, 1.0, 0.4, 0.4, 0.4]
    """

    days: tuple[float, ...] = (0.0,)
    open_share: tuple[float, ...] = (1.0,)

    def still_open(self, age_days: Vector) -> Vector:
        """Return the chance that a loser of this age is still open, shape (n,)."""
        at = np.searchsorted(np.asarray(self.days), np.where(np.isnan(age_days), np.inf, age_days), side="right") - 1
        return np.asarray(self.open_share)[np.maximum(at, 0)]


def fit_closing(
    age_days: Vector, closed: np.ndarray, closed_days: Vector, weight: Vector, *, steps: int = 60
) -> Closing:
    """Estimate the closing of losers by the product-limit method (Kaplan and Meier 1958).

    Parameters
    ----------
    age_days
        Days from submit to snapshot, or to the horizon if that is earlier, shape (n,).
    closed
        Whether sales closed the lead as lost.
    closed_days
        Days from submit to that; where not known the lead counts as closed at a time spread like the
        known ones, or at half its age where none is known.
    weight
        Chance that the lead is a loser.
    steps
        Number of steps kept.
    """
    known = closed & np.isfinite(closed_days)
    usual = float(np.median(closed_days[known] / np.maximum(age_days[known], 1.0))) if known.any() else 0.5
    left = np.where(closed, np.where(known, closed_days, usual * age_days), age_days)
    left = np.maximum(left, 0.0)
    grid = np.unique(np.quantile(left[closed], np.linspace(0.0, 1.0, steps + 1))) if closed.any() else np.zeros(0)
    share, days, shares = 1.0, [0.0], [1.0]
    order = np.argsort(left)
    sorted_left, sorted_weight = left[order], weight[order]
    at_risk = np.concatenate([np.cumsum(sorted_weight[::-1])[::-1], [0.0]])
    events = np.concatenate([[0.0], np.cumsum(sorted_weight * closed[order])])
    previous = 0
    for day in grid:
        until = int(np.searchsorted(sorted_left, day, side="right"))
        mean_risk = 0.5 * (at_risk[previous] + at_risk[until])
        if mean_risk > 0:
            share *= float(np.exp(-(events[until] - events[previous]) / mean_risk))
        days.append(float(day))
        shares.append(max(share, FLOOR))
        previous = until
    return Closing(tuple(days), tuple(shares))
