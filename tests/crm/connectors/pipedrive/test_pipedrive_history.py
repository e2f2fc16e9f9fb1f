"""Stages of deals over time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.connectors.pipedrive.peer import PipedrivePeer
from crm.connectors.pipedrive.pipedrive_fields import without_nesting
from crm.connectors.pipedrive.pipedrive_history import stages_in
from crm.connectors.pipedrive.pipedrive_peer_account import PipedriveAccount
from tests.crm.connectors.pipedrive.pipedrive_account import connected, quick_peer, records, seed


def play(peer: PipedrivePeer, stages: list[str]) -> str:
    """Move a new deal through stages, an hour each, which all lie in the past."""
    at = peer.account.clock.now().replace(microsecond=0) - timedelta(days=20)
    deal = peer.account.create("deals", {"stage": stages[0]}, at=at)
    for number, stage in enumerate(stages[1:], 1):
        peer.account.edit("deals", deal, {"stage": stage}, at=at + timedelta(hours=number))
    return deal


def truth(account: PipedriveAccount, deal: str) -> list[tuple[object, object]]:
    history = account.of("deals")[deal].history
    return [(change.value, change.valid_at) for change in history if change.field == "stage"]


@settings(max_examples=30)
@given(stages=st.lists(st.sampled_from(["1", "2", "3", "won", "lost"]), max_size=8))
def test_the_log_gives_back_every_stage(stages: list[str]) -> None:
    peer = quick_peer()
    deal = play(peer, ["1", *stages])
    record = peer.account.of("deals")[deal]
    entries = peer.views.log(record)[::-1]
    found = list(stages_in(without_nesting(peer.views.show("deals", record)), entries))
    assert [(change.value, change.valid_at) for change in found] == truth(peer.account, deal)


def test_a_closed_deal_costs_one_request_and_an_open_one_none() -> None:
    peer = quick_peer()
    closed, opened = play(peer, ["1", "3", "2", "won"]), play(peer, ["1", "2"])
    with connected(peer) as connector:
        by_id = {record.record_id: record for record in records(connector.pages("deals", ["stage"], None))}
        assert by_id[closed].changes is None
        assert [(change.value, change.valid_at) for change in by_id[opened].changes or ()] == truth(
            peer.account, opened
        )[-1:]
        changes = list(connector.changes("deals", [closed, opened]))
        assert list(connector.changes("leads", seed(peer, 1))) == []
    assert [(change.value, change.valid_at) for change in changes if change.record_id == closed] == truth(
        peer.account, closed
    )
    assert [path for _, path in peer.calls if path.endswith("changelog")] == [f"v1/deals/{closed}/changelog"]


def test_a_deal_closed_long_ago_tells_only_its_last_stages() -> None:
    peer = quick_peer()
    deal = play(peer, ["1", "3", "2", "lost"])
    with connected(peer, history_days=5) as connector:
        (record,) = records(connector.pages("deals", ["stage"], None))
    assert [(change.value, change.valid_at) for change in record.changes or ()] == truth(peer.account, deal)[-2:]
    assert not [path for _, path in peer.calls if path.endswith("changelog")]


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_deal_that_was_imported_as_closed_is_closed_at_its_time(status: str) -> None:
    deal = {"id": 5, "stage_id": 2, "status": status, "add_time": "2026-01-02T08:00:00Z"}
    found = list(stages_in({**deal, f"{status}_time": "2026-01-09T08:00:00Z"}, []))
    assert [(change.value, str(change.valid_at)[:10]) for change in found] == [
        ("2", "2026-01-02"),
        (status, "2026-01-09"),
    ]
