"""Sample of the leads that a model is fitted to, for histories of more leads than a fit needs.

Won leads and leads labelled junk are few and are all kept. Of the others a simple random sample is drawn, and each
represents as many leads as its weight says, so that every weighted sum over the sample estimates the sum over all leads
without bias (Horvitz and Thompson 1952, "A generalization of sampling without replacement from a finite universe").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from leadworth.arrays import Flags
from leadworth.settings import TrainingSettings

WEIGHT = "weight"
"""Column of the labels: number of leads that each represents; without it 1."""
TYPICAL = "typical"
"""Column of the labels: leads that are a random sample of all, without weights; without it all leads."""
LEAST_OTHERS = 0.5
"""Share of the sample that at least is neither won nor junk."""


@dataclass(frozen=True)
class LeadLimits:
    """Numbers of leads above which a training uses samples; None for no limit.

    Attributes
    ----------
    fit
        See `fit_sample`.
    check
        Leads of the leakage audit, of the baselines and of a holdout, drawn by `random_part`.
    """

    fit: int | None = None
    check: int | None = None

    @classmethod
    def of(cls, settings: TrainingSettings) -> Self:
        """Return the limits of the settings."""
        return cls(settings.fit_leads, settings.check_leads)


def fit_sample(labels: pd.DataFrame, most: int | None, seed: int) -> pd.DataFrame:
    """Return the labels to fit a model to, in their order.

    Parameters
    ----------
    labels
        Table of `training.labels.label`.
    most
        Number of leads up to which all are used; None: no limit. Of more leads about `most` are used: all won and
        junk leads, and others up to `most`, but at least half of `most`.
    seed
        Seed of the sample.

    Returns
    -------
    pandas.DataFrame
        The labels as they are, or those of the sample with the columns `WEIGHT` and `TYPICAL`.

    Examples
    --------
    >>> labels = pd.DataFrame({"state": ["won", *["lost"] * 9], "disposition": "unknown"})
    >>> fit_sample(labels, 4, seed=0)["weight"].tolist()
    [1.0, 3.0, 3.0, 3.0]
    """
    if most is None or len(labels) <= most:
        return labels
    kept: Flags = (labels["state"].eq("won") | labels["disposition"].eq("junk")).to_numpy(dtype=bool)
    others = np.flatnonzero(~kept)
    size = min(max(most - int(kept.sum()), int(LEAST_OTHERS * most)), len(others))
    if size == len(others):
        return labels
    rng = np.random.default_rng(seed)
    drawn = np.zeros(len(labels), dtype=bool)
    drawn[rng.choice(others, size, replace=False)] = True
    weight = np.where(kept, 1.0, len(others) / size)
    typical = drawn | (kept & (rng.random(len(labels)) < size / len(others)))
    chosen = drawn | kept
    return labels.loc[chosen].assign(**{WEIGHT: weight[chosen], TYPICAL: typical[chosen]})


def random_part(labels: pd.DataFrame, most: int | None, seed: int) -> pd.DataFrame:
    """Return at most `most` leads, drawn at random without regard to their outcome, in their order.

    Examples
    --------
    >>> len(random_part(pd.DataFrame({"state": ["open"] * 10}), 3, seed=0))
    3
    """
    if most is None or len(labels) <= most:
        return labels
    rows = np.sort(np.random.default_rng(seed).choice(len(labels), most, replace=False))
    return labels.iloc[rows]
