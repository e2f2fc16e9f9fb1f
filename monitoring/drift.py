"""Population stability index: which features of new leads have drifted from those of the training leads.

PSI = sum (p - q) ln(p / q) over bins. Without drift it is approximately chi-square with (bins - 1) degrees of freedom
times (1/n + 1/m) (Yurdakul and Naranjo 2020, "Statistical properties of the population stability index"), so small
samples exceed the usual limits of 0.1 and 0.25 by chance. A feature is reported only where its PSI is above both 0.1
and the limit that chance exceeds for one feature in a thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri

NOTABLE = 0.1
CHANCE = 0.001


@dataclass(frozen=True)
class Drift:
    """PSI of one feature, and the limit that chance alone exceeds once in a thousand features."""

    feature: str
    psi: float
    chance: float

    @property
    def moved(self) -> bool:
        """Whether the PSI is above chance and large enough to matter."""
        return self.psi > max(self.chance, NOTABLE)


def psi(reference: Sequence[int], current: Sequence[int], chance: float = CHANCE) -> tuple[float, float]:
    """Return the PSI of two histograms, and the limit that it exceeds by chance with a given probability.

    Half a lead is added to every bin, so that an empty one does not make the PSI infinite.

    Examples
    --------
    >>> value, chance = psi([500, 500], [300, 700])
    >>> round(value, 3), bool(value > chance)
    (0.169, True)
    >>> value, chance = psi([500, 500], [3, 7])
    >>> bool(value > chance)
    False
    """
    old = np.asarray(reference, float)
    new = np.asarray(current, float)
    used = (old > 0) | (new > 0)
    old = old[used] + 0.5
    new = new[used] + 0.5
    p = old / old.sum()
    q = new / new.sum()
    value = float(((q - p) * np.log(q / p)).sum())
    freedom = max(int(used.sum()) - 1, 1)
    return value, float(chdtri(freedom, chance)) * (1.0 / old.sum() + 1.0 / new.sum())


def drifts(names: Sequence[str], reference: Sequence[Sequence[int]], current: Sequence[Sequence[int]]) -> list[Drift]:
    """Return the features that have drifted, the strongest drift first."""
    measured = [Drift(name, *psi(old, new)) for name, old, new in zip(names, reference, current, strict=True)]
    return sorted((drift for drift in measured if drift.moved), key=lambda drift: -drift.psi)
