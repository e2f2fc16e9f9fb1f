"""Checks of an event before any network call: consent, value, times, and no plain e-mail address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from conversions.capabilities import Capabilities
from conversions.conversion_event import ConversionEvent, EventKind
from conversions.delivery_errors import EventRejected
from leadworth.consent import Consent
from leadworth.money import is_currency
from store.event_state import EventState

AHEAD = timedelta(minutes=1)
"""Tolerated difference between clocks."""
NO_CONSENT = "no-consent"
"""Code of an event that is not sent for want of consent."""
_ID = re.compile(r"lw-[0-9a-f]{24}-[a-z]+")
_PLAIN = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def check(event: ConversionEvent, limits: Capabilities, now: datetime) -> None:
    """Reject an event that is wrong, too old or must not be sent.

    Parameters
    ----------
    event
        With the consent at the time of sending.
    limits
        Capabilities of the platform.
    now
        Current time, aware.

    Raises
    ------
    EventRejected
        With state REJECTED, EXPIRED or SUPPRESSED.
    """
    if event.kind is not EventKind.RETRACTION:  # a sent value may be retracted without consent
        _consent(event, limits)
    if _ID.fullmatch(event.transaction_id) is None:
        raise EventRejected("bad-transaction-id", "a transaction id is lw-<24 hexadecimal digits>-<stage>")
    _value(event)
    _times(event, limits, now)


def allows(consent: Consent, limits: Capabilities) -> bool:
    """Return whether an effective consent allows events; where a platform has no field for it, both purposes count.

    Examples
    --------
    >>> limits = Capabilities(batch=1, window=timedelta(days=1), consents=False)
    >>> allows(Consent(True, True), limits), allows(Consent(True, False), limits)
    (True, False)
    """
    return bool(consent.ad_user_data) and (limits.consents or bool(consent.ad_personalization))


def _consent(event: ConversionEvent, limits: Capabilities) -> None:
    if allows(event.consent, limits):
        return
    why = "no consent to share personal data with the platform is recorded"
    if event.consent.ad_user_data:
        why = "the platform has no field for consent, so both purposes must be granted"
    raise EventRejected(NO_CONSENT, why, EventState.SUPPRESSED)


def _value(event: ConversionEvent) -> None:
    if not event.value.is_finite():
        raise EventRejected("not-a-number", "the value is not a finite number")
    if event.value < 0:
        raise EventRejected("negative-value", "the value is below zero")
    if not is_currency(event.currency):
        raise EventRejected("unknown-currency", "the currency is not a code of ISO 4217")


def _times(event: ConversionEvent, limits: Capabilities, now: datetime) -> None:
    for moment in (event.happened_at, event.updated_at, event.clicked_at):
        if moment is not None and moment.tzinfo is None:
            raise EventRejected("naive-time", "a time has no UTC offset")
    clicked = event.clicked_at
    if event.happened_at > now + AHEAD or event.updated_at > now + AHEAD:
        raise EventRejected("in-the-future", "a time is in the future")
    if event.updated_at < event.happened_at:
        raise EventRejected("precedes-event", "the value was computed before the event")
    if clicked is not None and event.happened_at < clicked:
        raise EventRejected("precedes-click", "the event precedes the click")
    if event.kind is EventKind.CONVERSION:
        start = clicked if clicked is not None and limits.from_click else event.happened_at
        if now - start > limits.window:
            raise EventRejected("too-old", f"older than {limits.window_days} days", EventState.EXPIRED)
    elif limits.restate is not None and now - event.happened_at > limits.restate:
        raise EventRejected("too-old", f"a value can be replaced within {limits.restate.days} days", EventState.EXPIRED)


def no_plain_address(body: Mapping[str, Any]) -> None:
    """Reject a payload in which a text holds an e-mail address.

    Raises
    ------
    EventRejected
        With state REJECTED.

    Examples
    --------
    >>> no_plain_address({"user": {"em": ["8b26f3d9"]}})
    """
    pending: list[Any] = [body]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            if "@" in value and _PLAIN.search(value):
                raise EventRejected("plain-email", "it holds an e-mail address that is not hashed")
        elif isinstance(value, list | tuple):
            pending.extend(value)
        elif isinstance(value, Mapping):
            pending.extend(value.values())
