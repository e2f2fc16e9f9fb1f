"""Repair optional fields of an event: what a platform would refuse is corrected or dropped, and named.

A platform refuses a whole event for one field that it could do without. An event is sent with the fields that are
sound; which ones were not is recorded with it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, TypeVar

from conversions.ad_clicks import latest_click
from conversions.conversion_event import ConversionEvent, EventKind, PersonIdentifiers
from conversions.identifier_normalisation import Normaliser
from leadworth.identifier_formats import valid_id

if TYPE_CHECKING:
    from conversions.capabilities import Capabilities

_NORMALISER = Normaliser()
_PLAIN = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_LETTER = re.compile(r"[^\W\d_]")
_REGION = re.compile(r"[A-Za-z]{2}")
_POSTAL_CODE = re.compile(r"[\w -]{2,12}")
_UNSAFE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ufffd]|[\ud800-\udfff]")
_CORRECTED_SILENTLY = frozenset({"ga_client_id"})
"""Written in several forms that are all in use: reading one is no repair."""

LATE_CLICK = "without its time: later than the conversion"
OUTSIDE_WINDOW = "dropped: click outside the window"
Value = TypeVar("Value")
Repairs = tuple[str, ...]
"""What was done, such as "phone dropped" or "meta_lead_id corrected"; no values."""


def repair_identifiers(identity: PersonIdentifiers) -> tuple[PersonIdentifiers, Repairs]:
    """Return the identifiers that a platform can read, and what was corrected or dropped.

    Examples
    --------
    >>> person = PersonIdentifiers(email="ada@example.org", ip="unknown", platform_ids={"meta_lead_id": "l:123"})
    >>> identity, repairs = repair_identifiers(person)
    >>> identity.email, identity.ip, identity.platform_ids, repairs
    ('ada@example.org', None, {}, ('ip dropped', 'meta_lead_id dropped'))
    """
    person = {
        "email": identity.email if _NORMALISER.email(identity.email) else None,
        "phone": identity.phone if _NORMALISER.phone(identity.phone, identity.region) else None,
        "first_name": _name(identity.first_name),
        "last_name": _name(identity.last_name),
        "region": _matching(identity.region, _REGION),
        "postal_code": _matching(identity.postal_code, _POSTAL_CODE),
        "ip": _address(identity.ip),
        "user_agent": _harmless(identity.user_agent),
    }
    repairs = [
        f"{name} {'dropped' if value is None else 'corrected'}"
        for name, value in person.items()
        if value != getattr(identity, name)
    ]
    ids: dict[str, str] = {}
    for field, written in identity.platform_ids.items():
        read = valid_id(field, written)
        if read is not None:
            ids[field] = read
        if read is None or (read != written and field not in _CORRECTED_SILENTLY):
            repairs.append(f"{field} {'dropped' if read is None else 'corrected'}")
    times = {field: at for field, at in identity.click_times.items() if field in ids}
    return PersonIdentifiers(**person, platform_ids=ids, click_times=times), tuple(repairs)


def repair_clicks(
    event: ConversionEvent, click_fields: Collection[str], limits: Capabilities, now: datetime
) -> tuple[ConversionEvent, Repairs]:
    """Return an event with the time of its latest click, without click ids and times that the platform refuses.

    A time that is later than the event is dropped. An id whose click is outside the window is dropped where the window
    counts from the click.

    Parameters
    ----------
    event
        With repaired identifiers.
    click_fields
        Click ids of the platform.
    limits
        Capabilities of the platform.
    now
        Timezone-aware current time.
    """
    identity, repairs = repair_times(event.identity, event.happened_at)
    if limits.from_click and event.kind is EventKind.CONVERSION:
        old = [
            field for field, at in identity.click_times.items() if field in click_fields and now - at > limits.window
        ]
        if old:
            identity = replace(
                identity,
                platform_ids=_without(identity.platform_ids, old),
                click_times=_without(identity.click_times, old),
            )
            repairs += tuple(f"{field} {OUTSIDE_WINDOW}" for field in old)
    latest = latest_click(identity, click_fields)
    clicked_at = None if latest is None else identity.click_times.get(latest)
    if identity is event.identity and clicked_at == event.clicked_at:
        return event, repairs
    return replace(event, identity=identity, clicked_at=clicked_at), repairs


def repair_times(identity: PersonIdentifiers, happened_at: datetime) -> tuple[PersonIdentifiers, Repairs]:
    """Return the identifiers without times of clicks that are later than the conversion: clocks differ."""
    late = [field for field, at in identity.click_times.items() if at.tzinfo is None or at > happened_at]
    if not late:
        return identity, ()
    times = _without(identity.click_times, late)
    return replace(identity, click_times=times), tuple(f"{field} {LATE_CLICK}" for field in late)


def _without(values: Mapping[str, Value], fields: Collection[str]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if name not in fields}


def _name(name: str | None) -> str | None:
    """Return a name; None without a letter, or where it may not be sent as it is."""
    harmless = _harmless(name)
    return harmless if harmless is not None and _LETTER.search(harmless) else None


def _harmless(text: str | None) -> str | None:
    """Return a text that may be sent as it is; None where it holds an address, control characters or lost letters."""
    return None if text is None or not text.strip() or _PLAIN.search(text) or _UNSAFE.search(text) else text


def _matching(text: str | None, pattern: re.Pattern[str]) -> str | None:
    return text if text is not None and pattern.fullmatch(text.strip()) else None


def _address(written: str | None) -> str | None:
    """Return an IP address, of a list the first one; None where there is none."""
    if written is None:
        return None
    first = written.partition(",")[0].strip()
    try:
        ip_address(first)
    except ValueError:
        return None
    return first
