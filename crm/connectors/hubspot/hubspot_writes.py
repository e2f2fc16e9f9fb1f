"""Scores to HubSpot's properties, in batches where a faulty row costs no other one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm.connectors.hubspot.hubspot_api import HubSpotApi, error_code
from crm.connectors.hubspot.hubspot_values import read_time
from crm.crm_http import CrmRefusedError
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_records import CrmValue, RecordWriteResult, ScoreRow

TRANSIENT = frozenset({"RATE_LIMITS", "RATE_LIMIT", "INTERNAL_ERROR", "SERVER_ERROR", "LOCKED", "CONFLICT"})
"""Categories of rows that may succeed later."""
ROW_ATTEMPTS = 3
NO_RESULT = "NO_RESULT"

_decimals = {field.name: field.decimals for field in SCORE_FIELDS}


class HubSpotScoreWriter:
    """Writes score fields.

    Parameters
    ----------
    api
        Requests to the account.
    object_name
        Object of the records.
    """

    def __init__(self, api: HubSpotApi, object_name: str) -> None:
        self._api = api
        self._path = api.path("objects", object_name, "batch", "update")

    def write(self, rows: Sequence[ScoreRow]) -> list[RecordWriteResult]:
        """Write rows with ids that differ, and return the results in the same order.

        A row that is refused for now is sent again, `ROW_ATTEMPTS` times in all.
        """
        results: dict[str, RecordWriteResult] = {}
        busy: dict[str, str] = {}
        for _ in range(ROW_ATTEMPTS):
            if left := [row for row in rows if row.record_id not in results]:
                busy = self._send(left, results)
        for key in busy.keys() - results.keys():
            results[key] = RecordWriteResult(key, busy[key], may_succeed_later=True)
        return [results[row.record_id] for row in rows]

    def _send(self, rows: Sequence[ScoreRow], results: dict[str, RecordWriteResult]) -> dict[str, str]:
        """Send rows and note their results; return the rows that may succeed later, with the reason.

        HubSpot answers 207, or 200 with errors in the body, where some rows failed; and it refuses the whole batch for
        a value that one of its properties does not allow. Then each half is sent on its own.
        """
        try:
            answer = self._api.post(self._path, {"inputs": [_input(row) for row in rows]})
        except CrmRefusedError as error:
            if error.status not in (400, 404):
                raise
            if len(rows) > 1:
                return self._halves(rows, results)
            results[rows[0].record_id] = RecordWriteResult(rows[0].record_id, error.code)
            return {}
        found, busy = paired(answer, {row.record_id for row in rows})
        results |= found
        unknown = [row for row in rows if row.record_id not in found and row.record_id not in busy]
        if len(unknown) == 1 and len(rows) == 1:
            results[unknown[0].record_id] = RecordWriteResult(unknown[0].record_id, _only_error(answer))
        elif len(unknown) == len(rows):
            busy |= self._halves(rows, results)
        elif unknown:
            busy |= self._send(unknown, results)
        return busy

    def _halves(self, rows: Sequence[ScoreRow], results: dict[str, RecordWriteResult]) -> dict[str, str]:
        middle = len(rows) // 2
        return {**self._send(rows[:middle], results), **self._send(rows[middle:], results)}


def paired(answer: Mapping[str, Any], ids: set[str]) -> tuple[dict[str, RecordWriteResult], dict[str, str]]:
    """Return the results of a batch by id, and the reason of each row that may succeed later.

    Each row carries its id as `objectWriteTraceId`, which comes back with its result or error; a merged record
    returns with another id.

    Examples
    --------
    >>> error = {"category": "OBJECT_NOT_FOUND", "context": {"ids": ["8"]}}
    >>> found, busy = paired({"results": [{"id": "7"}], "errors": [error]}, {"7", "8"})
    >>> found["7"].reason, found["8"].reason, busy
    ('', 'OBJECT_NOT_FOUND', {})
    """
    found: dict[str, RecordWriteResult] = {}
    busy: dict[str, str] = {}
    for item in answer.get("results") or ():
        key = str(item.get("objectWriteTraceId") or item["id"])
        if key in ids:
            found[key] = RecordWriteResult(key, modified_at=read_time(item.get("updatedAt")))
    for error in answer.get("errors") or ():
        for key in _rows_of(error, ids):
            if error.get("category") in TRANSIENT:
                busy[key] = error_code(error)
            else:
                found[key] = RecordWriteResult(key, error_code(error))
    return found, busy


def written(name: str, value: CrmValue) -> str:
    """Return a value of a score field as HubSpot takes it; an empty text clears a property.

    Examples
    --------
    >>> written("lw_win_probability", 0.00004), written("lw_expected_revenue", 1234.5), written("lw_band", None)
    ('0.0000', '1234.50', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"{value:.{_decimals[name]}f}"
    return value


def _input(row: ScoreRow) -> dict[str, Any]:
    if unknown := set(row.values) - _decimals.keys():
        raise ValueError(f"only score fields are written, not {', '.join(sorted(unknown))}")
    properties = {name: written(name, value) for name, value in row.values.items()}
    return {"id": row.record_id, "properties": properties, "objectWriteTraceId": row.record_id}


def _rows_of(error: Mapping[str, Any], ids: set[str]) -> list[str]:
    """Return the ids of the rows that an error names."""
    context = error.get("context") or {}
    named = [str(key) for name in ("objectWriteTraceId", "ids", "id") for key in context.get(name) or ()]
    return [key for key in dict.fromkeys(named) if key in ids]


def _only_error(answer: Mapping[str, Any]) -> str:
    errors = answer.get("errors") or ()
    return error_code(errors[0]) if errors else NO_RESULT
