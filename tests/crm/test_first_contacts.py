from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crm import first_contacts
from crm.first_contacts import RULES, contacted_at
from leadworth.crm_catalog import ObjectRole, crms
from leadworth.crm_records import CrmRecord, RecordLink
from tests.crm.mirror_bench import START, MirrorBench

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
AT = "2026-11-19T09:30:00+00:00"


def contact(crm: str, name: str, values: dict[str, Any]) -> datetime | None:
    return contacted_at(RULES[crm][name], CrmRecord(name, "1", values), UTC, NOW)


@pytest.mark.parametrize(
    ("crm", "name", "values"),
    [
        ("hubspot", "calls", {"hs_timestamp": AT, "hs_call_status": "COMPLETED", "hs_call_direction": "OUTBOUND"}),
        ("hubspot", "emails", {"hs_timestamp": AT, "hs_email_direction": "EMAIL", "hs_email_status": "SENT"}),
        ("hubspot", "meetings", {"hs_meeting_start_time": AT, "hs_meeting_outcome": "COMPLETED"}),
        ("salesforce", "Task", {"CompletedDateTime": AT, "Status": "Completed", "TaskSubtype": "Call"}),
        ("salesforce", "Event", {"StartDateTime": AT}),
        ("pipedrive", "activities", {"marked_as_done_time": AT, "done": True, "type": "call"}),
        ("zoho", "Calls", {"Call_Start_Time": AT, "Call_Type": "Outbound"}),
        ("dynamics", "phonecall", {"actualend": AT, "directioncode": True, "statecode": 1}),
        ("odoo", "mail.message", {"date": AT, "message_type": "comment"}),
    ],
)
def test_a_contact_that_took_place(crm: str, name: str, values: dict[str, Any]) -> None:
    assert contact(crm, name, values) == datetime(2026, 11, 19, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("crm", "name", "values"),
    [
        ("hubspot", "calls", {"hs_timestamp": AT, "hs_call_status": "NO_ANSWER", "hs_call_direction": "OUTBOUND"}),
        ("hubspot", "emails", {"hs_timestamp": AT, "hs_email_direction": "INCOMING_EMAIL", "hs_email_status": "SENT"}),
        ("salesforce", "Task", {"Status": "Not Started", "TaskSubtype": "Task"}),
        ("salesforce", "Task", {"CompletedDateTime": AT, "Status": "Completed", "TaskSubtype": "ListEmail"}),
        ("salesforce", "Event", {"StartDateTime": "2026-11-21T09:00:00+00:00"}),  # tomorrow
        ("pipedrive", "activities", {"marked_as_done_time": AT, "done": True, "type": "task"}),
        ("pipedrive", "activities", {"marked_as_done_time": AT, "done": False, "type": "call"}),
        ("zoho", "Calls", {"Call_Start_Time": AT, "Call_Type": "Missed"}),
        ("dynamics", "email", {"actualend": AT, "directioncode": False, "statecode": 1}),
        ("odoo", "mail.message", {"date": AT, "message_type": "auto_comment"}),
        ("odoo", "calendar.event", {"start": "soon"}),
    ],
)
def test_automatic_replies_tasks_and_messages_of_the_lead_are_none(crm: str, name: str, values: dict[str, Any]) -> None:
    assert contact(crm, name, values) is None


@pytest.mark.parametrize("crm", sorted(RULES))
def test_rules_are_about_activities_that_are_read(crm: str) -> None:
    info = crms()[crm]
    for name, rule in RULES[crm].items():
        assert info.objects[name].role is ObjectRole.ACTIVITY
        assert {*rule.times, *rule.is_one_of, *rule.lead} <= set(info.objects[name].fields)


def test_every_crm_with_activities_has_rules() -> None:
    assert {name for name, info in crms().items() if info.with_role(ObjectRole.ACTIVITY)} == set(RULES)


def test_contacts_belong_to_the_leads_that_are_linked(bench: MirrorBench, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = first_contacts.ContactRule(("name",))
    monkeypatch.setattr(first_contacts, "RULES", {"memory": {"companies": rule}})
    ada, bob, eve = (bench.account.create("leads", {"company": name}) for name in ("a", "b", "e"))
    for at, leads in (("2026-02-27T10:00:00+00:00", [ada, bob]), ("2026-02-26T10:00:00+00:00", [ada]), ("none", [eve])):
        company = bench.account.create("companies", {"name": at})
        for lead in leads:
            bench.account.link("leads", lead, RecordLink("companies", company))
    bench.sync()
    info, lead_object = bench.connector.info, bench.connector.lead_object
    found = bench.mirror(lambda mirror: first_contacts.first_contacts(mirror, "memory", info, lead_object, UTC, START))
    assert {lead: [at.day for at in times] for lead, times in found.items()} == {ada: [26, 27], bob: [27]}
