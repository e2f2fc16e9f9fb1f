"""Inputs of the nightly plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from conversions.plan_inputs import PlanInputs, ScoredLeads, read_plan_inputs
from leadworth.errors import ConfigurationError
from leadworth.settings import Settings, load_settings
from simulation import simulate
from simulation.export_files import write
from store import decision_log, feedback
from store.engine import open_engine, store_url
from store.migrate import upgrade
from tests.store.rows import decision_row


class ConstantBundle:
    """Gives every lead the same score, and keeps how many leads it scored and with which columns."""

    id = "9"
    spec = SimpleNamespace(needs={"lead", "velocity"})

    def __init__(self) -> None:
        self.scored: list[pd.DataFrame] = []

    def score_table(self, leads: pd.DataFrame, *, scored_at: datetime, reasons: str) -> pd.DataFrame:
        assert scored_at.tzinfo is not None
        assert reasons == "none"
        self.scored.append(leads)
        return pd.DataFrame(
            {
                "lead_id": leads["lead_id"],
                "win_probability": 0.25,
                "expected_revenue": 100.0,
                "verdict": "accept",
                "model_version": "9",
            }
        )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    write(simulate(leads=300, months=6, seed=5, end=datetime.now(UTC).date()), tmp_path)
    return load_settings(tmp_path / "leadworth.toml")


@pytest.fixture
def engine(settings: Settings) -> Engine:
    engine = open_engine(store_url(settings))
    upgrade(engine)
    yield engine
    engine.dispose()


def read(settings: Settings, engine: Engine) -> PlanInputs:
    return read_plan_inputs(settings, ConstantBundle(), engine)  # type: ignore[arg-type]


def test_first_decision_and_feedback_override_the_champion(settings: Settings, engine: Engine) -> None:
    decided, labelled, *_ = read(settings, engine).leads["lead_id"].tolist()
    with engine.begin() as connection:
        decision_log.insert(connection, [decision_row(decided, would_be="reject"), decision_row(decided)])
        decision_log.insert(connection, [decision_row(labelled)])
        feedback.give(connection, labelled, "junk", given_by="key", why=None)
    inputs = read(settings, engine)
    scores = inputs.scores.set_index("lead_id")
    assert (scores.loc[decided, "verdict"], scores.loc[decided, "win_probability"]) == ("reject", 0.1)
    assert (scores.loc[labelled, "verdict"], scores.loc[labelled, "model_version"]) == ("reject", "1")
    assert (scores["model_version"] == "9").sum() == len(scores) - 2
    assert bool(inputs.outcomes.set_index("lead_id").loc[labelled, "junk"])


def test_tables_are_aligned_and_become_a_history(settings: Settings, engine: Engine) -> None:
    inputs = read(settings, engine)
    assert inputs.leads["lead_id"].tolist() == inputs.scores["lead_id"].tolist() == inputs.outcomes["lead_id"].tolist()
    history = inputs.history()
    assert history.won.sum() == inputs.outcomes["won"].sum()
    assert (history.age_days >= 0).all()
    assert (history.closed_days[history.won] < float("inf")).all()


def test_stages_of_the_settings_make_a_lead_qualified(settings: Settings, engine: Engine) -> None:
    export = settings.export.model_copy(update={"qualified_stages": ("no such stage",)})
    inputs = read(settings.model_copy(update={"export": export}), engine)
    assert not inputs.outcomes["engaged"].any()


def test_only_open_leads_share_the_value_of_their_decision_unit() -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    ages = [1, 2, 3, 4, 5, 6, 400, 1]
    leads = pd.DataFrame({"submitted_at": pd.Timestamp(now) - pd.to_timedelta(ages, unit="D")})
    flags = {"won": [2], "lost": [3], "junk": [4], "other_win": [5], "engaged": []}
    outcomes = pd.DataFrame({name: [row in rows for row in range(8)] for name, rows in flags.items()})
    scores = pd.DataFrame({"verdict": ["accept"] * 8})
    units = np.array([0] * 7 + [1])
    inputs = PlanInputs(leads, scores, outcomes, now, units=units)
    win = np.full(8, 0.1)
    assert inputs.unit_factors(win, 365.0) == pytest.approx([0.95, 0.95, 1, 1, 1, 1, 1, 1])  # 1 - 0.9^2 of 0.2
    rejected = replace(inputs, scores=scores.assign(verdict=["reject", *["accept"] * 7]))
    assert rejected.unit_factors(win, 365.0) == pytest.approx(np.ones(8))
    assert replace(inputs, units=None).unit_factors(win, 365.0) == pytest.approx(np.ones(8))


def test_only_leads_without_a_score_are_scored_with_their_velocity_counts(settings: Settings, engine: Engine) -> None:
    bundle, scored = ConstantBundle(), ScoredLeads()
    first = read_plan_inputs(settings, bundle, engine, scored=scored)  # type: ignore[arg-type]
    [leads] = bundle.scored
    assert len(leads) == len(first.leads)
    assert np.isfinite(leads["recent_domain_24h"]).any()
    scored.table = scored.table.iloc[:-3]
    with engine.begin() as connection:
        decision_log.insert(connection, [decision_row(first.leads["lead_id"].iloc[-1])])
    second = read_plan_inputs(settings, bundle, engine, scored=scored)  # type: ignore[arg-type]
    assert len(bundle.scored[1]) == 2
    assert second.scores["lead_id"].tolist() == second.leads["lead_id"].tolist()
    assert second.scores["model_version"].tolist() == ["9"] * (len(first.leads) - 1) + ["1"]


def test_the_time_of_the_outcomes_can_be_set(settings: Settings, engine: Engine) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    inputs = read_plan_inputs(settings, ConstantBundle(), engine, as_of=at)  # type: ignore[arg-type]
    assert inputs.as_of == at


def test_decisions_in_another_currency_need_a_rate(settings: Settings, engine: Engine) -> None:
    decided = read(settings, engine).leads["lead_id"].iloc[0]
    with engine.begin() as connection:
        decision_log.insert(connection, [decision_row(decided, currency="USD", expected_revenue=200.0)])
    with pytest.raises(ConfigurationError, match=r"decisions of the store are in USD.*\[currencies\] with USD = 1\.0"):
        read(settings, engine)
    scores = read(settings.model_copy(update={"currencies": {"USD": 0.5}}), engine).scores.set_index("lead_id")
    assert scores.loc[decided, "expected_revenue"] == 100.0
