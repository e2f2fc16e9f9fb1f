"""Work off the webhooks of a CRM: erase, read the records, score their leads, write back what changed.

The result of each step is stored together with the end of what asked for it, so that a process that is killed at any
point loses nothing, and repeated or disordered events change nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crm.mirror_sync import crm_cipher, utc_now
from crm.score_writer import WriteBackCounts, worth_writing, write_pending
from leadworth.errors import DeliveryError, StoreError
from leadworth.http_errors import UnauthorisedError
from serving.personal_data.record_erasure import erase_records
from serving.rescoring.event_reader import EventReader, email_field
from serving.rescoring.nightly_run import band_scale, require_score_fields
from serving.rescoring.open_lead_scores import score_open_leads
from serving.rescoring.unit_members import UnitMembers
from store import crm_events, crm_scores
from store.crm_events import EventTask
from store.crm_mirror import CrmMirror
from store.store_errors import store_errors

if TYPE_CHECKING:
    from conversions.export_context import ExportContext
    from crm.connector import Connector
    from models.bundle import Bundle

COLLECTED = timedelta(seconds=10)
"""Age from which events are worked off: one edit of a form sends an event for each field."""
KEPT = timedelta(days=7)
"""Age to which events that were worked off are kept: CRMs repeat an event for up to three days."""
MOST_LEADS = 500
POLL_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 600.0


@dataclass
class WorkedBatch:
    """What was done at once.

    Attributes
    ----------
    events
        Events worked off.
    changed
        Records that differed from the mirror.
    erased
        Events that asked for an erasure.
    requests
        Requests to score a lead that were worked off.
    scored
        Open leads that were scored, with those of the same decision units.
    writes
        Rows of the write-back.
    failures
        Sentences about what waits for the next attempt.
    """

    events: int = 0
    changed: int = 0
    erased: int = 0
    requests: int = 0
    scored: int = 0
    writes: WriteBackCounts = field(default_factory=WriteBackCounts)
    failures: list[str] = field(default_factory=list)

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.events or self.erased or self.requests or self.writes.written or self.writes.refused)

    def line(self) -> str:
        """Return a summary in one line."""
        erased = f", {self.erased:,} erased" if self.erased else ""
        writes = self.writes
        return (
            f"{self.events:,} events{erased}: {self.changed:,} records changed, {self.scored:,} open leads scored, "
            f"{writes.written:,} written, {writes.unchanged:,} unchanged, {writes.refused.total():,} refused"
        )


class EventWorker:
    """Works off the webhooks of one CRM.

    Parameters
    ----------
    export
        Settings, store and platforms.
    connector
        Connection with the CRM.
    model
        Returns the model in use.
    clock
        Returns the present time.

    Raises
    ------
    ConfigurationError
        If the leads were never synchronised, or the account lacks the fields of the scores.
    """

    def __init__(
        self,
        export: ExportContext,
        connector: Connector,
        model: Callable[[], Bundle],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._export = export
        self._connector = connector
        self._model = model
        self._clock = clock
        self._reader = EventReader(export.engine, connector, export.settings, clock)
        require_score_fields(connector, export.engine)

    def work(self) -> WorkedBatch:
        """Work off a batch of the events that are older than ten seconds.

        Raises
        ------
        UnauthorisedError
            If the CRM refuses the credentials.
        StoreError
            If the store does not answer.
        """
        batch = WorkedBatch()
        received_before = self._clock() - COLLECTED
        with store_errors():
            erased = erase_records(self._export, self._connector, received_before, self._clock)
            read = self._reader.work(received_before)
            batch.events, batch.changed, batch.erased = read.events, read.changed, erased.events
            batch.failures += [*erased.failures, *read.failures]
            self._score(batch)
            write_pending(self._connector, self._export.engine, self._connector.lead_object, self._clock, batch.writes)
            batch.failures += batch.writes.undone
            with self._export.engine.begin() as connection:
                crm_events.delete_worked(connection, self._clock() - KEPT)
        return batch

    def _score(self, batch: WorkedBatch) -> None:
        """Score the leads that are asked for, and plan the writes."""
        settings, connector, engine = self._export.settings, self._connector, self._export.engine
        crm, leads = connector.name, connector.lead_object
        now = self._clock()
        with engine.connect() as connection:
            requests = crm_events.waiting(
                connection, crm, EventTask.SCORE, leads, now + timedelta(seconds=1), MOST_LEADS
            )
            mirror = CrmMirror(connection, crm, crm_cipher(settings))
            members = UnitMembers(mirror, connector, email_field(settings, connector))
            chosen = members.whole_units({event.record_id for event in requests})
        rows = []
        if chosen:
            bundle = self._model()
            scores = score_open_leads(settings, bundle, crm, now, only=chosen)
            batch.scored = len(scores.table)
            rows = scores.rows(band_scale(settings, bundle), now)
        with engine.begin() as connection:
            worth = worth_writing(connection, crm, leads, rows, now, batch.writes)
            crm_scores.want(connection, crm, leads, [row for row, _ in worth], now)
            crm_events.mark_worked(connection, crm, [event.event_id for event in requests], now)
        batch.requests = len(requests)


def watch(worker: EventWorker, report: Callable[[WorkedBatch], None], stop: threading.Event) -> None:
    """Work off batches until stopped; after a failure the next attempt comes later and later, at most ten minutes.

    Parameters
    ----------
    worker
        Works off a batch.
    report
        Called with each batch in which something was done or failed.
    stop
        Ends it.

    Raises
    ------
    UnauthorisedError
        If the CRM refuses the credentials.
    """
    failed = 0
    while not stop.is_set():
        try:
            batch = worker.work()
        except UnauthorisedError:
            raise
        except (DeliveryError, StoreError) as error:
            batch = WorkedBatch(failures=[str(error)])
        if not batch.idle or batch.failures:
            report(batch)
        failed = failed + 1 if batch.failures else 0
        if failed:
            stop.wait(min(POLL_SECONDS * 2**failed, LONGEST_WAIT_SECONDS))
        elif batch.idle:
            stop.wait(POLL_SECONDS)
