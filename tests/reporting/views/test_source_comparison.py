"""Lines that say where sources differ, without amounts for readers who may not see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from reporting.views.channel_rows import MatchRates
from reporting.views.figure_texts import FigureMaker, PageReader
from reporting.views.plain_english import english
from reporting.views.report_filters import ReportFilters
from reporting.views.source_comparison import reconciliation_lines
from store.crm_runs import RecordCount

NO_RATES = MatchRates(0, 0, 0, 0)
ROW: dict[str, Any] = {
    "platform": "meta",
    "rows_set_aside": 0,
    "rows_read": 100,
    "total_micros": 90_000_000,
    "source_total_micros": 92_500_000,
    "currency": "USD",
}


def lines(
    *rows: dict[str, Any], rates: MatchRates = NO_RATES, counts: Sequence[RecordCount] = (), **reader: bool
) -> list[str]:
    make = FigureMaker(ReportFilters(), "EUR", PageReader(**reader))
    return [english(line) for line in reconciliation_lines(rows, counts, rates, make)]


def test_the_difference_is_named_in_the_currency_of_the_platform() -> None:
    text = "Meta: USD 90 in our days, USD 92.5 in the platform's total; USD 2.5 not explained"
    assert lines(ROW) == [text]
    assert lines({**ROW, "source_total_micros": 90_000_000}) == [
        "Meta: USD 90 in our days, the same in the platform's total"
    ]
    assert lines({**ROW, "total_micros": None, "source_total_micros": 0})[0].startswith("Meta: USD 0 in our days, the")
    assert lines({**ROW, "source_total_micros": None}) == lines() == []


@pytest.mark.parametrize("hidden", ["money", "costs"])
def test_readers_without_costs_see_counts_alone(hidden: str) -> None:
    row = {**ROW, "platform": "fairs", "rows_set_aside": 4}
    assert lines(row, **{hidden: False}) == ["fairs: 4 of 100 rows could not be read"]


def test_the_share_of_matched_leads_needs_leads() -> None:
    assert lines(rates=MatchRates(0, 0, 3, 4)) == [
        "0.75 of the leads of channels with spend are matched with a campaign"
    ]


def test_records_are_compared_with_the_count_of_the_crm() -> None:
    counts = [RecordCount("hubspot", "contacts", 1_200, 1_200), RecordCount("hubspot", "deals", 340, 338)]
    assert lines(counts=counts) == [
        "Hubspot: 1200 of contacts in the CRM, as many here",
        "Hubspot: 340 of deals in the CRM, 338 here; 2 not explained",
    ]
