"""What stands in the ledger: by platform and state, what waits, what differs, and why a lead was or was not told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Float, cast, func, or_, select, update

from conversions.rate_limiter import gates
from conversions.reconciliation import Difference, differences
from conversions.stage_events import NEGATIVE
from store.event_state import EventState
from store.idempotency_records import stamp
from store.schema import export_events, export_receipts

if TYPE_CHECKING:
    from sqlalchemy import Connection

_events = export_events.c
_WHY = {
    "no-consent": "no consent is recorded, or it was withdrawn",
    "no-identifiers": "nothing came with the lead by which this platform could find the person",
    "junk": "the lead was found to be junk before it was sent",
    "erased": "the person was erased",
    NEGATIVE: "the lead turned out to be worth less than was told, and this platform cannot be told so",
    "no-action": "the settings name no action for this stage",
    "window-closed": "the platform takes no event of this age",
    "too-old": "the platform takes no event of this age",
    "held-new-model": "a new model moves this channel: it waits until enough leads show how far",
    "paced": "the platform's limit of requests",
    "door-closed": "the platform lets no one in: see `leadworth export doctor`",
    "lease-ended": "the worker that had it died; it may have been sent",
    "never-told": "there was nothing to take back",
    "told-again": "the platform said it failed for a reason that passes",
    "plain-email": "an e-mail address stood in it unhashed",
    "perhaps-sent": "it may have arrived, and would count twice",
    "sealed-otherwise": "LEADWORTH_SECRET was another one when it was sealed",
    "no-identifiers-kept": "the identifiers were deleted, by time or by erasure",
}


@dataclass(frozen=True)
class EventStatus:
    """One platform.

    Attributes
    ----------
    states
        State -> events.
    told
        Sum of what it was told, of all newest versions, in the currency of the settings.
    surplus
        By how much more it was told than leads turned out to be worth, because it cannot be told less.
    accepted, processed, failed
        Events of receipts that were asked about.
    oldest
        When the event that waits for longest was due; None where none waits.
    closed_until, why
        Where the platform lets no one in.
    """

    destination: str
    states: dict[str, int]
    told: float
    surplus: float
    accepted: int
    processed: int
    failed: int
    oldest: str | None
    closed_until: str | None
    why: str


@dataclass
class OutboxStatus:
    """The ledger.

    Attributes
    ----------
    platforms
        One each.
    reasons
        (platform, state, code) -> events, of those that were not told.
    differences
        Where a platform and the ledger differ.
    """

    platforms: list[EventStatus] = field(default_factory=list)
    reasons: dict[tuple[str, str, str], int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)


def status(connection: Connection, now: datetime, restating: Collection[str]) -> OutboxStatus:
    """Return what stands in the ledger; `restating` are the platforms that are told the value in all at every stage."""
    counted = select(_events.destination, _events.state, _events.code, func.count(), func.min(_events.not_before))
    states: dict[str, dict[str, int]] = {}
    oldest: dict[str, str] = {}
    found = OutboxStatus(differences=list(differences(connection, now)))
    for destination, state, code, count, first in connection.execute(
        counted.group_by(_events.destination, _events.state, _events.code)
    ):
        of = states.setdefault(destination, {})
        of[state] = of.get(state, 0) + int(count)
        if code and state not in (EventState.ACCEPTED, EventState.SUPERSEDED):
            found.reasons[destination, state, code] = int(count)
        if state in (EventState.PENDING, EventState.RETRY):
            oldest[destination] = min(first, oldest.get(destination, first))
    money, asked, doors = _money(connection, restating), _asked(connection), gates(connection)
    for name in sorted(states):
        told, surplus = money.get(name, (0.0, 0.0))
        accepted, processed, failed = asked.get(name, (0, 0, 0))
        door = doors.get(name, {})
        until = door.get("closed_until")
        shut = until if until is not None and until > stamp(now) else None
        found.platforms.append(
            EventStatus(
                name, states[name], told, surplus, accepted, processed, failed, oldest.get(name), shut,
                str(door.get("why", "")),
            )
        )  # fmt: skip
    return found


def _money(connection: Connection, restating: Collection[str]) -> dict[str, tuple[float, float]]:
    """Return by platform what it was told (newest versions; of several actions with the value in all, the first)."""
    newest = (
        select(_events.destination, _events.transaction_id, func.max(_events.version).label("version"))
        .where(_events.told.is_not(None), or_(_events.stage == "lead", _events.destination.not_in(restating)))
        .group_by(_events.destination, _events.transaction_id)
        .subquery()
    )
    told = (
        select(_events.destination, func.sum(cast(_events.told, Float)))
        .join(
            newest,
            (newest.c.destination == _events.destination)
            & (newest.c.transaction_id == _events.transaction_id)
            & (newest.c.version == _events.version),
        )
        .group_by(_events.destination)
    )
    below = (
        select(_events.destination, -func.sum(cast(_events.value, Float)))
        .where(cast(_events.value, Float) < 0)
        .group_by(_events.destination)
    )
    sums: dict[str, float] = dict(connection.execute(told).all())
    over: dict[str, float] = dict(connection.execute(below).all())
    return {name: (float(sums.get(name, 0.0)), float(over.get(name, 0.0))) for name in {*sums, *over}}


def _asked(connection: Connection) -> dict[str, tuple[int, int, int]]:
    receipts = export_receipts.c
    sums = select(
        receipts.destination,
        func.sum(receipts.events),
        func.sum(receipts.processed),
        func.sum(func.coalesce(receipts.failed, 0)),
    ).where(receipts.processed.is_not(None))
    return {
        name: (int(accepted), int(processed), int(failed))
        for name, accepted, processed, failed in connection.execute(sums.group_by(receipts.destination))
    }


def story(connection: Connection, lead: str) -> Iterator[dict[str, Any]]:
    """Yield everything that a platform was told of a lead, or was not, with the reason."""
    asked = select(export_events).where(_events.lead_id == lead)
    for row in connection.execute(asked.order_by(_events.created_at, _events.event_id)).mappings():
        yield {**row, "why": why(row["code"]), "payload": None}


def why(code: str) -> str:
    """Return a reason in a sentence; a platform's own code as it is.

    Examples
    --------
    >>> why("no-consent"), why("HTTP 503")
    ('no consent is recorded, or it was withdrawn', 'HTTP 503')
    """
    return _WHY.get(code, code)


def put_back(
    connection: Connection, states: Sequence[EventState], destination: str | None, code: str | None, now: datetime
) -> int:
    """Let events that were given up wait again; return how many.

    Only those whose identifiers are still kept, and whose window is open.
    """
    at = stamp(now)
    back = update(export_events).where(
        _events.state.in_([state.value for state in states]), _events.payload.is_not(None), _events.expires_at > at
    )
    if destination is not None:
        back = back.where(_events.destination == destination)
    if code is not None:
        back = back.where(_events.code == code)
    values = {"state": EventState.PENDING.value, "attempts": 0, "not_before": at, "quiet_until": None, "updated_at": at}
    return int(connection.execute(back.values(**values)).rowcount)
