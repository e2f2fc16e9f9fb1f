"""Hand a batch over so that no row costs another its place.

A platform that refuses a whole batch is asked again without the rows it named, or, where it named none,
with either half, until the rows at fault stand alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from conversions.delivery_errors import BusyError, EventRejected, RowsRefusedError, UnansweredError, UnauthorisedError
from conversions.delivery_results import DeliveryResult, Payload
from conversions.destination import Destination
from leadworth.errors import ConfigurationError
from store.event_state import EventState


def deliver(destination: Destination, batch: Sequence[Payload], may_send: Callable[[], bool]) -> list[DeliveryResult]:
    """Return the outcome of each payload of one route, in order.

    Parameters
    ----------
    destination
        Where to.
    batch
        At most `destination.limits.batch`.
    may_send
        Asked before every request; where it says no, the rest is to be tried again later.

    Notes
    -----
    Raises nothing: a batch of which a part was taken must not lose what is known of that part.
    """
    if not may_send():
        return [DeliveryResult(EventState.RETRY, "paced")] * len(batch)
    try:
        return list(destination.send(batch))
    except BusyError as busy:
        return [DeliveryResult(EventState.RETRY, busy.code, busy.after)] * len(batch)
    except UnansweredError as silence:
        return [DeliveryResult(EventState.UNCERTAIN, silence.code)] * len(batch)
    except (UnauthorisedError, ConfigurationError) as closed:
        return [DeliveryResult(EventState.RETRY, getattr(closed, "code", "no-credentials"), shut=True)] * len(batch)
    except EventRejected as refused:  # by the official type, for one of them
        return _isolate(destination, batch, may_send, RowsRefusedError({}, refused.code))
    except RowsRefusedError as refusal:
        return _isolate(destination, batch, may_send, refusal)
    except Exception as error:  # an answer that nobody foresaw: the request may have arrived
        return [DeliveryResult(EventState.UNCERTAIN, type(error).__name__)] * len(batch)


def _isolate(
    destination: Destination, batch: Sequence[Payload], may_send: Callable[[], bool], refusal: RowsRefusedError
) -> list[DeliveryResult]:
    """Send the others again; without a hint, both halves apart."""
    if len(batch) == 1:
        return [DeliveryResult(EventState.REJECTED, refusal.rows.get(0) or refusal.code)]
    named = {row: code for row, code in refusal.rows.items() if row < len(batch)}
    if not named:
        middle = len(batch) // 2
        return [part for half in (batch[:middle], batch[middle:]) for part in deliver(destination, half, may_send)]
    others = [row for row in range(len(batch)) if row not in named]
    told = {row: DeliveryResult(EventState.REJECTED, code or refusal.code) for row, code in named.items()}
    if others:
        told |= dict(zip(others, deliver(destination, [batch[row] for row in others], may_send), strict=True))
    return [told[row] for row in range(len(batch))]


def rehearse(destination: Destination, batch: Sequence[Payload]) -> list[DeliveryResult]:
    """Make and serialise the request of a batch without sending it; nothing is accepted by that."""
    return [replace(outcome, state=EventState.PENDING, receipt="") for outcome in destination.send(batch, dry_run=True)]
