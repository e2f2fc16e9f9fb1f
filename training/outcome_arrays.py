"""Labels of the training leads as arrays."""

from __future__ import annotations

import numpy as np
import pandas as pd

from leadworth.arrays import Vector
from models.time_to_win import DAYS_PER_YEAR
from training.fit_sample import WEIGHT

FEW_DATED_WINS = 30
"""Fewer wins with a date do not fit a delay model."""


class OutcomeArrays:
    """Labels of n leads, arrays of shape (n,).

    Attributes
    ----------
    won, lost, is_open
        State at the snapshot.
    junk, engaged
        Disposition; neither where it is unknown.
    age, delay, closed
        Days from submit to snapshot, to the win and to the loss; nan where unknown.
    revenue, log_revenue
        Revenue of the wins; the logarithm is nan without positive revenue.
    dated, paid
        Wins with a delay, and wins with positive revenue.
    order
        Row numbers, oldest lead first.
    weight
        Number of leads that each represents; None: one.
    lateness
        "delay" (late outcomes are modelled), "mature" (only mature leads are used) or "final" (no lead
        has a date, so every outcome is final).
    """

    def __init__(self, labels: pd.DataFrame) -> None:
        """Read the table of `training.labels.label`."""

        def column(name: str) -> Vector:
            return labels[name].to_numpy(dtype=np.float64, na_value=np.nan)

        state = labels["state"].to_numpy(dtype=str)
        disposition = labels["disposition"].to_numpy(dtype=str)
        self.won = state == "won"
        self.lost = state == "lost"
        self.is_open = ~self.won & ~self.lost
        self.junk = disposition == "junk"
        self.engaged = disposition == "engaged"
        self.age = column("age_days")
        self.delay = column("delay_days")
        self.closed = column("closed_days")
        self.revenue = column("revenue")
        self.dated = self.won & np.isfinite(self.delay)
        self.paid = self.won & (self.revenue > 0)
        self.log_revenue = np.log(np.where(self.paid, self.revenue, np.nan))
        self.order = np.argsort(-np.nan_to_num(self.age), kind="stable")
        self.weight = column(WEIGHT) if WEIGHT in labels else None
        self.lateness = self._lateness()

    def __len__(self) -> int:
        return len(self.won)

    def years_before_newest(self) -> Vector:
        """Return the years from each submit to the newest one; 0 where the age is unknown."""
        finite = self.age[np.isfinite(self.age)]
        return np.nan_to_num(self.age - finite.min()) / DAYS_PER_YEAR if len(finite) else np.zeros(len(self))

    def _lateness(self) -> str:
        if not np.isfinite(self.age).any():
            return "final"
        return "delay" if self.dated.sum() >= FEW_DATED_WINS else "mature"
