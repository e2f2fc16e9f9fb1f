"""Notifications: the order, its end, and the token as the only proof."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crm.connector import ForgedEventError
from crm.connectors.zoho.zoho_notifications import CHANNEL, read_notification
from crm.crm_http import CrmRefusedError
from crm.mirror_sync import MirrorSync
from leadworth.crm_records import RecordEvent
from leadworth.settings import Settings
from store.engine import open_engine
from store.migrate import upgrade
from tests.crm.connectors.zoho.zoho_world import ZohoWorld

ORDERED = {"event_url": "https://example.org/v1/crm/zoho/events", "event_token": "proof"}


def events(world: ZohoWorld, body: Any, **settings: object) -> list[RecordEvent]:
    connector = world.connector(**{**ORDERED, **settings})
    return list(connector.events("POST", ORDERED["event_url"], {}, json.dumps(body).encode()))


def test_an_order_is_extended_and_after_its_end_made_again(world: ZohoWorld) -> None:
    connector = world.connector(**ORDERED)
    world.peer.tokens_expire_after = 3e6
    sent = []
    for days in (0, 1, 8):
        world.account.clock.advance(days=days)
        before = connector.requests
        connector.renew_events()
        sent.append(connector.requests - before)
    assert sent == [2, 1, 2]  # refused to extend and made; extended; refused to extend and made
    named = [f"{module}.{way}" for module in ("Leads", "Deals") for way in ("create", "edit", "delete")]
    assert world.peer.writes.orders[CHANNEL]["events"] == named


def test_without_an_address_nothing_is_ordered(world: ZohoWorld) -> None:
    world.connector().renew_events()
    world.connector(event_url="https://example.org").renew_events()
    assert not world.peer.writes.orders


def test_a_refused_order_is_a_warning_of_the_sync(world: ZohoWorld, tmp_path: Path) -> None:
    connector = world.connector(**{**ORDERED, "event_token": "x" * 51})
    with pytest.raises(CrmRefusedError, match="INVALID_DATA channel_expiry"):
        connector.renew_events()
    settings = Settings(currency="EUR", leads={}, secret="s" * 32, folder=tmp_path)
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    report = MirrorSync(engine, connector, settings, clock=world.account.clock.now).run()
    engine.dispose()
    assert any("no webhooks" in warning for warning in report.warnings)
    assert report.rows["Leads"].read == 0


def test_notifications_name_the_records_to_read_again(world: ZohoWorld) -> None:
    world.connector(**ORDERED).renew_events()
    body = world.peer.writes.notification("Leads", "edit", ["5540", "5541", "5540"], ["Lead_Status"])
    found = events(world, body)
    assert [(event.object, event.record_id) for event in found] == [("Leads", "5540"), ("Leads", "5541")]
    assert found[0].occurred_at is not None
    assert [event.event_id for event in events(world, body)] == [event.event_id for event in found]
    inserted = world.peer.writes.notification("Leads", "create", ["5540"], [])
    assert [event.record_id for event in events(world, inserted)] == ["5540"]


def test_our_own_write_is_no_event_and_a_mixed_change_is(world: ZohoWorld) -> None:
    world.connector(**ORDERED).renew_events()
    own = world.peer.writes.notification("Leads", "edit", ["5540"], ["lw_band", "lw_scored_at"])
    mixed = world.peer.writes.notification("Leads", "edit", ["5540"], ["lw_band", "Lead_Status"])
    assert events(world, own) == []
    assert len(events(world, mixed)) == 1


def test_without_the_token_a_notification_is_forged(world: ZohoWorld) -> None:
    body = {"module": "Leads", "ids": ["5540"], "operation": "update", "token": "other"}
    with pytest.raises(ForgedEventError, match="event_token"):
        events(world, body)
    with pytest.raises(ForgedEventError):
        events(world, {**body, "token": ""}, event_token="")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"token": "proof", "module": "Leads", "ids": 1}'])
def test_any_other_body_is_forged(body: bytes) -> None:
    with pytest.raises(ForgedEventError, match="form"):
        read_notification("proof", body, {"Leads"})


def test_modules_that_are_not_read_are_left_out() -> None:
    body = {"module": "Products", "ids": ["5540"], "operation": "update", "token": "proof"}
    assert read_notification("proof", json.dumps(body).encode(), {"Leads"}) == []
