"""Results of deliveries: what is written back for each answer of a platform."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from conversions.capabilities import Capabilities
from conversions.delivery_results import DeliveryResult
from conversions.event_results import EventResult, result_of_delivery
from leadworth.export_settings import ExportSettings
from store.event_state import EventState
from store.outbox import event_row
from store.outbox_leases import UPDATED
from store.timestamps import stamp

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DEDUPLICATING = Capabilities(batch=10, window=timedelta(days=90))
COUNTING = Capabilities(batch=10, window=timedelta(days=90), repeats=None)
SETTINGS = ExportSettings(most_attempts=3, timeout_seconds=10.0)


def result(delivery: DeliveryResult, limits: Capabilities = DEDUPLICATING, **columns: Any) -> EventResult:
    row = {**event_row(NOW, payload="encrypted"), **columns}
    return result_of_delivery(row, Decimal("12.50"), delivery, limits, SETTINGS, NOW)


def test_columns_are_those_that_the_store_updates() -> None:
    columns = EventResult.of(event_row(NOW), EventState.RETRY, "code", NOW).columns()
    assert set(columns) == {"event_id", "keep_payload", *UPDATED}


def test_delivered_event_keeps_value_and_receipt_but_no_payload() -> None:
    done = result(DeliveryResult(EventState.ACCEPTED, receipt="r1"))
    assert (done.state, done.sent_value, done.receipt, done.keep_payload) == ("accepted", "12.50", "r1", False)


@pytest.mark.parametrize(
    ("state", "limits", "attempts", "expected"),
    [
        (EventState.REJECTED, DEDUPLICATING, 0, "rejected"),
        (EventState.RETRY, DEDUPLICATING, 0, "retry"),
        (EventState.RETRY, DEDUPLICATING, 2, "rejected"),
        (EventState.UNCERTAIN, DEDUPLICATING, 0, "retry"),
        (EventState.UNCERTAIN, DEDUPLICATING, 2, "uncertain"),
        (EventState.UNCERTAIN, COUNTING, 0, "uncertain"),
    ],
)
def test_undelivered_event(state: EventState, limits: Capabilities, attempts: int, expected: str) -> None:
    assert result(DeliveryResult(state, "HTTP 503"), limits, attempts=attempts).state == expected


def test_event_without_an_answer_is_in_doubt_for_twice_the_time_out() -> None:
    done = result(DeliveryResult(EventState.UNCERTAIN, "timeout"))
    assert (done.in_doubt_until, done.attempts) == (stamp(NOW + timedelta(seconds=20)), 1)


@pytest.mark.parametrize(
    "delivery", [DeliveryResult(EventState.RETRY, "paced"), DeliveryResult(EventState.RETRY, shut=True)]
)
def test_attempt_does_not_count_where_nothing_was_sent(delivery: DeliveryResult) -> None:
    assert result(delivery, attempts=2).attempts == 2
