"""Which share of all junk does the filter catch? An estimate that does not flatter itself.

Rejected leads are not worked, so nobody says what they were; counted naively, the filter looks the
better the more it rejects. The few that pass by chance are worked like any others. Each of them stands
for 1 / propensity rejected leads (Horvitz and Thompson 1952, "A generalization of sampling without
replacement from a finite universe").
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from leadworth.arrays import Flags, Vector

_NORMAL_95 = 1.959964


@dataclass(frozen=True)
class Recall:
    """An estimate with its 95 % interval, and how many labels it rests on.

    `value` is nan where no junk is known.
    """

    value: float
    low: float
    high: float
    passed_labels: int
    accepted_labels: int

    def __str__(self) -> str:
        """Say the estimate, or that there is none."""
        if math.isnan(self.value):
            return "not known yet: no lead that passed by chance, or was accepted, was called junk"
        return (
            f"{self.value:.0%} [{self.low:.0%}, {self.high:.0%}] of the junk is caught "
            f"(labelled: {self.passed_labels:,} leads that passed by chance, {self.accepted_labels:,} accepted ones)"
        )


def recall(caught: Flags, propensity: Vector, labelled: Flags, junk: Flags) -> Recall:
    """Estimate the share of junk that would be rejected.

    Parameters
    ----------
    caught
        Leads that would be rejected, shape (n,).
    propensity
        Chance with which each got through, shape (n,).
    labelled
        Leads of which people said what they were, shape (n,).
    junk
        Of these, those that were junk, shape (n,).

    Returns
    -------
    Recall
        With an interval by the delta method on the log-odds; labels are taken to be as likely for a lead that
        passed by chance as for one that was accepted.

    Examples
    --------
    >>> caught = np.array([True] * 10 + [False] * 90)
    >>> junk = np.array([True] * 9 + [False] + [True] * 10 + [False] * 80)
    >>> str(recall(caught, np.where(caught, 0.1, 1.0), np.ones(100, bool), junk))[:24]
    '90% [79%, 96%] of the ju'
    """
    passed = caught & labelled & (propensity > 0)
    weight = np.where(passed, 1.0 / np.maximum(propensity, 1e-12), 1.0)
    hits = weight[passed & junk]
    misses = float((~caught & labelled & junk).sum())
    labels = int(passed.sum()), int((~caught & labelled).sum())
    found = float(hits.sum())
    if found + misses == 0:
        return Recall(math.nan, math.nan, math.nan, *labels)
    value = found / (found + misses)
    if found == 0 or misses == 0:
        # no junk on one side: the rule of three bounds what may still be there
        some = float(1.0 / propensity[caught].min()) if found == 0 and caught.any() else 1.0
        bounds = (0.0, 3 * some / (3 * some + misses)) if found == 0 else (found / (found + 3.0), 1.0)
        return Recall(value, *bounds, *labels)
    spread = _NORMAL_95 * math.sqrt(float((hits**2).sum()) / found**2 + 1.0 / misses)
    odds = math.log(found / misses)
    low, high = (1.0 / (1.0 + math.exp(-(odds + side * spread))) for side in (-1.0, 1.0))
    return Recall(value, low, high, *labels)
