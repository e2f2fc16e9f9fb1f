"""Deliver a batch so that a faulty row does not hold up the others.

A batch that the platform refuses as a whole is sent again without the rows that the platform named, or, where it named
none, in halves, until only the faulty rows are left. If a sample of its rows is refused with the same code, the fault
is taken for one of the account, such as a conversion action that was removed: no row is given up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conversions.delivery_errors import EventRejected, RowsRefusedError
from conversions.delivery_results import DeliveryResult, Payload
from conversions.destination import Destination
from leadworth.errors import ConfigurationError
from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError
from store.event_state import EventState

SAMPLED = 5
"""Rows, spread over a batch, whose refusal with the same code means that the platform would refuse any row."""
LEAST_SAMPLED = 2 * SAMPLED
"""Rows that a batch must have for this."""


def deliver(destination: Destination, batch: Sequence[Payload], may_send: Callable[[], bool]) -> list[DeliveryResult]:
    """Send payloads of one route; return the result of each, in order.

    Parameters
    ----------
    destination
        The platform.
    batch
        At most `destination.limits.batch`.
    may_send
        Called before every request; False leaves the remaining rows for a later attempt.

    Notes
    -----
    Raises nothing: where a part of the batch was accepted, its results must not be lost.
    """
    return _deliver(destination, batch, may_send, sample=len(batch) >= LEAST_SAMPLED)


def _deliver(
    destination: Destination, batch: Sequence[Payload], may_send: Callable[[], bool], *, sample: bool
) -> list[DeliveryResult]:
    """Send a batch or a part of it; `sample` says whether a refusal may be one of the account."""
    if not may_send():
        return [DeliveryResult(EventState.RETRY, "paced")] * len(batch)
    try:
        return list(destination.send(batch))
    except BusyError as busy:
        return [DeliveryResult(EventState.RETRY, busy.code, busy.after)] * len(batch)
    except UnansweredError as unanswered:
        return [DeliveryResult(EventState.UNCERTAIN, unanswered.code)] * len(batch)
    except (UnauthorisedError, ConfigurationError) as unauthorised:
        code = getattr(unauthorised, "code", "no-credentials")
        return [DeliveryResult(EventState.RETRY, code, shut=True)] * len(batch)
    except EventRejected as rejected:  # one of them does not fit the official type
        return _isolate(destination, batch, may_send, RowsRefusedError({}, rejected.code))
    except RowsRefusedError as refusal:
        isolate = _by_sample if sample and not refusal.rows else _isolate
        return isolate(destination, batch, may_send, refusal)
    except Exception as error:  # an unexpected answer: the request may have arrived
        return [DeliveryResult(EventState.UNCERTAIN, type(error).__name__)] * len(batch)


def _by_sample(
    destination: Destination, batch: Sequence[Payload], may_send: Callable[[], bool], refusal: RowsRefusedError
) -> list[DeliveryResult]:
    """Send some rows alone; where one is not refused like the batch, send the others in halves."""
    results: dict[int, DeliveryResult] = {}
    for part in range(SAMPLED):
        row = (len(batch) - 1) * part // (SAMPLED - 1)
        results[row] = _deliver(destination, [batch[row]], may_send, sample=False)[0]
        if results[row] != DeliveryResult(EventState.REJECTED, refusal.code):
            break
    else:
        return [DeliveryResult(EventState.RETRY, refusal.code, shut=True)] * len(batch)
    others = [row for row in range(len(batch)) if row not in results]
    found = _isolate(destination, [batch[row] for row in others], may_send, refusal)
    results |= dict(zip(others, found, strict=True))
    return [results[row] for row in range(len(batch))]


def _isolate(
    destination: Destination, batch: Sequence[Payload], may_send: Callable[[], bool], refusal: RowsRefusedError
) -> list[DeliveryResult]:
    """Send the rows that were not named again; where none was named, send each half."""
    if len(batch) == 1:
        return [DeliveryResult(EventState.REJECTED, refusal.rows.get(0) or refusal.code)]
    named = {row: code for row, code in refusal.rows.items() if row < len(batch)}
    if not named:
        middle = len(batch) // 2
        return [
            part
            for half in (batch[:middle], batch[middle:])
            for part in _deliver(destination, half, may_send, sample=False)
        ]
    unnamed = [row for row in range(len(batch)) if row not in named]
    results = {row: DeliveryResult(EventState.REJECTED, code or refusal.code) for row, code in named.items()}
    if unnamed:
        results |= dict(
            zip(unnamed, _deliver(destination, [batch[row] for row in unnamed], may_send, sample=False), strict=True)
        )
    return [results[row] for row in range(len(batch))]
