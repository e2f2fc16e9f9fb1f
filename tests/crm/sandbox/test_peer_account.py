"""Account of a local peer: what people do in a CRM."""

from __future__ import annotations

from datetime import timedelta

from crm.sandbox.peer_account import PeerAccount
from leadworth.crm_records import RecordLink, RecordState


def test_a_merge_fills_empty_fields_moves_links_and_ends_the_other_record() -> None:
    account = PeerAccount()
    company = account.create("companies", {"domain": "example.org"})
    kept = account.create("contacts", {"email": "ada@example.org", "phone": ""})
    lost = account.create("contacts", {"email": "a@example.org", "phone": "+390612345"})
    account.link("contacts", lost, RecordLink("companies", company, "primary"))
    account.merge("contacts", kept, lost)
    truth = account.truth("contacts")
    assert truth[kept].values == {"email": "ada@example.org", "phone": "+390612345"}
    assert truth[kept].links == (RecordLink("companies", company, "primary"),)
    assert truth[kept].absorbed == (lost,)
    assert (truth[lost].state, truth[lost].merged_into) == (RecordState.MERGED, kept)
    assert {link.to_id for link in account.of("companies")[company].links} == {kept}


def test_a_change_is_visible_after_the_lag_and_a_link_moves_no_time() -> None:
    account = PeerAccount(lag_seconds=30)
    company = account.create("companies", {})
    contact = account.create("contacts", {"email": "ada@example.org"})
    assert account.visible("contacts") == []
    before = account.of("contacts")[contact].modified_at
    account.clock.advance(seconds=31)
    assert [record.record_id for record in account.visible("contacts")] == [contact]
    account.link("contacts", contact, RecordLink("companies", company))
    assert account.of("contacts")[contact].modified_at == before


def test_history_holds_each_value_once_with_its_author() -> None:
    account = PeerAccount()
    contact = account.create("contacts", {"status": "new"})
    account.clock.advance(days=1)
    account.edit("contacts", contact, {"status": "new"})
    account.write("contacts", contact, {"lw_band": "A"}, by="leadworth")
    history = account.of("contacts")[contact].history
    assert [(change.field, change.value, change.changed_by) for change in history] == [
        ("status", "new", "person"),
        ("lw_band", "A", "leadworth"),
    ]
    assert history[1].valid_at - history[0].valid_at >= timedelta(days=1)
    assert [dict(write.values) for write in account.writes] == [{"lw_band": "A"}]
