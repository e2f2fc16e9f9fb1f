"""Rolling-origin backtest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from leadworth.settings import Settings
from training.backtest import Backtest, ScoredWindow, backtest, compare
from training.forecast import Forecast
from training.pipeline import NAME, TrainingResult


@pytest.fixture(scope="module")
def result(training: TrainingResult) -> Backtest:
    assert training.backtest is not None
    return training.backtest


def test_periods_are_disjoint_and_one_is_that_of_the_forward_split(result: Backtest, training: TrainingResult) -> None:
    assert training.forward is not None
    starts = [window.start for window in result.windows]
    assert starts == sorted(starts)
    assert training.forward.split.cut in starts
    submitted = training.known.leads["submitted_at"]
    for window, following in zip(result.windows, [*result.windows[1:], None], strict=True):
        end = window.end if following is None else min(window.end, following.start)
        assert window.leads == int(((submitted > window.start) & (submitted <= end)).sum())
    assert sum(window.leads for window in result.windows) == len(result.holdout) == len(result.forecast.value)


def test_the_totals_are_those_of_the_periods(result: Backtest) -> None:
    for name in ("wins", "money"):
        total = getattr(result, name)
        assert total.seen == pytest.approx(sum(getattr(window, name).seen for window in result.windows))
        assert total.predicted == pytest.approx(sum(getattr(window, name).predicted for window in result.windows))
        assert total.low < total.ratio < total.high
    assert result.mature.seen + result.young.seen == pytest.approx(result.wins.seen)
    assert sum(level.seen for level in result.channels.values()) == pytest.approx(result.money.seen)


def test_a_model_of_the_simulated_business_has_the_right_level(result: Backtest) -> None:
    assert not result.wins.too_low
    assert not result.wins.too_high


def test_wins_later_than_the_oldest_lead_of_the_training_are_not_expected(training: TrainingResult) -> None:
    known, forward = training.known, training.forward
    assert forward is not None
    forecast = forward.forecasts[NAME]
    cut = pd.Timestamp(forward.split.cut)  # type: ignore[arg-type]
    window = ScoredWindow(cut, cut + pd.Timedelta(days=400), forward.leads.index, forecast, np.inf)
    whole, short = compare(known, [window]), compare(known, [window._replace(reach_days=60.0)])
    assert short.wins.predicted > whole.wins.predicted
    assert (short.holdout.visible <= 1.0).all()


def test_a_forecast_of_half_the_wins_reads_as_half(training: TrainingResult, result: Backtest) -> None:
    window = ScoredWindow(
        result.windows[0].start,
        result.windows[-1].end,
        training.known.labels.index[-len(result.holdout) :],
        Forecast(np.full(len(result.holdout), 0.05), np.full(len(result.holdout), 50.0)),
        np.inf,
    )
    full = compare(training.known, [window])
    half = Forecast(window.forecast.probability / 2, window.forecast.value / 2)
    halved = compare(training.known, [window._replace(forecast=half)])
    assert halved.wins.ratio == pytest.approx(full.wins.ratio / 2)
    assert halved.money.ratio == pytest.approx(full.money.ratio / 2)


def test_without_dates_there_is_none_and_the_reason_is_given(training: TrainingResult, settings: Settings) -> None:
    known = training.known
    nothing, why = backtest(replace(known, as_of=None), junk=settings.junk, seed=7)
    assert nothing is None
    assert "the leads have no dates" in why
    undated = replace(known, labels=known.labels.assign(delay_days=np.nan))
    nothing, why = backtest(undated, junk=settings.junk, seed=7)
    assert nothing is None
    assert "outcomes as they stand" in why
    few = replace(known, leads=known.leads.tail(60), labels=known.labels.tail(60))
    nothing, why = backtest(few, junk=settings.junk, seed=7)
    assert nothing is None
    assert "no backtest: on no day" in why
