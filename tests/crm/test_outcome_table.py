"""Outcome table: one row per lead."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from crm.lead_history import read_history
from crm.outcome_fold import OUTCOME_COLUMNS
from crm.outcome_table import OutcomeReader, one_of
from crm.raw_table import RawBatch
from leadworth.settings import OutcomesSource, Settings
from tests.crm.outcome_rows import day, outcomes


def test_all_columns_exist_always() -> None:
    table = outcomes({"id": ["a"]}).reset_index()

    assert tuple(table.columns) == OUTCOME_COLUMNS
    assert [str(kind) for kind in table.dtypes] == [
        "str",
        "bool",
        "datetime64[us, UTC]",
        "bool",
        "datetime64[us, UTC]",
        "float64",
        "bool",
        "datetime64[us, UTC]",
        "bool",
        "datetime64[us, UTC]",
        "datetime64[us, UTC]",
        "object",
    ]
    assert not table[["won", "lost", "junk", "engaged"]].any(axis=None)


def test_a_won_flag_alone_never_means_lost() -> None:
    table = outcomes({"id": ["a", "b", "c"], "y": ["yes", "no", None]}, won="y")

    assert table["won"].tolist() == [True, False, False]
    assert not table["lost"].any()
    assert table["won_at"].isna().all()


def test_a_date_alone_means_won() -> None:
    table = outcomes({"id": ["a", "b"], "at": ["2026-03-01", ""]}, won_at="at")

    assert table["won"].tolist() == [True, False]
    assert table.loc["a", "won_at"] == day("2026-03-01")


def test_a_close_date_of_an_open_deal_is_not_won() -> None:
    rows = {"id": ["a", "b", "c"], "won": ["true", "false", ""], "lost": ["", "true", ""], "close": ["2026-03-01"] * 3}
    table = outcomes(rows, won="won", won_at="close", lost="lost", lost_at="close")

    assert table["won"].tolist() == [True, False, True]
    assert table["lost"].tolist() == [False, True, False]
    assert table["won_at"].notna().tolist() == [True, False, True]
    assert table["lost_at"].notna().tolist() == [False, True, False]


def test_several_deals_of_one_lead() -> None:
    rows = {
        "id": ["a", "a", "a", "b", "b", "c", "c"],
        "won": ["2026-03-05", "2026-03-01", "", "", "", "", ""],
        "lost": ["", "", "2026-02-01", "2026-01-05", "2026-01-09", "2026-01-05", ""],
        "amount": ["100", "50,5", "900", "1", "2", "3", "4"],
    }
    table = outcomes(rows, won_at="won", lost_at="lost", revenue="amount")

    assert table.index.tolist() == ["a", "b", "c"]
    assert table["won"].tolist() == [True, False, False]
    assert table["lost"].tolist() == [False, True, False]
    assert table.loc["a", ["won_at", "revenue"]].tolist() == [day("2026-03-01"), 150.5]
    assert table.loc["b", "lost_at"] == day("2026-01-09")
    assert table["revenue"].isna().tolist() == [False, True, True]


def test_a_current_stage() -> None:
    rows = {"id": ["a", "b", "c"], "stage": [" closed WON ", "Closed lost", "Meeting"], "at": ["2026-03-01"] * 3}
    table = outcomes(rows, stage="stage", won_stages=["Closed won"], lost_stages=["Closed lost"], won_at="at")

    assert table["won"].tolist() == [True, False, False]
    assert table["lost"].tolist() == [False, True, False]
    assert table["won_at"].notna().tolist() == [True, False, False]


def test_junk_and_engaged_are_compared_without_case() -> None:
    rows = {"id": ["a", "b", "c"], "status": ["JUNK lead ", "Meeting Held", None]}
    table = outcomes(
        rows,
        junk={"column": "status", "values": ["Junk Lead", "Spam"]},
        engaged={"column": "status", "values": "meeting held"},
    )

    assert table["junk"].tolist() == [True, False, False]
    assert table["engaged"].tolist() == [False, True, False]
    assert one_of(pa.array([True, False]), ["true"]).tolist() == [True, False]


@pytest.mark.parametrize("amount", ["-5", "n/a", ""])
def test_invalid_revenue_is_unknown(amount: str) -> None:
    table = outcomes({"id": ["a"], "won": ["1"], "amount": [amount]}, won="won", revenue="amount")

    assert np.isnan(table.loc["a", "revenue"])


@pytest.mark.parametrize("ticked", ["x", "checked", "有", "WON", "Да"])
@pytest.mark.parametrize("empty", ["", "-", "N/A"])
def test_a_checkbox_is_no_where_it_is_empty(ticked: str, empty: str, tmp_path: Path) -> None:
    rows = [f"{number},{ticked if number < 3 else empty},2026-03-0{number + 1}" for number in range(8)]
    (tmp_path / "leads.csv").write_text("\n".join(["id,won,closed", *rows]), encoding="utf-8")
    leads = {"path": "leads.csv", "id": "id"}
    settings = Settings(currency="EUR", folder=tmp_path, leads=leads, outcomes={"won": "won", "won_at": "closed"})

    history = read_history(settings)

    assert history.checkboxes == {"won": True}
    assert history.outcomes["won"].sum() == 3
    assert history.win_evidence.unticked == 5


def test_an_empty_flag_lets_the_date_decide_where_the_flag_says_no_too() -> None:
    table = pa.table({"won": ["yes", "no", ""], "at": ["2026-03-01"] * 3})
    facts = OutcomeReader(OutcomesSource(won="won", won_at="at")).read(RawBatch(table, np.arange(3)))

    assert facts.rows["won"].tolist() == [True, False, True]


def test_dates_that_cannot_be_parsed_are_faults() -> None:
    source = OutcomesSource(won_at="at", known_at="seen")
    table = pa.table({"at": ["2026-03-01", "soon", ""], "seen": ["", "then", ""]})

    facts = OutcomeReader(source).read(RawBatch(table, np.arange(3)))

    assert facts.faults.tolist() == ["", "unreadable won_at", ""]
    assert len(facts.usable) == 2


def test_cells_of_a_column_of_several_settings_are_counted_once() -> None:
    source = OutcomesSource(won="won", won_at="close", lost_at="close", revenue="amount")
    table = pa.table({"won": ["1", "perhaps"], "close": ["2026-03-01", "soon"], "amount": ["5", "much"]})
    reader = OutcomeReader(source)

    reader.read(RawBatch(table, np.arange(2)))

    counts = {name: (fault.unreadable, fault.filled) for name, fault in reader.cells.items()}
    assert counts == {"won": (1, 2), "close": (1, 2), "amount": (1, 2)}
