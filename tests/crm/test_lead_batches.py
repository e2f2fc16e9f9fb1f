"""Batches of a file of leads."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pandas as pd
import pytest

from crm.lead_batches import LeadFile
from crm.rejects import Rejects
from leadworth.errors import InputError
from leadworth.settings import LeadsSource

SOURCE = LeadsSource(id="id", submitted_at="at", columns={"email": "mail", "phone": "tel"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    rows = [f"{number},2026-01-{number % 28 + 1:02d},x{number}@acme.it,{number}" for number in range(500)]
    rows[100:100] = ["bad", ",2026-01-01,none@acme.it,1", "7,soon,x@acme.it,1"]
    file = tmp_path / "leads.csv"
    file.write_text("id,at,mail,seats\n" + "\n".join(rows))
    return file


def test_small_batches_concatenate_to_one(path: Path) -> None:
    rejects = Rejects(None)
    file = LeadFile(path, SOURCE, UTC, {"seats": "numeric", "plan": "text"}, rejects)
    parts = [(raw, leads) for raw, leads in file.batches(64)]
    one_batch = pd.concat(
        [leads for _, leads in LeadFile(path, SOURCE, UTC, {"seats": "numeric"}, Rejects(None)).batches()]
    )

    assert max(len(leads) for _, leads in parts) <= 64
    assert [raw.rows.column("id").to_pylist() for raw, _ in parts] == [leads["lead_id"].tolist() for _, leads in parts]
    joined = pd.concat([leads for _, leads in parts], ignore_index=True)
    pd.testing.assert_frame_equal(joined, one_batch.reset_index(drop=True))
    assert (file.counts.rows_in, file.counts.rows_kept, file.counts.rows_rejected) == (503, 500, 3)
    assert rejects.reasons == {"wrong number of fields": 1, "no lead id": 1, "unreadable submitted_at": 1}


def test_absent_columns_are_listed(path: Path) -> None:
    file = LeadFile(path, SOURCE, UTC, {"seats": "numeric", "plan": "text"}, Rejects(None))

    assert file.absent == ("plan", "tel")
    _, leads = next(file.batches())
    assert list(leads.columns) == ["lead_id", "submitted_at", "email", "extras.seats"]


def test_the_id_column_is_required(path: Path) -> None:
    with pytest.raises(InputError, match=r"leads\.id = 'ID' \(nearest: id\)"):
        LeadFile(path, LeadsSource(id="ID"), UTC, {}, Rejects(None))


def test_a_file_without_rows(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("id,at\n")
    file = LeadFile(tmp_path / "leads.csv", SOURCE, UTC, {}, Rejects(None))

    assert list(file.batches()) == []
    assert file.counts.rows_in == 0
