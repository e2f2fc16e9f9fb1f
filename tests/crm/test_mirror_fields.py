from __future__ import annotations

import pytest

from crm.mirror_fields import fields_read, late_columns, objects_read
from crm.sandbox.peer_account import PeerAccount
from leadworth.crm_catalog import crms
from leadworth.crm_records import CrmField
from leadworth.crm_section import CrmSection
from leadworth.settings import Settings
from tests.crm.memory_connector import INFO, MemoryConnector


def present(*names: str) -> list[CrmField]:
    return [CrmField(name, name, "text") for name in names]


def test_lead_objects_after_the_chosen_one_are_not_read() -> None:
    objects = {**INFO.objects, "contacts": INFO.objects["leads"]}
    info = INFO.model_copy(update={"objects": objects, "lead_objects": ("contacts", "leads")})
    assert objects_read(info, "contacts") == ("deals", "people", "companies", "contacts")
    assert objects_read(info, "leads") == ("leads", "deals", "people", "companies", "contacts")


def test_fields_of_catalog_and_settings_are_read_where_the_crm_has_them() -> None:
    leads = {"path": "crm:memory", "columns": {"budget": "money"}, "features": {"categorical": ["roof", "gone"]}}
    settings = Settings(currency="EUR", leads=leads)
    connector = MemoryConnector(PeerAccount())
    section = CrmSection(fields=("size", "extra"))
    read = fields_read(settings, section, connector, "leads", present("email", "status", "money", "roof", "other"))
    assert read.names == ("email", "money", "roof", "status")
    assert read.absent == ("extra", "gone", "size")
    assert read.tracked == {"status"}


def test_of_deals_amount_and_stage_are_tracked_unless_the_crm_keeps_their_history() -> None:
    connector = MemoryConnector(PeerAccount())
    read = fields_read(
        Settings(currency="EUR", leads={}), CrmSection(), connector, "deals", present("stage", "amount", "x")
    )
    assert (read.names, read.tracked) == (("amount", "stage"), {"amount"})


@pytest.mark.skipif(not crms(), reason="no connector is installed")
def test_late_columns_are_those_of_the_crm_of_the_leads() -> None:
    name, info = next(iter(crms().items()))
    assert late_columns(Settings(currency="EUR", leads={"path": "leads.csv"})) == ()
    late = late_columns(Settings(currency="EUR", leads={"path": f"crm:{name}"}))
    assert late == info.objects[info.lead_objects[0]].late
