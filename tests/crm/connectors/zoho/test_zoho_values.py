"""Values of Zoho."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.connectors.zoho.zoho_values import field_of, read_time, record_of, value_of
from leadworth.crm_records import CrmField

raw = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
kinds = st.sampled_from(["text", "datetime", "date", "double", "currency", "boolean", "lookup", "multiselectpicklist"])


@settings(max_examples=40)
@given(raw, kinds)
def test_every_value_has_one_of_our_types(value: Any, kind: str) -> None:
    found = value_of(value, kind)
    assert found is None or isinstance(found, str | int | float | bool)
    assert found not in ("", [])


@pytest.mark.parametrize("text", ["2026-03-29T03:30:00+02:00", "2026-03-29T01:30:00+00:00", "2026-03-29T01:30:00Z"])
def test_the_same_moment_is_the_same_value_whatever_the_zone_of_the_user(text: str) -> None:
    assert value_of(text, "datetime") == "2026-03-29T01:30:00+00:00"


def test_a_date_is_no_moment() -> None:
    assert value_of("2026-03-29", "date") == "2026-03-29"
    assert read_time("soon") is None


def test_a_formula_and_a_read_only_field_cannot_be_written() -> None:
    described = {"api_name": "a", "field_label": "A", "data_type": "formula"}
    assert (field_of(described).calculated, field_of(described).writable) == (True, False)
    fixed = {"api_name": "a", "data_type": "text", "operation_type": {"api_update": False}}
    assert (field_of(fixed).label, field_of(fixed).writable) == ("a", False)


def test_links_are_unknown_where_a_lookup_was_not_read() -> None:
    fields = {name: CrmField(name, name, "lookup") for name in ("Account_Name", "Contact_Name")}
    row = {"id": 5, "Account_Name": {"id": "7", "name": "x"}}
    assert record_of("Deals", row, ["Account_Name"], fields).links is None
    record = record_of("Deals", row, list(fields), fields)
    assert [(link.to_object, link.to_id) for link in record.links or ()] == [("Accounts", "7")]
    assert (record.record_id, dict(record.values)) == ("5", {"Account_Name": "7", "Contact_Name": None})
