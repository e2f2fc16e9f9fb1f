"""Inputs of the nightly plan: leads and outcomes of the CRM with feedback, and the score of each lead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from conversions.stage_values import StageHistory
from crm.feedback_overlay import read_feedback, with_feedback
from crm.lead_history import read_history
from features.velocity_table import LeadKeys, VelocityTable, lead_keys, with_columns
from leadworth.arrays import Flags, Indices, Vector
from leadworth.clock import utc_now
from leadworth.money import conversion_rate
from leadworth.records import Verdict
from models.account_outcomes import account_units, won_once
from models.decision_units import unit_factors
from store.chunks import chunks
from store.decision_log import Row, first_decisions
from store.feedback import verdicts_of_leads

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from leadworth.settings import Settings
    from models.bundle import Bundle

_DAY = 86_400.0
SCORE_NAMES = ("win_probability", "expected_revenue", "verdict", "model_version")


@dataclass(frozen=True)
class PlanInputs:
    """Tables of n leads, aligned row by row.

    Attributes
    ----------
    leads
        Lead table.
    scores
        `win_probability`, `expected_revenue`, `verdict`, `model_version`: of the first decision about the lead,
        or of the champion if the service never scored it.
    outcomes
        `won`, `lost`, `junk`, `engaged`, `revenue` and the times `..._at`; `other_win`: another lead of the decision
        unit carries the win.
    as_of
        Timezone-aware time of the outcomes.
    consents_not_understood
        Value of a consent column that is no known word -> cells.
    units
        Decision unit of each lead, shape (n,); None where the settings name no account.
    """

    leads: pd.DataFrame
    scores: pd.DataFrame
    outcomes: pd.DataFrame
    as_of: datetime
    consents_not_understood: Counter[str] = field(default_factory=Counter)
    units: Indices | None = None

    def rejected(self) -> Flags:
        """Return which leads are junk, by feedback or by verdict, shape (n,)."""
        reject = (self.scores["verdict"] == Verdict.REJECT.value).to_numpy()
        outcomes = self.outcomes
        return np.asarray(outcomes["junk"] | (reject & ~outcomes["engaged"]), dtype=bool)

    def unit_factors(self, win_probability: Vector, horizon_days: float) -> Vector:
        """Return the factor of the expected value of each open lead, shape (n,): a decision unit decides once.

        Parameters
        ----------
        win_probability
            Present win probabilities, shape (n,).
        horizon_days
            Age from which a lead that is not won is lost.
        """
        factors = np.ones(len(self.leads))
        if self.units is None:
            return factors
        outcomes = self.outcomes
        closed = (outcomes["won"] | outcomes["lost"] | outcomes["other_win"]).to_numpy(dtype=bool)
        is_open = ~closed & ~self.rejected() & (self.age_days() < horizon_days)
        factors[is_open] = unit_factors(self.units[is_open], win_probability[is_open])
        return factors

    def age_days(self) -> Vector:
        """Return the days since submit, shape (n,)."""
        age = (pd.Timestamp(self.as_of) - self.leads["submitted_at"]).dt.total_seconds() / _DAY
        return np.asarray(age.fillna(0.0), dtype=np.float64)

    def days(self, column: str) -> Vector:
        """Return the days from submit to a time of the outcomes, shape (n,); inf if it is missing."""
        elapsed = (self.outcomes[column] - self.leads["submitted_at"]).dt.total_seconds() / _DAY
        return np.asarray(elapsed.fillna(np.inf).clip(lower=0.0), dtype=np.float64)

    def history(self) -> StageHistory:
        """Return the leads as arrays to learn stage values from."""
        return StageHistory(
            win=self.scores["win_probability"].to_numpy(dtype=np.float64),
            expected_revenue=self.scores["expected_revenue"].to_numpy(dtype=np.float64),
            revenue=self.outcomes["revenue"].to_numpy(dtype=np.float64),
            won=self.outcomes["won"].to_numpy(dtype=bool),
            age_days=self.age_days(),
            qualified_days=self.days("engaged_at"),
            closed_days=np.minimum.reduce([self.days(column) for column in ("won_at", "lost_at", "junk_at")]),
            other_win=self.outcomes["other_win"].to_numpy(dtype=bool),
        )


@dataclass
class ScoredLeads:
    """Scores of earlier plans by one model, for many plans in one process.

    Attributes
    ----------
    bundle
        Id of the model.
    table
        `win_probability`, `expected_revenue`, `verdict` and `model_version` by lead id.
    """

    bundle: str = ""
    table: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SCORE_NAMES)))
    _ids: list[str] = field(default_factory=list)
    _keys: list[LeadKeys] = field(default_factory=list)

    def add(self, bundle: Bundle, leads: pd.DataFrame, decided: pd.Index, as_of: datetime) -> None:
        """Score the leads that have no decision and no score by this model."""
        if bundle.id != self.bundle:
            self.bundle, self.table = bundle.id, self.table.iloc[:0]
        is_new = ~(leads["lead_id"].isin(decided) | leads["lead_id"].isin(self.table.index)).to_numpy(dtype=bool)
        if not is_new.any():
            return
        selected = leads[is_new]
        if "velocity" in bundle.spec.needs:
            counts = self._velocity(leads)
            selected = with_columns(selected, {name: column[is_new] for name, column in counts.items()})
        new = bundle.score_table(selected, scored_at=as_of, reasons="none").set_index("lead_id")[list(SCORE_NAMES)]
        self.table = new if self.table.empty else pd.concat([self.table, new])

    def _velocity(self, leads: pd.DataFrame) -> dict[str, Vector]:
        """Return the velocity counts of all leads; the keys of leads that were counted before are kept."""
        ids = leads["lead_id"].tolist()
        if ids[: len(self._ids)] != self._ids:
            self._ids, self._keys = [], []
        self._keys.append(lead_keys(leads.iloc[len(self._ids) :], b""))
        self._ids = ids
        table = VelocityTable()
        for keys in self._keys:
            table.add_keys(keys)
        counts = table.counts().columns(0, len(leads))
        return {name: column for name, column in counts.items() if np.isfinite(column).any()}


def read_plan_inputs(
    settings: Settings,
    bundle: Bundle,
    engine: Engine,
    *,
    as_of: datetime | None = None,
    scored: ScoredLeads | None = None,
    only: str | None = None,
) -> PlanInputs:
    """Read leads and outcomes of the CRM, feedback and decisions, and score the leads that have no decision.

    Parameters
    ----------
    settings, bundle, engine
        Application settings, the champion, and the engine of the store.
    as_of
        Time of the outcomes; left out: the snapshot of the settings, else now.
    scored
        Scores of earlier plans in this process.
    only
        Id of the only lead to score; scores of others that have no decision are then missing.

    Raises
    ------
    ConfigurationError
        If decisions are in another currency than that of the settings, and `[currencies]` has no rate for it.
    """
    history = read_history(settings)
    units = account_units(history)
    if units is not None:
        history = won_once(history, units)
    as_of = as_of or settings.training.as_of or utc_now()
    dated = history.leads["submitted_at"].notna()
    leads = history.leads[dated].reset_index(drop=True)
    outcomes = with_feedback(history.outcomes, leads, read_feedback(settings))
    outcomes = outcomes.set_index("lead_id").reindex(leads["lead_id"]).reset_index()
    if "other_win" not in outcomes:
        outcomes = outcomes.assign(other_win=False)
    for name in ("won", "lost", "junk", "engaged", "other_win"):
        outcomes[name] = outcomes[name].fillna(False).astype(bool)
    if settings.export.qualified_stages:
        outcomes = _with_qualified(outcomes, settings.export.qualified_stages)
    with engine.connect() as connection:
        decided = _decisions(leads["lead_id"].tolist(), connection, settings)
    scored = ScoredLeads() if scored is None else scored
    settled = decided.index
    if only is not None:
        settled = settled.append(pd.Index(leads.loc[leads["lead_id"] != only, "lead_id"]))
    scored.add(bundle, leads, settled, as_of)
    others = scored.table[~scored.table.index.isin(decided.index)]
    known = pd.concat([decided, others]) if len(decided) else others
    scores = known.reindex(leads["lead_id"]).rename_axis("lead_id").reset_index()
    dated_units = None if units is None else units[dated.to_numpy()]
    return PlanInputs(leads, scores, outcomes, as_of, history.consents_not_understood, dated_units)


def _with_qualified(outcomes: pd.DataFrame, stages: Sequence[str]) -> pd.DataFrame:
    """Return the outcomes with `engaged` as of the first of the stages that the settings call qualified."""
    names = {stage.casefold() for stage in stages}
    first = [
        next(((True, at) for stage, at in events if stage.casefold() in names), (False, None))
        if isinstance(events, tuple)
        else (False, None)
        for events in outcomes["stages"]
    ]
    times = pd.to_datetime(pd.Series([at for _, at in first], dtype=object), utc=True).astype("datetime64[us, UTC]")
    return outcomes.assign(engaged=[qualified for qualified, _ in first], engaged_at=times)


def _decisions(leads: Sequence[str], connection: Connection, settings: Settings) -> pd.DataFrame:
    """Return the scores of the first decision about each lead that has one, with the verdict that holds now, by id.

    Revenue is in the currency of the settings.
    """
    decisions: dict[str, Row] = {}
    for part in chunks(leads):  # as these are all leads, and a statement has five seconds
        decisions |= first_decisions(connection, part)
        for lead, verdict in verdicts_of_leads(connection, part).items():
            if lead in decisions:
                decisions[lead]["verdict"] = verdict
    if not decisions:
        return pd.DataFrame(columns=list(SCORE_NAMES))
    table = pd.DataFrame.from_dict(decisions, orient="index")
    rates = {code: conversion_rate(code, settings, "decisions of the store") for code in table["currency"].unique()}
    return table.assign(expected_revenue=table["expected_revenue"] * table["currency"].map(rates))[list(SCORE_NAMES)]
