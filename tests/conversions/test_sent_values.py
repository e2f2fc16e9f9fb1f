"""Sent values: ramp of a new model, cap with the mean preserved, smallest value."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from store.approvals import approve
from tests.conversions.export_setup import ExportSetup, export_at, lead

NEW_MODEL = {"predicted_value": 30.0, "model_version": "2"}


def send(export: ExportSetup) -> None:
    while export.worker("google").work():
        pass


def test_new_model_changes_the_mean_by_a_fifth_until_it_is_approved(export: ExportSetup) -> None:
    export.add(*map(lead, range(40)), to=("google",))
    send(export)
    export.add(*map(lead, range(100, 110)), to=("google",), score=NEW_MODEL)
    assert export.worker("google").work() == {"retry": 10}  # too few values to compare the means
    assert ("retry", "held-new-model") in export.states()
    export.add(*map(lead, range(110, 140)), to=("google",), score=NEW_MODEL)
    export.make_due()
    send(export)
    assert {row["sent_value"] for row in export.rows() if row["model_version"] == "2"} == {"12.00"}
    with export.engine.begin() as connection:
        approve(connection, "2", "test", datetime.now(UTC))
    export.add(lead(200), to=("google",), score=NEW_MODEL)
    send(export)
    assert export.rows()[-1]["sent_value"] == "30.00"


def test_cap_preserves_the_mean(store_url: str, tmp_path: Path) -> None:
    values = [5.0, 10.0, 15.0, 170.0]
    with export_at(store_url, tmp_path, cap=20.0) as export:
        for number, value in enumerate(values):
            export.add(lead(number), to=("google",), score={"predicted_value": value})
        export.worker("google").work()
        sent = sorted(float(row["sent_value"]) for row in export.rows())
    assert sent == [20.0, 40.0, 60.0, 80.0]
    assert sum(sent) == sum(values)


def test_genuine_lead_has_at_least_the_smallest_value(export: ExportSetup) -> None:
    export.add(lead(), to=("google",), score={"predicted_value": 0.0})
    export.worker("google").work()
    assert export.rows()[0]["sent_value"] == "1.00"
