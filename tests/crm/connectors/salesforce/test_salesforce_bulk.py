"""Bulk query jobs: first loads, and downloads that break."""

from __future__ import annotations

import pytest

from crm.connectors.salesforce import salesforce_bulk, salesforce_reader
from crm.connectors.salesforce.soql_parser import SoqlError
from crm.crm_http import CrmRefusedError
from leadworth.errors import TransientError
from tests.crm.connectors.salesforce.org import FIELDS, Org, read_all


@pytest.fixture
def small_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(salesforce_reader, "BULK_FROM_ROWS", 1)
    monkeypatch.setattr(salesforce_bulk, "DOWNLOAD_ROWS", 5)
    monkeypatch.setattr(salesforce_bulk, "PAGE_ROWS", 2)


def test_bulk_and_rest_return_the_same_records(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        org.lead(number, Email=f"n{number}@example.org", Description='two\r\nlines, "quoted"', CurrencyIsoCode="USD")
    company = org.account.create("Account", {"Name": "A", "AnnualRevenue": 12.5, "NumberOfEmployees": 3})
    connector = org.connector()
    names = [field.name for field in connector.fields("Lead")]
    rest = read_all(connector, "Lead", names, None)
    accounts = read_all(connector, "Account", ["AnnualRevenue", "NumberOfEmployees"], None)
    monkeypatch.setattr(salesforce_reader, "BULK_FROM_ROWS", 1)
    assert read_all(connector, "Lead", names, None) == rest
    assert rest[0].values["Description"] == 'two\r\nlines, "quoted"'
    assert rest[0].values["IsConverted"] is False
    assert rest[0].values["Rating"] is None
    assert accounts == read_all(connector, "Account", ["AnnualRevenue", "NumberOfEmployees"], None)
    assert (accounts[0].record_id, accounts[0].values) == (company, {"AnnualRevenue": 12.5, "NumberOfEmployees": 3})


def test_compound_fields_are_left_out_because_bulk_refuses_them(org: Org, small_jobs: None) -> None:
    org.lead()
    with pytest.raises(SoqlError, match="compound"):
        org.peer.jobs.create({"operation": "query", "query": "SELECT Id, Address FROM Lead"}, "67.0")
    connector = org.connector()
    assert "Address" not in {field.name for field in connector.fields("Lead")}
    assert len(read_all(connector, "Lead", ["Address", "City"], None)) == 1


def test_a_load_goes_on_after_any_page_in_another_process(org: Org, small_jobs: None) -> None:
    keys = [org.lead(number) for number in range(13)]
    pages = list(org.connector().pages("Lead", FIELDS, None))
    assert [len(page.records) for page in pages] == [2, 2, 1, 2, 2, 1, 2, 1]
    assert not pages[-1].bookmark
    read = 0
    for page in pages[:-1]:
        read += len(page.records)
        later = org.connector().pages("Lead", FIELDS, None, page.bookmark)
        assert [record.record_id for rest in later for record in rest.records] == keys[read:]


@pytest.mark.parametrize("change", ["gone", "version", "field"])
def test_a_load_whose_job_no_longer_serves_begins_again(org: Org, small_jobs: None, change: str) -> None:
    keys = [org.lead(number) for number in range(8)]
    connector = org.connector()
    first = next(connector.pages("Lead", FIELDS, None))
    fields, version = list(FIELDS), "67.0"
    if change == "gone":
        org.peer.jobs.forget()
    elif change == "version":
        version = "66.0"
    else:
        fields.append("Phone")
    records = [
        record
        for page in org.connector(version=version).pages("Lead", fields, None, first.bookmark)
        for record in page.records
    ]
    assert [record.record_id for record in records] == keys
    assert set(records[0].values) == set(fields)


def test_a_job_that_fails_says_why(org: Org, small_jobs: None, monkeypatch: pytest.MonkeyPatch) -> None:
    org.lead()
    monkeypatch.setattr(
        org.peer.jobs, "state", lambda job, version: {"id": job, "state": "Failed", "errorMessage": "too many rows"}
    )
    with pytest.raises(CrmRefusedError, match="JOB_FAILED too many rows"):
        read_all(org.connector(), "Lead", FIELDS, None)


def test_a_download_with_fewer_rows_than_announced_is_not_taken(
    org: Org, small_jobs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    org.lead()
    results = org.peer.jobs.results

    def cut(*arguments: object) -> tuple[bytes, dict[str, str]]:
        content, headers = results(*arguments)
        return content.splitlines(keepends=True)[0], headers

    monkeypatch.setattr(org.peer.jobs, "results", cut)
    with pytest.raises(TransientError, match="not complete"):
        read_all(org.connector(), "Lead", FIELDS, None)


def test_a_first_load_takes_few_requests(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(salesforce_reader, "BULK_FROM_ROWS", 1_000)
    monkeypatch.setattr(salesforce_bulk, "DOWNLOAD_ROWS", 1_000)
    for number in range(2_500):
        org.lead(number)
    connector = org.connector()
    pages = list(connector.pages("Lead", FIELDS, None))
    assert sum(len(page.records) for page in pages) == 2_500
    assert connector.requests == 1 + 1 + 1 + 2 + 3  # describe, count, create, two looks at the job, three downloads
