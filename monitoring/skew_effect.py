"""Effect on money of an input that differs from training.

The leads are changed as little as makes the input's distribution that of training: of a bin that has a share q of the
leads and had p < q in training, (q - p) / q of the leads get the input's features of training leads from the bins that
now have too few, in proportion to what they lack (maximal coupling). Where nothing has shifted, nothing changes; an
input that is always missing is filled in as often as training had it. The other features stay as they are, so what
depends on the input together with another one is approximate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from leadworth.arrays import Indices, Matrix, Vector

DRAWS = 2_000
"""Leads predicted for one effect; fewer leads are used several times each."""


@dataclass(frozen=True)
class Coupling:
    """Which leads are changed, and by which training leads.

    Attributes
    ----------
    changed
        Share of each lead that is changed, shape (leads,).
    drawn
        Probability of each row of the sample, shape (rows,); all 0 where the sample has no suitable row.
    """

    changed: Vector
    drawn: Vector


def coupling(trained: Vector, bins: Indices, sample_bins: Indices) -> Coupling:
    """Return the smallest change that gives the leads the distribution of training.

    Parameters
    ----------
    trained
        Share of each bin in training, shape (bins,); sums to 1.
    bins, sample_bins
        Bin of each lead and of each row of the sample of training leads.

    Examples
    --------
    >>> result = coupling(np.array([0.25, 0.75]), np.array([0, 0, 0, 1]), np.array([0, 1, 1]))
    >>> result.changed.round(3).tolist(), result.drawn.tolist()
    ([0.667, 0.667, 0.667, 0.0], [0.0, 0.5, 0.5])
    """
    now = np.bincount(bins, minlength=len(trained)) / len(bins)
    excess = np.divide(np.maximum(now - trained, 0.0), now, out=np.zeros(len(now)), where=now > 0)
    available = np.bincount(sample_bins, minlength=len(trained))
    lack = np.divide(np.maximum(trained - now, 0.0), available, out=np.zeros(len(now)), where=available > 0)
    drawn = lack[sample_bins]
    return Coupling(excess[bins], drawn / drawn.sum() if drawn.any() else drawn)


def money_effect(
    value: Callable[[Matrix, Indices], Vector], matrix: Matrix, columns: Indices, sample: Matrix, change: Coupling
) -> tuple[float, float]:
    """Return the relative change of the total predicted value, and the share of it that moves between leads.

    Parameters
    ----------
    value
        Predicted values of changed features, given also which lead each row is.
    matrix
        Features of the leads, shape (leads, n_features).
    columns, sample
        Columns of the features of the input, and their values among training leads, shape (rows, columns).
    change
        Which leads are changed, and by which rows of the sample.
    """
    rows = np.flatnonzero(change.changed)
    if not len(rows) or not change.drawn.any():
        return 0.0, 0.0
    rng = np.random.default_rng(7)
    times = -(-DRAWS // len(rows))
    leads = np.repeat(rows, times)
    changed = matrix[leads]
    changed[:, columns] = sample[rng.choice(len(sample), len(leads), p=change.drawn)]
    before = value(matrix, np.arange(len(matrix)))
    difference = change.changed[leads] / times * (value(changed, leads) - before[leads])
    total = before.sum()
    if not total > 0:
        return (np.inf, np.inf) if difference.sum() > 0 else (0.0, 0.0)
    return float(difference.sum() / total), float(np.abs(difference).sum() / 2 / total)
