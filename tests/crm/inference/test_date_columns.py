"""Numbers that are dates, and columns with two orders of day and month."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm.inference.column_profile import profile_column
from crm.inference.date_columns import infer_numeric_dates, mixed_orders
from tests.crm.inference.crm_tables import codes, deals, leads
from tests.crm.inference.proposals import propose_settings

SERIALS = [f"{45_400 + number}" for number in range(30)]


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Create Date", SERIALS),
        ("Erstellt am", SERIALS),
        ("생성일시 날짜", SERIALS),
        ("x", [f"{45_400 + number}.{2517 + number}" for number in range(30)]),
        ("x", [f"{45_400 + number},{2517 + number}" for number in range(30)]),
        ("x", [f"202406{1 + number:02}" for number in range(30)]),
        ("x", [f"202406{1 + number:02}101500" for number in range(30)]),
        ("createdate", [f"{1_717_000_000 + 86_400 * number}" for number in range(30)]),
        ("x", [f"{1_717_000_000_000 + 86_400_123 * number}" for number in range(30)]),
        ("created_at", [f"{1_717_000_000 + 86_400 * number}.123" for number in range(30)]),
        ("created_at", [f"{(1_717_000_000 + 86_400 * number) * 10**6}" for number in range(30)]),
        ("created_at", [f"{(1_717_000_000 + 86_400 * number) * 10**9}" for number in range(30)]),
        ("CreatedOn", [f"{638_530_848_000_000_000 + 864_000_000_000 * number}" for number in range(30)]),
    ],
)
def test_numbers_that_are_dates(header: str, values: list[str]) -> None:
    assert infer_numeric_dates(header, values) is not None
    assert profile_column(header, values).kind == "moment"


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Id", SERIALS),
        ("Annual income", SERIALS),
        ("Amount", [f"{number * 1_307 % 90_000}.5" for number in range(30)]),
        ("Amount", [f"{12_000 + 307 * number}.50" for number in range(30)]),
        ("Amount", [f"{40_000 + 307 * number}.50" for number in range(30)]),
        ("Lead", [f"{20_000 + number}.0" for number in range(30)]),
        ("Phone", [f"212555{1000 + number}" for number in range(30)]),
        ("Number", [f"20249{number:03}" for number in range(30)]),
    ],
)
def test_numbers_that_are_not(header: str, values: list[str]) -> None:
    assert infer_numeric_dates(header, values) is None
    assert profile_column(header, values).dates is None


def test_two_orders_of_day_and_month_are_named(tmp_path: Path) -> None:
    rows = leads(codes("L", 60))
    for number, row in enumerate(rows[1:]):
        row[1] = f"{number % 28 + 1:02}/06/2026" if number < 40 else f"06/{number % 28 + 1:02}/2026"
    deal_rows = deals(codes("D", 45), Lead=codes("L", 45))
    content, warnings = propose_settings(tmp_path, ("leads.csv", rows), ("deals.csv", deal_rows))
    assert content["leads"]["submitted_at"] == "Created"
    assert "date_format" not in content["leads"]
    assert any("'Created' mixes two date orders: '13/06/2026'" in warning for warning in warnings)


def test_one_order_is_not_mixed() -> None:
    assert mixed_orders(["31/12/2024", "01/02/2024", "12/11/2024"]) is None
    assert mixed_orders(["31/12/2024", "12/31/2024"]) == ("31/12/2024", "12/31/2024")
