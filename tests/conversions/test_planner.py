"""The nightly plan on a simulated CRM: each lead once, junk never, and a second plan adds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from conversions import planner
from conversions.plan_inputs import PlanInputs, read_plan_inputs
from conversions.stage_events import TOO_OLD, WAITS
from crm.lead_history import read_history
from leadworth.errors import ConfigurationError
from leadworth.settings import Settings, load_settings
from simulation import simulate
from simulation.export_files import write
from store.schema import export_events
from store.timestamps import stamp
from tests.conversions.export_setup import ExportSetup, export_at

WINDOW = timedelta(days=53)
"""Age below which conversions can be restated at every platform that restates."""


class TrueBundle:
    """Scores every lead with the simulator's own probabilities."""

    id = "1"
    spec = SimpleNamespace(needs={"lead"})

    def __init__(self, truth: pd.DataFrame) -> None:
        self.truth = truth.set_index("lead_id")

    def score_table(self, leads: pd.DataFrame, *, scored_at: datetime, reasons: str) -> pd.DataFrame:
        del scored_at, reasons
        truth = self.truth.loc[leads["lead_id"]]
        junk = truth["junk"].to_numpy(dtype=bool)
        return pd.DataFrame(
            {
                "lead_id": leads["lead_id"],
                "win_probability": truth["win_probability"].to_numpy(),
                "expected_revenue": truth["expected_revenue"].to_numpy(),
                "verdict": np.where(junk, "reject", "accept"),
                "model_version": "1",
            }
        )


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("crm")
    made = simulate(leads=4_000, months=18, seed=5, end=datetime.now(UTC).date())
    write(made, folder)
    return load_settings(folder / "leadworth.toml"), made.truth


@pytest.fixture
def export(tmp_path: Path) -> Iterator[ExportSetup]:
    with export_at(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as opened:
        yield opened


def night(export: ExportSetup, crm: tuple[Settings, pd.DataFrame]) -> planner.PlanResult:
    settings, truth = crm
    inputs = read_plan_inputs(settings, TrueBundle(truth), export.engine)  # type: ignore[arg-type]
    return planner.plan(settings, inputs, export.writer, export.engine, lambda _: None)


@pytest.mark.slow
def test_plans_of_several_nights(export: ExportSetup, crm: tuple[Settings, pd.DataFrame]) -> None:
    truth = crm[1].set_index("lead_id")
    assert night(export, crm).added
    assert not [row for row in export.rows() if truth.loc[row["lead_id"], "junk"]], "no junk lead is sent"
    for _ in range(4):
        export.send_all()
        planned = night(export, crm)
        if not planned.added:
            break
    assert not planned.added, "an unchanged CRM adds nothing in the end"
    outcomes = read_history(crm[0]).outcomes.set_index("lead_id")
    won = outcomes[outcomes["won"] & outcomes["revenue"].notna()]["revenue"]
    checked = 0
    since = stamp(datetime.now(UTC) - WINDOW)
    for (name, lead), rows in pd.DataFrame(export.rows()).groupby(["destination", "lead_id"]):
        if lead not in won.index or "won" not in set(rows["stage"]):
            continue
        sent = rows[rows["sent_value"].notna() & (rows["happened_at"] > since)]
        if sent.empty:
            continue
        if name in ("google", "google_ads", "microsoft"):
            last = sent.sort_values("version").groupby("stage").tail(1)
            assert {Decimal(value) for value in last["sent_value"]} == {Decimal(f"{won[lead]:.2f}")}
        elif (rows["state"] == "accepted").all():
            assert sum(map(Decimal, rows["sent_value"])) == Decimal(f"{won[lead]:.2f}")
        checked += 1
    assert checked > 20


def test_values_are_restated_unless_the_settings_forbid_it(
    export: ExportSetup, crm: tuple[Settings, pd.DataFrame]
) -> None:
    settings, truth = crm
    inputs = read_plan_inputs(settings, TrueBundle(truth), export.engine)  # type: ignore[arg-type]
    planner.plan(settings, inputs, export.writer, export.engine, lambda _: None)
    doubled = inputs.scores.assign(expected_revenue=2 * inputs.scores["expected_revenue"])
    changed = PlanInputs(inputs.leads, doubled, inputs.outcomes, inputs.as_of)
    for restate in (True, False):
        section = settings.export.model_copy(update={"restate_values": restate})
        chosen = settings.model_copy(update={"export": section})
        planned = planner.plan(chosen, changed, export.writer, export.engine, lambda _: None, dry_run=True)
        assert ("restatement" in {kind for _, _, kind in planned.added}) == restate


def test_sent_values_in_another_currency_are_compared_by_its_rate(
    export: ExportSetup, crm: tuple[Settings, pd.DataFrame]
) -> None:
    settings, truth = crm
    inputs = read_plan_inputs(settings, TrueBundle(truth), export.engine)  # type: ignore[arg-type]
    planner.plan(settings, inputs, export.writer, export.engine, lambda _: None)
    export.send_all()

    def tomorrow(factor: float, **changes: object) -> planner.PlanResult:
        scores = inputs.scores.assign(expected_revenue=factor * inputs.scores["expected_revenue"])
        outcomes = inputs.outcomes.assign(revenue=factor * inputs.outcomes["revenue"])
        changed = PlanInputs(inputs.leads, scores, outcomes, inputs.as_of)
        chosen = settings.model_copy(update=changes)
        return planner.plan(chosen, changed, export.writer, export.engine, lambda _: None, dry_run=True)

    with pytest.raises(ConfigurationError, match="conversions of the outbox are in EUR"):
        tomorrow(160.0, currency="JPY")
    converted = tomorrow(160.0, currency="JPY", currencies={"EUR": 160.0}).added
    assert "restatement" not in {kind for _, _, kind in converted}
    assert "restatement" in {kind for _, _, kind in tomorrow(160.0).added}


def test_lead_that_becomes_junk_is_retracted(export: ExportSetup, crm: tuple[Settings, pd.DataFrame]) -> None:
    settings, truth = crm
    inputs = read_plan_inputs(settings, TrueBundle(truth), export.engine)  # type: ignore[arg-type]
    scores = inputs.scores.assign(verdict="accept")
    outcomes = inputs.outcomes.assign(junk=False)
    before = PlanInputs(inputs.leads, scores, outcomes, inputs.as_of)
    planner.plan(settings, before, export.writer, export.engine, lambda _: None)
    export.send_all()
    planner.plan(settings, inputs, export.writer, export.engine, lambda _: None)
    export.send_all()
    junk = set(truth[truth["junk"]]["lead_id"]) - set(inputs.outcomes[inputs.outcomes["engaged"]]["lead_id"])
    rows = pd.DataFrame(export.rows())
    since = stamp(datetime.now(UTC) - WINDOW)
    sent = rows[rows["lead_id"].isin(junk) & rows["sent_value"].notna() & (rows["happened_at"] > since)]
    assert len(sent) > 50
    for (name, _), versions in sent.sort_values("version").groupby(["destination", "transaction_id"]):
        if name in ("google", "google_ads", "microsoft"):
            assert (versions["kind"].iloc[-1], versions["sent_value"].iloc[-1]) == ("retraction", "0.00")


def test_stages_that_are_not_added_are_counted(export: ExportSetup, crm: tuple[Settings, pd.DataFrame]) -> None:
    first = night(export, crm)
    leads = len({row["lead_id"] for row in export.rows() if row["stage"] == "lead"})
    assert first.added["meta", "lead", "conversion"] + first.unplanned["meta", "lead", TOO_OLD] <= first.leads
    assert first.unplanned["meta", "lead", TOO_OLD] > leads / 2
    again = night(export, crm)
    assert (again.added.total(), again.unplanned) == (0, first.unplanned)
    waiting = {key for key in first.unplanned if key[2] == WAITS}
    assert ("linkedin", "qualified", WAITS) in waiting
    export.send_all()
    later = night(export, crm)
    assert {(name, stage) for name, stage, _ in later.added} <= {(name, stage) for name, stage, _ in waiting}
    added = sum(
        events for (name, stage, _), events in later.added.items() if (name, stage) == ("linkedin", "qualified")
    )
    assert 0 < added <= first.unplanned["linkedin", "qualified", WAITS]


def test_dry_run_adds_nothing(export: ExportSetup, crm: tuple[Settings, pd.DataFrame]) -> None:
    settings, truth = crm
    inputs = read_plan_inputs(settings, TrueBundle(truth), export.engine)  # type: ignore[arg-type]
    planned = planner.plan(settings, inputs, export.writer, export.engine, lambda _: None, dry_run=True)
    assert planned.added.total() > 100
    assert export.rows() == []


def test_replayed_day_plans_the_leads_of_that_day(export: ExportSetup, crm: tuple[Settings, pd.DataFrame]) -> None:
    settings, truth = crm
    day = datetime.now(UTC) - timedelta(days=300)
    inputs = read_plan_inputs(settings, TrueBundle(truth), export.engine, as_of=day)  # type: ignore[arg-type]
    with export.engine.connect() as connection:
        assert not connection.execute(export_events.select()).all()
    planner.plan(settings, inputs, export.writer, export.engine, lambda _: None, clock=lambda: day)
    rows = export.rows()
    assert {row["created_at"] for row in rows} == {stamp(day)}
    assert min(row["happened_at"] for row in rows) >= stamp(day - planner.LOOK_BACK)
