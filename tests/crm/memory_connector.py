"""A connector whose account is in this process, to test what is common to all CRMs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from crm.connector import Connector, RecordPage, SyncWindow
from crm.sandbox.peer_account import PeerAccount, PeerRecord
from leadworth.crm_catalog import CrmInfo
from leadworth.crm_records import (
    CrmField,
    CrmRecord,
    CrmStage,
    FieldChange,
    RecordEvent,
    RecordLink,
    RecordState,
    RecordWriteResult,
    ScoreRow,
    StageMeaning,
)
from leadworth.health_findings import HealthFinding

INFO = CrmInfo.model_validate(
    {
        "title": "Memory",
        "lead_objects": ["leads"],
        "columns": {"submitted_at": "created", "email": "email", "company": "company", "source": "source"},
        "deal": {"stage": "stage", "amount": "amount", "currency": "currency"},
        "search_lag_seconds": 60,
        "objects": {
            "leads": {
                "role": "lead",
                "created": "created",
                "modified": "modified",
                "fields": ["email", "company", "source", "status", "size"],
                "links": ["deals", "companies"],
                "late": ["status"],
            },
            "deals": {
                "role": "deal",
                "created": "created",
                "modified": "modified",
                "fields": ["stage", "amount", "currency"],
                "links": ["leads"],
                "history": ["stage"],
            },
            "people": {"role": "person", "created": "created", "modified": "modified", "links": ["leads", "deals"]},
            "companies": {"role": "company", "created": "created", "modified": "modified", "fields": ["name"]},
        },
    }
)
STAGES = (
    CrmStage("deals", "open", "Open", StageMeaning.OPEN, "main", 0),
    CrmStage("deals", "won", "Won", StageMeaning.WON, "main", 1),
    CrmStage("deals", "lost", "Lost", StageMeaning.LOST, "main", 2),
)
OWN = "leadworth"


class MemoryConnector(Connector):
    """Connector over an account.

    Parameters
    ----------
    before
        Called before each request with its name; may raise.
    page_rows
        Rows of a page.
    """

    name = "memory"

    def __init__(
        self, account: PeerAccount, *, before: Callable[[str], None] = lambda _: None, page_rows: int = 3
    ) -> None:
        self.account = account
        self.before = before
        self.page_rows = page_rows
        self.removed: set[str] = set()
        self.field_names = {name: set(item.fields) for name, item in INFO.objects.items()}
        self.offset = timedelta(0)
        self._requests = 0

    @property
    def info(self) -> CrmInfo:
        return INFO

    @property
    def lead_object(self) -> str:
        return "leads"

    @property
    def requests(self) -> int:
        return self._requests

    @property
    def clock_offset(self) -> timedelta | None:
        return self.offset

    def check(self) -> list[HealthFinding]:
        return []

    def fields(self, object_name: str) -> Sequence[CrmField]:
        self._ask("fields")
        return [CrmField(name, name.title(), "text") for name in sorted(self.field_names[object_name])]

    def stages(self) -> Sequence[CrmStage]:
        self._ask("stages")
        return STAGES

    def pages(
        self, object_name: str, fields: Sequence[str], window: SyncWindow | None, bookmark: str = ""
    ) -> Iterator[RecordPage]:
        after = bookmark
        while True:
            self._ask("pages")
            found = [
                record
                for record in self.account.visible(object_name)
                if record.state in (RecordState.LIVE, RecordState.ARCHIVED) and record.record_id > after
            ]
            if window is not None:
                found = [record for record in found if window.start <= record.modified_at < window.end]
            found.sort(key=lambda record: record.record_id)
            page = found[: self.page_rows]
            after = page[-1].record_id if len(found) > len(page) else ""
            yield RecordPage([self._record(object_name, record, fields) for record in page], after)
            if not after:
                return

    def removals(self, object_name: str, window: SyncWindow) -> Iterator[RecordPage]:
        self._ask("removals")
        gone = [
            self._record(object_name, record, INFO.objects[object_name].fields)
            for record in self.account.of(object_name).values()
            if record.state_at is not None and window.start <= record.state_at < window.end
        ]
        yield RecordPage(gone)

    def ids(self, object_name: str) -> Iterator[Sequence[str]]:
        self._ask("ids")
        yield [key for key, record in self.account.of(object_name).items() if _is_present(record)]

    def count(self, object_name: str) -> int | None:
        self._ask("count")
        return sum(map(_is_present, self.account.of(object_name).values()))

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[CrmRecord]:
        self._ask("read")
        records = self.account.of(object_name)
        return [
            self._record(object_name, records[key], fields)
            if key in records
            else CrmRecord(object_name, key, state=RecordState.DELETED)
            for key in ids
        ]

    def links(self, object_name: str, ids: Sequence[str]) -> Mapping[str, tuple[RecordLink, ...]]:
        self._ask("links")
        records = self.account.of(object_name)
        return {key: tuple(records[key].links) if key in records else () for key in ids}

    def changes(self, object_name: str, ids: Sequence[str]) -> Iterator[FieldChange]:
        self._ask("changes")
        kept = INFO.objects[object_name].history
        for key in ids:
            yield from (item for item in self.account.of(object_name)[key].history if item.field in kept)

    def missing_score_fields(self, object_name: str) -> Sequence[str]:
        return ()

    def create_score_fields(self, object_name: str) -> Sequence[str]:
        return ()

    def write(self, object_name: str, rows: Sequence[ScoreRow]) -> Sequence[RecordWriteResult]:
        self._ask("write")
        for row in rows:
            self.account.write(object_name, row.record_id, row.values, by=OWN)
        return [RecordWriteResult(row.record_id) for row in rows]

    def is_own_change(self, record: CrmRecord) -> bool | None:
        return record.modified_by == OWN

    def events(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Sequence[RecordEvent]:
        return ()

    def close(self) -> None:
        pass

    def _ask(self, request: str) -> None:
        self._requests += 1
        self.before(request)

    def _record(self, object_name: str, record: PeerRecord, fields: Sequence[str]) -> CrmRecord:
        there = self.field_names[object_name]
        gone = not _is_present(record)
        return CrmRecord(
            object_name,
            record.record_id,
            {} if gone else {name: record.values.get(name) for name in fields if name in there},
            record.created_at,
            record.modified_at,
            record.modified_by,
            record.state,
            record.merged_into,
            tuple(record.absorbed),
        )


def _is_present(record: PeerRecord) -> bool:
    return record.state in (RecordState.LIVE, RecordState.ARCHIVED)


def seeded(account: PeerAccount, leads: int, at: datetime) -> list[str]:
    """Create leads, and a deal for every second one; return the ids of the leads."""
    keys = []
    for number in range(leads):
        values = {"email": f"p{number}@example.org", "status": "New", "source": "ads"}
        keys.append(account.create("leads", values, at=at))
        if number % 2:
            deal = account.create("deals", {"stage": "open", "amount": 100.0, "currency": "EUR"}, at=at)
            account.link("leads", keys[-1], RecordLink("deals", deal))
    return keys
