"""Updates of the peer."""

from __future__ import annotations

from typing import Any

from crm.connectors.salesforce.peer_writes import MOST_ROWS, SalesforceWrites
from crm.connectors.salesforce.salesforce_account import SalesforceAccount
from crm.connectors.salesforce.salesforce_rows import SalesforceRows


def update(account: SalesforceAccount, records: list[dict[str, Any]], assign: str = "FALSE") -> tuple[int, Any]:
    writes = SalesforceWrites(account, SalesforceRows(account, ""))
    document = {"records": [{"attributes": {"type": "Lead"}, **record} for record in records]}
    return writes.update(document, assign=assign)


def test_rows_are_refused_one_by_one_and_requests_as_a_whole() -> None:
    account = SalesforceAccount()
    key = account.create("Lead", {})
    status, results = update(
        account,
        [{"id": key, "LW_Band__c": "A"}, {"id": key, "IsConverted": True}, {"id": key, "LW_Model__c": "x" * 65}],
    )
    assert status == 200
    codes = [result["errors"][0]["statusCode"] if result["errors"] else "" for result in results]
    assert codes == ["", "INVALID_FIELD_FOR_INSERT_UPDATE", "STRING_TOO_LONG"]
    assert update(account, [{"id": key, "Nothing__c": 1}])[0] == 400
    assert update(account, [{"id": key}] * (MOST_ROWS + 1))[0] == 400


def test_assignment_rules_run_unless_the_header_says_false() -> None:
    account = SalesforceAccount()
    key = account.create("Lead", {})
    owner = account.of("Lead")[key].values["OwnerId"]
    update(account, [{"id": key, "LW_Band__c": "A"}], "false")
    assert account.of("Lead")[key].values["OwnerId"] == owner
    update(account, [{"id": key, "LW_Band__c": "A"}], "TRUE")
    assert account.of("Lead")[key].values["OwnerId"] != owner
