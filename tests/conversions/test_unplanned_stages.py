"""Why a lead has no event of a stage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from conversions import planner
from conversions.plan_inputs import PlanInputs
from conversions.unplanned_stages import unplanned_stages
from tests.conversions.export_setup import ExportSetup

NOW = datetime.now(UTC)
STAGES = ("engaged", "won", "lost", "junk")


def inputs_of(days: float, verdict: str = "accept", **reached: float) -> PlanInputs:
    """Return one lead of some days ago that reached stages some days ago."""
    at = {name: NOW - timedelta(days=ago) for name, ago in reached.items()}
    outcome: dict[str, Any] = {"lead_id": "L1", "revenue": None, "other_win": False}
    outcome |= {name: name in at for name in STAGES}
    times = {f"{name}_at": pd.to_datetime([at.get(name)], utc=True) for name in STAGES}
    leads = pd.DataFrame({"lead_id": ["L1"], "submitted_at": pd.to_datetime([NOW - timedelta(days=days)], utc=True)})
    scores = pd.DataFrame(
        [
            {
                "lead_id": "L1",
                "win_probability": 0.2,
                "expected_revenue": 500.0,
                "verdict": verdict,
                "model_version": "1",
            }
        ]
    )
    outcomes = pd.DataFrame([outcome]).assign(**times).astype({"revenue": float})
    return PlanInputs(leads, scores, outcomes, NOW)


def why(export: ExportSetup, inputs: PlanInputs, lead: str = "L1") -> dict[tuple[str, str], str]:
    writer = export.writer_for("meta", "google")
    stages = unplanned_stages(export.settings, inputs, writer, export.engine, lead, NOW)
    assert stages is not None
    return {(name, stage): reason for name, stage, reason in stages}


def plan(export: ExportSetup, inputs: PlanInputs) -> None:
    writer = export.writer_for("meta", "google")
    planner.plan(export.settings, inputs, writer, export.engine, lambda _: None)


def test_too_old_waiting_not_reached_and_planned_stages(export: ExportSetup) -> None:
    inputs = inputs_of(20.0, engaged=6.0, won=5.0)
    plan(export, inputs)
    found = why(export, inputs)
    assert found["meta", "lead"] == "too old for meta: 20 days, at most 7"
    assert found["meta", "won"] == "waits until the stage before it is sent; a plan after that adds it"
    assert not [stage for name, stage in found if name == "google"]
    rows = {(row["destination"], row["stage"]) for row in export.rows()}
    assert rows.isdisjoint(found), "a stage has an event or a reason"


def test_before_a_plan_the_next_one_adds_the_stage(export: ExportSetup) -> None:
    inputs = inputs_of(1.0)
    assert why(export, inputs)["meta", "lead"] == "nothing against it: the next `leadworth export plan` adds it"
    plan(export, inputs)
    planned = why(export, inputs)
    assert ("meta", "lead") not in planned
    assert planned["google", "won"] == "not reached, as far as the CRM says"


def test_leads_that_no_plan_looks_at(export: ExportSetup) -> None:
    assert why(export, inputs_of(200.0))["google", "lead"] == "too old: sent 200 days ago, and a plan looks back 120"
    junk = why(export, inputs_of(1.0, verdict="reject"))
    assert junk["google", "lead"] == "the lead was found to be junk before it was sent"
    writer = export.writer_for("google")
    assert unplanned_stages(export.settings, inputs_of(1.0), writer, export.engine, "nobody", NOW) is None
