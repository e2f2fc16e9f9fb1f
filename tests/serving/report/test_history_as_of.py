from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from crm.lead_history import LeadHistory, read_history
from leadworth.settings import Settings
from serving.report.history_as_of import history_as_of

LEADS = "id,at\nA,2026-01-01\nB,2026-02-01\nC,2026-03-01\n"
STAGES = (
    "id,stage,at,amount\nA,New,2026-01-01,\nA,Meeting held,2026-01-20,\nA,Won,2026-02-20,500\n"
    "B,New,2026-02-01,\nB,Lost,2026-02-05,\n"
)


@pytest.fixture
def history(tmp_path: Path) -> LeadHistory:
    (tmp_path / "leads.csv").write_text(LEADS)
    (tmp_path / "stages.csv").write_text(STAGES)
    settings = Settings(
        folder=tmp_path,
        currency="EUR",
        timezone="UTC",
        secret="a secret of sixteen",
        leads={"path": "leads.csv", "id": "id", "submitted_at": "at"},
        outcomes={
            "path": "stages.csv",
            "lead_id": "id",
            "stage": "stage",
            "stage_at": "at",
            "won_stages": ["Won"],
            "lost_stages": ["Lost"],
            "revenue": "amount",
        },
    )
    return read_history(settings)


def test_what_came_later_is_gone(history: LeadHistory) -> None:
    then = history_as_of(history, datetime(2026, 2, 10, tzinfo=UTC))
    assert then.leads["lead_id"].tolist() == ["A", "B"]
    rows = then.outcomes.set_index("lead_id")
    assert not rows.loc["A", "won"]
    assert pd.isna(rows.loc["A", "won_at"])
    assert pd.isna(rows.loc["A", "revenue"])
    assert [stage for stage, _ in rows.loc["A", "stages"]] == ["New", "Meeting held"]
    assert rows.loc["B", "lost"]


def test_as_of_the_end_nothing_changes(history: LeadHistory) -> None:
    same = history_as_of(history, datetime(2026, 12, 1, tzinfo=UTC))
    pd.testing.assert_frame_equal(same.leads, history.leads)
    pd.testing.assert_frame_equal(same.outcomes, history.outcomes)
