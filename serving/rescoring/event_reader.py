"""Read the records that webhooks name into the mirror, and note which leads have to be scored again.

A record is read by its id, never by search, whose index lags. Its mirror, the requests to score its leads and the end
of its events are stored in one transaction: killed at any point, an event is worked off or it waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from crm.lead_links import LeadLinks
from crm.mirror_fields import fields_read
from crm.mirror_sync import crm_cipher
from crm.page_store import PageStore
from crm.personal_fields import plain_fields
from leadworth.errors import ConfigurationError, TerminalError, TransientError
from leadworth.http_errors import UnauthorisedError
from serving.rescoring.unit_members import UnitMembers
from store import crm_events, crm_field_lists
from store.crm_events import EventTask
from store.crm_mirror import CrmMirror

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from crm.connector import Connector
    from leadworth.crm_records import RecordEvent
    from leadworth.settings import Settings

MOST_EVENTS = 500


@dataclass
class EventCounts:
    """What was done about events.

    Attributes
    ----------
    events
        Events worked off.
    changed
        Records that differed from the mirror.
    failures
        Sentences about what waits for the next attempt.
    """

    events: int = 0
    changed: int = 0
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _ConcernedLeads:
    """Leads that records concern.

    Attributes
    ----------
    leads
        Record id -> its leads.
    neighbours
        Leads that may share a decision unit with one of them.
    """

    leads: dict[str, set[str]]
    neighbours: set[str]


class EventReader:
    """Reads the records of events.

    Parameters
    ----------
    engine
        Migrated store.
    connector
        Connection with the CRM.
    settings
        Settings of the business.
    clock
        Returns the present time.

    Raises
    ------
    ConfigurationError
        If the leads were never synchronised.
    """

    def __init__(self, engine: Engine, connector: Connector, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._connector = connector
        self._settings = settings
        self._clock = clock
        if self._page_store(connector.lead_object) is None:
            raise ConfigurationError(
                f"the mirror of {connector.name} has no {connector.lead_object}",
                do=f"run `leadworth crm sync {connector.name}` first",
            )

    def work(self, received_before: datetime) -> EventCounts:
        """Work off some events of each object; an object that cannot be read costs no other.

        Raises
        ------
        UnauthorisedError
            If the CRM refuses the credentials.
        """
        counts = EventCounts()
        crm = self._connector.name
        with self._engine.connect() as connection:
            objects = crm_events.objects_waiting(connection, crm, EventTask.READ, received_before)
        for name in objects:
            with self._engine.connect() as connection:
                events = crm_events.waiting(connection, crm, EventTask.READ, name, received_before, MOST_EVENTS)
            try:
                counts.changed += self._read(name, events)
                counts.events += len(events)
            except UnauthorisedError:
                raise
            except (TransientError, TerminalError) as error:
                counts.failures.append(f"{len(events):,} events of {name} wait: {error}")
        return counts

    def _read(self, name: str, events: Sequence[RecordEvent]) -> int:
        """Read the records of an object; return how many changed."""
        pages = self._page_store(name)
        event_ids = [event.event_id for event in events]
        if pages is None:  # the first synchronisation of the object will read it
            with self._engine.begin() as connection:
                crm_events.mark_worked(connection, self._connector.name, event_ids, self._clock())
            return 0
        ids = sorted({event.record_id for event in events})
        records = list(self._connector.read(name, ids, pages.fields.asked))
        survivors = {record.merged_into for record in records if record.merged_into} - set(ids)
        if survivors:
            ids += sorted(survivors)
            records += self._connector.read(name, sorted(survivors), pages.fields.asked)
        with self._engine.connect() as connection:
            before = self._concerned(connection, name, ids)

        def save(connection: Connection) -> None:
            after = self._concerned(connection, name, ids)
            leads = before.neighbours - after.neighbours
            leads |= {lead for key in pages.changed for side in (before, after) for lead in side.leads.get(key, ())}
            crm, now = pages.connector.name, self._clock()
            crm_events.request_scores(connection, crm, pages.connector.lead_object, leads, now)
            crm_events.mark_worked(connection, crm, event_ids, now)

        pages.store(records, self._clock(), save, relink=True)
        return len(pages.changed)

    def _concerned(self, connection: Connection, name: str, ids: Sequence[str]) -> _ConcernedLeads:
        """Return the leads of records as the mirror knows them now."""
        connector, mirror = self._connector, self._mirror(connection)
        leads = LeadLinks(mirror, connector.info, connector.lead_object).of_records(name, ids)
        members = UnitMembers(mirror, connector, email_field(self._settings, connector))
        return _ConcernedLeads(leads, members.neighbours({lead for found in leads.values() for lead in found}))

    def _mirror(self, connection: Connection) -> CrmMirror:
        return CrmMirror(connection, self._connector.name, crm_cipher(self._settings))

    def _page_store(self, name: str) -> PageStore | None:
        """Return what stores records of an object as the last synchronisation did; None if there was none."""
        connector, settings = self._connector, self._settings
        section = settings.crm.section(connector.name)
        with self._engine.connect() as connection:
            present = crm_field_lists.fields_of(connection, connector.name, name)
        if not present:
            return None
        read = fields_read(settings, section, connector, name, present)
        kept = read.stored
        if section.personal_data == "omitted":
            kept &= plain_fields(connector.info, name, present)
        return PageStore(self._engine, connector, crm_cipher(settings), name, read, kept)


def email_field(settings: Settings, connector: Connector) -> str:
    """Return the field of the leads with the e-mail address; empty if there is none."""
    return settings.leads.columns.get("email") or connector.info.columns.get("email", "")
