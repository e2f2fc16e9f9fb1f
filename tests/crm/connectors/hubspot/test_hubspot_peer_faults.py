"""Limits of the account on this machine."""

from __future__ import annotations

import pytest

from crm.connectors.hubspot.hubspot_peer_faults import HubSpotLimits, HubSpotPeerError, RequestCounter


@pytest.mark.parametrize(
    ("limits", "policy", "headers"),
    [
        (HubSpotLimits(searches=5), "SECONDLY", set()),
        (HubSpotLimits(ten_seconds=5), "TEN_SECONDLY_ROLLING", {"Retry-After"}),
        (HubSpotLimits(ten_seconds=5, retry_after=False), "TEN_SECONDLY_ROLLING", set()),
        (HubSpotLimits(daily=5), "DAILY", set()),
    ],
)
def test_a_request_above_a_limit_is_refused_with_the_policy(
    limits: HubSpotLimits, policy: str, headers: set[str]
) -> None:
    counter = RequestCounter(limits)
    for _ in range(5):
        counter.count(search=True)
    with pytest.raises(HubSpotPeerError) as raised:
        counter.count(search=True)
    assert (raised.value.status, set(raised.value.headers)) == (429, headers)
    assert raised.value.body["policyName"] == policy


def test_headers_state_what_is_left_of_the_day() -> None:
    counter = RequestCounter(HubSpotLimits(daily=10))
    counter.count(search=False)
    assert counter.headers()["X-HubSpot-RateLimit-Daily-Remaining"] == "9"
