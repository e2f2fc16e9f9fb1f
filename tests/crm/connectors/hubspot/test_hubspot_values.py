"""Values: text or null, times, histories."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.connectors.hubspot.hubspot_peer_properties import show_time
from crm.connectors.hubspot.hubspot_values import absorbed_ids, clean, milliseconds, read_time, record_of
from leadworth.crm_records import RecordState

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@settings(max_examples=40)
@given(MOMENTS)
def test_a_time_is_the_same_as_text_and_as_milliseconds(moment: datetime) -> None:
    whole = moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)
    assert read_time(show_time(moment)) == read_time(milliseconds(moment)) == whole
    assert clean(show_time(moment), "datetime") == clean(milliseconds(moment), "datetime") == whole.isoformat()


@settings(max_examples=40)
@given(st.dates(date(1900, 1, 1)))
def test_a_date_stays_the_same_day(day: date) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert clean(day.isoformat(), "date") == clean(milliseconds(midnight), "date") == day.isoformat()


@settings(max_examples=40)
@given(st.text(max_size=20), st.sampled_from(["string", "number", "enumeration", "bool", "datetime", "date"]))
def test_any_text_stays_text(text: str, kind: str) -> None:
    value = clean(text, kind)
    assert value is None if text == "" else isinstance(value, str)
    if kind not in ("datetime", "date") and text:
        assert value == text


@pytest.mark.parametrize("missing", [None, ""])
def test_null_and_empty_text_are_no_value(missing: str | None) -> None:
    assert clean(missing, "number") is None


def test_the_modified_time_is_the_property_and_that_of_a_deleted_record_its_deletion() -> None:
    item = {
        "id": "7",
        "properties": {"lastmodifieddate": "2026-11-02T00:00:00Z", "hs_updated_by_user_id": "77"},
        "createdAt": "2026-11-01T00:00:00Z",
        "updatedAt": "2026-11-05T00:00:00Z",
    }
    record = record_of("contacts", item, ["email"], {}, "lastmodifieddate")
    assert record.modified_at == datetime(2026, 11, 2, tzinfo=UTC)
    assert (record.values, record.modified_by, record.links) == ({"email": None}, "77", None)
    gone = record_of(
        "contacts", {**item, "archived": True, "archivedAt": "2026-11-09T00:00:00Z"}, [], {}, "lastmodifieddate"
    )
    assert gone.state is RecordState.DELETED
    assert gone.modified_at == datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=8)


def test_a_survivor_does_not_absorb_itself() -> None:
    assert absorbed_ids({"hs_merged_object_ids": "5; 6;;", "hs_calculated_merged_vids": "5:1;7:2"}, "5") == ("6", "7")
