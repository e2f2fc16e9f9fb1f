"""Users, who own records."""

from __future__ import annotations

from datetime import timedelta

from crm.connector import SyncWindow
from crm.connectors.zoho.zoho_account import API_USER_ID, PERSON_ID
from leadworth.crm_records import RecordState
from tests.crm.connectors.zoho.zoho_world import ZohoWorld, read_all


def test_all_users_are_read_beyond_a_page(world: ZohoWorld) -> None:
    for number in range(230):
        world.account.create("users", {"full_name": f"User {number}"})
    connector = world.connector()
    assert len(read_all(connector, "users", ["full_name"], None)) == 233
    assert sum(len(page) for page in connector.ids("users")) == 233
    assert connector.count("users") is None
    assert list(connector.removals("users", world.window())) == []


def test_a_window_holds_the_users_that_changed(world: ZohoWorld) -> None:
    now = world.account.clock.now()
    later = SyncWindow(now + timedelta(minutes=5), now + timedelta(hours=1))
    assert read_all(world.connector(), "users", ["full_name"], later) == []
    world.account.clock.advance(minutes=10)
    world.account.edit("users", PERSON_ID, {"status": "disabled"})
    [record] = read_all(world.connector(), "users", ["status"], later)
    assert (record.record_id, record.values["status"]) == (PERSON_ID, "disabled")


def test_users_are_read_by_id(world: ZohoWorld) -> None:
    found = world.connector().read("users", [API_USER_ID, "1"], ["email"])
    assert [record.state for record in found] == [RecordState.LIVE, RecordState.DELETED]
