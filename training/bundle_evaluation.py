"""Evaluation of a bundle on the leads of a history, without training."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from models.bundle import Bundle
from training.backtest import MATURE, WINDOW_DAYS, Backtest, ScoredWindow, compare
from training.few_wins import MINIMUM_WINS
from training.forecast import Forecast
from training.gate_rules import GateDecision
from training.holdout import build_holdout
from training.level import ForecastLevel, bounded_level, level_of
from training.promotion_gate import GateEvidence, decide
from training.served_path import served_forecast
from training.time_split import KnownHistory


@dataclass(frozen=True)
class BundleEvaluation:
    """Comparison of a bundle with outcomes.

    Attributes
    ----------
    leads, wins
        Leads that were scored, and those won so far.
    backtest
        By period of 60 days; None where the leads or most wins have no date.
    decision
        The rules of the promotion gate that need no training; None without enough wins.
    note
        Why there is no decision.
    """

    leads: int
    wins: int
    backtest: Backtest | None
    decision: GateDecision | None
    note: str = ""


def evaluate_bundle(bundle: Bundle, known: KnownHistory, *, after: datetime | None) -> BundleEvaluation:
    """Score leads as at their submit and compare with the outcomes seen so far.

    Parameters
    ----------
    bundle
        The model.
    known
        The history as of the snapshot.
    after
        Only leads submitted later are scored; None for all.
    """
    chosen = known.leads
    if after is not None:
        chosen = chosen.loc[(chosen["submitted_at"] > pd.Timestamp(after)).to_numpy(dtype=bool)]
    labels = known.labels.loc[chosen.index]
    wins = int(labels["state"].eq("won").sum())
    if wins < MINIMUM_WINS:
        note = f"no verdict: {wins} wins among {len(chosen):,} leads, {MINIMUM_WINS} are needed; evaluate again later"
        return BundleEvaluation(len(chosen), wins, None, None, note)
    forecast = served_forecast(bundle, chosen)
    revenue = labels["revenue"].dropna().to_numpy(dtype=np.float64)
    dated = labels["age_days"].notna().mean() >= MATURE
    if known.undated_outcomes or not dated:
        evidence = _as_they_stand(chosen, labels, known, forecast, revenue)
        return BundleEvaluation(len(chosen), wins, None, decide(evidence))
    result = compare(known, _windows(chosen, forecast, after))
    evidence = GateEvidence(
        holdout=result.holdout,
        challenger=result.forecast,
        wins=result.wins,
        money=result.money,
        basis=f"{len(result.windows)} periods",
        backtest=result,
        revenue=revenue,
    )
    return BundleEvaluation(len(chosen), wins, result, decide(evidence))


def _windows(leads: pd.DataFrame, forecast: Forecast, after: datetime | None) -> list[ScoredWindow]:
    """Return the dated leads by periods of 60 days, counted back from the latest one."""
    submitted = leads["submitted_at"]
    length = pd.Timedelta(days=WINDOW_DAYS)
    first = submitted.min() - pd.Timedelta(seconds=1) if after is None else pd.Timestamp(after)
    end, windows = submitted.max(), []
    while end > first:
        start = max(end - length, first)
        inside = ((submitted > start) & (submitted <= end)).to_numpy(dtype=bool)
        if inside.any():
            part = Forecast(forecast.probability[inside], forecast.value[inside])
            windows.append(ScoredWindow(start, end, leads.index[inside], part, np.inf))
        end = start
    return windows[::-1]


def _as_they_stand(
    leads: pd.DataFrame, labels: pd.DataFrame, known: KnownHistory, forecast: Forecast, revenue: np.ndarray
) -> GateEvidence:
    """Return the evidence where no age can be taken into account; leads that are still open are not losses."""
    is_open = labels["state"].eq("open").to_numpy(dtype=bool)
    decided = Forecast(forecast.probability[~is_open], forecast.value[~is_open])
    holdout = build_holdout(leads.loc[~is_open], labels.loc[~is_open], known.labels)
    won = holdout.won.astype(np.float64)
    wins = bounded_level(float(forecast.probability.sum()), won, int(is_open.sum()))
    money: ForecastLevel = wins
    if not is_open.any():
        money = level_of(decided.value, holdout.revenue, largest=holdout.largest)
    return GateEvidence(
        holdout=holdout,
        challenger=decided,
        wins=wins,
        money=money,
        basis="outcomes as they stand, open leads may be won or lost",
        revenue=revenue,
    )
