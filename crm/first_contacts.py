"""First contact of each lead by a person of sales, from the activities in the mirror of a CRM.

Only a call, a message or a meeting that took place counts. A task that was created, an automatic reply, a message that
the lead sent and a missed call do not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from crm.lead_links import LeadLinks
from crm.mirror_outcomes import moment_of
from leadworth.crm_catalog import CrmInfo, ObjectRole

if TYPE_CHECKING:
    from leadworth.crm_records import CrmRecord, CrmValue
    from store.crm_mirror import CrmMirror


@dataclass(frozen=True)
class ContactRule:
    """Which records of an object are contacts.

    Attributes
    ----------
    times
        Fields with the time of the contact, the first that is filled counts.
    is_one_of
        Field -> values, in lower case, of which it must have one.
    lead
        Fields with the id of the lead, where no association says it.
    """

    times: tuple[str, ...]
    is_one_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lead: tuple[str, ...] = ()


def _rule(*times: str, lead: tuple[str, ...] = (), **values: str) -> ContactRule:
    return ContactRule(times, {name: frozenset(text.split("|")) for name, text in values.items()}, lead)


RULES: Mapping[str, Mapping[str, ContactRule]] = {
    "hubspot": {
        "calls": _rule("hs_timestamp", hs_call_status="completed", hs_call_direction="outbound|inbound"),
        "emails": _rule("hs_timestamp", hs_email_direction="email", hs_email_status="sent"),
        "meetings": _rule("hs_meeting_start_time", "hs_timestamp", hs_meeting_outcome="completed"),
        "communications": _rule("hs_timestamp"),
    },
    "salesforce": {
        "Task": _rule("CompletedDateTime", lead=("WhoId", "WhatId"), Status="completed", TaskSubtype="call|email"),
        "Event": _rule("StartDateTime", lead=("WhoId", "WhatId")),
    },
    "pipedrive": {
        "activities": _rule(
            "marked_as_done_time", lead=("lead_id", "deal_id"), done="true|1", type="call|meeting|email|lunch"
        ),
    },
    "zoho": {
        "Calls": _rule("Call_Start_Time", lead=("Who_Id", "What_Id"), Call_Type="outbound|inbound"),
        "Events": _rule("Start_DateTime", lead=("Who_Id", "What_Id")),
    },
    "dynamics": {
        "phonecall": _rule(
            "actualend",
            "actualstart",
            lead=("_regardingobjectid_value",),
            directioncode="true|1",
            statecode="1|completed",
        ),
        "email": _rule(
            "actualend",
            "actualstart",
            lead=("_regardingobjectid_value",),
            directioncode="true|1",
            statecode="1|completed",
        ),
        "appointment": _rule(
            "actualstart", "scheduledstart", lead=("_regardingobjectid_value",), statecode="1|completed"
        ),
    },
    "odoo": {
        "mail.message": _rule("date", lead=("res_id",), message_type="comment|email_outgoing"),
        "calendar.event": _rule("start", lead=("opportunity_id",)),
    },
}
"""CRM -> object of the catalogue -> which of its records are contacts."""


def contacted_at(rule: ContactRule, record: CrmRecord, zone: tzinfo, now: datetime) -> datetime | None:
    """Return when a record was a contact; None where it is none, or lies in the future."""
    for name, values in rule.is_one_of.items():
        if _text(record.values.get(name)) not in values:
            return None
    for name in rule.times:
        value = record.values.get(name)
        at = moment_of(value, zone) if isinstance(value, str) else None
        if at is not None:
            return at.astimezone(UTC) if at <= now else None
    return None


def first_contacts(
    mirror: CrmMirror, crm: str, info: CrmInfo, lead_object: str, zone: tzinfo, now: datetime
) -> dict[str, list[datetime]]:
    """Return lead -> times of its contacts, sorted; leads without a contact are left out."""
    links = LeadLinks(mirror, info, lead_object)
    deals = [name for name in info.with_role(ObjectRole.DEAL) if name != lead_object]
    times: dict[str, list[datetime]] = {}
    for name, rule in RULES.get(crm, {}).items():
        for part in mirror.scan(name):
            found = {}
            for row in part:
                at = None if row.erased else contacted_at(rule, row.record, zone, now)
                if at is not None:
                    found[row.record.record_id] = (at, row.record)
            for key, leads in _leads_of(links, name, rule, [record for _, record in found.values()], deals).items():
                for lead in leads:
                    times.setdefault(lead, []).append(found[key][0])
    return {lead: sorted(found) for lead, found in times.items()}


def _leads_of(
    links: LeadLinks, name: str, rule: ContactRule, records: Sequence[CrmRecord], deals: Iterable[str]
) -> dict[str, Collection[str]]:
    """Return record id -> leads that it is about: linked to it, to its person or to its deal, or named in a field."""
    ids = [record.record_id for record in records]
    found: dict[str, set[str]] = {key: set(leads) for key, leads in links.of_records(name, ids).items()}
    named = {record.record_id: [_text(record.values.get(item), fold=False) for item in rule.lead] for record in records}
    texts = sorted({text for values in named.values() for text in values if text})
    own = links.of_records(links.lead_object, texts)
    by_deal = [(deal, links.linked(name, ids, deal)) for deal in deals]
    for key in ids:
        for text in named[key]:
            found.setdefault(key, set()).update(own.get(text, ()))
        for deal, linked in by_deal:
            of_deals = links.of_records(deal, sorted({*linked[key], *filter(None, named[key])}))
            found.setdefault(key, set()).update(lead for leads in of_deals.values() for lead in leads)
    return {key: leads for key, leads in found.items() if leads}


def _text(value: CrmValue, *, fold: bool = True) -> str:
    if value is None:
        return ""
    text = str(value).strip()
    return text.casefold() if fold else text
