"""Compare the mirror of a CRM with the account of its peer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine

from crm.connector import Connector
from crm.mirror_fields import objects_read
from crm.mirror_sync import crm_cipher
from crm.sandbox.peer_account import PeerAccount
from leadworth.crm_records import RecordLink, RecordState
from leadworth.settings import Settings
from store import crm_aliases, crm_links
from store.crm_mirror import CrmMirror
from store.mirror_scope import PRESENT

Seen = dict[str, dict[str, Any]]


def mirror_of(engine: Engine, connector: Connector, settings: Settings, fields: Collection[str]) -> Seen:
    """Return object -> id -> what the mirror holds, with the given fields."""
    result: Seen = {}
    with engine.connect() as connection:
        mirror = CrmMirror(connection, connector.name, crm_cipher(settings))
        for name in objects_read(connector.info, connector.lead_object):
            rows = [row.record for part in mirror.scan(name, RecordState) for row in part]
            links = crm_links.of_records(mirror, name, [record.record_id for record in rows])
            survivors = crm_aliases.survivors(mirror, name, [record.record_id for record in rows])
            result[name] = {
                record.record_id: _entry(
                    record.state,
                    record.values,
                    [_followed(mirror, link) for link in links.get(record.record_id, ())],
                    survivors.get(record.record_id, ""),
                    fields,
                )
                for record in rows
            }
    return result


def truth_of(account: PeerAccount, connector: Connector, fields: Collection[str]) -> Seen:
    """Return object -> id -> what the account holds, with the given fields."""
    result: Seen = {}
    for name in objects_read(connector.info, connector.lead_object):
        records = account.truth(name)
        result[name] = {
            key: _entry(record.state, record.values, record.links or (), _survivor(records, key), fields)
            for key, record in records.items()
        }
    return result


def known_part(truth: Seen, mirror: Seen) -> Seen:
    """Return the truth without records that ended before the mirror saw them."""
    return {
        name: {key: entry for key, entry in entries.items() if entry["state"] in PRESENT or key in mirror.get(name, {})}
        for name, entries in truth.items()
    }


def _followed(mirror: CrmMirror, link: RecordLink) -> RecordLink:
    """Return a link to the record that survives."""
    return replace(link, to_id=crm_aliases.survivors(mirror, link.to_object, [link.to_id]).get(link.to_id, link.to_id))


def _survivor(records: Any, key: str) -> str:
    survivor = ""
    while records[key].merged_into:
        survivor = key = records[key].merged_into
    return survivor


def _entry(
    state: RecordState, values: Any, links: Collection[RecordLink], survivor: str, fields: Collection[str]
) -> dict[str, Any]:
    if state not in PRESENT:
        return {"state": state, "survivor": survivor}
    kept = {name: value for name, value in values.items() if name in fields and value is not None}
    return {"state": state, "values": kept, "links": set(links)}
