"""Erasure of a person."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from conversions import erasure
from leadworth.errors import InputError
from store.schema import consents, erasures, export_people
from tests.conversions.export_setup import ExportSetup, lead


def test_events_are_withdrawn_or_retracted_and_identifiers_deleted(export: ExportSetup) -> None:
    retracting = ("google_ads", "microsoft", "google")
    export.add(lead(1), to=retracting)
    for name in retracting:
        export.worker(name).work()
    export.add(lead(2, email="P1@firm1.example "), to=("meta", "linkedin"))
    export.worker("linkedin").work()
    with export.engine.begin() as connection:
        leads = erasure.leads_of(connection, export.writer.cipher, None, "p1@firm1.example")
        result = erasure.erase(connection, leads, export.destinations, export.writer.cipher, datetime.now(UTC))
    assert leads == ["L1", "L2"]
    assert result.withdrawn == 1
    assert result.retractions == dict.fromkeys(retracting, 1)
    assert result.not_retractable == {"linkedin": 1}
    for name in retracting:
        export.make_due()
        assert export.worker(name).work() == {"accepted": 1}
    assert [values[-1] for values in export.sandbox.of("google_ads").values.values()] == [None]
    assert [values[-1] for values in export.sandbox.of("microsoft").values.values()] == [None]
    assert [values[-1] for values in export.sandbox.of("google").values.values()] == [0.0]
    with export.engine.connect() as connection:
        assert connection.execute(export_people.select()).all() == []
        assert connection.execute(consents.select()).all() == []
        receipts = connection.execute(select(erasures.c.receipt)).scalars().all()
    assert [json.loads(receipt)["not_retractable"] for receipt in receipts] == [{"linkedin": 1}] * 2
    assert {row["payload"] for row in export.rows()} == {None}


def test_later_event_of_an_erased_lead_is_suppressed(export: ExportSetup) -> None:
    export.add(lead(), to=("google",))
    with export.engine.begin() as connection:
        erasure.erase(connection, ["L1"], export.destinations, export.writer.cipher, datetime.now(UTC))
    export.add(lead(), to=("meta",))
    assert export.worker("meta").work() == {"suppressed": 1}
    assert export.states()[-1] == ("suppressed", "erased")


def test_unknown_person(export: ExportSetup) -> None:
    with export.engine.connect() as connection, pytest.raises(InputError, match="no lead of this person"):
        erasure.leads_of(connection, export.writer.cipher, "L404", "nobody@nowhere.example")
