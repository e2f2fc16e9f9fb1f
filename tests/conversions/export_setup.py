"""A store with an outbox, a sandbox of the platforms, and workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, update

from conversions.conversion_event import EventKind
from conversions.destination import Destination
from conversions.export_worker import ExportWorker
from conversions.outbox_writer import OutboxWriter, next_version
from conversions.platform_factory import destinations
from conversions.sandbox.peer_servers import Sandbox
from leadworth.encryption import IdentifierCipher
from leadworth.fault_injection import Fault, Faults, Wait
from leadworth.records import Lead
from leadworth.settings import Settings
from store import outbox
from store.engine import open_engine
from store.migrate import upgrade
from store.schema import export_events, export_people
from store.timestamps import stamp
from tests.conversions.events import settings_for

SCORE = {"verdict": "accept", "predicted_value": 10.0, "currency": "EUR", "model_version": "1"}


class ScriptedFaults(Faults):
    """Faults of the next requests, in order; then none."""

    def __init__(self, *faults: Fault | None) -> None:
        super().__init__(wait=Wait(late=1.5, retry_after=0.1))
        self.script = list(faults)

    def draw(self) -> Fault | None:
        return self.script.pop(0) if self.script else None


@dataclass
class ExportSetup:
    """Store, sandbox, platforms and outbox writer."""

    engine: Engine
    sandbox: Sandbox
    settings: Settings
    destinations: Mapping[str, Destination]
    writer: OutboxWriter

    def worker(self, name: str) -> ExportWorker:
        return ExportWorker(self.engine, self.destinations[name], self.settings, self.writer.cipher)

    def writer_for(self, *names: str) -> OutboxWriter:
        return OutboxWriter({name: self.destinations[name] for name in names}, self.writer.cipher, 90.0)

    def add(self, *leads: Lead, to: tuple[str, ...], score: Mapping[str, Any] | None = None) -> None:
        fields = {**SCORE, **(score or {})}
        for new in leads:
            with self.engine.begin() as connection:
                outbox.add(connection, self.writer_for(*to).rows(new, fields, datetime.now(UTC), fields["verdict"]))

    def restate(self, value: str, kind: EventKind = EventKind.RESTATEMENT) -> None:
        """Add the next version of the last event."""
        last = self.rows()[-1]
        with self.engine.begin() as connection:
            payload = connection.execute(export_people.select()).mappings().one()["sealed"]
            row = next_version(
                datetime.now(UTC),
                self.destinations[last["destination"]].limits,
                last,
                kind,
                value=value,
                currency="EUR",
                expected=False,
                payload=payload,
                model_version="1",
            )
            assert outbox.add(connection, {"export_events": [row]}) == 1

    def make_due(self) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(export_events).values(not_before=stamp(datetime.now(UTC) - timedelta(minutes=1))))

    def rows(self) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            query = select(export_events).order_by(export_events.c.created_at, export_events.c.event_id)
            return [dict(row) for row in connection.execute(query).mappings()]

    def states(self) -> list[tuple[str, str]]:
        return [(row["state"], row["code"]) for row in self.rows()]

    def send_all(self) -> None:
        for name in self.destinations:
            worker = self.worker(name)
            while worker.work():
                pass


def lead(number: int = 1, **changes: Any) -> Lead:
    """Return a lead of eight hours ago with all consents."""
    fields = {
        "lead_id": f"L{number}",
        "submitted_at": datetime.now(UTC) - timedelta(hours=8),
        "country": "DE",
        "email": f"p{number}@firm{number}.example",
        "gclid": f"Cj0KCQ{number}",
        "msclkid": f"{number:032x}",
        "ga_client_id": f"{number}.1767225600",
        "consent_ad_user_data": True,
        "consent_ad_personalization": True,
        "source": "search",
    }
    return Lead(**{**fields, **changes})


@contextmanager
def export_at(url: str, folder: Path, faults: Faults | None = None, **export: Any) -> Iterator[ExportSetup]:
    """Open a store and run a sandbox."""
    quick = {"timeout_seconds": 1.0, "lease_seconds": 3.0, "retry_seconds": 0.05, **export}
    with Sandbox(faults or Faults()).run() as sandbox:
        settings = settings_for(sandbox, folder, **quick)
        engine = open_engine(url)
        upgrade(engine)
        named = destinations(settings)
        cipher = IdentifierCipher.from_settings(settings)
        yield ExportSetup(engine, sandbox, settings, named, OutboxWriter(named, cipher, 90.0))
        for destination in named.values():
            destination.close()
        engine.dispose()
