"""A fit to a sample forecasts what a fit to all leads does, and reports the counts of all leads."""

from __future__ import annotations

import numpy as np
import pytest

from crm.lead_history import LeadHistory
from leadworth.settings import JunkSettings
from training.fitted_model import FittedModel, fit_part
from training.time_split import KnownHistory, known_history


@pytest.fixture(scope="module")
def known(history: LeadHistory) -> KnownHistory:
    return known_history(history, as_of=None, not_before=None, horizon_days=365)


@pytest.fixture(scope="module")
def whole(known: KnownHistory) -> FittedModel:
    return _fit(known, None)


@pytest.fixture(scope="module")
def sampled(known: KnownHistory) -> FittedModel:
    return _fit(known, 1_600)


def _fit(known: KnownHistory, most: int | None) -> FittedModel:
    return fit_part(known.data, known.labels, horizon_days=365, junk=JunkSettings(), seed=7, most=most)


def test_the_report_has_the_counts_of_all_leads(whole: FittedModel, sampled: FittedModel) -> None:
    for name in ("leads", "wins", "dated_wins", "open_leads", "junk_labels", "engaged_labels"):
        assert getattr(sampled.report, name) == getattr(whole.report, name)
    assert sampled.report.notes[0].startswith("the models are fitted to 1,600 of ")
    assert not any("fitted to" in note for note in whole.report.notes)


def test_features_and_categories_are_those_of_all_leads(whole: FittedModel, sampled: FittedModel) -> None:
    assert sampled.spec == whole.spec


def test_the_sample_does_not_change_the_level_of_the_forecasts(
    known: KnownHistory, whole: FittedModel, sampled: FittedModel
) -> None:
    """The sample has two and a half times the share of wins; without weights the sum would be that much higher."""
    matrix = known.data.cells.matrix(whole.spec, np.arange(len(known.leads)))
    sums = []
    for model in (whole, sampled):
        prediction = model.value_model.predict(matrix)
        money = prediction.win_probability * prediction.expected_revenue
        sums.append([prediction.win_probability.sum(), money.sum(), prediction.junk_probability.sum()])
    np.testing.assert_allclose(sums[1], sums[0], rtol=0.15)


def test_the_drift_baseline_is_that_of_typical_leads(whole: FittedModel, sampled: FittedModel) -> None:
    shares = [
        sum(model.reference.features["email_free"].engaged) / sum(model.reference.features["email_free"].all)
        for model in (whole, sampled)
    ]
    assert shares[1] == pytest.approx(shares[0], rel=0.25)
