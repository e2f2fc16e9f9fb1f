from __future__ import annotations

import tomllib

from crm.crm_proposal import new_settings, propose_mapping
from crm.sandbox.peer_account import PeerAccount
from leadworth.crm_records import CrmField
from leadworth.settings import Settings
from tests.crm.memory_connector import MemoryConnector

FIELDS = [
    CrmField("email", "Email", "text"),
    CrmField("status", "Lead status", "text"),
    CrmField("c_17", "UTM campaign", "text"),
    CrmField("c_18", "Roof area", "number"),
    CrmField("c_19", "Call status", "text"),
    CrmField("c_20", "Score", "number", calculated=True),
    CrmField("LW_Band__c", "leadworth band", "text"),
]


def test_catalog_and_labels_say_what_a_field_means() -> None:
    proposal = propose_mapping(MemoryConnector(PeerAccount()), FIELDS)
    assert proposal.columns == {"email": "email", "campaign": "c_17"}
    assert proposal.custom == ("c_17",)
    assert [field.name for field in proposal.others] == ["c_18"]


def test_the_proposed_file_is_valid_and_keeps_what_was_set() -> None:
    proposal = propose_mapping(MemoryConnector(PeerAccount()), FIELDS)
    sections = proposal.sections({"token": 'a"b'}, {"quota_share": 0.5, "fields": ["old"]})
    content = tomllib.loads(new_settings(sections, "EUR", "Europe/Rome"))
    assert content["crm"].pop("memory") == {"quota_share": 0.5, "token": 'a"b', "fields": ["c_17", "old"]}
    settings = Settings(**content)
    assert (settings.leads.path, settings.leads.columns["campaign"]) == ("crm:memory", "c_17")
    assert (settings.outcomes.path, settings.outcomes.deal_id) == ("crm:memory", "deal_id")
