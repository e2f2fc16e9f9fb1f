"""Former values of CRM fields, with the time from which they were valid and the time from which they were known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from leadworth.crm_records import FieldChange
from store.any_of import any_of
from store.insert_ignore import insert_ignore
from store.mirror_schema import crm_changes
from store.mirror_scope import MirrorScope
from store.timestamps import stamp
from store.upsert import upsert

_changes = crm_changes.c
ROWS = 50
"""Rows of one statement. Each number of rows is another statement, and SQLite's driver keeps 128 of them prepared: with
1,000 rows they take tens of megabytes."""


@dataclass(frozen=True)
class KnownChange:
    """A change of a field, and when it became known here.

    Attributes
    ----------
    known_at
        A change of the CRM's history is valid before it is known.
    """

    change: FieldChange
    known_at: datetime


def add(mirror: MirrorScope, changes: Iterable[FieldChange], now: datetime, *, seen: bool = False) -> int:
    """Add changes in order of time for each record; those that are stored stay. Return how many were written.

    Changes of one field at the same time keep their order. Those of erased records are left out.

    Parameters
    ----------
    seen
        Seen here, not told by the CRM: the last value seen replaces one of the same time.
    """
    items = list(changes)
    if not items:
        return 0
    ids: dict[str, set[str]] = {}
    for item in items:
        ids.setdefault(item.object, set()).add(item.record_id)
    erased = {(name, key) for name, keys in ids.items() for key in mirror.erased_ids(name, sorted(keys))}
    positions: dict[tuple[str, str, str, str], int] = {}
    rows = []
    for item in items:
        if (item.object, item.record_id) in erased:
            continue
        at = stamp(item.valid_at)
        key = (item.object, item.record_id, item.field, at)
        positions[key] = position = positions.get(key, -1) + 1
        rows.append(
            {
                "crm": mirror.crm,
                "object": item.object,
                "record_id": item.record_id,
                "field": item.field,
                "valid_at": at,
                "position": position,
                "value": mirror.cipher.encrypt({"value": item.value}),
                "changed_by": item.changed_by,
                "known_at": stamp(now),
            }
        )
    if not rows:
        return 0
    statement = upsert(mirror.connection, crm_changes) if seen else insert_ignore(mirror.connection, crm_changes)
    added = statement.returning(_changes.position)
    return len(mirror.connection.execute(added, rows, execution_options={"insertmanyvalues_page_size": ROWS}).all())


def of_records(
    mirror: MirrorScope, object_name: str, ids: Sequence[str], fields: Collection[str] | None = None
) -> dict[str, list[KnownChange]]:
    """Return record id -> changes in order of their valid time; records without changes are absent.

    Parameters
    ----------
    fields
        Only changes of these; None: all.
    """
    result: dict[str, list[KnownChange]] = {}
    of_object = _changes.crm == mirror.crm, _changes.object == object_name
    query = select(crm_changes).where(*of_object, any_of(_changes.record_id, ids))
    if fields is not None:
        query = query.where(_changes.field.in_(fields))
    query = query.order_by(_changes.record_id, _changes.valid_at, _changes.field, _changes.position)
    for row in mirror.connection.execute(query).mappings():
        at = datetime.fromisoformat(row["valid_at"])
        value = mirror.cipher.decrypt(row["value"])["value"]
        change = FieldChange(object_name, row["record_id"], row["field"], value, at, row["changed_by"])  # type: ignore[arg-type]
        known = KnownChange(change, datetime.fromisoformat(row["known_at"]))
        result.setdefault(row["record_id"], []).append(known)
    return result


def delete_of_records(mirror: MirrorScope, object_name: str, ids: Sequence[str]) -> None:
    """Delete all changes of records."""
    of_object = _changes.crm == mirror.crm, _changes.object == object_name
    mirror.connection.execute(delete(crm_changes).where(*of_object, any_of(_changes.record_id, ids)))
