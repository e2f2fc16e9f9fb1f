"""Writing of scores: results of single rows, and what a write must not set off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from crm.connectors.zoho import zoho_scores
from crm.connectors.zoho.zoho_account import OTHER_OWNER_ID, PERSON_ID
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_records import ScoreRow
from leadworth.errors import TerminalError
from tests.crm.connectors.zoho.zoho_world import FIELDS, ZohoWorld, read_all

SCORES = {
    "lw_win_probability": 0.123456,
    "lw_expected_revenue": 2000.5,
    "lw_predicted_value": 246.864,
    "lw_currency": "EUR",
    "lw_junk_probability": 0.01,
    "lw_band": "B",
    "lw_verdict": "accept",
    "lw_reasons": "A company address.",
    "lw_model": "v3",
    "lw_scored_at": "2026-11-28T01:02:03.456+00:00",
}


@pytest.fixture
def scored(world: ZohoWorld) -> ZohoWorld:
    """An account with the score fields."""
    world.connector().create_score_fields("Leads")
    return world


def test_score_fields_are_created_once(world: ZohoWorld) -> None:
    connector = world.connector()
    names = [field.name for field in SCORE_FIELDS]
    assert connector.missing_score_fields("Leads") == names
    assert connector.create_score_fields("Leads") == names
    assert connector.create_score_fields("Leads") == []
    found = {field.name: field for field in connector.fields("Leads")}
    assert list(found["lw_band"].options) == list("ABCDE")
    zoho_scores.ZohoScores(connector._api).create("Leads", SCORE_FIELDS[0], "EUR")  # another process was faster


def test_a_field_with_another_api_name_is_an_error(world: ZohoWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    made = zoho_scores.described
    monkeypatch.setattr(
        zoho_scores, "described", lambda field, currency: {**made(field, currency), "field_label": f"{field.name} x"}
    )
    with pytest.raises(TerminalError, match="lw_win_probability"):
        world.connector().create_score_fields("Leads")


def test_scores_are_written_and_read_back(scored: ZohoWorld) -> None:
    key, connector = scored.lead(), scored.connector()
    [result] = connector.write("Leads", [ScoreRow(key, SCORES)])
    assert (result.record_id, result.reason) == (key, "")
    assert result.modified_at is not None
    [record] = connector.read("Leads", [key], list(SCORES))
    named = {"lw_win_probability": 0.1235, "lw_predicted_value": 246.86, "lw_scored_at": "2026-11-28T01:02:03+00:00"}
    assert dict(record.values) == {**SCORES, **named}
    assert connector.is_own_change(record) is True
    assert {name for write in scored.account.writes for name in write.values} == {field.name for field in SCORE_FIELDS}


def test_only_score_fields_are_written(scored: ZohoWorld) -> None:
    with pytest.raises(ValueError, match="Lead_Status"):
        scored.connector().write("Leads", [ScoreRow(scored.lead(), {"Lead_Status": "Contacted"})])
    assert not scored.account.writes


def test_a_write_runs_no_workflow(scored: ZohoWorld) -> None:
    keys = [scored.lead(number) for number in range(100)]
    owners = {key: scored.account.of("Leads")[key].values["Owner"] for key in keys}
    results = scored.connector().write("Leads", [ScoreRow(key, SCORES) for key in keys])
    assert [result.reason for result in results] == [""] * 100
    assert {key: scored.account.of("Leads")[key].values["Owner"] for key in keys} == owners


def test_halves_and_repetitions_run_no_workflow_either(scored: ZohoWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [scored.lead(number) for number in range(4)]
    scored.peer.writes.failing = {keys[0]: 1}
    update = scored.peer.writes.update

    def refused_whole(module: str, body: Mapping[str, Any]) -> Any:
        refusal = {"code": "INVALID_DATA", "details": {}, "message": "", "status": "error"}
        return (400, refusal) if len(body["data"]) > 2 else update(module, body)

    monkeypatch.setattr(scored.peer.writes, "update", refused_whole)
    results = scored.connector().write("Leads", [ScoreRow(key, SCORES) for key in keys])
    assert [result.reason for result in results] == [""] * 4
    assert OTHER_OWNER_ID not in {scored.account.of("Leads")[key].values["Owner"] for key in keys}


def test_without_the_empty_trigger_the_workflow_changes_owners(
    scored: ZohoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zoho_scores, "NO_AUTOMATION", {})
    key = scored.lead()
    scored.connector().write("Leads", [ScoreRow(key, SCORES)])
    assert scored.account.of("Leads")[key].values["Owner"] == OTHER_OWNER_ID  # what the tests above would see


def test_every_row_has_its_own_result_in_order(scored: ZohoWorld) -> None:
    good, gone, converted, held, locked, shaky = (scored.lead(number) for number in range(6))
    scored.account.delete("Leads", gone)
    scored.account.convert(converted)
    scored.peer.writes.in_blueprint, scored.peer.writes.locked = {held}, {locked}
    scored.peer.writes.failing = {shaky: 2}
    rows = [ScoreRow(key, SCORES) for key in (gone, good, converted, held, locked, shaky)]
    results = scored.connector().write("Leads", [*rows, ScoreRow(good, {"lw_band": "Z"})])
    assert [(result.reason, result.may_succeed_later) for result in results] == [
        ("INVALID_DATA", False),
        ("", False),
        ("ID_ALREADY_CONVERTED", False),
        ("RECORD_IN_BLUEPRINT", True),
        ("RECORD_LOCKED", True),
        ("", False),
        ("INVALID_DATA lw_band", False),
    ]
    assert scored.peer.writes.requests == 3
    assert len(scored.account.writes) == 2  # rows that were written are not sent again


def test_scores_of_converted_leads_go_to_their_deals_in_full_requests(scored: ZohoWorld) -> None:
    keys = [scored.lead(number) for number in range(300)]
    deals = {key: scored.account.convert(key) for key in keys[::3]}
    connector = scored.connector()
    connector.create_score_fields("Deals")
    rows = [ScoreRow(key, SCORES, deals.get(key, "")) for key in keys]
    scored.peer.writes.failing = {deals[keys[3]]: 1}
    results = connector.write("Leads", rows)
    assert [(result.record_id, result.reason) for result in results] == [(key, "") for key in keys]
    assert {(write.object, write.record_id) for write in scored.account.writes} == {
        ("Deals", deals[key]) if key in deals else ("Leads", key) for key in keys
    }
    assert scored.peer.writes.requests == 4  # two of leads, one of deals, one repetition
    assert {scored.account.of("Deals")[key].values["Owner"] for key in deals.values()} == {PERSON_ID}


def test_without_score_fields_of_deals_converted_leads_are_refused_without_a_request(scored: ZohoWorld) -> None:
    lead, other = scored.lead(0), scored.lead(1)
    rows = [ScoreRow(lead, SCORES, scored.account.convert(lead)), ScoreRow(other, SCORES)]
    results = scored.connector().write("Leads", rows)
    assert [(result.record_id, result.reason) for result in results] == [(lead, "ID_ALREADY_CONVERTED"), (other, "")]
    assert scored.peer.writes.requests == 1


def test_a_row_that_fails_again_and_again_is_for_the_next_run(scored: ZohoWorld) -> None:
    key = scored.lead()
    scored.peer.writes.failing = {key: 99}
    [result] = scored.connector().write("Leads", [ScoreRow(key, SCORES)])
    assert (result.reason, result.may_succeed_later) == ("INTERNAL_ERROR", True)


def test_an_own_write_is_told_from_a_later_edit(scored: ZohoWorld) -> None:
    first, second = scored.lead(0), scored.lead(1)
    connector = scored.connector()
    connector.write("Leads", [ScoreRow(first, SCORES), ScoreRow(second, SCORES)])
    scored.account.edit("Leads", second, {"Lead_Status": "Contacted"})
    records = {record.record_id: record for record in read_all(connector, "Leads", FIELDS, scored.window())}
    assert connector.is_own_change(records[first]) is True
    assert connector.is_own_change(records[second]) is False


def test_without_the_scope_of_users_an_own_change_is_not_known(scored: ZohoWorld) -> None:
    key, connector = scored.lead(), scored.connector()
    scored.peer.forbidden = {"users"}
    [record] = connector.read("Leads", [key], ["Email"])
    assert connector.is_own_change(record) is None
