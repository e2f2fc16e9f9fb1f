"""Fit of the lead value model to features and labels.

Order of the steps: junk; the delay, whose truncated likelihood needs no win model; the revenue of the wins
so far, each weighted by the inverse of the probability that it is visible; closing and win probability in
turns; the calibration on the latest leads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from features.feature_spec import FeatureSpec
from leadworth.arrays import Matrix
from leadworth.errors import TrainingError
from leadworth.settings import JunkSettings
from models.boosting import BoosterDataset
from models.bot_score import automation_scorecard
from models.junk_model import JunkModel
from models.log_odds import sigmoid
from models.value_model import LeadValueModel
from training.delay_fit import fit_win_delay
from training.junk_fit import FittedJunk, fit_junk_model, junk_labels
from training.outcome_arrays import OutcomeArrays
from training.revenue_fit import deal_size_error, fit_win_revenue
from training.win_fit import FittedWin, WinFit

Progress = Callable[[str], None]

CHANNEL = "campaign_source"
CATEGORIES = (CHANNEL, "campaign_medium", "campaign_name")
"""Features whose categories have effects of their own on the deal size."""


@dataclass(frozen=True)
class FitReport:
    """Counts and parameters of a fit, for the run log and the model card.

    `lateness` is that of `OutcomeArrays`; `notes` are sentences for the report; `delay_misfit` is the Kolmogorov
    distance of the delays x sqrt(wins), `delay_per_year` the change of the log delay from year to year,
    `delay_second_speed` the share of the wins of a second speed; `level` is the level of the log-odds by days before
    the newest lead, and `level_error` the standard error of the latest one. `deal_size_error` is the standard error
    of the logarithm of the mean deal.
    """

    leads: int
    wins: int
    dated_wins: int
    open_leads: int
    junk_labels: int
    engaged_labels: int
    lateness: str
    delay_family: str | None = None
    delay_median_days: float | None = None
    delay_p95_days: float | None = None
    delay_size_slope: float | None = None
    delay_per_year: float = 0.0
    delay_second_speed: float = 0.0
    delay_misfit: float = 0.0
    losers_closed_share: float | None = None
    trend_per_year: float = 0.0
    level: tuple[tuple[float, float], ...] = ()
    level_error: float = 0.0
    deal_size_error: float = 0.0
    win_trees: int = 0
    revenue_trees: int = 0
    revenue_wins: int = 0
    junk_model: str = "scorecard"
    junk_by_rules: int = 0
    guarantee: str = ""
    calibration_shift: float = 0.0
    calibration_slope: float = 1.0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


def fit_value_model(
    matrix: Matrix,
    spec: FeatureSpec,
    labels: pd.DataFrame,
    *,
    horizon_days: int,
    junk: JunkSettings,
    seed: int,
    progress: Progress | None = None,
) -> tuple[LeadValueModel, FitReport]:
    """Fit the lead value model.

    Parameters
    ----------
    matrix
        Features, shape (n, n_features).
    spec
        Names and kinds of the features.
    labels
        Table of `training.labels.label` for the same n leads, in the same order.
    horizon_days
        Later wins do not count.
    junk
        Guarantee and half-life of the junk labels.
    seed
        Same data and seed give the same model, byte for byte.
    progress
        Called with the name of each step as it begins.

    Returns
    -------
    tuple of LeadValueModel and FitReport

    Raises
    ------
    TrainingError
        If there are no leads, no features or no wins.
    """
    if not matrix.size:
        raise TrainingError(
            f"{matrix.shape[0]} leads with {matrix.shape[1]} features",
            allowed="at least one of each",
            do="map columns in [leads.columns] or declare them in [leads.features]",
        )
    if not labels["state"].eq("won").any():
        raise TrainingError("no lead is won", allowed="at least one", do="see [outcomes] in leadworth.toml")
    began = time.perf_counter()
    progress = progress or _no_progress
    outcomes = OutcomeArrays(labels)
    categorical = tuple(spec.names.index(name) for name in spec.categorical)
    table = BoosterDataset(matrix, categorical, unused=spec.junk_only())
    channel_index = spec.names.index(CHANNEL) if CHANNEL in spec.names else None
    channel = None if channel_index is None else matrix[:, channel_index]

    progress("junk")
    fitted_junk = fit_junk_model(matrix, spec, junk_labels(labels), junk, channel, seed)
    progress("delay from submit to win")
    delay, misfit, delay_note = None, 0.0, ""
    if outcomes.lateness == "delay":
        delay, misfit, delay_note = fit_win_delay(outcomes, channel, float(horizon_days))
    progress("revenue of a win")
    categories = tuple(spec.names.index(name) for name in CATEGORIES if name in spec.names)
    revenue, revenue_note = fit_win_revenue(table, outcomes, delay, channel, categories, seed)
    progress("win probability")
    win_fit = WinFit(replace(table, monotone=spec.monotone()), outcomes, float(horizon_days), seed)
    win = win_fit.fit(sigmoid(-fitted_junk.out_of_fold), delay, revenue, channel)
    value_model = LeadValueModel(
        names=spec.names,
        channel=channel_index,
        intercept=win.level.now,
        win=win.trees,
        platt=win.platt,
        drift=win.drift,
        junk=fitted_junk.model,
        revenue=revenue,
        delay=delay,
        closing=win.closing,
        automation=automation_scorecard(),
        guarantee=fitted_junk.guarantee,
    )
    notes = tuple(note for note in (*fitted_junk.notes, delay_note, revenue_note, win.note) if note)
    report = replace(
        _report(value_model, outcomes, fitted_junk, win, notes),
        delay_misfit=misfit,
        deal_size_error=deal_size_error(revenue, table, outcomes, channel),
        seconds=time.perf_counter() - began,
    )
    return value_model, report


def _no_progress(step: str) -> None:
    del step


def _report(
    value_model: LeadValueModel, outcomes: OutcomeArrays, junk: FittedJunk, win: FittedWin, notes: tuple[str, ...]
) -> FitReport:
    delay = value_model.delay
    return FitReport(
        leads=len(outcomes),
        wins=int(outcomes.won.sum()),
        dated_wins=int(outcomes.dated.sum()),
        open_leads=int(outcomes.is_open.sum()),
        junk_labels=int(outcomes.junk.sum()),
        engaged_labels=int(outcomes.engaged.sum()),
        lateness=outcomes.lateness,
        delay_family=None if delay is None else delay.family,
        delay_median_days=None if delay is None else delay.quantile(0.5),
        delay_p95_days=None if delay is None else delay.quantile(0.95),
        delay_size_slope=None if delay is None else delay.slope,
        delay_per_year=0.0 if delay is None else -delay.per_year,
        delay_second_speed=delay.second.share if delay and delay.second else 0.0,
        losers_closed_share=None if delay is None else 1.0 - value_model.closing.genuine[-1].share[-1],
        trend_per_year=-win.level.per_year,
        level=tuple(win.level.knots()),
        level_error=win.level.error,
        win_trees=value_model.win.n_trees,
        revenue_trees=value_model.revenue.trees.n_trees,
        revenue_wins=int(outcomes.paid.sum()),
        junk_model="learned" if isinstance(value_model.junk, JunkModel) else "scorecard",
        junk_by_rules=junk.by_rules,
        guarantee=str(junk.guarantee),
        calibration_shift=value_model.platt.shift,
        calibration_slope=value_model.platt.slope,
        notes=notes,
    )
