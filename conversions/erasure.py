"""Erase a person from the outbox: withdraw waiting events, retract sent ones where possible, forget who it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from conversions.conversion_event import EventKind
from conversions.retractions import retraction, retraction_payload
from leadworth.ids import new_id
from store import lead_identifiers, outbox, outbox_queries, person_rows
from store.event_state import DELIVERED, EventState
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from conversions.destination import Destination
    from leadworth.encryption import IdentifierCipher

_MAY_BE_DELIVERED = (*DELIVERED, EventState.UNCERTAIN)


@dataclass
class PlatformErasure:
    """What an erasure does about events that are or were to be sent.

    Attributes
    ----------
    withdrawn
        Waiting events that will never be sent.
    retractions
        Platform -> conversions that are retracted, or set to zero if that is all the platform can do.
    not_retractable
        Platform -> conversions that were sent, or may have been, and cannot be retracted here: ask the platform.
    anonymised
        Events that stay as numbers without a person.
    """

    withdrawn: int = 0
    retractions: dict[str, int] = field(default_factory=dict)
    not_retractable: dict[str, int] = field(default_factory=dict)
    anonymised: int = 0


def erase_events(
    connection: Connection,
    leads: Sequence[str],
    destinations: Mapping[str, Destination],
    cipher: IdentifierCipher,
    now: datetime,
) -> PlatformErasure:
    """Withdraw and retract the events of leads, and replace their ids by random names.

    Parameters
    ----------
    connection
        In a transaction; the identifiers of the leads are still there.
    leads
        Ids of one person's leads.
    destinations
        Platforms that are set up; at others nothing is retracted.
    cipher
        Decrypts and encrypts the click ids of retractions.
    now
        Timezone-aware current time.
    """
    result = PlatformErasure()
    retractions: list[outbox.Row] = []
    names = {lead: f"erased-{new_id()}" for lead in leads}
    for lead, name in names.items():
        person = lead_identifiers.row_of_lead(connection, lead)
        events = outbox_queries.events_of_leads(connection, [lead])
        for row in events:
            if row["kind"] == EventKind.RETRACTION.value and row["payload"] is not None:
                reduced = retraction_payload(cipher, row["payload"], row["destination"])
                person_rows.set_payload(connection, row["event_id"], reduced)
        for last in _latest_delivered(events):
            destination = destinations.get(last["destination"])
            if destination is None or not _can_retract(destination, last, now):
                _count(result.not_retractable, last["destination"])
                continue
            _count(result.retractions, last["destination"])
            payload = None if person is None else retraction_payload(cipher, person["sealed"], last["destination"])
            anonymous = {**last, "lead_id": name, "campaign": None}
            retractions.append(retraction(destination.limits, anonymous, payload, now))
    result.withdrawn = person_rows.settle_events(connection, leads, stamp(now))
    result.anonymised = person_rows.anonymise_events(connection, names)
    outbox.add(connection, {"export_events": retractions})
    return result


def _count(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1


def _latest_delivered(events: Sequence[outbox.Row]) -> list[outbox.Row]:
    """Return the newest version of each transaction that a platform has or may have, unless it is a retraction.

    Parameters
    ----------
    events
        In order of version.
    """
    latest: dict[tuple[str, str], outbox.Row] = {}
    delivered: set[tuple[str, str]] = set()
    for row in events:
        key = (row["destination"], row["transaction_id"])
        latest[key] = row
        if row["state"] in _MAY_BE_DELIVERED or row["leased_by"] or row["in_doubt_until"] is not None:
            delivered.add(key)
    return [row for key, row in latest.items() if key in delivered and row["kind"] != EventKind.RETRACTION.value]


def _can_retract(destination: Destination, last: Mapping[str, Any], now: datetime) -> bool:
    restate = destination.limits.restate
    return restate is not None and now - datetime.fromisoformat(last["happened_at"]) <= restate
