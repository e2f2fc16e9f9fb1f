"""A made-up CRM in this process with a clock that stands still, and its mirror."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from crm.mirror_sync import MirrorSync, SyncReport, crm_cipher
from crm.sandbox.peer_account import PeerAccount, PeerClock
from leadworth.crm_section import CrmSection
from leadworth.settings import Settings
from store.crm_mirror import CrmMirror
from tests.crm.memory_connector import MemoryConnector
from tests.crm.mirror_truth import known_part, mirror_of, truth_of

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIELDS = {"email", "company", "source", "status", "size", "stage", "amount", "currency", "name"}


class FixedClock(PeerClock):
    """Clock that moves only by hand."""

    def now(self) -> datetime:
        return START + self.offset


class MirrorBench:
    """An account, its connector and a store."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.clock = FixedClock()
        self.account = PeerAccount(self.clock, lag_seconds=30)
        self.engine = engine
        self.settings = Settings(currency="EUR", leads={}, secret="s" * 32, folder=folder)
        self.connector = MemoryConnector(self.account)
        self.section = CrmSection()

    def sync(self, **options: Any) -> SyncReport:
        self.clock.advance(minutes=2)
        section = self.section
        sync = MirrorSync(self.engine, self.connector, self.settings, section=section, clock=self.clock.now, **options)
        return sync.run()

    def check(self) -> None:
        mirror = mirror_of(self.engine, self.connector, self.settings, FIELDS)
        assert mirror == known_part(truth_of(self.account, self.connector, FIELDS), mirror)

    def mirror(self, read: Callable[[CrmMirror], Any]) -> Any:
        with self.engine.connect() as connection:
            return read(CrmMirror(connection, "memory", crm_cipher(self.settings)))
