"""Former values of fields, from the history objects of leads and opportunities."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from crm.connectors.salesforce.salesforce_links import ReadJoining
from crm.connectors.salesforce.salesforce_reader import SalesforceReader
from crm.connectors.salesforce.salesforce_values import value_of
from crm.connectors.salesforce.soql import full_id, parse_moment
from leadworth.crm_records import CrmRecord, FieldChange

LEAD_COLUMNS = ["LeadId", "Field", "OldValue", "NewValue", "CreatedDate", "CreatedById"]
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
    reader: SalesforceReader,
    object_name: str,
    ids: Sequence[str],
    fields: Sequence[str],
    recent: Mapping[str, CrmRecord],
    read: ReadJoining,
) -> Iterator[FieldChange]:
    """Yield the values of fields of records over time, in order of time for each record.

    Only what the history objects hold: a field of leads for which history tracking is off has none.

    Parameters
    ----------
    recent
        Records that were just read, by id.
    read
        Returns the rows of a history whose field has one of some ids; rows of others may be among them.
    """
    keys = {full_id(key) for key in ids}
    if object_name == "Opportunity":
        rows = read("OpportunityHistory", "OpportunityId", sorted(keys), _deal_columns(reader))
        for key, some in _by_record(rows, "OpportunityId", keys).items():
            yield from deal_changes(key, some, fields)
    elif object_name == "Lead":
        by_lead = _by_record(read("LeadHistory", "LeadId", sorted(keys), LEAD_COLUMNS), "LeadId", keys)
        unread = [key for key in by_lead if key not in recent]
        found = {key: recent[key] for key in by_lead if key in recent}
        found |= {record.record_id: record for record in reader.by_ids(object_name, unread, ())} if unread else {}
        for key, record in found.items():
            yield from lead_changes(record, by_lead[key], fields)


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


def lead_changes(record: CrmRecord, rows: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> Iterator[FieldChange]:
    """Yield the changes of a lead: a row holds the old and the new value of one field."""
    changes = []
    begun = set()
    for row in rows:
        name = LEAD_FIELDS.get(row["Field"], row["Field"])
        if name not in fields or (name == "OwnerId" and not str(row["NewValue"] or "").startswith(OWNER_PREFIXES)):
            continue
        old, new = (False, True) if row["Field"] == CONVERTED else (row["OldValue"], row["NewValue"])
        at, author = parse_moment(row["CreatedDate"]), str(row.get("CreatedById") or "")
        if name not in begun and record.created_at is not None and at - record.created_at < KEPT:
            changes.append(FieldChange("Lead", record.record_id, name, old, record.created_at))
        begun.add(name)
        changes.append(FieldChange("Lead", record.record_id, name, new, at, author))
    yield from sorted(changes, key=lambda change: change.valid_at)


def _deal_columns(reader: SalesforceReader) -> list[str]:
    present = reader.fields("OpportunityHistory")
    return [name for name in ("OpportunityId", "CreatedDate", "CreatedById", *DEAL_KINDS) if name in present]


def _by_record(
    rows: Iterable[Mapping[str, Any]], field: str, keys: Collection[str]
) -> dict[str, list[Mapping[str, Any]]]:
    """Return the rows of some records by record, each in order of time."""
    by_record: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["CreatedDate"], row["Id"])):
        if row[field] in keys:
            by_record.setdefault(row[field], []).append(row)
    return by_record
