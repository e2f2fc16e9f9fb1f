from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from leadworth.crm_records import RecordEvent
from store import crm_events

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_event_is_stored_once_and_worked_off_once(connection: Connection) -> None:
    events = [RecordEvent("1", "leads", "7", NOW), RecordEvent("2", "deals", "9"), RecordEvent("1", "leads", "7", NOW)]
    assert crm_events.add(connection, "acme", events, NOW) == 2
    assert crm_events.add(connection, "acme", events[:1], NOW) == 0
    soon = NOW + timedelta(seconds=1)
    assert crm_events.waiting(connection, "acme", NOW, 9) == []
    assert crm_events.waiting(connection, "acme", soon, 9) == events[:2]
    crm_events.mark_worked(connection, "acme", ["1"], soon)
    assert crm_events.waiting(connection, "acme", soon, 9) == [events[1]]
    assert crm_events.delete_worked(connection, soon) == 0
    assert crm_events.delete_worked(connection, soon + timedelta(1)) == 1
