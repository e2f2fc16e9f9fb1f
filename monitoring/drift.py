"""Tell which features of new leads have moved away from those of the training leads.

The population stability index PSI = sum (p - q) ln(p / q) over bins. Without any drift it is about
chi-square with (bins - 1) degrees of freedom times (1/n + 1/m) (Yurdakul and Naranjo 2020, "Statistical
properties of the population stability index"), so that small samples look drifted by the usual reading of 0.1
and 0.25. A feature is named only where its PSI lies above both 0.1 and the limit that chance passes once in
a thousand features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

NOTABLE = 0.1
CHANCE = 0.001


@dataclass(frozen=True)
class Drift:
    """PSI of one feature, and what chance alone would pass once in a thousand features."""

    feature: str
    psi: float
    chance: float

    @property
    def moved(self) -> bool:
        """Whether it is more than chance and more than nothing."""
        return self.psi > max(self.chance, NOTABLE)


def psi(reference: Sequence[int], now: Sequence[int]) -> tuple[float, float]:
    """Return the PSI of two histograms, and the limit of chance.

    Half a lead is added to every bin, so that an empty one does not make it infinite.

    Examples
    --------
    >>> value, chance = psi([500, 500], [300, 700])
    >>> round(value, 3), bool(value > chance)
    (0.169, True)
    >>> value, chance = psi([500, 500], [3, 7])
    >>> bool(value > chance)
    False
    """
    old, new = np.asarray(reference, float), np.asarray(now, float)
    used = (old > 0) | (new > 0)
    old, new = old[used] + 0.5, new[used] + 0.5
    p, q = old / old.sum(), new / new.sum()
    value = float(((q - p) * np.log(q / p)).sum())
    freedom = max(int(used.sum()) - 1, 1)
    return value, float(chi2.ppf(1.0 - CHANCE, freedom)) * (1.0 / old.sum() + 1.0 / new.sum())


def drifts(names: Sequence[str], reference: Sequence[Sequence[int]], now: Sequence[Sequence[int]]) -> list[Drift]:
    """Return the features that have moved, the most moved first."""
    found = [Drift(name, *psi(old, new)) for name, old, new in zip(names, reference, now, strict=True)]
    return sorted((one for one in found if one.moved), key=lambda one: -one.psi)
