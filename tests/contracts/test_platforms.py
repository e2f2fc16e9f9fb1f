"""One battery for every platform, against stand-ins that enforce the platforms' rules."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conversions.batch_delivery import deliver
from conversions.destination import (
    BusyError,
    Destination,
    EventKind,
    EventRejected,
    Payload,
    PersonIdentifiers,
    UnansweredError,
)
from conversions.event_checks import no_plain_address
from conversions.sandbox.fault_injection import Fault, Faults, Wait
from conversions.sandbox.peer_servers import Sandbox
from leadworth.consent import Consent
from store.event_state import EventState
from tests.conversions.events import ADA, NAMES, event, of_person, platforms

GOLDEN = Path(__file__).parents[1] / "conversions" / "golden"
AT = datetime(2026, 11, 1, 12, 30, 15, tzinfo=UTC)
REFUSING = [name for name in NAMES if not name.endswith("_file")]
SPOILT: dict[str, dict[str, Any]] = {
    "google": {"currency": "EURO"}, "ga4": {"currency": "EURO"}, "google_ads": {"conversionDateTime": "today"},
    "meta": {"event_time": int(time.time()) - 8 * 86_400}, "linkedin": {"eventId": ""}, "tiktok": {"event_time": "now"},
    "microsoft": {"ConversionCurrencyCode": "EURO"},
}  # fmt: skip


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, dict[str, Destination]]]:
    with platforms(tmp_path_factory.mktemp("exports")) as found:
        yield found


@pytest.fixture(params=NAMES)
def destination(request: pytest.FixtureRequest, running: tuple[Sandbox, dict[str, Destination]]) -> Destination:
    return running[1][request.param]


def peer_of(destination: Destination) -> str:
    return "google" if destination.name == "ga4" else destination.name


def test_an_event_is_taken_once_however_often_it_is_sent(
    destination: Destination, running: tuple[Sandbox, dict[str, Destination]]
) -> None:
    payload = destination.plan(of_person(11))
    destination.validate(payload)
    first, second = (destination.send([payload])[0] for _ in range(2))
    assert first.state is EventState.ACCEPTED
    assert second.state in (EventState.ACCEPTED, EventState.DUPLICATE)
    if not destination.name.endswith("_file"):
        assert set(running[0].of(peer_of(destination)).counts.values()) == {1}


def test_nothing_personal_stands_in_a_payload(destination: Destination) -> None:
    payload = destination.plan(event())
    no_plain_address(payload.body)
    text = json.dumps(payload.body).lower()
    assert "ada.lovelace" not in text
    assert "030 123456" not in text


def test_a_payload_is_the_golden_one(destination: Destination) -> None:
    payload = destination.plan(event(happened_at=AT, updated_at=AT))
    assert json.loads((GOLDEN / f"{destination.name}.json").read_text(encoding="utf-8")) == payload.body


def test_zero_is_sent_as_zero(destination: Destination) -> None:
    body = json.dumps(destination.plan(event(value=Decimal("0.00"))).body)
    assert "0.0" in body or "0.00" in body
    assert "12.5" not in body


def test_a_person_of_whom_nothing_is_known_is_not_told_of(destination: Destination) -> None:
    with pytest.raises(EventRejected) as refused:
        destination.plan(event(identity=PersonIdentifiers(first_name="Ada", email="not an address", phone="12")))
    assert (refused.value.code, refused.value.state) == ("no-identifiers", EventState.SUPPRESSED)


def test_a_rehearsal_sends_nothing(
    destination: Destination, running: tuple[Sandbox, dict[str, Destination]]
) -> None:  # fmt: skip
    before = running[0].summary()
    destination.send([destination.plan(of_person(12))], dry_run=True)
    assert running[0].summary() == before


def spoil(payload: Payload, changes: Mapping[str, Any]) -> Payload:
    return replace(payload, body={**payload.body, **changes})


@pytest.mark.parametrize("name", REFUSING)
def test_one_bad_row_among_a_thousand_costs_only_itself(
    name: str, running: tuple[Sandbox, dict[str, Destination]]
) -> None:
    destination = running[1][name]
    batch = [destination.plan(of_person(number)) for number in range(1_000, 2_000)]
    batch[617] = spoil(batch[617], SPOILT[name])
    outcomes = deliver(destination, batch, lambda: True)
    refused = [place for place, one in enumerate(outcomes) if one.state is EventState.REJECTED]
    assert refused == [617]
    assert outcomes[617].code
    assert sum(one.state is EventState.ACCEPTED for one in outcomes) == 999


@pytest.mark.parametrize("name", ["google", "google_ads", "microsoft"])
def test_a_value_is_replaced(name: str, running: tuple[Sandbox, dict[str, Destination]]) -> None:
    destination, first = running[1][name], of_person(21)
    destination.send([destination.plan(first)])
    later = replace(first, kind=EventKind.RESTATEMENT, value=Decimal("99"), updated_at=datetime.now(UTC))
    assert destination.send([destination.plan(later)])[0].state is EventState.ACCEPTED
    held = running[0].of(name)
    [key] = [key for key in held.values if first.transaction_id in key or f"{21:032x}" in key]
    assert held.values[key] == [12.5, 99.0]
    assert held.counts[key] == 1
    back = replace(later, kind=EventKind.RETRACTION, value=Decimal("0.00"), updated_at=datetime.now(UTC))
    assert destination.send([destination.plan(back)])[0].state is EventState.ACCEPTED
    assert held.values[key][-1] == (None if destination.limits.retract else 0.0)


def failing(tmp_path: Path, fault: Fault) -> Any:
    class Always(Faults):
        def draw(self) -> Fault | None:
            return fault

    return platforms(tmp_path, Always(1.0, wait=Wait(late=1.5, retry_after=7)), timeout_seconds=0.5, lease_seconds=2)


@pytest.mark.parametrize("name", REFUSING)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.BUSY, BusyError),
        (Fault.BROKEN, UnansweredError),
        (Fault.CUT, UnansweredError),
        (Fault.LATE, UnansweredError),
    ],
)
def test_a_failure_is_told_for_what_it_is(tmp_path: Path, name: str, fault: Fault, error: type[Exception]) -> None:
    with failing(tmp_path, fault) as (_, named), pytest.raises(error) as raised:
        named[name].send([named[name].plan(of_person(31))])
    text = str(raised.value)
    assert not any(part in text for part in ("sandbox", "firm31", "Cj0KCQ", "http"))


def test_what_a_busy_platform_says_to_wait_is_read(tmp_path: Path) -> None:
    with failing(tmp_path, Fault.BUSY) as (_, named), pytest.raises(BusyError) as raised:
        named["meta"].send([named["meta"].plan(event())])
    assert raised.value.after is not None
    assert raised.value.after.total_seconds() == 7


@pytest.mark.parametrize("name", ["meta", "linkedin", "tiktok", "microsoft"])
def test_without_a_token_no_row_is_at_fault(tmp_path: Path, name: str) -> None:
    nothing = {"refresh_token": ""} if name == "microsoft" else {"token": ""}
    with platforms(tmp_path, **{name: nothing}) as (_, named):
        [outcome] = deliver(named[name], [named[name].plan(event())], lambda: True)
    assert (outcome.state, outcome.shut) == (EventState.RETRY, True)


def test_the_measurement_protocol_counts_twice_what_is_sent_twice(tmp_path: Path) -> None:
    """So the ledger must not send again what may have arrived: it recognises nothing."""
    with Sandbox().run() as sandbox:
        where = {"via": "measurement_protocol", "api_secret": "x", "endpoint": f"http://127.0.0.1:{sandbox.http_port}"}
        with platforms(tmp_path, ga4=where) as (_, named):
            payload = named["ga4"].plan(event())
            for _ in range(2):
                named["ga4"].send([payload])
            assert named["ga4"].limits.repeats is None
        assert set(sandbox.of("ga4").counts.values()) == {2}


def test_a_file_holds_no_formula(tmp_path: Path) -> None:
    with platforms(tmp_path) as (_, named):
        bad = event(identity=replace(ADA, gclid="=HYPERLINK(1)"))
        [outcome] = named["google_file"].send([named["google_file"].plan(bad)])
    text = (tmp_path / "exports" / outcome.receipt).read_text(encoding="utf-8")
    assert text.splitlines()[:2] == [
        "Parameters:TimeZone=+0000",
        "Google Click ID,Conversion Name,Conversion Time,Conversion Value,Conversion Currency,Order ID,"
        "Ad User Data,Ad Personalization",
    ]
    assert "'=HYPERLINK(1)" in text


def test_a_person_who_wants_no_personal_ads_is_marked(running: tuple[Sandbox, dict[str, Destination]]) -> None:
    asked = event(consent=Consent(True, False))
    meta, tiktok = (running[1][name].plan(asked).body for name in ("meta", "tiktok"))
    assert (meta["opt_out"], meta["data_processing_options"]) == (True, ["LDU"])
    assert tiktok["limited_data_use"] is True
    assert running[1]["google"].plan(asked).body["consent"] == {
        "adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_DENIED",
    }  # fmt: skip


def test_a_receipt_tells_later_what_was_processed(running: tuple[Sandbox, dict[str, Destination]]) -> None:
    google = running[1]["google"]
    [outcome] = google.send([google.plan(of_person(41))])
    told = google.reconcile(outcome.receipt)
    assert told is not None
    assert (told.finished, told.processed, told.failed) == (True, 1, 0)


def over_rest(tmp_path: Path, sandbox: Sandbox) -> Any:
    where = {"transport": "rest", "endpoint": f"http://127.0.0.1:{sandbox.http_port}"}
    return platforms(tmp_path, google=where)


def test_google_is_told_over_rest_too(tmp_path: Path) -> None:
    with Sandbox().run() as sandbox, over_rest(tmp_path, sandbox) as (_, named):
        google = named["google"]
        batch = [google.plan(of_person(number)) for number in range(20)]
        batch[7] = spoil(batch[7], SPOILT["google"])
        outcomes = deliver(google, batch, lambda: True)
        assert [place for place, one in enumerate(outcomes) if one.state is EventState.REJECTED] == [7]
        assert outcomes[7].code == "INVALID_CURRENCY_CODE"
        told = google.reconcile(outcomes[0].receipt)
        assert told is not None
        assert (told.finished, told.processed) == (True, 19)
        assert len(sandbox.of("google").values) == 19


def test_a_busy_google_over_rest_says_how_long(tmp_path: Path) -> None:
    class Busy(Faults):
        def draw(self) -> Fault | None:
            return Fault.BUSY

    with (
        Sandbox(Busy(1.0, wait=Wait(retry_after=7))).run() as sandbox,
        over_rest(tmp_path, sandbox) as (_, named),
        pytest.raises(BusyError),
    ):
        named["google"].send([named["google"].plan(event())])
