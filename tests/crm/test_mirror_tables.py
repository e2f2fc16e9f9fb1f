from __future__ import annotations

import gc
import warnings
from pathlib import Path

import pytest
from pydantic import SecretStr

from crm.mirror_sync import crm_cipher
from crm.mirror_tables import open_mirror_table
from crm.rejects import Rejects
from crm.table_sources import open_source
from leadworth.crm_records import RecordLink
from leadworth.errors import ConfigurationError, InputError
from leadworth.settings import JoinedTable
from store.crm_erasure import erase_person
from store.engine import open_engine, store_url
from tests.crm.crm_world import START, CrmWorld


def test_leads_have_the_fields_of_the_submit_without_those_of_sales(crm: CrmWorld) -> None:
    company = crm.account.create("companies", {"name": "Acme"})
    lead = crm.lead(status="New", size=12.0)
    crm.account.link("leads", lead, RecordLink("companies", company, "primary"))
    crm.sync()
    (row,) = crm.rows(crm.settings.leads)
    assert row == {
        "lead_id": lead,
        "created_at": START.isoformat(),
        "account": company,
        "email": "ada@example.org",
        "source": "ads",
        "company": None,
        "size": "12",
    }


def test_a_text_that_the_crm_cut_within_a_character_costs_no_lead(crm: CrmWorld) -> None:
    lead = crm.lead(email="ada@\ud83d.it", company="Cut \ud83d")
    crm.deal(lead, stage="won", currency="EUR\ud83d")
    crm.sync()
    assert [row["company"] for row in crm.rows(crm.settings.leads)] == ["Cut \ufffd"]
    assert [row["lead_id"] for row in crm.rows(crm.settings.outcomes)] == [lead]
    crm.sync()


def test_a_late_field_that_the_settings_name_is_as_known_at_submit(crm: CrmWorld) -> None:
    lead = crm.lead(status="New")
    crm.sync()
    crm.later()
    crm.account.edit("leads", lead, {"status": "Bought"})
    crm.sync()
    source = crm.settings.leads.model_copy(update={"columns": {"medium": "status"}})
    crm.settings = crm.settings.model_copy(update={"leads": source})
    assert [row["status"] for row in crm.rows(source)] == ["New"]


def test_a_field_that_vanished_keeps_its_values_and_stops_nothing(crm: CrmWorld) -> None:
    before = crm.lead(company="Acme")
    crm.sync()
    crm.connector.field_names["leads"].discard("company")
    later = crm.lead(company="Plant")
    crm.sync()
    assert {row["lead_id"]: row["company"] for row in crm.rows(crm.settings.leads)} == {before: "Acme", later: None}
    source = crm.settings.leads.model_copy(update={"columns": {"email": "email", "company": "never there"}})
    crm.settings = crm.settings.model_copy(update={"leads": source})
    assert "company" not in crm.rows(source)[0]


def test_deleted_and_erased_leads_are_left_out(crm: CrmWorld) -> None:
    kept, deleted, erased = crm.lead(), crm.lead(), crm.lead(email="bob@example.org")
    crm.deal(erased)
    crm.sync()
    crm.account.delete("leads", deleted)
    crm.sync()
    engine = open_engine(store_url(crm.settings))
    with engine.begin() as connection:
        erase_person(connection, crm_cipher(crm.settings), crm.clock.now(), emails=["bob@example.org"])
    engine.dispose()
    crm.sync()
    assert [row["lead_id"] for row in crm.rows(crm.settings.leads)] == [kept]
    assert [row["lead_id"] for row in crm.rows(crm.settings.outcomes)] == [None]


def test_what_cannot_be_read_says_what_to_do(crm: CrmWorld, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="leadworth crm sync memory"):
        crm.rows(crm.settings.leads)
    with pytest.raises(ConfigurationError, match="joined table"):
        open_source(crm.settings, JoinedTable(path="crm:memory", column="a", meets="b"), Rejects(None))


def test_stages_and_choices_of_the_crm_are_known_before_they_occur(crm: CrmWorld, tmp_path: Path) -> None:
    crm.lead()
    crm.sync()
    with Rejects(tmp_path / "rejected.csv") as rejects:
        assert open_source(crm.settings, crm.settings.outcomes, rejects).known_values == {"Open", "Won", "Lost"}


def test_a_mirror_that_is_not_read_to_its_end_leaves_no_connection(crm: CrmWorld, migrated_postgres: str) -> None:
    serving = crm.settings.serving.model_copy(update={"store": SecretStr(migrated_postgres)})
    crm.settings = crm.settings.model_copy(update={"serving": serving})
    crm.deal(crm.lead())
    crm.sync()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for source in (crm.settings.leads, crm.settings.outcomes):
            open_mirror_table(crm.settings, source)
            next(open_mirror_table(crm.settings, source).batches)
        gc.collect()
    assert [warning for warning in seen if warning.category is ResourceWarning] == []
