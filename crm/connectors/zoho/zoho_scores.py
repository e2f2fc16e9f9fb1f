"""Score fields of Zoho: creating them, and writing scores without setting off any automation, 100 a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crm.connectors.zoho.zoho_api import ZohoApi, refusal
from crm.connectors.zoho.zoho_values import read_time, written_moment
from crm.score_fields import SCORE_FIELDS, ScoreField, ScoreKind
from leadworth.crm_records import CrmValue, RecordWriteResult, ScoreRow
from leadworth.http_errors import UnansweredError

NO_AUTOMATION: Mapping[str, Any] = {"trigger": []}
"""Sent with every write. Without it Zoho runs all workflows, approvals and blueprints of each record written."""
TYPES = {
    ScoreKind.NUMBER: "double",
    ScoreKind.CHOICE: "picklist",
    ScoreKind.TEXT: "text",
    ScoreKind.MOMENT: "datetime",
}
NUMBER_LENGTH = 16
WRITE_ROWS = 2_000
"""Rows of one write: the converted leads among them share the requests to their deals."""
REQUEST_ROWS = 100
CONVERTED = "ID_ALREADY_CONVERTED"
DEALS = "Deals"
FOR_NOW = frozenset({"RECORD_IN_BLUEPRINT", "RECORD_LOCKED", "NOT_APPROVED"})
"""Refusals that last until people act: the row is written in a later run."""
REPEATED = frozenset({"INTERNAL_ERROR", "INTERNAL_SERVER_ERROR", "TOO_MANY_REQUESTS"})
ROW_ATTEMPTS = 3

_decimals = {field.name: field.decimals for field in SCORE_FIELDS}


class ZohoScores:
    """Writes scores to one account.

    Parameters
    ----------
    api
        Requests to the account.
    """

    def __init__(self, api: ZohoApi) -> None:
        self._api = api

    def create(self, module: str, field: ScoreField, currency: str) -> None:
        """Create a score field; one that exists already, because another process was faster, stays as it is."""
        body = {"fields": [described(field, currency)]}
        _, content = self._api.send("POST", "settings/fields", params={"module": module}, body=body, own=(400, 409))
        [result] = content.get("fields") or [content]
        if result.get("status") != "success" and result.get("code") != "DUPLICATE_DATA":
            raise refusal(400, result)

    def write(self, module: str, rows: Sequence[ScoreRow], *, to_deals: bool = False) -> list[RecordWriteResult]:
        """Write at most 2,000 rows and return one result per row, in their order.

        The scores of a converted lead, which cannot be changed, go to its deal.

        Parameters
        ----------
        to_deals
            Whether deals have the fields of the scores; if not, converted leads are refused.
        """
        targets = [(DEALS, row.deal_id) if row.deal_id else (module, row.record_id) for row in rows]
        codes: dict[int, RecordWriteResult] = {}
        for name in dict.fromkeys(target for target, _ in targets):
            places = [place for place, (target, _) in enumerate(targets) if target == name]
            if name == DEALS != module and not to_deals:
                refused = [RecordWriteResult(targets[place][1], CONVERTED) for place in places]
                codes |= dict(zip(places, refused, strict=True))
                continue
            sent = [ScoreRow(targets[place][1], rows[place].values) for place in places]
            for start in range(0, len(sent), REQUEST_ROWS):
                part = slice(start, start + REQUEST_ROWS)
                codes |= dict(zip(places[part], self._repeat(name, sent[part]), strict=True))
        return [replace(codes[place], record_id=row.record_id) for place, row in enumerate(rows)]

    def _repeat(self, module: str, rows: Sequence[ScoreRow]) -> list[RecordWriteResult]:
        """Send at most 100 rows, repeat those refused for now, and return one result per row, in their order."""
        results: dict[int, RecordWriteResult] = {}
        waiting = list(range(len(rows)))
        for _ in range(ROW_ATTEMPTS):
            if waiting:
                results |= dict(zip(waiting, self._send(module, [rows[place] for place in waiting]), strict=True))
            waiting = [place for place in waiting if results[place].reason in REPEATED]
        return [results[place] for place in range(len(rows))]

    def _send(self, module: str, rows: Sequence[ScoreRow]) -> list[RecordWriteResult]:
        """Send rows; where Zoho refuses the whole request, each half is sent on its own."""
        body = {"data": [_input(row) for row in rows], **NO_AUTOMATION}
        status, content = self._api.send("PUT", module, body=body, own=(400,))
        results = content.get("data")
        if isinstance(results, list) and len(results) == len(rows):
            return [_result(row, result) for row, result in zip(rows, results, strict=True)]
        if status != 400:
            raise UnansweredError(f"{len(results or ())} results for {len(rows)} rows")
        if len(rows) == 1:
            return [_result(rows[0], content)]
        middle = len(rows) // 2
        return [*self._send(module, rows[:middle]), *self._send(module, rows[middle:])]


def described(field: ScoreField, currency: str) -> dict[str, Any]:
    """Return a score field as Zoho creates it. Zoho makes the API name from the label, so the tooltip has the words.

    Examples
    --------
    >>> described(SCORE_FIELDS[0], "EUR")["decimal_place"], described(SCORE_FIELDS[3], "EUR")["length"]
    (4, 3)
    """
    tooltip = {"name": "static_text", "value": field.label.format(currency=currency)}
    made: dict[str, Any] = {"field_label": field.name, "data_type": TYPES[field.kind], "tooltip": tooltip}
    if field.kind is ScoreKind.NUMBER:
        made |= {"length": NUMBER_LENGTH, "decimal_place": field.decimals}
    elif field.kind is ScoreKind.TEXT:
        made |= {"length": field.length}
    elif field.kind is ScoreKind.CHOICE:
        made |= {"pick_list_values": [{"display_value": value, "actual_value": value} for value in field.options]}
    return made


def written(name: str, value: CrmValue) -> CrmValue:
    """Return a value of a score field as Zoho takes it; None clears a field.

    Examples
    --------
    >>> written("lw_win_probability", 0.123456), written("lw_scored_at", "2026-11-28T01:02:03.5+00:00")
    (0.1235, '2026-11-28T01:02:03+00:00')
    """
    if name == "lw_scored_at" and (moment := read_time(value)) is not None:
        return written_moment(moment)
    if isinstance(value, float):
        return round(value, _decimals[name])
    return value


def _input(row: ScoreRow) -> dict[str, CrmValue]:
    if unknown := set(row.values) - _decimals.keys():
        raise ValueError(f"only score fields are written, not {', '.join(sorted(unknown))}")
    return {"id": row.record_id, **{name: written(name, value) for name, value in row.values.items()}}


def _result(row: ScoreRow, result: Mapping[str, Any]) -> RecordWriteResult:
    details = result.get("details") or {}
    if result.get("status") == "success":
        return RecordWriteResult(row.record_id, modified_at=read_time(details.get("Modified_Time")))
    code = str(result.get("code") or "no code")
    later = code in FOR_NOW or code in REPEATED
    named = str(details.get("api_name") or "")
    return RecordWriteResult(row.record_id, code if later else f"{code} {named}".rstrip(), may_succeed_later=later)
