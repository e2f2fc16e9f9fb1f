"""Value of open leads: of age t, and of several leads of one account.

A lead that was won with probability p at submit, and is open at age t, wins with probability p S / (1 - p + p S),
where S is the share of wins that are not visible before t. The formula has no losses; with them, see
`models.loss_censoring`, which the model uses.
"""

from __future__ import annotations

import numpy as np

from leadworth.arrays import Indices, Vector
from models.decision_units import unit_factors


def win_probability_at_age(win_probability: Vector, not_yet_visible: Vector) -> Vector:
    """Return the win probability of leads that are open at their age, shape (n,).

    Parameters
    ----------
    win_probability
        At submit, shape (n,).
    not_yet_visible
        Share of wins that come later than the lead's age, shape (n,).

    Examples
    --------
    >>> win_probability_at_age(np.array([0.2, 0.2, 1.0]), np.array([0.4, 1.0, 0.0])).round(4).tolist()
    [0.0909, 0.2, 0.0]
    """
    later = win_probability * not_yet_visible
    left = 1.0 - win_probability + later
    return np.asarray(np.divide(later, left, out=np.zeros_like(later), where=left > 0), dtype=np.float64)


def account_value(win_probability: Vector, expected_revenue: float) -> float:
    """Return the expected value of the open leads of one account, which is won once.

    Examples
    --------
    >>> round(account_value(np.full(7, 0.1), 20_000.0))
    10434
    """
    unit: Indices = np.zeros(len(win_probability), dtype=np.int64)
    return float((unit_factors(unit, win_probability) * win_probability).sum() * expected_revenue)
