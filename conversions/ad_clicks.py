"""Clicks of a lead on ads: the id of each kind with the time of its click, and the latest click of a platform.

An id comes from a field of the lead, or from a touch that the collector recorded. A touch has a time; an id in a field
has the time of the touch with the same id, else `clicked_at`. An id without a time is the one that the form carried,
and counts as later than any touch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from features.collected_touches import TOUCH_FIELDS
from features.collector_payload import number, parse
from leadworth.identifier_formats import valid_id
from leadworth.platform_catalog import click_id_headers

if TYPE_CHECKING:
    from conversions.conversion_event import PersonIdentifiers

COOKIES = frozenset({"fbp"})
"""Ids of a browser: they are sent with a click, and say nothing of its time."""
CLICK_FIELDS = tuple(name for name in click_id_headers() if name not in COOKIES)
_META_COOKIE = re.compile(r"fb\.\d\.(\d{10}|\d{13})\.\S+")
_NEWEST = datetime.max.replace(tzinfo=UTC)
_EARLIEST, _LATEST = 1.2e9, 4.0e9  # plausible times of a click, in seconds since 1970

Click = tuple[str, datetime | None]


def clicks_of(lead: Mapping[str, Any]) -> dict[str, Click]:
    """Return field of a click id -> the latest id and the time of its click, for a lead given as its fields.

    Examples
    --------
    >>> touches = '{"first": {"gclid": "Cj0old", "at": 1760000000}, "last": {"gclid": "Cj0new", "at": 1764000000}}'
    >>> clicks_of({"gclid": "Cj0old", "lw_data": touches})
    {'gclid': ('Cj0new', datetime.datetime(2025, 11, 24, 16, 0, tzinfo=datetime.timezone.utc))}
    >>> clicks_of({"gclid": "Cj0own", "lw_data": touches})
    {'gclid': ('Cj0own', None)}
    """
    lw_data = lead.get("lw_data")
    touches = list(_touches(lw_data)) if isinstance(lw_data, str) else []
    clicked_at = lead.get("clicked_at")
    clicks: dict[str, Click] = {}
    for field in CLICK_FIELDS:
        own = lead.get(field)
        written = [(touch[field], at) for touch, at in touches if field in touch]
        if not own and not written:
            continue
        times: dict[str, datetime | None] = {}
        for text, at in written:
            value = TOUCH_FIELDS[field](text)
            if value is not None and (value not in times or _later(at, times[value])):
                times[value] = at
        if isinstance(own, str) and own and times.get(own) is None:
            times[own] = _time_in(own) or (clicked_at if isinstance(clicked_at, datetime) else None)
        if times:
            sound = {written: at for written, at in times.items() if valid_id(field, written)}
            clicks[field] = max((sound or times).items(), key=lambda click: click[1] or _NEWEST)
    return clicks


def latest_click(identity: PersonIdentifiers, fields: Iterable[str]) -> str | None:
    """Return the field of the latest click among those of a platform, in order of preference; None without any.

    Examples
    --------
    >>> from conversions.conversion_event import PersonIdentifiers
    >>> ids = {"gclid": "Cj0old", "wbraid": "Cj8new"}
    >>> times = {"gclid": datetime(2026, 9, 1, tzinfo=UTC), "wbraid": datetime(2026, 11, 1, tzinfo=UTC)}
    >>> latest_click(PersonIdentifiers(platform_ids=ids, click_times=times), ("gclid", "gbraid", "wbraid"))
    'wbraid'
    """
    present = [field for field in fields if field in identity.platform_ids and field not in COOKIES]
    return max(present, key=lambda field: identity.click_times.get(field, _NEWEST), default=None)


def _touches(lw_data: str) -> Iterable[tuple[Mapping[str, Any], datetime | None]]:
    payload = parse(lw_data) or {}
    for position in ("first", "last"):
        touch = payload.get(position)
        if isinstance(touch, dict):
            seconds = number(touch, "at", _LATEST)
            yield touch, datetime.fromtimestamp(seconds, UTC) if seconds > _EARLIEST else None


def _later(time: datetime | None, other: datetime | None) -> bool:
    return other is not None and (time is None or time > other)


def _time_in(cookie: str) -> datetime | None:
    """Return the time in Meta's cookie of a click."""
    match = _META_COOKIE.fullmatch(cookie)
    if match is None:
        return None
    seconds = int(match[1]) / (1e3 if len(match[1]) == 13 else 1)
    return datetime.fromtimestamp(seconds, UTC) if _EARLIEST < seconds < _LATEST else None
