"""What can be promised with few wins, in numbers."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import numpy as np

from training.level import sum_interval

MINIMUM_WINS = 10
"""Fewer wins among the evaluated leads do not evaluate a model."""

_FAR_DAYS = 3650


def promise(wins: int, evaluated_wins: int, *, share: float, days: float, as_of: datetime | None) -> str:
    """Return one sentence on what the wins allow, and how many more are needed.

    Parameters
    ----------
    wins
        Wins so far.
    evaluated_wins
        Those among the leads that evaluate the model.
    share
        Share of the leads that evaluate the model.
    days
        Length of the history; nan without dates.
    as_of
        Snapshot, from which the date of the next attempt is counted.

    Examples
    --------
    >>> print(promise(12, 3, share=0.3, days=540.0, as_of=datetime(2026, 11, 1)))
    not evaluated: 12 wins so far, 3 of them among the leads that evaluate the model, where 10 are needed; 12 wins \
could as well have been 6 to 21, so no sum of values can be promised more closely than -48 % to +75 %; about 22 more \
wins are needed, at the present rate by 2029-07
    """
    low, high = sum_interval(np.ones(wins))
    sentence = (
        f"not evaluated: {wins:,} wins so far, {evaluated_wins:,} of them among the leads that evaluate the model, "
        f"where {MINIMUM_WINS} are needed"
    )
    if wins:
        sentence += (
            f"; {wins:,} wins could as well have been {low:.0f} to {high:.0f}, so no sum of values can be promised "
            f"more closely than {100 * (low / wins - 1):.0f} % to +{100 * (high / wins - 1):.0f} %"
        )
    needed = max(math.ceil(MINIMUM_WINS / share) - wins, MINIMUM_WINS - evaluated_wins)
    if needed <= 0:
        return sentence
    sentence += f"; about {needed:,} more wins are needed"
    wait = needed * days / wins if wins and math.isfinite(days) else math.inf
    if as_of is not None and wait <= _FAR_DAYS:
        sentence += f", at the present rate by {as_of + timedelta(days=wait):%Y-%m}"
    return sentence
