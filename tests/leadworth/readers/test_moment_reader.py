"""Moments are read in the usual notations of text and numbers, within a plausible range."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadworth.errors import InputError
from leadworth.readers.moment_reader import read_as_of, read_moment
from leadworth.unreadable import Unreadable

DAY = datetime(2024, 6, 4, tzinfo=UTC)
NOON = datetime(2024, 6, 4, 12, tzinfo=UTC)
ROME = ZoneInfo("Europe/Rome")


@given(st.datetimes(datetime(1990, 1, 3), datetime(2034, 12, 29)), st.integers(-14, 14))
def test_an_instant_survives_its_notation(naive: datetime, hours: int) -> None:
    stamp = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert read_moment(stamp.isoformat()) == stamp
    assert read_moment(stamp) == stamp


def test_a_naive_time_is_read_in_the_zone() -> None:
    assert read_moment("2026-07-01 10:00", ROME) == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert read_moment(datetime(2026, 1, 1, 10), ROME) == datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert read_moment(20240604, ROME) == datetime(2024, 6, 3, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        20240604,
        "20240604",
        20240604.0,
        45447,
        "45447",
        "45447.0",
        19878,
        1717459200,
        1717459200000,
        "1717459200",
        1717459200000000,
        1717459200000000000,
        "/Date(1717459200000)/",
        "20240604000000",
        date(2024, 6, 4),
        "4 juin 2024",
        "04-Jun-24",
        "4-Jun-2024",
        "June 4th, 2024",
        "Jun 4, 2024",
        "4. Juni 2024",
        "4 de junio de 2024",
        "4 czerwca 2024",
        "4 июня 2024 г.",
        "4 Haziran 2024",
        "4 giugno 2024",
        "2024年6月4日",
        "2024년 6월 4일",
        "2024/06/04",
        "2024. 6. 4.",
        "2024.06.04",
        "2024-6-4",
        "٤ يونيو ٢٠٢٤",
        "wtorek, 4 czerwca 2024",
        "4 června 2024",
        "2024. június 4.",
        "4 juni 2024",
        "4 de junho de 2024",
        "4 iunie 2024",
        "4 Ιουνίου 2024",
        "4. kesäkuuta 2024",
        "4 jun. 2024",
    ],
)
def test_days(written: object) -> None:
    assert read_moment(written) == DAY


@pytest.mark.parametrize(
    "written",
    [
        45447.5,
        "45447,5",
        "20240604120000",
        202406041200,
        "2024-06-04 12:00:00 UTC",
        "2024-06-04 14:00 +0200",
        "Tue, 04 Jun 2024 14:00:00 +0200",
        "Tue Jun  4 12:00:00 2024",
        "2024-06-04T14:00:00+02:00[Europe/Rome]",
        "Tue Jun 04 2024 14:00:00 GMT+0200 (Central European Summer Time)",
        "2024-06-04 14:00 CEST",
        "4 June 2024 12 PM",
        "4. Juni 2024 um 12:00 Uhr",
        "2024. 6. 4. 오후 12:00",
        "2024年6月4日 12時00分",
        "June 4, 2024 12:00 p.m.",
        "2024-06-04 12.00",
        "\u200e4\u200e Jun \u200e2024 \u200e12:00 PM",
        "2024-06-04 12:00:00 +0000 UTC",
        '="2024-06-04 12:00"',
        638530992000000000,
        "638530992000000000",
    ],
)
def test_times(written: object) -> None:
    assert read_moment(written) == NOON


@pytest.mark.parametrize(
    "written",
    [
        "soon",
        "Q2 2024",
        "June 2024",
        "06/2024",
        "Jun-24",
        "2024",
        "202406",
        "12",
        "10:15",
        "2024-02-30",
        "31/02/2024",
        "03/04/2024",
        "03.04.2024",
        "03/04/24",
        "4 listopad 2024",
        "2024-06-04 10:15 CST",
        "4.54E+04",
        True,
        -5,
        3000000000.0,
        100000.0,
        "1985-06-04",
        "2099-06-04",
        1e19,
        1e30,
        float("inf"),
        "9999-12-31T23:59:59-12:00x",
        "2024-06-04 25:00",
        "####",
        "2024-06-04 10:15:00 +0200 UTC",
        "01/00/2024",
        136_000_000_000_000_000,
    ],
)
def test_what_is_no_certain_and_plausible_moment_is_unreadable(written: object) -> None:
    assert isinstance(read_moment(written), Unreadable)


@pytest.mark.parametrize(
    "written",
    [
        *("0000-00-00", "0000-00-00 00:00:00", "1900-01-01", "0001-01-01T00:00:00", "1970-01-01", 0),
        *("00/00/0000", "00.00.0000", "00/01/1900", "1/0/1900", "0.1.1900", "1900-01-00", "1/0/1900 12:00 AM"),
        *("31.12.2099", "1970-01-01T01:00:00+01:00", "не закрыта", "not closed"),
    ],
)
def test_dates_that_mean_no_date_are_missing(written: object) -> None:
    assert read_moment(written) is None


def test_the_order_of_day_and_month_is_given_or_certain() -> None:
    assert read_moment("03/04/2024", order="dmy") == datetime(2024, 4, 3, tzinfo=UTC)
    assert read_moment("03/04/2024", order="mdy") == datetime(2024, 3, 4, tzinfo=UTC)
    assert read_moment("25/12/2024") == read_moment("12/25/2024") == datetime(2024, 12, 25, tzinfo=UTC)
    assert isinstance(read_moment("12/25/2024", order="dmy"), Unreadable)


def test_a_year_in_front_is_not_taken_for_a_day() -> None:
    for written in ("24.06.04", "24/06/13", "24-06-04", "24. 12. 25."):
        assert isinstance(read_moment(written), Unreadable)
    assert read_moment("25/12/24") == datetime(2024, 12, 25, tzinfo=UTC)


def test_midnight_on_a_clock_of_twelve_hours() -> None:
    assert read_moment("2024-06-04 0:05 AM") == read_moment("2024-06-04 12:05 AM") == DAY + timedelta(minutes=5)


def test_the_moment_of_an_option_is_read_or_refused() -> None:
    assert read_as_of(None, UTC) is None
    assert read_as_of("2024-06-04", UTC) == DAY
    with pytest.raises(InputError, match="soon"):
        read_as_of("soon", UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2024-06-04T07:00:00 (GMT-05:00)",
        "2024-06-04 14:00 [+02:00]",
        "2024-06-04 14:00 (UTC+2)",
        "2024-06-04 14:00 (gmt+2)",
        "2024-06-04T14:00:00[Europe/Rome]",
        "2024-06-04T14:00:00 (Europe/Rome)",
        "2024-06-04 14:00 (CEST)",
        "4 June 2024 14:00 (Europe/Rome)",
        "2024-06-04T12:00:00Z[UTC]",
        "2024-06-04T14:00:00+02:00[Europe/Berlin]",
        "2024-06-04 14:00 +0200 (GMT+02:00)",
        "Tue Jun 04 2024 13:00:00 GMT+0100 (BST)",
    ],
)
def test_a_bracket_says_the_zone(written: str) -> None:
    assert read_moment(written) == read_moment(written, ZoneInfo("Asia/Tokyo")) == NOON


@pytest.mark.parametrize(
    "written", ["2024-06-04 (Tuesday)", "2024/06/04 (火)", "2024-06-04 [Di.]", "2024년 6월 4일 (화)"]
)
def test_a_weekday_in_brackets_says_nothing(written: str) -> None:
    assert read_moment(written) == DAY


@pytest.mark.parametrize(
    "written",
    [
        "2024-06-04 14:00 +0200 (GMT+03:00)",
        "2024-06-04 14:00 +0200 (UTC)",
        "2024-06-04T14:00:00Z [-05:00]",
        "2024-06-04 14:00 (Central European Summer Time)",
        "2024-06-04 14:00 (CST)",
        "2024-06-04 14:00 (Europe/Atlantis)",
        "2024-06-04 (estimated)",
    ],
)
def test_a_bracket_that_is_not_understood_or_contradicts_is_a_fault(written: str) -> None:
    assert isinstance(read_moment(written), Unreadable)


@given(
    st.datetimes(datetime(1990, 1, 3), datetime(2034, 12, 29)),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["()", "[]"]),
)
def test_an_offset_in_brackets_is_one_before_them(naive: datetime, minutes: int, brackets: str) -> None:
    stamp = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    sign = "-" if minutes < 0 else "+"
    offset = f"{brackets[0]}GMT{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}{brackets[1]}"
    assert read_moment(f"{naive.isoformat(sep=' ')} {offset}") == stamp


@given(st.datetimes(datetime(1990, 1, 3), datetime(2034, 12, 29)))
def test_milliseconds_are_read_as_numbers_and_as_text(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC, microsecond=0, second=0)
    millis = int(moment.timestamp() * 1000)
    assert read_moment(str(millis)) == read_moment(millis) == moment


@pytest.mark.parametrize("written", ["2024060412", 2024060412, 2024060412.0])
def test_hours_of_a_day_are_no_seconds_of_the_future(written: object) -> None:
    assert read_moment(written) == NOON


@pytest.mark.parametrize(
    "written",
    [
        "04-JUN-24 12.00.00.000000000 PM",
        "04-JUN-24 02.00.00.000000 PM +02:00",
        "04-JUN-24 08.00.00.000000 AM -04:00",
        "04-JUN-24 02.00.00.000000 PM EUROPE/BERLIN",
        "2024-06-04 14:00:00.000 Europe/Berlin",
        "2024-06-04 09:00:00 America/Argentina/Buenos_Aires",
    ],
)
def test_timestamps_of_oracle_and_trino(written: str) -> None:
    assert read_moment(written) == NOON


def test_digits_with_a_leading_zero_are_no_count_of_days() -> None:
    for day in range(1, 10):
        for month in range(1, 13):
            assert isinstance(read_moment(f"0{day}{month:02}24"), Unreadable)
    assert isinstance(read_moment("01717459200"), Unreadable)
    assert read_moment("000000") is None


@given(st.one_of(st.text(max_size=30), st.text(st.sampled_from("0123456789/.-: APMTZadeJun年"), max_size=20)))
@example("9" * 5_000)
@example(f"/Date({'9' * 400})/")
@example(f"/Date(-{'9' * 5_000}+0100)/")
def test_no_text_raises(written: str) -> None:
    moment = read_moment(written)
    assert moment is None or isinstance(moment, Unreadable) or moment.tzinfo is UTC
