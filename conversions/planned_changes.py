"""Changes of the store that follow from leads of the CRM: consent, identifiers, events, resumptions, retractions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from conversions.consent_changes import changed_consents, resumable, retractable, with_entries
from conversions.event_repairs import repair_identifiers, repair_times
from conversions.person_identifiers import identifiers_of, region_of_lead
from conversions.retractions import retraction, retraction_payload
from conversions.stage_events import Progress, rows_to_add, unplanned
from store import consents, outbox
from store.consents import ConsentRecord, Records
from store.event_state import EventState
from store.outbox import Row
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from conversions.destination import Destination
    from conversions.outbox_writer import OutboxWriter
    from leadworth.consent import Consent
    from leadworth.settings import Settings


@dataclass
class PlanResult:
    """Result of a plan.

    Attributes
    ----------
    leads
        Leads of the look-back period.
    added
        (platform, stage, kind or code) -> events.
    erased
        Leads left out because the person was erased.
    consents
        "granted" or "withdrawn" -> leads whose consent column changed so.
    resumed
        Events that were suppressed for want of consent and are sent now.
    repairs
        Correction or omission of an optional field -> leads whose identifiers are new.
    unplanned
        (platform, stage, code) -> leads that reached the stage and get no event now.
    """

    leads: int = 0
    added: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    erased: int = 0
    consents: Counter[str] = field(default_factory=Counter)
    resumed: int = 0
    repairs: Counter[str] = field(default_factory=Counter)
    unplanned: Counter[tuple[str, str, str]] = field(default_factory=Counter)


@dataclass(frozen=True)
class StoredLeads:
    """State of some leads in the store.

    Attributes
    ----------
    identifiers
        Lead id -> encrypted identifiers.
    consents, consents_of_crm
        Lead id -> purpose -> consent that holds; the newest entry made from a consent column.
    erased
        Leads that were erased, or belong to a person who was erased after they were submitted.
    events
        (lead id, platform) -> events in order of version.
    """

    identifiers: Mapping[str, str]
    consents: Mapping[str, Records]
    consents_of_crm: Mapping[str, Records]
    erased: set[str]
    events: Mapping[tuple[str, str], list[Row]]


@dataclass
class PlannedChanges:
    """Changes of the store that follow from some leads.

    Attributes
    ----------
    settings, writer, stored, now
        Settings, platforms and cipher, what the store has of the leads, and the current time.
    rows
        Table -> rows to add.
    junk
        Leads whose waiting events are withdrawn.
    resumed
        Events that were suppressed for want of consent and are sent now.
    repairs
        Correction or omission of an optional field -> leads whose identifiers are new.
    unplanned
        (platform, stage, code) -> leads that reached the stage and get no event now.
    """

    settings: Settings
    writer: OutboxWriter
    stored: StoredLeads
    now: datetime
    rows: dict[str, list[Row]] = field(
        default_factory=lambda: {"export_people": [], "consents": [], "export_events": []}
    )
    junk: list[str] = field(default_factory=list)
    resumed: list[str] = field(default_factory=list)
    repairs: Counter[str] = field(default_factory=Counter)
    unplanned: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add_lead(self, lead: Row, progress: Progress) -> None:
        """Add the changes of one lead."""
        lead_id = progress.lead_id
        entries = self._add_consents(lead)
        if progress.rejected:
            self.junk.append(lead_id)
        elif lead_id not in self.stored.identifiers:
            self.rows["export_people"].append(
                self.writer.person_row(lead, progress.payload or "", lead["submitted_at"])
            )
            sound, repairs = repair_identifiers(identifiers_of(lead))
            self.repairs.update((*repairs, *repair_times(sound, lead["submitted_at"])[1]))
        assumed = {country.upper() for country in self.settings.export.consent.assume_granted_in}
        consent = consents.consent_in(entries).settled(region_of_lead(lead), assumed)
        for destination in self.writer.destinations.values():
            events = self.stored.events.get((lead_id, destination.name), [])
            if withdrawn := retractable(events, consent, destination.limits, self.now):
                self._retract(withdrawn, destination)
                continue
            if not progress.rejected:
                events = self._resume(events, consent, destination)
            self.unplanned.update(
                (destination.name, stage, code) for stage, code in unplanned(progress, destination, events, self.now)
            )
            self.rows["export_events"] += rows_to_add(
                progress, destination, events, self.writer.cipher, self._restate_from, self.now
            )

    @property
    def _restate_from(self) -> float | None:
        export = self.settings.export
        return export.restate_from if export.restate_values else None

    def write(self, connection: Connection) -> None:
        """Write the changes in the open transaction."""
        if self.junk:
            outbox.withdraw(connection, self.junk, "junk", self.now)
        if self.resumed:
            outbox.resume(connection, self.resumed, self.now)
        outbox.add(connection, self.rows)

    def count(self, result: PlanResult) -> None:
        """Add the changes to the counts of a plan."""
        result.added.update(
            (row["destination"], row["stage"], row["code"] or row["kind"]) for row in self.rows["export_events"]
        )
        answers = {(row["lead_id"], bool(row["granted"])) for row in self.rows["consents"]}
        result.consents.update("granted" if granted else "withdrawn" for _, granted in answers)
        result.resumed += len(self.resumed)
        result.repairs += self.repairs
        result.unplanned += self.unplanned

    def _add_consents(self, lead: Row) -> Mapping[str, ConsentRecord]:
        """Add the entries of changed consent columns; return those that hold then."""
        lead_id = str(lead["lead_id"])
        rows = changed_consents(lead, self.stored.consents_of_crm.get(lead_id, {}), self.now)
        self.rows["consents"] += rows
        return with_entries(self.stored.consents.get(lead_id, {}), rows)

    def _resume(self, events: list[Row], consent: Consent, destination: Destination) -> list[Row]:
        """Resume events that consent allows now; return the events as they are then."""
        ids = {row["event_id"] for row in resumable(events, consent, destination.limits, stamp(self.now))}
        self.resumed += ids
        pending = EventState.PENDING.value
        return [{**row, "state": pending, "code": ""} if row["event_id"] in ids else row for row in events]

    def _retract(self, withdrawn: Sequence[Row], destination: Destination) -> None:
        for last in withdrawn:
            sealed = self.stored.identifiers.get(last["lead_id"])
            payload = None if sealed is None else retraction_payload(self.writer.cipher, sealed, destination.name)
            self.rows["export_events"].append(retraction(destination.limits, last, payload, self.now))
