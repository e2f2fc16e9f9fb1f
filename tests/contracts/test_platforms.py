"""Contract battery of the ad platforms: every folder of `conversions/platforms`, against its peer in the sandbox."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from conversions.ad_clicks import CLICK_FIELDS
from conversions.batch_delivery import deliver
from conversions.conversion_event import ConversionEvent, EventKind, PersonIdentifiers
from conversions.delivery_errors import EventRejected
from conversions.delivery_results import Payload
from conversions.destination import Destination
from conversions.event_checks import check, no_plain_address
from conversions.event_repairs import repair_clicks, repair_identifiers
from conversions.person_identifiers import PLATFORM_IDS
from conversions.sandbox.peer_servers import Sandbox
from leadworth.export_settings import ExportSettings
from leadworth.fault_injection import Fault, Faults, Wait
from leadworth.http_errors import BusyError, UnansweredError
from leadworth.platform_catalog import PACKAGE, platforms
from leadworth.records import CLICK_IDS, FormFields, Lead
from store.event_state import EventState
from tests.conversions.events import ADA, event, of_person, running_platforms, with_ids

NAMES = tuple(platforms())
WITH_PEER = tuple(Sandbox().peers)
WITH_SECRET = tuple(name for name in NAMES if ExportSettings().platform(name).required_secrets)
AT = datetime(2026, 11, 1, 12, 30, 15, tzinfo=UTC)

Running = tuple[Sandbox, dict[str, Destination]]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_platforms(tmp_path_factory.mktemp("exports")) as pair:
        yield pair


@pytest.fixture(params=NAMES)
def destination(request: pytest.FixtureRequest, running: Running) -> Destination:
    return running[1][request.param]


def folder_of(name: str) -> Path:
    paths = importlib.import_module(PACKAGE).__path__
    return next(folder for path in paths if (folder := Path(path) / name).is_dir())


@pytest.mark.parametrize("name", NAMES)
def test_the_folder_names_the_platform_and_fields_of_a_lead(name: str, running: Running) -> None:
    platform = platforms()[name]
    assert running[1][name].name == name
    assert set(platform.click_ids) <= set(CLICK_IDS) & set(FormFields.model_fields)
    assert platform.match_by
    assert set(platform.match_by) <= set(Lead.model_fields)


@pytest.mark.parametrize("name", NAMES)
def test_a_section_without_an_account_is_not_in_use(name: str) -> None:
    assert not ExportSettings().platform(name).in_use()


@pytest.mark.parametrize("name", NAMES)
def test_the_default_version_of_the_api_is_documented(name: str) -> None:
    versions = platforms()[name].versions
    assert not versions or getattr(ExportSettings().platform(name), "version", None) in versions


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITH_PEER])
def test_only_a_platform_without_an_api_has_no_peer(name: str) -> None:
    assert not hasattr(ExportSettings().platform(name), "endpoint")


def test_an_event_counts_once_however_often_it_is_sent(destination: Destination, running: Running) -> None:
    payload = destination.plan(of_person(11))
    destination.validate(payload)
    first, second = (destination.send([payload])[0] for _ in range(2))
    assert first.state is EventState.ACCEPTED
    assert second.state in (EventState.ACCEPTED, EventState.DUPLICATE)
    if destination.name in WITH_PEER:
        assert set(running[0].of(destination.name).counts.values()) == {1}


def test_no_personal_data_is_in_a_payload(destination: Destination) -> None:
    payload = destination.plan(event())
    no_plain_address(payload.body)
    text = json.dumps(payload.body).lower()
    assert "ada.lovelace" not in text
    assert "030 123456" not in text


def test_a_payload_equals_the_example(destination: Destination) -> None:
    payload = destination.plan(event(happened_at=AT, updated_at=AT))
    example = folder_of(destination.name) / "example.json"
    assert payload.body == json.loads(example.read_text(encoding="utf-8"))


def test_zero_is_sent_as_zero(destination: Destination) -> None:
    body = json.dumps(destination.plan(event(value=Decimal("0.00"))).body)
    assert "0.0" in body or "0.00" in body
    assert "12.5" not in body


def test_a_person_without_identifiers_is_rejected(destination: Destination) -> None:
    with pytest.raises(EventRejected) as rejected:
        destination.plan(event(identity=PersonIdentifiers(first_name="Ada", email="not an address", phone="12")))
    assert (rejected.value.code, rejected.value.state) == ("no-identifiers", EventState.SUPPRESSED)


def test_a_person_is_matched_by_one_of_the_fields_that_the_folder_names(destination: Destination) -> None:
    match_by = platforms()[destination.name].match_by
    others = PersonIdentifiers(
        email=None if "email" in match_by else ADA.email,
        phone=None if "phone" in match_by else ADA.phone,
        region="DE",
        platform_ids={name: text for name, text in ADA.platform_ids.items() if name not in match_by},
    )
    with pytest.raises(EventRejected, match="no-identifiers"):
        destination.plan(event(identity=others))


def test_the_folder_says_whether_values_are_replaced(destination: Destination) -> None:
    assert platforms()[destination.name].restates == (destination.limits.restate is not None)


def test_a_dry_run_sends_nothing(destination: Destination, running: Running) -> None:
    before = running[0].summary()
    destination.send([destination.plan(of_person(12))], dry_run=True)
    assert running[0].summary() == before


def spoil(payload: Payload, changes: Mapping[str, Any]) -> Payload:
    return replace(payload, body={**payload.body, **changes})


@pytest.mark.parametrize("name", WITH_PEER)
def test_one_bad_row_among_a_thousand_costs_only_itself(name: str, running: Running) -> None:
    sandbox, named = running
    batch = [named[name].plan(of_person(number)) for number in range(1_000, 2_000)]
    batch[617] = spoil(batch[617], sandbox.peers[name].spoilt)
    results = deliver(named[name], batch, lambda: True)
    refused = [index for index, result in enumerate(results) if result.state is EventState.REJECTED]
    assert refused == [617]
    assert results[617].code
    assert sum(result.state is EventState.ACCEPTED for result in results) == 999


@pytest.mark.parametrize("name", WITH_PEER)
def test_a_value_is_replaced_where_the_platform_restates(name: str, running: Running) -> None:
    sandbox, named = running
    destination = named[name]
    if destination.limits.restate is None:
        assert not destination.limits.retract
        return
    first = of_person(21)
    destination.send([destination.plan(first)])
    later = replace(first, kind=EventKind.RESTATEMENT, value=Decimal("99"), updated_at=datetime.now(UTC))
    assert destination.send([destination.plan(later)])[0].state is EventState.ACCEPTED
    effects = sandbox.of(name)
    [key] = [key for key in effects.values if first.transaction_id in key or f"{21:032x}" in key]
    assert effects.values[key] == [12.5, 99.0]
    assert effects.counts[key] == 1
    retraction = replace(later, kind=EventKind.RETRACTION, value=Decimal("0.00"), updated_at=datetime.now(UTC))
    assert destination.send([destination.plan(retraction)])[0].state is EventState.ACCEPTED
    assert effects.values[key][-1] == (None if destination.limits.retract else 0.0)


class Always(Faults):
    """Injects the same fault into every request."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(1.0, wait=Wait(late=1.5, retry_after=7))
        self.fault = fault

    def draw(self) -> Fault | None:
        return self.fault


@pytest.mark.parametrize("name", WITH_PEER)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.BUSY, BusyError),
        (Fault.BROKEN, UnansweredError),
        (Fault.CUT, UnansweredError),
        (Fault.LATE, UnansweredError),
    ],
)
def test_a_fault_raises_the_error_that_says_what_to_do(
    tmp_path: Path, name: str, fault: Fault, error: type[Exception]
) -> None:
    with (
        running_platforms(tmp_path, Always(fault), timeout_seconds=0.5, lease_seconds=2) as (_, named),
        pytest.raises(error) as raised,
    ):
        named[name].send([named[name].plan(of_person(31))])
    text = str(raised.value)
    assert not any(part in text for part in ("sandbox", "firm31", "Cj0KCQ", "http"))


@pytest.mark.parametrize("name", WITH_SECRET)
def test_without_a_secret_no_row_is_at_fault(tmp_path: Path, name: str) -> None:
    empty = dict.fromkeys(ExportSettings().platform(name).required_secrets, "")
    with running_platforms(tmp_path, **{name: empty}) as (_, named):
        [result] = deliver(named[name], [named[name].plan(event())], lambda: True)
    assert (result.state, result.shut) == (EventState.RETRY, True)


DAMAGED: dict[str, tuple[str, ...]] = {
    "email": ("not an address", "ada@@example.org"),
    "phone": ("12", "call me"),
    "first_name": ("ada@example.org", "---", "Ada\x00"),
    "last_name": ("ada@example.org", "123", "  "),
    "region": ("Atlantis", "D", "49"),
    "postal_code": ("ada@example.org", "x" * 300, "?"),
    "ip": ("unknown", "999.1.1.1", "203.0.113.7, 10.0.0.1"),
    "user_agent": ("Bot (bot@example.org)", "Mozilla\x01"),
    **dict.fromkeys(PLATFORM_IDS, ("undefined", "Null", "(not set)", "{{id}}", "a b", "ada@example.org", "é" * 20)),
}
DAMAGED["meta_lead_id"] += ("l:12345", "1.23457E+15", "12345678901234567890")
DAMAGED["ga_client_id"] += ("GS1.1.1764000000.5.1.1764000100.0.0.0", "GS2.1.s1764000000$o1$g0$t1764000000$j60$l0$h0")


NUMBERS = count(50_000)
"""Each event is another transaction: peers recognise those that they have."""


def damaged(event_: ConversionEvent, field: str, value: str) -> PersonIdentifiers:
    identity = event_.identity
    if field in PLATFORM_IDS:
        return with_ids(identity, identity.email, **{field: value})
    return replace(identity, **{field: value})


def fields_taken(name: str) -> set[str]:
    return {*platforms()[name].click_ids, *platforms()[name].match_by} | (DAMAGED.keys() - set(PLATFORM_IDS))


def delivered(destination: Destination, events: list[ConversionEvent]) -> int:
    """Return how many events are accepted, of those that pass all checks before sending."""
    now = datetime.now(UTC)
    payloads = []
    for event_ in events:
        check(event_, destination.limits, now)
        payloads.append(destination.plan(event_))
        no_plain_address(payloads[-1].body)
        destination.validate(payloads[-1])
    return sum(result.state is EventState.ACCEPTED for result in destination.send(payloads))


def test_a_damaged_optional_field_never_costs_the_event(destination: Destination) -> None:
    name = destination.name
    fields = sorted(fields_taken(name))
    fields = [field for field in fields if set(platforms()[name].match_by) != {field}]  # nobody is found without it
    events = []
    for field, value in [(name_, text) for name_ in fields for text in DAMAGED[name_]]:
        identity, repairs = repair_identifiers(damaged(of_person(next(NUMBERS)), field, value))
        assert [repair for repair in repairs if repair.startswith(field)], (field, value)
        events.append(of_person(next(NUMBERS), identity=identity))
        assert len(value) < 5 or value not in json.dumps(destination.plan(events[-1]).body, ensure_ascii=False)
    assert delivered(destination, events) == len(events) > 15


def test_a_damaged_time_of_a_click_never_costs_the_event(destination: Destination) -> None:
    info = platforms()[destination.name]
    now = datetime.now(UTC)
    ids = {"fbc": "fb.1.1767225600000.IwARtest", "gbraid": "0AAAAAtest", "wbraid": "Cj8Ktest"}
    events = []
    for field in sorted(set(info.click_ids) & set(CLICK_FIELDS)):
        for at in (now + timedelta(days=400), now, datetime(2026, 1, 1), now - timedelta(days=91)):
            first = of_person(next(NUMBERS))
            identity = with_ids(
                first.identity, first.identity.email, **{field: ids.get(field, ADA.platform_ids.get(field))}
            )
            timed = replace(first, identity=replace(identity, click_times={field: at}))
            event_, repairs = repair_clicks(timed, info.click_ids, destination.limits, now)
            old = at.tzinfo is not None and at < now - timedelta(days=90)
            assert bool(repairs) == (not old or destination.limits.from_click)
            if not (old and set(info.match_by) == {field} and destination.limits.from_click):
                events.append(event_)
    assert not events or delivered(destination, events) == len(events)
