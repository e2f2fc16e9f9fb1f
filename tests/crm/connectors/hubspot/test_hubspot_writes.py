"""Scores written to HubSpot: results by row, refusals, fields that leadworth creates."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from crm.connectors.hubspot.hubspot_writes import NO_RESULT, paired
from crm.connectors.hubspot.peer import HubSpotPeer
from leadworth.crm_records import ScoreRow
from leadworth.http_errors import UnauthorisedError
from tests.crm.connectors.hubspot.hubspot_account import connected, quick_peer, seed

SCORED = {
    "lw_win_probability": 0.1234,
    "lw_expected_revenue": 20_000.0,
    "lw_predicted_value": 2_468.0,
    "lw_currency": "EUR",
    "lw_junk_probability": 0.01,
    "lw_band": "B",
    "lw_verdict": "accept",
    "lw_reasons": "Large company; asked for a demo",
    "lw_model": "leadworth 7",
    "lw_scored_at": "2026-11-28T02:00:00+00:00",
}


@pytest.fixture
def peer() -> HubSpotPeer:
    return quick_peer()


def test_only_score_fields_change_and_read_back_as_written(peer: HubSpotPeer) -> None:
    keys = seed(peer, 100)
    with connected(peer) as connector:
        connector.create_score_fields("contacts")
        before = connector.requests
        results = connector.write("contacts", [ScoreRow(key, SCORED) for key in keys])
        assert connector.requests == before + 1
        assert [(result.record_id, result.reason) for result in results] == [(key, "") for key in keys]
        record = connector.read("contacts", keys[:1], [*SCORED, "firstname"])[0]
        assert results[0].modified_at == record.modified_at
    assert record.values == {
        **SCORED,
        "lw_win_probability": "0.1234",
        "lw_expected_revenue": "20000.00",
        "lw_predicted_value": "2468.00",
        "lw_junk_probability": "0.0100",
        "firstname": "n0",
    }
    assert {name for write in peer.account.writes for name in write.values} == set(SCORED)


def test_no_other_field_can_be_written(peer: HubSpotPeer) -> None:
    (key,) = seed(peer, 1)
    with connected(peer) as connector, pytest.raises(ValueError, match="hs_lead_status"):
        connector.write("contacts", [ScoreRow(key, {"hs_lead_status": "UNQUALIFIED"})])
    assert peer.account.writes == []


@pytest.mark.parametrize("version", ["2026-03", "2026-09"])
def test_refused_rows_cost_no_other_row_in_207_and_in_200(peer: HubSpotPeer, version: str) -> None:
    peer.batches.strict = False
    keys = seed(peer, 6)
    peer.account.delete("contacts", keys[2])
    with connected(peer, api_version=version) as connector:
        connector.create_score_fields("contacts")
        rows = [ScoreRow(key, {"lw_band": "Z" if key == keys[4] else "A"}) for key in keys]
        results = connector.write("contacts", rows)
    assert [result.record_id for result in results] == keys
    assert {result.record_id: result.reason for result in results if result.reason} == {
        keys[2]: "OBJECT_NOT_FOUND",
        keys[4]: "VALIDATION_ERROR INVALID_OPTION lw_band",
    }
    assert len(peer.account.writes) == 4


def test_a_batch_refused_for_a_rule_of_an_administrator_is_halved(peer: HubSpotPeer) -> None:
    keys = seed(peer, 100)
    with connected(peer) as connector:
        connector.create_score_fields("contacts")
        peer.objects.rules_of("contacts").rules["lw_win_probability"] = (0.0, 0.5)
        rows = [ScoreRow(key, {"lw_win_probability": 0.9 if key in keys[40:42] else 0.2}) for key in keys]
        before = connector.requests
        results = connector.write("contacts", rows)
        assert connector.requests - before <= 2 * 2 * 8
    refused = {result.record_id: result.reason for result in results if result.reason}
    assert refused == dict.fromkeys(keys[40:42], "VALIDATION_ERROR INVALID_NUMBER_RANGE lw_win_probability")
    assert len(peer.account.writes) == 98


def test_a_row_that_is_locked_for_now_is_sent_again(peer: HubSpotPeer) -> None:
    once, often, well = seed(peer, 3)
    peer.batches.row_faults = {once: ["LOCKED"], often: ["LOCKED"] * 9}
    with connected(peer) as connector:
        connector.create_score_fields("contacts")
        results = connector.write("contacts", [ScoreRow(key, {"lw_band": "A"}) for key in (once, often, well)])
    assert [(item.reason, item.may_succeed_later) for item in results] == [("", False), ("LOCKED", True), ("", False)]
    assert [write.record_id for write in peer.account.writes] == [well, once]


def test_results_are_paired_by_trace_id_where_a_merged_record_returns_with_another_id() -> None:
    found, _ = paired({"results": [{"id": "9", "objectWriteTraceId": "7", "updatedAt": "2026-11-28T02:00:00Z"}]}, {"7"})
    assert found["7"].reason == ""
    assert found["7"].modified_at is not None


def test_an_answer_that_names_no_row_leaves_no_row_without_a_result(
    peer: HubSpotPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = seed(peer, 4)
    monkeypatch.setattr(peer.batches, "update", lambda name, body: {"status": "COMPLETE", "results": []})
    with connected(peer) as connector:
        results = connector.write("contacts", [ScoreRow(key, {"lw_band": "A"}) for key in keys])
    assert [(item.record_id, item.reason) for item in results] == [(key, NO_RESULT) for key in keys]


def test_a_token_without_the_right_to_write_stops_the_write(peer: HubSpotPeer) -> None:
    (key,) = seed(peer, 1)
    peer.scopes.discard("crm.objects.contacts.write")
    with connected(peer) as connector, pytest.raises(UnauthorisedError, match=r"crm\.objects\.contacts\.write"):
        connector.write("contacts", [ScoreRow(key, {"lw_band": "A"})])


def test_the_account_refuses_more_than_a_hundred_rows(peer: HubSpotPeer) -> None:
    inputs = [{"id": str(number), "properties": {}} for number in range(101)]
    headers = {"Authorization": f"Bearer {peer.token}"}
    answer = TestClient(peer.app()).post(
        "/crm/objects/2026-09/contacts/batch/update", json={"inputs": inputs}, headers=headers
    )
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
