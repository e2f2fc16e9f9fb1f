"""Evaluation of a champion on the holdout of its challenger."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from models.bundle import Bundle
from training.champion_evaluation import CHAMPION, challenge
from training.pipeline import NAME, EvaluatedModel, TrainingResult


@pytest.fixture
def own(training: TrainingResult) -> TrainingResult:
    """The training with evaluations of its own, to which a champion can be added."""
    forward = training.forward
    assert forward is not None
    copy = replace(forward, evaluations=dict(forward.evaluations), forecasts=dict(forward.forecasts))
    return replace(training, forward=copy)


def _forward(training: TrainingResult) -> EvaluatedModel:
    assert training.forward is not None
    return training.forward


def _champion(training: TrainingResult, days_before_cut: float) -> Bundle:
    """Return the challenger itself as champion with another snapshot."""
    fitted, cut = _forward(training).fitted, _forward(training).split.cut
    assert cut is not None
    meta = training.bundle.meta.model_copy(update={"as_of": cut.to_pydatetime() - timedelta(days=days_before_cut)})
    return Bundle(fitted.spec, fitted.value_model, training.bundle.policy, meta, fitted.reference)


def test_the_same_model_as_champion_stays(own: TrainingResult) -> None:
    decision = challenge(own, _champion(own, 1.0), seed=7)
    forecasts = _forward(own).forecasts
    np.testing.assert_allclose(forecasts[CHAMPION].value, forecasts[NAME].value)
    assert CHAMPION in _forward(own).evaluations
    assert not decision.promote
    assert any("log loss against the champion" in line.text for line in decision.lines if not line.passed)


def test_leads_before_the_champions_snapshot_are_not_used(own: TrainingResult) -> None:
    decision = challenge(own, _champion(own, -10_000.0), seed=7)
    assert any("only 0 wins among the 0 leads" in line.text for line in decision.lines)


def test_extra_columns_of_the_champion_may_be_absent(own: TrainingResult) -> None:
    champion = _champion(own, 1.0)
    forward = _forward(own)
    extras = [f"extras.{name}" for name in champion.spec.extras]
    assert extras
    challenge(replace(own, forward=replace(forward, leads=forward.leads.drop(columns=extras))), champion, seed=7)
    assert np.isfinite(forward.forecasts[CHAMPION].value).all()


def test_without_an_evaluation_a_champion_stays(own: TrainingResult) -> None:
    assert not challenge(replace(own, forward=None), _champion(own, 1.0), seed=7).promote
    assert challenge(replace(own, forward=None), None, seed=7).promote
