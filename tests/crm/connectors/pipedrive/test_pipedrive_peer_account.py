"""Leads, persons, organizations and conversion in the local Pipedrive account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.connectors.pipedrive.pipedrive_leads import created_at
from crm.connectors.pipedrive.pipedrive_peer_account import PipedriveAccount, timed_id
from leadworth.crm_records import RecordState


@pytest.fixture
def account() -> PipedriveAccount:
    return PipedriveAccount()


@given(
    moment=st.datetimes(datetime(2010, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)), number=st.integers(0, 9)
)
def test_the_id_of_a_lead_holds_its_time(moment: datetime, number: int) -> None:
    assert created_at(timed_id(moment, number), moment + timedelta(days=3)) == moment


def test_leads_with_the_same_person_share_it_and_an_edit_chooses_another(account: PipedriveAccount) -> None:
    values = {"person_email": "a@example.org", "organization_name": "Acme"}
    first, second = account.create("leads", values), account.create("leads", values)
    assert (len(account.of("persons")), len(account.of("organizations"))) == (1, 1)
    account.edit("leads", second, {"organization_name": "Other"})
    records = account.of("leads")
    assert account.other(records[first], "persons") == account.other(records[second], "persons")
    assert account.other(records[first], "organizations") != account.other(records[second], "organizations")
    assert len(records[second].links) == 2


def test_a_deal_that_names_a_lead_converts_it(account: PipedriveAccount) -> None:
    lead = account.create("leads", {"title": "Demo", "person_email": "a@example.org", "value": 5.0, "a" * 40: "x"})
    deal = account.convert(lead, {"stage": "1"})
    assert account.of("leads")[lead].state is RecordState.ARCHIVED
    assert account.converted == {lead}
    record = account.of("deals")[deal]
    assert record.values == {"title": "Demo", "a" * 40: "x", "stage": "1", "source_lead_id": lead}
    assert account.other(record, "persons") == account.other(account.of("leads")[lead], "persons")


def test_people_merge_leads_by_hand(account: PipedriveAccount) -> None:
    kept, lost = account.create("leads", {"title": "a"}), account.create("leads", {"title": "b", "origin": "API"})
    account.merge("leads", kept, lost)
    assert account.of("leads")[kept].values == {"title": "a", "origin": "API"}
    assert account.of("leads")[lost].state is RecordState.DELETED
    assert account.of("leads")[lost].merged_into == ""
