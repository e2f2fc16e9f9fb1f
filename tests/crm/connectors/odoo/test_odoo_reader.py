"""Reading of windows, ids and vanished leads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from crm.connector import SyncWindow
from crm.connectors.odoo import odoo_reader
from crm.connectors.odoo.odoo_values import LEAD
from leadworth.crm_records import RecordState
from tests.crm.connectors.odoo.odoo_database import Database

FIELDS = ["email_from", "outcome_stage"]


def test_archived_leads_belong_to_every_window(any_database: Database) -> None:
    lost = any_database.lead(outcome_stage="lost")
    won = any_database.lead(outcome_stage="4")
    found = {record.record_id: record for record in any_database.read(None, FIELDS)}
    assert found[lost].state is RecordState.ARCHIVED
    assert {key: record.values["outcome_stage"] for key, record in found.items()} == {lost: "lost", won: "4"}
    assert {record.record_id for record in any_database.read(any_database.window(minutes=1), FIELDS)} == {lost, won}


def test_a_change_within_the_second_of_a_border_is_in_the_window(database: Database) -> None:
    at = (database.account.clock.now() - timedelta(seconds=5)).replace(microsecond=900_000)
    lead = database.account.create(LEAD, {}, at=at)
    start = at.replace(microsecond=950_000)
    assert [record.record_id for record in database.read(SyncWindow(start, start), FIELDS)] == [lead]
    end = at + timedelta(microseconds=1)
    assert [record.record_id for record in database.read(SyncWindow(end, end), FIELDS)] == [lead]
    late = start + timedelta(seconds=1)
    assert database.read(SyncWindow(late, late + timedelta(minutes=1)), FIELDS) == []


def test_rows_that_change_between_pages_cost_no_other_row(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(odoo_reader, "PAGE_ROWS", 3)
    leads = [database.lead() for _ in range(10)]
    database.account.clock.advance(seconds=2)
    pages = database.connector.pages(LEAD, FIELDS, database.window(hours=1))
    found = [record.record_id for record in next(pages).records]
    database.account.clock.advance(hours=1)
    for lead in leads[:5]:
        database.account.edit(LEAD, lead, {"email_from": "new@example.org"})
    found += [record.record_id for page in pages for record in page.records]
    later = {record.record_id for record in database.read(database.window(minutes=1), FIELDS)}
    assert set(found) | later == set(leads)
    assert len(found) == len(set(found))


def test_a_read_goes_on_after_its_bookmark(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(odoo_reader, "PAGE_ROWS", 2)
    leads = [database.lead() for _ in range(5)]
    first = next(database.connector.pages(LEAD, FIELDS, None))
    rest = [
        item.record_id for page in database.connector.pages(LEAD, FIELDS, None, first.bookmark) for item in page.records
    ]
    assert rest == leads[2:]


def test_ids_come_in_parts(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(odoo_reader, "ID_ROWS", 2)
    leads = [database.lead(), database.lead(outcome_stage="lost"), database.lead(), database.lead()]
    assert [key for part in database.connector.ids(LEAD) for key in part] == leads


def test_a_merged_lead_is_found_by_its_messages(any_database: Database) -> None:
    first, second, third, deleted = (any_database.lead(email_from=f"p{number}@example.org") for number in range(4))
    any_database.account.message(second, kind="email", message_id="<from@outside.example.org>")
    any_database.account.merge(LEAD, second, first)
    any_database.account.merge(LEAD, third, second)
    any_database.account.delete(LEAD, deleted)
    found = any_database.connector.read(LEAD, [first, second, third, deleted], FIELDS)
    assert [(record.state, record.merged_into) for record in found] == [
        (RecordState.MERGED, third),
        (RecordState.MERGED, third),
        (RecordState.LIVE, ""),
        (RecordState.DELETED, ""),
    ]
    subjects = [item.values.get("subject") for item in any_database.account.of("mail.message").values()]
    assert any(str(subject).startswith("From ") for subject in subjects)


def test_ids_that_contain_each_other_are_not_confused(database: Database) -> None:
    account = database.account
    keys = [account.create(LEAD, {}, record_id=key) for key in ("7", "77", "177")]
    account.merge(LEAD, "177", "77")
    account.delete(LEAD, "7")
    records = {record.record_id: record.merged_into for record in database.connector.read(LEAD, keys, [])}
    assert records == {"7": "", "77": "177", "177": ""}


def test_a_lead_is_read_again_when_a_blacklist_names_it(database: Database) -> None:
    lead = database.lead(email_from="Anna@Example.org")
    database.lead(email_from="other@example.org")
    database.account.clock.advance(hours=2)
    entry = database.account.create("mail.blacklist", {"email": "anna@example.org", "active": True})
    [record] = database.read(database.window(hours=1), ["is_blacklisted"])
    assert (record.record_id, record.values["is_blacklisted"]) == (lead, True)
    database.account.clock.advance(hours=2)
    database.account.edit("mail.blacklist", entry, {"active": False})
    [record] = database.read(database.window(hours=1), ["is_blacklisted"])
    assert record.values["is_blacklisted"] is False


def test_a_database_without_blacklists_is_read(database: Database) -> None:
    lead = database.lead()
    database.peer.methods.absent.add("mail.blacklist")
    assert [record.record_id for record in database.read(database.window(hours=1), FIELDS)] == [lead]
    database.peer.methods.absent.clear()
    database.peer.methods.forbidden.add("mail.blacklist")
    assert [record.record_id for record in database.read(database.window(hours=1), FIELDS)] == [lead]


def test_the_company_of_a_lead_is_that_of_its_contact(database: Database) -> None:
    account = database.account
    company = account.create("res.partner", {"name": "Acme", "is_company": True})
    contact = account.create("res.partner", {"name": "Anna", "parent_id": int(company)})
    lead, alone = database.lead(partner_id=int(contact)), database.lead()
    links = database.connector.links(LEAD, [lead, alone])
    assert [(link.to_object, link.to_id, link.label) for link in links[lead]] == [("res.partner", company, "primary")]
    assert links[alone] == ()
    database.read(None, FIELDS)
    before = database.connector.requests
    assert database.connector.links(LEAD, [lead, alone]) == links
    assert database.connector.requests == before + 1  # the leads were read just now
    assert [key for part in database.connector.ids("res.partner") for key in part] == [company]


def test_what_people_wrote_is_read_and_not_the_notes_of_odoo(database: Database) -> None:
    lead = database.lead()
    written = database.account.message(lead, kind="email", message_id="<a@b>")
    fields = [field.name for field in database.connector.fields("mail.message")]
    asked = [name for name in ("date", "res_id", "message_type") if name in fields]
    [record] = database.read(None, asked, "mail.message")
    assert (record.record_id, record.values["res_id"]) == (written, int(lead))


def test_a_field_that_vanished_is_no_longer_listed_and_the_rest_is_read(database: Database) -> None:
    lead = database.lead(email_from="a@example.org")
    del database.peer.rows.models[LEAD]["website"]
    fields = [field.name for field in database.connector.fields(LEAD) if field.name in ("email_from", "website")]
    [record] = database.read(None, fields)
    assert (record.record_id, dict(record.values)) == (lead, {"email_from": "a@example.org"})


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"description": "Budget <5,000> & more"}, {"description": "Budget <5,000> & more"}),
        ({"source_id/name": "google"}, {"source_id/name": "google"}),
        ({"date_deadline": "2026-03-29"}, {"date_deadline": "2026-03-29"}),
        ({"date_open": "2026-03-29T01:30:00+01:00"}, {"date_open": "2026-03-29T00:30:00+00:00"}),
        ({"website": None, "expected_revenue": 0.0}, {"website": None, "expected_revenue": 0.0}),
    ],
)
def test_values_come_as_people_entered_them(
    database: Database, values: Mapping[str, Any], expected: Mapping[str, Any]
) -> None:
    database.account.create(LEAD, values)
    [record] = database.read(None, list(values))
    assert dict(record.values) == expected
