"""Former values of leads, from the tracking that Odoo keeps with the messages of a lead.

Only administrators may read it. The values at creation are not tracked: they follow from the old value of the first
change, or, without one, from the present value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm.connectors.odoo.odoo_api import ACCESS, OdooApi
from crm.connectors.odoo.odoo_reader import OdooReader, Row
from crm.connectors.odoo.odoo_values import (
    ARCHIVED,
    LEAD,
    LOST,
    OUTCOME_STAGE,
    origin_of,
    outcome_of_row,
    outcome_stage,
    read_time,
    value_of,
)
from leadworth.crm_records import CrmValue, FieldChange
from leadworth.http_errors import UnauthorisedError

TRACKING = "mail.tracking.value"
STAGE, ACTIVE, REASON, REVENUE, OWNER = "stage_id", "active", "lost_reason_id", "expected_revenue", "user_id"
TRACKED = (STAGE, ACTIVE, REASON, REVENUE, OWNER)
PRESENT = (STAGE, ACTIVE, "probability", REVENUE, OWNER, "date_closed")
_AMOUNTS = ("float", "monetary")


@dataclass
class TrackedMessage:
    """Changes of one lead that were made together.

    Attributes
    ----------
    old, new
        Field -> value before and after.
    """

    at: datetime
    by: str
    old: dict[str, CrmValue] = field(default_factory=dict)
    new: dict[str, CrmValue] = field(default_factory=dict)


class OdooHistory:
    """Former values of the leads of one database.

    Parameters
    ----------
    api, reader
        Calls to the database.
    """

    def __init__(self, api: OdooApi, reader: OdooReader) -> None:
        self._api, self._reader = api, reader
        self._names: dict[int, str] | None = None

    def is_readable(self) -> bool:
        """Return whether our user may read the tracking."""
        try:
            self._api.call(TRACKING, "search_count", domain=[])
        except UnauthorisedError as error:
            if error.code != ACCESS:
                raise
            return False
        return True

    def changes(self, ids: Sequence[str]) -> Iterator[FieldChange]:
        """Yield the values of leads over time; see `of_rows`."""
        rows = list(self._reader.by_id(LEAD, ids, PRESENT).values())
        for found in self.of_rows(rows).values():
            yield from found

    def of_rows(self, rows: Sequence[Row]) -> dict[str, list[FieldChange]]:
        """Return lead -> its values over time; without the right to the tracking, the present ones.

        Parameters
        ----------
        rows
            Leads with the fields `PRESENT`.
        """
        try:
            messages = self._messages([int(row["id"]) for row in rows])
        except UnauthorisedError as error:
            if error.code != ACCESS:
                raise
            messages = None
        won = self._reader.won_stages
        return {
            str(row["id"]): list(present_values(row, won))
            if messages is None
            else former_values(row, messages.get(int(row["id"]), ()), won)
            for row in rows
        }

    def _messages(self, ids: Sequence[int]) -> Mapping[int, list[TrackedMessage]]:
        """Return lead -> its tracked changes in order of time, without those of leads that it absorbed."""
        domain = [["model", "=", LEAD], ["res_id", "in", list(ids)], ["tracking_value_ids", "!=", False]]
        names = ["res_id", "date", "author_id", "message_id"]
        found = self._api.call("mail.message", "search_read", domain=domain, fields=names, order="date, id")
        own = {int(row["id"]): row for row in found if origin_of(row["message_id"]) in (None, row["res_id"])}
        values = self._values(list(own)) if own else {}
        result: dict[int, list[TrackedMessage]] = defaultdict(list)
        for key, row in own.items():
            author = row["author_id"]
            message = TrackedMessage(read_time(row["date"]), str(author[0]) if author else "")
            for name, old, new in values.get(key, ()):
                message.old[name], message.new[name] = old, new
            result[int(row["res_id"])].append(message)
        return result

    def _values(self, messages: Sequence[int]) -> Mapping[int, list[tuple[str, CrmValue, CrmValue]]]:
        """Return message -> field, old and new value."""
        described = self._reader.described(TRACKING)
        kinds = [kind for kind in ("integer", *_AMOUNTS) if f"new_value_{kind}" in described]
        columns = [f"{age}_value_{kind}" for age in ("old", "new") for kind in kinds]
        reference = "field_id" if "field_id" in described else "field"  # `field` before Odoo 17
        domain = [["mail_message_id", "in", list(messages)]]
        rows = self._api.call(
            TRACKING, "search_read", domain=domain, fields=["mail_message_id", reference, *columns], order="id"
        )
        names, types = self._field_names(), self._reader.kinds(LEAD)
        result: dict[int, list[tuple[str, CrmValue, CrmValue]]] = defaultdict(list)
        for row in rows:
            name = names.get(value_of(row[reference], "many2one"))  # type: ignore[arg-type]
            if name is not None:
                old, new = (_tracked_value(row, age, types.get(name, "integer"), kinds) for age in ("old", "new"))
                result[row["mail_message_id"][0]].append((name, old, new))
        return result

    def _field_names(self) -> Mapping[int, str]:
        """Return id of a tracked field -> its name."""
        if self._names is None:
            domain = [["model", "=", LEAD], ["name", "in", list(TRACKED)]]
            rows = self._api.call("ir.model.fields", "search_read", domain=domain, fields=["name"])
            self._names = {int(row["id"]): str(row["name"]) for row in rows}
        return self._names


def present_values(row: Row, won_stages: Collection[int]) -> Iterator[FieldChange]:
    """Yield the present values of a lead; a closed one has them since it was closed, another since its last change."""
    key = str(row["id"])
    stage = outcome_of_row(row, won_stages)
    closed = row.get("date_closed") if stage == LOST or float(row.get("probability") or 0) >= 100.0 else None
    at = read_time(closed or row["write_date"])
    if stage is not None:
        yield FieldChange(LEAD, key, OUTCOME_STAGE, stage, at)


def former_values(row: Row, messages: Sequence[TrackedMessage], won_stages: Collection[int]) -> list[FieldChange]:
    """Return the values of a lead over time, from its present row and its tracked changes.

    The probability is not tracked. In the past, an active lead in a stage of won deals counts as won, and an archived
    one as lost if a reason was given with it; the last value is exact.
    """
    key, created = str(row["id"]), read_time(row["create_date"])
    present = {name: value_of(row.get(name), "many2one") for name in (STAGE, OWNER)}
    present |= {ACTIVE: bool(row.get(ACTIVE)), REVENUE: value_of(row.get(REVENUE), "float")}
    state = dict(present)
    for message in reversed(messages):
        state |= {name: value for name, value in message.old.items() if name in state}
    plain = [name for name in (REVENUE, OWNER) if any(name in message.new for message in messages)]
    found = [FieldChange(LEAD, key, name, state[name], created) for name in plain]
    steps = [(created, "", _past_stage(state, won_stages, {}))]
    for message in messages:
        state |= {name: value for name, value in message.new.items() if name in state}
        at = max(message.at, created)
        found += [FieldChange(LEAD, key, name, state[name], at, message.by) for name in plain if name in message.new]
        if message.new.keys() & {STAGE, ACTIVE}:
            steps.append((at, message.by, _past_stage(state, won_stages, message.new)))
    exact = outcome_of_row(row, won_stages)
    if exact is not None and (state[STAGE], state[ACTIVE]) == (present[STAGE], present[ACTIVE]):
        steps[-1] = (*steps[-1][:2], exact)
    found += [FieldChange(LEAD, key, OUTCOME_STAGE, stage, at, by) for at, by, stage in steps if stage]
    return sorted(found, key=lambda change: change.valid_at)


def _past_stage(state: Mapping[str, CrmValue], won_stages: Collection[int], given: Mapping[str, CrmValue]) -> str:
    if not state[ACTIVE]:
        return LOST if given.get(REASON) else ARCHIVED
    stage = state[STAGE]
    number = stage if isinstance(stage, int) else None
    return outcome_stage(True, 100.0 if number in won_stages else 0.0, number, won_stages)


def _tracked_value(row: Mapping[str, Any], age: str, kind: str, kinds: Sequence[str]) -> CrmValue:
    """Return a tracked value: references, numbers and flags are integers, amounts have a column by version."""
    if kind in _AMOUNTS:
        amounts = [float(row[f"{age}_value_{name}"] or 0.0) for name in _AMOUNTS if name in kinds]
        return next((amount for amount in amounts if amount), 0.0)
    number = row[f"{age}_value_integer"] or 0
    return bool(number) if kind == "boolean" else (int(number) or None)
