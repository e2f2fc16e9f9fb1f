"""Scores to Pipedrive, one record a request; those of a converted lead go to its deal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm.connectors.pipedrive.pipedrive_api import PipedriveApi, refusal_code
from crm.connectors.pipedrive.pipedrive_fields import DEALS, LEADS, PipedriveFields
from crm.connectors.pipedrive.pipedrive_leads import LeadAssembly
from crm.connectors.pipedrive.pipedrive_values import read_moment
from crm.crm_http import CrmRefusedError
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_records import CrmValue, RecordWriteResult, ScoreRow
from leadworth.http_errors import UnauthorisedError

GONE = (404, 410)
SCOPE = "Scope and URL mismatch"
"""Reason of a 403 that concerns the token, not the record."""
_scores = {field.name: field for field in SCORE_FIELDS}


class PipedriveScores:
    """Writes score fields.

    Parameters
    ----------
    api
        Requests to the account.
    fields
        Keys and options of the fields.
    leads
        Knows the deals of converted leads.
    """

    def __init__(self, api: PipedriveApi, fields: PipedriveFields, leads: LeadAssembly) -> None:
        self._api, self._fields, self._leads = api, fields, leads

    def write(self, object_name: str, row: ScoreRow) -> RecordWriteResult:
        """Write one row; where a field was removed and created again, its new key is read and used."""
        if unknown := set(row.values) - _scores.keys():
            raise ValueError(f"only score fields are written, not {', '.join(sorted(unknown))}")
        keys = {name: field.code for name, field in self._fields.scores(object_name).items()}
        result = self._send(object_name, row)
        if result.reason.startswith(("HTTP 400", "NO_FIELD", "INVALID_OPTION")):
            self._fields.read_again(object_name)
            if {name: field.code for name, field in self._fields.scores(object_name).items()} != keys:
                return self._send(object_name, row)
        return result

    def _send(self, object_name: str, row: ScoreRow) -> RecordWriteResult:
        scores = self._fields.scores(object_name)
        if absent := sorted(row.values.keys() - scores.keys()):
            return RecordWriteResult(row.record_id, f"NO_FIELD {absent[0]}")
        body: dict[str, Any] = {}
        for name, value in row.values.items():
            options = {label: key for key, label in scores[name].labels.items()}
            if value and _scores[name].options and value not in options:
                return RecordWriteResult(row.record_id, f"INVALID_OPTION {name}")
            body[scores[name].code] = written(name, value, options)
        if object_name == LEADS and not row.deal_id:
            result = self._patch(f"v1/leads/{row.record_id}", row.record_id, body)
            if result is not None:
                return result
            deal = self._leads.deals_of([row.record_id]).get(row.record_id)
        else:
            deal = row.deal_id or row.record_id
        result = None if deal is None else self._patch(f"v2/{DEALS}/{deal}", row.record_id, {"custom_fields": body})
        return result or RecordWriteResult(row.record_id, "NOT_FOUND", gone=True)

    def _patch(self, path: str, record_id: str, body: Mapping[str, Any]) -> RecordWriteResult | None:
        """Set fields of a record, and return the result; None where the record is gone."""
        try:
            answer = self._api.send("PATCH", path, body=body, own=(403,))
        except CrmRefusedError as error:
            return None if error.status in GONE else RecordWriteResult(record_id, error.code)
        if not answer.get("data"):
            code = refusal_code(403, answer)
            if SCOPE in code:
                raise UnauthorisedError(code)
            return RecordWriteResult(record_id, code)
        return RecordWriteResult(record_id, modified_at=read_moment(answer["data"].get("update_time")))


def written(name: str, value: CrmValue, options: Mapping[str, str]) -> int | float | str | None:
    """Return a value of a score field as Pipedrive takes it; null clears a field.

    Parameters
    ----------
    options
        Label -> option id of a choice.

    Examples
    --------
    >>> written("lw_band", "A", {"A": "31"}), written("lw_win_probability", 0.73, {}), written("lw_verdict", "", {})
    (31, 0.73, None)
    """
    if value is None or value == "":
        return None
    if _scores[name].options:
        return int(options[str(value)])
    if isinstance(value, int | float):
        return round(float(value), _scores[name].decimals)
    return str(value)
