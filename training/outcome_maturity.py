"""Share of the eventual wins, and of their money, that is visible at an age of the lead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leadworth.arrays import Vector


@dataclass(frozen=True)
class OutcomeMaturity:
    """Step function of the age: the share of the wins that has happened by then.

    Attributes
    ----------
    days
        Delays at which the share increases, ascending.
    share
        Share from that delay on; the last one is 1.

    Examples
    --------
    >>> curve = OutcomeMaturity.fit(np.array([10.0, 30.0]), np.array([100.0, 100.0]))
    >>> curve.at(np.array([5.0, 10.0, 50.0])).tolist()
    [0.0, 0.5, 1.0]
    """

    days: Vector
    share: Vector

    @classmethod
    def fit(cls, delay_days: Vector, age_days: Vector, weight: Vector | None = None) -> OutcomeMaturity:
        """Fit the product-limit estimator for right-truncated delays (Lynden-Bell 1971).

        A win is observed only if its delay is at most the age of its lead, so short delays are
        over-represented among the wins of young leads; this estimator corrects for it.

        Parameters
        ----------
        delay_days
            Delay of each observed win, shape (wins,).
        age_days
            Age of the won lead at the snapshot, shape (wins,), at least its delay.
        weight
            Such as the revenue, for the share of the money; shape (wins,).
        """
        if len(delay_days) == 0:
            return cls(np.zeros(1), np.ones(1))
        weight = np.ones(len(delay_days)) if weight is None else weight
        age_days = np.maximum(age_days, delay_days)
        steps, group = np.unique(delay_days, return_inverse=True)
        events = np.bincount(group, weights=weight)
        by_age = np.argsort(age_days)
        truncated = np.concatenate([[0.0], np.cumsum(weight[by_age])])
        at_risk = np.cumsum(events) - truncated[np.searchsorted(age_days[by_age], steps, side="left")]
        no_event = np.clip(1.0 - events / np.maximum(at_risk, 1e-12), 0.0, 1.0)
        share = np.append(np.cumprod(no_event[:0:-1])[::-1], 1.0)
        return cls(steps, share)

    def at(self, age_days: Vector) -> Vector:
        """Return the visible share at each age; 1 where the age is unknown."""
        position = np.searchsorted(self.days, age_days, side="right")
        visible = np.concatenate([[0.0], self.share])[position]
        return np.where(np.isnan(age_days), 1.0, visible)
