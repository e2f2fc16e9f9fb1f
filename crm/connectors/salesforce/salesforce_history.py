"""Former values of fields, from the history objects of leads and opportunities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from crm.connectors.salesforce.salesforce_reader import SalesforceReader
from crm.connectors.salesforce.salesforce_values import value_of
from crm.connectors.salesforce.soql import full_id, parse_moment
from leadworth.crm_records import FieldChange

LEAD_COLUMNS = ["LeadId", "Lead.CreatedDate", "Field", "OldValue", "NewValue", "CreatedDate", "CreatedById"]
CONVERTED = "leadConverted"
LEAD_FIELDS = {"Owner": "OwnerId", CONVERTED: "IsConverted"}
"""Name of a field in LeadHistory -> its name in queries, where they differ."""
OWNER_PREFIXES = ("005", "00G")
"""A change of owner makes two rows, with names and with ids of users or queues; those with ids are used."""
KEPT = timedelta(days=540)
"""Salesforce keeps LeadHistory for 18 months: the first row of an older lead does not hold its first value."""
DEAL_KINDS = {
    "StageName": "picklist",
    "Amount": "currency",
    "CloseDate": "date",
    "Probability": "percent",
    "ForecastCategory": "picklist",
}
"""Field of OpportunityHistory -> type."""


def history_of(
    reader: SalesforceReader, object_name: str, ids: Sequence[str], fields: Sequence[str]
) -> Iterator[FieldChange]:
    """Yield the values of fields of records over time, in order of time for each record.

    Only what the history objects hold: a field of leads for which history tracking is off has none.
    """
    keys = [full_id(key) for key in ids]
    if object_name == "Opportunity":
        rows = reader.joining("OpportunityHistory", "OpportunityId", keys, _deal_columns(reader))
        for key, some in _by_record(rows, "OpportunityId").items():
            yield from deal_changes(key, some, fields)
    elif object_name == "Lead":
        rows = reader.joining("LeadHistory", "LeadId", keys, LEAD_COLUMNS)
        for key, some in _by_record(rows, "LeadId").items():
            yield from lead_changes(key, some, fields)


def deal_changes(key: str, rows: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> Iterator[FieldChange]:
    """Yield the changes of an opportunity: each row holds all new values, the first one those at creation."""
    last: dict[str, Any] = {}
    for row in rows:
        for name in fields:
            if name not in row:
                continue
            value = value_of(row[name], DEAL_KINDS[name])
            if name not in last or last[name] != value:
                last[name] = value
                author = str(row.get("CreatedById") or "")
                yield FieldChange("Opportunity", key, name, value, parse_moment(row["CreatedDate"]), author)


def lead_changes(key: str, rows: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> Iterator[FieldChange]:
    """Yield the changes of a lead: a row holds the old and the new value of one field."""
    changes = []
    begun = set()
    for row in rows:
        name = LEAD_FIELDS.get(row["Field"], row["Field"])
        if name not in fields or (name == "OwnerId" and not str(row["NewValue"] or "").startswith(OWNER_PREFIXES)):
            continue
        old, new = (False, True) if row["Field"] == CONVERTED else (row["OldValue"], row["NewValue"])
        at, created_at = parse_moment(row["CreatedDate"]), parse_moment(row["Lead"]["CreatedDate"])
        author = str(row.get("CreatedById") or "")
        if name not in begun and at - created_at < KEPT:
            changes.append(FieldChange("Lead", key, name, old, created_at))
        begun.add(name)
        changes.append(FieldChange("Lead", key, name, new, at, author))
    yield from sorted(changes, key=lambda change: change.valid_at)


def _deal_columns(reader: SalesforceReader) -> list[str]:
    present = reader.fields("OpportunityHistory")
    return [name for name in ("OpportunityId", "CreatedDate", "CreatedById", *DEAL_KINDS) if name in present]


def _by_record(rows: Sequence[Mapping[str, Any]], field: str) -> dict[str, list[Mapping[str, Any]]]:
    """Return rows by record, each in order of time."""
    by_record: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["CreatedDate"], row["Id"])):
        by_record.setdefault(row[field], []).append(row)
    return by_record
