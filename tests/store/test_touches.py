from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from store import touches
from store.touches import Touch
from tests.store.stored_touches import stored_touches

AT = datetime(2026, 11, 1, 10, tzinfo=UTC)
VISIT = Touch("A", AT, "Paid Search", "google_ads:1:7", "google", "cpc", "visit", "collector")


def test_touches_are_added_once_and_never_updated(connection: Connection) -> None:
    assert len(touches.add(connection, [VISIT, replace(VISIT, at=AT + timedelta(days=1)), VISIT])) == 2
    assert touches.add(connection, [replace(VISIT, channel="Direct", campaign_key="other")]) == []
    assert stored_touches(connection, ["A"])[0] == VISIT
    assert touches.add(connection, []) == []


def test_touches_move_to_another_lead_and_are_not_doubled(connection: Connection) -> None:
    form = replace(VISIT, kind="form", at=AT + timedelta(hours=1))
    touches.add(connection, [VISIT, form, replace(VISIT, lead_id="B"), replace(VISIT, lead_id="C")])
    touches.move(connection, {"A": "B"})
    assert stored_touches(connection, ["A"]) == []
    assert stored_touches(connection, ["B"]) == [replace(VISIT, lead_id="B"), replace(form, lead_id="B")]
    assert len(stored_touches(connection, ["C"])) == 1
