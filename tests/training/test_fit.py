"""Fit of the lead value model: late outcomes, few data, determinism."""

from __future__ import annotations

import numpy as np
import pytest

from leadworth.errors import TrainingError
from leadworth.settings import JunkSettings
from models.junk_model import JunkModel
from models.scorecard import Scorecard
from tests.training.late_history import fit_history, history
from training.fit import fit_value_model


def test_late_outcomes_are_corrected() -> None:
    past = history(9000, days=400.0)
    value_model, report = fit_history(past)
    prediction = value_model.predict(past.matrix)
    assert report.lateness == "delay"
    assert prediction.win_probability.sum() / past.chance.sum() == pytest.approx(1.0, abs=0.07)
    assert past.labels["state"].eq("won").sum() / past.chance.sum() < 0.87
    assert np.corrcoef(prediction.win_probability, past.chance)[0, 1] > 0.85
    assert report.delay_size_slope is not None
    assert report.delay_size_slope > 0.2


def test_same_data_and_seed_give_the_same_files() -> None:
    past = history(1500)
    first, second = (fit_history(past, 3)[0].files() for _ in range(2))
    assert first == second
    assert first != fit_history(past, 4)[0].files()


def test_win_probability_given_age_of_open_leads() -> None:
    past = history(9000, days=700.0)
    value_model, _ = fit_history(past)
    fresh = history(20_000, seed=9, days=120.0)
    is_open = fresh.labels["state"].eq("open").to_numpy()
    prediction = value_model.predict(fresh.matrix[is_open], fresh.labels["age_days"].to_numpy()[is_open])
    future_wins = fresh.chance.sum() - fresh.labels["state"].eq("won").sum()
    assert prediction.win_probability.sum() / future_wins == pytest.approx(1.0, abs=0.12)


def test_a_history_without_wins_is_refused() -> None:
    past = history(1000)
    past.labels.loc[past.labels["state"].eq("won"), "state"] = "open"
    with pytest.raises(TrainingError, match="no lead is won"):
        fit_history(past)


@pytest.mark.parametrize(("junk", "expected"), [(29, Scorecard), (40, JunkModel)])
def test_the_junk_model_needs_labels(junk: int, expected: type) -> None:
    past = history(1500)
    labelled = np.flatnonzero(past.labels["disposition"].eq("junk"))
    past.labels.loc[labelled[junk:], "disposition"] = "unknown"
    value_model, report = fit_history(past)
    assert isinstance(value_model.junk, expected)
    assert any("scorecard" in note for note in report.notes) == (expected is Scorecard)


@pytest.mark.parametrize("rows", [1, 2, 5, 40])
def test_few_leads_give_a_model_with_finite_predictions(rows: int) -> None:
    past = history(rows)
    past.labels.loc[0, "state"] = "won"
    value_model, report = fit_history(past)
    prediction = value_model.predict(past.matrix)
    assert report.leads == rows
    for values in vars(prediction).values():
        assert np.isfinite(values).all()


def test_progress_names_the_steps() -> None:
    past = history(300)
    steps: list[str] = []
    fit_value_model(
        past.matrix, past.spec, past.labels, horizon_days=365, junk=JunkSettings(), seed=7, progress=steps.append
    )
    assert steps[0] == "junk"
    assert "win probability" in steps


def test_a_matrix_without_features_is_refused() -> None:
    past = history(50)
    with pytest.raises(TrainingError, match="50 leads with 0 features"):
        fit_value_model(past.matrix[:, :0], past.spec, past.labels, horizon_days=365, junk=JunkSettings(), seed=7)
