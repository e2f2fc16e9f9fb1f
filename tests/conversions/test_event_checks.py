"""Checks of an event before any network call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from conversions.capabilities import Capabilities
from conversions.conversion_event import EventKind
from conversions.delivery_errors import EventRejected
from conversions.event_checks import check, no_plain_address
from leadworth.consent import Consent
from store.event_state import EventState
from tests.conversions.events import ADA, event, running_platforms, with_ids

LIMITS = Capabilities(batch=10, window=timedelta(days=90), from_click=True, restate=timedelta(days=54))
NOW = datetime.now(UTC)


def test_a_valid_event_passes() -> None:
    check(event(), LIMITS, NOW)


def test_zero_is_a_value() -> None:
    check(event(value=Decimal("0.00")), LIMITS, NOW)


@pytest.mark.parametrize(
    ("changes", "code", "state"),
    [
        ({"value": Decimal("nan")}, "not-a-number", EventState.REJECTED),
        ({"value": Decimal("inf")}, "not-a-number", EventState.REJECTED),
        ({"value": Decimal("-1")}, "negative-value", EventState.REJECTED),
        ({"currency": "EURO"}, "unknown-currency", EventState.REJECTED),
        ({"currency": "eur"}, "unknown-currency", EventState.REJECTED),
        ({"transaction_id": "1234567890"}, "bad-transaction-id", EventState.REJECTED),
        ({"transaction_id": "ada@example.org"}, "bad-transaction-id", EventState.REJECTED),
        ({"happened_at": datetime(2026, 1, 1)}, "naive-time", EventState.REJECTED),
        ({"happened_at": NOW + timedelta(hours=1)}, "in-the-future", EventState.REJECTED),
        ({"clicked_at": NOW - timedelta(hours=1)}, "precedes-click", EventState.REJECTED),
        ({"happened_at": NOW - timedelta(days=91)}, "too-old", EventState.EXPIRED),
        ({"clicked_at": NOW - timedelta(days=91)}, "too-old", EventState.EXPIRED),
        ({"consent": Consent()}, "no-consent", EventState.SUPPRESSED),
        ({"consent": Consent(False, True)}, "no-consent", EventState.SUPPRESSED),
        ({"kind": EventKind.RESTATEMENT, "happened_at": NOW - timedelta(days=55)}, "too-old", EventState.EXPIRED),
        ({"updated_at": NOW - timedelta(days=1)}, "precedes-event", EventState.REJECTED),
    ],
)
def test_a_faulty_event_is_rejected(changes: dict[str, object], code: str, state: EventState) -> None:
    with pytest.raises(EventRejected) as rejected:
        check(event(**changes), LIMITS, NOW)
    assert (rejected.value.code, rejected.value.state) == (code, state)


def test_without_a_field_for_consent_both_purposes_are_needed() -> None:
    with pytest.raises(EventRejected, match="no-consent"):
        check(event(consent=Consent(True, False)), replace(LIMITS, consents=False), NOW)
    check(event(consent=Consent(True, False)), LIMITS, NOW)


def test_a_sent_value_may_be_retracted_without_consent() -> None:
    check(event(kind=EventKind.RETRACTION, consent=Consent()), LIMITS, NOW)


def test_a_plain_address_at_any_depth_is_rejected() -> None:
    with pytest.raises(EventRejected, match="plain-email"):
        no_plain_address({"user": [{"ids": ["ada@example.org"]}]})


def test_consent_is_never_assumed_in_the_eea() -> None:
    assert Consent().settled("DE", {"DE", "US"}) == Consent(False, False)
    assert Consent().settled(None, {"DE", "US"}) == Consent(False, False)
    assert Consent().settled("US", {"DE", "US"}) == Consent(True, True)
    assert Consent(False).settled("US", {"US"}) == Consent(False, True)


def test_only_one_click_id_is_sent(tmp_path: Path) -> None:
    both = with_ids(ADA, gclid=None, gbraid="g", wbraid="w")
    with running_platforms(tmp_path) as (_, named):
        assert named["google"].plan(event(identity=both)).body["adIdentifiers"] == {"gbraid": "g"}
        ads = named["google_ads"].plan(event(identity=both)).body
    assert (ads.get("gbraid"), ads.get("wbraid"), ads.get("gclid")) == ("g", None, None)
