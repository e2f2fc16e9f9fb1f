"""Scores of the leads of the CRM for the report: as at submit where no decision is stored, and now for open leads."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.decision_units import decision_units, unit_factors
from models.rule_junk import rule_junk_probability
from reporting.facts.fact_builder import RULES, LeadScore

if TYPE_CHECKING:
    from crm.lead_history import LeadHistory
    from models.bundle import Bundle

BATCH_ROWS = 20_000
_DAY_SECONDS = 86_400.0
_NAMES = ("lead_id", "win_probability", "expected_revenue", "value", "junk_probability", "mql", "model_version")


def scores_of(table: pd.DataFrame, value: str) -> dict[str, LeadScore]:
    """Return the scores of a table by lead; `value` names the column with the predicted value."""
    rows = table.assign(value=table[value])[list(_NAMES)] if len(table) else pd.DataFrame(columns=list(_NAMES))
    return {
        str(lead): LeadScore(float(win), float(revenue), float(worth), float(junk), bool(mql), str(version))
        for lead, win, revenue, worth, junk, mql, version in rows.itertuples(index=False, name=None)
    }


def scores_at_submit(
    bundle: Bundle, history: LeadHistory, leads: Collection[str], now: datetime, advance: Callable[[int], None]
) -> dict[str, LeadScore]:
    """Return the scores as at submit of some leads of a history; those of leads after the training are forecasts."""
    table = history.leads
    chosen = table["lead_id"].isin(set(leads)) & table["submitted_at"].notna()
    rows = table[chosen.to_numpy(dtype=bool)]
    scores = scores_of(_scored(bundle, rows, now, None, advance), "predicted_value")
    as_of = bundle.meta.as_of
    later = set() if as_of is None else set(rows["lead_id"][(rows["submitted_at"] >= as_of).to_numpy(dtype=bool)])
    return {lead: score if lead in later else replace(score, is_forecast=False) for lead, score in scores.items()}


def scores_now(
    bundle: Bundle, history: LeadHistory, now: datetime, advance: Callable[[int], None]
) -> dict[str, LeadScore]:
    """Return the scores of the open leads of a history given their age, each value as a share of its decision unit."""
    table = history.leads
    outcomes = history.outcomes.set_index("lead_id").reindex(table["lead_id"])
    closed = np.zeros(len(table), dtype=bool)
    for name in ("won", "lost", "junk"):
        closed |= outcomes[name].eq(True).to_numpy(dtype=bool)
    elapsed = (pd.Timestamp(now) - table["submitted_at"]).dt.total_seconds() / _DAY_SECONDS
    ages = elapsed.to_numpy(dtype=np.float64, na_value=np.nan)
    is_open = ~closed & (ages >= 0) & (ages < bundle.meta.horizon_days)
    leads = table[is_open].reset_index(drop=True)
    scores = _scored(bundle, leads, now, ages[is_open], advance)
    if not len(scores):
        return {}
    accounts = None
    if history.accounts is not None:
        given = history.accounts[is_open]
        accounts = [account if isinstance(account, str) else None for account in given]
    numbers = decision_units(leads, accounts)
    factors = unit_factors(numbers, scores["win_probability"].to_numpy(dtype=np.float64))
    return scores_of(scores.assign(share=scores["predicted_value"] * factors), "share")


def rule_scores(
    history: LeadHistory, leads: Collection[str], advance: Callable[[int], None] = lambda _: None
) -> dict[str, LeadScore]:
    """Return junk probabilities by the shipped rules, for leads before there is a model; nothing else is predicted."""
    table = history.leads
    chosen = table[(table["lead_id"].isin(set(leads)) & table["submitted_at"].notna()).to_numpy(dtype=bool)]
    scores: dict[str, LeadScore] = {}
    for begin in range(0, len(chosen), BATCH_ROWS):
        part = chosen.iloc[begin : begin + BATCH_ROWS].reset_index(drop=True)
        junk = rule_junk_probability(part)
        scores |= {
            str(lead): LeadScore(None, None, None, float(probability), False, RULES)
            for lead, probability in zip(part["lead_id"], junk, strict=True)
        }
        advance(len(part))
    return scores


def _scored(
    bundle: Bundle, leads: pd.DataFrame, now: datetime, ages: np.ndarray | None, advance: Callable[[int], None]
) -> pd.DataFrame:
    parts = []
    for begin in range(0, len(leads), BATCH_ROWS):
        part = leads.iloc[begin : begin + BATCH_ROWS].reset_index(drop=True)
        own = None if ages is None else ages[begin : begin + BATCH_ROWS]
        parts.append(bundle.score_table(part, scored_at=now, age_days=own, reasons="none"))
        advance(len(part))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
