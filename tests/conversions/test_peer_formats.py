"""Local peers hold the formats of the platforms: payloads with faults that adapters once made leave no conversion."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conversions.batch_delivery import deliver
from conversions.destination import Destination
from conversions.sandbox.peer_servers import Sandbox
from tests.conversions.events import event, of_person, running_platforms

Running = tuple[Sandbox, dict[str, Destination]]
NOW = datetime.now(UTC)
SOON = NOW + timedelta(days=2)
LONG_AGO = NOW - timedelta(days=100)
UPPER = "AB" * 32


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_platforms(tmp_path_factory.mktemp("exports")) as pair:
        yield pair


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def with_offset(at: datetime) -> str:
    return at.isoformat(sep=" ", timespec="seconds")


def linkedin_ids(kind: str, value: str) -> dict[str, Any]:
    return {"user": {"userIds": [{"idType": kind, "idValue": value}]}}


COOKIE = "LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID"
FAULTS: list[tuple[str, Mapping[str, Any]]] = [
    *(
        ("google", {"adIdentifiers": {"gclid": word}})
        for word in ("undefined", "null", "(not set)", "a b", "{{gclid}}")
    ),
    *(("google", {"adIdentifiers": {kind: "None"}}) for kind in ("gbraid", "wbraid")),
    ("google", {"currency": "EUX"}),
    ("google", {"userData": {"userIdentifiers": [{"emailAddress": "ada@example.org"}]}, "adIdentifiers": {}}),
    ("google", {"userData": {"userIdentifiers": [{"phoneNumber": UPPER}]}}),
    ("google", {"eventTimestamp": stamp(SOON)}),
    ("google", {"eventTimestamp": stamp(LONG_AGO)}),
    *(("google_ads", {"gclid": word}) for word in ("undefined", "null", "(not set)")),
    ("google_ads", {"gclid": "", "userIdentifiers": [{"hashedEmail": "ada@example.org"}]}),
    ("google_ads", {"gclid": "", "userIdentifiers": [{"hashedPhoneNumber": UPPER}]}),
    ("google_ads", {"currencyCode": "EUX"}),
    ("google_ads", {"conversionDateTime": with_offset(SOON)}),
    ("google_ads", {"conversionDateTime": with_offset(LONG_AGO)}),
    *(("meta", {"user_data": {"fbc": text}}) for text in ("null", "fb.1.1764000000000.", "fb.1.17.IwAR", "IwARtest")),
    ("meta", {"user_data": {"fbc": f"fb.1.{int(NOW.timestamp() * 1000)}.IwARtest"}}),  # the event is eight hours old
    ("meta", {"user_data": {"fbp": "undefined"}}),
    ("meta", {"user_data": {"lead_id": 123}}),
    ("meta", {"user_data": {"em": [UPPER]}}),
    ("meta", {"user_data": {"em": ["a" * 64], "client_ip_address": "unknown"}}),
    ("meta", {"event_time": int(SOON.timestamp())}),
    *(("linkedin", linkedin_ids(COOKIE, word)) for word in ("null", "undefined", "(not set)")),
    ("linkedin", linkedin_ids("SHA256_EMAIL", "ada@example.org")),
    ("linkedin", linkedin_ids("SHA256_EMAIL", UPPER)),
    ("linkedin", {"conversionHappenedAt": int(SOON.timestamp() * 1000)}),
    ("linkedin", {"conversionValue": {"currencyCode": "EUX", "amount": "1.00"}}),
    *(("microsoft", {"MicrosoftClickId": word}) for word in ("null", "undefined", "0123")),
    ("microsoft", {"MicrosoftClickId": None, "HashedEmailAddress": "ada@example.org"}),
    ("microsoft", {"MicrosoftClickId": None, "HashedPhoneNumber": UPPER}),
    ("microsoft", {"ConversionCurrencyCode": "EUX"}),
    ("microsoft", {"ConversionTime": stamp(SOON)}),
    ("microsoft", {"ConversionTime": stamp(LONG_AGO)}),
    ("microsoft", {"ConversionTime": "2026-11-01 10:00:00"}),
    *(("tiktok", {"user": {"ttclid": word}}) for word in ("null", "undefined", "(not set)")),
    ("tiktok", {"user": {"email": [UPPER]}}),
    ("tiktok", {"user": {}}),
    ("tiktok", {"event_time": int(SOON.timestamp())}),
    ("tiktok", {"event_time": int(LONG_AGO.timestamp())}),
    *(
        ("ga4", {"clientId": text})
        for text in ("GA1.1.1234567890.1764000000", "GS1.1.1764000000.5.1.1764000100.0.0.0", "null", "undefined", "ada")
    ),
    ("ga4", {"eventTimestamp": stamp(SOON)}),
]


def test_a_sound_payload_counts(running: Running) -> None:
    sandbox, named = running
    for name in sandbox.peers:
        before = copy.deepcopy(sandbox.of(name).values)
        deliver(named[name], [named[name].plan(of_person(1))], lambda: True)
        assert sandbox.of(name).values != before, name


@pytest.mark.parametrize(
    ("name", "changes"),
    FAULTS,
    ids=[f"{name}-{number}" for number, (name, _) in enumerate(FAULTS)],
)
def test_a_faulty_payload_leaves_no_conversion(running: Running, name: str, changes: Mapping[str, Any]) -> None:
    sandbox, named = running
    payload = named[name].plan(event(FAULTS.index((name, changes)) + 100))
    faulty = replace(payload, body={**payload.body, **changes})
    effects = sandbox.of(name)
    before, refused = copy.deepcopy(effects.values), effects.refused.total()
    deliver(named[name], [faulty], lambda: True)
    assert effects.values == before
    assert effects.refused.total() > refused
