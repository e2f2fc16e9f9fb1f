"""Evaluation of a champion on the holdout of its challenger."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from leadworth.settings import Settings
from models.bundle import Bundle
from training.champion_evaluation import CHAMPION, _new_leads, challenge
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


def test_the_champion_is_evaluated_on_the_same_leads(own: TrainingResult, settings: Settings) -> None:
    challenge(own, _champion(own, 1.0), settings)
    forecasts = _forward(own).forecasts
    np.testing.assert_allclose(forecasts[CHAMPION].value, forecasts[NAME].value)
    assert CHAMPION in _forward(own).evaluations


def test_the_champion_is_compared_on_leads_that_came_after_its_snapshot(
    own: TrainingResult, settings: Settings
) -> None:
    champion = _champion(own, -60.0)
    new = _new_leads(own, _forward(own), champion)
    assert own.backtest is not None
    submitted = own.known.leads.loc[own.backtest.leads, "submitted_at"]
    after = (submitted > champion.meta.as_of).to_numpy()
    assert 0 < after.sum() == len(new.holdout) < len(submitted)
    np.testing.assert_array_equal(new.challenger.value, own.backtest.forecast.value[after])
    first = _champion(own, -10_000.0)
    assert any("0 among the 0 leads" in line.text for line in challenge(own, first, settings).lines)


def test_without_a_backtest_the_forward_split_is_compared(own: TrainingResult, settings: Settings) -> None:
    decision = challenge(replace(own, backtest=None), _champion(own, 1.0), settings)
    line = next(line for line in decision.lines if "log loss against the champion" in line.text)
    assert not line.passed, "the same model is not better"


def test_extra_columns_of_the_champion_may_be_absent(own: TrainingResult, settings: Settings) -> None:
    champion = _champion(own, 1.0)
    forward = _forward(own)
    extras = [f"extras.{name}" for name in champion.spec.extras]
    assert extras
    challenge(replace(own, forward=replace(forward, leads=forward.leads.drop(columns=extras))), champion, settings)
    assert np.isfinite(forward.forecasts[CHAMPION].value).all()


def test_a_sound_first_model_passes_by_its_backtest(own: TrainingResult, settings: Settings) -> None:
    decision = challenge(own, None, settings)
    assert decision.promote, decision.reasons
    assert [line.name for line in decision.lines if not line.warning] == [
        "parity",
        "ranking",
        "level of wins",
        "level of money",
        "baselines, AUC",
        "baselines, revenue",
    ]
    assert own.backtest is not None
    assert f"backtest of {len(own.backtest.windows)} periods" in decision.lines[2].text


def test_without_an_evaluation_nothing_is_promoted(own: TrainingResult, settings: Settings) -> None:
    for champion in (_champion(own, 1.0), None):
        decision = challenge(replace(own, forward=None), champion, settings)
        assert not decision.promote
        assert "not evaluated" in decision.reasons[0]
