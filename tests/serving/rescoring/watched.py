"""A business whose CRM sends webhooks, for the tests of the worker."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from conversions.export_context import ExportContext
from conversions.outbox_writer import OutboxWriter
from crm.connectors.hubspot.hubspot_events import read_events
from crm.mirror_sync import crm_cipher
from leadworth.crm_records import CrmRecord, CrmValue, RecordLink
from leadworth.encryption import IdentifierCipher
from models.bundle import Bundle
from serving.rescoring.event_worker import EventWorker, WorkedBatch
from store import crm_events
from store.crm_events import EventTask
from store.crm_mirror import CrmMirror
from tests.serving.rescoring.shop import Shop

NAMES = (f"p{number}" for number in count())


@dataclass
class Watched:
    """A business whose webhooks arrive in the store.

    The leads are scored by the first model until `second` is set, whose scores are written whatever they are.
    """

    business: Shop
    worker: EventWorker
    models: list[Bundle]

    def leads(self, number: int, domain: str = "", company: str = "") -> list[str]:
        """Return new leads, scored by the first model; with a domain of their own if none is given."""
        found = []
        for name in (next(NAMES) for _ in range(number)):
            key = self.business.lead(name, domain or name, days=20.0, firstname=name)
            if company:
                self.business.peer.account.link("contacts", key, RecordLink("companies", company, "primary"))
            found.append(key)
        return found

    def settle(self) -> None:
        """Work off everything with the first model; the second one scores from now on."""
        self.deliver()
        del self.models[1:]
        self.work()
        self.models.append(Bundle.load(self.business.folder / "2"))
        self.business.peer.account.writes.clear()

    def deliver(self, *, reverse: bool = False) -> int:
        """Store what happened since the last call; return how many events were new."""
        events = self.business.peer._events.news()
        if reverse:
            events.reverse()
        with self.business.engine.begin() as connection:
            return crm_events.add(connection, "hubspot", list(read_events(json.dumps(events).encode())), self.now())

    def work(self) -> WorkedBatch:
        self.business.peer.account.clock.advance(seconds=11)
        return self.worker.work()

    def now(self) -> datetime:
        return self.business.peer.account.clock.now()

    def edit(self, lead: str, **values: CrmValue) -> None:
        self.business.peer.account.edit("contacts", lead, values)

    def waiting(self) -> dict[EventTask, int]:
        with self.business.engine.connect() as connection:
            return crm_events.count_waiting(connection, "hubspot")

    def mirrored(self, object_name: str, key: str) -> CrmRecord:
        with self.business.engine.connect() as connection:
            mirror = CrmMirror(connection, "hubspot", crm_cipher(self.business.settings))
            return mirror.read(object_name, [key])[key].record

    def written(self) -> list[str]:
        """Return the leads that the CRM was written to."""
        return sorted(item.record_id for item in self.business.peer.account.writes)


def export_of(business: Shop) -> ExportContext:
    cipher = IdentifierCipher.from_settings(business.settings)
    return ExportContext(business.settings, business.engine, {}, OutboxWriter({}, cipher, 30))
