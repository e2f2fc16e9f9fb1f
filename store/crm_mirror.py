"""Mirror of a CRM's records: the present version of each one, encrypted.

Former values of fields are in `store.crm_changes`, associations in `store.crm_links`, merges in `store.crm_aliases`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select

from leadworth.crm_records import CrmRecord, CrmValue, FieldChange, RecordState
from store import crm_aliases, crm_changes
from store.any_of import any_of
from store.chunks import chunks
from store.mirror_schema import crm_persons, crm_records
from store.mirror_scope import PRESENT, MirrorScope
from store.timestamps import moment, stamp, stamp_or_none
from store.upsert import upsert

SCAN_ROWS = 1_000
_GONE = (RecordState.DELETED, RecordState.MERGED)
_records = crm_records.c
_persons = crm_persons.c


@dataclass(frozen=True)
class MirrorRow:
    """A record as the mirror holds it.

    Attributes
    ----------
    record
        Present version; without links and changes, and without values if it was deleted, merged or erased.
    known_at
        Time from which this version, its modified time aside, was known here.
    erased
        Whether the person asked for erasure.
    """

    record: CrmRecord
    known_at: datetime
    erased: bool = False


@dataclass
class StoredRecords:
    """Result of storing records.

    Attributes
    ----------
    new, changed
        Ids of records that were unknown, and of those whose values or state changed.
    touched
        Ids of records of which only the modified time or its author changed.
    unchanged
        Number of records that were stored already.
    """

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    unchanged: int = 0

    @property
    def written(self) -> int:
        """Number of rows that were written."""
        return len(self.new) + len(self.changed) + len(self.touched)


class CrmMirror(MirrorScope):
    """The mirror of one CRM's records, within a transaction."""

    def store(
        self,
        object_name: str,
        records: Sequence[CrmRecord],
        now: datetime,
        *,
        tracked: Collection[str] = (),
        persons: Mapping[str, Collection[str]] | None = None,
    ) -> StoredRecords:
        """Store records of one object, and the merges that they tell.

        The last version read holds, whatever its modified time. A deletion does not undo a merge.

        Parameters
        ----------
        now
            Timezone-aware time at which the records became known.
        tracked
            Fields whose change is recorded in `store.crm_changes`.
        persons
            Record id -> keyed digests of its e-mail addresses and phone numbers.
        """
        latest, stored, result = self._prepared(object_name, records)
        rows: list[dict[str, Any]] = []
        changes: list[FieldChange] = []
        for key, record in latest.items():
            old = stored.get(key)
            row = self._row(record, old, now)
            if not _sort(result, key, row, old):
                continue
            rows.append(row)
            if tracked and key not in result.touched and record.state not in _GONE and not row["erased_at"]:
                changes += _differences(record, self._values(old), tracked, now)
        if rows:
            self.connection.execute(upsert(self.connection, crm_records), rows)
            written = [row for row in rows if row["record_id"] not in result.touched]
            self._replace_persons(object_name, written, persons)
            restored = [key for key, record in latest.items() if record.state in PRESENT and _was_merged(stored, key)]
            if restored:
                crm_aliases.remove(self, object_name, restored)
        crm_changes.add(self, changes, now, seen=True)
        self._note_merges(object_name, list(latest.values()), now)
        return result

    def compare(self, object_name: str, records: Sequence[CrmRecord], now: datetime) -> StoredRecords:
        """Return what `store` would do with records; store nothing."""
        latest, stored, result = self._prepared(object_name, records)
        for key, record in latest.items():
            _sort(result, key, self._version(record, stored.get(key), now), stored.get(key))
        return result

    def read(self, object_name: str, ids: Sequence[str]) -> dict[str, MirrorRow]:
        """Return the records of ids that are stored, by id."""
        return {key: self._decoded(row) for key, row in self._stored(object_name, ids).items()}

    def scan(
        self,
        object_name: str,
        states: Collection[RecordState] = PRESENT,
        *,
        ids: Collection[str] | None = None,
    ) -> Iterator[list[MirrorRow]]:
        """Yield the records of an object in lists, in order of their ids; records may be stored meanwhile.

        Parameters
        ----------
        states
            Only records in one of these.
        ids
            Only these records; None: all.
        """
        if ids is not None:
            for some in chunks(sorted(ids)):
                found = [self._decoded(row) for _, row in sorted(self._stored(object_name, some).items())]
                yield [row for row in found if row.record.state in states]
            return
        query = (
            select(crm_records)
            .where(_records.crm == self.crm, _records.object == object_name, _records.state.in_(states))
            .order_by(_records.record_id)
            .limit(SCAN_ROWS)
        )
        after: str | None = None
        while True:
            following = query if after is None else query.where(_records.record_id > after)
            rows = self.connection.execute(following).mappings().all()
            if rows:
                yield [self._decoded(dict(row)) for row in rows]
                after = rows[-1]["record_id"]
            if len(rows) < SCAN_ROWS:
                return

    def ids(self, object_name: str, states: Collection[RecordState] = PRESENT) -> set[str]:
        """Return the ids of an object's records."""
        query = select(_records.record_id).where(
            _records.crm == self.crm, _records.object == object_name, _records.state.in_(states)
        )
        return set(self.connection.execute(query).scalars())

    def counts(self) -> dict[str, dict[RecordState, int]]:
        """Return object -> state -> number of records."""
        query = (
            select(_records.object, _records.state, func.count())
            .where(_records.crm == self.crm)
            .group_by(_records.object, _records.state)
            .order_by(_records.object, _records.state)
        )
        result: dict[str, dict[RecordState, int]] = {}
        for object_name, state, number in self.connection.execute(query):
            result.setdefault(object_name, {})[RecordState(state)] = number
        return result

    def of_person(self, digests: Sequence[str]) -> list[tuple[str, str]]:
        """Return object and id of the records with one of these keyed digests, sorted."""
        query = select(_persons.object, _persons.record_id)
        rows = self.connection.execute(query.where(_persons.crm == self.crm, any_of(_persons.digest, digests)))
        return sorted({(row.object, row.record_id) for row in rows})

    def with_digests(self, object_name: str, digests: Collection[str]) -> dict[str, list[str]]:
        """Return keyed digest -> ids of the records of an object that have it, sorted."""
        result: dict[str, list[str]] = {}
        query = select(_persons.digest, _persons.record_id).where(
            _persons.crm == self.crm, _persons.object == object_name, any_of(_persons.digest, digests)
        )
        for digest, key in self.connection.execute(query.order_by(_persons.digest, _persons.record_id)):
            result.setdefault(digest, []).append(key)
        return result

    def persons(self, object_name: str, ids: Sequence[str]) -> dict[str, list[str]]:
        """Return record id -> keyed digests of its e-mail addresses and phone numbers; records without have none."""
        result: dict[str, list[str]] = {}
        query = select(_persons.record_id, _persons.digest).where(
            _persons.crm == self.crm, _persons.object == object_name, any_of(_persons.record_id, ids)
        )
        for key, digest in self.connection.execute(query.order_by(_persons.record_id, _persons.digest)):
            result.setdefault(key, []).append(digest)
        return result

    def _stored(self, object_name: str, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        query = select(crm_records).where(
            _records.crm == self.crm, _records.object == object_name, any_of(_records.record_id, ids)
        )
        return {row["record_id"]: dict(row) for row in self.connection.execute(query).mappings()}

    def _prepared(
        self, object_name: str, records: Sequence[CrmRecord]
    ) -> tuple[dict[str, CrmRecord], dict[str, Mapping[str, Any]], StoredRecords]:
        """Return the last of the records of each id, the rows that are stored, and an empty result.

        A merged record is deleted, too, in most CRMs: the merge holds, whichever is read first.
        """
        latest: dict[str, CrmRecord] = {}
        for record in records:
            merged = record.record_id in latest and latest[record.record_id].state is RecordState.MERGED
            if not (merged and record.state is RecordState.DELETED):
                latest[record.record_id] = record
        return latest, self._stored(object_name, list(latest)), StoredRecords(unchanged=len(records) - len(latest))

    def _version(self, record: CrmRecord, old: Mapping[str, Any] | None, now: datetime) -> dict[str, Any]:
        """Return the row of a record without its contents."""
        erased = old["erased_at"] if old else None
        values = _kept_values(record, erased)
        parts = [record.state, record.merged_into, sorted(record.absorbed), values, stamp_or_none(record.created_at)]
        digest = self.cipher.digest("record", json.dumps(parts), 32)
        return {
            "crm": self.crm,
            "object": record.object,
            "record_id": record.record_id,
            "state": record.state.value,
            "created_at": stamp_or_none(record.created_at) or (old["created_at"] if old else None),
            "modified_at": stamp_or_none(record.modified_at) or (old["modified_at"] if old else None),
            "modified_by": record.modified_by,
            "merged_into": record.merged_into,
            "absorbed": json.dumps(sorted(record.absorbed)),
            "digest": digest,
            "known_at": old["known_at"] if old is not None and old["digest"] == digest else stamp(now),
            "erased_at": erased,
        }

    def _row(self, record: CrmRecord, old: Mapping[str, Any] | None, now: datetime) -> dict[str, Any]:
        """Return the row of a record."""
        row = self._version(record, old, now)
        if old is not None and old["digest"] == row["digest"]:
            return row | {"contents": old["contents"]}
        values = _kept_values(record, row["erased_at"])
        return row | {"contents": self.cipher.encrypt(values) if values else ""}

    def _values(self, row: Mapping[str, Any] | None) -> Mapping[str, CrmValue] | None:
        if row is None:
            return None
        contents: dict[str, Any] = self.cipher.decrypt(row["contents"]) if row["contents"] else {}
        return contents

    def _decoded(self, row: Mapping[str, Any]) -> MirrorRow:
        record = CrmRecord(
            row["object"],
            row["record_id"],
            self._values(row) or {},
            moment(row["created_at"]),
            moment(row["modified_at"]),
            row["modified_by"],
            RecordState(row["state"]),
            row["merged_into"],
            tuple(json.loads(row["absorbed"])),
        )
        return MirrorRow(record, datetime.fromisoformat(row["known_at"]), row["erased_at"] is not None)

    def _replace_persons(
        self, object_name: str, rows: Sequence[Mapping[str, Any]], persons: Mapping[str, Collection[str]] | None
    ) -> None:
        ids = [row["record_id"] for row in rows]
        of_records = _persons.crm == self.crm, _persons.object == object_name, any_of(_persons.record_id, ids)
        self.connection.execute(delete(crm_persons).where(*of_records))
        found = [
            {"crm": self.crm, "object": object_name, "record_id": row["record_id"], "digest": digest}
            for row in rows
            if row["contents"]
            for digest in sorted(set((persons or {}).get(row["record_id"], ())))
        ]
        if found:
            self.connection.execute(insert(crm_persons), found)

    def _note_merges(self, object_name: str, records: Sequence[CrmRecord], now: datetime) -> None:
        """Record the aliases that records tell, and mark absorbed records as merged."""
        merged = {record.record_id: record.merged_into for record in records if record.merged_into}
        merged |= {old: record.record_id for record in records for old in record.absorbed if old != record.record_id}
        if not merged:
            return
        crm_aliases.add(self, object_name, merged, now)
        state = RecordState.MERGED
        stored = self._stored(object_name, list(merged))
        rows = []
        for old, survivor in merged.items():
            if old not in stored or stored[old]["state"] != state:
                rows.append(
                    self._row(CrmRecord(object_name, old, state=state, merged_into=survivor), stored.get(old), now)
                )
        if rows:
            self.connection.execute(upsert(self.connection, crm_records), rows)
            self._replace_persons(object_name, rows, None)


def _kept_values(record: CrmRecord, erased_at: str | None) -> dict[str, CrmValue]:
    """Return the values that are stored: none of records that are gone or erased."""
    if record.state in _GONE or erased_at:
        return {}
    return {name: value for name, value in sorted(record.values.items()) if value is not None}


def _was_merged(stored: Mapping[str, Mapping[str, Any]], key: str) -> bool:
    return key in stored and stored[key]["state"] == RecordState.MERGED


def _sort(result: StoredRecords, key: str, row: Mapping[str, Any], old: Mapping[str, Any] | None) -> bool:
    """Count a record in the result, and return whether it has to be written."""
    if old is None:
        result.new.append(key)
        return True
    if (row["state"], old["state"]) == (RecordState.DELETED, RecordState.MERGED):
        result.unchanged += 1
        return False
    if row["digest"] != old["digest"]:
        result.changed.append(key)
        return True
    if (row["modified_at"], row["modified_by"]) != (old["modified_at"], old["modified_by"]):
        result.touched.append(key)
        return True
    result.unchanged += 1
    return False


def _differences(
    record: CrmRecord, old: Mapping[str, CrmValue] | None, tracked: Collection[str], now: datetime
) -> Iterator[FieldChange]:
    """Yield the changes of tracked fields since the stored version; they are valid from the record's modified time."""
    at = record.modified_at or now
    for name in tracked:
        value = record.values.get(name)
        if (old is None and value is not None) or (old is not None and old.get(name) != value):
            yield FieldChange(record.object, record.record_id, name, value, at, record.modified_by)
