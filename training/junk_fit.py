"""From features and labels to the junk model of a bundle and its promise about genuine buyers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.spec import FeatureSpec
from leadworth.arrays import Matrix, Vector
from leadworth.settings import JunkSettings
from models.boosting import Table
from models.guarantee import Guarantee
from models.junk import FEW_LABELS, Junk, JunkLabels, fit_junk
from models.scorecard import Scorecard

GROUP = "group"
"""Column of the labels in which near-duplicates share a number; absent: each lead stands alone."""


@dataclass(frozen=True)
class FittedJunk:
    """The junk model and what goes with it.

    Attributes
    ----------
    model
        Learned, or the scorecard where labels are few.
    outside
        Log-odds of each lead by a model that had not seen its label, shape (n,).
    guarantee
        The threshold of rejection, calibrated on buyers that taught nothing.
    by_rules
        Leads that count as junk for rules alone.
    note
        A sentence for people; empty where nothing is to be said.
    """

    model: Junk | Scorecard
    outside: Vector
    guarantee: Guarantee
    by_rules: int
    note: str = ""


def junk_labels(labels: pd.DataFrame) -> JunkLabels:
    """Return what is known of junk, from what `training.labels.label` says."""
    told = labels["disposition"].to_numpy(dtype=str)
    group = labels[GROUP].to_numpy(dtype=np.int64) if GROUP in labels else np.arange(len(labels))
    age = labels["age_days"].to_numpy(dtype=np.float64, na_value=np.nan)
    return JunkLabels(told == "junk", told == "engaged", age, group)


def learn_junk(
    matrix: Matrix, spec: FeatureSpec, labels: JunkLabels, promise: JunkSettings, channel: Vector | None, seed: int
) -> FittedJunk:
    """Learn junk from three-state labels and rules.

    Parameters
    ----------
    matrix
        Features, shape (n, n_features).
    spec
        Names, kinds and constraints of the features.
    labels
        Of the same n leads.
    promise
        alpha, delta and half-life of the settings.
    channel
        Code of each lead's channel, shape (n,), or None.
    seed
        Same data and seed give the same model.
    """
    names, card = spec.names, Scorecard.shipped("junk")
    told = int(labels.junk.sum())
    labels = labels.with_rules(card.families(matrix, names))
    few = min(int(labels.junk.sum()), int(labels.engaged.sum()))
    if few < FEW_LABELS:
        said = card.log_odds(matrix, names)
        guarantee = _calibrated(said, labels.engaged, promise, channel)
        note = (
            f"junk: {int(labels.junk.sum())} leads called junk (by people or by two rules) and "
            f"{int(labels.engaged.sum())} engaged; fewer than {FEW_LABELS} of either, so the rule scorecard stands in"
        )
        return FittedJunk(card, said, guarantee, 0, note)
    categorical = tuple(names.index(name) for name in spec.categorical)
    table = Table(matrix, categorical, monotone=spec.junk_monotone())
    held = labels.calibrating(promise.alpha, promise.delta)
    fitted = fit_junk(table, names, labels, labels.weights(promise.half_life_days), held, seed)
    guarantee = _calibrated(fitted.model.log_odds(matrix, names), held, promise, channel)
    return FittedJunk(fitted.model, fitted.outside, guarantee, int(labels.junk.sum()) - told)


def _calibrated(scores: Vector, buyers: np.ndarray, promise: JunkSettings, channel: Vector | None) -> Guarantee:
    own = None if channel is None else channel[buyers]
    return Guarantee.fit(scores[buyers], own, promise.alpha, promise.delta)
