"""Rows of Salesforce, from JSON or from Bulk CSV, as records."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from crm.connectors.salesforce.soql import parse_moment
from leadworth.crm_records import CrmField, CrmRecord, CrmValue, RecordState

UNREADABLE_KINDS = frozenset({"address", "location", "base64"})
"""Types that bulk queries refuse; the parts of an address and of a location are fields of their own."""
NUMBERS = frozenset({"double", "currency", "percent"})


def field_of(described: Mapping[str, Any]) -> CrmField:
    """Return a field of a describe answer."""
    options = {str(item["value"]): str(item["label"]) for item in described.get("picklistValues") or ()}
    return CrmField(
        described["name"],
        described["label"],
        described["type"],
        options,
        bool(described.get("calculated")),
        bool(described.get("updateable")),
        bool(described.get("custom")),
    )


def value_of(raw: Any, kind: str) -> CrmValue:
    """Return a value in our type; no value is null in JSON and empty in CSV.

    Parameters
    ----------
    kind
        Type of the field as describe names it.

    Examples
    --------
    >>> value_of("2026-07-24T14:05:58.000+0000", "datetime"), value_of("2026-07-24", "date")
    ('2026-07-24T14:05:58+00:00', '2026-07-24')
    >>> value_of("true", "boolean"), value_of("12", "double"), value_of("", "string")
    (True, 12.0, None)
    """
    if raw is None or raw == "":
        return None
    if kind == "boolean":
        return raw is True or raw == "true"
    if kind == "datetime":
        return parse_moment(str(raw)).isoformat()
    if kind in NUMBERS:
        return float(raw)
    if kind == "int":
        return int(float(raw))
    return str(raw).replace("\x00", "")


def record_of(
    object_name: str, row: Mapping[str, Any], fields: Mapping[str, CrmField], asked: Collection[str]
) -> CrmRecord:
    """Return a row as a record.

    Parameters
    ----------
    fields
        Fields of the object by name.
    asked
        Fields that the record holds; of the others only ids, times and state are used.
    """
    values = {name: value_of(row[name], fields[name].kind) for name in asked if name in row and name in fields}
    merged_into = str(row.get("MasterRecordId") or "")
    if value_of(row.get("IsDeleted"), "boolean"):
        state = RecordState.MERGED if merged_into else RecordState.DELETED
    else:
        state = RecordState.LIVE
    created, modified = (
        parse_moment(row[name]) if row.get(name) else None for name in ("CreatedDate", "SystemModstamp")
    )
    return CrmRecord(
        object_name,
        str(row["Id"]),
        values,
        created,
        modified,
        str(row.get("LastModifiedById") or ""),
        state,
        merged_into if state is RecordState.MERGED else "",
    )
