"""Writing of scores to Salesforce, 200 records a request, each with a result of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from crm.connectors.salesforce.salesforce_api import SalesforceApi
from crm.connectors.salesforce.salesforce_reader import id_lists
from crm.connectors.salesforce.soql import full_id, one_of, select
from crm.crm_http import CrmRefusedError
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_records import CrmValue, RecordWriteResult, ScoreRow
from leadworth.http_errors import UnansweredError

WRITE_ROWS = 2_000
"""Rows of one write: the converted leads among them share the requests that find their opportunities."""
REQUEST_ROWS = 200
NO_ASSIGNMENT = {"Sforce-Auto-Assign": "FALSE"}
"""Sent with every write. Without it Salesforce runs the active assignment rules on each lead that is written, which
can give every lead a new owner in one night."""
TRANSIENT_CODES = frozenset(
    {"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "REQUEST_RUNNING_TOO_LONG"}
)
CONVERTED = "CANNOT_UPDATE_CONVERTED_LEAD"
DEAL = "Opportunity"
ATTEMPTS = 5
FIRST_WAIT_SECONDS = 0.5


def api_name(score_field: str) -> str:
    """Return the name of a score field in Salesforce.

    Examples
    --------
    >>> api_name("lw_win_probability")
    'LW_Win_Probability__c'
    """
    _, *words = score_field.split("_")
    return f"LW_{'_'.join(word.capitalize() for word in words)}__c"


SCORE_NAMES = {field.name: api_name(field.name) for field in SCORE_FIELDS}


class SalesforceScoreWriter:
    """Writes scores to one org.

    Parameters
    ----------
    api
        Requests to the org.
    sleep
        Waits before a repetition.
    """

    def __init__(self, api: SalesforceApi, sleep: Callable[[float], None] = time.sleep) -> None:
        self._api = api
        self._sleep = sleep

    def write(self, object_name: str, rows: Sequence[ScoreRow]) -> list[RecordWriteResult]:
        """Write at most 2,000 rows and return one result per row, in their order.

        A row of a locked record is repeated. The scores of a converted lead, which cannot be changed, go to the
        opportunity that it became, if the opportunity has the fields of the scores: to that of the row, else to the
        one that Salesforce names after it refused the lead.
        """
        direct = [place for place, row in enumerate(rows) if not row.deal_id]
        codes = dict(zip(direct, self._repeat(object_name, [rows[place] for place in direct]), strict=True))
        deals = {place: row.deal_id for place, row in enumerate(rows) if row.deal_id}
        refused = {place: full_id(rows[place].record_id) for place, code in codes.items() if code == CONVERTED}
        if refused:
            found = self._deals_of(list(refused.values()))
            deals |= {place: found[key] for place, key in refused.items() if key in found}
        moved = [ScoreRow(deal, rows[place].values) for place, deal in deals.items()]
        codes |= dict(zip(deals, self._follow(moved), strict=True))
        return [
            RecordWriteResult(row.record_id, code, may_succeed_later=code in TRANSIENT_CODES)
            for row, code in ((row, codes[place]) for place, row in enumerate(rows))
        ]

    def _repeat(self, object_name: str, rows: Sequence[ScoreRow]) -> list[str]:
        """Send rows, repeat those whose refusal is for now, and return the error code of each; empty: written."""
        codes: dict[int, str] = {}
        waiting: Collection[int] = range(len(rows))
        for attempt in range(ATTEMPTS):
            if attempt:
                self._sleep(FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
            answered = self._send(object_name, [rows[place] for place in waiting])
            codes |= dict(zip(waiting, answered, strict=True))
            waiting = [place for place, code in codes.items() if code in TRANSIENT_CODES]
            if not waiting:
                break
        return [codes[place] for place in range(len(rows))]

    def _follow(self, rows: Sequence[ScoreRow]) -> list[str]:
        """Write scores to opportunities; where these do not have the fields, all are refused as their leads were."""
        if not rows:
            return []
        try:
            return self._repeat(DEAL, rows)
        except CrmRefusedError as error:
            if error.code != "INVALID_FIELD":
                raise
            return [CONVERTED] * len(rows)

    def _deals_of(self, leads: Sequence[str]) -> dict[str, str]:
        """Return lead -> opportunity; of several leads of one opportunity only the first that was created."""
        columns = ["Id", "ConvertedOpportunityId"]
        found = [row for ids in id_lists(leads) for row in self._api.rows(select(columns, "Lead", [one_of("Id", ids)]))]
        deals = sorted({row["ConvertedOpportunityId"] for row in found} - {None})
        first: dict[str, str] = {}
        for ids in id_lists(deals):
            ordered = select(columns, "Lead", [one_of("ConvertedOpportunityId", ids)], "CreatedDate, Id")
            for row in self._api.rows(ordered):
                first.setdefault(row["ConvertedOpportunityId"], row["Id"])
        return {lead: deal for deal, lead in first.items()}

    def _send(self, object_name: str, rows: Sequence[ScoreRow]) -> list[str]:
        """Send rows and return the error code of each; empty: written."""
        starts = range(0, len(rows), REQUEST_ROWS)
        return [code for start in starts for code in self._request(object_name, rows[start : start + REQUEST_ROWS])]

    def _request(self, object_name: str, rows: Sequence[ScoreRow]) -> list[str]:
        records = [
            {"attributes": {"type": object_name}, "id": full_id(row.record_id), **translated(row.values)}
            for row in rows
        ]
        body = {"allOrNone": False, "records": records}
        answer: list[Mapping[str, Any]] = self._api.send(
            "PATCH", "composite/sobjects", body=body, headers=NO_ASSIGNMENT
        ).json()
        if len(answer) != len(rows):
            raise UnansweredError(f"{len(answer)} results for {len(rows)} rows")
        return [_code(result) for result in answer]


def translated(values: Mapping[str, CrmValue]) -> dict[str, CrmValue]:
    """Return values by their names in Salesforce; a name that is no score field is an error."""
    return {SCORE_NAMES[name]: value for name, value in values.items()}


def _code(result: Mapping[str, Any]) -> str:
    if result.get("success"):
        return ""
    errors = result.get("errors") or [{}]
    return str(errors[0].get("statusCode", "UNKNOWN"))
