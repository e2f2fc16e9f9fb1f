"""Any sequence of changes by people: what is read in windows equals the account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
import stamina
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from crm.connector import SyncWindow
from crm.connectors.hubspot.connector import HubSpotConnector
from crm.connectors.hubspot.peer import HubSpotPeer
from leadworth.crm_records import CrmRecord, RecordState
from tests.crm.connectors.hubspot.hubspot_account import connected, quick_peer, records, seed

FIELDS = ("firstname", "hs_lead_status")
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["create", "edit", "delete", "restore", "merge", "merge to a new id", "sync"]),
        st.integers(0, 7),
        st.integers(0, 7),
    ),
    max_size=25,
)


class Mirror:
    """Copy of the contacts, kept by windows only."""

    def __init__(self, peer: HubSpotPeer, connector: HubSpotConnector) -> None:
        self.peer, self.connector = peer, connector
        self.records: dict[str, CrmRecord] = {}
        self.cursor = peer.account.clock.now() - timedelta(days=1)

    def sync(self) -> None:
        lag = timedelta(seconds=self.connector.info.search_lag_seconds)
        window = SyncWindow(self.cursor, self.peer.account.clock.now() - lag)
        for record in records(self.connector.removals("contacts", window)):
            self.records[record.record_id] = record
        for record in records(self.connector.pages("contacts", FIELDS, window)):
            self.records[record.record_id] = record
        self.cursor = window.end


def live(peer: HubSpotPeer) -> list[str]:
    return [key for key, item in peer.account.of("contacts").items() if item.state is RecordState.LIVE]


def survivor(found: Mapping[str, CrmRecord], key: str) -> str:
    while found[key].state is RecordState.MERGED:
        key = found[key].merged_into
    return key


def change(peer: HubSpotPeer, kind: str, one: int, two: int) -> None:
    present = live(peer)
    deleted = [key for key, item in peer.account.of("contacts").items() if item.state is RecordState.DELETED]
    if kind == "create":
        peer.account.create("contacts", {"firstname": f"n{one}"})
    elif kind == "edit" and present:
        status = ("NEW", "CONNECTED", "UNQUALIFIED", None)[two % 4]
        peer.account.edit("contacts", present[one % len(present)], {"hs_lead_status": status})
    elif kind == "delete" and present:
        peer.account.delete("contacts", present[one % len(present)])
    elif kind == "restore" and deleted:
        peer.account.restore("contacts", deleted[one % len(deleted)])
    elif kind.startswith("merge") and len(present) > 1:
        kept, lost = present[one % len(present)], present[(one + 1 + two % (len(present) - 1)) % len(present)]
        peer.batches.merge_makes_new_id = kind != "merge"
        peer.batches.merge("contacts", {"primaryObjectId": kept, "objectIdToMerge": lost})


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[HubSpotPeer, HubSpotConnector]]:
    peer = quick_peer(lag_seconds=60.0)
    with stamina.set_testing(True, attempts=1), connected(peer) as connector:
        yield peer, connector


@settings(max_examples=20, phases=[Phase.explicit, Phase.generate])  # a shrink would serve thousands of requests
@given(changes=CHANGES)
def test_windows_lose_nothing(
    served: tuple[HubSpotPeer, HubSpotConnector], changes: list[tuple[str, int, int]]
) -> None:
    peer, connector = served
    peer.account.of("contacts").clear()
    peer.account.clock.advance(days=1)
    seed(peer, 6, at=peer.account.clock.now())
    mirror = Mirror(peer, connector)
    for kind, one, two in changes:
        peer.account.clock.advance(seconds=70)
        if kind == "sync":
            mirror.sync()
        else:
            change(peer, kind, one, two)
    peer.account.clock.advance(seconds=121)
    mirror.sync()
    truth = peer.account.truth("contacts")
    assert mirror.records.keys() <= truth.keys()
    for key, true in truth.items():
        copy = mirror.records.get(key)
        if copy is None:  # it was gone before the first sync could see it
            assert truth[survivor(truth, key)].state is not RecordState.LIVE
            continue
        assert copy.state is true.state
        if true.state is RecordState.LIVE:
            assert copy.values == {name: true.values.get(name) for name in FIELDS}
            assert set(true.absorbed) <= set(copy.absorbed)
        elif true.state is RecordState.MERGED:
            assert survivor(mirror.records, key) == survivor(truth, key)
