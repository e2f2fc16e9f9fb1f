"""Rolling-origin backtest: train as known at several days of the past, score the next 60 days, compare with what came.

Each model is trained by the recipe of the model to be registered, with the leads and outcomes known at its cut, and
scores the leads that followed as `leadworth score` does. Its expected wins are the win probabilities times the share
of the wins that is visible at the age of the lead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from leadworth.arrays import Flags, Indices, Vector
from leadworth.garbage_collection import release_memory
from leadworth.settings import JunkSettings
from training.fitted_model import fit_part
from training.forecast import Forecast
from training.holdout import Holdout, build_holdout
from training.labels import label
from training.level import ForecastLevel, level_of
from training.outcome_maturity import OutcomeMaturity
from training.served_path import served_forecast
from training.time_split import MINIMUM_LEADS, KnownHistory

CUT_DAYS = (60, 120, 180, 240, 300)
WINDOW_DAYS = 60
SAME_CUT_DAYS = 30
MINIMUM_WINS = 10
MINIMUM_SCORED = 10
LEADS_AT_ONCE = 150_000
"""Leads of a fit above which models are trained one after the other: each holds features, which its folds share."""
MATURE = 0.5
RESAMPLES = 60
_SECONDS = 86_400.0


class ScoredWindow(NamedTuple):
    """Leads submitted between two days, scored by a model trained as known on the first.

    `reach_days` is the age of the oldest lead that the model was trained on: it cannot know of later wins.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    leads: pd.Index
    forecast: Forecast
    reach_days: float


@dataclass(frozen=True)
class BacktestWindow:
    """Predicted over seen wins and money of one window."""

    start: pd.Timestamp
    end: pd.Timestamp
    leads: int
    wins: ForecastLevel
    money: ForecastLevel


@dataclass(frozen=True)
class Backtest:
    """Result of a backtest.

    Attributes
    ----------
    windows
        By start.
    wins, money
        Of all windows together; `money` counts wins where the history has no revenue.
    mature, young
        Wins of the leads at an age by which more than half of the wins is visible, and of the younger ones.
    channels
        Money by channel.
    holdout, forecast, leads
        All leads that were scored; `leads` is their index in the lead table.
    """

    windows: tuple[BacktestWindow, ...]
    wins: ForecastLevel
    money: ForecastLevel
    mature: ForecastLevel
    young: ForecastLevel
    channels: dict[str, ForecastLevel]
    holdout: Holdout
    forecast: Forecast
    leads: pd.Index


def backtest(
    known: KnownHistory,
    *,
    junk: JunkSettings,
    seed: int,
    scored: ScoredWindow | None = None,
    most: int | None = None,
) -> tuple[Backtest | None, str]:
    """Run the backtest.

    Parameters
    ----------
    known
        The history.
    junk, seed
        As for the model to be registered.
    scored
        Leads that a model has scored already; its cut replaces the nearest one.
    most
        See `training.fitted_model.fit_part`.

    Returns
    -------
    tuple of Backtest and str
        The result, or None and the reason why there is none.
    """
    if known.as_of is None or known.labels["age_days"].notna().mean() < MATURE:
        return None, "no backtest: the leads have no dates"
    if known.undated_outcomes:
        return None, (
            "no backtest: most wins have no date, so what was known on an earlier day cannot be reconstructed; "
            "evaluated with the outcomes as they stand, leads that are still open left out"
        )
    days = [float(day) for day in CUT_DAYS]
    if scored is not None:
        known_cut = (known.snapshot - scored.start).total_seconds() / _SECONDS
        days = [day for day in days if abs(day - known_cut) > SAME_CUT_DAYS]
    leads = len(known.labels) if most is None else min(len(known.labels), most)
    if leads > LEADS_AT_ONCE:
        windows = []
        for day in days:
            release_memory()
            windows.append(_window(known, day, junk, seed, most))
    else:
        windows = Parallel()(delayed(_window)(known, day, junk, seed, most) for day in days)
    fitted = [*(window for window in windows if window), *([scored] if scored else [])]
    fitted.sort(key=lambda window: window.start)
    if not fitted:
        return None, (
            f"no backtest: on no day at least {CUT_DAYS[0]} days ago were {MINIMUM_LEADS} leads with "
            f"{MINIMUM_WINS} wins known"
        )
    return compare(known, fitted), ""


def of_new_model(result: Backtest, level_error: float) -> Backtest:
    """Return the backtest as a statement about a model trained later: its level has an error of its own."""
    return replace(result, wins=result.wins.widened(level_error), money=result.money.widened(level_error))


def compare(known: KnownHistory, windows: Sequence[ScoredWindow]) -> Backtest:
    """Compare scored windows with the outcomes seen since.

    Parameters
    ----------
    known
        The history at the end of the data.
    windows
        At least one, by start; leads after the start of the next window are left out.
    """
    parts = []
    for window, following in zip(windows, [*windows[1:], None], strict=True):
        keep = np.ones(len(window.leads), dtype=bool)
        if following is not None:
            keep = (known.leads.loc[window.leads, "submitted_at"] <= following.start).to_numpy(dtype=bool)
        forecast = Forecast(window.forecast.probability[keep], window.forecast.value[keep])
        parts.append(window._replace(leads=window.leads[keep], forecast=forecast))
    leads = pd.Index(np.concatenate([part.leads for part in parts]))
    number = np.repeat(np.arange(len(parts)), [len(part.leads) for part in parts])
    forecast = Forecast(
        np.concatenate([part.forecast.probability for part in parts]),
        np.concatenate([part.forecast.value for part in parts]),
    )
    labels = known.labels.loc[leads]
    holdout = build_holdout(known.leads.loc[leads], labels, known.labels)
    reach = np.minimum([part.reach_days for part in parts], float(known.horizon_days))[number]
    maturity = _Maturity(known.labels, holdout.has_money)
    age = labels["age_days"].to_numpy(dtype=np.float64)
    holdout = replace(
        holdout,
        visible=_share(maturity.wins, age, reach),
        visible_money=_share(maturity.money, age, reach),
    )
    return _ComparedLeads(holdout, forecast, number, maturity, age, leads).result(parts)


def _window(known: KnownHistory, day: float, junk: JunkSettings, seed: int, most: int | None) -> ScoredWindow | None:
    """Train as known `day` days before the snapshot and score the leads that followed."""
    start = known.snapshot - pd.Timedelta(days=day)
    submitted = known.leads["submitted_at"]
    labels = label(known.leads, known.outcomes, as_of=start, horizon_days=known.horizon_days)
    labels = labels.loc[submitted.loc[labels.index].notna()]
    end = start + pd.Timedelta(days=WINDOW_DAYS)
    later = known.leads.loc[((submitted > start) & (submitted <= end)).to_numpy()]
    wins = int(labels["state"].eq("won").sum())
    if len(labels) < MINIMUM_LEADS or wins < MINIMUM_WINS or len(later) < MINIMUM_SCORED:
        return None
    fitted = fit_part(known.data, labels, horizon_days=known.horizon_days, junk=junk, seed=seed, most=most)
    forecast = served_forecast(fitted.evaluated_bundle(known.horizon_days), later)
    return ScoredWindow(start, end, later.index, forecast, float(labels["age_days"].max()))


def _share(curve: OutcomeMaturity, age: Vector, reach: Vector) -> Vector:
    """Return the share of the wins within `reach` days that is visible at an age."""
    share: Vector = np.minimum(curve.at(age) / np.maximum(curve.at(reach), 1e-12), 1.0)
    return share


class _Maturity:
    """Share of wins and of money that is visible at an age, with resamples of it."""

    def __init__(self, labels: pd.DataFrame, has_money: bool) -> None:
        dated = labels.loc[labels["delay_days"].notna()]
        self.delay = dated["delay_days"].to_numpy(dtype=np.float64)
        self.age = dated["age_days"].to_numpy(dtype=np.float64)
        money = dated["revenue"].fillna(0.0).to_numpy(dtype=np.float64)
        self.weight = money if has_money and (money > 0).sum() >= 2 else np.ones(len(money))
        self.wins = OutcomeMaturity.fit(self.delay, self.age)
        self.money = OutcomeMaturity.fit(self.delay, self.age, self.weight)

    def error(self, predicted: Vector, age: Vector, *, money: bool) -> float:
        """Return the standard error of the logarithm of the expected amount, from resamples of the wins."""
        if not len(self.delay) or not predicted.sum() > 0:
            return 0.0
        rng, sums = np.random.default_rng(0), []
        for _ in range(RESAMPLES):
            drawn = rng.integers(0, len(self.delay), len(self.delay))
            weight = self.weight[drawn] if money else None
            curve = OutcomeMaturity.fit(self.delay[drawn], self.age[drawn], weight)
            sums.append(float((predicted * curve.at(age)).sum()))
        return float(np.std(np.log(np.maximum(sums, 1e-12))))


@dataclass(frozen=True)
class _ComparedLeads:
    """Arrays of all scored leads, shape (n,)."""

    holdout: Holdout
    forecast: Forecast
    number: Indices
    maturity: _Maturity
    age: Vector
    leads: pd.Index

    def wins(self, inside: Flags, *, pooled: bool = False) -> ForecastLevel:
        """Compare the wins of some leads; `pooled` allows for differences between windows."""
        expected = self.forecast.probability * self.holdout.visible
        error = self.maturity.error(self.forecast.probability[inside], self.age[inside], money=False)
        seen = self.holdout.won.astype(np.float64)
        return level_of(expected[inside], seen[inside], self.number[inside] if pooled else None, maturity_error=error)

    def money(self, inside: Flags, *, pooled: bool = False) -> ForecastLevel:
        """Compare the money of some leads."""
        expected = self.forecast.value * self.holdout.visible_money
        error = self.maturity.error(self.forecast.value[inside], self.age[inside], money=True)
        number = self.number[inside] if pooled else None
        return level_of(
            expected[inside],
            self.holdout.revenue[inside],
            number,
            largest=self.holdout.largest,
            maturity_error=error,
        )

    def result(self, parts: Sequence[ScoredWindow]) -> Backtest:
        """Return the comparison by window, age and channel, and of all leads."""
        everything = np.ones(len(self.number), dtype=bool)
        mature = self.holdout.visible > MATURE
        windows = tuple(
            BacktestWindow(part.start, part.end, len(part.leads), self.wins(inside), self.money(inside))
            for part, inside in ((part, self.number == index) for index, part in enumerate(parts))
        )
        channels = {str(name): self.money(self.holdout.channel == name) for name in np.unique(self.holdout.channel)}
        return Backtest(
            windows=windows,
            wins=self.wins(everything, pooled=True),
            money=self.money(everything, pooled=True),
            mature=self.wins(mature),
            young=self.wins(~mature),
            channels=channels,
            holdout=self.holdout,
            forecast=self.forecast,
            leads=self.leads,
        )
