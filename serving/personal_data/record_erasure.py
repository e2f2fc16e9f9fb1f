"""Erase the persons whose records a CRM erased for privacy, as `leadworth erase` does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from crm.mirror_sync import crm_cipher
from serving.personal_data.person_erasure import (
    PersonQuery,
    erase_person,
    find_person,
    purge_rows,
    wait_for_leases,
    write_spool,
)
from serving.personal_data.redis_erasure import RedisPersonEraser, open_eraser
from store import crm_events, erasures
from store.audit_log import AuditEntry
from store.crm_events import EventTask
from store.crm_mirror import CrmMirror

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from conversions.export_context import ExportContext
    from crm.connector import Connector
    from leadworth.crm_records import RecordEvent
    from serving.personal_data.person_erasure import ErasureReceipt, FoundPerson

MOST_ERASURES = 50


@dataclass
class ErasedRecords:
    """What was done about events that ask for erasure.

    Attributes
    ----------
    events
        Events worked off.
    failures
        Sentences about what is left.
    """

    events: int = 0
    failures: list[str] = field(default_factory=list)


def erase_records(
    export: ExportContext, connector: Connector, received_before: datetime, clock: Callable[[], datetime]
) -> ErasedRecords:
    """Erase the persons of events that ask for it: the record, the lead, and everything under its e-mail address.

    Parameters
    ----------
    export
        Store, platforms and ciphers.
    connector
        Names the objects of the CRM.
    received_before
        Only events received before this time.
    clock
        Returns the present time.

    Raises
    ------
    StoreError
        If the store or Redis does not answer; the events wait.
    """
    crm, result = connector.name, ErasedRecords()
    events: list[RecordEvent] = []
    with export.engine.connect() as connection:
        for name in crm_events.objects_waiting(connection, crm, EventTask.ERASE, received_before):
            events += crm_events.waiting(connection, crm, EventTask.ERASE, name, received_before, MOST_ERASURES)
    if not events:
        return result
    if held := write_spool(export.engine, export.settings):
        result.failures.append(f"{len(events):,} erasures wait: a process holds the spool files {', '.join(held)}")
        return result
    with ExitStack() as stack:
        redis = export.settings.serving.redis
        cache = stack.enter_context(open_eraser(redis.get_secret_value())) if redis else None
        for event in events:
            _erase(export, connector, event, cache)
            with export.engine.begin() as connection:
                now = clock()
                crm_events.mark_worked(connection, crm, [event.event_id], now)
                again = replace(event, event_id=f"erased:{event.event_id}", erase=False)
                crm_events.add(connection, crm, [again], now)
            result.events += 1
    if fault := purge_rows(export.engine):
        result.failures.append(f"deleted rows may still be in the files of the store: {fault}")
    return result


def _erase(export: ExportContext, connector: Connector, event: RecordEvent, cache: RedisPersonEraser | None) -> None:
    """Erase the person of a record: from Redis first, so that a run that is killed finds the person again."""
    with export.engine.connect() as connection:
        person = _person(connection, export, connector, event)
    wait_for_leases(export.engine, person.leads, export.settings.export.lease_seconds)
    if cache is not None:
        cache.erase(person.velocity_persons, person.velocity_events, lambda _: None)

    def audit(connection: Connection, receipt: ErasureReceipt) -> None:
        details: dict[str, str | int | float | bool | None] = {
            "leads": receipt.leads,
            "rows": sum(receipt.rows.values()),
            "crm": connector.name,
        }
        export.audit(connection, AuditEntry("person.erase", "erasure", receipt.erasure_id, details=details))

    mirror_cipher = crm_cipher(export.settings)
    erase_person(
        export.engine,
        export.settings,
        person,
        export.destinations,
        export.cipher,
        mirror_cipher,
        audit,
        dry_run=False,
    )


def _person(connection: Connection, export: ExportContext, connector: Connector, event: RecordEvent) -> FoundPerson:
    """Return the person of a record, whom the mirror may still name."""
    row = CrmMirror(connection, connector.name, crm_cipher(export.settings)).read(event.object, [event.record_id])
    values = row[event.record_id].record.values if row else {}
    email = values.get(connector.info.columns.get("email", ""))
    lead = event.record_id if event.object == connector.lead_object else None
    query = PersonQuery(lead, email if isinstance(email, str) else None)
    person = find_person(connection, export.settings, export.cipher, query)
    digests = list(person.digests)
    if lead and lead not in person.leads:  # a lead that only the CRM scored is recognised later too
        digests.append((erasures.LEAD, export.cipher.lead_digest(lead)))
    return replace(person, digests=digests, records=((connector.name, event.object, event.record_id),))
