"""Retention of identifiers and payloads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from conversions.retention import delete_expired
from store.schema import export_events
from tests.conversions.export_setup import ExportSetup, lead


def test_identifiers_are_deleted_after_their_retention_time(export: ExportSetup) -> None:
    export.add(lead(), to=("google",))
    assert delete_expired(export.engine, datetime.now(UTC)) == (0, 0)
    assert delete_expired(export.engine, datetime.now(UTC) + timedelta(days=91)) == (1, 0)


def test_payload_of_a_rejected_event_is_deleted_after_the_window(export: ExportSetup) -> None:
    export.add(lead(), to=("google",))
    with export.engine.begin() as connection:
        connection.execute(update(export_events).values(state="rejected"))
    window = export.destinations["google"].limits.window
    assert delete_expired(export.engine, datetime.now(UTC)) == (0, 0)
    assert delete_expired(export.engine, datetime.now(UTC) + window)[1] == 1
