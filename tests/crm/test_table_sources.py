"""Open files and database tables of the settings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from crm.lead_history import read_history
from crm.raw_table import RawBatch, RawTable
from crm.table_sources import gather
from leadworth.errors import ConfigurationError, InputError
from leadworth.settings import Settings
from tests.make_workbook import write_workbook


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("none.csv", InputError, "there is no file"),
        ("", ConfigurationError, "no path"),
        ("leads.xlsx", InputError, "damaged zip"),
        ("leads.parquet", InputError, "not a Parquet file"),
        ("folder", InputError, "there is no file"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, path: str, error: type[Exception], message: str) -> None:
    (tmp_path / "leads.xlsx").write_bytes(b"PK\x03\x04rest")
    (tmp_path / "leads.parquet").write_bytes(b"PAR1rest")
    (tmp_path / "folder").mkdir()

    with pytest.raises(error, match=message):
        read_history(Settings(currency="EUR", folder=tmp_path, leads={"path": path}))


def test_rejects_of_files_outside_the_settings_folder_go_to_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    outside = tmp_path / "outside"
    home.mkdir()
    outside.mkdir()
    (outside / "leads.csv").write_text("lead_id\n1\n1\n")
    read_history(Settings(currency="EUR", folder=home, leads={"path": "../outside/leads.csv"}))

    assert [file.name for file in outside.iterdir()] == ["leads.csv"]
    assert "2,repeated lead id" in (home / "leads.rejected.csv").read_text()


def test_batches_of_different_types_become_text() -> None:
    batches = [
        RawBatch(pa.table({"staff": column}), np.arange(start, start + len(column)), faults=1)
        for start, column in ((1, pa.array([5, 7])), (3, pa.array(["many"])))
    ]
    batch = gather(RawTable("leads", ("staff",), iter(batches)))

    assert batch.rows.column("staff").to_pylist() == ["5", "7", "many"]
    assert batch.lines.tolist() == [1, 2, 3]
    assert batch.faults == 2


def test_a_table_without_rows_has_its_columns() -> None:
    batch = gather(RawTable("leads", ("id", "won"), iter([])))

    assert batch.rows.column_names == ["id", "won"]
    assert len(batch.lines) == 0


def test_doubts_about_a_file_go_with_its_counts(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_bytes("lead_id,name\n1,Björn\n".encode("mac_roman"))
    history = read_history(Settings(currency="EUR", folder=tmp_path, leads={"path": "leads.csv"}))

    assert "set encoding = " in history.counts.leads.warnings[0]
    sure = Settings(currency="EUR", folder=tmp_path, leads={"path": "leads.csv", "encoding": "mac_roman"})
    assert read_history(sure).counts.leads.warnings == ()


@pytest.mark.parametrize("outcomes", [{"path": "crm.xlsx", "sheet": "Deals"}, {"sheet": "Deals"}])
@pytest.mark.parametrize("leads", [{"sheet": "Leads"}, {}])
def test_leads_and_outcomes_on_two_sheets_of_a_workbook(
    tmp_path: Path, leads: dict[str, str], outcomes: dict[str, str]
) -> None:
    rows = [["Leads 2026"], ["id", "email"], [1, "ada@acme.it"], [2, "bo@acme.it"], [3, "cy@acme.it"]]
    deals = [["lead", "won"], [2, True], [3, False]]
    write_workbook(tmp_path / "crm.xlsx", {"Leads": rows, "Deals": deals})
    history = read_history(
        Settings(
            currency="EUR",
            folder=tmp_path,
            leads={"path": "crm.xlsx", "id": "id", "columns": {"email": "email"}, **leads},
            outcomes={"lead_id": "lead", "won": "won", **outcomes},
        )
    )
    assert history.leads["lead_id"].tolist() == ["1", "2", "3"]
    assert history.outcomes["won"].sum() == 1
    kept = {path.name for path in tmp_path.glob("*.rejected.csv")}
    assert kept == ({"crm.Leads.rejected.csv"} if leads else {"crm.rejected.csv"})
    assert history.counts.leads.rejected == tmp_path / kept.pop()


def test_one_sheet_with_leads_and_outcomes_is_read_once(tmp_path: Path) -> None:
    write_workbook(tmp_path / "crm.xlsx", {"Notes": [["a", "b"]] * 9, "Leads": [["id", "won"], [1, True], [2, False]]})
    leads = {"path": "crm.xlsx", "sheet": "Leads", "id": "id"}
    history = read_history(
        Settings(currency="EUR", folder=tmp_path, leads=leads, outcomes={"path": "crm.xlsx", "won": "won"})
    )
    assert history.counts.outcomes is None
