"""Erase a person: withdraw waiting events, retract sent ones where possible, delete identifiers, keep a receipt."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from conversions.conversion_event import EventKind
from conversions.retractions import retraction, retraction_payload
from leadworth.errors import InputError
from store import consents, erasures, lead_identifiers, outbox, outbox_queries
from store.event_state import DELIVERED
from store.row_ids import new_row_id

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from conversions.destination import Destination
    from conversions.encryption import IdentifierCipher


@dataclass
class Erasure:
    """Receipt of an erasure.

    Attributes
    ----------
    erasure_id
        Id of the receipt.
    leads
        Ids of the person's leads.
    withdrawn
        Waiting events that will never be sent.
    retractions
        Platform -> conversions that are retracted, or set to zero if that is all the platform can do.
    not_retractable
        Platform -> conversions that were sent and cannot be retracted here: ask the platform.
    """

    erasure_id: str
    leads: list[str]
    withdrawn: int = 0
    retractions: dict[str, int] = field(default_factory=dict)
    not_retractable: dict[str, int] = field(default_factory=dict)


def leads_of(connection: Connection, cipher: IdentifierCipher, lead: str | None, email: str | None) -> list[str]:
    """Return the leads of a person, identified by one lead or by the e-mail address.

    Raises
    ------
    InputError
        If the store has none.
    """
    pseudonym = cipher.pseudonym(email) if email else None
    leads = lead_identifiers.leads_of_person(connection, lead, pseudonym)
    if not leads:
        raise InputError(
            "no lead of this person is in the store", do="give the lead's id, or the address as it was sent"
        )
    return leads


def erase(
    connection: Connection,
    leads: Sequence[str],
    destinations: Mapping[str, Destination],
    cipher: IdentifierCipher,
    now: datetime,
) -> Erasure:
    """Erase the identifiers of leads, and keep a receipt without them.

    Parameters
    ----------
    connection
        In a transaction.
    leads
        Ids of one person's leads.
    destinations
        Platforms that are set up; at others nothing is retracted.
    cipher
        Decrypts and encrypts the click ids of retractions.
    now
        Timezone-aware current time.
    """
    result = Erasure(new_row_id(), list(leads))
    retractions: list[outbox.Row] = []
    pseudonyms: dict[str, str | None] = {}
    for lead in leads:
        person = lead_identifiers.row_of_lead(connection, lead)
        pseudonyms[lead] = person["pseudonym"] if person else None
        for last in _latest_delivered(outbox_queries.events_of_leads(connection, [lead])):
            name = last["destination"]
            destination = destinations.get(name)
            if destination is None or not _can_retract(destination, last, now):
                result.not_retractable[name] = result.not_retractable.get(name, 0) + 1
                continue
            result.retractions[name] = result.retractions.get(name, 0) + 1
            payload = retraction_payload(cipher, person["sealed"] if person else None, name)
            retractions.append(retraction(destination.limits, last, payload, now))
    result.withdrawn = outbox.withdraw(connection, leads, "erased", now)
    outbox.delete_payloads(connection, leads)
    outbox.add(connection, {"export_events": retractions})
    lead_identifiers.delete_of_leads(connection, leads)
    consents.delete_of_leads(connection, leads)
    receipt = json.dumps(
        {
            "withdrawn": result.withdrawn,
            "retractions": result.retractions,
            "not_retractable": result.not_retractable,
        }
    )
    erasures.add(connection, result.erasure_id, pseudonyms, receipt, now)
    return result


def _latest_delivered(events: Sequence[outbox.Row]) -> list[outbox.Row]:
    """Return the newest version of each transaction that a platform has, unless it is a retraction.

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
        if row["state"] in DELIVERED:
            delivered.add(key)
    return [row for key, row in latest.items() if key in delivered and row["kind"] != EventKind.RETRACTION.value]


def _can_retract(destination: Destination, last: Mapping[str, Any], now: datetime) -> bool:
    restate = destination.limits.restate
    return restate is not None and now - datetime.fromisoformat(last["happened_at"]) <= restate
