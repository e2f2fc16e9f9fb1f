"""Reading: windows, lists, deletes, merges, reading by id, against a HubSpot account on this machine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.connector import StaleCursorError, SyncWindow
from crm.connectors.hubspot.hubspot_peer_faults import HubSpotPeerError
from crm.connectors.hubspot.hubspot_peer_objects import PeerObjects
from crm.connectors.hubspot.peer import HubSpotPeer
from leadworth.crm_records import RecordState
from leadworth.errors import TerminalError
from tests.crm.connectors.hubspot.hubspot_account import ALL_TIME, connected, ids, quick_peer, records, seed


@pytest.fixture
def peer() -> HubSpotPeer:
    return quick_peer()


def window_until_now(peer: HubSpotPeer, lag_seconds: float = 0.0) -> SyncWindow:
    now = peer.account.clock.now()
    return SyncWindow(now - timedelta(days=2), now - timedelta(seconds=lag_seconds))


@pytest.mark.parametrize("most", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_more_records_with_one_timestamp_than_a_search_can_page_through(peer: HubSpotPeer, most: int) -> None:
    peer.limits.results = most
    made = seed(peer, most + 250)
    with connected(peer) as connector:
        found = records(connector.pages("contacts", ["firstname"], ALL_TIME))
        assert ids(found) == made
        assert found[-1].values == {"firstname": f"n{most + 249}"}
        # Pages of 200, and the request for the list of properties; the last page says that it is the last.
        assert connector.requests == -(-len(made) // 200) + 1


def test_rows_that_change_between_pages_are_not_lost(peer: HubSpotPeer) -> None:
    made = seed(peer, 650)
    window = window_until_now(peer)
    with connected(peer) as connector:
        found = []
        for page in connector.pages("contacts", ["firstname"], window):
            found += ids(page.records)
            # A person edits the first and the last record: both leave the frozen window.
            for key in (made[0], made[-1]):
                peer.account.edit("contacts", key, {"firstname": f"edited after {len(found)}"})
        assert found == made[:-1]
        later = SyncWindow(window.end, peer.account.clock.now() + timedelta(seconds=1))
        assert set(ids(records(connector.pages("contacts", [], later)))) == {made[0], made[-1]}


def test_a_bookmark_goes_on_after_its_page_in_another_process(peer: HubSpotPeer) -> None:
    made = seed(peer, 450)
    for window in (ALL_TIME, None):
        with connected(peer) as connector:
            first = next(iter(connector.pages("contacts", [], window)))
        with connected(peer) as connector:
            rest = records(connector.pages("contacts", [], window, first.bookmark))
        assert ids(first.records) + ids(rest) == made


def test_a_place_in_a_list_that_is_no_longer_known_means_to_read_everything_again(peer: HubSpotPeer) -> None:
    seed(peer, 3)
    with connected(peer) as connector, pytest.raises(StaleCursorError):
        records(connector.pages("contacts", [], None, "lost-place"))


def test_a_record_that_is_not_searchable_yet_comes_with_a_later_window_and_is_read_by_id_at_once() -> None:
    peer = quick_peer(lag_seconds=60.0)
    key = peer.account.create("contacts", {"firstname": "new"})
    with connected(peer) as connector:
        assert records(connector.pages("contacts", [], window_until_now(peer))) == []
        assert connector.read("contacts", [key], ["firstname"])[0].values == {"firstname": "new"}
        peer.account.clock.advance(seconds=61)
        lag = connector.info.search_lag_seconds
        assert ids(records(connector.pages("contacts", [], window_until_now(peer, lag)))) == [key]


def test_a_list_with_former_values_keeps_to_fifty_a_page(peer: HubSpotPeer) -> None:
    made = seed(peer, 120)
    peer.account.edit("contacts", made[0], {"hs_lead_status": "NEW"})
    peer.account.edit("contacts", made[0], {"hs_lead_status": "CONNECTED"})
    with connected(peer) as connector:
        found = records(connector.pages("contacts", ["hs_lead_status"], None))
        assert ids(found) == made
        assert [change.value for change in found[0].changes or ()] == ["NEW", "CONNECTED"]
        assert connector.requests == 3 + 1
    with pytest.raises(HubSpotPeerError, match="maximum is 50 with history"):
        peer.objects.page("contacts", {"limit": "100", "propertiesWithHistory": "hs_lead_status"})


def test_hundreds_of_properties_are_all_read(peer: HubSpotPeer) -> None:
    """They make an address of more than 8,000 characters, which HubSpot refuses with 414."""
    many = {f"custom_property_of_marketing_{place}": f"v{place}" for place in range(400)}
    made = [peer.account.create("contacts", many) for _ in range(3)]
    peer.account.edit("contacts", made[0], {"hs_lead_status": "NEW"})
    with connected(peer) as connector:
        for window in (None, ALL_TIME):
            found = records(connector.pages("contacts", list(many), window))
            assert ids(found) == made
            assert all(record.values == many for record in found)
        listed = records(connector.pages("contacts", [*many, "hs_lead_status"], None))
        assert [change.value for change in listed[0].changes or ()] == ["NEW"]


def test_deleted_records_come_once_in_their_window(peer: HubSpotPeer) -> None:
    made = seed(peer, 5)
    with connected(peer) as connector:
        peer.account.delete("contacts", made[1])
        first = window_until_now(peer)
        peer.account.clock.advance(minutes=5)
        peer.account.delete("contacts", made[3])
        second = SyncWindow(first.end, peer.account.clock.now() + timedelta(seconds=1))
        for window, gone in ((first, made[1]), (second, made[3])):
            (record,) = records(connector.removals("contacts", window))
            assert (record.record_id, record.state) == (gone, RecordState.DELETED)
            assert record.modified_at is not None
            assert window.start <= record.modified_at < window.end
        assert connector.count("contacts") == 3
        assert [key for page in connector.ids("contacts") for key in page] == [made[0], made[2], made[4]]
        assert connector.read("contacts", [made[1]], ["firstname"])[0].state is RecordState.DELETED


def test_a_restored_record_comes_with_its_values(peer: HubSpotPeer) -> None:
    (key,) = seed(peer, 1)
    peer.account.delete("contacts", key)
    before = window_until_now(peer)
    peer.account.clock.advance(minutes=5)
    peer.account.restore("contacts", key)
    later = SyncWindow(before.end, peer.account.clock.now() + timedelta(seconds=1))
    with connected(peer) as connector:
        assert records(connector.removals("contacts", later)) == []
        (record,) = records(connector.pages("contacts", ["firstname"], later))
        assert (record.state, record.values) == (RecordState.LIVE, {"firstname": "n0"})


@pytest.mark.parametrize("new_id", [False, True])
def test_a_merge_is_an_alias_of_the_old_ids(peer: HubSpotPeer, new_id: bool) -> None:
    kept, lost, other = seed(peer, 3)
    peer.batches.merge_makes_new_id = new_id
    answer = peer.batches.merge("contacts", {"primaryObjectId": kept, "objectIdToMerge": lost})
    survivor = answer["id"]
    assert (survivor == kept) is not new_id
    old = {lost, kept} - {survivor}
    with connected(peer) as connector:
        found = records(connector.removals("contacts", ALL_TIME))
        assert {(item.record_id, item.merged_into, item.state) for item in found} == {
            (key, survivor, RecordState.MERGED) for key in old
        }
        live = {item.record_id: item for item in records(connector.pages("contacts", [], ALL_TIME))}
        assert live.keys() == {survivor, other}
        assert set(live[survivor].absorbed) == old
        read = connector.read("contacts", sorted(old), [])
        assert {item.record_id: item.merged_into for item in read} == dict.fromkeys(old, survivor)


def test_a_merge_that_no_property_lists_is_found_by_the_old_id(peer: HubSpotPeer) -> None:
    kept, lost = seed(peer, 2)
    peer.account.merge("contacts", kept, lost)
    peer.objects.rules_of("contacts").removed.add("hs_merged_object_ids")
    with connected(peer) as connector:
        (record,) = connector.read("contacts", [lost], ["firstname"])
        assert (record.state, record.merged_into) == (RecordState.MERGED, kept)


def test_an_erased_contact_leaves_nothing_and_reads_as_deleted(peer: HubSpotPeer) -> None:
    (key,) = seed(peer, 1)
    peer.batches.erase("contacts", {"objectId": key})
    with connected(peer) as connector:
        assert records(connector.removals("contacts", ALL_TIME)) == []
        assert connector.read("contacts", [key], ["firstname"])[0].state is RecordState.DELETED


def test_a_removed_property_reads_as_missing_and_a_new_one_is_seen_without_a_restart(peer: HubSpotPeer) -> None:
    (key,) = seed(peer, 1)
    with connected(peer) as connector:
        assert "region" not in {field.name for field in connector.fields("contacts")}
        peer.account.edit("contacts", key, {"region": "west"})
        assert "region" in {field.name for field in connector.fields("contacts")}
        peer.objects.rules_of("contacts").removed.add("region")
        assert "region" not in {field.name for field in connector.fields("contacts")}
        (record,) = records(connector.pages("contacts", ["firstname", "region"], ALL_TIME))
        assert record.values == {"firstname": "n0", "region": None}


def test_a_search_whose_ids_are_out_of_order_stops_with_an_error(
    peer: HubSpotPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search that compared ids as text would lose records without any sign."""
    seed(peer, 3)
    search = PeerObjects.search

    def reversed_search(objects: PeerObjects, object_name: str, body: Any) -> dict[str, Any]:
        found = search(objects, object_name, body)
        return {**found, "results": found["results"][::-1]}

    monkeypatch.setattr(PeerObjects, "search", reversed_search)
    with connected(peer) as connector, pytest.raises(TerminalError, match="out of order"):
        records(connector.pages("contacts", [], ALL_TIME))
