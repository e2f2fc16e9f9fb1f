"""Raw rows of leads as typed columns."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from crm.lead_history import read_history
from leadworth.errors import InputError
from leadworth.settings import Settings


def test_an_order_column_replaces_dates(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("n,x\n7,yes\n5,no\n")
    settings = Settings(
        currency="EUR", folder=tmp_path, leads={"path": "leads.csv", "id": "n", "order_by": "n"}, outcomes={"won": "x"}
    )

    leads = read_history(settings).leads
    assert leads["order"].tolist() == [7.0, 5.0]
    assert leads["submitted_at"].isna().all()


def test_rows_without_an_id_column_have_their_line_as_id(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("x,y\na,yes\nb,no\n")
    settings = Settings(
        currency="EUR",
        folder=tmp_path,
        leads={"path": "leads.csv", "id": "row_number", "order_by": "row_number"},
        outcomes={"won": "y"},
    )

    leads = read_history(settings).leads
    assert leads["lead_id"].tolist() == ["2", "3"]
    assert leads["order"].tolist() == [2.0, 3.0]


def test_an_ambiguous_date_format_must_be_set(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("lead_id,at\n1,03/04/2026\n2,05/06/2026\n")
    settings = Settings(currency="EUR", folder=tmp_path, leads={"path": "leads.csv", "submitted_at": "at"})

    with pytest.raises(InputError, match="date_format"):
        read_history(settings)
    fixed = settings.model_copy(update={"leads": settings.leads.model_copy(update={"date_format": "%d/%m/%Y"})})
    assert read_history(fixed).leads["submitted_at"][0] == pd.Timestamp("2026-04-03", tz="UTC")
