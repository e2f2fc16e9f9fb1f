"""Estimate of the share of all junk that the filter rejects, unbiased under selective labels.

Rejected leads are not worked, so they get no labels: a naive count flatters the filter the more it rejects. The few
rejected leads that pass by the exploration rate are worked like any others. Each of them is weighted by
1 / propensity (Horvitz and Thompson 1952, "A generalization of sampling without replacement from a finite universe").
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from leadworth.arrays import Flags, Vector

_NORMAL_95 = 1.959964


@dataclass(frozen=True)
class Recall:
    """Estimated recall with its 95 % interval, and the number of labels behind it.

    `value` is nan where no lead is labelled junk.
    """

    value: float
    low: float
    high: float
    passed_labels: int
    accepted_labels: int

    def __str__(self) -> str:
        """Return the estimate as a sentence, or that there is none."""
        if math.isnan(self.value):
            return "not known yet: no lead that passed by chance, or was accepted, was called junk"
        return (
            f"{self.value:.0%} [{self.low:.0%}, {self.high:.0%}] of the junk is caught "
            f"(labelled: {self.passed_labels:,} leads that passed by chance, {self.accepted_labels:,} accepted ones)"
        )


def recall(caught: Flags, propensity: Vector, junk: Flags, smallest_propensity: float) -> Recall:
    """Estimate the share of junk that would be rejected, from labelled leads.

    Parameters
    ----------
    caught
        Whether each labelled lead would be rejected, shape (n,).
    propensity
        Probability with which each passed, shape (n,).
    junk
        Whether each was labelled junk, shape (n,).
    smallest_propensity
        Of all leads that would be rejected, labelled or not; bounds the estimate where no rejected lead was junk.

    Returns
    -------
    Recall
        With an interval by the delta method on the log-odds; labels are assumed as likely for a lead that passed by
        chance as for an accepted one.

    Examples
    --------
    >>> caught = np.array([True] * 10 + [False] * 90)
    >>> junk = np.array([True] * 9 + [False] + [True] * 10 + [False] * 80)
    >>> str(recall(caught, np.where(caught, 0.1, 1.0), junk, 0.1))[:24]
    '90% [79%, 96%] of the ju'
    """
    passed = caught & (propensity > 0)
    weight = np.where(passed, 1.0 / np.maximum(propensity, 1e-12), 1.0)
    weights = weight[passed & junk]
    rejected = float(weights.sum())
    accepted = float((~caught & junk).sum())
    labels = int(passed.sum()), int((~caught).sum())
    if rejected + accepted == 0:
        return Recall(math.nan, math.nan, math.nan, *labels)
    value = rejected / (rejected + accepted)
    # Where there is no junk on one side, the rule of three bounds how much there may be.
    if rejected == 0:
        return Recall(value, 0.0, 3.0 / (3.0 + accepted * smallest_propensity), *labels)
    if accepted == 0:
        return Recall(value, rejected / (rejected + 3.0), 1.0, *labels)
    error = _NORMAL_95 * math.sqrt(float((weights**2).sum()) / rejected**2 + 1.0 / accepted)
    odds = math.log(rejected / accepted)
    low, high = (1.0 / (1.0 + math.exp(-(odds + side * error))) for side in (-1.0, 1.0))
    return Recall(value, low, high, *labels)
