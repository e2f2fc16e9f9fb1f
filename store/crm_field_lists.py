"""Fields and stages of a CRM as last seen, and fields that vanished."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from leadworth.crm_records import CrmField, CrmStage, StageMeaning
from store.any_of import any_of
from store.mirror_schema import crm_fields, crm_stages
from store.timestamps import stamp
from store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection

_fields = crm_fields.c


@dataclass(frozen=True)
class FieldDrift:
    """Difference of a field list from the one before.

    Attributes
    ----------
    new, vanished
        Names, sorted; both are empty the first time.
    """

    new: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()


def note_fields(
    connection: Connection, crm: str, object_name: str, fields: Sequence[CrmField], now: datetime
) -> FieldDrift:
    """Store the present field list of an object, and return what differs from the one before."""
    of_object = _fields.crm == crm, _fields.object == object_name
    query = select(_fields.name, _fields.vanished_at).where(*of_object)
    stored: dict[str, str | None] = {row.name: row.vanished_at for row in connection.execute(query)}
    before = {name for name, vanished_at in stored.items() if vanished_at is None}
    present = {field.name for field in fields}
    rows = [
        {
            "crm": crm,
            "object": object_name,
            "name": field.name,
            "label": field.label,
            "kind": field.kind,
            "options": json.dumps(dict(field.options)),
            "calculated": field.calculated,
            "writable": field.writable,
            "seen_at": stamp(now),
            "vanished_at": None,
        }
        for field in fields
    ]
    if rows:
        connection.execute(upsert(connection, crm_fields), rows)
    vanished = sorted(before - present)
    if vanished:
        gone = update(crm_fields).where(*of_object, any_of(_fields.name, vanished))
        connection.execute(gone.values(vanished_at=stamp(now)))
    return FieldDrift(tuple(sorted(present - before)), tuple(vanished)) if stored else FieldDrift()


def fields_of(connection: Connection, crm: str, object_name: str) -> list[CrmField]:
    """Return the fields of an object that were there last time, by name."""
    query = select(crm_fields).where(_fields.crm == crm, _fields.object == object_name, _fields.vanished_at.is_(None))
    return [
        CrmField(row.name, row.label, row.kind, json.loads(row.options), bool(row.calculated), bool(row.writable))
        for row in connection.execute(query.order_by(_fields.name))
    ]


def vanished_fields(connection: Connection, crm: str) -> list[tuple[str, str, datetime]]:
    """Return object, name and time of the fields that vanished, in order of time."""
    query = select(_fields.object, _fields.name, _fields.vanished_at)
    query = query.where(_fields.crm == crm, _fields.vanished_at.is_not(None)).order_by(_fields.vanished_at)
    return [(row.object, row.name, datetime.fromisoformat(row.vanished_at)) for row in connection.execute(query)]


def note_stages(connection: Connection, crm: str, stages: Sequence[CrmStage]) -> None:
    """Store the present stages. Stages that vanished stay, since the history names them."""
    present = {(stage.object, stage.pipeline, stage.value): stage for stage in stages}
    rows = [
        {
            "crm": crm,
            "object": stage.object,
            "pipeline": stage.pipeline,
            "value": stage.value,
            "label": stage.label,
            "meaning": stage.meaning.value,
            "position": stage.order,
        }
        for stage in present.values()
    ]
    if rows:
        connection.execute(upsert(connection, crm_stages), rows)


def stages_of(connection: Connection, crm: str, object_name: str) -> list[CrmStage]:
    """Return the stages of an object, present and former ones, by pipeline and order."""
    columns = crm_stages.c
    query = select(crm_stages).where(columns.crm == crm, columns.object == object_name)
    query = query.order_by(columns.pipeline, columns.position, columns.value)
    return [
        CrmStage(row.object, row.value, row.label, StageMeaning(row.meaning), row.pipeline, row.position)
        for row in connection.execute(query)
    ]
