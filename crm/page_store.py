"""Store pages of a CRM's records in its mirror: what a record needs besides its values is read before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from crm.connector import Connector, RecordPage
from crm.edited_scores import forget_edited_scores
from crm.mirror_fields import ReadFields
from crm.mirror_values import without_half_characters
from crm.personal_fields import digests_of
from leadworth.crm_records import CrmRecord, FieldChange, RecordLink
from leadworth.encryption import IdentifierCipher
from store import crm_changes, crm_links
from store.crm_mirror import CrmMirror, MirrorRow
from store.mirror_scope import PRESENT

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

Save = Callable[["Connection"], None]
"""Saves how far the stream was read, in the transaction of a page."""


def joined_pages(pages: Iterable[RecordPage], rows: int) -> Iterator[RecordPage]:
    """Yield pages of at least some rows, each with the bookmark of its last part; a page without bookmark ends one.

    Examples
    --------
    >>> from leadworth.crm_records import CrmRecord
    >>> parts = [RecordPage([CrmRecord("leads", key)], key) for key in ("7", "8", "")]
    >>> [(len(page.records), page.bookmark) for page in joined_pages(parts, 2)]
    [(2, '8'), (1, '')]
    """
    records: list[CrmRecord] = []
    bookmark = ""
    for page in pages:
        records += page.records
        bookmark = page.bookmark
        if len(records) >= rows or not bookmark:
            yield RecordPage(records, bookmark)
            records = []
    if records:
        yield RecordPage(records, bookmark)


def divided_pages(pages: Iterable[RecordPage], rows: int) -> Iterator[RecordPage]:
    """Yield pages of at most some rows; the last part of a page has its bookmark, those before it have none.

    Examples
    --------
    >>> from leadworth.crm_records import CrmRecord
    >>> page = RecordPage([CrmRecord("leads", key) for key in "789"], "9")
    >>> [(len(part.records), part.bookmark) for part in divided_pages([page], 2)]
    [(2, ''), (1, '9')]
    """
    for page in pages:
        last = max(len(page.records) - 1, 0) // rows * rows
        for start in range(0, last, rows):
            yield RecordPage(page.records[start : start + rows])
        yield RecordPage(page.records[last:], page.bookmark)


@dataclass
class StoredRows:
    """Rows of an object that a run read and stored.

    Attributes
    ----------
    read
        Records read, with those that were stored already.
    new, changed
        Records that were unknown, and whose values or state changed.
    touched
        Records of which only the modified time changed.
    echoes
        Those of `touched` that leadworth itself changed.
    links, changes
        Records whose associations changed, and changes of fields that were unknown.
    """

    read: int = 0
    new: int = 0
    changed: int = 0
    touched: int = 0
    echoes: int = 0
    links: int = 0
    changes: int = 0

    @property
    def written(self) -> int:
        """Number of rows written."""
        return self.new + self.changed + self.touched + self.links + self.changes


@dataclass
class PageStore:
    """Stores the pages of one object.

    Attributes
    ----------
    engine
        The store.
    connector
        Connection with the CRM.
    cipher
        Cipher with the installation's key for "crm".
    fields
        Fields of the object that are read.
    kept
        Those of them whose values are stored.
    dry
        Read and count only.
    rows
        What was read and stored so far.
    changed
        Ids of the records of the page in hand whose values, state or associations changed; known when `Save` is called.
    """

    engine: Engine
    connector: Connector
    cipher: IdentifierCipher
    object: str
    fields: ReadFields
    kept: frozenset[str]
    dry: bool = False
    rows: StoredRows = field(default_factory=StoredRows)
    changed: set[str] = field(default_factory=set)

    def mirror(self, connection: Connection) -> CrmMirror:
        """Return the mirror within a transaction."""
        return CrmMirror(connection, self.connector.name, self.cipher)

    def store(self, records: Sequence[CrmRecord], now: datetime, save: Save, *, relink: bool = False) -> None:
        """Store a page and how far the stream was read, in one transaction.

        Requests are made before the transaction, so that the store is never held while the CRM answers.

        Parameters
        ----------
        relink
            Read the associations of unchanged records too, which change without a modified time.
        """
        records = self._with_vanished([_readable(record) for record in self._completed(records)])
        digests = digests_of(self.cipher, self.connector.info, records)
        kept = [self._stored_part(record) for record in records]
        with self.engine.connect() as connection:
            found = self.mirror(connection).compare(self.object, kept, now)
        by_id = {record.record_id: record for record in records}
        echoes = {key for key in found.touched if self.connector.is_own_change(by_id[key]) is True}
        fresh = [*found.new, *found.changed]
        stale = by_id if relink else [*fresh, *(key for key in found.touched if key not in echoes)]
        links = self._links(list(stale), by_id)
        changes = self._changes(fresh, by_id)
        rows = self.rows
        rows.read += len(records)
        rows.new += len(found.new)
        rows.changed += len(found.changed)
        rows.touched += len(found.touched)
        rows.echoes += len(echoes)
        if self.dry:
            return
        with self.engine.begin() as connection:
            mirror = self.mirror(connection)
            mirror.store(self.object, kept, now, tracked=self.fields.tracked, persons=digests)
            moved = crm_links.replace(mirror, self.object, links, now)
            forget_edited_scores(mirror, self.connector, self.object, records, self.fields.scores)
            rows.links += len(moved)
            rows.changes += crm_changes.add(mirror, changes, now)
            self.changed = {*fresh, *moved}
            save(connection)

    def store_links(self, ids: Sequence[str], now: datetime, save: Save) -> None:
        """Read the associations of records again and store them."""
        links = self.connector.links(self.object, ids)
        if self.dry:
            return
        with self.engine.begin() as connection:
            self.rows.links += len(crm_links.replace(self.mirror(connection), self.object, links, now))
            save(connection)

    def _completed(self, records: Sequence[CrmRecord]) -> Sequence[CrmRecord]:
        """Return records with their unread values: those stored, unless the record is new or its own values changed.

        After a write of scores, which changes every record, nothing else has to be read.
        """
        partial = [record.record_id for record in records if record.unread]
        if not partial:
            return records
        with self.engine.connect() as connection:
            stored = self.mirror(connection).read(self.object, partial)
        known = {
            record.record_id: _with_stored(record, stored[record.record_id].record)
            for record in records
            if record.record_id in stored and self._is_same(record, stored[record.record_id])
        }
        unread = [record for record in records if record.unread and record.record_id not in known]
        known |= {record.record_id: record for record in self.connector.completed(self.object, unread)}
        return [known.get(record.record_id, record) for record in records]

    def _is_same(self, record: CrmRecord, stored: MirrorRow) -> bool:
        """Return whether the values that were read are those stored; of an erased record none are."""
        own = self.kept - record.unread
        old = stored.record
        return stored.erased or (
            old.state in PRESENT and all(record.values.get(name) == old.values.get(name) for name in own)
        )

    def _stored_part(self, record: CrmRecord) -> CrmRecord:
        kept = self.kept.union(self.fields.absent)
        return replace(record, values={name: value for name, value in record.values.items() if name in kept})

    def _with_vanished(self, records: Sequence[CrmRecord]) -> Sequence[CrmRecord]:
        """Return records with the stored values of fields that the settings name and the CRM no longer has."""
        absent = self.fields.absent
        if not absent:
            return records
        with self.engine.connect() as connection:
            stored = self.mirror(connection).read(self.object, [record.record_id for record in records])
        result = []
        for record in records:
            old = stored[record.record_id].record.values if record.record_id in stored else {}
            former = {name: old[name] for name in absent if name in old}
            result.append(replace(record, values={**former, **record.values}))
        return result

    def _links(self, ids: Sequence[str], by_id: Mapping[str, CrmRecord]) -> dict[str, Sequence[RecordLink]]:
        """Return the associations of records: read with them, or now; none of records that are gone."""
        result: dict[str, Sequence[RecordLink]] = {}
        unread = []
        linked = bool(self.connector.info.objects[self.object].links)
        for key in ids:
            record = by_id[key]
            if record.state not in PRESENT:
                result[key] = ()
            elif record.links is not None:
                result[key] = record.links
            elif linked:
                unread.append(key)
        if unread:
            result |= self.connector.links(self.object, unread)
        return result

    def _changes(self, ids: Sequence[str], by_id: Mapping[str, CrmRecord]) -> list[FieldChange]:
        """Return the CRM's history of records: read with them, or now."""
        changes = [change for key in ids for change in by_id[key].changes or ()]
        if self.connector.info.objects[self.object].history:
            unread = [key for key in ids if by_id[key].changes is None and by_id[key].state in PRESENT]
            changes += self.connector.changes(self.object, unread) if unread else []
        kept = (change for change in changes if change.field in self.kept)
        return [replace(change, value=without_half_characters(change.value)) for change in kept]


def _readable(record: CrmRecord) -> CrmRecord:
    return replace(record, values={name: without_half_characters(value) for name, value in record.values.items()})


def _with_stored(record: CrmRecord, stored: CrmRecord) -> CrmRecord:
    values = {name: stored.values.get(name) for name in record.unread}
    return replace(record, values={**record.values, **values}, unread=frozenset())
