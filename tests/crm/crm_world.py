"""A made-up CRM that people work in, and the settings that read its mirror."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crm.lead_history import read_history
from crm.mirror_sync import MirrorSync
from crm.rejects import Rejects
from crm.sandbox.peer_account import PeerAccount, PeerClock
from crm.table_sources import gather, open_source
from leadworth.crm_records import RecordLink
from leadworth.crm_section import CrmSection
from leadworth.settings import Settings
from store.engine import open_engine, store_url
from store.migrate import upgrade
from tests.crm.memory_connector import MemoryConnector

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
OUTCOMES = {
    "path": "crm:memory",
    "lead_id": "lead_id",
    "deal_id": "deal_id",
    **{name: name for name in ("stage", "stage_at", "won", "won_at", "lost", "lost_at", "revenue", "currency")},
    "known_at": "known_at",
}


class StillClock(PeerClock):
    def now(self) -> datetime:
        return START + self.offset


class CrmWorld:
    """A CRM that people work in, and its mirror."""

    def __init__(self, folder: Path) -> None:
        self.clock = StillClock()
        self.account = PeerAccount(self.clock)
        self.connector = MemoryConnector(self.account, page_rows=50)
        self.settings = Settings(
            currency="EUR",
            leads={
                "path": "crm:memory",
                "submitted_at": "created_at",
                "columns": {"email": "email", "source": "source", "company": "company"},
            },
            outcomes=OUTCOMES,
            secret="s" * 32,
            folder=folder,
        )

    def lead(self, **values: Any) -> str:
        return self.account.create("leads", {"email": "ada@example.org", "source": "ads", **values})

    def deal(self, *leads: str, **values: Any) -> str:
        key = self.account.create("deals", {"stage": "open", "amount": 100.0, "currency": "EUR", **values})
        for lead in leads:
            self.account.link("leads", lead, RecordLink("deals", key))
        return key

    def later(self, days: float = 1) -> None:
        self.clock.advance(days=days)

    def move(self, deal: str, stage: str, **values: Any) -> datetime:
        self.later()
        self.account.edit("deals", deal, {"stage": stage, **values})
        return self.clock.now()

    def sync(self) -> None:
        self.clock.advance(minutes=5)
        engine = open_engine(store_url(self.settings))
        upgrade(engine)
        MirrorSync(engine, self.connector, self.settings, section=CrmSection(), clock=self.clock.now).run()
        engine.dispose()

    def rows(self, source: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = gather(open_source(self.settings, source, Rejects(None))).rows.to_pylist()
        return rows

    def outcomes(self) -> dict[str, Any]:
        table = read_history(self.settings).outcomes
        return {row.pop("lead_id"): row for row in table.to_dict("records")}
