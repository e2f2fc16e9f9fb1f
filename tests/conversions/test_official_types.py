"""Payloads against the types that the platforms publish: messages, an SDK, a WSDL."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from facebook_business.adobjects.serverside.action_source import ActionSource
from facebook_business.adobjects.serverside.custom_data import CustomData
from facebook_business.adobjects.serverside.event import Event as SdkEvent
from facebook_business.adobjects.serverside.event_request import EventRequest
from facebook_business.adobjects.serverside.user_data import UserData
from google.ads.datamanager_v1 import IngestEventsRequest

from conversions.conversion_event import EventKind
from conversions.destination import Destination
from conversions.google_data_manager import DataManagerClient
from conversions.platforms.microsoft.adapter import SOAP
from tests.conversions.events import ADA, event, running_platforms

AT = datetime(2026, 11, 1, 12, 30, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Destination]]:
    with running_platforms(tmp_path_factory.mktemp("exports")) as (_, destinations):
        yield destinations


@pytest.mark.parametrize("name", ["google", "ga4"])
def test_google_parses_the_payload(named: dict[str, Destination], name: str) -> None:
    """The official parser refuses unknown fields and values."""
    payload = named[name].plan(event(happened_at=AT, updated_at=AT, value=Decimal("0.00")))
    text = json.dumps({"destinations": [], "events": [payload.body], "encoding": "HEX"})
    read = IngestEventsRequest.from_json(text)
    [parsed] = read.events
    assert parsed.transaction_id == payload.transaction_id
    assert parsed.event_timestamp == AT
    assert "conversion_value" in parsed  # zero is kept
    assert parsed.consent.ad_user_data.name == "CONSENT_GRANTED"


def test_a_full_request_is_within_googles_size(named: dict[str, Destination]) -> None:
    google = named["google"]
    payload = google.plan(event())
    request = DataManagerClient("", "grpc", None, 1.0).request([], [payload] * google.limits.batch)
    assert len(IngestEventsRequest.serialize(request)) < 4 * 2**20


@pytest.mark.parametrize("kind", list(EventKind))
def test_google_ads_parses_both_requests(named: dict[str, Destination], kind: EventKind) -> None:
    named["google_ads"].validate(named["google_ads"].plan(event(kind=kind)))


def test_metas_sdk_makes_the_same_payload(named: dict[str, Destination]) -> None:
    ours = dict(named["meta"].plan(event(happened_at=AT, updated_at=AT)).body)
    sdk = SdkEvent(
        event_name="Lead",
        event_time=int(AT.timestamp()),
        event_id=event().transaction_id,
        action_source=ActionSource.SYSTEM_GENERATED,
        opt_out=False,
        data_processing_options=[],
        user_data=UserData(
            email=ADA.email,
            phone="+4930123456",
            first_name=ADA.first_name,
            last_name=ADA.last_name,
            country_code="de",
            client_ip_address=ADA.ip,
            client_user_agent=ADA.user_agent,
            fbp=ADA.platform_ids["fbp"],
            fbc=f"fb.1.{int(AT.timestamp() * 1000)}.{ADA.platform_ids['fbclid']}",
        ),
        custom_data=CustomData(
            value=12.5, currency="EUR", custom_properties={"event_source": "crm", "lead_event_source": "leadworth"}
        ),
    )
    [text] = EventRequest(pixel_id="1", events=[sdk]).get_params()["data"]
    theirs = json.loads(text)
    theirs["custom_data"]["currency"] = theirs["custom_data"]["currency"].upper()  # the SDK writes it small
    assert ours == theirs


@pytest.mark.parametrize("kind", list(EventKind))
def test_the_wsdl_of_microsoft_makes_the_same_elements(named: dict[str, Destination], kind: EventKind) -> None:
    """Compare names, order and text of the elements with those that suds makes from the production WSDL."""
    from suds.client import Client

    wsdl = Path(str(files("bingads.v13.proxies.production") / "campaignmanagement_service.xml"))
    client = Client(wsdl.as_uri(), nosend=True, cache=None)
    made = named["microsoft"].plan(event(happened_at=AT, updated_at=AT, kind=kind))
    adjusts = kind is not EventKind.CONVERSION
    name = "OfflineConversionAdjustment" if adjusts else "OfflineConversion"
    operation = f"Apply{name}s"
    row = client.factory.create(f"{{https://bingads.microsoft.com/CampaignManagement/v13}}{name}")
    for field, value in made.body.items():
        if value is not None:
            setattr(row, field, value)
    envelope = getattr(client.service, operation)({name: [row]}).envelope
    ours = named["microsoft"].envelope(operation, name, [made.body], "token")  # type: ignore[attr-defined]
    assert _elements(ours, name) == _elements(envelope, name)


def _elements(envelope: bytes, name: str) -> list[tuple[str, str | None]]:
    root: Any = ET.fromstring(envelope)
    body = root.find(f"{{{SOAP}}}Body")
    [row] = [part for part in body.iter() if part.tag.endswith(f"}}{name}")]
    return [(part.tag, part.text) for part in row if part.text]
