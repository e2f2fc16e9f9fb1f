"""Rows as records."""

from __future__ import annotations

from crm.connectors.dynamics.dataverse_metadata import DATE_ONLY, INDEPENDENT
from crm.connectors.dynamics.dataverse_values import links_of, record_of, value_of
from leadworth.crm_records import CrmField, RecordLink, RecordState


def test_days_and_times_in_no_zone_are_not_shifted() -> None:
    assert value_of("2026-03-29", DATE_ONLY) == "2026-03-29"
    assert value_of("2026-03-29T02:30:00Z", INDEPENDENT) == "2026-03-29T02:30:00"
    assert value_of("2026-03-29T02:30:00Z", "DateTime") == "2026-03-29T02:30:00+00:00"


def test_numbers_and_choices() -> None:
    assert [value_of(0, kind) for kind in ("State", "Integer", "Boolean", "Money")] == ["0", 0, False, 0.0]
    assert value_of("", "String") is None


def test_a_row_without_merge_columns_is_live() -> None:
    row = {"opportunityid": "a", "createdon": "2026-01-01T00:00:00Z"}
    fields = {"opportunityid": CrmField("opportunityid", "", "Uniqueidentifier")}
    record = record_of("opportunity", "opportunityid", row, fields, ["opportunityid", "gone"])
    assert (record.state, record.merged_into, record.values) == (RecordState.LIVE, "", {"opportunityid": "a"})


def test_a_customer_is_an_account_or_a_contact() -> None:
    row = {"_customerid_value": "c", "_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname": "contact"}
    assert links_of(row) == (RecordLink("contact", "c", "customer"),)
