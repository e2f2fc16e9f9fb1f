"""Windows, whole objects, removals: what recorded complaints lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.connector import StaleCursorError, SyncWindow
from crm.connectors.salesforce import salesforce_reader
from leadworth.crm_records import RecordState
from leadworth.errors import ConfigurationError
from leadworth.http_errors import BusyError
from tests.crm.connectors.salesforce.org import FIELDS, START, Org, read_all


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(salesforce_reader, "PAGE_ROWS", 3)


def test_rows_that_share_one_stamp_come_all_across_page_borders(org: Org, small_pages: None) -> None:
    keys = {org.lead(number, at=START) for number in range(10)}
    connector = org.connector()
    pages = list(connector.pages("Lead", FIELDS, SyncWindow(START, START + timedelta(seconds=1))))
    assert [len(page.records) for page in pages] == [3, 3, 3, 1]
    assert {record.record_id for page in pages for record in page.records} == keys
    assert not pages[-1].bookmark


def test_a_window_goes_on_after_any_page_in_another_process(org: Org, small_pages: None) -> None:
    keys = [org.lead(number, at=START + timedelta(seconds=number // 4)) for number in range(11)]
    window = SyncWindow(START, START + timedelta(hours=1))
    pages = list(org.connector().pages("Lead", FIELDS, window))
    for number, page in enumerate(pages[:-1], start=1):
        rest = [
            record.record_id
            for later in org.connector().pages("Lead", FIELDS, window, page.bookmark)
            for record in later.records
        ]
        assert rest == keys[3 * number :]


def test_a_row_that_commits_late_with_an_older_stamp_is_in_a_window_with_lookback(org: Org) -> None:
    now = org.account.clock.now()
    late = org.account.commit_late("Lead", {"LastName": "Late"}, at=now, visible=now + timedelta(minutes=4))
    window = SyncWindow(now - timedelta(minutes=10), now + timedelta(seconds=1))
    connector = org.connector()
    assert read_all(connector, "Lead", FIELDS, window) == []
    org.account.clock.advance(minutes=5)  # the lag that the catalog asks for
    assert connector.info.search_lag_seconds >= 300
    assert [record.record_id for record in read_all(connector, "Lead", FIELDS, window)] == [late]


def test_a_change_that_only_moves_the_system_stamp_is_read(org: Org) -> None:
    key = org.lead(at=START)
    org.account.of("Lead")[key].modified_at = START + timedelta(days=3)
    window = SyncWindow(START + timedelta(days=2), START + timedelta(days=4))
    assert [record.record_id for record in read_all(org.connector(), "Lead", FIELDS, window)] == [key]


def test_rows_that_change_between_pages_come_now_or_in_the_next_window(org: Org, small_pages: None) -> None:
    keys = {org.lead(number, at=START) for number in range(9)}
    connector = org.connector()
    seen = set()
    for page in connector.pages("Lead", FIELDS, SyncWindow(START, START + timedelta(hours=1))):
        seen |= {record.record_id for record in page.records}
        org.account.edit("Lead", max(keys), {"Status": f"Working {len(seen)}"})
    seen |= {record.record_id for record in read_all(connector, "Lead", FIELDS, org.window())}
    assert seen == keys


def test_pages_that_salesforce_makes_shorter_are_read_to_their_end(org: Org) -> None:
    keys = {org.lead(number) for number in range(7)}
    org.peer.page_rows = 2
    connector = org.connector()
    for window in (org.window(), None):
        assert {record.record_id for record in read_all(connector, "Lead", FIELDS, window)} == keys
    assert {record.record_id for record in connector.read("Lead", sorted(keys), FIELDS)} == keys


def test_a_converted_lead_is_readable_and_names_its_opportunity(org: Org) -> None:
    key = org.lead()
    org.account.convert(key)
    [record] = read_all(
        org.connector(), "Lead", ["IsConverted", "ConvertedDate", "ConvertedOpportunityId"], org.window()
    )
    deal = next(iter(org.account.of("Opportunity")))
    assert (record.state, record.values["IsConverted"]) == (RecordState.LIVE, True)
    assert record.values["ConvertedOpportunityId"] == deal
    assert len(str(record.values["ConvertedDate"])) == len("2026-01-01")


def test_deleted_merged_and_purged_records_are_removals(org: Org) -> None:
    gone, kept, absorbed, purged, back = (org.lead(number) for number in range(5))
    org.account.delete("Lead", gone)
    org.account.merge("Lead", kept, absorbed)
    org.account.delete("Lead", purged)
    org.account.purge("Lead", purged)
    org.account.delete("Lead", back)
    org.account.restore("Lead", back)
    org.account.clock.advance(minutes=1)  # Salesforce ignores the seconds of the end
    connector = org.connector()
    removed = {record.record_id: record for page in connector.removals("Lead", org.window()) for record in page.records}
    assert {key: record.state for key, record in removed.items()} == {
        gone: RecordState.DELETED,
        absorbed: RecordState.MERGED,
        purged: RecordState.DELETED,
    }
    assert removed[absorbed].merged_into == kept
    live = {record.record_id for record in read_all(connector, "Lead", FIELDS, org.window())}
    assert live == {kept, back}  # an undeleted record has a new stamp


def test_the_log_of_deletions_may_be_behind_without_loss(org: Org) -> None:
    key = org.lead()
    org.account.delete("Lead", key)
    org.account.purge("Lead", key)
    org.peer.latest_covered_lag = timedelta(hours=2)
    connector = org.connector()
    window = org.window()
    assert not [record for page in connector.removals("Lead", window) for record in page.records]
    org.account.clock.advance(hours=3)
    following = SyncWindow(window.end, org.account.clock.now())
    assert [r.record_id for page in connector.removals("Lead", following) for r in page.records] == [key]


def test_a_log_that_is_far_behind_stops_the_run(org: Org) -> None:
    org.peer.latest_covered_lag = timedelta(days=2)
    with pytest.raises(BusyError, match="log of deletions of Lead ends at"):
        list(org.connector().removals("Lead", org.window()))


def test_a_purged_log_or_one_too_old_needs_a_comparison_of_all_ids(org: Org) -> None:
    connector = org.connector()
    with pytest.raises(StaleCursorError, match="since"):
        list(connector.removals("Lead", org.window(days=20)))
    assert list(connector.removals("Lead", org.window(days=14, hours=23))) is not None
    org.peer.earliest_deletion["Lead"] = org.account.clock.now() - timedelta(minutes=5)
    with pytest.raises(StaleCursorError, match="purged"):
        list(connector.removals("Lead", org.window()))
    assert not list(connector.removals("User", org.window(days=20)))  # users are never deleted


def test_a_field_that_appears_or_vanishes_loses_no_rows(org: Org, small_pages: None) -> None:
    keys = [org.lead(number, Email=f"n{number}@example.org") for number in range(7)]
    connector = org.connector()
    pages = connector.pages("Lead", [*FIELDS, "Score_Old__c"], org.window())
    first = next(pages)
    assert first.records[0].values["Email"] == "n0@example.org"
    org.peer.remove_field("Lead", "Email")  # also what a lost field-level permission looks like
    org.peer.rows.kinds["Lead"]["Region__c"] = "picklist"
    rest = [record for page in pages for record in page.records]
    assert [record.record_id for record in [*first.records, *rest]] == keys
    assert all("Email" not in record.values for record in rest)
    names = {field.name for field in connector.fields("Lead")}
    assert "Region__c" in names
    assert "Email" not in names
    org.account.edit("Lead", keys[0], {"Region__c": "North"})
    [record] = connector.read("Lead", keys[:1], ["Region__c"])
    assert record.values == {"Region__c": "North"}


def test_records_are_read_by_short_and_long_ids_and_vanished_ones_are_deleted(org: Org) -> None:
    keys = [org.lead(number) for number in range(1200)]  # several addresses of queries
    records = org.connector().read("Lead", [keys[0][:15], *keys[1:], "00Q5e0000ZZZZZZ"], ["LastName"])
    assert [record.record_id for record in records[:-1]] == keys
    assert records[5].values["LastName"] == "Number 5"
    assert records[-1].state is RecordState.DELETED


def test_archived_activities_are_read_and_counted(org: Org) -> None:
    lead = org.lead()
    old = org.account.create("Task", {"WhoId": lead, "IsArchived": True})
    gone = org.account.create("Task", {"WhoId": lead})
    org.account.delete("Task", gone)
    connector = org.connector()
    assert connector.count("Task") == 1
    for window in (org.window(), None):
        [record] = read_all(connector, "Task", ["WhoId", "WhatId"], window)
        assert record.record_id == old
        assert [(link.to_object, link.to_id) for link in record.links or ()] == [("Lead", lead)]


def test_too_many_fields_are_refused_with_the_limit(org: Org) -> None:
    names = [f"A_rather_long_name_of_a_field_{number:04d}__c" for number in range(400)]
    org.peer.rows.kinds["Lead"] |= dict.fromkeys(names, "string")
    with pytest.raises(ConfigurationError, match="allowed: 12,000"):
        list(org.connector().pages("Lead", names, None))


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stamps=st.lists(st.integers(0, 4), max_size=14),
    gone=st.sets(st.integers(0, 13)),
    size=st.integers(1, 5),
    shrink=st.integers(1, 5),
)
def test_every_live_row_of_a_window_comes_once(
    org: Org, stamps: list[int], gone: set[int], size: int, shrink: int
) -> None:
    org.account.records.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(salesforce_reader, "PAGE_ROWS", size)
        org.peer.page_rows = shrink
        keys = [org.lead(number, at=START + timedelta(seconds=stamp)) for number, stamp in enumerate(stamps)]
        for number in gone & set(range(len(keys))):
            org.account.delete("Lead", keys[number])
        window = SyncWindow(START + timedelta(seconds=1), START + timedelta(seconds=4))
        expected = [
            key
            for number, key in enumerate(keys)
            if number not in gone and window.start <= START + timedelta(seconds=stamps[number]) < window.end
        ]
        connector = org.connector()
        assert sorted(record.record_id for record in read_all(connector, "Lead", FIELDS, window)) == expected
        live = [key for number, key in enumerate(keys) if number not in gone]
        assert [key for some in connector.ids("Lead") for key in some] == live
        assert connector.count("Lead") == len(live)
