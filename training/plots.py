"""Charts of one training, written as SVG files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from training import svg_charts
from training.backtest import Backtest
from training.evaluation_metrics import rank_by_value
from training.level import HIGH, LOW
from training.outcome_maturity import OutcomeMaturity
from training.pipeline import NAME, EvaluatedModel, TrainingResult

SHOWN = (NAME, "all open are lost", "hand-made points", "average lead")


def draw(training: TrainingResult, currency: str, folder: Path) -> list[Path]:
    """Write the charts of a training as SVG files.

    Parameters
    ----------
    training
        The training; without a forward evaluation there are no charts.
    currency
        Label of the money axes; empty where none is set.
    folder
        Folder to write to; created if absent.

    Returns
    -------
    list of Path
        calibration, channels, cohorts, gains, and, if wins are dated, backtest, visible_share and level.
    """
    if training.forward is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    evaluated = training.forward
    evaluation = evaluated.evaluations[NAME]
    has_money = evaluated.holdout.has_money
    unit = (currency or "revenue") if has_money else "wins"
    charts = {
        "calibration": svg_charts.calibration(evaluation.deciles),
        "channels": svg_charts.money_by(evaluation.channels, "Predicted and actual by channel", unit),
        "cohorts": svg_charts.money_by(evaluation.cohorts, "Predicted and actual by cohort", unit),
        "gains": svg_charts.gains(_gains(evaluated), "revenue" if has_money else "wins"),
    }
    if training.backtest is not None and training.backtest.wins.seen:
        charts["backtest"] = svg_charts.level_by_period(_periods(training.backtest), (LOW, HIGH))
    curve = _visible(training.known.labels, has_money)
    if len(curve):
        charts["visible_share"] = svg_charts.visible_share(curve)
    if len(training.report.level) > 1:
        days, level = np.array(training.report.level).T
        charts["level"] = svg_charts.level_curve(pd.DataFrame({"days": days, "odds": np.exp(level - level[0])}))
    files = []
    for name, svg in charts.items():
        files.append(folder / f"{name}.svg")
        files[-1].write_text(svg, encoding="utf-8")
    return files


def _periods(result: Backtest) -> pd.DataFrame:
    """Return the periods in which wins were seen."""
    rows = [
        (f"{window.start:%Y-%m-%d}", window.wins.ratio, window.wins.low, window.wins.high)
        for window in result.windows
        if window.wins.seen
    ]
    return pd.DataFrame(rows, columns=["start", "ratio", "low", "high"])


def _gains(evaluated: EvaluatedModel) -> pd.DataFrame:
    """Return the cumulative share of revenue by the share of leads, at 51 points."""
    share = np.linspace(0.0, 1.0, 51)
    rows = []
    for name in (name for name in SHOWN if name in evaluated.forecasts):
        _, ranked = rank_by_value(evaluated.forecasts[name].value, evaluated.holdout.revenue)
        revenue = np.concatenate([[0.0], np.cumsum(ranked)]) / max(ranked.sum(), 1e-12)
        captured = np.interp(share, np.linspace(0.0, 1.0, len(revenue)), revenue)
        rows.append(pd.DataFrame({"model": name, "leads": share, "captured": captured}))
    return pd.concat(rows, ignore_index=True)


def _visible(labels: pd.DataFrame, has_money: bool) -> pd.DataFrame:
    dated = labels.loc[labels["delay_days"].notna()]
    if len(dated) < 2:
        return pd.DataFrame()
    delay, age = dated["delay_days"].to_numpy(float), dated["age_days"].to_numpy(float)
    weights = {"wins": None} | ({"money": dated["revenue"].fillna(0.0).to_numpy(float)} if has_money else {})
    days = np.linspace(0.0, float(delay.max()), 101)
    curves = [
        pd.DataFrame({"kind": kind, "days": days, "share": OutcomeMaturity.fit(delay, age, weight).at(days)})
        for kind, weight in weights.items()
    ]
    return pd.concat(curves, ignore_index=True)
