"""Former values of leads."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.connectors.odoo.odoo_values import ARCHIVED, LEAD, LOST
from leadworth.http_client import HttpClient
from tests.crm.connectors.odoo.odoo_database import Database, running


def test_stages_come_from_tracking_with_their_times(any_database: Database) -> None:
    lead = any_database.lead(expected_revenue=100.0)
    any_database.edit(lead, stage_id=2)
    any_database.edit(lead, user_id=2)
    any_database.edit(lead, expected_revenue=5_000.0)
    any_database.edit(lead, stage_id=4)
    times = [change.valid_at for change in any_database.connector.changes(LEAD, [lead])]
    assert times == sorted(times)
    stages = any_database.changes(lead)
    assert [change.value for change in stages] == ["1", "2", "4"]
    assert (stages[1].valid_at - stages[0].valid_at).total_seconds() == pytest.approx(60, abs=1)
    assert [change.value for change in any_database.changes(lead, "expected_revenue")] == [100.0, 5_000.0]
    assert [change.value for change in any_database.changes(lead, "user_id")] == [None, 2]


def test_lost_is_the_time_of_the_archive(database: Database) -> None:
    lead = database.lead()
    database.edit(lead, stage_id=3)
    database.edit(lead, lost_reason_id__name="Too expensive")
    at = database.account.clock.now()
    database.edit(lead, city="Ghent")
    stages = database.changes(lead)
    assert [change.value for change in stages] == ["1", "3", LOST]
    assert abs((stages[-1].valid_at - at).total_seconds()) < 1


def test_a_lead_that_was_restored_was_lost_before(database: Database) -> None:
    lead = database.lead()
    database.edit(lead, lost_reason_id__name="Too expensive")
    database.edit(lead, outcome_stage="2")
    assert [change.value for change in database.changes(lead)] == ["1", LOST, "2"]


def test_the_history_of_an_absorbed_lead_is_not_that_of_the_survivor(any_database: Database) -> None:
    survivor, absorbed = any_database.lead(), any_database.lead()
    any_database.edit(absorbed, stage_id=4)
    any_database.edit(survivor, stage_id=2)
    any_database.account.merge(LEAD, survivor, absorbed)
    assert [change.value for change in any_database.changes(survivor)] == ["1", "2"]


def test_without_the_right_the_present_stage_is_told(any_database: Database) -> None:
    open_lead, won = any_database.lead(), any_database.lead()
    any_database.edit(won, stage_id=4)
    closed_at = any_database.account.clock.now()
    any_database.edit(won, city="Ghent")
    any_database.peer.methods.is_administrator = False
    assert [change.value for change in any_database.changes(open_lead)] == ["1"]
    [change] = any_database.changes(won)
    assert change.value == "4"
    assert abs((change.valid_at - closed_at).total_seconds()) < 1


def test_former_values_come_with_the_leads_where_all_are_read(database: Database) -> None:
    lead, other = database.lead(), database.lead()
    database.edit(lead, stage_id=4)
    read = {record.record_id: record.changes for record in database.read(None, ["email_from"])}
    assert read == {key: tuple(database.connector.changes(LEAD, [key])) for key in (lead, other)}
    assert [record.changes for record in database.read(database.window(hours=1), ["email_from"])] == [None, None]


@pytest.fixture(scope="module")
def shared(http: HttpClient) -> object:
    with running(http) as database:
        yield database


actions = st.lists(st.sampled_from(["1", "2", "3", "4", "reason", "archive", "restore", "city"]), max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=actions)
def test_any_sequence_of_moves_is_told_in_order(shared: Database, moves: list[str]) -> None:
    lead = shared.lead()
    truth = ["1"]
    reason = False
    for move in moves:
        values = shared.account.of(LEAD)[lead].values
        if move == "reason":
            if not reason and values["active"]:
                shared.edit(lead, lost_reason_id__name="No budget")
                reason = True
        elif move == "archive":
            shared.edit(lead, active=False)
        elif move == "restore":
            shared.edit(lead, active=True, lost_reason_id=None)
            reason = False
        elif move == "city":
            shared.edit(lead, city=f"{values.get('city')}.")
        elif values["active"]:
            shared.edit(lead, stage_id=int(move))
        now = str(shared.account.of(LEAD)[lead].values["outcome_stage"])
        truth += [now] if now != truth[-1] else []
    told = [change.value for change in shared.changes(lead)]
    assert told[-1] == truth[-1]
    changing = [value for place, value in enumerate(told) if not place or value != told[place - 1]]
    assert [_known(value) for value in changing] == [_known(value) for value in truth]


def _known(value: object) -> object:
    """Return a stage as the tracking tells it: the probability of the past is not tracked."""
    return {LOST: "hidden", ARCHIVED: "hidden"}.get(str(value), value)
