"""Writing of scores to Odoo, and the fields that hold them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crm.connectors.odoo.odoo_api import ACCESS, OdooApi
from crm.connectors.odoo.odoo_values import write_time
from crm.crm_http import CrmRefusedError
from crm.score_fields import SCORE_FIELDS, ScoreField, ScoreKind
from leadworth.crm_records import CrmValue, RecordWriteResult, ScoreRow
from leadworth.errors import TerminalError
from leadworth.http_errors import UnauthorisedError

WRITE_ROWS = 2_000
"""Rows of one write: they share the request that finds the deleted ones."""
LOAD_ROWS = 200
"""Rows of one call of `load` or `write`, which is one transaction."""
SILENT: Mapping[str, Any] = {
    "tracking_disable": True,
    "mail_notrack": True,
    "mail_auto_subscribe_no_notify": True,
}
"""Context of every write: no notes, no notifications. Automation rules run: Odoo has no switch for them."""
MISSING = "MissingError"
TYPES: Mapping[ScoreKind, str] = {
    ScoreKind.NUMBER: "float",
    ScoreKind.CHOICE: "selection",
    ScoreKind.TEXT: "char",
    ScoreKind.MOMENT: "datetime",
}
SCORE_NAMES = {field.name: f"x_{field.name}" for field in SCORE_FIELDS}
"""Score field -> its name in Odoo, where fields that are added begin with `x_`."""
_MOMENTS = frozenset(field.name for field in SCORE_FIELDS if field.kind is ScoreKind.MOMENT)


class OdooScores:
    """Writes scores to one database.

    Parameters
    ----------
    api
        Calls to the database.
    """

    def __init__(self, api: OdooApi) -> None:
        self._api = api

    def write(self, model: str, rows: Sequence[ScoreRow]) -> list[RecordWriteResult]:
        """Write at most 2,000 rows and return one result per row, in their order.

        Equal scores are one call of `write`, different ones one of `load`, which changes all rows or none and names
        the faulty ones: the others are sent again without them. Deleted records are found before: `load` would be
        refused as a whole for each.
        """
        found = self._api.call(model, "search", domain=[["id", "in", [int(row.record_id) for row in rows]]])
        present = {str(key) for key in found}
        reasons = {row.record_id: MISSING for row in rows if row.record_id not in present}
        alike: dict[tuple[str, ...], list[ScoreRow]] = defaultdict(list)
        for row in rows:
            if row.record_id in present:
                alike[tuple(sorted(row.values))].append(row)
        for group in alike.values():
            for start in range(0, len(group), LOAD_ROWS):
                reasons |= self._write_alike(model, group[start : start + LOAD_ROWS])
        return [RecordWriteResult(row.record_id, reasons.get(row.record_id, "")) for row in rows]

    def _write_alike(self, model: str, rows: Sequence[ScoreRow]) -> dict[str, str]:
        """Write rows with the same fields, and return the reason of each refused one."""
        first = rows[0].values
        if all(row.values == first for row in rows):
            try:
                ids = [int(row.record_id) for row in rows]
                self._api.call(model, "write", ids=ids, vals=written_values(first), context=SILENT)
            except CrmRefusedError as error:
                if len(rows) == 1:
                    return {rows[0].record_id: error.code}
            else:
                return {}
        return self._load(model, rows)

    def _load(self, model: str, rows: Sequence[ScoreRow]) -> dict[str, str]:
        names = sorted(rows[0].values)
        header = [".id", *(SCORE_NAMES[name] for name in names)]
        reasons: dict[str, str] = {}
        waiting = list(rows)
        while waiting:
            data = [[row.record_id, *(_cell(row.values[name], name) for name in names)] for row in waiting]
            try:
                answer = self._api.call(model, "load", fields=header, data=data, context=SILENT)
            except CrmRefusedError as error:
                return reasons | {row.record_id: error.code for row in waiting}
            if answer["ids"]:
                return reasons
            faults = {
                int(item["record"]): f"load: {item.get('field') or 'refused'}"
                for item in answer["messages"]
                if item.get("type") == "error" and item.get("record") is not None
            }
            if not faults:
                return reasons | {row.record_id: "load: no reason given" for row in waiting}
            reasons |= {waiting[place].record_id: reason for place, reason in faults.items()}
            waiting = [row for place, row in enumerate(waiting) if place not in faults]
        return reasons

    def create_fields(self, model: str, fields: Sequence[ScoreField], currency: str) -> list[str]:
        """Create score fields as manual fields of a model, and return their names.

        Raises
        ------
        TerminalError
            If our user is no administrator.
        """
        if not fields:
            return []
        try:
            [found] = self._api.call("ir.model", "search", domain=[["model", "=", model]])
            made = [manual_field(field, int(found), currency) for field in fields]
            self._api.call("ir.model.fields", "create", vals_list=made)
        except UnauthorisedError as error:
            if error.code != ACCESS:
                raise
            raise TerminalError(
                f"leadworth's user may not create fields of {model}",
                do="run `leadworth crm connect odoo --create-fields` once with the key of an administrator, or "
                "create the fields as in docs/how-to/crm-odoo.md",
            ) from None
        return [field.name for field in fields]


def manual_field(field: ScoreField, model_id: int, currency: str) -> dict[str, Any]:
    """Return the values of the `ir.model.fields` record that creates a score field.

    Examples
    --------
    >>> made = manual_field(SCORE_FIELDS[5], 7, "EUR")
    >>> made["name"], made["ttype"], made["selection_ids"][0]
    ('x_lw_band', 'selection', [0, 0, {'value': 'A', 'name': 'A', 'sequence': 0}])
    """
    made = {
        "model_id": model_id,
        "name": SCORE_NAMES[field.name],
        "field_description": field.label.format(currency=currency),
        "ttype": TYPES[field.kind],
        "state": "manual",
        "copied": False,
    }
    if field.length:
        made["size"] = field.length
    if field.options:
        made["selection_ids"] = [
            [0, 0, {"value": value, "name": value, "sequence": order}] for order, value in enumerate(field.options)
        ]
    return made


def written_values(values: Mapping[str, CrmValue]) -> dict[str, Any]:
    """Return scores by their names in Odoo; a name that is no score field is an error.

    Examples
    --------
    >>> written_values({"lw_band": "A", "lw_reasons": None, "lw_scored_at": "2026-03-01T10:00:00+02:00"})
    {'x_lw_band': 'A', 'x_lw_reasons': False, 'x_lw_scored_at': '2026-03-01 08:00:00'}
    """
    return {SCORE_NAMES[name]: False if value is None else _moment(value, name) for name, value in values.items()}


def _cell(value: CrmValue, name: str) -> str:
    """Return a value as a cell of an import."""
    return "" if value is None else str(_moment(value, name))


def _moment(value: CrmValue, name: str) -> CrmValue:
    return write_time(datetime.fromisoformat(value)) if name in _MOMENTS and isinstance(value, str) else value
