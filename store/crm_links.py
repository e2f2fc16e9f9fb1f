"""Present associations between the records of a CRM, as each record tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, FromClause, and_, bindparam, delete, insert, select

from leadworth.crm_records import RecordLink
from store.any_of import any_of
from store.mirror_schema import crm_links, crm_records
from store.mirror_scope import PRESENT, MirrorScope
from store.timestamps import stamp

_links = crm_links.c
_KEY = ("record_id", "to_object", "to_id", "label")


def replace(
    mirror: MirrorScope, object_name: str, links: Mapping[str, Sequence[RecordLink]], now: datetime
) -> list[str]:
    """Replace the associations of records (id -> all associations); return the ids whose associations changed."""
    stored = of_records(mirror, object_name, list(links))
    added, removed = [], []
    for key, items in links.items():
        before, present = set(stored.get(key, ())), set(items)
        added += [(key, item) for item in present - before]
        removed += [(key, item) for item in before - present]
    if removed:
        statement = delete(crm_links).where(
            _links.crm == mirror.crm,
            _links.object == object_name,
            and_(*(crm_links.c[name] == bindparam(f"old_{name}") for name in _KEY)),
        )
        parameters = [
            {"old_record_id": key, "old_to_object": item.to_object, "old_to_id": item.to_id, "old_label": item.label}
            for key, item in removed
        ]
        mirror.connection.execute(statement, parameters)
    if added:
        common = {"crm": mirror.crm, "object": object_name, "known_at": stamp(now)}
        rows = [
            {**common, "record_id": key, "to_object": item.to_object, "to_id": item.to_id, "label": item.label}
            for key, item in added
        ]
        mirror.connection.execute(insert(crm_links), rows)
    return sorted({key for key, _ in added + removed})


def of_records(mirror: MirrorScope, object_name: str, ids: Sequence[str]) -> dict[str, tuple[RecordLink, ...]]:
    """Return record id -> associations, sorted; records without are absent."""
    result: dict[str, list[RecordLink]] = {}
    query = select(_links.record_id, _links.to_object, _links.to_id, _links.label).where(
        _links.crm == mirror.crm, _links.object == object_name
    )
    query = query.order_by(_links.record_id, _links.to_object, _links.to_id, _links.label)
    for key, to_object, to_id, label in mirror.connection.execute(query.where(any_of(_links.record_id, ids))):
        result.setdefault(key, []).append(RecordLink(to_object, to_id, label))
    return {key: tuple(items) for key, items in result.items()}


def to_records(mirror: MirrorScope, object_name: str, ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Return id -> object and id of the records that tell an association with it, sorted."""
    result: dict[str, list[tuple[str, str]]] = {}
    query = select(_links.object, _links.record_id, _links.to_id).where(
        _links.crm == mirror.crm, _links.to_object == object_name
    )
    query = query.distinct().order_by(_links.to_id, _links.object, _links.record_id)
    for row in mirror.connection.execute(query.where(any_of(_links.to_id, ids))):
        result.setdefault(row.to_id, []).append((row.object, row.record_id))
    return result


def first_of_target(
    connection: Connection, crm: str, object_name: str, ids: Sequence[str], to_object: str, label: str
) -> dict[str, str]:
    """Return record -> target for the associations of some records, of which only a target's first record has it.

    That is the one that was created first. Records and targets that the CRM no longer has do not count.
    """
    named = (_links.crm == crm, _links.object == object_name, _links.to_object == to_object, _links.label == label)
    targets = connection.execute(select(_links.to_id).where(*named, any_of(_links.record_id, ids))).scalars().all()
    own, other = crm_records.alias("own"), crm_records.alias("other")
    query = (
        select(_links.record_id, _links.to_id)
        .join(own, _is_record(own, _links.object, _links.record_id))
        .join(other, _is_record(other, _links.to_object, _links.to_id))
        .where(*named, any_of(_links.to_id, targets))
        .order_by(own.c.created_at, _links.record_id)
    )
    first: dict[str, str] = {}
    for row in connection.execute(query):
        first.setdefault(row.to_id, row.record_id)
    return {record: target for target, record in first.items()}


def _is_record(records: FromClause, object_name: ColumnElement[str], key: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition of a join with a record that the CRM still has."""
    same = and_(records.c.crm == _links.crm, records.c.object == object_name, records.c.record_id == key)
    return and_(same, records.c.state.in_(PRESENT))


def delete_of_records(mirror: MirrorScope, object_name: str, ids: Sequence[str]) -> None:
    """Delete the associations that records tell."""
    of_object = _links.crm == mirror.crm, _links.object == object_name
    mirror.connection.execute(delete(crm_links).where(*of_object, any_of(_links.record_id, ids)))
