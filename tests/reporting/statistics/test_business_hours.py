"""Business hours: the example of the specification, several ranges, holidays, and days on which the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.errors import ConfigurationError
from reporting.statistics.business_hours import business_hours

ROME = ZoneInfo("Europe/Rome")
OFFICE = business_hours("Mon-Fri 09:00-18:00", ROME)
ITALY = business_hours("Mon-Fri 09:00-18:00", ROME, "IT")
SPLIT = business_hours("Mon-Thu 09:00-13:00 14:00-18:00, Fri 08:30-12:00, Sat 10:00-11:00", ROME)
ALWAYS = business_hours("Mon-Sun 00:00-24:00", ROME)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1), timezones=st.just(UTC))


def rome(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ROME)  # type: ignore[arg-type, misc]


def test_friday_evening_to_monday_morning_is_twenty_minutes() -> None:
    start, end = rome(2026, 11, 20, 17, 50), rome(2026, 11, 23, 9, 10)
    assert OFFICE.minutes_between(start, end) == 20.0
    assert (end - start).total_seconds() / 60 == 3_800.0


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        (rome(2026, 11, 23, 12, 30), rome(2026, 11, 23, 14, 30), 60.0),
        (rome(2026, 11, 27, 11, 0), rome(2026, 11, 30, 9, 15), 60.0 + 60.0 + 15.0),
        (rome(2026, 11, 29, 3, 0), rome(2026, 11, 29, 23, 0), 0.0),
        (rome(2026, 11, 24, 9, 0), rome(2026, 11, 23, 9, 0), 0.0),
    ],
)
def test_several_ranges(start: datetime, end: datetime, minutes: float) -> None:
    assert SPLIT.minutes_between(start, end) == minutes


def test_a_public_holiday_is_closed() -> None:
    start, end = rome(2026, 12, 24, 17, 0), rome(2026, 12, 28, 10, 0)  # Christmas Day is a Friday
    assert OFFICE.minutes_between(start, end) == 60.0 + 540.0 + 60.0
    assert ITALY.minutes_between(start, end) == 120.0


def test_holidays_of_a_region() -> None:
    epiphany = date(2026, 1, 6)
    assert business_hours("Mon-Fri 09:00-18:00", ROME, "DE-BY").is_holiday(epiphany)
    assert not business_hours("Mon-Fri 09:00-18:00", ROME, "DE-BE").is_holiday(epiphany)


def test_a_night_shift_is_an_hour_shorter_when_the_clock_goes_forward() -> None:
    night = business_hours("Sun 00:00-06:00", ROME)
    spring, autumn, usual = date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1)
    lengths = [
        night.minutes_between(rome(day.year, day.month, day.day), rome(day.year, day.month, day.day, 12))
        for day in (spring, autumn, usual)
    ]
    assert lengths == [300.0, 420.0, 360.0]


def test_office_hours_of_the_week_in_which_the_clock_changes_are_as_usual() -> None:
    changed = OFFICE.minutes_between(rome(2026, 3, 27, 17, 0), rome(2026, 3, 30, 10, 0))
    assert changed == 120.0


@given(start=moments, end=moments)
def test_an_office_that_never_closes_counts_every_minute(start: datetime, end: datetime) -> None:
    expected = max((end - start).total_seconds(), 0.0) / 60.0
    assert ALWAYS.minutes_between(start, end) == pytest.approx(expected, abs=1e-6)


@given(times=st.tuples(moments, moments, moments).map(sorted))
def test_parts_of_an_interval_add_up(times: list[datetime]) -> None:
    start, middle, end = times
    parts = SPLIT.minutes_between(start, middle) + SPLIT.minutes_between(middle, end)
    assert parts == pytest.approx(SPLIT.minutes_between(start, end), abs=1e-6)


@given(start=moments, minutes=st.integers(0, 10_000))
def test_minutes_are_those_of_a_count_minute_by_minute(start: datetime, minutes: int) -> None:
    start = start.replace(second=0, microsecond=0)
    end = start + timedelta(minutes=minutes % 3_000)
    counted = 0
    moment = start
    while moment < end:
        local = moment.astimezone(ROME)
        clock = (local.hour, local.minute)
        counted += local.weekday() < 5 and (9, 0) <= clock < (18, 0)
        moment += timedelta(minutes=1)
    assert OFFICE.minutes_between(start, end) == counted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Mon-Fri",
        "Mo-Fr 09:00-18:00",
        "Mon 18:00-09:00",
        "Mon 09:00-13:00 12:00-18:00",
        "Mon 09:00-25:00",
        "Mon 09:61-12:00",
        "Mon 09:00-10:00, Mon 11:00-12:00",
        "Mon 9-18",
    ],
)
def test_other_texts_are_refused_with_the_form_that_is_allowed(text: str) -> None:
    with pytest.raises(ConfigurationError, match="Mon-Fri 09:00-18:00"):
        business_hours(text, ROME)


def test_a_range_over_the_weekend() -> None:
    hours = business_hours("Fri-Mon 09:00-10:00", ROME)
    assert [bool(ranges) for ranges in hours.ranges] == [True, False, False, False, True, True, True]


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="COUNTRY-REGION"):
        business_hours("Mon-Fri 09:00-18:00", ROME, "XX")
    with pytest.raises(ConfigurationError, match="DE-XX"):
        business_hours("Mon-Fri 09:00-18:00", ROME, "DE-XX")
