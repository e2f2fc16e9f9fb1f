"""Blocks of the page as tables and lines of CSV."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from reporting.page.page_model import (
    Card,
    ChangePart,
    ChannelBlock,
    Figure,
    Message,
    Quantity,
    ReportPage,
    RevenueChangeBlock,
    Unit,
)
from reporting.page.record_rows import AttributionRow
from reporting.views.block_tables import BLOCKS, UnknownBlockError, block_table, csv_lines

EMPTY = ReportPage(
    title=Message("Report"),
    first_day=date(2026, 10, 1),
    last_day=date(2026, 11, 28),
    zone="Europe/Rome",
    currency="EUR",
    language="en",
    snapshot="1",
    data_at=datetime(2026, 11, 28, tzinfo=UTC),
    money=True,
    query="",
    filters=(),
    sources=(),
    notices=(),
    alarms=(),
    cards=(),
    channels=ChannelBlock(()),
    ladder=(),
    cohorts=None,
    hand_over=None,
    revenue_change=None,
    goals=None,
    track_record=(),
    attribution=(),
    reconciliation=(),
    formulas=(),
)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_without_content_has_columns_and_no_rows(block: str) -> None:
    table = block_table(EMPTY, block)
    assert table.columns
    assert table.rows == ()


def test_an_unknown_block_names_the_allowed_ones() -> None:
    with pytest.raises(UnknownBlockError, match="unknown name"):
        block_table(EMPTY, "people")


def test_money_attribution_and_change_as_rows() -> None:
    figure = Figure("revenue", Message("Revenue"), Quantity(12.5, Unit.MONEY, "EUR"), 10.0, 15.0, change=0.25)
    parts = tuple(
        ChangePart(Message(name), amount)
        for name, amount in (("volume", 2.0), ("rate", -1.0), ("value", 0.0), ("mix", 0.5))
    )
    page = replace(
        EMPTY,
        cards=(Card(figure),),
        attribution=(AttributionRow("Email", {"first": 3.0, "last": 1.0}),),
        revenue_change=RevenueChangeBlock(1.0, 2.5, parts, (("Email", parts),), "EUR"),
    )
    expected = ("revenue", "Revenue", 12.5, "money", "EUR", 10.0, 15.0, 0.25, None, None, None)
    assert block_table(page, "money").rows == (expected,)
    assert block_table(page, "attribution").columns == ("channel", "first", "last")
    assert block_table(page, "attribution").rows == (("Email", 3.0, 1.0),)
    assert block_table(page, "revenue_change").rows == (("Email", 2.0, -1.0, 0.0, 0.5), ("all", 2.0, -1.0, 0.0, 0.5))


def test_csv_quotes_and_neutralises() -> None:
    lines = list(csv_lines(["a", "b"], [['say "x"', True], [date(2026, 1, 2), 1.5], ["=A1", -3]], excel=False))
    assert lines[1:] == ['"say ""x""",true\r\n', "2026-01-02,1.5\r\n", "'=A1,-3\r\n", "# rows: 3\r\n"]
    assert list(csv_lines(["a"], [], excel=True)) == ["\ufeffa\r\n", "# rows: 0\r\n"]
