"""Rows as records."""

from __future__ import annotations

from crm.connectors.salesforce.salesforce_values import field_of, record_of
from leadworth.crm_records import CrmField, RecordState

FIELDS = {
    name: CrmField(name, name, kind)
    for name, kind in {"Id": "id", "IsWon": "boolean", "Amount": "currency", "Day": "date", "Note": "textarea"}.items()
}


def test_json_and_csv_rows_give_the_same_record() -> None:
    common = {"Id": "0065e00000000001AA", "Note": "a\x00b", "Day": "2026-03-29"}
    json_row = common | {
        "IsWon": False,
        "Amount": None,
        "SystemModstamp": "2026-03-29T01:30:00.000+0000",
        "IsDeleted": False,
    }
    csv_row = common | {
        "IsWon": "false",
        "Amount": "",
        "SystemModstamp": "2026-03-29T01:30:00.000Z",
        "IsDeleted": "false",
    }
    record = record_of("Opportunity", json_row, FIELDS, ["IsWon", "Amount", "Day", "Note", "Gone__c"])
    assert record == record_of("Opportunity", csv_row, FIELDS, ["IsWon", "Amount", "Day", "Note", "Gone__c"])
    assert record.values == {"IsWon": False, "Amount": None, "Day": "2026-03-29", "Note": "ab"}


def test_the_state_of_deleted_and_merged_rows() -> None:
    row = {"Id": "1", "IsDeleted": True, "MasterRecordId": ""}
    assert record_of("Lead", row, FIELDS, ()).state is RecordState.DELETED
    merged = record_of("Lead", row | {"MasterRecordId": "2"}, FIELDS, ())
    assert (merged.state, merged.merged_into) == (RecordState.MERGED, "2")


def test_a_described_field() -> None:
    described = {
        "name": "LW_Band__c",
        "label": "Band",
        "type": "picklist",
        "calculated": False,
        "updateable": True,
        "picklistValues": [{"value": "A", "label": "Best"}],
    }
    assert field_of(described) == CrmField("LW_Band__c", "Band", "picklist", {"A": "Best"})
