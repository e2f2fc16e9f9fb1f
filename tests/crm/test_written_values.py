"""Histories whose flags, dates, amounts and bytes are written as exports write them."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from crm.lead_history import LeadHistory, read_history
from leadworth.settings import Settings

COLUMNS = {"email": "Email", "phone": "Phone", "employees": "Employees"}
OUTCOMES = {"won": "Won", "won_at": "Closed", "revenue": "Amount"}


def history(folder: Path, columns: dict[str, list[Any]], kind: str = "csv", **outcomes: str) -> LeadHistory:
    """Return the history of a file with leads and outcomes."""
    table = {"Id": [f"L{number}" for number in range(len(next(iter(columns.values()))))], **columns}
    path = folder / f"leads.{kind}"
    if kind == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([list(table), *zip(*table.values(), strict=True)])
    else:
        parquet.write_table(pa.table(table), path)
    leads = {"path": path.name, "id": "Id", "columns": {k: v for k, v in COLUMNS.items() if v in table}}
    leads |= {"submitted_at": "Created"} if "Created" in table else {"order_by": "row_number"}
    settings = Settings(currency="EUR", folder=folder, leads=leads, outcomes=outcomes or {"won": "Won"})
    return read_history(settings)


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("WAHR", "FALSCH"),
        ("VERO", "FALSO"),
        ("VRAI", "FAUX"),
        ("1.00", "0.00"),
        ("Won", "Open"),
        ("Closed Won", "Not won"),
        ("✓", "✗"),
        ("是", "否"),
        ("ИСТИНА", "ЛОЖЬ"),
        ("on", "off"),
    ],
)
def test_a_written_flag_decides_and_not_the_close_date(tmp_path: Path, yes: str, no: str) -> None:
    columns = {"Won": [yes, no, no, "", ""], "Closed": ["2024-08-09"] * 3 + ["2024-08-10", ""], "Amount": ["5"] * 5}

    outcomes = history(tmp_path, columns, **OUTCOMES).outcomes

    assert outcomes["won"].tolist() == [True, False, False, True, False]


@pytest.mark.parametrize("setting", ["won", "lost"])
def test_an_unreadable_flag_is_a_fault_of_its_row(tmp_path: Path, setting: str) -> None:
    columns = {"Won": ["yes", "perhaps", "no"], "Closed": ["2024-08-09"] * 3}

    read = history(tmp_path, columns, **{setting: "Won", "won_at": "Closed"})

    assert read.counts.leads.rows_rejected == 1
    assert f"unreadable {setting}" in (tmp_path / "leads.rejected.csv").read_text()
    assert "L1" not in read.leads["lead_id"].tolist()


def test_a_lost_flag_reads_its_own_words(tmp_path: Path) -> None:
    outcomes = history(tmp_path, {"Lost": ["Lost", "Open", "Verloren", "Won"]}, lost="Lost").outcomes

    assert outcomes["lost"].tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    "written",
    [
        ["$12K", "$1.50M"],
        ["₹12,000", "₹15,00,000"],
        ["12’000.00", "1’500’000.00"],
        ["12.000,00 €", "1.500.000,00 €"],
        ["1.2万", "150万"],
        ["12 тыс. руб.", "1,5 млн руб."],
        ["12\u202f000", "1\u202f500\u202f000"],
    ],
)
def test_amounts_are_exact(tmp_path: Path, written: list[str]) -> None:
    columns = {"Won": ["yes", "yes"], "Closed": ["2024-08-09"] * 2, "Amount": written}

    assert history(tmp_path, columns, **OUTCOMES).outcomes["revenue"].tolist() == [12_000.0, 1_500_000.0]


def test_an_unreadable_amount_is_a_fault_of_a_won_row_only(tmp_path: Path) -> None:
    amounts = ["5-10k", "5-10k", "(500.00)", "500", "#VALUE!"]
    columns = {"Won": ["yes", "no", "yes", "yes", "yes"], "Closed": ["2024-08-09"] * 5, "Amount": amounts}

    read = history(tmp_path, columns, **OUTCOMES)

    assert "unreadable revenue" in (tmp_path / "leads.rejected.csv").read_text()
    assert read.outcomes.set_index("lead_id")["revenue"].dropna().to_dict() == {"L3": 500.0}
    assert len(read.leads) == 4


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize(
    "days",
    [
        [20240604, 20240701],
        [45447, 45474],
        [45447.0, 45474.0],
        [19878, 19905],
        [20240604000000, 20240701000000],
        [1717459200, 1719792000],
        [1717459200000, 1719792000000],
    ],
)
def test_dates_that_are_numbers(tmp_path: Path, kind: str, days: list[float]) -> None:
    columns = {"Created": days, "Won": ["yes", "no"], "Closed": days[::-1], "Amount": ["1", "2"]}

    read = history(tmp_path, columns, kind, **OUTCOMES)

    first, last = datetime(2024, 6, 4, tzinfo=UTC), datetime(2024, 7, 1, tzinfo=UTC)
    assert read.leads["submitted_at"].tolist() == [first, last]
    assert read.outcomes["won_at"].tolist()[0] == last


def test_numbers_that_are_no_dates_are_faults(tmp_path: Path) -> None:
    columns = {"Created": [20240604, 5, 20240605, 20240606], "Won": ["yes", "no", "no", "no"]}

    read = history(tmp_path, columns, "parquet")

    assert len(read.leads) == 3
    assert "unreadable submitted_at" in (tmp_path / "leads.rejected.csv").read_text()


def test_bytes_of_parquet_are_text(tmp_path: Path) -> None:
    columns = {
        "Created": ["2024-06-04", "2024-06-05"],
        "Email": ["ada@müller.example", "bob@acme.example"],
        "Phone": ["+43664123456.0", "3.9E+11"],
        "Employees": ["51-200", "many"],
        "Won": ["WAHR", "FALSCH"],
    }
    text = history(tmp_path, columns, "parquet")
    as_bytes = history(tmp_path, {name: [v.encode() for v in values] for name, values in columns.items()}, "parquet")

    assert as_bytes.leads.equals(text.leads)
    assert as_bytes.outcomes.equals(text.outcomes)
    assert text.leads["email"].tolist() == ["ada@müller.example", "bob@acme.example"]
    assert text.leads["phone"].tolist()[0] == "+43664123456"
    assert text.leads["employees"].tolist()[0] == 51.0
    assert text.leads[["phone", "employees"]].iloc[1].isna().all()
