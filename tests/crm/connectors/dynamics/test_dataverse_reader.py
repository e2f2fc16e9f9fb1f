"""Windows, whole tables, counts, and deletions by change tracking."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.connector import RecordPage, StaleCursorError, SyncWindow
from crm.connectors.dynamics.connector import DynamicsConnector
from crm.crm_http import CrmRefusedError
from leadworth.crm_records import RecordState
from tests.crm.connectors.dynamics.environment import FIELDS, START, Environment, read_all


def removed(connector: DynamicsConnector, window: SyncWindow, token: str) -> tuple[list[str], str, bool]:
    """Return the ids that were deleted, the new token, and whether all ids have to be compared."""
    pages: list[RecordPage] = []
    try:
        for page in connector.removals_after("lead", window, token):
            pages.append(page)
    except StaleCursorError:
        return [], pages[-1].token if pages else "", True
    assert all(record.state is RecordState.DELETED for page in pages for record in page.records)
    return [record.record_id for page in pages for record in page.records], pages[-1].token, False


def test_rows_of_one_time_come_all_across_page_borders(environment: Environment) -> None:
    keys = {environment.lead(number, at=START) for number in range(10)}
    environment.peer.page_rows = 3
    pages = list(environment.connector().pages("lead", FIELDS, SyncWindow(START, START + timedelta(seconds=1))))
    assert [len(page.records) for page in pages] == [3, 3, 3, 1]
    assert {record.record_id for page in pages for record in page.records} == keys
    assert not pages[-1].bookmark


def test_reading_goes_on_after_any_page_in_another_process(environment: Environment) -> None:
    for number in range(7):
        environment.lead(number, at=START + timedelta(seconds=number // 3))
    environment.peer.page_rows = 2
    for window in (None, SyncWindow(START, START + timedelta(hours=1))):
        pages = list(environment.connector().pages("lead", FIELDS, window))
        everything = [record.record_id for page in pages for record in page.records]
        for number, page in enumerate(pages[:-1], start=1):
            assert not page.bookmark.startswith("http")
            later = environment.connector().pages("lead", FIELDS, window, page.bookmark)
            assert [record.record_id for rest in later for record in rest.records] == everything[2 * number :]


def test_rows_that_change_between_pages_come_now_or_in_the_next_window(environment: Environment) -> None:
    keys = {environment.lead(number, at=START) for number in range(9)}
    environment.peer.page_rows = 2
    connector = environment.connector()
    seen = set()
    for page in connector.pages("lead", FIELDS, SyncWindow(START, START + timedelta(hours=1))):
        seen |= {record.record_id for record in page.records}
        environment.account.edit("lead", max(keys), {"lastname": f"Edited {len(seen)}"})
    seen |= {record.record_id for record in read_all(connector, "lead", FIELDS, environment.window())}
    assert seen == keys


def test_deletions_come_from_the_delta_link(environment: Environment) -> None:
    gone, kept = environment.lead(1), environment.lead(2)
    connector = environment.connector()
    _, token, compare = removed(connector, environment.window(), "")
    assert compare  # the first time all ids are compared
    assert token
    assert removed(connector, environment.window(), token)[0] == []
    environment.account.delete("lead", gone)
    short_lived = environment.lead(3)
    environment.account.delete("lead", short_lived)
    environment.account.edit("lead", kept, {"lastname": "Edited"})
    environment.peer.page_rows = 1
    ids, after, compare = removed(environment.connector(), environment.window(), token)
    assert (set(ids), compare) == ({gone, short_lived}, False)
    assert removed(connector, environment.window(), after)[0] == []
    assert set(removed(connector, environment.window(), token)[0]) == {gone, short_lived}  # a run that is repeated


def test_an_expired_delta_link_starts_a_new_one_and_a_comparison_of_all_ids(environment: Environment) -> None:
    gone = environment.lead(1)
    environment.lead(2)
    connector = environment.connector()
    _, token, _ = removed(connector, environment.window(), "")
    environment.account.delete("lead", gone)
    environment.account.clock.advance(days=8)
    with pytest.raises(StaleCursorError, match="no longer knows the deletions"):
        list(connector.removals_after("lead", environment.window(), token))
    ids, fresh, compare = removed(connector, environment.window(), token)
    assert (ids, compare) == ([], True)
    assert fresh != token
    last = environment.lead(3)
    environment.account.delete("lead", last)
    assert removed(connector, environment.window(), fresh)[0] == [last]
    assert gone not in {key for some in connector.ids("lead") for key in some}


def test_without_change_tracking_or_a_link_all_ids_are_compared(environment: Environment) -> None:
    connector = environment.connector()
    with pytest.raises(StaleCursorError, match="change tracking of the table phonecall is off"):
        list(connector.removals_after("phonecall", environment.window(), ""))
    with pytest.raises(StaleCursorError):
        list(connector.removals("lead", environment.window()))


def test_a_merged_lead_stays_and_names_its_survivor(environment: Environment) -> None:
    kept, absorbed = environment.lead(1), environment.lead(2)
    environment.account.merge("lead", kept, absorbed)
    connector = environment.connector()
    records = {record.record_id: record for record in read_all(connector, "lead", FIELDS, environment.window())}
    assert (records[absorbed].state, records[absorbed].merged_into) == (RecordState.MERGED, kept)
    assert records[kept].state is RecordState.LIVE
    assert list(connector.ids("lead")) == [[kept]]
    assert connector.count("lead") == 1
    assert connector.read("lead", [absorbed], FIELDS)[0].state is RecordState.MERGED


def test_counts_above_the_limit_of_aggregates_are_added_by_halves(environment: Environment) -> None:
    for number in range(40):
        environment.lead(number, at=START + timedelta(days=number // 4))
    environment.peer.most_aggregated = 5
    assert environment.connector().count("lead") == 40
    environment.peer.most_aggregated = 3
    with pytest.raises(CrmRefusedError, match="created at 2026-11"):
        environment.connector().count("lead")


def test_a_column_that_vanishes_while_pages_are_read_loses_no_rows(environment: Environment) -> None:
    keys = {environment.lead(number) for number in range(6)}
    environment.peer.page_rows = 2
    connector = environment.connector()
    pages = connector.pages("lead", FIELDS, environment.window())
    seen = {record.record_id for record in next(pages).records}
    environment.peer.remove_field("lead", "emailaddress1")
    rest = [record for page in pages for record in page.records]
    assert seen | {record.record_id for record in rest} == keys
    assert "emailaddress1" not in rest[-1].values


def test_records_are_read_by_id_and_vanished_ones_are_deleted(environment: Environment) -> None:
    keys = [environment.lead(number) for number in range(130)]
    environment.account.delete("lead", keys[0])
    records = environment.connector().read("lead", keys, ["lastname"])
    assert [record.record_id for record in records] == keys
    assert (records[0].state, records[5].values) == (RecordState.DELETED, {"lastname": "Number 5"})


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stamps=st.lists(st.integers(0, 4), max_size=12), gone=st.sets(st.integers(0, 11)), size=st.integers(1, 5))
def test_every_row_of_a_window_comes_once(
    environment: Environment, stamps: list[int], gone: set[int], size: int
) -> None:
    environment.account.records["lead"] = {}
    environment.peer.page_rows = size
    keys = [environment.lead(number, at=START + timedelta(seconds=stamp)) for number, stamp in enumerate(stamps)]
    for number in gone & set(range(len(keys))):
        environment.account.delete("lead", keys[number])
    window = SyncWindow(START + timedelta(seconds=1), START + timedelta(seconds=4))
    live = {key: stamps[number] for number, key in enumerate(keys) if number not in gone}
    connector = environment.connector()
    read = [record.record_id for record in read_all(connector, "lead", FIELDS, window)]
    assert sorted(read) == sorted(key for key, stamp in live.items() if 1 <= stamp < 4)
    assert sorted(key for some in connector.ids("lead") for key in some) == sorted(live)
    assert connector.count("lead") == len(live)
