"""The contract that every ad platform fulfils, and the words of it.

An `ConversionEvent` says what one platform shall know of one lead. `plan` turns it into what the platform reads, or
refuses it; `send` hands a batch over and tells what became of each. Nothing here knows the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from leadworth.consent import Consent
from leadworth.errors import TerminalError, TransientError
from store.event_state import EventState


class EventKind(StrEnum):
    """What an event does to the conversion of its transaction id."""

    CONVERSION = "conversion"
    RESTATEMENT = "restatement"
    RETRACTION = "retraction"
    """Where a platform cannot retract, the value of the conversion becomes zero."""


@dataclass(frozen=True, slots=True)
class PersonIdentifiers:
    """By what a platform can recognise a person or a click; all as received, None where not known."""

    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    region: str | None = None
    postal_code: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    gclid: str | None = None
    gbraid: str | None = None
    wbraid: str | None = None
    fbclid: str | None = None
    fbc: str | None = None
    fbp: str | None = None
    msclkid: str | None = None
    li_fat_id: str | None = None
    ttclid: str | None = None
    ga_client_id: str | None = None
    meta_lead_id: str | None = None


@dataclass(frozen=True, slots=True)
class ConversionEvent:
    """One thing to tell one platform of one lead.

    Attributes
    ----------
    transaction_id
        The same for all versions of what is told of this lead and stage.
    stage
        One of `leadworth.export_settings.STAGES`.
    happened_at, updated_at
        When the lead reached the stage, and of when the value is; aware.
    clicked_at
        When the ad was clicked, where known; aware.
    value
        In `currency`: in all for platforms that restate, the increment for those that count.
    consent
        What holds now; nothing unknown.
    """

    transaction_id: str
    stage: str
    kind: EventKind
    happened_at: datetime
    updated_at: datetime
    value: Decimal
    currency: str
    identity: PersonIdentifiers
    consent: Consent
    clicked_at: datetime | None = None
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """An event as a platform reads it.

    Attributes
    ----------
    transaction_id
        Of the event.
    route
        Payloads of different routes go in different requests.
    body
        JSON of one element.
    """

    transaction_id: str
    route: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What a platform said of one event.

    Attributes
    ----------
    state
        ACCEPTED, DUPLICATE, RETRY, REJECTED or UNCERTAIN; the last says that the platform may have it.
    code
        The platform's own word, or one of ours; never its free text, which may repeat what was sent.
    after
        For RETRY: not before so long; None where the platform did not say.
    receipt
        By which the platform can be asked later.
    shut
        The platform lets no one in: no event is at fault, and no attempt counts.
    """

    state: EventState
    code: str = ""
    after: timedelta | None = None
    receipt: str = ""
    shut: bool = False


class EventRejected(Exception):  # noqa: N818 - a value in disguise, never seen by a user
    """An event that must not be sent, found before any network.

    Parameters
    ----------
    code
        A word for counting.
    why
        A sentence; nothing personal.
    state
        REJECTED for what is wrong, SUPPRESSED for what must not be told, EXPIRED for what is too old.
    """

    def __init__(self, code: str, why: str, state: EventState = EventState.REJECTED) -> None:
        self.code, self.why, self.state = code, why, state
        super().__init__(f"{code}: {why}")


class RowsRefusedError(TerminalError):
    """A platform refused a whole batch because of some of its rows, and took none.

    Parameters
    ----------
    rows
        Position -> code of the rows named; empty where it named none.
    code
        Of the refusal.
    """

    def __init__(self, rows: Mapping[int, str], code: str) -> None:
        self.rows, self.code = rows, code
        super().__init__(f"the platform refused the batch: {code}")


class BusyError(TransientError):
    """A platform refused a batch for now and took none of it.

    Parameters
    ----------
    code
        Of the refusal.
    after
        What it said to wait.
    """

    def __init__(self, code: str, after: timedelta | None = None) -> None:
        self.code, self.after = code, after
        super().__init__(f"the platform is busy: {code}")


class UnauthorisedError(TerminalError):
    """A platform does not let us in: no event is at fault, and none of its attempts counts."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"the platform does not let us in: {code}", do="see `leadworth export doctor`")


class UnansweredError(TransientError):
    """The request may have arrived; there was no answer."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"the platform did not answer: {code}")


@dataclass(frozen=True)
class ReceiptStatus:
    """What a platform says later of the events of one receipt.

    Attributes
    ----------
    finished
        False while it still works on them.
    processed, failed
        Events.
    reasons
        Code -> events that failed for it.
    """

    finished: bool
    processed: int = 0
    failed: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Capabilities:
    """What a platform allows.

    Attributes
    ----------
    batch
        Events of one request.
    window
        Age of an event up to which it is taken.
    from_click
        The window begins at the click, where that is known.
    restate
        Age of a conversion up to which its value can be replaced; None where the platform cannot: it counts
        what it is sent, so later stages send increments.
    retract
        Whether a conversion can be taken back.
    delay
        Time after the click before which the platform does not know it yet.
    repeats
        How long it recognises an event that is sent again; None: never, so what is uncertain stays so.
    ask_after
        How long after a receipt the platform can say what became of it; None: it cannot be asked.
    consents
        Whether consent has a field of its own; where it has none, both purposes must be granted.
    """

    batch: int
    window: timedelta
    from_click: bool = False
    restate: timedelta | None = None
    retract: bool = False
    delay: timedelta = timedelta(0)
    repeats: timedelta | None = timedelta(days=3650)
    ask_after: timedelta | None = None
    consents: bool = True


class Destination(Protocol):
    """One platform."""

    @property
    def name(self) -> str:
        """Name of the section in the settings."""

    @property
    def limits(self) -> Capabilities:
        """What the platform allows."""

    @property
    def actions(self) -> Mapping[str, str]:
        """Stage -> what the platform calls it."""

    def plan(self, event: ConversionEvent) -> Payload:
        """Return what the platform reads: normalised, hashed, complete. Pure.

        Raises
        ------
        Refused
            Where the event cannot be told to this platform.
        """

    def validate(self, payload: Payload) -> None:
        """Hold a payload against the platform's own types, where it ships any.

        Raises
        ------
        Refused
            Where they do not take it.
        """

    def send(self, batch: Sequence[Payload], *, dry_run: bool = False) -> Sequence[DeliveryResult]:
        """Send payloads of one route in one request; return the outcome of each, in order.

        With `dry_run`, the request is made and serialised but not sent.

        Raises
        ------
        RowsRefusedError, BusyError, UnauthorisedError, UnansweredError
            Where the platform answered for the batch as a whole.
        """

    def reconcile(self, receipt: str) -> ReceiptStatus | None:
        """Ask what became of the events of a receipt; None where the platform cannot be asked."""

    def close(self) -> None:
        """Give its connections back."""
