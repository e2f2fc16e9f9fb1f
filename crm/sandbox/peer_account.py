"""Account of a local CRM peer: its records, and what people and integrations do to them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from leadworth.crm_records import CrmRecord, CrmValue, FieldChange, RecordLink, RecordState

PERSON = "person"
"""Author of changes that people make."""


@dataclass
class PeerClock:
    """Clock of a peer: the clock of this machine plus an offset that tests move."""

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        """Return the present time, in UTC."""
        return datetime.now(UTC) + self.offset

    def advance(self, **duration: float) -> None:
        """Move the clock; arguments of `timedelta`."""
        self.offset += timedelta(**duration)


class SecondsClock(PeerClock):
    """Clock whose times are whole seconds, for CRMs that keep no parts of a second."""

    def now(self) -> datetime:
        """Return the present time, in UTC."""
        return super().now().replace(microsecond=0)


@dataclass
class PeerRecord:
    """Record of a peer.

    Attributes
    ----------
    visible_at
        Time from which lists and searches return the last change; reading by id returns it at once.
    history
        All values of all fields, in order of time.
    """

    record_id: str
    values: dict[str, CrmValue]
    created_at: datetime
    modified_at: datetime
    modified_by: str
    visible_at: datetime
    state: RecordState = RecordState.LIVE
    state_at: datetime | None = None
    merged_into: str = ""
    absorbed: list[str] = field(default_factory=list)
    links: set[RecordLink] = field(default_factory=set)
    history: list[FieldChange] = field(default_factory=list)


@dataclass(frozen=True)
class AccountWrite:
    """A change of fields through the API."""

    object: str
    record_id: str
    values: Mapping[str, CrmValue]
    at: datetime


class PeerAccount:
    """Records of an account by object and id. All methods may be called from any thread.

    Parameters
    ----------
    clock
        Clock of the peer.
    lag_seconds
        Time for which lists and searches do not see a change.
    """

    def __init__(self, clock: PeerClock | None = None, lag_seconds: float = 0.0) -> None:
        self.clock = clock or PeerClock()
        self.lag_seconds = lag_seconds
        self.records: dict[str, dict[str, PeerRecord]] = {}
        self.writes: list[AccountWrite] = []
        self.lock = threading.RLock()
        self._ids = count(1001)

    def next_id(self) -> str:
        """Return a new id; a peer whose ids have another form overrides it."""
        return str(next(self._ids))

    def of(self, object_name: str) -> dict[str, PeerRecord]:
        """Return the records of an object by id."""
        return self.records.setdefault(object_name, {})

    def create(
        self,
        object_name: str,
        values: Mapping[str, CrmValue],
        *,
        record_id: str = "",
        at: datetime | None = None,
        by: str = PERSON,
    ) -> str:
        """Create a record and return its id.

        Parameters
        ----------
        at
            Time of creation; None: now. Seeded histories lie in the past.
        """
        with self.lock:
            key = record_id or self.next_id()
            moment = at or self.clock.now()
            record = PeerRecord(key, {}, moment, moment, by, moment)
            self.of(object_name)[key] = record
            self._set(object_name, record, values, moment, by)
            return key

    def edit(
        self,
        object_name: str,
        record_id: str,
        values: Mapping[str, CrmValue],
        *,
        at: datetime | None = None,
        by: str = PERSON,
    ) -> None:
        """Set fields of a record, as a person or an integration does."""
        with self.lock:
            self._set(object_name, self.of(object_name)[record_id], values, at or self.clock.now(), by)

    def delete(self, object_name: str, record_id: str) -> None:
        """Delete a record."""
        with self.lock:
            self._end(self.of(object_name)[record_id], RecordState.DELETED)

    def restore(self, object_name: str, record_id: str) -> None:
        """Restore a deleted record."""
        with self.lock:
            record = self.of(object_name)[record_id]
            self._end(record, RecordState.LIVE)
            record.modified_at = self.clock.now()

    def merge(self, object_name: str, survivor: str, absorbed: str) -> None:
        """Merge a record into another: empty fields are filled, links move, the absorbed record ends."""
        with self.lock:
            kept = self.of(object_name)[survivor]
            lost = self.of(object_name)[absorbed]
            filled = {name: value for name, value in lost.values.items() if kept.values.get(name) in (None, "")}
            kept.links |= lost.links
            kept.absorbed += [absorbed, *lost.absorbed]
            self._end(lost, RecordState.MERGED)
            lost.merged_into = survivor
            for records in self.records.values():
                for record in records.values():
                    record.links = {
                        replace(link, to_id=survivor)
                        if (link.to_object, link.to_id) == (object_name, absorbed)
                        else link
                        for link in record.links
                    }
            self._set(object_name, kept, filled, self.clock.now(), PERSON)

    def link(self, object_name: str, record_id: str, link: RecordLink, *, back: str = "") -> None:
        """Associate two records, without a change of the modified time of either.

        Parameters
        ----------
        back
            Label of the association in the other direction.
        """
        with self.lock:
            self.of(object_name)[record_id].links.add(link)
            self.of(link.to_object)[link.to_id].links.add(RecordLink(object_name, record_id, back))

    def unlink(self, object_name: str, record_id: str, link: RecordLink) -> None:
        """Remove an association."""
        with self.lock:
            self.of(object_name)[record_id].links.discard(link)
            other = self.of(link.to_object)[link.to_id]
            other.links = {item for item in other.links if (item.to_object, item.to_id) != (object_name, record_id)}

    def write(self, object_name: str, record_id: str, values: Mapping[str, CrmValue], *, by: str) -> None:
        """Set fields through the API, and record the write for tests."""
        with self.lock:
            self.edit(object_name, record_id, values, by=by)
            self.writes.append(AccountWrite(object_name, record_id, dict(values), self.clock.now()))

    def visible(self, object_name: str) -> list[PeerRecord]:
        """Return the records that lists and searches see now, in order of creation."""
        with self.lock:
            now = self.clock.now()
            return [record for record in self.of(object_name).values() if record.visible_at <= now]

    def truth(self, object_name: str) -> dict[str, CrmRecord]:
        """Return the records of an object as a mirror at rest has to hold them."""
        with self.lock:
            return {
                key: CrmRecord(
                    object_name,
                    key,
                    dict(record.values),
                    record.created_at,
                    record.modified_at,
                    record.modified_by,
                    record.state,
                    record.merged_into,
                    tuple(record.absorbed),
                    tuple(sorted(record.links, key=lambda link: (link.to_object, link.to_id, link.label))),
                )
                for key, record in self.of(object_name).items()
            }

    def _set(self, object_name: str, record: PeerRecord, values: Mapping[str, CrmValue], at: datetime, by: str) -> None:
        for name, value in values.items():
            if record.values.get(name) != value:
                record.values[name] = value
                record.history.append(FieldChange(object_name, record.record_id, name, value, at, by))
        record.modified_at = max(record.modified_at, at)
        record.modified_by = by
        record.visible_at = at + timedelta(seconds=self.lag_seconds)

    def _end(self, record: PeerRecord, state: RecordState) -> None:
        record.state = state
        record.state_at = self.clock.now()
