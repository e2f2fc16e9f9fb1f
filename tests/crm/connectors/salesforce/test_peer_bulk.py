"""Bulk jobs of the peer."""

from __future__ import annotations

import pytest

from crm.connectors.salesforce.peer_bulk import BulkJobs
from crm.connectors.salesforce.soql_parser import SoqlError

ROWS = [{"Id": str(number), "Won": number == 1, "Note": None} for number in range(3)]
QUERY = {"operation": "query", "query": "SELECT Id, Won, Note FROM Lead"}


def jobs() -> BulkJobs:
    kinds = {"Id": "id", "Won": "boolean", "Note": "string"}
    return BulkJobs(lambda _: (kinds, ["Id", "Won", "Note"], ROWS), lambda _: ({}, [], ROWS))


def complete(made: BulkJobs) -> str:
    job = str(made.create(QUERY, "67.0")["id"])
    assert made.state(job, "67.0")["state"] == "InProgress"
    with pytest.raises(SoqlError, match="JOB_NOT_COMPLETE"):
        made.results(job, "67.0", 2, None)
    assert made.state(job, "67.0")["state"] == "JobComplete"
    return job


def test_downloads_end_with_the_locator_null_and_can_be_repeated() -> None:
    made = jobs()
    job = complete(made)
    content, headers = made.results(job, "67.0", 2, None)
    assert content.decode() == '"Id","Won","Note"\n"0","false",""\n"1","true",""\n'
    locator = headers["Sforce-Locator"]
    for _ in range(2):
        content, headers = made.results(job, "67.0", 2, locator)
        assert (content.decode().count("\n"), headers["Sforce-NumberOfRecords"]) == (2, "1")
        assert headers["Sforce-Locator"] == "null"


def test_a_job_answers_its_own_version_and_locators_only() -> None:
    made = jobs()
    job = complete(made)
    for call in (
        lambda: made.state(job, "66.0"),
        lambda: made.results(job, "67.0", 2, "x"),
        lambda: made.state("y", "67.0"),
    ):
        with pytest.raises(SoqlError):
            call()
    with pytest.raises(SoqlError, match="COUNT"):
        made.create(QUERY | {"operation": "queryAll"}, "67.0")
