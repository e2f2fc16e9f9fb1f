"""Errors of a delivery: an event that must not be sent, and answers of a platform for a whole batch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from leadworth.errors import TerminalError, TransientError
from store.event_state import EventState


class EventRejected(TerminalError):  # noqa: N818 - a result of one event, which the outbox records
    """An event must not be sent; found before any network call.

    Parameters
    ----------
    code
        Word to count by.
    why
        A sentence without personal data.
    state
        REJECTED for what is wrong, SUPPRESSED for what must not be sent, EXPIRED for what is too old.
    """

    def __init__(self, code: str, why: str, state: EventState = EventState.REJECTED) -> None:
        self.code, self.state = code, state
        super().__init__(f"{code}: {why}")


def no_identifiers(missing: str) -> EventRejected:
    """Return the rejection of an event that the platform could not match to a person.

    Parameters
    ----------
    missing
        Identifiers by which it could.
    """
    return EventRejected("no-identifiers", f"the lead has none of: {missing}", EventState.SUPPRESSED)


class RowsRefusedError(TerminalError):
    """A platform refused a whole batch because of some of its rows.

    Parameters
    ----------
    rows
        Position -> code of the rows named; empty where it named none.
    code
        Code of the refusal.
    """

    def __init__(self, rows: Mapping[int, str], code: str) -> None:
        self.rows, self.code = rows, code
        super().__init__(f"the platform refused the batch: {code}")


class BusyError(TransientError):
    """A platform refused a batch for now and accepted none of it.

    Parameters
    ----------
    code
        Code of the refusal.
    after
        Time to wait, where the platform named it.
    """

    def __init__(self, code: str, after: timedelta | None = None) -> None:
        self.code, self.after = code, after
        super().__init__(f"the platform is busy: {code}")


class UnauthorisedError(TerminalError):
    """A platform refused our credentials: no event is at fault, and no attempt counts."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"the platform refused the credentials: {code}", do="see `leadworth export doctor`")


class UnansweredError(TransientError):
    """A request may have arrived; no usable answer came."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"the platform did not answer: {code}")
