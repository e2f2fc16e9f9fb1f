"""Rows of outcomes become one row per lead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from crm.outcome_table import OUTCOME_COLUMNS, OutcomeReader, fold, one_of
from crm.raw_table import RawBatch
from leadworth.settings import OutcomesSource


def outcomes(rows: dict[str, list[object]], **settings: object) -> pd.DataFrame:
    source = OutcomesSource(**settings)  # type: ignore[arg-type]
    table = pa.table(rows)
    facts = OutcomeReader(source).read(RawBatch(table, np.arange(1, len(table) + 1)))
    ids = pd.Series(table.column("id").to_pylist(), dtype="str")
    return fold(ids, facts.usable, source).set_index("lead_id")


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def test_all_columns_are_always_there() -> None:
    table = outcomes({"id": ["a"]}).reset_index()

    assert tuple(table.columns) == OUTCOME_COLUMNS
    assert [str(kind) for kind in table.dtypes] == [
        "str", "bool", "datetime64[us, UTC]", "bool", "datetime64[us, UTC]", "float64", "bool", "datetime64[us, UTC]",
        "bool", "datetime64[us, UTC]", "datetime64[us, UTC]", "object",
    ]  # fmt: skip
    assert not table[["won", "lost", "junk", "engaged"]].any(axis=None)


def test_a_flag_alone_says_won_and_never_lost() -> None:
    table = outcomes({"id": ["a", "b", "c"], "y": ["yes", "no", None]}, won="y")

    assert table["won"].tolist() == [True, False, False]
    assert not table["lost"].any()
    assert table["won_at"].isna().all()


def test_a_date_alone_says_won() -> None:
    table = outcomes({"id": ["a", "b"], "at": ["2026-03-01", ""]}, won_at="at")

    assert table["won"].tolist() == [True, False]
    assert table.loc["a", "won_at"] == day("2026-03-01")


def test_a_close_date_of_an_open_deal_is_no_win() -> None:
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


HISTORY = {
    "id": ["a", "b", "a", "b", "a", "c", "c", "c", "d", "d", "d"],
    "stage": ["New", "New", "Won", "Lost", "Won", "Lost", "New", None, "Lost", "New", "Lost"],
    "at": [
        "2026-01-01", "2026-01-02", "2026-02-01", "2026-02-02", "2026-03-01", "2026-01-05", "2026-01-09", "2026-01-10",
        "2026-01-01", "2026-01-02", "2026-01-03",
    ],
    "amount": [None, None, "10", None, "20", None, None, None, None, None, "7"],
}  # fmt: skip
STAGES: dict[str, object] = {
    "stage": "stage", "stage_at": "at", "won_stages": ["won"], "lost_stages": ["LOST"], "revenue": "amount",
}  # fmt: skip


def test_a_stage_history() -> None:
    table = outcomes(HISTORY, **STAGES)

    assert table.index.tolist() == ["a", "b", "c", "d"]
    assert table["won"].tolist() == [True, False, False, False]
    assert table["lost"].tolist() == [False, True, False, True]
    assert table.loc["a", ["won_at", "revenue"]].tolist() == [day("2026-02-01"), 20.0]
    assert table["lost_at"].tolist()[1::2] == [day("2026-02-02"), day("2026-01-03")]
    assert [stage for stage, _ in table.loc["c", "stages"]] == ["Lost", "New"]
    assert table.loc["a", "stages"][0] == ("New", day("2026-01-01"))


def test_the_order_of_rows_does_not_matter_to_a_history() -> None:
    backwards = {name: column[::-1] for name, column in HISTORY.items()}

    pd.testing.assert_frame_equal(outcomes(HISTORY, **STAGES), outcomes(backwards, **STAGES).loc[["a", "b", "c", "d"]])


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
def test_revenue_that_is_no_revenue_is_unknown(amount: str) -> None:
    table = outcomes({"id": ["a"], "won": ["1"], "amount": [amount]}, won="won", revenue="amount")

    assert np.isnan(table.loc["a", "revenue"])


def test_dates_that_cannot_be_read_are_faults_of_their_rows() -> None:
    source = OutcomesSource(won_at="at", known_at="seen")
    table = pa.table({"at": ["2026-03-01", "soon", ""], "seen": ["", "then", ""]})

    facts = OutcomeReader(source).read(RawBatch(table, np.arange(3)))

    assert facts.faults.tolist() == ["", "unreadable won_at", ""]
    assert len(facts.usable) == 2


def test_a_lead_is_junk_or_engaged_from_the_first_row_that_says_so() -> None:
    rows = {
        "id": ["a", "a", "a", "b"],
        "stage": ["Met", "Spam", "Met", "New"],
        "at": ["2026-01-03", "2026-02-01", "2026-03-01", "2026-01-05"],
    }
    table = outcomes(
        rows,
        stage="stage",
        stage_at="at",
        junk={"column": "stage", "values": ["spam"]},
        engaged={"column": "stage", "values": ["met"]},
    )
    assert table.loc["a", "engaged_at"] == day("2026-01-03")
    assert table.loc["a", "junk_at"] == day("2026-02-01")
    assert table.loc[["b"], ["junk_at", "engaged_at"]].isna().all(axis=None)
