"""Writing of scores: one faulty row must not cost the others, nor create a row."""

from __future__ import annotations

import pytest

from crm.connectors.dynamics import dataverse_scores
from crm.connectors.dynamics.dataverse_scores import ATTEMPTS, MOST_FAULTS
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_records import ScoreRow
from leadworth.errors import TerminalError
from leadworth.http_errors import UnansweredError
from tests.crm.connectors.dynamics.environment import FIELDS, Environment, read_all

SCORES = {
    "lw_win_probability": 0.1234,
    "lw_expected_revenue": 2000.5,
    "lw_predicted_value": 246.86,
    "lw_currency": "EUR",
    "lw_junk_probability": 0.01,
    "lw_band": "B",
    "lw_verdict": "accept",
    "lw_reasons": "A company address.",
    "lw_model": "v3",
    "lw_scored_at": "2026-11-28T01:02:03+00:00",
}


def test_scores_are_written_and_read_back(environment: Environment) -> None:
    key = environment.lead()
    connector = environment.connector()
    [result] = connector.write("lead", [ScoreRow(key, SCORES)])
    assert (result.record_id, result.reason) == (key, "")
    [record] = connector.read("lead", [key], list(SCORES))
    options = {field.name: field.options for field in connector.fields("lead")}
    labelled = {name: options[name].get(str(value), value) for name, value in record.values.items()}
    assert labelled == SCORES
    assert record.values["lw_band"] == "100000001"
    assert set(SCORES) == {field.name for field in SCORE_FIELDS}


def test_faulty_rows_cost_no_other_row(environment: Environment) -> None:
    keys = [environment.lead(number) for number in range(30)]
    environment.account.delete("lead", keys[3])
    environment.peer.writes.invalid = {keys[8]: 400, keys[9]: 500}
    environment.peer.writes.locked = {keys[20]: 4, keys[21]: 999}
    results = environment.connector().write("lead", [ScoreRow(key, {"lw_band": "A"}) for key in keys])
    reasons = {number: result.reason for number, result in enumerate(results) if result.reason}
    assert reasons == {3: "0x80040217", 8: "0x80040265", 9: "0x80040265", 21: "0x80044151"}
    assert [number for number, result in enumerate(results) if result.may_succeed_later] == [21]
    assert [result.record_id for result in results] == keys
    written = {write.record_id for write in environment.account.writes}
    assert written == {key for number, key in enumerate(keys) if number not in reasons}


def test_dataverse_that_is_away_is_not_asked_for_each_row(environment: Environment) -> None:
    keys = [environment.lead(number) for number in range(64)]
    rows = [ScoreRow(key, {"lw_band": "A"}) for key in keys]
    environment.peer.writes.locked = dict.fromkeys(keys, 999)
    with pytest.raises(UnansweredError, match="0x80044151"):
        environment.connector().write("lead", rows)
    assert environment.peer.writes.requests <= 6 + 2 * MOST_FAULTS + ATTEMPTS * MOST_FAULTS
    environment.peer.writes.locked = dict.fromkeys(keys[1:], 999)
    results = environment.connector().write("lead", rows[:8])
    assert [result.may_succeed_later for result in results] == [False] + 7 * [True]


def test_sound_rows_take_one_request_and_touch_scores_only(environment: Environment) -> None:
    keys = [environment.lead(number) for number in range(200)]
    connector = environment.connector()
    assert not any(result.reason for result in connector.write("lead", [ScoreRow(key, SCORES) for key in keys]))
    assert environment.peer.writes.requests == 1
    assert connector.write_rows == 200
    assert {name for write in environment.account.writes for name in write.values} == set(SCORES)


def test_a_deleted_record_is_not_created_by_a_write(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ScoreRow("44444444-0000-4000-8000-000000000001", {"lw_band": "A"})
    [result] = environment.connector().write("lead", [row])
    assert (result.reason, len(environment.account.of("lead"))) == ("0x80040217", 0)
    monkeypatch.setattr(dataverse_scores, "ONLY_EXISTING", {})
    environment.connector().write("lead", [row])
    assert len(environment.account.of("lead")) == 1  # what the header prevents


def test_a_table_without_the_action_is_written_row_by_row(environment: Environment) -> None:
    environment.peer.writes.without_action.add("lead")
    keys = [environment.lead(number) for number in range(3)]
    results = environment.connector().write("lead", [ScoreRow(key, {"lw_band": "A"}) for key in keys])
    assert [result.reason for result in results] == ["", "", ""]
    assert environment.peer.writes.requests == 4


def test_custom_logic_is_skipped_only_where_the_settings_say_so(environment: Environment) -> None:
    rows = [ScoreRow(environment.lead(number), {"lw_band": "A"}) for number in range(2)]
    environment.connector(bypass_custom_logic=True).write("lead", rows)
    environment.connector(bypass_custom_logic=True).write("lead", rows[:1])
    assert not environment.peer.writes.plugin_runs
    environment.connector().write("lead", rows)
    assert len(environment.peer.writes.plugin_runs) == 2


def test_missing_columns_stop_before_any_write(environment: Environment) -> None:
    key = environment.lead()
    environment.peer.remove_field("lead", "lw_band")
    with pytest.raises(TerminalError, match="lead has no columns lw_band"):
        environment.connector().write("lead", [ScoreRow(key, SCORES)])
    with pytest.raises(KeyError, match="statuscode"):
        environment.connector().write("lead", [ScoreRow(key, {"statuscode": "3"})])
    assert environment.peer.writes.requests == 0
    assert environment.connector().write("lead", []) == []


def test_another_publisher_prefix(environment: Environment) -> None:
    key = environment.lead()
    environment.peer.tables.kinds["lead"]["contoso_model"] = "String"
    connector = environment.connector(prefix="contoso")
    connector.write("lead", [ScoreRow(key, {"lw_model": "v3"})])
    assert environment.account.of("lead")[key].values["contoso_model"] == "v3"


def test_an_own_write_is_recognised(environment: Environment) -> None:
    scored, edited = environment.lead(0), environment.lead(1)
    connector = environment.connector()
    connector.write("lead", [ScoreRow(scored, SCORES), ScoreRow(edited, SCORES)])
    environment.account.edit("lead", edited, {"statuscode": "2"})
    records = {record.record_id: record for record in read_all(connector, "lead", FIELDS, environment.window())}
    assert connector.is_own_change(records[scored]) is True
    assert connector.is_own_change(records[edited]) is False
