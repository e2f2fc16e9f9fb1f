"""Data Manager API: receipts, and REST as well as gRPC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from conversions.batch_delivery import deliver
from conversions.destination import Destination
from conversions.google_data_manager import DataManagerDestination
from conversions.sandbox.peer_servers import Sandbox
from leadworth.consent import Consent
from leadworth.fault_injection import Fault, Faults, Wait
from leadworth.http_errors import BusyError
from store.event_state import EventState
from tests.conversions.events import event, of_person, running_platforms
from tests.leadworth.test_google_sign_in import REVOKED, raises


@contextmanager
def over_rest(tmp_path: Path, sandbox: Sandbox) -> Iterator[Destination]:
    """Yield the destination `google` that sends to a running sandbox over REST."""
    rest = {"transport": "rest", "endpoint": sandbox.http_address}
    with running_platforms(tmp_path, google=rest) as (_, named):
        yield named["google"]


def test_a_receipt_says_later_what_was_processed(tmp_path: Path) -> None:
    with running_platforms(tmp_path) as (_, named):
        google = named["google"]
        [result] = google.send([google.plan(of_person(41))])
        status = google.reconcile(result.receipt)
    assert status is not None
    assert (status.finished, status.processed, status.failed) == (True, 1, 0)


def test_consent_has_its_own_fields(tmp_path: Path) -> None:
    with running_platforms(tmp_path) as (_, named):
        body = named["google"].plan(event(consent=Consent(True, False))).body
    assert body["consent"] == {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_DENIED"}


def test_rest_isolates_a_bad_row_and_says_what_was_processed(tmp_path: Path) -> None:
    with Sandbox().run() as sandbox, over_rest(tmp_path, sandbox) as google:
        batch = [google.plan(of_person(number)) for number in range(20)]
        batch[7] = replace(batch[7], body={**batch[7].body, "currency": "EURO"})
        results = deliver(google, batch, lambda: True)
        assert [index for index, result in enumerate(results) if result.state is EventState.REJECTED] == [7]
        assert results[7].code == "INVALID_CURRENCY_CODE"
        status = google.reconcile(results[0].receipt)
        assert status is not None
        assert (status.finished, status.processed) == (True, 19)
        assert len(sandbox.of("google").values) == 19


def test_a_busy_answer_over_rest_says_how_long_to_wait(tmp_path: Path) -> None:
    class Busy(Faults):
        def draw(self) -> Fault | None:
            return Fault.BUSY

    with (
        Sandbox(Busy(1.0, wait=Wait(retry_after=7))).run() as sandbox,
        over_rest(tmp_path, sandbox) as google,
        pytest.raises(BusyError) as raised,
    ):
        google.send([google.plan(event())])
    assert raised.value.after is not None
    assert raised.value.after.total_seconds() == 7


def test_a_call_that_had_no_access_token_opens_the_circuit_breaker_and_counts_no_attempt(tmp_path: Path) -> None:
    with running_platforms(tmp_path) as (_, named):
        google = named["google"]
        assert isinstance(google, DataManagerDestination)
        google._api.__dict__["_client"] = SimpleNamespace(ingest_events=raises(REVOKED))
        [result] = deliver(google, [google.plan(event())], lambda: True)
        del google._api.__dict__["_client"]
    assert (result.state, result.code, result.shut) == (EventState.RETRY, "invalid_grant", True)
