from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.facts.response_counts import BusinessClock, response_counts
from reporting.statistics.business_hours import business_hours
from store.timestamps import stamp

ROME = ZoneInfo("Europe/Rome")
HOURS = business_hours("Mon-Fri 09:00-13:00 14:00-18:00, Sat 00:00-24:00", ROME, "IT")
FIRST, LAST = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
WORK = BusinessClock.of(HOURS, FIRST.date(), LAST.date())


def minutes(begin: datetime, end: datetime) -> float:
    at = np.array([begin.timestamp() * 1e6, end.timestamp() * 1e6]).astype(np.int64)
    first, second = WORK.minutes(at)
    return float(second - first)


@given(
    st.datetimes(datetime(2026, 9, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
    st.timedeltas(timedelta(), timedelta(days=30)),
)
def test_minutes_are_those_of_the_business_hours(begin: datetime, wait: timedelta) -> None:
    end = min(begin + wait, LAST)
    assert minutes(begin, end) == pytest.approx(HOURS.minutes_between(begin, end), abs=1e-4)


def test_friday_evening_to_monday_morning() -> None:
    work = BusinessClock.of(business_hours("Mon-Fri 09:00-18:00", ROME), date(2026, 11, 1), date(2026, 11, 30))
    at = [datetime(2026, 11, 20, 17, 50, tzinfo=ROME), datetime(2026, 11, 23, 9, 10, tzinfo=ROME)]
    first, second = work.minutes(np.array([moment.timestamp() * 1e6 for moment in at]).astype(np.int64))
    assert second - first == 20.0


def test_no_business_hours() -> None:
    never = BusinessClock(*(np.zeros(size, dtype=np.int64) for size in (0, 0, 1)))
    assert never.minutes(np.array([1, 2])).tolist() == [0.0, 0.0]


def test_leads_without_a_contact_count_by_their_age() -> None:
    at = datetime(2026, 11, 18, 10, tzinfo=UTC)
    contacts = [
        ("2026-11-18", "Direct", stamp(at), stamp(at + timedelta(minutes=5)), None),
        ("2026-11-18", "Direct", stamp(at), None, None),
        ("2026-11-18", "Direct", stamp(at), None, stamp(at + timedelta(minutes=10))),  # lost after ten minutes
        ("2026-11-18", "Direct", stamp(at), stamp(at - timedelta(minutes=10)), None),  # a clock that is behind
    ]
    counts = response_counts(contacts, at + timedelta(minutes=20), WORK)
    assert counts == {
        ("2026-11-16", "Direct", hours, number): count
        for hours in ("clock", "business")
        for number, count in {0: (1, 0), 20: (0, 1), 10: (0, 1), -60: (1, 0)}.items()
    }
    assert response_counts([], at, WORK) == {}
