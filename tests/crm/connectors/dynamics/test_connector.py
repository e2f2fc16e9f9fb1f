"""The connector as a whole: outcomes, currencies, links, choices, events, checks."""

from __future__ import annotations

import pytest

from crm.connectors.dynamics.dataverse_account import CURRENCIES
from crm.connectors.dynamics.peer import peer
from crm.sandbox.peer_account import PeerAccount
from leadworth.crm_records import RecordLink, StageMeaning
from leadworth.errors import TerminalError
from tests.crm.connectors.dynamics.environment import START, Environment, read_all

MONEY = [
    "statuscode",
    "actualvalue",
    "estimatedvalue",
    "isocurrencycode",
    "actualclosedate",
    "_originatingleadid_value",
]


def test_a_won_opportunity_with_its_value_and_currency(environment: Environment) -> None:
    lead = environment.lead()
    deal = environment.account.qualify(lead, amount=100.0)
    won = {"statuscode": "3", "actualvalue": 90.0, "actualclosedate": "2026-11-28T23:30:00+00:00"}
    environment.account.edit("opportunity", deal, won | {"_transactioncurrencyid_value": CURRENCIES["USD"]})
    connector = environment.connector()
    [record] = read_all(connector, "opportunity", MONEY, environment.window())
    assert record.values == {
        "statuscode": "3",
        "actualvalue": 90.0,
        "estimatedvalue": 100.0,
        "isocurrencycode": "USD",
        "actualclosedate": "2026-11-28",
        "_originatingleadid_value": lead,
    }
    assert connector.read("opportunity", [deal], MONEY) == [record]
    assert "isocurrencycode" in {field.name for field in connector.fields("opportunity")}


def test_stages_have_the_meaning_of_their_state_those_of_administrators_too(environment: Environment) -> None:
    stages = {(stage.object, stage.value): (stage.label, stage.meaning) for stage in environment.connector().stages()}
    assert stages["opportunity", "3"] == ("Won", StageMeaning.WON)
    assert stages["opportunity", "5"] == ("Out-Sold", StageMeaning.LOST)
    assert stages["opportunity", "100000001"] == ("Proposal sent", StageMeaning.OPEN)
    assert stages["lead", "3"] == ("Qualified", StageMeaning.OPEN)
    assert stages["lead", "5"] == ("Cannot Contact", StageMeaning.LOST)


def test_links_come_from_lookups_with_the_table_of_each(environment: Environment) -> None:
    lead = environment.lead()
    deal = environment.account.qualify(lead)
    [company] = environment.account.of("account")
    call = environment.account.create("phonecall", {"_regardingobjectid_value": lead})
    connector = environment.connector()
    links = connector.links("lead", [lead])
    assert links == {lead: (RecordLink("account", company, "primary"), RecordLink("opportunity", deal, "qualified"))}
    assert RecordLink("lead", lead, "originating") in connector.links("opportunity", [deal])[deal]
    [record] = read_all(connector, "phonecall", ["directioncode"], environment.window())
    assert (record.record_id, record.links) == (call, (RecordLink("lead", lead, "regarding"),))
    for name in ("lead", "opportunity"):
        for record in read_all(connector, name, [], None):
            assert record.links == environment.account.truth(name)[record.record_id].links


def test_an_imported_lead_is_as_old_as_the_earlier_of_its_two_times(environment: Environment) -> None:
    environment.lead(overriddencreatedon="2020-05-01T00:00:00+00:00", at=START)
    environment.lead(overriddencreatedon="2027-05-01T00:00:00+00:00", at=START)
    records = read_all(environment.connector(), "lead", ["createdon"], None)
    years = sorted((record.created_at or START).year for record in records)
    assert years == [2020, 2026]
    assert all(record.values["createdon"] == (record.created_at or START).isoformat() for record in records)


def test_choices_are_numbers_with_labels_in_the_field_list(environment: Environment) -> None:
    environment.lead(leadsourcecode="8")
    connector = environment.connector()
    [record] = read_all(connector, "lead", ["leadsourcecode", "numberofemployees", "donotemail"], None)
    assert record.values == {"leadsourcecode": "8", "numberofemployees": None, "donotemail": False}
    fields = {field.name: field for field in connector.fields("lead")}
    assert fields["leadsourcecode"].options["8"] == "Web"
    environment.lead(leadsourcecode="Fair")  # a label that the administrator adds
    added = read_all(connector, "lead", ["leadsourcecode"], None)
    options = {field.name: field.options for field in connector.fields("lead")}["leadsourcecode"]
    assert {options[str(record.values["leadsourcecode"])] for record in added} == {"Web", "Fair"}
    assert "leadsourcecodename" not in fields
    assert "_ownerid_value" in fields


def test_the_columns_of_the_catalog_exist_in_the_peer(environment: Environment) -> None:
    connector = environment.connector()
    for name, item in connector.info.objects.items():
        assert {item.created, item.modified, *item.fields} <= {field.name for field in connector.fields(name)}
    assert list(connector.changes("lead", ["x"])) == []


def test_missing_columns_need_an_administrator(environment: Environment) -> None:
    connector = environment.connector()
    assert connector.create_score_fields("lead") == []
    environment.peer.remove_field("lead", "lw_band")
    assert connector.missing_score_fields("lead") == ["lw_band"]
    with pytest.raises(TerminalError, match="lw_band; what to do: an administrator"):
        connector.create_score_fields("lead")


def test_the_function_peer_returns_an_environment(environment: Environment) -> None:
    assert peer().name == environment.connector().name == "dynamics"
    assert environment.connector(lead_object="contact").lead_object == "contact"
    with pytest.raises(AssertionError, match="DataverseAccount"):
        peer(PeerAccount())
