"""Delivery of a batch in which rows or requests fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from conversions.batch_delivery import deliver
from conversions.conversion_event import ConversionEvent
from conversions.delivery_errors import EventRejected, RowsRefusedError
from conversions.delivery_results import DeliveryResult, Payload, accepted
from conversions.destination import Destination
from leadworth.errors import ConfigurationError
from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError
from store.event_state import EventState

BATCH = [Payload(f"lw-{number}", "events", {"number": number}) for number in range(10)]


class Scripted(Destination):
    """Answers a request with the error that a function returns for its rows."""

    name = "scripted"

    def __init__(self, error: Callable[[list[int]], Exception | None]) -> None:
        super().__init__({})
        self.error = error
        self.requests = 0

    def plan(self, event: ConversionEvent) -> Payload:
        raise NotImplementedError

    def send(self, batch: Sequence[Payload], *, dry_run: bool = False) -> Sequence[DeliveryResult]:
        self.requests += 1
        if error := self.error([payload.body["number"] for payload in batch]):
            raise error
        return accepted(batch)


@pytest.mark.parametrize("rejected", [set(), {3}, {0, 9}, set(range(9)), {0, 2, 4, 6}])
def test_faulty_rows_that_are_not_named_are_found_by_halves(rejected: set[int]) -> None:
    destination = Scripted(lambda rows: RowsRefusedError({}, "faulty") if rejected & set(rows) else None)
    results = deliver(destination, BATCH, lambda: True)
    assert {row for row, result in enumerate(results) if result.state is EventState.REJECTED} == rejected
    assert {result.code for result in results} <= {"faulty", ""}


@pytest.mark.parametrize("size", [10, 2_000])
def test_a_refusal_of_every_sampled_row_is_a_fault_of_the_account(size: int) -> None:
    destination = Scripted(lambda _: RowsRefusedError({}, "unknown-action"))
    batch = [Payload(f"lw-{number}", "events", {"number": number}) for number in range(size)]
    expected = DeliveryResult(EventState.RETRY, "unknown-action", shut=True)
    assert deliver(destination, batch, lambda: True) == [expected] * size
    assert destination.requests == 6


def test_few_rows_that_are_all_refused_are_faulty_rows() -> None:
    destination = Scripted(lambda _: RowsRefusedError({}, "faulty"))
    assert deliver(destination, BATCH[:9], lambda: True) == [DeliveryResult(EventState.REJECTED, "faulty")] * 9


def test_rows_with_faults_of_their_own_are_no_fault_of_the_account() -> None:
    destination = Scripted(lambda rows: RowsRefusedError({}, f"code {rows[0]}" if len(rows) == 1 else "HTTP 400"))
    results = deliver(destination, BATCH, lambda: True)
    assert results == [DeliveryResult(EventState.REJECTED, f"code {row}") for row in range(10)]


def test_faulty_rows_that_are_named_cost_one_more_request() -> None:
    destination = Scripted(lambda rows: RowsRefusedError({rows.index(3): "BAD"}, "HTTP 400") if 3 in rows else None)
    results = deliver(destination, BATCH, lambda: True)
    assert [(row, result.code) for row, result in enumerate(results) if result.state is EventState.REJECTED] == [
        (3, "BAD")
    ]
    assert destination.requests == 2


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BusyError("429", timedelta(seconds=7)), DeliveryResult(EventState.RETRY, "429", timedelta(seconds=7))),
        (UnansweredError("timeout"), DeliveryResult(EventState.UNCERTAIN, "timeout")),
        (UnauthorisedError("401"), DeliveryResult(EventState.RETRY, "401", shut=True)),
        (ConfigurationError("no key file"), DeliveryResult(EventState.RETRY, "no-credentials", shut=True)),
        (KeyError("unexpected"), DeliveryResult(EventState.UNCERTAIN, "KeyError")),
    ],
)
def test_an_error_for_the_whole_batch_is_the_result_of_every_row(error: Exception, expected: DeliveryResult) -> None:
    assert deliver(Scripted(lambda _: error), BATCH, lambda: True) == [expected] * 10


def test_a_row_that_does_not_fit_the_official_type_costs_only_itself() -> None:
    destination = Scripted(lambda rows: EventRejected("not-of-the-type", "faulty") if 5 in rows else None)
    results = deliver(destination, BATCH, lambda: True)
    assert [row for row, result in enumerate(results) if result.state is EventState.REJECTED] == [5]


def test_rows_without_leave_to_send_are_retried() -> None:
    destination = Scripted(lambda _: None)
    assert deliver(destination, BATCH, lambda: False) == [DeliveryResult(EventState.RETRY, "paced")] * 10
    assert destination.requests == 0
