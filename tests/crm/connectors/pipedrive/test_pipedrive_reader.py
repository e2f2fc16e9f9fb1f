"""Leads by offset: nothing is hidden by rows that change or go away between two pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from crm.connector import StaleCursorError, SyncWindow
from crm.connectors.pipedrive import pipedrive_reader
from crm.connectors.pipedrive.connector import PipedriveConnector
from crm.connectors.pipedrive.peer import PipedrivePeer
from tests.crm.connectors.pipedrive.pipedrive_account import ALL_TIME, connected, quick_peer, seed


@pytest.fixture(autouse=True)
def _small_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipedrive_reader, "OVERLAP", 3)


@pytest.fixture
def peer() -> PipedrivePeer:
    return quick_peer()


@pytest.fixture
def connector(peer: PipedrivePeer) -> Iterator[PipedriveConnector]:
    with connected(peer) as connector:
        yield connector


def read_with(connector: PipedriveConnector, window: SyncWindow | None, changes: dict[int, object]) -> list[str]:
    """Read leads 20 a page, and change the account after some pages."""
    found = []
    for number, page in enumerate(connector._reader.pages("leads", window, size=20)):
        found += [str(item["id"]) for item in page.items]
        if callable(change := changes.get(number)):
            change()
    return found


@pytest.mark.parametrize("window", [None, ALL_TIME])
@pytest.mark.parametrize("gone", [2, 17, 45])
def test_rows_that_go_away_hide_no_others(
    peer: PipedrivePeer, connector: PipedriveConnector, window: SyncWindow | None, gone: int
) -> None:
    leads = seed(peer, 110)
    in_order = sorted(leads)

    def delete() -> None:
        for key in in_order[:gone]:
            peer.account.delete("leads", key)

    found = read_with(connector, window, {2: delete})
    assert set(found) >= set(in_order[gone:])


def test_rows_that_change_while_a_window_is_read_come_now_or_next(
    peer: PipedrivePeer, connector: PipedriveConnector
) -> None:
    leads = sorted(seed(peer, 110))
    start = peer.account.clock.now()

    def edit() -> None:
        peer.account.clock.advance(seconds=2)
        for key in leads[60:90]:
            peer.account.edit("leads", key, {"title": "new"})

    found = read_with(connector, ALL_TIME, {1: edit})
    later = read_with(connector, SyncWindow(start, start + timedelta(days=1)), {})
    assert set(found) >= set(leads) - set(later)
    assert set(later) == set(leads[60:90])


def test_a_window_of_leads_stops_at_the_first_row_before_it(peer: PipedrivePeer, connector: PipedriveConnector) -> None:
    leads = seed(peer, 100)
    peer.account.edit("leads", leads[50], {"title": "new"})
    start = peer.account.clock.now() - timedelta(minutes=1)
    before = connector.requests
    assert read_with(connector, SyncWindow(start, start + timedelta(hours=1)), {}) == [leads[50]]
    assert connector.requests - before == 4  # one page of each list


def test_rows_that_share_a_second_at_a_page_border_all_come(peer: PipedrivePeer, connector: PipedriveConnector) -> None:
    made = seed(peer, 130, "deals")
    pages = list(connector._reader.pages("deals", ALL_TIME, size=50))
    assert [len(page.items) for page in pages] == [50, 50, 30, 0]
    assert [str(item["id"]) for page in pages for item in page.items] == made


def test_a_cursor_that_is_unknown_starts_all_over(connector: PipedriveConnector) -> None:
    with pytest.raises(StaleCursorError):
        next(connector.pages("deals", ["title"], None, "0|unknown"))


def test_more_records_than_one_request_may_name_are_read_by_id(
    peer: PipedrivePeer, connector: PipedriveConnector
) -> None:
    made = seed(peer, 130, "persons")
    assert [record.record_id for record in connector.read("persons", made, ["name"])] == made
