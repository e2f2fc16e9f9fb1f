"""A store with a ledger, filled, and workers on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from conversions.destination import Destination
from conversions.encryption import IdentifierCipher
from conversions.export_worker import ExportWorker
from conversions.outbox_writer import OutboxWriter
from conversions.platform_factory import destinations
from conversions.sandbox.fault_injection import Faults
from conversions.sandbox.peer_servers import Sandbox
from leadworth.records import Lead
from leadworth.settings import Settings
from store import outbox
from store.engine import open_engine
from store.migrate import upgrade
from store.schema import export_events
from tests.conversions.events import settings_for

SCORE = {"verdict": "accept", "predicted_value": 10.0, "currency": "EUR", "model_version": "1"}


@dataclass
class Ledger:
    """Everything a test of the ledger needs."""

    engine: Engine
    sandbox: Sandbox
    settings: Settings
    destinations: Mapping[str, Destination]
    submit: OutboxWriter

    def worker(self, name: str) -> ExportWorker:
        return ExportWorker(self.engine, self.destinations[name], self.settings, self.submit.seal)

    def only(self, *names: str) -> OutboxWriter:
        return OutboxWriter({name: self.destinations[name] for name in names}, self.submit.seal, 90.0)

    def add(self, *leads: Lead, to: tuple[str, ...], score: Mapping[str, Any] = SCORE) -> None:
        for lead in leads:
            with self.engine.begin() as connection:
                outbox.add(
                    connection,
                    self.only(*to).rows(lead, {**SCORE, **score}, datetime.now(UTC), {**SCORE, **score}["verdict"]),
                )

    def rows(self) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            asked = select(export_events).order_by(export_events.c.created_at, export_events.c.event_id)
            return [dict(row) for row in connection.execute(asked).mappings()]

    def states(self) -> list[tuple[str, str]]:
        return [(row["state"], row["code"]) for row in self.rows()]


def lead(number: int = 1, **changes: Any) -> Lead:
    """Return a lead of eight hours ago that agreed to everything."""
    fields = {
        "lead_id": f"L{number}", "submitted_at": datetime.now(UTC) - timedelta(hours=8), "country": "DE",
        "email": f"p{number}@firm{number}.example", "gclid": f"Cj0KCQ{number}", "msclkid": f"{number:032x}",
        "ga_client_id": f"{number}.1767225600", "consent_ad_user_data": True, "consent_ad_personalization": True,
        "source": "search",
    }  # fmt: skip
    return Lead(**{**fields, **changes})


@contextmanager
def ledger_at(url: str, folder: Path, faults: Faults | None = None, **export: Any) -> Iterator[Ledger]:
    """Open a store and run a sandbox beside it."""
    quick = {"timeout_seconds": 1.0, "lease_seconds": 3.0, "retry_seconds": 0.05, **export}
    with Sandbox(faults or Faults()).run() as sandbox:
        settings = settings_for(sandbox, folder, **quick)
        engine = open_engine(url)
        upgrade(engine)
        named = destinations(settings)
        yield Ledger(engine, sandbox, settings, named, OutboxWriter(named, IdentifierCipher.of(settings), 90.0))
        for one in named.values():
            one.close()
        engine.dispose()
