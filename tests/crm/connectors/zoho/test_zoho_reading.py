"""Reading: beyond 2,000 records and 50 fields, hidden leads, deletions, and what changes meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm.connector import StaleCursorError, SyncWindow
from crm.crm_http import CrmRefusedError
from leadworth.crm_records import RecordState
from tests.crm.connectors.zoho.zoho_world import FIELDS, ZohoWorld, keys, read_all


def test_more_than_2000_records_of_one_second_are_all_read(world: ZohoWorld) -> None:
    at = world.account.clock.now() - timedelta(minutes=5)
    made = sorted(world.lead(number, at=at) for number in range(2_300))
    connector = world.connector()
    before = connector.requests
    found = read_all(connector, "Leads", FIELDS, world.window())
    assert keys(found) == made
    assert connector.requests - before == 1 + 3 + 2  # fields; 200, 2,000 and 100 rows; two lists of hidden leads
    assert keys(read_all(connector, "Leads", FIELDS, None)) == made
    assert sorted(key for page in connector.ids("Leads") for key in page) == made


def test_fields_beyond_50_are_all_read(world: ZohoWorld) -> None:
    names = [f"custom_{number}" for number in range(130)]
    world.peer.create_fields("Leads", names)
    plain, converted = world.lead(0, **{name: f"{name} 0" for name in names}), world.lead(1, custom_129="last")
    world.account.convert(converted)
    for window in (None, world.window()):
        found = {record.record_id: record for record in read_all(world.connector(), "Leads", names, window)}
        assert found.keys() == {plain, converted}
        assert dict(found[plain].values) == {name: f"{name} 0" for name in names}
        assert found[converted].values["custom_129"] == "last"
    [record] = world.connector().read("Leads", [converted], names)
    assert (record.values["custom_129"], len(record.values)) == ("last", 130)


def test_a_column_that_no_query_supports_is_read_by_id(world: ZohoWorld) -> None:
    key = world.lead(0, Interests="a;b")
    connector = world.connector()
    for _ in range(2):
        [record] = read_all(connector, "Leads", ["Email", "Interests"], world.window())
        assert (record.record_id, record.values["Interests"]) == (key, "a;b")


def test_converted_and_unapproved_leads_are_read_in_windows_and_at_first(world: ZohoWorld) -> None:
    plain, converted, waiting = (world.lead(number) for number in range(3))
    world.account.unapproved.add(waiting)
    deal = world.account.convert(converted, amount=100.0)
    for window in (None, world.window()):
        found = {record.record_id: record for record in read_all(world.connector(), "Leads", FIELDS, window)}
        assert found.keys() == {plain, converted, waiting}
        assert {(link.to_object, link.label) for link in found[converted].links or ()} == {
            ("Deals", "converted"),
            ("Contacts", "converted"),
            ("Accounts", "primary"),
        }
        assert found[converted].values["Converted_Deal"] == deal
    assert {key for page in world.connector().ids("Leads") for key in page} == {plain, converted, waiting}


def test_lists_go_beyond_2000_records_and_stay_within_the_window(world: ZohoWorld) -> None:
    old = world.account.clock.now() - timedelta(days=3)
    made = [world.lead(number, at=old, Converted__s=True) for number in range(2_150)]  # type: ignore[arg-type]
    assert keys(read_all(world.connector(), "Leads", ["Email"], None)) == sorted(made)
    assert read_all(world.connector(), "Leads", ["Email"], world.window()) == []  # 204 and 304


def test_a_run_goes_on_after_each_bookmark(world: ZohoWorld) -> None:
    made = [world.lead(number) for number in range(250)]
    for key in made[:30]:
        world.account.convert(key, deal=False)
    connector = world.connector()
    pages = list(connector.pages("Leads", FIELDS, world.window()))
    assert len(pages) == 3
    assert pages[-1].bookmark == "unapproved:"
    seen: set[str] = set()
    for page in pages:
        seen |= {record.record_id for record in page.records}
        rest = read_all(world.connector(), "Leads", FIELDS, world.window(), page.bookmark) if page.bookmark else []
        assert seen | set(keys(rest)) == set(made)


def test_a_page_of_a_list_that_expired_means_reading_again(world: ZohoWorld) -> None:
    for number in range(250):
        world.account.convert(world.lead(number), deal=False)
    connector = world.connector()
    bookmark = next(iter(connector.pages("Leads", FIELDS, None))).bookmark
    assert bookmark.startswith("converted:ey")
    world.account.clock.advance(days=2)
    connector = world.connector()
    with pytest.raises(StaleCursorError):
        read_all(connector, "Leads", FIELDS, None, bookmark)


def test_a_list_that_dies_within_a_run_is_an_error_and_no_endless_loop(world: ZohoWorld) -> None:
    for number in range(250):
        world.account.convert(world.lead(number), deal=False)
    world.peer.reads.token_seconds = -1.0
    with pytest.raises(CrmRefusedError, match="INVALID_DATA page_token"):
        read_all(world.connector(), "Leads", FIELDS, None)


def test_records_that_change_between_pages_cost_no_other_one(world: ZohoWorld) -> None:
    made = [world.lead(number) for number in range(450)]
    window = world.window()
    pages = world.connector().pages("Leads", FIELDS, window)
    found = {record.record_id for record in next(pages).records}
    world.account.delete("Leads", made[0])
    world.account.edit("Leads", made[1], {"Company": "Other"})
    world.account.convert(made[300])
    found |= {record.record_id for page in pages for record in page.records}
    assert found == set(made)


def test_windows_meet_without_a_gap(world: ZohoWorld) -> None:
    start = world.account.clock.now().replace(microsecond=0) - timedelta(minutes=30)
    made = [world.lead(number, at=start + timedelta(milliseconds=250 * number)) for number in range(20)]
    middle = start + timedelta(milliseconds=2_600)
    windows = (SyncWindow(start, middle), SyncWindow(middle, start + timedelta(seconds=9)))
    found = {record.record_id for window in windows for record in read_all(world.connector(), "Leads", [], window)}
    assert found == set(made)


def test_deletions_for_ever_and_losers_of_merges_are_removals(world: ZohoWorld) -> None:
    gone, erased, kept, lost, live = (world.lead(number) for number in range(5))
    world.account.clock.advance(hours=2)
    world.account.delete("Leads", gone)
    world.account.erase("Leads", erased)
    world.account.merge("Leads", kept, lost)
    [page] = world.connector().removals("Leads", world.window())
    assert keys(list(page.records)) == sorted([gone, erased, lost])
    assert {record.state for record in page.records} == {RecordState.DELETED}
    states = [record.state for record in world.connector().read("Leads", [gone, live, lost], ["Email"])]
    assert states == [RecordState.DELETED, RecordState.LIVE, RecordState.DELETED]
    world.account.clock.advance(hours=2)
    assert [record for page in world.connector().removals("Leads", world.window()) for record in page.records] == []


def test_more_than_2000_deletions_are_all_read(world: ZohoWorld) -> None:
    for number in range(2_050):
        world.account.delete("Leads", world.lead(number))
    pages = list(world.connector().removals("Leads", world.window()))
    assert sum(len(page.records) for page in pages) == 2_050


def test_a_count_that_hides_converted_leads_is_not_used(world: ZohoWorld) -> None:
    world.account.convert(world.lead())
    assert world.connector().count("Leads") is None
    assert world.connector().count("Deals") == 1
