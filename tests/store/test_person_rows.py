"""Rows of a person in the tables."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import Connection, select

from store import outbox, outbox_queries, person_rows
from store.schema import export_events
from store.timestamps import stamp
from tests.store.rows import NOW, event


def add(connection: Connection, *events: outbox.Row) -> None:
    outbox.add(connection, {"export_events": list(events)})


def states(connection: Connection) -> list[tuple[str, str, str | None]]:
    columns = export_events.c
    query = select(columns.lead_id, columns.state, columns.payload).order_by(columns.lead_id, columns.version)
    return [tuple(row) for row in connection.execute(query)]


def test_live_leases_are_found(connection: Connection) -> None:
    ends = [stamp(NOW + timedelta(seconds=seconds)) for seconds in (-5, 20, 40)]
    add(connection, *(event(f"L{end}", leased_by="a", lease_until=end) for end in ends))
    leads = [f"L{end}" for end in ends]
    assert person_rows.leased_until(connection, leads, stamp(NOW)) == ends[2]
    assert person_rows.leased_until(connection, leads[:1], stamp(NOW)) is None
    assert person_rows.leased_until(connection, [], stamp(NOW)) is None


def test_open_events_end(connection: Connection) -> None:
    add(
        connection,
        event("A"),
        event("B", state="retry", in_doubt_until=stamp(NOW)),
        event("C", leased_by="a"),
        event("D", kind="retraction"),
        event("E", state="accepted", payload=None),
        event("F"),
    )
    assert person_rows.settle_events(connection, ["A", "B", "C", "D", "E"], stamp(NOW)) == 1
    assert states(connection) == [
        ("A", "suppressed", None),
        ("B", "uncertain", None),
        ("C", "uncertain", None),
        ("D", "pending", "encrypted"),
        ("E", "accepted", None),
        ("F", "pending", "encrypted"),
    ]


def test_events_without_a_person_keep_what_a_retraction_needs(connection: Connection) -> None:
    add(connection, event("A", state="rejected"), event("A", version=2, kind="retraction"), event("B", campaign="c"))
    [_, retraction] = outbox_queries.events_of_leads(connection, ["A"])
    person_rows.set_payload(connection, retraction["event_id"], "reduced")
    assert person_rows.anonymise_events(connection, {"A": "erased-1", "absent": "erased-2"}) == 2
    assert states(connection) == [
        ("B", "pending", "encrypted"),
        ("erased-1", "rejected", None),
        ("erased-1", "pending", "reduced"),
    ]
    assert connection.execute(select(export_events.c.campaign).order_by("lead_id")).scalars().all() == ["c", None, None]


def test_evidence_of_consent_stays_without_what_people_wrote(connection: Connection) -> None:
    entry = {"granted": True, "given_at": stamp(NOW), "source": "letter of Ada"}
    evidence = json.dumps({"ad_user_data": entry, "ad_personalization": None})
    assumed = json.dumps({"ad_user_data": {"assumed_in": "US"}, "ad_personalization": None})
    add(connection, event("A", consent=evidence), event("A", version=2, consent=assumed), event("B", consent=evidence))
    person_rows.anonymise_events(connection, {"A": "erased-1"})
    query = select(export_events.c.consent).order_by(export_events.c.lead_id, export_events.c.version)
    kept, first, second = connection.execute(query).scalars()
    assert (kept, second) == (evidence, assumed)
    assert json.loads(first) == {"ad_user_data": {**entry, "source": "erased"}, "ad_personalization": None}
