"""Notation is decided once for a file, or by a person."""

from __future__ import annotations

from datetime import date

import pytest

from leadworth.errors import InputError
from reporting.imports.file_notation import currencies_in, day_reader, decimal_mark
from reporting.imports.undecided import UndecidedError


@pytest.mark.parametrize(
    ("money", "counts", "mark"),
    [
        (["12,50", "1.234"], [], ","),
        (["12.50", "1,234"], [], "."),
        (["1.234"], ["1,234"], "."),
        (["1 234,5"], [], ","),
        (["5", "--"], ["12"], None),
    ],
)
def test_decimal_marks(money: list[object], counts: list[object], mark: str | None) -> None:
    assert decimal_mark("a.csv", money, counts) == mark


def test_two_marks_are_undecidable() -> None:
    with pytest.raises(UndecidedError, match="both"):
        decimal_mark("a.csv", ["12,50", "12.50"], [])


@pytest.mark.parametrize(
    ("cells", "headers", "given", "expected"),
    [
        (["03/04/2025", "13/04/2025"], ["Day"], None, date(2025, 4, 3)),
        (["03/04/2025", "04/13/2025"], ["Day"], None, date(2025, 3, 4)),
        (["03/04/2025"], ["Giorno"], None, date(2025, 4, 3)),
        (["03/04/2025"], ["Day"], "mdy", date(2025, 3, 4)),
        (["03/04/2025"], ["Day"], "%d/%m/%Y", date(2025, 4, 3)),
        (["Sat, Nov 1, 2025"], ["Day"], None, date(2025, 11, 1)),
        (["2025-11-01T00:30:00+02:00"], ["Day"], None, date(2025, 11, 1)),
        (["20251101"], ["Date"], None, date(2025, 11, 1)),
    ],
)
def test_days(cells: list[object], headers: list[str], given: str | None, expected: date) -> None:
    assert day_reader("a.csv", headers[0], cells, headers, given)(cells[0]) == expected


def test_ranges_and_unknown_formats_are_refused() -> None:
    with pytest.raises(InputError, match="break the report down by day"):
        day_reader("a.csv", "Day", ["2025-11-01 - 2025-11-30"], ["Day"], None)
    with pytest.raises(InputError, match="date-format"):
        day_reader("a.csv", "Day", ["2025-11-01"], ["Day"], "ymd")


def test_symbols_of_several_currencies_say_nothing() -> None:
    assert currencies_in(["Cost"], ["$12.50"]) == []
