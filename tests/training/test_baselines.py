"""Baselines: their features, and behaviour on little data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.training.late_history import history
from training.baselines import BASELINES, Baseline, BaselineInput, average_lead, logistic, naive_bayes
from training.discrimination import auc
from training.pipeline import TrainingResult

QUICK = 3
"""Baselines of the default suite; each takes four seconds, all of them run in `make check-slow`."""


@pytest.mark.parametrize(
    "baseline",
    [
        pytest.param(baseline, id=baseline.name, marks=[] if number < QUICK else pytest.mark.slow)
        for number, baseline in enumerate(BASELINES)
    ],
)
def test_baselines_use_the_features_of_the_win_model(training: TrainingResult, baseline: Baseline) -> None:
    spec, known = training.bundle.spec, training.known
    matrix = spec.matrix(known.leads.loc[known.labels.index])[:1500]
    labels = known.labels.head(1500)
    moved = matrix.copy()
    moved[:, [index for index, name in enumerate(spec.names) if name.startswith("recent_")]] = 3.0
    data, changed = (BaselineInput(table, spec, labels, 7) for table in (matrix, moved))
    vars(changed)["junk"] = data.junk  # the junk model may learn from velocity features
    first, second = (baseline.fit(training_data)(matrix[:300]) for training_data in (data, changed))
    assert (first.probability == second.probability).all()
    assert (first.value == second.value).all()


@pytest.mark.parametrize("fit", [naive_bayes, logistic])
def test_baselines_on_bins_find_a_signal(fit: object) -> None:
    past = history(3000)
    past.matrix[:50] = np.nan
    data = BaselineInput(past.matrix, past.spec, past.labels, 7)
    forecast = fit(data)(past.matrix)  # type: ignore[operator]
    assert auc(data.won, forecast.probability) > 0.7
    assert forecast.probability.mean() == pytest.approx(data.won.mean(), abs=0.05)


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda baseline: baseline.name)
@pytest.mark.parametrize("state", ["won", "open"])
def test_baselines_need_no_second_class(baseline: Baseline, state: str) -> None:
    past = history(60)
    data = BaselineInput(past.matrix, past.spec, past.labels.assign(state=pd.Series([state] * 60)), 7)
    forecast = baseline.fit(data)(past.matrix)
    assert np.isfinite(forecast.probability).all()
    if state == "open":
        assert (forecast.probability <= average_lead(data)(past.matrix).probability + 0.05).all()
