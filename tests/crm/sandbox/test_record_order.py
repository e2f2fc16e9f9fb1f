"""Records of a peer in an order that lasts."""

from __future__ import annotations

from crm.sandbox.peer_account import PeerAccount
from crm.sandbox.record_order import id_order
from leadworth.crm_records import RecordState


def test_records_come_in_the_order_of_their_numbers_from_both_sides() -> None:
    account = PeerAccount()
    order = id_order(account)
    for key in ("10", "9", "100"):
        account.create("leads", {}, record_id=key)
    assert [record.record_id for record in order.all("leads")] == ["9", "10", "100"]
    assert [record.record_id for record in order.after("leads", 9)] == ["10", "100"]
    assert [record.record_id for record in order.before("leads", 100)] == ["10", "9"]
    assert not list(order.after("companies", 0))


def test_new_records_and_those_that_are_gone_for_ever_are_noticed_and_deleted_ones_stay() -> None:
    account = PeerAccount()
    order = id_order(account)
    first = account.create("leads", {})
    assert len(order.all("leads")) == 1
    second = account.create("leads", {})
    account.delete("leads", first)
    assert [record.state for record in order.all("leads")] == [RecordState.DELETED, RecordState.LIVE]
    del account.of("leads")[first]
    third = account.create("leads", {})
    assert [record.record_id for record in order.all("leads")] == [second, third]
