"""The peer is used by an independent client, simple-salesforce, as a real org is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.crm.connectors.salesforce.org import Org

simple_salesforce = pytest.importorskip("simple_salesforce", reason="needs the client simple-salesforce")
requests = pytest.importorskip("requests")


@pytest.fixture
def sdk(org: Org) -> Iterator[Any]:
    """Client that signed in by the JWT bearer flow; it knows https only, so its calls are sent to the peer here."""

    class ToPeer(requests.adapters.HTTPAdapter):
        def send(self, request: Any, **options: Any) -> Any:
            request.url = org.address + request.path_url
            return super().send(request, **options)

    session = requests.Session()
    session.mount("https://", ToPeer())
    settings = org.peer.settings(org.address)
    client = simple_salesforce.Salesforce(
        username=settings["username"],
        consumer_key=settings["consumer_key"],
        privatekey=settings["private_key"],
        session=session,
        version="67.0",
    )
    yield client
    session.close()


def test_queries_with_all_pages(org: Org, sdk: Any) -> None:
    keys = [org.lead(number) for number in range(7)]
    org.peer.page_rows = 3
    answer = sdk.query_all("SELECT Id, LastName, SystemModstamp FROM Lead ORDER BY Id")
    assert [row["Id"] for row in answer["records"]] == keys
    assert answer["totalSize"] == 7
    org.account.delete("Lead", keys[0])
    assert sdk.query("SELECT COUNT() FROM Lead")["totalSize"] == 6
    assert sdk.query("SELECT COUNT() FROM Lead", include_deleted=True)["totalSize"] == 7
    with pytest.raises(simple_salesforce.exceptions.SalesforceMalformedRequest, match="INVALID_FIELD"):
        sdk.query("SELECT Nothing FROM Lead")


def test_describe_and_deleted(org: Org, sdk: Any) -> None:
    key = org.lead()
    assert {"Id", "Address", "LW_Band__c"} <= {field["name"] for field in sdk.Lead.describe()["fields"]}
    org.account.delete("Lead", key)
    org.account.clock.advance(minutes=1)
    now = org.account.clock.now()
    answer = sdk.Lead.deleted(now - timedelta(hours=1), now)
    assert [row["id"] for row in answer["deletedRecords"]] == [key]


def test_bulk_queries_with_locators(org: Org, sdk: Any) -> None:
    keys = [org.lead(number) for number in range(5)]
    texts = list(sdk.bulk2.Lead.query("SELECT Id, Email FROM Lead", max_records=2, wait=0))
    rows = [row for text in texts for row in csv.DictReader(io.StringIO(text))]
    assert len(texts) == 3
    assert [row["Id"] for row in rows] == keys
    assert {row["Email"] for row in rows} == {""}
    with pytest.raises(simple_salesforce.exceptions.SalesforceError, match="compound"):
        list(sdk.bulk2.Lead.query("SELECT Id, Address FROM Lead", wait=0))


def test_an_expired_session_and_a_used_quota(org: Org, sdk: Any) -> None:
    org.peer.sign_in.end_sessions()
    assert sdk.query("SELECT Id FROM Lead")["totalSize"] == 0
    assert org.peer.sign_in.signed_in == 2
    org.peer.daily_limit = org.peer.used
    with pytest.raises(simple_salesforce.exceptions.SalesforceRefusedRequest, match="REQUEST_LIMIT_EXCEEDED"):
        sdk.query("SELECT Id FROM Lead")
