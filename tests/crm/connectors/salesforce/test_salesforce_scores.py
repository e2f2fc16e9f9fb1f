"""Writing of scores: results of single rows, and what a write must not set off."""

from __future__ import annotations

import pytest

from crm.connectors.salesforce import salesforce_scores
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_records import RecordLink, ScoreRow
from tests.crm.connectors.salesforce.org import FIELDS, Org, read_all

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


def test_scores_are_written_and_read_back(org: Org) -> None:
    key = org.lead()
    connector = org.connector()
    [result] = connector.write("Lead", [ScoreRow(key[:15], SCORES)])
    assert (result.record_id, result.reason) == (key[:15], "")
    names = [salesforce_scores.api_name(name) for name in SCORES]
    [record] = connector.read("Lead", [key], names)
    assert dict(zip(SCORES, record.values.values(), strict=True)) == SCORES
    assert set(SCORES) == {field.name for field in SCORE_FIELDS}
    assert connector.is_own_change(record)


def test_only_score_fields_are_written(org: Org) -> None:
    key = org.lead()
    with pytest.raises(KeyError, match="Status"):
        org.connector().write("Lead", [ScoreRow(key, {"Status": "Hot"})])
    org.connector().write("Lead", [ScoreRow(key, SCORES)])
    assert {name for write in org.account.writes for name in write.values} == set(
        salesforce_scores.SCORE_NAMES.values()
    )


def test_a_write_leaves_the_owner_alone(org: Org) -> None:
    key = org.lead()
    owner = org.account.of("Lead")[key].values["OwnerId"]
    org.connector().write("Lead", [ScoreRow(key, SCORES)])
    assert org.account.of("Lead")[key].values["OwnerId"] == owner


def test_without_the_header_the_assignment_rule_gives_the_lead_away(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(salesforce_scores, "NO_ASSIGNMENT", {})
    key = org.lead()
    owner = org.account.of("Lead")[key].values["OwnerId"]
    org.connector().write("Lead", [ScoreRow(key, SCORES)])
    assert org.account.of("Lead")[key].values["OwnerId"] != owner  # what the test above would see


def test_every_row_has_its_own_result_in_order(org: Org) -> None:
    good, gone, converted, refused, locked, held = (org.lead(number) for number in range(6))
    org.account.delete("Lead", gone)
    org.account.convert(converted, opportunity=False)
    org.peer.writes.invalid.add(refused)
    org.peer.writes.locked = {locked: 2, held: 99}
    rows = [ScoreRow(key, SCORES) for key in (gone, good, converted, held, refused, locked, "00Q5e0000ZZZZZZ")]
    results = org.connector().write("Lead", [*rows, ScoreRow(good, {"lw_band": "Z"})])
    assert [result.reason for result in results] == [
        "ENTITY_IS_DELETED",
        "",
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "UNABLE_TO_LOCK_ROW",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "",
        "INVALID_CROSS_REFERENCE_KEY",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    ]
    assert [result.may_succeed_later for result in results] == [False, False, False, True, False, False, False, False]
    assert org.peer.writes.requests == salesforce_scores.ATTEMPTS
    assert len(org.account.writes) == 2  # rows that were written are not sent again


def test_full_batches_and_opportunities_are_written(org: Org) -> None:
    keys = [org.lead(number) for number in range(450)]
    for key in (keys[0], keys[-1]):
        org.account.convert(key, amount=100.0)
    deal = next(iter(org.account.of("Opportunity")))
    connector = org.connector()
    results = connector.write("Lead", [ScoreRow(key, {"lw_band": "A"}) for key in keys])
    assert [result.reason for result in results] == [""] * 450  # those of converted leads on their opportunities
    assert org.peer.writes.requests == 4  # 200, 200 and 50 leads, and the two opportunities together
    assert org.account.of("Opportunity")[deal].values["LW_Band__c"] == "A"
    assert "LW_Band__c" not in org.account.of("Lead")[keys[0]].values
    assert not connector.write("Opportunity", [ScoreRow(deal, {"lw_band": "A"})])[0].reason


def test_an_own_write_is_read_again_once_and_recognised(org: Org) -> None:
    scored, edited = org.lead(0), org.lead(1)
    connector = org.connector()
    connector.write("Lead", [ScoreRow(scored, SCORES), ScoreRow(edited, SCORES)])
    org.account.edit("Lead", edited, {"Status": "Working - Contacted"})
    records = {record.record_id: record for record in read_all(connector, "Lead", FIELDS, org.window())}
    assert connector.is_own_change(records[scored]) is True
    assert connector.is_own_change(records[edited]) is False


def test_of_several_leads_of_one_opportunity_the_first_gives_its_score(org: Org) -> None:
    first, second, third = org.lead(1), org.lead(2), org.lead(3)
    org.account.convert(second)
    deal = next(iter(org.account.of("Opportunity")))
    org.account.link("Opportunity", deal, RecordLink("Lead", first))
    connector = org.connector()
    rows = [ScoreRow(second, {"lw_band": "E"}), ScoreRow(third, {"lw_band": "C"}), ScoreRow(first, {"lw_band": "A"})]
    assert [result.reason for result in connector.write("Lead", rows)] == ["CANNOT_UPDATE_CONVERTED_LEAD", "", ""]
    assert org.account.of("Opportunity")[deal].values["LW_Band__c"] == "A"


def test_an_opportunity_without_the_fields_is_left_alone(org: Org) -> None:
    lead = org.lead()
    org.account.convert(lead)
    org.peer.remove_field("Opportunity", "LW_Band__c")
    [result] = org.connector().write("Lead", [ScoreRow(lead, {"lw_band": "A"})])
    assert (result.reason, result.may_succeed_later) == ("CANNOT_UPDATE_CONVERTED_LEAD", False)
    assert not org.account.writes


def test_scores_of_a_lead_whose_deal_is_known_take_no_query(org: Org) -> None:
    keys = [org.lead(number) for number in range(3)]
    for key in keys[1:]:
        org.account.convert(key, amount=100.0)
    connector = org.connector()
    links = {
        key: {link.to_object: link.to_id for link in found} for key, found in connector.links("Lead", keys).items()
    }
    before = connector.requests
    rows = [ScoreRow(key, {"lw_band": "A"}, links[key].get("Opportunity", "")) for key in keys]
    assert [result.reason for result in connector.write("Lead", rows)] == [""] * 3
    assert connector.requests - before == 2  # the lead, and the two opportunities
    assert [deal.values["LW_Band__c"] for deal in org.account.of("Opportunity").values()] == ["A", "A"]
