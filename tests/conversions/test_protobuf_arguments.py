"""Arguments of protobuf messages: the same message as the official reader of JSON, and the same refusals."""

from __future__ import annotations

from typing import Any

import pytest

from conversions.protobuf_arguments import protobuf_arguments

datamanager = pytest.importorskip("google.ads.datamanager_v1")
Request = type(datamanager.IngestEventsRequest.pb(datamanager.IngestEventsRequest()))

EVENT = {
    "destinationReferences": ["lead"],
    "transactionId": "t1",
    "eventTimestamp": "2026-11-29T10:00:00.123456Z",
    "lastUpdatedTimestamp": "2026-11-29T12:00:00+01:00",
    "conversionValue": 12.0,
    "currency": "EUR",
    "eventSource": "WEB",
    "consent": {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_DENIED"},
    "adIdentifiers": {"gclid": "Cj0KCQ"},
    "userData": {"userIdentifiers": [{"emailAddress": "a" * 64}, {"address": {"regionCode": "DE"}}]},
}


def message(**changes: Any) -> Any:
    body = {"events": [EVENT | changes], "encoding": "HEX"}
    return Request(**protobuf_arguments(body, Request.DESCRIPTOR))


def test_the_message_is_that_of_the_official_reader() -> None:
    from google.protobuf.json_format import ParseDict

    assert message() == ParseDict({"events": [EVENT], "encoding": "HEX"}, Request())


@pytest.mark.parametrize(
    "changes",
    [
        {"unknown": 1},
        {"currency": 3},
        {"conversionValue": "twelve"},
        {"eventSource": "PIGEON"},
        {"eventTimestamp": "yesterday"},
        {"eventTimestamp": 3},
        {"destinationReferences": "lead"},
        {"transactionId": ["t1"]},
        {"consent": "granted"},
        {"userData": {"userIdentifiers": {}}},
        {"userData": {"userIdentifiers": ["a"]}},
    ],
    ids=str,
)
def test_what_is_not_of_the_type_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        message(**changes)
