"""Events that follow from a lead's stages and value, given what each platform has received so far.

A platform that restates gets the whole value for every stage it has an action for; the last version is the
final revenue. A platform that counts gets increments: each stage adds the present value less everything sent
before, so that the increments of a lead add up to its final revenue to the cent. A negative increment cannot
be sent to any platform (the event of a lost lead is sent with zero). It is kept in the outbox as suppressed,
so that the sum holds there and shows how much more was sent than the lead was worth.

A stage that gets no event has a reason, which `unplanned` returns by the same rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from conversions.conversion_event import EventKind
from conversions.event_checks import NO_CONSENT
from conversions.outbox_writer import first_version, next_version
from store.event_state import DELIVERED, WAITING, EventState
from store.outbox import Row

if TYPE_CHECKING:
    from conversions.destination import Destination
    from leadworth.encryption import IdentifierCipher

ENDS = ("won", "lost", "junk")
COUNTED = {*DELIVERED, EventState.UNCERTAIN}
"""States of events that the platform counts, or may count."""
NEGATIVE = "negative-increment"
TOO_OLD, WAITS, JUNK, NO_ACTION = "window-closed", "waits-for-stage", "junk", "no-action"
"""Codes of the reasons why a stage gets no event."""


@dataclass(frozen=True)
class Progress:
    """Stages and value of a lead.

    Attributes
    ----------
    lead_id, channel, campaign, model_version
        Of the lead and its score.
    reached
        Stage -> time, in order; `lead` always.
    value
        Present value in `currency`: expected, or final if the lead is closed.
    expected
        False if the value is final.
    rejected
        Junk by verdict or by feedback: nothing is sent, and what was sent is retracted.
    payload
        Encrypted identifiers; None if they were deleted.
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
    events: Sequence[Row],
    cipher: IdentifierCipher,
    restate_from: float | None,
    now: datetime,
) -> Iterator[Row]:
    """Yield the events that a lead adds to the outbox for a platform.

    Parameters
    ----------
    progress
        Stages and value of the lead.
    destination
        The platform.
    events
        The lead's events at this platform, in order of version.
    cipher
        Makes the transaction ids.
    restate_from
        Relative change from which an expected value is restated; None: only junk is retracted.
    now
        Timezone-aware current time.
    """
    if destination.limits.restate is None:
        yield from _increments(progress, destination, events, cipher, now)
    else:
        yield from _versions(progress, destination, events, cipher, restate_from, now)


def unplanned(
    progress: Progress, destination: Destination, events: Sequence[Row], now: datetime
) -> Iterator[tuple[str, str]]:
    """Yield the stages that a lead has reached, but for which `rows_to_add` adds no event, with the code of the reason.

    Stages that have an event are left out, and those without an action of the platform, unless they wait for another.

    Parameters
    ----------
    progress
        Stages and value of the lead.
    destination
        The platform.
    events
        The lead's events at this platform, in order of version.
    now
        Timezone-aware current time.
    """
    for stage, code in _new_stages(progress, destination, events, now):
        if code and (stage in destination.actions or code == WAITS):
            yield stage, code


def _new_stages(
    progress: Progress, destination: Destination, events: Sequence[Row], now: datetime
) -> Iterator[tuple[str, str]]:
    """Yield the stages without an event, each with the code of why it gets none now; empty if it gets one."""
    if destination.limits.restate is None:
        yield from _new_increments(progress, destination, events, now)
        return
    done = {row["stage"] for row in events}
    for stage, happened_at in progress.reached.items():
        if stage in done or stage not in destination.actions or stage in ("lost", "junk"):
            continue
        if progress.rejected:
            yield stage, JUNK
        elif progress.payload is None:
            yield stage, "no-identifiers-kept"
        else:
            yield stage, "" if _in_window(destination, happened_at, now) else TOO_OLD


def _new_increments(
    progress: Progress, destination: Destination, events: Sequence[Row], now: datetime
) -> Iterator[tuple[str, str]]:
    """Yield new stages of a platform that adds up: at most one gets an event, after all events before have a result."""
    done = {row["stage"] for row in events}
    counted = _counted(events)
    code = ""
    if any(row["state"] in WAITING for row in events):
        code = JUNK if progress.rejected and not counted else WAITS
    for stage, happened_at in progress.reached.items():
        if stage in done or not (stage in destination.actions or stage in ENDS):
            continue
        if not _in_window(destination, happened_at, now):
            yield stage, TOO_OLD
        elif code:
            yield stage, code
        elif counted or (not progress.rejected and stage in destination.actions):
            yield stage, ""
            code = WAITS
        else:
            code = JUNK if progress.rejected else NO_ACTION
            yield stage, code


def _counted(events: Sequence[Row]) -> Decimal:
    """Return the sum of what the platform counts, or may count."""
    return sum((Decimal(row["sent_value"] or row["value"]) for row in events if row["state"] in COUNTED), Decimal(0))


def _versions(
    progress: Progress,
    destination: Destination,
    events: Sequence[Row],
    cipher: IdentifierCipher,
    restate_from: float | None,
    now: datetime,
) -> Iterator[Row]:
    new = dict(_new_stages(progress, destination, events, now))
    last_of_stage = {row["stage"]: row for row in events}
    for stage, happened_at in progress.reached.items():
        if stage not in destination.actions or stage in ("lost", "junk"):
            continue
        last = last_of_stage.get(stage)
        if last is None:
            if not new[stage]:
                yield _first(progress, destination, stage, happened_at, cipher, now, progress.value)
        elif _changed(last, progress, restate_from) and _can_restate(last, destination, now):
            yield next_version(
                now,
                destination.limits,
                last,
                EventKind.RETRACTION if progress.rejected else EventKind.RESTATEMENT,
                value=str(progress.value),
                currency=progress.currency,
                expected=progress.expected,
                payload=progress.payload,
                model_version=progress.model_version,
            )


def _changed(last: Row, progress: Progress, restate_from: float | None) -> bool:
    """Return whether a lead has changed enough since the last version for a new one.

    None follows a version that is not sent for want of consent; once that is given, it waits again and is followed.
    """
    if last["kind"] == EventKind.RETRACTION or (last["state"], last["code"]) == (EventState.SUPPRESSED, NO_CONSENT):
        return False
    if progress.rejected:
        return bool(last["state"] != EventState.SUPPRESSED)
    if restate_from is None:
        return False
    old = Decimal(last["value"])
    if progress.expected:
        return bool(last["expected"]) and abs(progress.value - old) > Decimal(str(restate_from)) * old
    return progress.value != old or bool(last["expected"])


def _can_restate(last: Row, destination: Destination, now: datetime) -> bool:
    restate = destination.limits.restate
    return restate is not None and now - datetime.fromisoformat(last["happened_at"]) <= restate


def _increments(
    progress: Progress, destination: Destination, events: Sequence[Row], cipher: IdentifierCipher, now: datetime
) -> Iterator[Row]:
    """Yield the next stage that has no event; at most one, and only after all events before it have a result."""
    for stage, code in _new_stages(progress, destination, events, now):
        if not code:
            value = progress.value - _counted(events)
            yield _increment(progress, destination, stage, progress.reached[stage], cipher, now, value)


def _in_window(destination: Destination, happened_at: datetime, now: datetime) -> bool:
    return now - happened_at < destination.limits.window


def _increment(
    progress: Progress,
    destination: Destination,
    stage: str,
    happened_at: datetime,
    cipher: IdentifierCipher,
    now: datetime,
    value: Decimal,
) -> Row:
    row = _first(progress, destination, stage, happened_at, cipher, now, value)
    if stage not in destination.actions or (value < 0 and stage not in ("lost", "junk")):
        code = NEGATIVE if value < 0 else NO_ACTION
        return {**row, "state": EventState.SUPPRESSED.value, "code": code, "payload": None}
    return row


def _first(
    progress: Progress,
    destination: Destination,
    stage: str,
    happened_at: datetime,
    cipher: IdentifierCipher,
    now: datetime,
    value: Decimal,
) -> Row:
    return first_version(
        now,
        destination,
        stage,
        progress.lead_id,
        cipher.transaction_id(progress.lead_id, stage),
        happened_at,
        value=str(value),
        currency=progress.currency,
        expected=progress.expected,
        payload=progress.payload,
        channel=progress.channel,
        campaign=progress.campaign,
        model_version=progress.model_version,
    )
