"""How high a junk score may rise before a lead is rejected, with a promise about genuine buyers.

The threshold is an order statistic of the scores of confirmed buyers that the junk model has not learned
from. With n of them, the k-th smallest score s_(k) rejects more than a share alpha of buyers with a chance
of at most sum_{j >= k} C(n, j) (1 - alpha)^j alpha^(n - j), whatever the scores are like; the smallest k
that keeps this below delta is taken (Tong, Feng and Li 2018, "Neyman-Pearson classification algorithms and
NP receiver operating characteristics"). The empirical quantile promises nothing of the sort: it breaks its
share in about every second draw.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from models.base import Vector
from models.code_table import by_code, look_up


@dataclass(frozen=True)
class Threshold:
    """A score above which a lead is rejected.

    Attributes
    ----------
    log_odds
        The k-th smallest score of the buyers.
    n, k
        Buyers that calibrated it, and the rank.
    """

    log_odds: float
    n: int
    k: int


def buyers_needed(alpha: float, delta: float) -> int:
    """Return how many confirmed buyers a promise needs at least.

    Examples
    --------
    >>> [buyers_needed(alpha, 0.05) for alpha in (0.001, 0.005, 0.01)]
    [2995, 598, 299]
    """
    return math.ceil(math.log(delta) / math.log1p(-alpha))


def feasible_alpha(buyers: int, delta: float) -> float:
    """Return the smallest share that can be promised with so many buyers; 1 with none.

    Examples
    --------
    >>> round(feasible_alpha(299, 0.05), 4)
    0.01
    """
    return 1.0 if buyers < 1 else -math.expm1(math.log(delta) / buyers)


def threshold(scores: Vector, alpha: float, delta: float) -> Threshold | None:
    """Return the threshold of a promise, or None where there are too few buyers for it.

    Parameters
    ----------
    scores
        Junk scores of confirmed buyers, none of which the model has learned from, shape (n,).
    alpha
        Share of buyers that may score above the threshold.
    delta
        Chance that more of them do.

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
    k = int(ranks[np.argmax(binom.sf(ranks - 1, n, 1.0 - alpha) <= delta)])
    return Threshold(float(np.partition(scores, k - 1)[k - 1]), n, k)


@dataclass(frozen=True)
class Guarantee:
    """The promise of a bundle: at most `alpha` of genuine buyers are rejected, but for a chance of `delta`.

    Attributes
    ----------
    alpha, delta
        As in the settings.
    buyers
        Confirmed buyers that calibrated.
    overall
        The threshold of all, or None: too few buyers, so that no junk score rejects.
    groups
        Thresholds of single channels, by code, where they have buyers enough of their own.
    """

    alpha: float
    delta: float
    buyers: int
    overall: Threshold | None
    groups: Mapping[int, Threshold] = field(default_factory=dict)

    @classmethod
    def fit(cls, scores: Vector, channel: Vector | None, alpha: float, delta: float) -> Self:
        """Calibrate on buyers.

        Parameters
        ----------
        scores
            Junk scores of confirmed buyers that the model has not learned from, shape (n,).
        channel
            Code of the channel of each, shape (n,); nan for none; None: not known.
        alpha, delta
            The promise.

        Examples
        --------
        >>> promise = Guarantee.fit(np.arange(700.0), None, 0.005, 0.05)
        >>> promise.overall.k, Guarantee.fit(np.arange(9.0), None, 0.005, 0.05).overall is None
        (700, True)
        """
        groups: dict[int, Threshold] = {}
        if channel is not None:
            for code in np.unique(channel[np.isfinite(channel)]):
                own = threshold(scores[channel == code], alpha, delta)
                if own is not None:
                    groups[int(code)] = own
        return cls(alpha, delta, len(scores), threshold(scores, alpha, delta), groups)

    @cached_property
    def thresholds(self) -> tuple[Threshold | None, ...]:
        """The overall threshold, then those of single channels."""
        return (self.overall, *self.groups.values())

    def positions(self, channel: Vector | None, rows: int) -> NDArray[np.int64]:
        """Return which of `thresholds` holds for each row, shape (rows,)."""
        if channel is None:
            return np.zeros(rows, dtype=np.int64)
        return look_up(np.ascontiguousarray(channel), self._table).astype(np.int64)

    def limits(self, channel: Vector | None, rows: int) -> Vector:
        """Return the threshold of each row, shape (rows,); inf where no junk score may reject."""
        return self.log_odds[self.positions(channel, rows)]

    @cached_property
    def _table(self) -> Vector:
        return by_code({code: float(place) for place, code in enumerate(self.groups, start=1)}, 0.0)

    @cached_property
    def log_odds(self) -> Vector:
        """Log-odds of each of `thresholds`; inf where no junk score may reject."""
        return np.array([math.inf if one is None else one.log_odds for one in self.thresholds])

    def __str__(self) -> str:
        """Say what is promised, or what is missing for it."""
        if self.overall is None:
            lacking = buyers_needed(self.alpha, self.delta)
            return (
                f"no promise of {self.alpha:.2%}: {self.buyers} confirmed buyers, {lacking} are needed "
                f"(feasible now: {feasible_alpha(self.buyers, self.delta):.2%}); rules and review stand in"
            )
        return (
            f"at most {self.alpha:.2%} of genuine buyers rejected (chance to fail {self.delta:.0%}), "
            f"calibrated on {self.buyers} buyers; {len(self.groups)} channels with a threshold of their own"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        return {**asdict(self), "groups": {str(code): asdict(own) for code, own in self.groups.items()}}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote."""
        overall = content["overall"]
        return cls(
            content["alpha"],
            content["delta"],
            content["buyers"],
            None if overall is None else Threshold(**overall),
            {int(code): Threshold(**own) for code, own in content["groups"].items()},
        )
