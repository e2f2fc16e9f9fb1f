"""A column in which a spreadsheet has read a part of the dates is refused, and no other one is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm.date_formats import choose_date_parser
from leadworth.errors import InputError


def _days(count: int) -> list[datetime]:
    return [datetime(2024, 1, 3, tzinfo=UTC) + timedelta(days=5 * number) for number in range(count)]


@pytest.mark.parametrize("form", ["%Y-%m-%d", "serial"])
def test_dates_that_a_spreadsheet_has_read_in_the_other_order_are_refused(form: str) -> None:
    written = []
    for day in _days(120):
        if day.day > 12:
            written.append(f"{day:%m/%d/%Y}")
            continue
        swapped = day.replace(day=day.month, month=day.day)
        serial = (swapped.replace(tzinfo=None) - datetime(1899, 12, 30)).days
        written.append(str(serial) if form == "serial" else f"{swapped:{form}}")
    with pytest.raises(InputError, match="mixes dates that a spreadsheet has read"):
        choose_date_parser("leads.csv", "Created", written, None)


def test_two_notations_with_days_of_the_whole_month_are_read() -> None:
    written = [f"{day:%Y-%m-%d}" if number % 2 else f"{day:%d/%m/%Y}" for number, day in enumerate(_days(120))]
    parse = choose_date_parser("leads.csv", "Created", written, None)
    assert parse is not None
    assert [parse(value, UTC) for value in written] == _days(120)
