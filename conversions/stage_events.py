"""What is to be told of one lead: how far it came, what it is worth, and what every platform has heard so far.

A platform that restates hears the value in all, for every stage it has an action for: the last version is
the final revenue. One that counts hears increments: each stage adds what the lead is worth now less all
that it heard before, so that the increments of a lead add up to its final revenue to the cent. An
increment below zero can be told to nobody (the event of a lost lead is sent with zero); it stands in the
ledger, so that the sum holds there, and shows by how much a platform was told too much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from conversions.conversion_event import EventKind
from conversions.outbox_writer import first_event, later_version
from store.event_state import EventState
from store.outbox import TOLD, WAITING, Row

if TYPE_CHECKING:
    from conversions.destination import Destination
    from conversions.encryption import IdentifierCipher

ENDS = ("won", "lost", "junk")
UNDECIDED = {*(state.value for state in WAITING), EventState.LEASED.value}
HEARD = {*(state.value for state in TOLD), EventState.UNCERTAIN.value}
NEGATIVE = "negative-increment"


@dataclass(frozen=True)
class Progress:
    """How far a lead came.

    Attributes
    ----------
    lead_id, channel, campaign, model_version
        Of the lead and its score.
    reached
        Stage -> when, in order; `lead` always.
    value
        What it is worth now, in `currency`: expected, or final where it is closed.
    expected
        False where the value is final.
    rejected
        Never to be told of, unless something was told already: junk by verdict or by people.
    payload
        Its identifiers, sealed; None where none are kept.
    """

    lead_id: str
    channel: str | None
    campaign: str | None
    model_version: str
    reached: Mapping[str, datetime]
    value: Decimal
    currency: str
    expected: bool
    rejected: bool
    payload: str | None


def rows_to_add(
    progress: Progress,
    destination: Destination,
    known: Sequence[Row],
    seal: IdentifierCipher,
    restate_from: float,
    now: datetime,
) -> Iterator[Row]:
    """Yield the rows that a lead adds to a platform's ledger.

    Parameters
    ----------
    progress
        Of the lead.
    destination
        The platform.
    known
        What its ledger holds of the lead, in order of version.
    seal
        Of the installation.
    restate_from
        Share by which an expected value must have changed.
    now
        Aware.
    """
    if destination.limits.restate is None:
        yield from _increments(progress, destination, known, seal, now)
    else:
        yield from _versions(progress, destination, known, seal, restate_from, now)


def _versions(
    progress: Progress,
    destination: Destination,
    known: Sequence[Row],
    seal: IdentifierCipher,
    restate_from: float,
    now: datetime,
) -> Iterator[Row]:
    last = {row["stage"]: row for row in known}
    for stage, happened in progress.reached.items():
        if stage not in destination.actions or stage in ("lost", "junk"):
            continue
        before = last.get(stage)
        if before is None:
            if not progress.rejected and progress.payload is not None and _open(destination, happened, now):
                yield _first(progress, destination, stage, happened, seal, now, progress.value)
        elif _differs(before, progress, restate_from) and _in_time(before, destination, now):
            kind = EventKind.RETRACTION if progress.rejected else EventKind.RESTATEMENT
            yield later_version(
                now, destination.limits, before, kind, value=str(progress.value), currency=progress.currency,
                expected=progress.expected, payload=progress.payload, model_version=progress.model_version,
            )  # fmt: skip


def _differs(before: Row, progress: Progress, restate_from: float) -> bool:
    """Tell whether a new version says enough that is new."""
    old = Decimal(before["value"])
    if before["kind"] == EventKind.RETRACTION or progress.rejected:
        return bool(before["kind"] != EventKind.RETRACTION and before["state"] != EventState.SUPPRESSED)
    if progress.expected:
        return bool(before["expected"]) and abs(progress.value - old) > Decimal(str(restate_from)) * old
    return progress.value != old or bool(before["expected"])


def _in_time(before: Row, destination: Destination, now: datetime) -> bool:
    restate = destination.limits.restate
    return restate is not None and now - datetime.fromisoformat(before["happened_at"]) <= restate


def _increments(
    progress: Progress, destination: Destination, known: Sequence[Row], seal: IdentifierCipher, now: datetime
) -> Iterator[Row]:
    """Yield the next stage that is not in the ledger; one at a time, when all before it is settled."""
    if any(row["state"] in UNDECIDED for row in known):
        return
    there = {row["stage"] for row in known}
    for stage, happened in progress.reached.items():
        if (
            stage in there
            or not (stage in destination.actions or stage in ENDS)
            or not _open(destination, happened, now)
        ):
            continue
        heard = sum((Decimal(row["told"] or row["value"]) for row in known if row["state"] in HEARD), Decimal(0))
        if not heard and (progress.rejected or stage not in destination.actions):
            return
        yield _increment(progress, destination, stage, happened, seal, now, progress.value - heard)
        return


def _open(destination: Destination, happened: datetime, now: datetime) -> bool:
    """Tell whether a platform still takes an event of this age."""
    return now - happened < destination.limits.window


def _increment(
    progress: Progress, destination: Destination, stage: str, happened: datetime, seal: IdentifierCipher, now: datetime,
    value: Decimal,
) -> Row:  # fmt: skip
    row = _first(progress, destination, stage, happened, seal, now, value)
    if stage not in destination.actions or (value < 0 and stage == "won"):
        code = NEGATIVE if value < 0 else "no-action"
        return {**row, "state": EventState.SUPPRESSED.value, "code": code, "payload": None}
    return row


def _first(
    progress: Progress, destination: Destination, stage: str, happened: datetime, seal: IdentifierCipher, now: datetime,
    value: Decimal,
) -> Row:  # fmt: skip
    more: dict[str, Any] = {
        "value": str(value), "currency": progress.currency, "expected": progress.expected,
        "payload": progress.payload, "channel": progress.channel, "campaign": progress.campaign,
        "model_version": progress.model_version,
    }  # fmt: skip
    transaction = seal.transaction(progress.lead_id, stage)
    return first_event(now, destination, stage, progress.lead_id, transaction, happened, **more)
