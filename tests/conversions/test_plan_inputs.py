"""Inputs of the nightly plan."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine

from conversions.plan_inputs import PlanInputs, read_plan_inputs
from leadworth.settings import Settings, load_settings
from simulation import simulate
from simulation.export_files import write
from store import decision_log, feedback
from store.engine import open_engine, store_url
from store.migrate import upgrade
from tests.store.rows import decision_row


class ConstantBundle:
    """Gives every lead the same score."""

    def score_table(self, leads: pd.DataFrame, *, scored_at: datetime) -> pd.DataFrame:
        assert scored_at.tzinfo is not None
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
