"""Rows of the local Odoo peer as the database has them, and as its answers show them."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from crm.connectors.odoo.odoo_account import MESSAGE, PARTNER, PRESENT, OdooAccount
from crm.connectors.odoo.odoo_domain import ARITY, read_moment
from crm.connectors.odoo.odoo_models import OdooField, models
from crm.connectors.odoo.odoo_values import LEAD
from crm.sandbox.peer_account import PERSON, PeerRecord
from crm.sandbox.record_order import id_order

TRACKING = "mail.tracking.value"
SOMEONE = 2
"""User that people's changes are made by."""
Row = dict[str, Any]
_BOUNDS = {("id", ">"): "above", ("write_date", ">="): "since"}


class OdooRows:
    """Rows of one database.

    Parameters
    ----------
    account
        Records of the database.
    version
        Main number of Odoo's version.
    """

    def __init__(self, account: OdooAccount, version: int) -> None:
        self.account = account
        self.version = version
        self.models = models(version)
        self._order = id_order(account)

    def rows(self, model: str, domain: Sequence[Any] = ()) -> Iterator[Row]:
        """Yield the rows of a model that may meet a domain, by id: ids of references, moments, None for no value."""
        pins = pinned(domain)
        if model == TRACKING:
            yield from self._tracking(pins)
        elif model == "ir.model":
            yield from ({"id": key, "model": name, "name": name} for key, name in enumerate(self.models, 1))
        elif model == "ir.model.fields":
            yield from ({"id": key, "model": LEAD, "name": name} for name, key in self.field_ids().items())
        else:
            yield from (self._row(model, item) for item in self._records(model, pins) if item.state in PRESENT)

    def field_ids(self) -> Mapping[str, int]:
        """Return the fields of leads -> their ids as records."""
        return {name: 5_000 + place for place, name in enumerate(self.models[LEAD])}

    def shown(self, model: str, row: Mapping[str, Any], fields: Sequence[str]) -> Row:
        """Return a row as an answer shows it: `false` for no value, pairs for references, times in seconds."""
        described = self.models[model]
        result: Row = {"id": row["id"]}
        for name in fields:
            result[name] = self._shown(row.get(name), described[name])
        return result

    def _shown(self, value: Any, field: OdooField) -> Any:
        if field.kind in ("many2many", "one2many"):
            return list(value or [])
        if field.kind in ("integer", "float", "monetary"):
            return value or 0
        if value is None or value is False or value == "":
            return False
        if field.kind == "many2one":
            return [value, self._label(field.relation, value)]
        if isinstance(value, datetime):
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        return f"<p>{html.escape(str(value))}</p>" if field.kind == "html" else value

    def _label(self, model: str, key: int) -> str:
        if model == "ir.model.fields":
            return next(name for name, other in self.field_ids().items() if other == key)
        return self.account.name_of(model, key) or f"{model},{key}"

    def _records(self, model: str, pins: Mapping[str, Sequence[Any]]) -> Iterator[PeerRecord]:
        """Yield the records that the pins allow, by id, as an index of the database finds them."""
        records, now = self.account.of(model), self.account.clock.now()
        found: Iterable[PeerRecord]
        if "id" in pins or (model == MESSAGE and "res_id" in pins):
            messages = (key for lead in pins.get("res_id", ()) for key in self.account.messages.get(lead, ()))
            keys = {int(key) for key in pins.get("id", messages)}
            found = (records[str(key)] for key in sorted(keys) if str(key) in records)
        else:
            found = self._order.after(model, max(pins.get("above", (0,))))
        since = max((read_moment(text) for text in pins.get("since", ())), default=None)
        for record in found:
            if record.visible_at <= now and (since is None or record.modified_at >= since):
                yield record

    def _row(self, model: str, record: PeerRecord) -> Row:
        row: Row = {}
        for name, field in self.models[model].items():
            value = record.values.get(name)
            is_moment = field.kind == "datetime" and isinstance(value, str)
            row[name] = datetime.fromisoformat(str(value)).astimezone(UTC) if is_moment else value
        row |= {"id": int(record.record_id), "create_date": record.created_at, "write_date": record.modified_at}
        row["write_uid"] = SOMEONE if record.modified_by == PERSON else int(record.modified_by)
        if "active" in row and row["active"] is None:
            row["active"] = True
        if model == LEAD:
            row["is_blacklisted"] = record.values.get("email_normalized") in self._blacklisted()
        elif model == PARTNER:
            row["commercial_partner_id"] = int(self.account.company_of(record.record_id))
        elif model == MESSAGE:
            row["tracking_value_ids"] = [item.record_id for item in self.account.tracking.get(record.record_id, ())]
        return row

    def _blacklisted(self) -> set[str]:
        entries = self.account.of("mail.blacklist").values()
        return {str(item.values["email"]) for item in entries if item.state in PRESENT and item.values["active"]}

    def _tracking(self, pins: Mapping[str, Sequence[Any]]) -> Iterator[Row]:
        ids = self.field_ids()
        reference = "field_id" if self.version >= 17 else "field"
        amount = "float" if self.version >= 17 else "monetary"
        messages = [str(key) for key in pins["mail_message_id"]] if "mail_message_id" in pins else self.account.tracking
        for item in (item for message in messages for item in self.account.tracking.get(message, ())):
            kind = amount if item.field == "expected_revenue" else "integer"
            row: Row = {"id": item.record_id, "mail_message_id": int(item.message), reference: ids[item.field]}
            yield row | {f"old_value_{kind}": _column(item.old), f"new_value_{kind}": _column(item.new)}


def pinned(domain: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Return field -> the values that conditions of a domain allow, those that an index of the database would serve.

    `above` has ids that all are greater than, `since` write dates that none is before. Conditions below an operator
    count for nothing.

    Examples
    --------
    >>> pinned([["id", "in", [3, 4]], ["id", ">", 2], "|", ["id", "=", 9], ["a", "=", 1], ["id", ">", 3]])
    {'id': [3, 4], 'above': (2, 3)}
    """
    pins: dict[str, Sequence[Any]] = {}
    below = 0  # terms that the operators before still take
    for term in domain:
        if isinstance(term, str):
            below += ARITY.get(term, 0) - (1 if below else 0)
            continue
        if below:
            below -= 1
            continue
        field, operator, value = term
        if operator == "in":
            pins[field] = value
        elif (field, operator) in _BOUNDS:
            name = _BOUNDS[field, operator]
            pins[name] = (*pins.get(name, ()), value)
    return pins


def _column(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value
