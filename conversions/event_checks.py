"""What no platform may be sent, whatever its own types let through. All before any network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from conversions.capabilities import Capabilities
from conversions.conversion_event import ConversionEvent, EventKind
from conversions.delivery_errors import EventRejected
from leadworth.money import is_currency
from store.event_state import EventState

AHEAD = timedelta(minutes=1)
"""How far a clock may be ahead."""
_ID = re.compile(r"lw-[0-9a-f]{24}-[a-z]+")
_PLAIN = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def check(event: ConversionEvent, limits: Capabilities, now: datetime) -> None:
    """Refuse an event that is wrong, too old or not to be told.

    Parameters
    ----------
    event
        With the consent that holds now.
    limits
        Of the platform.
    now
        Aware.

    Raises
    ------
    Refused
        REJECTED, EXPIRED or SUPPRESSED.
    """
    if event.kind is not EventKind.RETRACTION:  # what was told may be taken back whatever holds now
        _consent(event, limits)
    if _ID.fullmatch(event.transaction_id) is None:
        raise EventRejected(
            "bad-transaction-id", "a transaction id is lw-<24 hexadecimal digits>-<stage>: no bare number"
        )
    _value(event)
    _times(event, limits, now)


def _consent(event: ConversionEvent, limits: Capabilities) -> None:
    agreed = event.consent
    if not agreed.ad_user_data:
        raise EventRejected("no-consent", "no consent to pass the person's data on is recorded", EventState.SUPPRESSED)
    if not limits.consents and not agreed.ad_personalization:
        why = "the platform has no field for consent, so it is told only of people who agreed to both purposes"
        raise EventRejected("no-consent", why, EventState.SUPPRESSED)


def _value(event: ConversionEvent) -> None:
    if not event.value.is_finite():
        raise EventRejected("not-a-number", "the value is not a finite number")
    if event.value < 0:
        raise EventRejected("negative-value", "the value is below zero")
    if not is_currency(event.currency):
        raise EventRejected("unknown-currency", "the currency is no code of ISO 4217")


def _times(event: ConversionEvent, limits: Capabilities, now: datetime) -> None:
    for moment in (event.happened_at, event.updated_at, event.clicked_at):
        if moment is not None and moment.tzinfo is None:
            raise EventRejected("naive-time", "a time has no offset, so it means a different moment on every machine")
    clicked = event.clicked_at
    if event.happened_at > now + AHEAD or event.updated_at > now + AHEAD:
        raise EventRejected("in-the-future", "a time lies ahead")
    if event.updated_at < event.happened_at:
        raise EventRejected("precedes-event", "the value is of a time before the event")
    if clicked is not None and event.happened_at < clicked:
        raise EventRejected("precedes-click", "the event lies before the click")
    if event.kind is EventKind.CONVERSION:
        start = clicked if clicked is not None and limits.from_click else event.happened_at
        if now - start > limits.window:
            raise EventRejected("too-old", f"older than {limits.window.days} days", EventState.EXPIRED)
    elif limits.restate is not None and now - event.happened_at > limits.restate:
        raise EventRejected("too-old", f"a value can be replaced within {limits.restate.days} days", EventState.EXPIRED)


def no_plain_address(body: Mapping[str, Any]) -> None:
    """Refuse a payload in which any text holds an e-mail address.

    Raises
    ------
    Refused
        REJECTED.

    Examples
    --------
    >>> no_plain_address({"user": {"em": ["8b26f3d9"]}})
    """
    pending: list[Any] = [body]
    while pending:
        value = pending.pop()
        if isinstance(value, Mapping):
            pending.extend(value.values())
        elif isinstance(value, list | tuple):
            pending.extend(value)
        elif isinstance(value, str) and "@" in value and _PLAIN.search(value):
            raise EventRejected("plain-email", "an e-mail address stands in it unhashed")
