"""Values of Pipedrive: times of both versions of the interface, choices by their labels, and parts of custom fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from leadworth.crm_records import CrmValue

MOMENTS = frozenset(
    (
        *("add_time", "update_time", "stage_change_time", "close_time", "won_time", "lost_time", "archive_time"),
        *("marked_as_done_time", "created", "modified"),
    )
)
"""Fields with a time of day; they are UTC, also where version 1 writes no zone."""
_PARTS = ("value", "number", "label", "name", "id")
"""Parts of a composed value, by how much they say."""


def read_moment(text: object) -> datetime | None:
    """Return a time; None where there is none.

    Examples
    --------
    >>> read_moment("2026-11-01 12:30:15") == read_moment("2026-11-01T12:30:15Z")
    True
    """
    try:
        moment = datetime.fromisoformat(str(text or "").strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def written_moment(moment: datetime, *, up: bool = False) -> str:
    """Return a time as Pipedrive takes it in filters: to the second, rounded down or up.

    Examples
    --------
    >>> moment = datetime(2026, 11, 1, 12, 30, 15, 5, tzinfo=UTC)
    >>> written_moment(moment), written_moment(moment, up=True)
    ('2026-11-01T12:30:15Z', '2026-11-01T12:30:16Z')
    """
    whole = moment.astimezone(UTC).replace(microsecond=0)
    if up and whole < moment:
        whole += timedelta(seconds=1)
    return f"{whole:%Y-%m-%dT%H:%M:%SZ}"


def plain_value(name: str, value: Any, labels: Mapping[str, str] | None = None) -> CrmValue:
    """Return a value in the form that all CRMs share.

    Parameters
    ----------
    name
        Field.
    value
        As received: a number, a text, an option id, several of them, or a value with further parts.
    labels
        Option id -> label of a choice; an id without a label stays.

    Examples
    --------
    >>> [plain_value("f", value, {"12": "Fair"}) for value in (12, [12, 13], "12,13")]
    ['Fair', 'Fair;13', 'Fair;13']
    >>> plain_value("f", {"value": 500, "currency": "USD"}), plain_value("add_time", "2026-11-01 12:30:15")
    (500, '2026-11-01T12:30:15+00:00')
    >>> plain_value("email", [{"value": "b@example.org"}, {"value": "a@example.org", "primary": True}])
    'a@example.org;b@example.org'
    """
    if value is None or value in ("", []):
        return None
    if isinstance(value, Mapping):
        part = next((value[key] for key in _PARTS if value.get(key) is not None), None)
        return plain_value(name, part, labels)
    if isinstance(value, Sequence) and not isinstance(value, str):
        first = sorted(value, key=lambda item: not (isinstance(item, Mapping) and item.get("primary")))
        parts = [plain_value(name, item, labels) for item in first]
        return ";".join(str(part) for part in parts if part is not None) or None
    if name in MOMENTS and (moment := read_moment(value)) is not None:
        return moment.isoformat()
    if labels and not isinstance(value, bool):
        return ";".join(labels.get(part.strip(), part.strip()) for part in str(value).split(","))
    if isinstance(value, bool | int | float | str):
        return value
    return str(value)


def id_text(value: Any) -> str:
    """Return the id of a related record, which version 1 sends as a number or as an object; empty: none.

    Examples
    --------
    >>> id_text(7), id_text({"value": 7, "name": "x"}), id_text(None)
    ('7', '7', '')
    """
    if isinstance(value, Mapping):
        value = value.get("value", value.get("id"))
    return "" if value is None or value == "" else str(value)
