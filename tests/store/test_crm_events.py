from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from leadworth.crm_records import RecordEvent
from store import crm_events
from store.crm_events import EventTask

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOON = NOW + timedelta(seconds=1)


def waiting(connection: Connection, task: EventTask, object_name: str, limit: int = 9) -> list[RecordEvent]:
    return crm_events.waiting(connection, "acme", task, object_name, SOON, limit)


def test_an_event_is_stored_once_and_worked_off_once(connection: Connection) -> None:
    events = [RecordEvent("1", "leads", "7", NOW), RecordEvent("2", "deals", "9"), RecordEvent("1", "leads", "7", NOW)]
    assert crm_events.add(connection, "acme", events, NOW) == 2
    assert crm_events.add(connection, "acme", events[:1], NOW) == 0
    assert crm_events.objects_waiting(connection, "acme", EventTask.READ, NOW) == []
    assert crm_events.objects_waiting(connection, "acme", EventTask.READ, SOON) == ["deals", "leads"]
    assert waiting(connection, EventTask.READ, "leads") == events[:1]
    crm_events.mark_worked(connection, "acme", ["1"], SOON)
    assert waiting(connection, EventTask.READ, "leads") == []
    assert waiting(connection, EventTask.READ, "deals") == [events[1]]
    assert crm_events.add(connection, "acme", events[:1], SOON) == 0
    assert crm_events.delete_worked(connection, SOON) == 0
    assert crm_events.delete_worked(connection, SOON + timedelta(1)) == 1


def test_erasures_and_requests_to_score_are_tasks_of_their_own(connection: Connection) -> None:
    crm_events.add(connection, "acme", [RecordEvent("1", "leads", "7", NOW, erase=True)], NOW)
    crm_events.request_scores(connection, "acme", "leads", {"8", "9"}, NOW)
    crm_events.request_scores(connection, "acme", "leads", {"9"}, SOON)
    [erased] = waiting(connection, EventTask.ERASE, "leads")
    assert (erased.record_id, erased.erase) == ("7", True)
    assert [event.record_id for event in waiting(connection, EventTask.SCORE, "leads")] == ["8", "9"]
    assert crm_events.mark_scored(connection, "acme", SOON, SOON) == 2
    assert crm_events.count_waiting(connection, "acme") == {EventTask.ERASE: 1, EventTask.SCORE: 1}
