"""Errors of a delivery: an event that must not be sent, and answers of a platform for a whole batch."""

from __future__ import annotations

from collections.abc import Mapping

from leadworth.errors import TerminalError
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
