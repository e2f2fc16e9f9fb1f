"""Erasing one person leaves all other rows as they are, and no row is lost uncounted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from conversions.outbox_writer import encrypt_lead
from conversions.person_entry import person_entry
from features.velocity_keys import SECRET_PURPOSE, keys_of
from leadworth.encryption import IdentifierCipher
from leadworth.key_derivation import key_for
from leadworth.settings import Settings
from serving.personal_data.person_erasure import PersonQuery, erase_person, find_person
from store import consents, decision_log, feedback, idempotency_records, outbox, velocity_events
from store.engine import open_engine
from store.idempotency_records import StoredAnswer
from store.migrate import upgrade
from store.schema import metadata
from store.timestamps import stamp
from store.velocity_events import VelocityEvent
from tests.store.rows import decision_row, event
from tests.store.rows import person as identifiers

EMAILS = ("ada@acme.de", "bob@acme.de", "eve@plant.it", None)
PHONES = ("+49 30 901820", "+49 30 901821", "+39 06 6982", None)
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Sent:
    """A lead and what happened to it."""

    email: str | None
    phone: str | None
    scores: int
    label: bool
    consent: bool
    keyed: bool
    states: tuple[str, ...]


leads = st.builds(
    Sent,
    email=st.sampled_from(EMAILS),
    phone=st.sampled_from(PHONES),
    scores=st.integers(1, 3),
    label=st.booleans(),
    consent=st.booleans(),
    keyed=st.booleans(),
    states=st.lists(st.sampled_from(["pending", "retry", "accepted", "rejected", "uncertain"]), max_size=3).map(tuple),
)


def add(connection: Connection, number: int, sent: Sent, home: Settings, cipher: IdentifierCipher) -> None:
    """Store a lead as the service, the staff and the export do."""
    lead = {"lead_id": f"L{number}", "email": sent.email, "phone": sent.phone, "country": "DE"}
    secret = key_for(home, SECRET_PURPOSE)
    for score in range(sent.scores):
        key = f"key-{number}-{score}" if sent.keyed else None
        keys = keys_of(lead, secret)
        at = 1_000_000 * (1_000_000_000 + 10 * number + score)
        happened = VelocityEvent(at, keys.person, keys.packed(), keys.domain, None)
        decision_log.insert(connection, [decision_row(f"L{number}", idempotency_key=key)])
        velocity_events.insert(connection, [happened])
        outbox.add(connection, {"person_index": [person_entry(cipher, lead, happened)]})
        if key:
            idempotency_records.keep(connection, StoredAnswer(key, "b", b"{}", stamp(NOW)), 24.0)
    if sent.label:
        feedback.give(connection, f"L{number}", "won", given_by="k", why=f"why {number}")
    if sent.consent:
        consents.record(connection, f"L{number}", {"ad_user_data": True}, "form", NOW)
        outbox.add(
            connection,
            {"export_people": [identifiers(f"L{number}", pseudonym=None, sealed=encrypt_lead(cipher, lead))]},
        )
    events = [
        event(f"L{number}", destination=name, state=state, happened_at=stamp(NOW - timedelta(days=1)))
        for name, state in zip(("meta", "google", "tiktok"), sent.states, strict=False)
    ]
    outbox.add(connection, {"export_events": events})


def rows_of(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [dict(row) for row in connection.execute(table.select()).mappings()]
        for name, table in metadata.tables.items()
    }


def of_same_person(sent: Sequence[Sent], chosen: int, way: str) -> list[str]:
    """Return the ids of the leads that are the person's, as `leadworth erase` defines it."""
    lead = sent[chosen]
    if way == "phone":
        found = {number for number, other in enumerate(sent) if other.phone == lead.phone}
    elif way == "lead" and lead.phone and not lead.email:
        alike = {number for number, other in enumerate(sent) if other.phone == lead.phone and not other.email}
        found = {chosen, *alike}
    else:
        found = {chosen}
    emails = {sent[number].email for number in found} - {None}
    return sorted(f"L{number}" for number, other in enumerate(sent) if number in found or other.email in emails)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("home")
    return Settings(currency="EUR", leads={}, secret="s" * 40, folder=folder)


@pytest.fixture(scope="module")
def engine(home: Settings) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{home.folder}/s.db")
    upgrade(engine)
    yield engine
    engine.dispose()


@settings(max_examples=15)
@given(sent=st.lists(leads, min_size=1, max_size=6), data=st.data())
def test_other_people_stay_and_counts_add_up(
    home: Settings, engine: Engine, sent: Sequence[Sent], data: st.DataObject
) -> None:
    cipher = IdentifierCipher.from_settings(home)
    with engine.begin() as connection:
        for table in metadata.tables.values():
            connection.execute(table.delete())
        for number, lead in enumerate(sent):
            add(connection, number, lead, home, cipher)
        before = rows_of(connection)
    chosen = data.draw(st.sampled_from(range(len(sent))))
    way = data.draw(st.sampled_from([name for name in ("email", "phone", "lead") if getattr(sent[chosen], name, "id")]))
    query = PersonQuery(**{way: getattr(sent[chosen], way, f"L{chosen}")})
    with engine.connect() as connection:
        person = find_person(connection, home, cipher, query)
    assert person.leads == of_same_person(sent, chosen, way)
    receipt = erase_person(engine, home, person, {}, cipher, cipher, lambda *_: None, dry_run=False)
    with engine.connect() as connection:
        after = rows_of(connection)
    times = {at for _, at in person.velocity_events}
    for name, rows in before.items():
        gone = [row for row in rows if belongs(name, row, person.leads, times)]
        others = [row for row in rows if row not in gone]
        if name == "export_events":
            assert [row for row in after[name] if row in others] == others
            assert len(after[name]) == len(rows)
            assert receipt.platforms.anonymised == len(gone)
            assert not any(row["payload"] for row in after[name] if row["lead_id"].startswith("erased-"))
        elif name != "erasures":
            assert after[name] == others
            assert receipt.rows.get(name, 0) == len(gone)


def belongs(table: str, row: dict[str, Any], leads: Sequence[str], times: set[int]) -> bool:
    """Return whether a row is of one of the leads."""
    if table == "velocity_events":
        return row["at"] in times
    if table == "answers":
        return f"L{row['key'].split('-')[1]}" in leads
    return row.get("lead_id") in leads
