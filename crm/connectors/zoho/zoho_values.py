"""Fields, values, records and links of Zoho CRM."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from leadworth.crm_records import CONVERTED_LINK, CrmField, CrmRecord, CrmValue, RecordLink

CREATED, MODIFIED, MODIFIED_BY = "Created_Time", "Modified_Time", "Modified_By"
SYSTEM = (CREATED, MODIFIED, MODIFIED_BY)
"""Fields that say when and by whom, read with every record."""
NUMBERS = frozenset({"double", "currency", "percent"})
CALCULATED = frozenset({"formula", "rollup_summary", "autonumber"})
LOOKUPS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Leads": {
        "Converted_Deal": ("Deals", CONVERTED_LINK),
        "Converted_Contact": ("Contacts", CONVERTED_LINK),
        "Converted_Account": ("Accounts", "primary"),
    },
    "Deals": {
        "Account_Name": ("Accounts", "primary"),
        "Contact_Name": ("Contacts", "primary"),
        "Campaign_Source": ("Campaigns", "primary"),
    },
    "Contacts": {"Account_Name": ("Accounts", "primary")},
    "Accounts": {"Parent_Account": ("Accounts", "parent")},
}
"""Module -> lookup field -> module and label of the link."""


def field_of(described: Mapping[str, Any]) -> CrmField:
    """Return a field of the list of fields."""
    kind = str(described.get("data_type") or "text")
    options = {
        str(item.get("actual_value")): str(item.get("display_value") or item.get("actual_value"))
        for item in described.get("pick_list_values") or ()
        if item.get("actual_value") is not None
    }
    operations = described.get("operation_type") or {}
    writable = bool(operations.get("api_update", True)) and not described.get("read_only", False)
    name = str(described["api_name"])
    label = str(described.get("field_label") or name)
    return CrmField(name, label, kind, options, kind in CALCULATED, writable and kind not in CALCULATED)


def read_time(text: object) -> datetime | None:
    """Return a time of Zoho, which has the offset of the user's zone, in UTC; None where there is none.

    Examples
    --------
    >>> read_time("2026-07-24T16:05:58+02:00")
    datetime.datetime(2026, 7, 24, 14, 5, 58, tzinfo=datetime.timezone.utc)
    """
    try:
        moment = datetime.fromisoformat(str(text or ""))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def written_moment(moment: datetime) -> str:
    """Return a time as Zoho takes it, in whole seconds.

    Examples
    --------
    >>> written_moment(datetime(2026, 7, 24, 14, 5, 58, 999_999, tzinfo=UTC))
    '2026-07-24T14:05:58+00:00'
    """
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()


def value_of(raw: Any, kind: str) -> CrmValue:
    """Return a value in the form that all CRMs share: of a lookup its id, of several choices their text.

    Parameters
    ----------
    raw
        Value as received.
    kind
        Type of the field.

    Examples
    --------
    >>> value_of({"id": "5540", "name": "Ada"}, "ownerlookup"), value_of(["a", "b"], "multiselectpicklist")
    ('5540', 'a;b')
    >>> value_of("2026-07-24T16:05:58+02:00", "datetime"), value_of("2026-07-24", "date"), value_of("", "text")
    ('2026-07-24T14:05:58+00:00', '2026-07-24', None)
    >>> value_of(12, "currency"), value_of(False, "boolean"), value_of("0049 30", "phone")
    (12.0, False, '0049 30')
    """
    if raw is None or raw in ("", []):
        return None
    if isinstance(raw, Mapping):
        return str(raw["id"]) if raw.get("id") else json.dumps(raw, sort_keys=True)
    if isinstance(raw, list):
        return ";".join(str(value_of(item, "text")) for item in raw)
    if kind == "datetime" and (moment := read_time(raw)) is not None:
        return moment.isoformat()
    if kind in NUMBERS and isinstance(raw, int | float) and not isinstance(raw, bool):
        return float(raw)
    if isinstance(raw, bool | int | float):
        return raw
    return str(raw).replace("\x00", "")


def record_of(module: str, row: Mapping[str, Any], asked: Collection[str], fields: Mapping[str, CrmField]) -> CrmRecord:
    """Return a row as a record, with its links where all lookup fields are there.

    Parameters
    ----------
    asked
        Fields that the record holds; one that Zoho does not send is None.
    fields
        Fields of the module by name.
    """
    values = {name: value_of(row.get(name), fields[name].kind) for name in asked if name in fields}
    lookups = [name for name in LOOKUPS.get(module, ()) if name in fields]
    return CrmRecord(
        module,
        str(row["id"]),
        values,
        read_time(row.get(CREATED)),
        read_time(row.get(MODIFIED)),
        str(value_of(row.get(MODIFIED_BY), "ownerlookup") or ""),
        links=lookup_links(module, values) if values.keys() >= set(lookups) else None,
    )


def lookup_links(module: str, values: Mapping[str, CrmValue]) -> tuple[RecordLink, ...]:
    """Return the links that the lookup fields of a record hold, sorted.

    Examples
    --------
    >>> lookup_links("Contacts", {"Account_Name": "5540"})
    (RecordLink(to_object='Accounts', to_id='5540', label='primary'),)
    """
    found = {
        RecordLink(other, str(values[name]), label)
        for name, (other, label) in LOOKUPS.get(module, {}).items()
        if values.get(name)
    }
    return tuple(sorted(found, key=lambda link: (link.to_object, link.to_id, link.label)))
