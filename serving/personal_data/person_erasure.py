"""Find a person by what the store keeps, and erase it there."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from conversions.erasure import PlatformErasure, erase_events
from conversions.person_entry import written_phones
from conversions.person_identifiers import PLATFORM_IDS
from features.velocity_keys import SECRET_PURPOSE, keys_of
from leadworth.crm_catalog import crms
from leadworth.encryption import IdentifierCipher
from leadworth.errors import StoreError
from leadworth.key_derivation import key_for
from leadworth.readers.email_reader import read_email
from reporting.facts.report_days import report_zone
from reporting.facts.rollup_correction import affected_sums, correct_sums
from store import crm_erasure, erasures, lead_identifiers, person_index, person_rows
from store.deleted_bytes import overwrite_deleted, purge
from store.group_commit import GroupCommitWriter
from store.person_index import IndexEntry
from store.row_ids import new_row_id
from store.schema import answers, velocity_events
from store.spool import Spool
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from conversions.destination import Destination
    from leadworth.settings import Settings

LEASE_POLL_SECONDS = 1.0
PURGE_ATTEMPTS = 3
PURGE_WAIT_SECONDS = 2.0


@dataclass(frozen=True)
class PersonQuery:
    """How a person is named: any of the three; leads of all of them are found."""

    lead: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class FoundPerson:
    """What the store has to recognise a person by.

    Attributes
    ----------
    leads
        Ids of the person's leads.
    entries
        Their index entries.
    velocity_persons
        Velocity digests that belong to the person alone.
    digests
        Kind and digest, as the receipt of the erasure has them.
    words
        Texts that name the person in files.
    emails, phones
        Address and number that were given.
    records
        CRM, object and id of records of the person that were given.
    """

    leads: list[str]
    entries: list[IndexEntry]
    velocity_persons: frozenset[int]
    digests: list[tuple[str, str]]
    words: frozenset[str] = field(repr=False)
    emails: tuple[str, ...] = field(default=(), repr=False)
    phones: tuple[str, ...] = field(default=(), repr=False)
    records: tuple[tuple[str, str, str], ...] = ()

    @property
    def velocity_events(self) -> set[tuple[int, int]]:
        """Person and time of the velocity events of the leads."""
        return {(entry.velocity_person, entry.velocity_at) for entry in self.entries}


@dataclass(frozen=True)
class ErasureReceipt:
    """Result of an erasure; it has nothing of the person.

    Attributes
    ----------
    erasure_id
        Id of the receipt.
    leads
        Number of leads.
    rows
        Table -> rows deleted.
    platforms
        What is done about events at the ad platforms.
    """

    erasure_id: str
    leads: int
    rows: Mapping[str, int]
    platforms: PlatformErasure

    def content(self) -> dict[str, Any]:
        """Return the receipt as JSON values."""
        return {"erasure_id": self.erasure_id, "leads": self.leads, "rows": dict(self.rows)} | asdict(self.platforms)

    @property
    def empty(self) -> bool:
        """Whether there was nothing to erase."""
        return not sum(self.rows.values()) and not self.platforms.anonymised


def find_person(
    connection: Connection, settings: Settings, cipher: IdentifierCipher, query: PersonQuery
) -> FoundPerson:
    """Return what the store has of a person, which may be nothing."""
    email = read_email(query.email)
    numbers = written_phones(query.phone) if query.phone else []
    emails = {cipher.pseudonym(email)} if email else set()
    phones = {cipher.phone_digest(number) for number in numbers}
    leads = person_index.leads_of_person(connection, lead=query.lead, emails=emails, phones=phones)
    entries = person_index.entries_of(connection, leads)
    own = {entry.velocity_person for entry in entries if entry.email}
    if email:
        own.add(keys_of({"email": email}, key_for(settings, SECRET_PURPOSE)).person)
    emails |= {entry.email for entry in entries if entry.email}
    # A number can be that of a whole office: it recognises a person only where there is no address.
    alone = {entry.phone for entry in entries if entry.phone and not entry.email}
    words = {word for word in (*leads, query.lead, email, query.phone, *numbers) if word}
    return FoundPerson(
        leads,
        entries,
        frozenset(own),
        [
            *((erasures.LEAD, cipher.lead_digest(lead)) for lead in leads),
            *((erasures.EMAIL, digest) for digest in sorted(emails)),
            *((erasures.PHONE, digest) for digest in sorted(alone)),
        ],
        frozenset(words | _click_ids(connection, cipher, leads)),
        (email,) if email else (),
        (query.phone,) if query.phone else (),
    )


def erased_before(connection: Connection, cipher: IdentifierCipher, query: PersonQuery, person: FoundPerson) -> bool:
    """Return whether an earlier run erased this person."""
    named = [digest for kind, digest in person.digests if kind != erasures.LEAD]
    if query.phone:
        named += [cipher.phone_digest(number) for number in written_phones(query.phone)]
    if erasures.erased_persons(connection, named):
        return True
    return query.lead is not None and bool(erasures.erased_leads(connection, [query.lead], cipher.lead_digest))


def erase_person(
    engine: Engine,
    settings: Settings,
    person: FoundPerson,
    destinations: Mapping[str, Destination],
    cipher: IdentifierCipher,
    mirror_cipher: IdentifierCipher,
    audit: Callable[[Connection, ErasureReceipt], None],
    *,
    dry_run: bool,
) -> ErasureReceipt:
    """Erase a person from the store in one transaction, which `dry_run` takes back.

    Parameters
    ----------
    settings
        With the section `[report]`, for the sums that the person's leads were part of.
    mirror_cipher
        Cipher of the mirror of a CRM.
    audit
        Records the erasure in its transaction.
    """
    now = datetime.now(UTC)
    with engine.connect() as connection:
        overwrite_deleted(connection)
        platforms = erase_events(connection, person.leads, destinations, cipher, now)
        persons = sorted(person.velocity_persons)
        affected = affected_sums(connection, person.leads, report_zone(settings))
        rows = person_rows.delete_rows(connection, person.leads, person.entries, persons)
        correct_sums(connection, settings, affected, now)
        counts = Counter(dict(rows))
        counts["crm_records"] = _erase_mirror(connection, mirror_cipher, person, now)
        receipt = ErasureReceipt(new_row_id(), len(person.leads), +counts, platforms)
        if dry_run or receipt.empty:
            connection.rollback()
        else:
            text = json.dumps(receipt.content())
            erasures.add(connection, receipt.erasure_id, person.digests, text, now)
            audit(connection, receipt)
            connection.commit()
    return receipt


def _erase_mirror(connection: Connection, cipher: IdentifierCipher, person: FoundPerson, now: datetime) -> int:
    """Erase the person's records from the mirrors of CRMs; return how many."""
    records = [
        (name, object_name, lead)
        for name, info in crms().items()
        for object_name in info.lead_objects
        for lead in person.leads
    ]
    records += person.records
    erased = crm_erasure.erase_person(
        connection, cipher, now, records=records, emails=person.emails, phones=person.phones
    )
    return sum(map(len, erased.values()))


def write_spool(engine: Engine, settings: Settings) -> list[str]:
    """Write the spool of this machine to the store; return the files that other processes still hold.

    Raises
    ------
    StoreError
        If the store does not answer.
    """
    folder = settings.resolve(".leadworth") / "spool"
    writer = GroupCommitWriter(engine, Spool(folder), settings.retention)
    writer.recover()
    writer.stop()
    if writer.away is not None:
        raise StoreError(f"the spool cannot be written to the store: {writer.away}", do="see `leadworth doctor`")
    return sorted(path.name for path in folder.glob("*.jsonl"))


def wait_for_leases(engine: Engine, leads: list[str], most_seconds: float) -> None:
    """Wait until no export worker is sending an event of leads; a lease ends by itself after `most_seconds`.

    Raises
    ------
    StoreError
        If workers take events of the leads again and again.
    """
    end = time.monotonic() + 2 * most_seconds
    while time.monotonic() < end:
        with engine.connect() as connection:
            if person_rows.leased_until(connection, leads, stamp(datetime.now(UTC))) is None:
                return
        time.sleep(LEASE_POLL_SECONDS)
    raise StoreError("an export worker goes on sending events of this person", do="end the worker, and run this again")


def purge_rows(engine: Engine) -> str | None:
    """Remove the deleted rows of persons from the files of the database; return why some may be left."""
    fault = None
    for attempt in range(PURGE_ATTEMPTS):
        if attempt:
            time.sleep(PURGE_WAIT_SECONDS)
        fault = purge(engine, (*person_index.OF_LEADS, answers, velocity_events))
        if fault is None:
            break
    return fault


def _click_ids(connection: Connection, cipher: IdentifierCipher, leads: list[str]) -> set[str]:
    """Return the click ids of leads whose identifiers are kept."""
    found: set[str] = set()
    for sealed in lead_identifiers.encrypted_of_leads(connection, leads).values():
        identity: Any = cipher.decrypt(sealed)["identity"]
        found.update(str(identity[name]) for name in PLATFORM_IDS if name in identity)
    return found
