"""Scores of leads of the CRM: columns, which leads are open, and the rules without a model."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crm.lead_history import LeadHistory
from models.bundle import Bundle
from models.rule_junk import rule_junk_probability
from reporting.facts.fact_builder import RULES, LeadScore
from serving.report.lead_scores import rule_scores, scores_at_submit, scores_now, scores_of

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def history_of(ages: list[float | None], **outcomes: list[Any]) -> LeadHistory:
    ids = [f"L{number}" for number in range(len(ages))]
    times = [pd.NaT if age is None else NOW - timedelta(days=age) for age in ages]
    leads = pd.DataFrame({"lead_id": ids, "email": [f"{name.lower()}@acme{name}.it" for name in ids]})
    leads["message"] = ["cheap seo backlinks", *["A quote for 40 seats, please"] * (len(ids) - 1)]
    leads["submitted_at"] = pd.Series(times, dtype="datetime64[us, UTC]")
    plain = {name: [False] * len(ids) for name in ("won", "lost", "junk")}
    return LeadHistory(leads, pd.DataFrame({"lead_id": ids, **plain, **outcomes}), {}, counts=None)  # type: ignore[arg-type]


def test_scores_of_a_table() -> None:
    row = {"lead_id": "A", "win_probability": 0.25, "expected_revenue": 1_000.0, "predicted_value": 200.0}
    table = pd.DataFrame([{**row, "junk_probability": 0.1, "mql": True, "model_version": 3, "share": 50.0}])
    assert scores_of(table, "predicted_value") == {"A": LeadScore(0.25, 1_000.0, 200.0, 0.1, True, "3")}
    assert scores_of(table, "share")["A"].value == 50.0
    assert scores_of(pd.DataFrame(), "share") == {}


def test_the_rules_score_junk_alone() -> None:
    history = history_of([1, 2, None])
    steps: list[int] = []
    scores = rule_scores(history, ["L0", "L1", "L2", "other"], steps.append)
    assert (sorted(scores), steps) == (["L0", "L1"], [2])  # without a time of submit there is no score
    junk = rule_junk_probability(history.leads.head(2))
    assert scores["L0"] == LeadScore(None, None, None, pytest.approx(junk[0]), False, RULES)
    assert scores["L0"].junk_probability > scores["L1"].junk_probability
    assert rule_scores(history, []) == {}


def test_open_leads_within_the_horizon_are_scored_now(bundles: Path) -> None:
    bundle = Bundle.load(bundles / "1")
    horizon = bundle.meta.horizon_days
    ages = [1, 1, 1, 1, -1, horizon, horizon - 1, None]
    flags = {name: [number == place for number in range(8)] for place, name in enumerate(("won", "lost", "junk"))}
    steps: list[int] = []
    scores = scores_now(bundle, history_of(ages, **flags), NOW, steps.append)
    assert (sorted(scores), steps) == (["L3", "L6"], [2])
    assert all(0 <= score.win_probability <= 1 for score in scores.values())  # type: ignore[operator]
    assert scores_now(bundle, history_of([horizon]), NOW, steps.append) == {}


def test_scores_at_submit_are_those_of_the_chosen_leads(bundles: Path) -> None:
    bundle = Bundle.load(bundles / "1")
    scores = scores_at_submit(bundle, history_of([900, 1, None]), ["L0", "L2"], NOW, lambda _: None)
    assert sorted(scores) == ["L0"]
    assert scores["L0"].model_version == "1"


def test_only_leads_after_the_training_are_forecasts(bundles: Path) -> None:
    bundle = Bundle.load(bundles / "1")
    assert bundle.meta.as_of is not None
    age = (NOW - bundle.meta.as_of).total_seconds() / 86_400.0
    scores = scores_at_submit(bundle, history_of([age + 1, age - 1]), ["L0", "L1"], NOW, lambda _: None)
    assert [scores[lead].is_forecast for lead in ("L0", "L1")] == [False, True]
