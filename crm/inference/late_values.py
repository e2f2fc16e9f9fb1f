"""Evidence in the values of a column that it is filled after submit, while sales works the lead.

Closed leads are older than open ones. A column that only became common, or a campaign that has ended, is filled
differently in old and in new leads, and says nothing of sales: closed and open leads are therefore compared
within periods of the submit time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

PERIODS = 8
_MIN_ROWS = 20
_LEAK_FILLED_WON = 0.5
_LEAK_FILLED_OTHERS = 0.05
"""A column filled in more of the won and less of the other rows is written after the outcome."""
_LEAK_AUC = 0.9
"""AUC of one column that columns known at submit did not reach in public data sets."""
_FILLED_DIFFERENCE = 0.3
"""Difference in the filled share of closed and open leads above which sales fills a column."""
_SURE_DIFFERENCE = 0.6
"""The same for a standard field, which a form fills and some CRMs complete."""
_CLOSED_ONLY = 0.5
"""Share of closed leads whose values no open lead has, above which sales writes the values."""
_CHANCE = 1e-3


@dataclass(frozen=True)
class SampledOutcomes:
    """Outcome of the sampled leads.

    Attributes
    ----------
    won
        (n,) whether the lead is won.
    lost
        (n,) whether the lead is lost; all False where the files do not show losses.
    period
        (n,) period of the submit time or of the order of the rows, from 0.
    """

    won: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    period: NDArray[np.int64]

    @property
    def closed(self) -> NDArray[np.bool_]:
        """Won or lost, shape (n,)."""
        return self.won | self.lost


def late_reason(values: list[str], outcomes: SampledOutcomes, *, standard: bool = False) -> str:
    """Return how the values show that a column is filled after submit; empty if they do not.

    Parameters
    ----------
    values
        (n,) values of the sampled leads; missing ones are empty.
    outcomes
        Their outcomes.
    standard
        Whether the column is a standard field: the evidence must then be stronger.

    Examples
    --------
    >>> won, lost = np.arange(120) % 4 == 0, np.arange(120) % 4 == 1
    >>> outcomes = SampledOutcomes(won, lost, np.arange(120) // 60)
    >>> late_reason(["called" if closed else "" for closed in won | lost], outcomes)
    'filled in 100% of the closed and 0% of the open leads: sales fills it while it works the lead'
    >>> late_reason(["web", "fair", "web", "mail", "web"] * 24, outcomes)
    ''
    """
    filled = np.array([bool(value) for value in values])
    reason = _filled_more(filled, outcomes, standard=standard)
    if reason or standard:
        return reason
    distinct, codes = np.unique(np.array(values), return_inverse=True)
    if len(distinct) > 200:
        return ""
    return _won_apart(codes, outcomes.won) or _closed_only(codes, filled, outcomes)


def _filled_more(filled: NDArray[np.bool_], outcomes: SampledOutcomes, *, standard: bool) -> str:
    won = outcomes.won
    if min(won.sum(), (~won).sum()) >= _MIN_ROWS:
        shares = filled[won].mean(), filled[~won].mean()
        if shares[0] >= _LEAK_FILLED_WON and shares[1] <= _LEAK_FILLED_OTHERS:
            return f"filled in {_two_shares(*shares, 'won', 'other')} leads: probably written after the outcome"
    closed = outcomes.closed
    if not outcomes.lost.any() or min(closed.sum(), (~closed).sum()) < _MIN_ROWS:
        return ""
    if _difference(filled, closed, outcomes.period) < (_SURE_DIFFERENCE if standard else _FILLED_DIFFERENCE):
        return ""
    shares = filled[closed].mean(), filled[~closed].mean()
    return f"filled in {_two_shares(*shares, 'closed', 'open')} leads: sales fills it while it works the lead"


def _two_shares(first: float, second: float, first_name: str, second_name: str) -> str:
    return f"{first:.0%} of the {first_name} and {second:.0%} of the {second_name}"


def _difference(filled: NDArray[np.bool_], closed: NDArray[np.bool_], period: NDArray[np.int64]) -> float:
    """Return the difference in the filled share of closed and open leads, within periods (Mantel-Haenszel)."""
    size = int(period.max(initial=0)) + 1
    closed_count = np.bincount(period, weights=closed, minlength=size)
    open_count = np.bincount(period, weights=~closed, minlength=size)
    filled_closed = np.bincount(period, weights=closed & filled, minlength=size)
    filled_open = np.bincount(period, weights=~closed & filled, minlength=size)
    total = np.maximum(closed_count + open_count, 1.0)
    weight = (closed_count * open_count / total).sum()
    if weight == 0:
        return 0.0
    return float(((filled_closed * open_count - filled_open * closed_count) / total).sum() / weight)


def _won_apart(codes: NDArray[np.int64], won: NDArray[np.bool_]) -> str:
    if min(won.sum(), (~won).sum()) < _MIN_ROWS:
        return ""
    auc = univariate_auc(codes, won)
    if auc < _LEAK_AUC:
        return ""
    return f"separates won leads from the others by itself (AUC {auc:.2f}): probably written after the outcome"


def univariate_auc(codes: NDArray[np.int64], won: NDArray[np.bool_]) -> float:
    """Return the AUC of the leave-one-out win rate per value.

    Examples
    --------
    >>> univariate_auc(np.array([0, 0, 0, 1, 1, 1]), np.array([True, True, True, False, False, False]))
    1.0
    """
    count = np.bincount(codes)
    wins = np.bincount(codes, weights=won)
    rate = (wins[codes] - won + won.mean()) / count[codes]
    ranks = pd.Series(rate).rank().to_numpy()[won].sum()
    pairs = won.sum() * (~won).sum()
    return float((ranks - won.sum() * (won.sum() + 1) / 2) / pairs)


def _closed_only(codes: NDArray[np.int64], filled: NDArray[np.bool_], outcomes: SampledOutcomes) -> str:
    """Return the share of closed leads whose values no open lead has, if that is not by chance."""
    closed = outcomes.closed
    if not outcomes.lost.any() or min(closed.sum(), (~closed).sum()) < _MIN_ROWS:
        return ""
    period = outcomes.period
    share = np.bincount(period, weights=closed) / np.maximum(np.bincount(period), 1)
    chance = np.bincount(codes, weights=np.log(np.maximum(share, 1e-9))[period])
    never_open = np.bincount(codes, weights=~closed) == 0
    marked = never_open & (chance < np.log(_CHANCE / max(len(never_open), 1)))
    rows = marked[codes] & closed & filled
    part = rows.sum() / max((closed & filled).sum(), 1)
    if part < _CLOSED_ONLY:
        return ""
    return f"{part:.0%} of the closed leads have values that no open lead has: sales writes it while it works the lead"


def periods(keys: NDArray[np.float64], count: int = PERIODS) -> NDArray[np.int64]:
    """Return the period of each lead: equal parts of the leads in the order of `keys`; nan is a period of its own.

    Examples
    --------
    >>> periods(np.array([3.0, 1.0, 2.0, 4.0]), 2).tolist()
    [1, 0, 0, 1]
    """
    ranks = pd.Series(keys).rank(method="first").to_numpy()
    dated = int(np.isfinite(ranks).sum())
    result = np.full(len(keys), count, dtype=np.int64)
    result[np.isfinite(ranks)] = ((ranks[np.isfinite(ranks)] - 1) * count // max(dated, 1)).astype(np.int64)
    return result
