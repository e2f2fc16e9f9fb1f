"""Stage histories: one row per lead."""

from __future__ import annotations

import pandas as pd

from tests.crm.outcome_rows import day, outcomes

HISTORY = {
    "id": ["a", "b", "a", "b", "a", "c", "c", "c", "d", "d", "d"],
    "stage": ["New", "New", "Won", "Lost", "Won", "Lost", "New", None, "Lost", "New", "Lost"],
    "at": [
        "2026-01-01",
        "2026-01-02",
        "2026-02-01",
        "2026-02-02",
        "2026-03-01",
        "2026-01-05",
        "2026-01-09",
        "2026-01-10",
        "2026-01-01",
        "2026-01-02",
        "2026-01-03",
    ],
    "amount": [None, None, "10", None, "20", None, None, None, None, None, "7"],
}
STAGES: dict[str, object] = {
    "stage": "stage",
    "stage_at": "at",
    "won_stages": ["won"],
    "lost_stages": ["LOST"],
    "revenue": "amount",
}


def test_one_row_per_lead() -> None:
    table = outcomes(HISTORY, **STAGES)

    assert table.index.tolist() == ["a", "b", "c", "d"]
    assert table["won"].tolist() == [True, False, False, False]
    assert table["lost"].tolist() == [False, True, False, True]
    assert table.loc["a", ["won_at", "revenue"]].tolist() == [day("2026-02-01"), 20.0]
    assert table["lost_at"].tolist()[1::2] == [day("2026-02-02"), day("2026-01-03")]
    assert [stage for stage, _ in table.loc["c", "stages"]] == ["Lost", "New"]
    assert table.loc["a", "stages"][0] == ("New", day("2026-01-01"))


def test_the_order_of_rows_does_not_matter() -> None:
    backwards = {name: column[::-1] for name, column in HISTORY.items()}

    pd.testing.assert_frame_equal(outcomes(HISTORY, **STAGES), outcomes(backwards, **STAGES).loc[["a", "b", "c", "d"]])


def test_a_lead_is_junk_or_engaged_from_the_first_row_with_that_status() -> None:
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
