"""Poisson bootstrap: how much of each lead each resample holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from leadworth.arrays import Flags, Vector

RESAMPLES = 300
_AT_ONCE = 50
"""Resamples for which a statistic is computed at once: its arrays have one number for each of them and each lead."""


@dataclass(frozen=True)
class Resamples:
    """Poisson weights of n leads in resamples; the same seed gives the same weights.

    Each weight is an independent Poisson number of mean 1, which is the limit of drawing n leads with replacement
    (Hanley and MacGibbon 2006, "Creating non-parametric bootstrap samples using Poisson frequencies").

    Attributes
    ----------
    weights
        Weights, shape (resamples, n), of one byte each.

    Examples
    --------
    >>> resamples = Resamples.draw(1_000, seed=7)
    >>> means = resamples.each(lambda weights: weights @ np.arange(1_000.0) / weights.sum(axis=1))
    >>> means.shape, bool(abs(means.std() - np.sqrt(1_000**2 / 12 / 1_000)) < 1.0)
    ((300,), True)
    """

    weights: NDArray[np.uint8]

    @classmethod
    def draw(cls, leads: int, seed: int, resamples: int = RESAMPLES) -> Self:
        """Draw the weights.

        Parameters
        ----------
        leads
            Number of leads, n.
        seed
            Seed of the draw.
        resamples
            Number of resamples.
        """
        rng = np.random.default_rng(seed)
        weights = np.empty((resamples, leads), dtype=np.uint8)
        for row in weights:
            row[:] = rng.poisson(1.0, leads)
        return cls(weights)

    def of(self, inside: Flags) -> Resamples:
        """Return the weights of some of the leads."""
        return Resamples(self.weights[:, inside])

    def each(self, statistic: Callable[[Vector], Vector]) -> Vector:
        """Return a statistic of each resample, shape (resamples,).

        Parameters
        ----------
        statistic
            Function from weights of shape (k, n) to the statistic of these k resamples.
        """
        parts = (self.weights[begin : begin + _AT_ONCE] for begin in range(0, len(self.weights), _AT_ONCE))
        return np.concatenate([statistic(part.astype(np.float64)) for part in parts])
