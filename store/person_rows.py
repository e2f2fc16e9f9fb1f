"""Delete everything that the store has of a person's leads; conversions stay as numbers without a person."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from store import lead_facts
from store.any_of import any_of
from store.event_state import WAITING, EventState
from store.funnel_rollups import rewrite_funnel
from store.lead_rollups import rewrite_days
from store.person_index import OF_LEADS, IndexEntry
from store.schema import answers, decisions, export_events, velocity_events

if TYPE_CHECKING:
    from sqlalchemy import Connection

_events = export_events.c


def delete_rows(
    connection: Connection, leads: Sequence[str], entries: Sequence[IndexEntry], persons: Sequence[int]
) -> Counter[str]:
    """Delete decisions, feedback, consents, identifiers, facts, answers, velocity events and index entries of a person.

    The sums of the days on which the leads were submitted are computed again.

    Parameters
    ----------
    connection
        In a transaction.
    leads
        Ids of the person's leads.
    entries
        Their entries in the index of persons.
    persons
        Velocity digests that belong to nobody else.

    Returns
    -------
    Counter
        Table -> rows deleted.
    """
    counts = Counter[str]()
    days = lead_facts.days_of_leads(connection, leads)
    keys = select(decisions.c.idempotency_key).where(
        any_of(decisions.c.lead_id, leads), decisions.c.idempotency_key.is_not(None)
    )
    counts["answers"] += connection.execute(delete(answers).where(answers.c.key.in_(keys))).rowcount
    for table in OF_LEADS:
        if table is not export_events:
            counts[table.name] += connection.execute(delete(table).where(any_of(table.c.lead_id, leads))).rowcount
    rewrite_days(connection, days)
    rewrite_funnel(connection, days)
    events = velocity_events.c
    statement = delete(velocity_events).where(events.person.in_(persons))
    counts[velocity_events.name] += connection.execute(statement).rowcount
    for person, at in sorted({(entry.velocity_person, entry.velocity_at) for entry in entries}):
        statement = delete(velocity_events).where(events.person == person, events.at == at)
        counts[velocity_events.name] += connection.execute(statement).rowcount
    return counts


def settle_events(connection: Connection, leads: Sequence[str], at: str) -> int:
    """End the waiting events of leads, except retractions; return how many will never be sent.

    Events that a platform may have received without an answer become uncertain; none may be leased by a live worker.
    """
    open_events = update(export_events).where(
        any_of(_events.lead_id, leads), _events.state.in_(WAITING), _events.kind != "retraction"
    )
    in_doubt = open_events.where(_events.leased_by.is_not(None) | _events.in_doubt_until.is_not(None))
    ended = {"code": "erased", "payload": None, "updated_at": at, "leased_by": None, "lease_until": None}
    connection.execute(in_doubt.values(state=EventState.UNCERTAIN.value, **ended))
    return int(connection.execute(open_events.values(state=EventState.SUPPRESSED.value, **ended)).rowcount)


def anonymise_events(connection: Connection, names: Mapping[str, str]) -> int:
    """Replace the lead ids of conversions and delete what names a person; return how many events.

    What remains is what was sent to which platform: stage, value, channel, times, the transaction id by which the
    platform knows it, and whether and when consent was given, without its source, in which people write names.
    Retractions that wait keep their payload until they are sent.

    Parameters
    ----------
    connection
        In a transaction.
    names
        Lead id -> random name.
    """
    count = 0
    for lead, name in names.items():
        statement = update(export_events).where(_events.lead_id == lead)
        retracting = (_events.kind == "retraction") & _events.state.in_(WAITING)
        connection.execute(statement.where(~retracting).values(payload=None))
        evidence = select(_events.consent).where(_events.lead_id == lead, _events.consent.is_not(None)).distinct()
        for text in connection.execute(evidence).scalars().all():
            connection.execute(statement.where(_events.consent == text).values(consent=_without_sources(text)))
        count += connection.execute(statement.values(lead_id=name, campaign=None)).rowcount
    return count


def _without_sources(evidence: str) -> str:
    """Return evidence of consent (JSON, purpose -> entry) without the words of its sources."""
    entries = json.loads(evidence)
    for entry in entries.values():
        if entry and "source" in entry:
            entry["source"] = "erased"
    return json.dumps(entries)


def set_payload(connection: Connection, event_id: str, payload: str) -> None:
    """Replace the payload of an event."""
    connection.execute(update(export_events).where(_events.event_id == event_id).values(payload=payload))


def leased_until(connection: Connection, leads: Sequence[str], at: str) -> str | None:
    """Return the end of the last lease of a live worker on an event of leads; None where none is held."""
    query = select(func.max(_events.lease_until)).where(any_of(_events.lead_id, leads), _events.lease_until >= at)
    return connection.execute(query).scalar()
