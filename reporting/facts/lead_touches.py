"""Touches of a lead: the visits that the collector recorded, and the form that it sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from features.collected_touches import LW_DATA, TOUCH_FIELDS
from features.collector_payload import number, parse
from features.lead_origin import LeadOrigin, origin_of
from leadworth.campaign_keys import campaign_key
from store.touches import Touch

if TYPE_CHECKING:
    from leadworth.channel_groups import ChannelGroups

VISIT, FORM_SENT = "visit", "form"
COLLECTOR, LOG, CRM = "collector", "decision log", "crm"
_EARLIEST, _LATEST = 1.2e9, 4.0e9  # plausible times, in seconds since 1970


def touch_of_form(lead_id: str, at: datetime, origin: LeadOrigin, key: str, origin_name: str) -> Touch:
    """Return the touch of the form that a lead sent, or of its way in."""
    return Touch(
        lead_id=lead_id,
        at=at,
        channel=origin.channel,
        campaign_key=key,
        source=origin.source or "",
        medium=origin.medium or "",
        kind="event" if origin.channel == "Offline" else FORM_SENT,
        origin=origin_name,
    )


def visits_of(lead_id: str, at: datetime, fields: Mapping[str, Any], groups: ChannelGroups) -> Iterator[Touch]:
    """Yield the visits that the collector recorded before the form; own domains are none.

    Parameters
    ----------
    lead_id
        Id of the lead.
    at
        Time of submit.
    fields
        Fields of the lead, with `lw_data`.
    groups
        Assigns channels.
    """
    lw_data = fields.get(LW_DATA)
    payload = (parse(lw_data) if isinstance(lw_data, str) else None) or {}
    for position in ("first", "last"):
        touch = payload.get(position)
        if not isinstance(touch, dict):
            continue
        seconds = number(touch, "at", _LATEST)
        if not seconds > _EARLIEST or groups.is_own(
            touch.get("source") if isinstance(touch.get("source"), str) else None
        ):
            continue
        tags = {name: read(touch.get(name)) for name, read in TOUCH_FIELDS.items()}
        origin = origin_of(tags, groups)
        yield Touch(
            lead_id=lead_id,
            at=min(datetime.fromtimestamp(seconds, UTC), at),
            channel=origin.channel,
            campaign_key=campaign_key(None, None, None, origin.campaign),
            source=origin.source or "",
            medium=origin.medium or "",
            kind=VISIT,
            origin=COLLECTOR,
        )
