"""Values and records of HubSpot: all values are text or null, and times are ISO 8601 or milliseconds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from leadworth.crm_records import CrmRecord, CrmValue, FieldChange, RecordState

MERGED_IDS = "hs_merged_object_ids"
MERGED_CONTACTS = "hs_calculated_merged_vids"
"""Of contacts: `id:milliseconds`, joined by semicolons. Either property may miss ids that the other has."""
CHANGED_BY = "hs_updated_by_user_id"

_MILLISECONDS = re.compile(r"-?[0-9]{1,15}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_time(text: object) -> datetime | None:
    """Return a time; None where there is none.

    Examples
    --------
    >>> read_time("2026-11-01T12:30:15.250Z") == read_time("1793536215250")
    True
    """
    written = str(text or "").strip()
    try:
        if _MILLISECONDS.fullmatch(written):
            return _EPOCH + timedelta(milliseconds=int(written))
        moment = datetime.fromisoformat(written)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def milliseconds(moment: datetime) -> str:
    """Return a time as HubSpot wants it in filters.

    Examples
    --------
    >>> milliseconds(datetime(2026, 11, 1, 12, 30, 15, 250_999, tzinfo=UTC))
    '1793536215250'
    """
    return str((moment - _EPOCH) // timedelta(milliseconds=1))


def clean(value: object, kind: str) -> CrmValue:
    """Return a value in the form that all CRMs share.

    Parameters
    ----------
    value
        Value of a property as received.
    kind
        Type of the property.

    Examples
    --------
    >>> clean("", "string"), clean("0049 30 1", "string"), clean("1793536215250", "datetime")
    (None, '0049 30 1', '2026-11-01T12:30:15.250000+00:00')
    >>> clean("1793491200000", "date"), clean("2026-11-01", "date"), clean("soon", "datetime")
    ('2026-11-01', '2026-11-01', 'soon')
    """
    if value is None or value == "":
        return None
    text = str(value)
    if kind == "datetime" and (moment := read_time(text)) is not None:
        return moment.isoformat()
    if kind == "date" and _MILLISECONDS.fullmatch(text) and (midnight := read_time(text)) is not None:
        return midnight.date().isoformat()
    return text


def record_of(
    object_name: str,
    item: Mapping[str, Any],
    fields: Sequence[str],
    kinds: Mapping[str, str],
    modified: str,
    history: Collection[str] = (),
) -> CrmRecord:
    """Return a record; for a deleted one, the modified time is that of the deletion.

    Parameters
    ----------
    item
        Record as received.
    fields
        Properties to keep; one that HubSpot does not send is None.
    kinds
        Property -> type.
    modified
        Property with the modified time.
    history
        Properties whose former values were read.
    """
    properties = item.get("properties") or {}
    archived = bool(item.get("archived"))
    changed = read_time(item.get("archivedAt") if archived else properties.get(modified) or item.get("updatedAt"))
    record_id = str(item["id"])
    return CrmRecord(
        object_name,
        record_id,
        {name: clean(properties.get(name), kinds.get(name, "string")) for name in fields},
        read_time(item.get("createdAt")),
        changed,
        str(properties.get(CHANGED_BY) or ""),
        RecordState.DELETED if archived else RecordState.LIVE,
        absorbed=absorbed_ids(properties, record_id),
        changes=tuple(changes_of(object_name, item, history, kinds)) if history else None,
    )


def absorbed_ids(properties: Mapping[str, Any], record_id: str) -> tuple[str, ...]:
    """Return the ids of the records that were merged into a record.

    Examples
    --------
    >>> absorbed_ids({"hs_merged_object_ids": "7;8", "hs_calculated_merged_vids": "8:1793536215250;9:1"}, "5")
    ('7', '8', '9')
    """
    written = f"{properties.get(MERGED_IDS) or ''};{properties.get(MERGED_CONTACTS) or ''}"
    found = (part.partition(":")[0].strip() for part in written.split(";"))
    return tuple(dict.fromkeys(part for part in found if part and part != record_id))


def changes_of(
    object_name: str, item: Mapping[str, Any], history: Collection[str], kinds: Mapping[str, str]
) -> Iterator[FieldChange]:
    """Yield the former and present values of properties of a record, in order of time."""
    versions = item.get("propertiesWithHistory") or {}
    found = []
    for name in history:
        for version in reversed(versions.get(name) or ()):  # newest first; two may have the same time
            moment = read_time(version.get("timestamp"))
            if moment is not None:
                by = str(version.get("sourceId") or version.get("updatedByUserId") or "")
                value = clean(version.get("value"), kinds.get(name, "string"))
                found.append(FieldChange(object_name, str(item["id"]), name, value, moment, by))
    yield from sorted(found, key=lambda change: change.valid_at)
