"""Spooled decisions of people who were erased meanwhile."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, select

from leadworth.retention_settings import RetentionSettings
from store import erasures
from store.group_commit import GroupCommitWriter
from store.idempotency_records import StoredAnswer
from store.row_counts import row_counts
from store.schema import decisions
from store.spool import Spool, StoreEntry
from store.timestamps import stamp
from store.velocity_events import VelocityEvent
from tests.store.rows import NOW, decision_row, entry

AT = int(NOW.timestamp()) * 1_000_000


def spooled(lead: str, at: int, **columns: object) -> StoreEntry:
    row = entry(lead, velocity_person=len(lead), velocity_at=at, **columns)
    answer = StoredAnswer(f"key {lead}", "b", b"{}", stamp(NOW))
    event = VelocityEvent(at, len(lead), b"\x01" * 56)
    return StoreEntry([decision_row(lead)], answer, {"person_index": [row]}, [event])


def test_leads_sent_before_the_erasure_are_dropped(engine: Engine, tmp_path: Path) -> None:
    spool = Spool(tmp_path / "other")
    entries = [
        spooled("A", AT - 1, email="e1"),
        spooled("BB", AT + 1, email="e1"),  # came back after the erasure
        spooled("CCC", AT - 1, email="e2"),
        spooled("DDDD", AT - 1, phone="n1"),
        spooled("EEEEE", AT - 1, email="e2", phone="n1"),  # a colleague with the same number
    ]
    spool.append(entries)
    spool.release()
    writer = GroupCommitWriter(engine, Spool(tmp_path / "other"), RetentionSettings())
    with engine.begin() as connection:
        erasures.add(connection, "x", [("email", "e1"), ("phone", "n1")], "{}", NOW)
        erasures.add(connection, "y", [("email", "e1")], "{}", NOW - timedelta(days=1))
    assert writer.recover() == len(entries)
    writer.stop()
    counts = row_counts(engine)
    kept = ["BB", "CCC", "EEEEE"]
    assert [counts[name] for name in ("decisions", "answers", "person_index", "velocity_events")] == [3, 3, 3, 3]
    with engine.connect() as connection:
        assert sorted(connection.execute(select(decisions.c.lead_id)).scalars()) == kept
