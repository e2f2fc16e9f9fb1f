"""Date format of a column, inferred from all its values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.date_formats import Parse, are_dates, choose_date_parser, infer_date_format
from leadworth.errors import InputError
from leadworth.readers.moment_reader import read_moment
from leadworth.unreadable import readable

FORMATS = (
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%d-%m-%y",
    "%Y/%m/%d %H:%M:%S",
    "%d %b %Y",
    "%B %d, %Y",
    "%Y%m%d%H%M%S",
    "%d.%m.%Y, %H:%M",
    "%Y. %m. %d",
    "%Y-%m-%d %H:%M:%S UTC",
)


def read(parse: Parse | None, written: str) -> datetime | None:
    return readable(read_moment(written) if parse is None else parse(written, UTC))


@pytest.mark.parametrize("form", FORMATS)
def test_formats_are_inferred(form: str) -> None:
    days = [datetime(2026, 1, 1, 9, 30) + timedelta(days=5 * number) for number in range(60)]
    parse = choose_date_parser("leads.csv", "Created", [day.strftime(form) for day in days], None)

    assert [moment.date() if (moment := read(parse, day.strftime(form))) else None for day in days] == [
        d.date() for d in days
    ]


def test_iso_and_typed_columns_need_no_parser() -> None:
    assert choose_date_parser("leads.csv", "Created", ["2026-03-04", "2026-03-05T10:00Z"], None) is None
    assert choose_date_parser("leads.csv", "Created", [datetime(2026, 3, 4)], None) is None
    assert choose_date_parser("leads.csv", "Created", [], None) is None


def test_an_ambiguous_order_of_day_and_month_is_an_error() -> None:
    with pytest.raises(InputError, match=r'"%d/%m/%Y" or "%m/%d/%Y".*date_format'):
        choose_date_parser("leads.csv", "Created", ["03/04/2026", "05/06/2026"], None)


def test_the_same_day_in_either_order_is_not_ambiguous() -> None:
    parse = choose_date_parser("leads.csv", "Created", ["04/04/2026", "05/05/2026"], None)

    assert read(parse, "04/04/2026") == datetime(2026, 4, 4, tzinfo=UTC)


def test_the_setting_is_the_only_accepted_format() -> None:
    parse = choose_date_parser("leads.csv", "Created", ["03/04/2026"], "%m/%d/%Y")

    assert parse is not None
    assert read(parse, "03/04/2026") == datetime(2026, 3, 4, tzinfo=UTC)
    assert read(parse, "2026-03-04") is None


def test_a_few_faults_do_not_prevent_inference() -> None:
    parse = choose_date_parser("leads.csv", "Created", ["25.12.2026", "24.12.2026", "31.12.2026", "soon"], None)

    assert read(parse, "soon") is None
    assert read(parse, "25.12.2026") == datetime(2026, 12, 25, tzinfo=UTC)


@pytest.mark.parametrize("written", ["1772359200", "1772359200000"])
def test_seconds_and_milliseconds_since_1970(written: str) -> None:
    parse = choose_date_parser("leads.csv", "createdate", [written], None)

    assert read(parse, written) == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_words_are_not_dates() -> None:
    with pytest.raises(InputError, match="holds no dates"):
        choose_date_parser("leads.csv", "Status", ["Open", "Closed"], None)
    assert not are_dates(["Open", "Closed"])
    assert are_dates(["03/04/2026", "05/06/2026"])


@given(st.lists(st.text(st.sampled_from("0123456789/.-: APMTZadeJn"), max_size=19), max_size=30))
def test_random_text_raises_only_input_error(written: list[str]) -> None:
    try:
        parse = choose_date_parser("leads.csv", "Created", written, None)
    except InputError:
        return
    for value in written:
        read(parse, value)


@pytest.mark.parametrize("clock", ["", " %H:%M", " %I:%M %p"])
@pytest.mark.parametrize("separator", "/.-")
@pytest.mark.parametrize("year", ["%Y", "%y"])
def test_two_date_orders_in_a_column_are_refused(clock: str, separator: str, year: str) -> None:
    days = [datetime(2024, 6, 1, 9) + timedelta(days=number) for number in range(150)]
    form = f"%d/%m/{year}".replace("/", separator) + clock
    other = f"%m/%d/{year}".replace("/", separator) + clock
    written = [day.strftime(form if number < 90 else other) for number, day in enumerate(days)]

    with pytest.raises(InputError, match=r"mixes two date orders: .*begins with the day.*with the month.*date_format"):
        choose_date_parser("leads.csv", "Created", written, None)


def test_one_wrong_order_among_many_is_a_fault_of_its_row() -> None:
    days = [(datetime(2024, 1, 1) + timedelta(days=number)).strftime("%d/%m/%Y") for number in range(365)]
    parse = choose_date_parser("leads.csv", "Created", [*days, "12/25/2024"], None)

    assert read(parse, "12/25/2024") is None
    assert read(parse, "03/04/2024") == datetime(2024, 4, 3, tzinfo=UTC)


def test_a_column_may_mix_notations_of_one_meaning() -> None:
    written = ["2024-06-04", "4 juin 2024", "25/12/2024", "20240604", "03/04/2024"]
    parse = choose_date_parser("leads.csv", "Created", written, None)

    assert [day.date().isoformat() for value in written if (day := read(parse, value))] == [
        *("2024-06-04", "2024-06-04", "2024-12-25", "2024-06-04", "2024-04-03"),
    ]


def test_months_in_words_and_calendar_digits_are_dates_for_init() -> None:
    assert infer_date_format(["4 juin 2024", "12 août 2024"]) is not None
    assert infer_date_format(["20240604", "20241231"]) is not None
    assert infer_date_format(["12345678", "20240604"]) is None


def test_other_months_of_the_column_decide_a_name_of_two_months() -> None:
    polish = choose_date_parser("leads.csv", "Data", ["4 lis 2024", "12 wrz 2024", "3 maj 2024"], None)
    croatian = choose_date_parser("leads.csv", "Datum", ["4 lis 2024", "12 ruj 2024", "3 svi 2024"], None)

    assert read(polish, "4 lis 2024") == datetime(2024, 11, 4, tzinfo=UTC)
    assert read(croatian, "4 lis 2024") == datetime(2024, 10, 4, tzinfo=UTC)


@pytest.mark.parametrize("form", ["%y-%m-%d", "%y. %m. %d."])
def test_years_of_two_digits_in_front_are_asked_about(form: str) -> None:
    days = [(datetime(2023, 1, 1) + timedelta(days=9 * number)).strftime(form) for number in range(120)]

    with pytest.raises(InputError, match=r"the day or the year comes first.*date_format"):
        choose_date_parser("leads.csv", "Created", days, None)
    parse = choose_date_parser("leads.csv", "Created", days, form)
    assert read(parse, days[50]) == datetime(2023, 1, 1, tzinfo=UTC) + timedelta(days=450)


def test_other_dates_of_the_column_show_that_a_number_is_no_year() -> None:
    days = [(datetime(2024, 1, 1) + timedelta(days=3 * number)).strftime("%d.%m.%y") for number in range(100)]
    parse = choose_date_parser("leads.csv", "Created", [*days, "24.06.04"], None)

    assert read(parse, "24.06.04") == datetime(2004, 6, 24, tzinfo=UTC)


@pytest.mark.parametrize("form", ["%y-%m-%d", "%y/%m/%d", "%y.%m.%d", "%y-%m-%d %H:%M", "%y. %m. %d."])
def test_years_of_two_digits_in_front_are_inferred_where_days_would_be_decades(form: str) -> None:
    days = [datetime(2024, 1, 3) + timedelta(days=5 * number) for number in range(150)]
    inferred = infer_date_format([day.strftime(form) for day in days])

    assert inferred is not None
    assert (inferred.format, inferred.other) == (form, None)
    assert inferred.read(days[7].strftime(form)) == days[7].replace(tzinfo=UTC)


@pytest.mark.parametrize("form", ["%d-%m-%y", "%d/%m/%y", "%d.%m.%y", "%m/%d/%y", "%m-%d-%y"])
def test_years_of_two_digits_behind_are_inferred(form: str) -> None:
    days = [datetime(2024, 1, 3) + timedelta(days=5 * number) for number in range(150)]
    inferred = infer_date_format([day.strftime(form) for day in days])

    assert inferred is not None
    assert (inferred.format, inferred.other) == (form, None)


def test_one_bad_row_does_not_put_the_year_in_front() -> None:
    days = [datetime(2024, 1, 3) + timedelta(days=5 * number) for number in range(150)]
    inferred = infer_date_format([*(day.strftime("%d/%m/%y") for day in days), "12/06/93", "31/02/24"])

    assert inferred is not None
    assert inferred.format == "%d/%m/%y"


def test_short_dates_that_fit_both_ways_have_two_formats_and_are_refused() -> None:
    written = [f"2{year}-{month:02}-1{day}" for year in range(2) for month in range(1, 13) for day in range(6)]
    inferred = infer_date_format(written)

    assert inferred is not None
    assert (inferred.format, inferred.other) == ("%d-%m-%y", "%y-%m-%d")
    with pytest.raises(InputError, match="the day or the year comes first"):
        choose_date_parser("leads.csv", "Created", written, None)
    with pytest.raises(InputError, match="the day or the year comes first"):
        choose_date_parser("leads.csv", "Created", [*written * 2, "31-01-45"], None)


POLISH = (
    *("stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca"),
    *("lipca", "sierpnia", "września", "października", "listopada", "grudnia"),
)


def test_what_training_reads_is_dates_for_init() -> None:
    days = [datetime(2024, 1, 3) + timedelta(days=5 * number) for number in range(150)]
    polish = [f"{day.day} {POLISH[day.month - 1]} {day.year}" for day in days]
    mixed = [day.strftime("%Y-%m-%d" if number % 3 else "%d/%m/%Y") for number, day in enumerate(days)]
    zoned = [day.strftime("%Y-%m-%d %H:%M (GMT-05:00)") for day in days]

    for written in (polish, mixed, zoned):
        inferred = infer_date_format(written)
        parse = choose_date_parser("leads.csv", "Created", written, None)
        assert inferred is not None
        assert [inferred.read(value) for value in written] == [read(parse, value) for value in written]


@pytest.mark.parametrize("wrong", ["30/02/2025", "31/04/2025", "29/02/2025", "00/01/1900"])
@pytest.mark.parametrize("form", ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"])
def test_one_day_that_does_not_exist_changes_no_other_date(wrong: str, form: str) -> None:
    days = [datetime(2025, 1, 1) + timedelta(days=3 * number) for number in range(120)]
    written = [day.strftime(form) for day in days] + [wrong.replace("/", form[2])]

    inferred = infer_date_format(written)

    assert inferred is not None
    assert inferred.format == form


def test_invisible_marks_of_a_browser_do_not_hide_the_order() -> None:
    days = [datetime(2026, 1, 1) + timedelta(days=5 * number) for number in range(60)]
    written = [f"\u200e{day.month}\u200e/\u200e{day.day}\u200e/\u200e{day.year}" for day in days]

    inferred = infer_date_format(written)

    assert inferred is not None
    assert inferred.format == "%m/%d/%Y"
    assert [inferred.read(text) for text in written] == [day.replace(tzinfo=UTC) for day in days]
    assert [read(choose_date_parser("a.csv", "At", written, None), text) for text in written] == [
        day.replace(tzinfo=UTC) for day in days
    ]
