"""Records of the local Pipedrive peer as its two versions of the interface show them, and lists of them."""

from __future__ import annotations

import base64
import binascii
import heapq
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from operator import attrgetter
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from crm.connectors.pipedrive.pipedrive_peer_account import CUSTOM_KEY, PRESENT_STATES, PipedriveAccount
from crm.connectors.pipedrive.pipedrive_peer_limits import PipedriveLimits, PipedrivePeerError
from crm.sandbox.peer_account import PeerRecord
from crm.sandbox.record_order import RecordOrder
from leadworth.crm_records import RecordState

Shown = dict[str, Any]
Place = tuple[int, int]
"""Second of the time by which a list is ordered, and id."""
ENDED = ("won", "lost")
LISTED = ("deals", "persons", "organizations", "activities")
KEPT_FOR = timedelta(days=30)
"""Time for which deleted deals are listed."""
MOMENTS = {"add_time": attrgetter("created_at"), "update_time": attrgetter("modified_at")}
OLDEST_FIRST = "add_time ASC,id ASC"
_ORDERS = ("id", *MOMENTS)
_FIRST, _LAST = (-(10**12), 0), (10**12, 0)
"""Places before and after those of all records."""


class PeerViews:
    """Shows the records of an account.

    Parameters
    ----------
    account
        Records.
    limits
        Limits, which tests may change.

    Attributes
    ----------
    channels
        Marketing channel -> option id.
    labels
        Label of leads -> id.
    """

    def __init__(self, account: PipedriveAccount, limits: PipedriveLimits) -> None:
        self._account, self._limits = account, limits
        self._lasting = {name: RecordOrder(account, partial(_place, order=name)) for name in ("id", "add_time")}
        self._leads_by_age = RecordOrder(account, _age)
        self.channels: dict[str, int] = {}
        self.labels: dict[str, str] = {"Hot": _label_id("Hot"), "Junk": _label_id("Junk")}

    def show(self, object_name: str, record: PeerRecord) -> Shown:
        """Return a record as the version of its object shows it: 1 for leads, 2 for all others."""
        own = {name: value for name, value in record.values.items() if not CUSTOM_KEY.fullmatch(name)}
        custom = {name: value for name, value in record.values.items() if CUSTOM_KEY.fullmatch(name)}
        if object_name == "leads":
            return {**self._lead(record, own), **custom}
        gone = record.state not in PRESENT_STATES
        shown: Shown = {
            **own,
            "id": int(record.record_id),
            "add_time": show_new(record.created_at),
            "update_time": show_new(record.state_at if gone and record.state_at else record.modified_at),
            "is_deleted": gone,
            "owner_id": 1,
            "custom_fields": custom,
        }
        if object_name == "deals":
            shown |= self._deal(record, own, gone=gone)
            shown.pop("stage", None)
        if object_name == "persons":
            shown |= {f"{name}s": _several(shown.pop(name, None)) for name in ("email", "phone")}
            shown.setdefault("name", " ".join(str(own[name]) for name in ("first_name", "last_name") if own.get(name)))
        return shown

    def note_channels(self) -> None:
        """Give every channel of leads and deals an option id."""
        for object_name in ("leads", "deals"):
            for record in self._account.of(object_name).values():
                self._channel(record.values.get("channel"))

    def page(self, object_name: str, query: Mapping[str, str], *, archived: bool) -> Shown:
        """Answer to a list of version 2."""
        limit = _number(query, "limit", 100, self._limits.page)
        order = query.get("sort_by", "id")
        if order not in _ORDERS:
            raise PipedrivePeerError(400, "Validation failed", code="ERR_SCHEMA_VALIDATION_FAILED")
        falling = query.get("sort_direction") == "desc"
        start = _LAST if falling else _FIRST
        after = _decoded(query["cursor"]) if query.get("cursor") else start
        if order in self._lasting and not query.get("ids"):
            lasting = self._lasting[order]
            found = lasting.before(object_name, after) if falling else lasting.after(object_name, after)
            rows = list(islice(self._selected(found, query, archived=archived), limit + 1))
        else:
            place = partial(_place, order=order)
            found = self._selected(self._looked_through(object_name, query), query, archived=archived)
            found = (record for record in found if (place(record) < after if falling else place(record) > after))
            rows = (heapq.nlargest if falling else heapq.nsmallest)(limit + 1, found, key=place)
        following = _encoded(_place(rows[limit - 1], order)) if len(rows) > limit else None
        data = [self.show(object_name, record) for record in rows[:limit]]
        return {"success": True, "data": data, "additional_data": {"next_cursor": following}}

    def leads(self, query: Mapping[str, str], *, archived: bool) -> Shown:
        """Answer to a list of leads, by offset."""
        start, limit = _number(query, "start", 0, 10**9), _number(query, "limit", 100, self._limits.page)
        state = RecordState.ARCHIVED if archived else RecordState.LIVE
        by_age = query.get("sort") == OLDEST_FIRST
        now, converted = self._account.clock.now(), self._account.converted
        rows = [
            record
            for record in (self._leads_by_age.all("leads") if by_age else self._account.of("leads").values())
            if record.state is state and record.visible_at <= now and record.record_id not in converted
        ]
        for part in () if by_age else reversed(query.get("sort", "id ASC").split(",")):
            name, _, direction = part.strip().partition(" ")
            if name not in _ORDERS:
                raise PipedrivePeerError(400, "Bad request")
            rows.sort(key=lambda record: _lead_place(record, name), reverse=direction == "DESC")
        more = start + limit < len(rows)
        pagination = {"start": start, "limit": limit, "more_items_in_collection": more}
        if more:
            pagination["next_start"] = start + limit
        data = [self.show("leads", record) for record in rows[start : start + limit]]
        return {"success": True, "data": data, "additional_data": {"pagination": pagination}}

    def log(self, record: PeerRecord) -> list[Shown]:
        """Return the changes of a deal after its creation, the newest first."""
        entries: list[Shown] = []
        stage_id, status = "", ""
        for change in record.history:
            if change.field != "stage" or change.value is None:
                continue
            new_status = str(change.value) if change.value in ENDED else "open"
            new_stage = stage_id if change.value in ENDED else str(change.value)
            for name, old, new in (("stage_id", stage_id, new_stage), ("status", status, new_status)):
                if status and old != new:
                    at = f"{change.valid_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
                    entry = {"field_key": name, "old_value": old or None, "new_value": new, "time": at}
                    entries.append({**entry, "actor_user_id": 1, "change_source": "app"})
            stage_id, status = new_stage, new_status
        return entries[::-1]

    def _looked_through(self, object_name: str, query: Mapping[str, str]) -> Iterable[PeerRecord]:
        """Return the records that a list names, else those that it may have."""
        records = self._account.of(object_name)
        if not query.get("ids") or "filter_id" in query:
            return self._account.visible(object_name)
        ids = set(query["ids"].split(","))
        if len(ids) > 100:
            raise PipedrivePeerError(400, "Too many ids", code="ERR_SCHEMA_VALIDATION_FAILED")
        return (records[key] for key in records.keys() & ids)

    def _selected(
        self, records: Iterable[PeerRecord], query: Mapping[str, str], *, archived: bool
    ) -> Iterator[PeerRecord]:
        """Yield the records that meet the conditions of a list."""
        since, until = _moment(query, "updated_since"), _moment(query, "updated_until")
        deleted = query.get("status") == "deleted"
        states = {RecordState.ARCHIVED if archived else RecordState.LIVE}
        if deleted:
            states = {RecordState.DELETED, RecordState.MERGED}
        now, named = self._account.clock.now(), query.get("ids") and "filter_id" not in query
        for record in records:
            changed = (record.state_at or record.modified_at) if deleted else record.modified_at
            whole = changed.replace(microsecond=0)
            if record.state not in states or (record.visible_at > now and not named):
                continue
            if deleted and now - changed > KEPT_FOR:
                continue
            if (since is None or whole >= since) and (until is None or whole <= until):
                yield record

    def _lead(self, record: PeerRecord, own: Shown) -> Shown:
        joined = ("person_", "organization_")
        shown = {name: value for name, value in own.items() if not name.startswith(joined)}
        person, company = self._account.other(record, "persons"), self._account.other(record, "organizations")
        names = str(shown.pop("labels", None) or "").split(";")
        amount = shown.pop("value", None)
        money = None if amount is None else {"amount": amount, "currency": shown.pop("currency", "EUR")}
        return {
            **shown,
            "id": record.record_id,
            "title": own.get("title") or "Lead",
            "owner_id": 1,
            "person_id": int(person) if person else None,
            "organization_id": int(company) if company else None,
            "label_ids": [self.labels.setdefault(name, _label_id(name)) for name in names if name],
            "value": money,
            "channel": self._channel(own.get("channel")),
            "source_name": "API",
            "was_seen": True,
            "is_archived": record.state is RecordState.ARCHIVED,
            "add_time": show_old(record.created_at),
            "update_time": show_old(record.modified_at),
        }

    def _deal(self, record: PeerRecord, own: Shown, *, gone: bool) -> Shown:
        stages = [change for change in record.history if change.field == "stage" and change.value is not None]
        opened = [change for change in stages if change.value not in ENDED]
        status = own.get("stage") if own.get("stage") in ENDED else "open"
        named = own.get("close_time") or (stages[-1].valid_at.isoformat() if stages else None)
        ended = show_new(datetime.fromisoformat(str(named))) if named and status in ENDED else None
        person, company = self._account.other(record, "persons"), self._account.other(record, "organizations")
        shown = {
            "status": "deleted" if gone else status,
            "stage_id": int(str(opened[-1].value)) if opened else 1,
            "pipeline_id": 1,
            "stage_change_time": show_new(opened[-1].valid_at if opened else record.created_at),
            "close_time": ended,
            "won_time": ended if status == "won" else None,
            "lost_time": ended if status == "lost" else None,
            "person_id": int(person) if person else None,
            "org_id": int(company) if company else None,
            "currency": own.get("currency", "EUR"),
            "channel": self._channel(own.get("channel")),
            "source_lead_id": own.get("source_lead_id"),
            "is_archived": record.state is RecordState.ARCHIVED,
        }
        return shown

    def _channel(self, name: object) -> int | None:
        if name is None:
            return None
        return self.channels.setdefault(str(name), 50 + len(self.channels))


def show_new(moment: datetime) -> str:
    """Return a time as version 2 shows it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def show_old(moment: datetime) -> str:
    """Return a time as version 1 shows it: UTC without a zone."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _several(value: object) -> list[Shown]:
    parts = str(value).split(";") if value else []
    return [{"value": part, "primary": not position, "label": "work"} for position, part in enumerate(parts)]


def _label_id(name: str) -> str:
    return str(uuid5(NAMESPACE_OID, name))


def _age(record: PeerRecord) -> tuple[int, str]:
    """Return the place of a lead in `OLDEST_FIRST`."""
    return (_second(record, "add_time"), record.record_id)


def _place(record: PeerRecord, order: str) -> Place:
    return (_second(record, order), int(record.record_id))


def _lead_place(record: PeerRecord, order: str) -> tuple[int, str]:
    return (_second(record, order), "" if order in MOMENTS else record.record_id)


def _second(record: PeerRecord, order: str) -> int:
    """Return the second of a time; 0 for the order of ids."""
    return int(MOMENTS[order](record).timestamp()) if order in MOMENTS else 0


def _encoded(place: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode()


def _decoded(cursor: str) -> Place:
    try:
        second, key = json.loads(base64.urlsafe_b64decode(cursor))
        return int(second), int(key)
    except (binascii.Error, ValueError, TypeError):
        raise PipedrivePeerError(400, "Invalid cursor", code="ERR_SCHEMA_VALIDATION_FAILED") from None


def _number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal() or int(text) > most:
        raise PipedrivePeerError(400, f"{name} must be at most {most}", code="ERR_SCHEMA_VALIDATION_FAILED")
    return int(text)


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    if name not in query:
        return None
    try:
        moment = datetime.fromisoformat(query[name])
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise PipedrivePeerError(400, f"{name} must be in RFC 3339", code="ERR_SCHEMA_VALIDATION_FAILED")
    return moment
