from __future__ import annotations

import tomllib

import pytest

from crm.crm_proposal import CrmProposal, new_settings, propose_mapping
from crm.sandbox.peer_account import PeerAccount
from leadworth.crm_records import CrmField, CrmStage, StageMeaning
from leadworth.settings import Settings
from tests.crm.memory_connector import MemoryConnector

FIELDS = [
    CrmField("email", "Email", "text"),
    CrmField("status", "Lead status", "text", {"S": "Spam", "W": "Working"}),
    CrmField("c_17", "UTM campaign", "text", custom=True),
    CrmField("c_18", "Roof area", "number"),
    CrmField("c_19", "Call status", "text", custom=True),
    CrmField("c_20", "Score", "number", calculated=True),
    CrmField("c_21", "Heating system", "text", custom=True),
    CrmField("c_22", "Customer email", "text", custom=True),
    CrmField("c_23", "Loss reason", "text", custom=True),
    CrmField("lw_data__c", "Collector", "text", custom=True),
    CrmField("LW_Band__c", "leadworth band", "text", custom=True),
]
STAGES = [
    CrmStage("deals", "1", "Appointment held", StageMeaning.OPEN),
    CrmStage("deals", "2", "To do", StageMeaning.OPEN),
    CrmStage("deals", "3", "Signed", StageMeaning.WON),
    CrmStage("deals", "4", "Lost after demo held", StageMeaning.LOST),
]


@pytest.fixture
def proposal() -> CrmProposal:
    return propose_mapping(MemoryConnector(PeerAccount()), FIELDS, ["email", "status", "zip"], STAGES)


def test_catalog_labels_and_names_say_what_a_field_means(proposal: CrmProposal) -> None:
    assert proposal.columns == {"email": "email", "campaign": "c_17", "lw_data": "lw_data__c"}
    assert proposal.custom == ("c_17", "lw_data__c")


def test_only_fields_of_the_account_that_are_known_at_submit_become_features(proposal: CrmProposal) -> None:
    assert proposal.features == ("c_21",)
    assert [field.name for field in proposal.others] == ["c_18", "c_22"]
    assert "zip" in proposal.ignored
    assert "email" not in proposal.ignored


def test_statuses_and_stages_say_junk_and_engaged(proposal: CrmProposal) -> None:
    assert proposal.junk == ("status", ("S",))
    assert proposal.engaged == ("stage", ("Appointment held", "Signed"))


def test_the_proposed_file_is_valid_and_keeps_what_was_set(proposal: CrmProposal) -> None:
    sections = proposal.sections({"token": 'a"b'}, {"quota_share": 0.5, "fields": ["old"]})
    content = tomllib.loads(new_settings(sections, "EUR", "Europe/Rome"))
    fields = ["c_17", "c_21", "lw_data__c", "old"]
    assert content["crm"].pop("memory") == {"quota_share": 0.5, "token": 'a"b', "fields": fields}
    settings = Settings(**content)
    assert (settings.leads.path, settings.leads.columns["campaign"]) == ("crm:memory", "c_17")
    assert (settings.leads.account, settings.leads.features.rest) == ("account", "auto")
    assert (settings.outcomes.path, settings.outcomes.deal_id) == ("crm:memory", "deal_id")
    assert settings.outcomes.junk is not None
    assert settings.outcomes.junk.values == ("S",)


def test_nothing_is_proposed_where_the_crm_says_nothing() -> None:
    found = propose_mapping(MemoryConnector(PeerAccount()), FIELDS[:1], ["email"], [])
    assert (found.junk, found.engaged, found.features) == (None, None, ())
    assert "junk" not in found.sections({}, {})["outcomes"]
