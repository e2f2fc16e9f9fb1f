"""Evaluation of a bundle on the leads since its snapshot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from models.bundle import Bundle
from training.bundle_evaluation import evaluate_bundle
from training.pipeline import EvaluatedModel, TrainingResult


@pytest.fixture
def forward(training: TrainingResult) -> EvaluatedModel:
    assert training.forward is not None
    return training.forward


@pytest.fixture
def earlier(training: TrainingResult, forward: EvaluatedModel) -> Bundle:
    """The model trained as known at the cut."""
    return forward.fitted.evaluated_bundle(training.known.horizon_days)


def test_a_sound_model_passes_on_the_leads_since_its_snapshot(
    training: TrainingResult, forward: EvaluatedModel, earlier: Bundle
) -> None:
    evaluation = evaluate_bundle(earlier, training.known, after=forward.split.cut)
    assert evaluation.decision is not None
    assert evaluation.decision.promote, evaluation.decision.reasons
    assert evaluation.leads == len(forward.leads)
    assert evaluation.backtest is not None
    assert sum(window.leads for window in evaluation.backtest.windows) == evaluation.leads
    assert evaluation.backtest.windows[0].start >= forward.split.cut


def test_leads_without_their_inputs_fail(training: TrainingResult, forward: EvaluatedModel, earlier: Bundle) -> None:
    known = training.known
    kept = {"lead_id", "submitted_at"}
    blank = known.leads.copy()
    for name in set(blank) - kept:
        blank[name] = blank[name].mask(np.ones(len(blank), dtype=bool))
    evaluation = evaluate_bundle(earlier, replace(known, leads=blank), after=forward.split.cut)
    assert evaluation.decision is not None
    assert "ranking" in {line.name for line in evaluation.decision.lines if not line.passed}


def test_too_few_wins_give_no_verdict(training: TrainingResult, earlier: Bundle) -> None:
    assert training.known.as_of is not None
    evaluation = evaluate_bundle(earlier, training.known, after=training.known.as_of - timedelta(days=3))
    assert evaluation.decision is None
    assert "no verdict" in evaluation.note


def test_open_leads_without_dated_wins_are_not_losses(training: TrainingResult, earlier: Bundle) -> None:
    known = training.known
    undated = replace(known, labels=known.labels.assign(delay_days=np.nan))
    evaluation = evaluate_bundle(earlier, undated, after=None)
    assert evaluation.backtest is None
    assert evaluation.decision is not None
    (wins,) = [line for line in evaluation.decision.lines if line.name == "level of wins"]
    assert "open leads may be won or lost" in wins.text
    assert wins.passed
