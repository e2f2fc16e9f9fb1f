"""Neyman-Pearson threshold of the junk score with a guarantee on the false-positive rate among buyers.

The threshold is an order statistic of the scores of n confirmed buyers that were not in the training set. For any
distribution of the scores, the k-th smallest score rejects more than a share alpha of buyers with probability at most
sum_{j >= k} C(n, j) (1 - alpha)^j alpha^(n - j); k is the smallest rank for which this is at most delta (Tong, Feng
and Li 2018, "Neyman-Pearson classification algorithms and NP receiver operating characteristics"). The empirical
quantile has no such guarantee: it exceeds alpha in about half of all samples.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np

from leadworth.arrays import Indices, Vector
from models.code_table import by_code, look_up


@dataclass(frozen=True)
class Threshold:
    """A score above which a lead is rejected.

    Attributes
    ----------
    log_odds
        The k-th smallest score of the buyers.
    n
        Number of buyers in the calibration set.
    k
        Rank of the score.
    """

    log_odds: float
    n: int
    k: int


def buyers_needed(alpha: float, delta: float) -> int:
    """Return the minimum number of confirmed buyers for a guarantee.

    Examples
    --------
    >>> [buyers_needed(alpha, 0.05) for alpha in (0.001, 0.005, 0.01)]
    [2995, 598, 299]
    """
    return math.ceil(math.log(delta) / math.log1p(-alpha))


def feasible_alpha(buyers: int, delta: float) -> float:
    """Return the smallest alpha that can be guaranteed with this number of buyers; 1 for none.

    Examples
    --------
    >>> round(feasible_alpha(299, 0.05), 4)
    0.01
    """
    return 1.0 if buyers < 1 else -math.expm1(math.log(delta) / buyers)


def threshold(scores: Vector, alpha: float, delta: float) -> Threshold | None:
    """Return the threshold with a guarantee, or None if there are too few buyers.

    Parameters
    ----------
    scores
        Junk scores of confirmed buyers that were not in the training set, shape (n,).
    alpha
        Maximum share of buyers above the threshold.
    delta
        Maximum probability that the share is larger.

    Examples
    --------
    >>> threshold(np.arange(600.0), 0.005, 0.05)
    Threshold(log_odds=599.0, n=600, k=600)
    >>> threshold(np.arange(500.0), 0.005, 0.05) is None
    True
    """
    n = len(scores)
    if n < buyers_needed(alpha, delta):
        return None
    ranks = np.arange(1, n + 1)
    from scipy.stats import binom  # for training only

    k = int(ranks[np.argmax(binom.sf(ranks - 1, n, 1.0 - alpha) <= delta)])
    return Threshold(float(np.partition(scores, k - 1)[k - 1]), n, k)


@dataclass(frozen=True)
class NeymanPearsonThreshold:
    """Rejection thresholds of a bundle: at most `alpha` of buyers are rejected, with probability 1 - `delta`.

    Attributes
    ----------
    alpha, delta
        Maximum false-positive rate, and maximum probability to exceed it.
    buyers
        Number of confirmed buyers that can calibrate; where they are enough, of those that did.
    overall
        Threshold of all channels; None if there are too few buyers, so that no junk score rejects.
    groups
        Thresholds by code of the channels that have enough buyers.
    """

    alpha: float
    delta: float
    buyers: int
    overall: Threshold | None
    groups: Mapping[int, Threshold] = field(default_factory=dict)

    @classmethod
    def fit(cls, scores: Vector, channel: Vector | None, alpha: float, delta: float, usable: int | None = None) -> Self:
        """Calibrate the thresholds on confirmed buyers.

        Parameters
        ----------
        scores
            Junk scores of confirmed buyers that were not in the training set, shape (n,).
        channel
            Codes of the channel, shape (n,); nan for none; None if the model has no channel.
        alpha, delta
            Maximum false-positive rate, and maximum probability to exceed it.
        usable
            Number of confirmed buyers that could be kept out of the training set, where there are too few of them for
            a calibration set and `scores` is empty.

        Examples
        --------
        >>> guarantee = NeymanPearsonThreshold.fit(np.arange(700.0), None, 0.005, 0.05)
        >>> guarantee.overall.k, NeymanPearsonThreshold.fit(np.arange(9.0), None, 0.005, 0.05).overall is None
        (700, True)
        """
        groups: dict[int, Threshold] = {}
        if channel is not None:
            for code in np.unique(channel[np.isfinite(channel)]):
                own = threshold(scores[channel == code], alpha, delta)
                if own is not None:
                    groups[int(code)] = own
        buyers = len(scores) or usable or 0
        return cls(alpha, delta, buyers, threshold(scores, alpha, delta), groups)

    @cached_property
    def thresholds(self) -> tuple[Threshold | None, ...]:
        """The overall threshold, then those of `groups`."""
        return (self.overall, *self.groups.values())

    def positions(self, channel: Vector | None, rows: int) -> Indices:
        """Return the index in `thresholds` for each row, shape (rows,)."""
        if channel is None:
            return np.zeros(rows, dtype=np.int64)
        return look_up(np.ascontiguousarray(channel), self._table).astype(np.int64)

    def limits(self, channel: Vector | None, rows: int) -> Vector:
        """Return the log-odds threshold of each row, shape (rows,); inf if no junk score rejects."""
        return self.log_odds[self.positions(channel, rows)]

    @cached_property
    def _table(self) -> Vector:
        return by_code({code: float(index) for index, code in enumerate(self.groups, start=1)}, 0.0)

    @cached_property
    def log_odds(self) -> Vector:
        """Log-odds of each of `thresholds`; inf if no junk score rejects."""
        return np.array([math.inf if limit is None else limit.log_odds for limit in self.thresholds])

    def __str__(self) -> str:
        """Return the guarantee, or the number of buyers that it needs, as a sentence."""
        if self.overall is None:
            return (
                f"no guarantee for {self.alpha:.2%}: {self.buyers} confirmed buyers, "
                f"{buyers_needed(self.alpha, self.delta)} are needed "
                f"(feasible now: {feasible_alpha(self.buyers, self.delta):.2%}); leads are reviewed, not rejected, "
                "for their junk probability"
            )
        return (
            f"at most {self.alpha:.2%} of genuine buyers rejected (confidence {1.0 - self.delta:.0%}), "
            f"calibrated on {self.buyers} buyers; {len(self.groups)} channels with their own threshold"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the content for JSON."""
        return {**asdict(self), "groups": {str(code): asdict(own) for code, own in self.groups.items()}}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Parse the result of `to_dict`."""
        overall = content["overall"]
        return cls(
            content["alpha"],
            content["delta"],
            content["buyers"],
            None if overall is None else Threshold(**overall),
            {int(code): Threshold(**own) for code, own in content["groups"].items()},
        )
