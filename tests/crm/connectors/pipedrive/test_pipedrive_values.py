"""Values of Pipedrive in the form that all CRMs share."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.connectors.pipedrive.pipedrive_values import id_text, plain_value, read_moment, written_moment

leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40)
@given(value=documents, name=st.sampled_from(["add_time", "a" * 40, "email"]))
def test_any_document_becomes_a_plain_value(value: object, name: str) -> None:
    found = plain_value(name, json.loads(json.dumps(value)), {"1": "One"})
    assert found is None or isinstance(found, str | int | float | bool)


@settings(max_examples=40)
@given(moment=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_a_window_is_rounded_outwards_by_less_than_a_second(moment: datetime) -> None:
    start, end = read_moment(written_moment(moment)), read_moment(written_moment(moment, up=True))
    assert start is not None
    assert end is not None
    assert timedelta(0) <= moment - start < timedelta(seconds=1)
    assert timedelta(0) <= end - moment < timedelta(seconds=1)


@pytest.mark.parametrize("text", [None, "", "soon", 7])
def test_what_is_no_time_is_none(text: object) -> None:
    assert read_moment(text) is None


def test_false_and_zero_are_values_and_empty_texts_are_not() -> None:
    assert [plain_value("f", value) for value in (False, 0, "", None, [], {}, {"value": None})] == [
        False,
        0,
        *[None] * 5,
    ]
    assert id_text(0) == "0"


def test_a_date_stays_a_date() -> None:
    assert plain_value("expected_close_date", "2026-03-01") == "2026-03-01"
