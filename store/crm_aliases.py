"""Merges in a CRM: every id that a record ever had leads to the record that survives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from store.any_of import any_of
from store.mirror_schema import crm_aliases
from store.mirror_scope import MirrorScope
from store.timestamps import stamp
from store.upsert import upsert

_aliases = crm_aliases.c


def add(mirror: MirrorScope, object_name: str, merged: Mapping[str, str], now: datetime) -> None:
    """Record merges (old id -> id of the record that absorbed it), in the order in which they happened.

    Ids that led to an old id lead to its survivor from now on, so that one look-up follows any chain.
    """
    known = survivors(mirror, object_name, [*merged, *merged.values()])
    of_object = _aliases.crm == mirror.crm, _aliases.object == object_name
    for old, target in merged.items():
        new = known.get(target, target)
        if known.get(old) == new:
            continue
        if new == old:  # merged back: the newer merge holds
            mirror.connection.execute(delete(crm_aliases).where(*of_object, _aliases.old_id == target))
            known.pop(target, None)
            new = target
        row = {"crm": mirror.crm, "object": object_name, "old_id": old, "new_id": new, "known_at": stamp(now)}
        mirror.connection.execute(upsert(mirror.connection, crm_aliases), row)
        mirror.connection.execute(update(crm_aliases).where(*of_object, _aliases.new_id == old).values(new_id=new))
        known = {key: new if survivor == old else survivor for key, survivor in known.items()} | {old: new}


def survivors(mirror: MirrorScope, object_name: str, ids: Sequence[str]) -> dict[str, str]:
    """Return old id -> id of the record that survives, for those of the ids that were merged."""
    query = select(_aliases.old_id, _aliases.new_id).where(_aliases.crm == mirror.crm, _aliases.object == object_name)
    return dict(mirror.connection.execute(query.where(any_of(_aliases.old_id, ids))).all())


def merges(mirror: MirrorScope, object_name: str) -> dict[str, str]:
    """Return old id -> id of the record that survives, for all merges of an object."""
    query = select(_aliases.old_id, _aliases.new_id).where(_aliases.crm == mirror.crm, _aliases.object == object_name)
    return dict(mirror.connection.execute(query).all())


def former_ids(mirror: MirrorScope, object_name: str, ids: Sequence[str]) -> dict[str, list[str]]:
    """Return id -> ids of all records that it absorbed, sorted; records that absorbed none are absent."""
    result: dict[str, list[str]] = {}
    query = select(_aliases.old_id, _aliases.new_id).where(_aliases.crm == mirror.crm, _aliases.object == object_name)
    for old, new in mirror.connection.execute(query.where(any_of(_aliases.new_id, ids)).order_by(_aliases.old_id)):
        result.setdefault(new, []).append(old)
    return result


def remove(mirror: MirrorScope, object_name: str, ids: Sequence[str]) -> None:
    """Remove the aliases of records that exist again."""
    of_object = _aliases.crm == mirror.crm, _aliases.object == object_name
    mirror.connection.execute(delete(crm_aliases).where(*of_object, any_of(_aliases.old_id, ids)))
