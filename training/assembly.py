"""Assembly of the bundle of a training: metadata, policy, and the rules of it that the outcomes contradict."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from leadworth.settings import Settings
from models.bundle import Bundle, BundleMetadata
from models.input_baseline import input_baselines
from models.policy import Policy
from training.backtest import Backtest
from training.contradicted_rules import contradicted, sentences
from training.fit_sample import random_part
from training.fitted_model import FittedModel
from training.junk_fit import junk_labels
from training.time_split import KnownHistory
from training.value_uncertainty import value_intervals

RULE_LEADS = 50_000
"""Latest leads on which the rules of the policy are compared with the outcomes."""
_HASHED_AT_ONCE = 50_000
"""Rows whose texts are held as Python objects at once."""


def assemble(
    fitted: FittedModel,
    known: KnownHistory,
    settings: Settings,
    result: Backtest | None,
    checkboxes: Mapping[str, bool],
) -> tuple[Bundle, tuple[str, ...]]:
    """Return the bundle of a model fitted to all leads, and notes on its policy.

    Parameters
    ----------
    fitted
        The model.
    known
        The history.
    settings
        Settings of the business.
    result
        Backtest; None where there is none.
    checkboxes
        As in `crm.outcome_table.OutcomeReader`.
    """
    report = fitted.report
    part = random_part(known.labels, settings.training.check_leads, settings.training.seed)
    leads = known.leads.loc[part.index]
    matrix = known.data.cells.matrix(fitted.spec, known.data.rows(part.index))
    meta = BundleMetadata(
        currency=settings.currency,
        horizon_days=settings.horizon_days,
        margin=settings.mql.margin,
        touch_cost=settings.mql.touch_cost,
        as_of=known.as_of,
        data_fingerprint=fingerprint(known),
        seed=settings.training.seed,
        counts={
            "leads": report.leads,
            "wins": report.wins,
            "dated_wins": report.dated_wins,
            "open": report.open_leads,
            "junk": report.junk_labels,
            "engaged": report.engaged_labels,
        },
        intervals=None
        if result is None
        else value_intervals(result, math.hypot(report.level_error, report.deal_size_error)),
        least_probability=_least_probability(fitted, matrix, settings.mql.capacity),
        checkboxes=dict(checkboxes),
    )
    reference = replace(fitted.reference, inputs=input_baselines(fitted.spec, leads, matrix, meta.seed))
    policy = _policy(settings)
    bundle = Bundle(fitted.spec, fitted.value_model, policy, meta, reference)
    ids, notes = _contradicted_rules(bundle, known)
    if not ids:
        return bundle, ()
    if settings.mql.policy is not None:
        return bundle, tuple(f"{note}; it is a rule of [mql] policy and stays on: correct it there" for note in notes)
    meta = meta.model_copy(update={"switched_off": ids})
    return Bundle(fitted.spec, fitted.value_model, policy, meta, reference), tuple(
        f"{note} and is switched off" for note in notes
    )


def _least_probability(fitted: FittedModel, matrix: np.ndarray, capacity: float | None) -> float:
    """Return the win probability that an MQL needs without revenue: that of the average lead, or by the capacity."""
    if not fitted.value_model.revenue.unit:
        return 0.0
    probability = fitted.value_model.predict(matrix).win_probability
    least = probability.mean() if capacity is None else np.quantile(probability, 1.0 - capacity)
    return float(least) * (1.0 - 1e-9)


def _contradicted_rules(bundle: Bundle, known: KnownHistory) -> tuple[tuple[str, ...], list[str]]:
    """Return the ids of the rules of the verdict that the outcomes contradict, and a sentence for each."""
    labels = known.labels.iloc[-RULE_LEADS:]
    holds = bundle.verdict_rules(known.leads.loc[labels.index])
    by_people = junk_labels(labels)
    off = contradicted(holds, by_people)
    rules = bundle.policy.verdict.rules
    ids = tuple(rule.id for rule, contrary in zip(rules, off, strict=True) if contrary)
    return ids, sentences(ids, holds[:, off], by_people, {rule.id: rule.sentence for rule in rules})


def fingerprint(known: KnownHistory) -> str:
    """Return the sha256 of the leads and labels that a model was trained on."""
    digest = hashlib.sha256()
    for table in (known.leads, known.labels):
        digest.update(",".join(map(str, table.columns)).encode())
        for begin in range(0, len(table), _HASHED_AT_ONCE):
            part = table.iloc[begin : begin + _HASHED_AT_ONCE]
            digest.update(pd.util.hash_pandas_object(part, index=False).to_numpy(dtype=np.uint64).tobytes())
    return digest.hexdigest()


def _policy(settings: Settings) -> Policy:
    file = settings.mql.policy
    return Policy.read(None if file is None else settings.resolve(file))
