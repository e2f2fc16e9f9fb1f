"""Outbox rows of a new lead."""

from __future__ import annotations

from datetime import UTC, datetime

from store.schema import export_events, export_people
from tests.conversions.export_setup import SCORE, ExportSetup, lead


def test_rejected_lead_has_no_event(export: ExportSetup) -> None:
    export.add(lead(), to=("google",), score={"verdict": "reject"})
    assert export.rows() == []


def test_lead_accepted_only_for_exploration_has_no_event(export: ExportSetup) -> None:
    rows = export.writer_for("google").rows(lead(), SCORE, datetime.now(UTC), would_be="reject")
    assert "export_events" not in rows
    assert rows["export_people"]


def test_no_identifier_is_stored_in_clear_text(export: ExportSetup) -> None:
    export.add(lead(), to=("google", "meta", "microsoft"))
    with export.engine.connect() as connection:
        text = str([connection.execute(table.select()).all() for table in (export_events, export_people)])
    assert SCORE["currency"] in text
    assert not any(part in text for part in ("firm1", "Cj0KCQ1", f"{1:032x}"))
