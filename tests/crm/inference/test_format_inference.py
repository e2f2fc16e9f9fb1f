"""Date format, decimal mark and time zone of exports."""

from __future__ import annotations

from pathlib import Path

from tests.crm.inference.proposals import IDS, ROWS, leads_table, propose_settings


def test_an_ambiguous_order_of_day_and_month_is_a_warning(tmp_path: Path) -> None:
    dates = [f"{1 + i % 12:02d}/{1 + i % 11:02d}/2025" for i in range(ROWS)]
    content, warnings = propose_settings(
        tmp_path, leads_table({"id": IDS, "created": dates, "won": [i % 2 for i in range(ROWS)]})
    )
    assert content["leads"]["date_format"] == "%m/%d/%Y"
    assert any("'created' fits %d/%m/%Y and %m/%d/%Y" in warning for warning in warnings)


def test_a_decimal_comma_of_other_columns_makes_no_amount_a_thousandth(tmp_path: Path) -> None:
    scores = [f"{i % 7},{i % 9 + 1}" for i in range(ROWS)]
    amounts = [f"{i + 10},062" for i in range(ROWS)]
    won = ["yes" if i % 2 else "no" for i in range(ROWS)]
    columns = {"id": IDS, "score": scores, "won": won, "amount": amounts}
    content, warnings = propose_settings(tmp_path, leads_table(columns))
    assert "decimal" not in content["leads"]
    assert any("'amount' has amounts such as '10,062'" in warning for warning in warnings)
