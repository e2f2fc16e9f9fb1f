"""Fit of the junk model, and of its Neyman-Pearson threshold, to three-state labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.feature_spec import FeatureSpec
from leadworth.arrays import Matrix, Vector
from leadworth.settings import JunkSettings
from models.boosting import BoosterDataset
from models.junk_model import FEW_LABELS, JunkLabels, JunkModel, fit_junk
from models.np_threshold import NeymanPearsonThreshold
from models.scorecard import Scorecard
from training.contradicted_rules import contradicted, sentences
from training.fit_sample import TYPICAL, WEIGHT

GROUP = "group"
"""Column of the labels in which near-duplicates share a number; without it no leads are near-duplicates."""


@dataclass(frozen=True)
class FittedJunk:
    """The junk model with its threshold.

    Attributes
    ----------
    model
        Trained model, or the rule scorecard where labels are few.
    out_of_fold
        Log-odds of each lead by a model that was not trained on its label, shape (n,).
    guarantee
        Threshold of rejection, calibrated on buyers that the model was not trained on.
    by_rules
        Number of leads labelled junk by rules alone.
    notes
        Sentences for the report.
    switched_off
        Rules of the scorecard that the outcomes contradict.
    """

    model: JunkModel | Scorecard
    out_of_fold: Vector
    guarantee: NeymanPearsonThreshold
    by_rules: int
    notes: tuple[str, ...] = ()
    switched_off: tuple[str, ...] = ()


def junk_labels(labels: pd.DataFrame) -> JunkLabels:
    """Return the junk labels from the table of `training.labels.label`."""
    disposition = labels["disposition"].to_numpy(dtype=str)
    group = labels[GROUP].to_numpy(dtype=np.int64) if GROUP in labels else np.arange(len(labels))
    age = labels["age_days"].to_numpy(dtype=np.float64, na_value=np.nan)
    weight = labels[WEIGHT].to_numpy(dtype=np.float64) if WEIGHT in labels else None
    typical = labels[TYPICAL].to_numpy(dtype=bool) if TYPICAL in labels else None
    return JunkLabels(disposition == "junk", disposition == "engaged", age, group, weight, typical)


def fit_junk_model(
    matrix: Matrix, spec: FeatureSpec, labels: JunkLabels, settings: JunkSettings, channel: Vector | None, seed: int
) -> FittedJunk:
    """Fit the junk model to labels of people and rules.

    Parameters
    ----------
    matrix
        Features, shape (n, n_features).
    spec
        Names, kinds and constraints of the features.
    labels
        Junk labels of the same n leads.
    settings
        alpha, delta and half-life.
    channel
        Code of each lead's channel, shape (n,), or None.
    seed
        Same data and seed give the same model.
    """
    names = spec.names
    scorecard, notes, off = _uncontradicted(Scorecard.shipped("junk"), matrix, names, labels)
    by_people = _leads(labels)
    labels = labels.with_rules(scorecard.families(matrix, names))
    junk, engaged = int(labels.junk.sum()), int(labels.engaged.sum())
    if min(junk, engaged) < FEW_LABELS:
        log_odds = scorecard.log_odds(matrix, names)
        note = (
            f"junk: {junk} leads labelled junk (by people or by two rules) and {engaged} engaged; "
            f"fewer than {FEW_LABELS} of either, so the rule scorecard is used"
        )
        guarantee = _guarantee(log_odds, labels.engaged, settings, channel)
        return FittedJunk(scorecard, log_odds, guarantee, 0, (*notes, note), off)
    categorical = tuple(names.index(name) for name in spec.categorical)
    unused = tuple(names.index(name) for name in scorecard.rules_only if name in names)
    table = BoosterDataset(matrix, categorical, monotone=spec.junk_monotone(), unused=unused)
    calibrating = labels.calibrating(settings.alpha, settings.delta)
    weights = labels.weights(settings.half_life_days)
    fitted = fit_junk(table, names, labels, weights, calibrating, seed, scorecard)
    guarantee = _guarantee(fitted.model.log_odds(matrix, names), calibrating, settings, channel, labels.usable_buyers)
    return FittedJunk(fitted.model, fitted.outside, guarantee, _leads(labels) - by_people, notes, off)


def _leads(labels: JunkLabels) -> int:
    """Return the number of junk leads, those included that others represent."""
    return round(float(labels.junk.sum() if labels.weight is None else labels.weight[labels.junk].sum()))


def _uncontradicted(
    card: Scorecard, matrix: Matrix, names: Sequence[str], labels: JunkLabels
) -> tuple[Scorecard, tuple[str, ...], tuple[str, ...]]:
    """Return the card without the rules that the outcomes contradict, sentences about these, and their ids."""
    rows = None if labels.typical is None else np.flatnonzero(labels.typical)
    holds, labels = card.holds(matrix, names, rows), labels.of_typical()
    off = contradicted(holds, labels)
    ids = tuple(rule.id for rule, contrary in zip(card.rules, off, strict=True) if contrary)
    texts = {rule.id: rule.sentence for rule in card.rules}
    return (
        card.without(ids),
        tuple(f"{text} and is switched off" for text in sentences(ids, holds[:, off], labels, texts)),
        ids,
    )


def _guarantee(
    scores: Vector, buyers: np.ndarray, settings: JunkSettings, channel: Vector | None, usable: int | None = None
) -> NeymanPearsonThreshold:
    buyer_channel = None if channel is None else channel[buyers]
    return NeymanPearsonThreshold.fit(scores[buyers], buyer_channel, settings.alpha, settings.delta, usable)
