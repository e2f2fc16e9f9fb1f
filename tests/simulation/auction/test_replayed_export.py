"""A replayed night: the day's leads are planned and accepted by the peers, at the time of that night."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from conversions.plan_inputs import ScoredLeads
from conversions.sandbox.peer_servers import Sandbox
from leadworth.settings import load_settings
from simulation.auction.replayed_crm import ReplayedCrm
from simulation.auction.replayed_export import export_day, sandbox_sections
from tests.simulation.auction.potential import potential_leads


class ConstantValues:
    """Gives every lead the same value."""

    id = "1"
    spec = SimpleNamespace(needs={"lead"})

    def score_table(self, leads: pd.DataFrame, *, scored_at: object, reasons: str) -> pd.DataFrame:
        del scored_at, reasons
        columns = {"win_probability": 0.1, "expected_revenue": 500.0, "verdict": "accept", "model_version": "1"}
        return pd.DataFrame({"lead_id": leads["lead_id"].tolist(), **columns})


def test_sections_are_settings(tmp_path: Path) -> None:
    market = potential_leads(100, 30, 60)
    with Sandbox().run() as sandbox:
        actions = {"google": ("lead",), "meta": ("lead", "won")}
        text = sandbox_sections(sandbox, actions, {"": {"cap": 900.0}, "google": {"restate_days": 1}})
        export = load_settings(ReplayedCrm(market.world, tmp_path).write_settings(text)).export
        assert export.cap == 900.0
        assert export.platform("google").in_use()
        assert not export.platform("linkedin").in_use()
        assert export.platform("google").restate_days == 1
        assert list(export.platform("meta").actions.named()) == ["lead", "won"]


def test_two_nights_send_each_lead_once(tmp_path: Path) -> None:
    market = potential_leads(400, 30, 60)
    ids = market.world.leads["Lead ID"]
    now = market.end_of(39)
    with Sandbox(clock=lambda: now).run() as sandbox:
        crm = ReplayedCrm(market.world, tmp_path)
        actions = {"google": ("lead",), "meta": ("lead",)}
        config = crm.write_settings(sandbox_sections(sandbox, actions, {}))
        crm.add(ids[market.day < 40].tolist(), now)
        scored = ScoredLeads()
        first = export_day(config, ConstantValues(), scored, now)  # type: ignore[arg-type]
        assert first.added["google", "lead", "conversion"] > 50
        accepted = sandbox.of("google").counters["accepted"]
        assert 0 < accepted <= first.added["google", "lead", "conversion"]
        assert len(scored.table) == int((market.day < 40).sum())
        now += timedelta(days=1)
        crm.add(ids[market.day == 40].tolist(), now)
        second = export_day(config, ConstantValues(), scored, now)  # type: ignore[arg-type]
        new = int((market.day == 40).sum())
        assert second.added["google", "lead", "conversion"] <= new
        assert sandbox.of("google").counters["accepted"] >= accepted
        assert set(sandbox.of("google").counts.values()) == {1}
        assert not sandbox.of("google").refused
