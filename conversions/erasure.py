"""Forget a person: what waits is withdrawn, what was told is taken back where possible, and a receipt says so."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from conversions.conversion_event import EventKind
from conversions.outbox_writer import later_version
from leadworth.errors import InputError
from leadworth.money import amount
from leadworth.platform_catalog import platforms
from store import outbox
from store.decision_log import decision_id
from store.event_state import EventState
from store.idempotency_records import stamp
from store.schema import consents, decisions, erasures, export_events, export_people

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from conversions.destination import Destination
    from conversions.encryption import IdentifierCipher


@dataclass
class Erasure:
    """What was done for one person.

    Attributes
    ----------
    erasure_id
        Of the receipt.
    leads
        Ids of the person's leads.
    withdrawn
        Events that waited and will never be told.
    retractions
        Destination -> conversions that are taken back, or set to zero where that is all that can be done.
    beyond
        Destination -> conversions that were told and cannot be taken back: ask the platform.
    """

    erasure_id: str
    leads: list[str]
    withdrawn: int = 0
    retractions: dict[str, int] = field(default_factory=dict)
    beyond: dict[str, int] = field(default_factory=dict)


def leads_of(connection: Connection, seal: IdentifierCipher, lead: str | None, email: str | None) -> list[str]:
    """Return the leads of a person, found by one of them or by the e-mail address.

    Raises
    ------
    InputError
        Where none is found.
    """
    people = export_people.c
    pseudonym = seal.pseudonym(email) if email else None
    found = {lead} if lead and _known(connection, lead) else set()
    if lead:
        asked = select(people.pseudonym).where(people.lead_id == lead, people.pseudonym.is_not(None))
        pseudonym = connection.execute(asked).scalar() or pseudonym
    if pseudonym:
        found |= set(connection.execute(select(people.lead_id).where(people.pseudonym == pseudonym)).scalars())
    if not found:
        raise InputError(
            "no lead of this person is in the store", do="give the lead's id, or the address as it was sent"
        )
    return sorted(one for one in found if one)


def _known(connection: Connection, lead: str) -> bool:
    tables = (decisions.c.lead_id, export_events.c.lead_id, export_people.c.lead_id)
    return any(connection.execute(select(column).where(column == lead).limit(1)).first() for column in tables)


def erase(
    connection: Connection,
    leads: Sequence[str],
    destinations: Mapping[str, Destination],
    seal: IdentifierCipher,
    now: datetime,
) -> Erasure:
    """Erase the identifiers of some leads in one transaction, and keep a receipt without them.

    Parameters
    ----------
    connection
        In a transaction.
    leads
        Ids of one person's leads.
    destinations
        Those that can be told; of others nothing is taken back.
    seal
        Of the installation.
    now
        Aware.
    """
    done = Erasure(decision_id(), list(leads))
    retractions: list[outbox.Row] = []
    rows = []
    for lead in leads:
        person = _person(connection, lead)
        for last in _newest_told(connection, lead):
            destination = destinations.get(last["destination"])
            name = last["destination"]
            if destination is None or not _can_take_back(destination, last, now):
                done.beyond[name] = done.beyond.get(name, 0) + 1
                continue
            done.retractions[name] = done.retractions.get(name, 0) + 1
            retractions.append(
                later_version(
                    now, destination.limits, last, EventKind.RETRACTION, value=str(amount(0, last["currency"])),
                    currency=last["currency"], expected=False, payload=_clicks(seal, person, name),
                )
            )  # fmt: skip
        rows.append({"lead_id": lead, "pseudonym": person["pseudonym"] if person else None})
    done.withdrawn = _withdraw(connection, leads, now)
    outbox.add(connection, {"export_events": retractions})
    for table in (export_people, consents):
        connection.execute(delete(table).where(table.c.lead_id.in_(list(leads))))
    receipt = json.dumps({"withdrawn": done.withdrawn, "retractions": done.retractions, "beyond": done.beyond})
    connection.execute(
        insert(erasures),
        [
            {**row, "erasure_id": done.erasure_id if place == 0 else decision_id(), "erased_at": stamp(now),
             "receipt": receipt}
            for place, row in enumerate(rows)
        ],
    )  # fmt: skip
    return done


def erased_among(connection: Connection, leads: Sequence[str]) -> set[str]:
    """Return those of some leads that were erased."""
    found: set[str] = set()
    for begin in range(0, len(leads), 500):
        asked = select(erasures.c.lead_id).where(erasures.c.lead_id.in_(list(leads[begin : begin + 500])))
        found.update(connection.execute(asked).scalars())
    return found


def _person(connection: Connection, lead: str) -> dict[str, Any] | None:
    found = connection.execute(select(export_people).where(export_people.c.lead_id == lead)).mappings().first()
    return None if found is None else dict(found)


def _clicks(seal: IdentifierCipher, person: Mapping[str, Any] | None, destination: str) -> str | None:
    """Return the click ids by which a platform finds the conversion, encrypted, without the person."""
    if person is None:
        return None
    identity: Any = seal.open(person["sealed"])["identity"]
    kept = {name: identity[name] for name in (*platforms()[destination].click_ids, "region") if name in identity}
    return seal.close({"identity": kept})


def _newest_told(connection: Connection, lead: str) -> list[dict[str, Any]]:
    """Return the newest version that a platform took of each transaction, unless it is taken back already."""
    asked = select(export_events).where(export_events.c.lead_id == lead).order_by(export_events.c.version)
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    told: set[tuple[str, str]] = set()
    for row in connection.execute(asked).mappings():
        key = row["destination"], row["transaction_id"]
        newest[key] = dict(row)
        if row["state"] in [state.value for state in outbox.TOLD]:
            told.add(key)
    return [row for key, row in newest.items() if key in told and row["kind"] != EventKind.RETRACTION.value]


def _can_take_back(destination: Destination, last: Mapping[str, Any], now: datetime) -> bool:
    restate = destination.limits.restate
    return restate is not None and now - datetime.fromisoformat(last["happened_at"]) <= restate


def _withdraw(connection: Connection, leads: Sequence[str], now: datetime) -> int:
    """Withdraw what waits, and drop the payload of everything else."""
    count = outbox.withdraw(connection, leads, "erased", now)
    connection.execute(
        update(export_events)
        .where(export_events.c.lead_id.in_(list(leads)), export_events.c.state != EventState.LEASED.value)
        .values(payload=None)
    )
    return count
