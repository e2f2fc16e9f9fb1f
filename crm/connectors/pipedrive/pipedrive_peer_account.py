"""Account of the local Pipedrive peer: leads with a person and an organization, conversion, and archiving."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from crm.sandbox.peer_account import PERSON, PeerAccount, PeerClock, PeerRecord
from leadworth.crm_records import CrmValue, RecordLink, RecordState

PRESENT_STATES = (RecordState.LIVE, RecordState.ARCHIVED)
CUSTOM_KEY = re.compile("[0-9a-f]{40}")
_PERSON, _ORGANIZATION = "person_", "organization_"
_CONTINUED = ("title", "origin", "channel", "channel_id")
_GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)


class PipedriveAccount(PeerAccount):
    """Records of a Pipedrive account.

    What a lead shows of its person and organization (`person_email`, `organization_name`, ...) is kept with the lead,
    and people choose the person and organization with these values; Pipedrive keeps them there only.

    Attributes
    ----------
    converted
        Ids of the leads that became deals: Pipedrive deletes them, and only the deal names them.
    """

    def __init__(self, clock: PeerClock | None = None, lag_seconds: float = 0.0) -> None:
        super().__init__(clock, lag_seconds)
        self.converted: set[str] = set()
        self._numbers = count(1)
        self._chosen: dict[tuple[str, frozenset[tuple[str, CrmValue]]], str] = {}

    def create(
        self,
        object_name: str,
        values: Mapping[str, CrmValue],
        *,
        record_id: str = "",
        at: datetime | None = None,
        by: str = PERSON,
    ) -> str:
        """Create a record; a lead gets an id with its time, and a deal with `source_lead_id` converts that lead."""
        with self.lock:
            moment = at or self.clock.now()
            lead = values.get("source_lead_id") if object_name == "deals" else None
            known = None if lead is None else self.of("leads").get(str(lead))
            if known is not None:
                going_on = {name: value for name, value in known.values.items() if _goes_on(name)}
                values = {**going_on, **values}
            if object_name == "leads" and not record_id:
                record_id = timed_id(moment, next(self._numbers))
            key = super().create(object_name, values, record_id=record_id, at=moment, by=by)
            if object_name == "leads":
                self._choose(key, moment)
            if known is not None:
                self.of("deals")[key].links |= {link for link in known.links if link.to_object != "deals"}
                known.state, known.modified_at = RecordState.ARCHIVED, max(known.modified_at, moment)
                self.converted.add(known.record_id)
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
        """Set fields of a record; for a lead, choose the person and organization that the values name."""
        with self.lock:
            super().edit(object_name, record_id, values, at=at, by=by)
            if object_name == "leads":
                self._choose(record_id, at or self.clock.now())

    def merge(self, object_name: str, survivor: str, absorbed: str) -> None:
        """Merge records; leads cannot be merged: people copy what is missing and delete the other one."""
        if object_name != "leads":
            super().merge(object_name, survivor, absorbed)
            return
        with self.lock:
            kept, lost = self.of("leads")[survivor], self.of("leads")[absorbed]
            missing = {name: value for name, value in lost.values.items() if kept.values.get(name) in (None, "")}
            self.edit("leads", survivor, missing)
            self.delete("leads", absorbed)

    def archive(self, object_name: str, record_id: str, *, archived: bool = True) -> None:
        """Archive a lead or a deal, or take it out of the archive."""
        with self.lock:
            record = self.of(object_name)[record_id]
            record.state = RecordState.ARCHIVED if archived else RecordState.LIVE
            record.modified_at = self.clock.now()

    def convert(self, lead: str, values: Mapping[str, CrmValue]) -> str:
        """Convert a lead to a deal, and return the id of the deal."""
        return self.create("deals", {**values, "source_lead_id": lead})

    def other(self, record: PeerRecord, object_name: str) -> str:
        """Return the id of the record of an object that a record belongs to; empty: none."""
        return next((link.to_id for link in sorted(record.links, key=str) if link.to_object == object_name), "")

    def _choose(self, lead: str, at: datetime) -> None:
        """Link a lead with the person and the organization that have its values; create them if there are none."""
        record = self.of("leads")[lead]
        for object_name, prefix in (("organizations", _ORGANIZATION), ("persons", _PERSON)):
            named = {
                name.removeprefix(prefix): value
                for name, value in record.values.items()
                if name.startswith(prefix) and name != f"{prefix}id" and value is not None
            }
            links = {link for link in record.links if link.to_object != object_name}
            if named:
                key = (object_name, frozenset(named.items()))
                if key not in self._chosen:
                    self._chosen[key] = super().create(object_name, named, at=at)
                label = "primary" if object_name == "organizations" else ""
                links.add(RecordLink(object_name, self._chosen[key], label))
            record.links = links


def timed_id(moment: datetime, number: int) -> str:
    """Return an id with a time (RFC 9562, version 1), as the leads of Pipedrive have.

    Examples
    --------
    >>> timed_id(datetime(2020, 10, 14, 11, 30, 36, 552000, tzinfo=UTC), 5)
    'adf21080-0e10-11eb-8000-000000000005'
    """
    ticks = (moment - _GREGORIAN) // timedelta(microseconds=1) * 10
    low, middle, high = ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48 & 0x0FFF
    return str(UUID(fields=(low, middle, high | 1 << 12, 0x80, 0, number)))


def _goes_on(name: str) -> bool:
    return name in _CONTINUED or CUSTOM_KEY.fullmatch(name) is not None
