"""Webhooks of the local Pipedrive account."""

from __future__ import annotations

from crm.connectors.pipedrive.pipedrive_peer_account import PipedriveAccount
from crm.connectors.pipedrive.pipedrive_peer_events import PipedrivePeerEvents
from crm.connectors.pipedrive.pipedrive_peer_limits import PipedriveLimits
from crm.connectors.pipedrive.pipedrive_peer_views import PeerViews


def test_events_tell_what_happened_since_the_last_look() -> None:
    account = PipedriveAccount()
    events = PipedrivePeerEvents(account, PeerViews(account, PipedriveLimits()), "77")
    kept, lost = (account.create("deals", {"stage": "1", "b" * 40: "x"}) for _ in range(2))
    assert [event["meta"]["action"] for event in events.news()] == ["create", "change"] * 2
    account.write("deals", kept, {"b" * 40: "y"}, by="77")
    (event,) = events.news()
    assert (event["meta"]["change_source"], event["meta"]["user_id"], event["meta"]["version"]) == ("api", "77", "2.0")
    assert event["previous"] == {"update_time": None, "custom_fields": {"b" * 40: "x"}}
    account.merge("deals", kept, lost)
    (gone,) = [event for event in events.news() if event["meta"]["action"] == "delete"]
    assert (gone["meta"]["entity_id"], gone["meta"]["merged_to_id"], gone["data"]) == (lost, kept, None)
    assert events.news() == []
