from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, literal, select

from store.timestamps import stamp
from store.traffic_weeks import monday
from store.zone_days import day_of, monday_of

ZONES = ("Europe/Rome", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Auckland", "UTC")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    at=st.datetimes(datetime(2025, 3, 1), datetime(2026, 12, 31), timezones=st.just(UTC)), name=st.sampled_from(ZONES)
)
def test_the_database_says_the_same_day_as_python(connection: Connection, at: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    expected = at.astimezone(zone).date()
    day = day_of(connection, literal(stamp(at)), expected - timedelta(days=300), expected + timedelta(days=300), zone)
    assert connection.execute(select(day)).scalar_one() == str(expected)


@pytest.mark.parametrize("day", ["2026-11-29", "2026-11-23", "2027-01-01", "2028-02-29"])
def test_mondays(connection: Connection, day: str) -> None:
    found = connection.execute(select(monday_of(connection, literal(day)))).scalar_one()
    assert found == str(monday(day))
    assert date.fromisoformat(found).weekday() == 0
