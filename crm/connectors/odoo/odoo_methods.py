"""Methods of the local Odoo peer: searches, writes, imports and fields, with Odoo's rules and errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from crm.connectors.odoo.odoo_account import OdooAccount
from crm.connectors.odoo.odoo_domain import OdooFault, fault_of_field, matches
from crm.connectors.odoo.odoo_models import OdooField
from crm.connectors.odoo.odoo_rows import OdooRows, Row
from crm.connectors.odoo.odoo_values import LEAD

OUR_USER = 7
USER_ZONE = "Europe/Brussels"
"""Zone of our user, in which an import reads times without one."""
FOR_ADMINISTRATORS = ("mail.tracking.value", "ir.model.fields")
OF_RECORDS = ("write",)
"""Methods of records; all others are of the model and refuse ids in JSON-2."""
PARAMETERS: Mapping[str, Sequence[str]] = {
    "search": ("domain",),
    "search_read": ("domain", "fields"),
    "search_count": ("domain",),
    "write": ("vals",),
    "load": ("fields", "data"),
    "create": ("vals_list",),
}
"""Order of the parameters, for calls that pass them by position."""
Context = Mapping[str, Any]


class OdooMethods:
    """Methods of one database.

    Parameters
    ----------
    rows
        Rows of the database.

    Attributes
    ----------
    is_administrator
        Whether our user is one.
    absent
        Models of modules that are not installed.
    forbidden
        Models that our user may not read.
    row_faults
        Id of a lead -> message of a constraint that any change of it breaks.
    """

    def __init__(self, rows: OdooRows) -> None:
        self._rows = rows
        self._account: OdooAccount = rows.account
        self.is_administrator = True
        self.absent: set[str] = set()
        self.forbidden: set[str] = set()
        self.row_faults: dict[int, str] = {}
        self._methods: Mapping[str, Callable[..., Any]] = {
            "search": self._search,
            "search_read": self._search_read,
            "search_count": self._search_count,
            "fields_get": self._fields_get,
            "context_get": self._context_get,
            "write": self._write,
            "load": self._load,
            "create": self._create,
        }

    def call(self, model: str, method: str, ids: Sequence[int], context: Context, named: Mapping[str, Any]) -> Any:
        """Call a method in one transaction.

        Raises
        ------
        OdooFault
            With Odoo's class of the error.
        """
        if model not in self._rows.models or model in self.absent:
            raise OdooFault("werkzeug.exceptions.NotFound", f"the model {model!r} does not exist", 404)
        if method not in self._methods:
            raise OdooFault("werkzeug.exceptions.NotFound", f"no method {method!r} on {model!r}", 404)
        if model in FOR_ADMINISTRATORS and method != "fields_get" and not self.is_administrator:
            raise _access(model)
        if model in self.forbidden:
            raise _access(model)
        records = (ids,) if method in OF_RECORDS else ()
        try:
            return self._methods[method](model, context, *records, **named)
        except TypeError as error:
            if "argument" not in str(error):
                raise
            raise OdooFault("werkzeug.exceptions.UnprocessableEntity", str(error), 422) from None

    def _found(self, model: str, context: Context, domain: Sequence[Any]) -> Iterator[Row]:
        """Yield the rows that meet a domain, by id."""
        if not self.is_administrator and any(term[0] == "tracking_value_ids" for term in domain):
            raise _access("mail.tracking.value")
        hides = "active" in self._rows.models[model] and context.get("active_test", True)
        rows = (row for row in self._rows.rows(model, domain) if not hides or row["active"])
        return (row for row in rows if matches(domain, row, model))

    def _search_read(
        self,
        model: str,
        context: Context,
        *,
        domain: Sequence[Any] = (),
        fields: Sequence[str] = (),
        limit: int | None = None,
        order: str = "id",
    ) -> list[Row]:
        if unknown := set(fields) - self._rows.models[model].keys():
            raise fault_of_field(model, min(unknown))
        found = self._found(model, context, domain)
        if order != "id":
            found = iter(sorted(found, key=itemgetter(*(name.strip() for name in order.split(",")))))
        return [self._rows.shown(model, row, fields) for row in islice(found, limit)]

    def _search(self, model: str, context: Context, **options: Any) -> list[int]:
        return [row["id"] for row in self._search_read(model, context, **options)]

    def _search_count(self, model: str, context: Context, *, domain: Sequence[Any] = ()) -> int:
        return sum(1 for _ in self._found(model, context, domain))

    def _fields_get(self, model: str, context: Context, *, attributes: Sequence[str]) -> dict[str, Row]:
        del context
        return {
            name: {key: value for key, value in _described(field).items() if key in attributes}
            for name, field in self._rows.models[model].items()
            if self.is_administrator or name != "tracking_value_ids"
        }

    def _context_get(self, model: str, context: Context) -> Row:
        del model, context
        return {"lang": "en_US", "tz": USER_ZONE, "uid": OUR_USER}

    def _write(self, model: str, context: Context, ids: Sequence[int], *, vals: Mapping[str, Any]) -> bool:
        present = {row["id"] for row in self._rows.rows(model, [["id", "in", list(ids)]])}
        if missing := set(ids) - present:
            raise OdooFault(
                "odoo.exceptions.MissingError", f"Record does not exist or has been deleted: {missing}", 404
            )
        for key in ids:
            if key in self.row_faults:
                raise OdooFault("odoo.exceptions.ValidationError", self.row_faults[key], 422)
        values = {name: self._value(model, name, value, ZoneInfo("UTC")) for name, value in vals.items()}
        for key in ids:
            self._store(model, key, values, context)
        return True

    def _load(
        self, model: str, context: Context, *, fields: Sequence[str], data: Sequence[Sequence[str]]
    ) -> dict[str, Any]:
        """Change all rows or none; the cells are text, and a time without a zone is in that of context or user."""
        for name in fields[1:]:
            if name not in self._rows.models[model]:
                raise fault_of_field(model, name)
        zone = ZoneInfo(context.get("tz") or USER_ZONE)
        named = [int(row[0]) for row in data]
        present = {row["id"] for row in self._found(model, context, [["id", "in", named]])}
        messages, changed = [], []
        for place, (key, *cells) in enumerate(data):
            base = {"type": "error", "record": place, "rows": {"from": place, "to": place}}
            if int(key) not in present:
                messages.append({**base, "field": ".id", "message": f"Unknown database identifier '{key}'"})
                continue
            if int(key) in self.row_faults:
                messages.append({**base, "message": self.row_faults[int(key)]})
                continue
            values = {}
            for name, cell in zip(fields[1:], cells, strict=True):
                try:
                    values[name] = self._value(model, name, _parsed(cell, self._rows.models[model][name]), zone)
                except (ValueError, OdooFault) as error:
                    messages.append({**base, "field": name, "message": str(error)})
            changed.append((int(key), values))
        if messages:
            return {"ids": False, "messages": messages, "nextrow": 0}
        for number, values in changed:
            self._store(model, number, values, context)
        return {"ids": [number for number, _ in changed], "messages": [], "nextrow": 0}

    def _create(self, model: str, context: Context, *, vals_list: Sequence[Mapping[str, Any]]) -> list[int]:
        """Create manual fields; the peer lets the interface create nothing else."""
        del context
        if model != "ir.model.fields":
            raise _access(model)
        lead = self._rows.models[LEAD]
        for values in vals_list:
            name = values["name"]
            if not name.startswith("x_") or values.get("state") != "manual":
                raise OdooFault(
                    "odoo.exceptions.ValidationError", "Custom fields must have a name that starts with 'x_'", 422
                )
            if name in lead:
                raise OdooFault("odoo.exceptions.ValidationError", "Field names must be unique per model.", 422)
            options = tuple((item["value"], item["name"]) for _, _, item in values.get("selection_ids", ()))
            label = values["field_description"]
            lead[name] = OdooField(values["ttype"], label=label, selection=options, size=values.get("size", 0))
        return [self._rows.field_ids()[values["name"]] for values in vals_list]

    def _store(self, model: str, key: int, values: Mapping[str, Any], context: Context) -> None:
        is_silent = bool(context.get("tracking_disable") and context.get("mail_notrack"))
        with self._account.silence(silent=is_silent):
            self._account.write(model, str(key), values, by=str(OUR_USER))

    def _value(self, model: str, name: str, value: Any, zone: ZoneInfo) -> Any:
        """Return a value as it is stored."""
        if name not in self._rows.models[model]:
            raise fault_of_field(model, name)
        field = self._rows.models[model][name]
        if value is False or value is None:
            return None
        if field.selection and value not in dict(field.selection):
            raise OdooFault("builtins.ValueError", f"Wrong value for {model}.{name}: {value!r}", 500)
        if field.kind == "datetime":
            at = datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
            return at.astimezone(UTC).isoformat()
        return value[: field.size] if field.size else value


def _parsed(cell: str, field: OdooField) -> Any:
    """Return the value of a cell of an import.

    Raises
    ------
    ValueError
        If a number is none.
    """
    if cell == "":
        return None
    return float(cell) if field.kind == "float" else cell


def _described(field: OdooField) -> Row:
    described: Row = {"type": field.kind, "string": field.label, "store": field.stored, "readonly": not field.stored}
    return described | ({"selection": [list(pair) for pair in field.selection]} if field.selection else {})


def _access(model: str) -> OdooFault:
    return OdooFault("odoo.exceptions.AccessError", f"You are not allowed to access {model!r} records.", 403)
