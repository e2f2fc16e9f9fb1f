"""Writes to the local peer of Salesforce: SObject collections, with a result for each row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm.connectors.salesforce.salesforce_account import API_USER_ID, QUEUE_ID, STATUSES, SalesforceAccount
from crm.connectors.salesforce.salesforce_rows import COMMON, SalesforceRows
from crm.connectors.salesforce.salesforce_scores import SCORE_NAMES
from crm.connectors.salesforce.soql import full_id
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_records import RecordState

MOST_ROWS = 200
READ_ONLY = frozenset({*COMMON, "IsDeleted", "MasterRecordId", "IsConverted", "ConvertedDate", "ConvertedAccountId"})
OPTIONS = {SCORE_NAMES[field.name]: field.options for field in SCORE_FIELDS if field.options} | {"Status": STATUSES}
LENGTHS = {SCORE_NAMES[field.name]: field.length for field in SCORE_FIELDS if field.length}


class SalesforceWrites:
    """Updates of records, and what describe says of fields.

    Attributes
    ----------
    locked
        Id -> how many more writes find the record locked.
    invalid
        Ids that a validation rule refuses.
    requests
        Update requests.
    """

    def __init__(self, account: SalesforceAccount, rows: SalesforceRows) -> None:
        self._account = account
        self._rows = rows
        self.locked: dict[str, int] = {}
        self.invalid: set[str] = set()
        self.requests = 0

    def described(self, object_name: str) -> list[dict[str, Any]]:
        """Return the fields of a describe answer."""
        return [
            {
                "name": name,
                "label": name.removesuffix("__c").replace("_", " "),
                "type": kind,
                "custom": name.endswith("__c"),
                "calculated": name in ("Name", "IsWon", "IsClosed"),
                "updateable": name not in READ_ONLY and kind != "address",
                "picklistValues": [{"value": value, "label": value, "active": True} for value in OPTIONS.get(name, ())],
            }
            for name, kind in self._rows.kinds[object_name].items()
        ]

    def update(self, document: Mapping[str, Any], *, assign: str) -> tuple[int, Any]:
        """Update records and return status and body.

        Parameters
        ----------
        assign
            The header Sforce-Auto-Assign: unless it is FALSE, assignment rules run on each lead that is written.
        """
        self.requests += 1
        records = document["records"]
        if len(records) > MOST_ROWS:
            return 400, [{"message": "record limit reached", "errorCode": "EXCEEDED_ID_LIMIT"}]
        for record in records:
            kinds = self._rows.kinds_of(record["attributes"]["type"])
            for name in record.keys() - {"attributes", "id"}:
                if name not in kinds:
                    return 400, [{"message": f"No such column '{name}'", "errorCode": "INVALID_FIELD"}]
        results = []
        for record in records:
            object_name, key = record["attributes"]["type"], full_id(record["id"])
            values = {name: value for name, value in record.items() if name not in ("attributes", "id")}
            code = self._refusal(object_name, key, values)
            if code:
                results.append({"success": False, "errors": [{"statusCode": code, "message": code, "fields": []}]})
                continue
            self._account.write(object_name, key, values, by=API_USER_ID)
            if object_name == "Lead" and assign.upper() != "FALSE":
                self._account.edit("Lead", key, {"OwnerId": QUEUE_ID}, by=API_USER_ID)
            results.append({"id": key, "success": True, "errors": []})
        return 200, results

    def _refusal(self, object_name: str, key: str, values: Mapping[str, Any]) -> str:
        """Return the code with which a row is refused; empty: it can be written."""
        record = self._account.of(object_name).get(key)
        if record is None:
            return "INVALID_CROSS_REFERENCE_KEY"
        if record.state in (RecordState.DELETED, RecordState.MERGED):
            return "ENTITY_IS_DELETED"
        if object_name == "Lead" and record.values.get("IsConverted"):
            return "CANNOT_UPDATE_CONVERTED_LEAD"
        if code := _refused_value(values):
            return code
        if key in self.invalid:
            return "FIELD_CUSTOM_VALIDATION_EXCEPTION"
        if self.locked.get(key, 0) > 0:
            self.locked[key] -= 1
            return "UNABLE_TO_LOCK_ROW"
        return ""


def _refused_value(values: Mapping[str, Any]) -> str:
    """Return the code with which values are refused; empty: they fit their fields."""
    if READ_ONLY & values.keys():
        return "INVALID_FIELD_FOR_INSERT_UPDATE"
    if any(values[name] not in OPTIONS[name] for name in OPTIONS.keys() & values.keys() if values[name] is not None):
        return "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    if any(len(values[name] or "") > LENGTHS[name] for name in LENGTHS.keys() & values.keys()):
        return "STRING_TOO_LONG"
    return ""
