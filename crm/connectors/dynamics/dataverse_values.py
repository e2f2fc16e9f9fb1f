"""Rows of Dataverse as records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from crm.connectors.dynamics.dataverse_api import LOOKUP_TABLE
from crm.connectors.dynamics.dataverse_metadata import CHOICES, DATE_ONLY, INDEPENDENT, MULTIPLE
from leadworth.crm_records import CrmField, CrmRecord, CrmValue, RecordLink, RecordState

LINKS: Mapping[str, str] = {
    "_qualifyingopportunityid_value": "qualified",
    "_originatingleadid_value": "originating",
    "_parentaccountid_value": "primary",
    "_parentcustomerid_value": "primary",
    "_customerid_value": "customer",
    "_parentcontactid_value": "contact",
    "_campaignid_value": "campaign",
    "_regardingobjectid_value": "regarding",
}
"""Lookup -> label of the link."""
CREATED, MIGRATED, MODIFIED, AUTHOR = "createdon", "overriddencreatedon", "modifiedon", "_modifiedby_value"
MERGED, MASTER = "merged", "_masterid_value"
SYSTEM_FIELDS = (CREATED, MIGRATED, MODIFIED, AUTHOR, MERGED, MASTER, *LINKS)


def moment(at: datetime) -> str:
    """Return a time to the second, as filters and answers have it.

    Examples
    --------
    >>> moment(datetime(2026, 1, 1, 12, tzinfo=UTC))
    '2026-01-01T12:00:00Z'
    """
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def parse_time(text: str) -> datetime:
    """Return the time of an answer, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def value_of(raw: Any, kind: str) -> CrmValue:
    """Return a value in our type; a choice is its number as text, because labels depend on the user's language.

    Parameters
    ----------
    kind
        Type of the column, or the behaviour of a date.

    Examples
    --------
    >>> value_of(8, "Picklist"), value_of("1,3", "MultiSelectPicklistType"), value_of("2026-01-31", "DateOnly")
    ('8', '1;3', '2026-01-31')
    >>> value_of("2026-01-31T10:00:00Z", "DateTime"), value_of(None, "String"), value_of(100, "Money")
    ('2026-01-31T10:00:00+00:00', None, 100.0)
    """
    if raw is None or raw == "":
        return None
    return _CONVERSIONS.get(kind, str)(raw)


_CONVERSIONS: Mapping[str, Callable[[Any], CrmValue]] = {
    **dict.fromkeys(CHOICES, str),
    **dict.fromkeys(("Money", "Decimal", "Double"), float),
    **dict.fromkeys(("Integer", "BigInt"), int),
    "Boolean": bool,
    MULTIPLE: lambda raw: str(raw).replace(",", ";"),
    "DateTime": lambda raw: parse_time(str(raw)).isoformat(),
    DATE_ONLY: lambda raw: str(raw)[:10],
    # The time on the wall, in no zone: a calendar day stays the same everywhere.
    INDEPENDENT: lambda raw: str(raw).removesuffix("Z"),
}


def record_of(
    object_name: str, key: str, row: Mapping[str, Any], fields: Mapping[str, CrmField], asked: Collection[str]
) -> CrmRecord:
    """Return a row as a record.

    Parameters
    ----------
    key
        Column with the id.
    fields
        Columns of the table by name.
    asked
        Columns that the record holds; of the others only ids, times, state and lookups are used.
    """
    values = {name: value_of(row[name], fields[name].kind) for name in asked if name in row and name in fields}
    # Of an imported row one of the two is the time of the import: the record is as old as the earlier one.
    created = min((parse_time(str(row[name])) for name in (CREATED, MIGRATED) if row.get(name)), default=None)
    if CREATED in values and created is not None:
        values[CREATED] = created.isoformat()
    merged = row.get(MERGED) is True
    return CrmRecord(
        object_name,
        str(row[key]),
        values,
        created,
        parse_time(str(row[MODIFIED])) if row.get(MODIFIED) else None,
        str(row.get(AUTHOR) or ""),
        RecordState.MERGED if merged else RecordState.LIVE,
        str(row.get(MASTER) or "") if merged else "",
        links=links_of(row),
    )


def links_of(row: Mapping[str, Any]) -> tuple[RecordLink, ...]:
    """Return the links that the lookups of a row hold; an annotation names the table of each."""
    links = {
        RecordLink(str(row.get(f"{name}@{LOOKUP_TABLE}", "")), str(row[name]), label)
        for name, label in LINKS.items()
        if row.get(name)
    }
    return tuple(sorted(links, key=lambda link: (link.to_object, link.to_id, link.label)))
