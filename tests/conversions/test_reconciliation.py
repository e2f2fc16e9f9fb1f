"""Reconciliation with the status of receipts and with reports of the platforms."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from conversions import reconciliation
from leadworth.errors import InputError
from tests.conversions.export_setup import ExportSetup, lead


def test_transient_failure_at_the_platform_is_sent_again(export: ExportSetup) -> None:
    export.sandbox.fails = 1.0
    export.add(lead(), to=("google",))
    export.worker("google").work()
    later = datetime.now(UTC) + timedelta(minutes=31)
    assert reconciliation.ask_for_status(export.engine, export.destinations["google"], later) == 1
    assert reconciliation.ask_for_status(export.engine, export.destinations["google"], later) == 0
    assert [(row["version"], row["state"], row["code"]) for row in export.rows()] == [
        (1, "accepted", ""),
        (2, "pending", "told-again"),
    ]
    with export.engine.connect() as connection:
        assert list(reconciliation.processing_differences(connection, later)) == []
        [difference] = reconciliation.processing_differences(connection, later + timedelta(hours=73))
    assert (difference.accepted, difference.counted, difference.alarming) == (1, 0, True)


def test_report_is_compared_by_day(export: ExportSetup, tmp_path: Path) -> None:
    four_days_ago = datetime.now(UTC) - timedelta(days=4)
    export.add(*(lead(number, submitted_at=four_days_ago) for number in range(3)), lead(9), to=("google",))
    export.worker("google").work()
    today = datetime.now(UTC).date()
    report = tmp_path / "report.csv"
    report.write_text(f"day,conversions\n{four_days_ago.date()},2\n{today},7\n")
    with export.engine.connect() as connection:
        [day] = reconciliation.compare_report(connection, "google", report, datetime.now(UTC))
    assert (day.destination, day.accepted, day.counted) == (f"google {four_days_ago.date()}", 3, 2)


@pytest.mark.parametrize(
    ("content", "message"),
    [("day,value\n2026-01-01,3\n", "columns"), ("day,conversions\n2026-01-01,many\n", "line 2")],
)
def test_unreadable_report(export: ExportSetup, tmp_path: Path, content: str, message: str) -> None:
    report = tmp_path / "report.csv"
    report.write_text(content)
    with export.engine.connect() as connection, pytest.raises(InputError, match=message):
        reconciliation.compare_report(connection, "google", report, datetime.now(UTC))


def test_difference_without_accepted_events_is_no_alarm() -> None:
    assert not reconciliation.Difference(f"google {date.today()}", 0, 3, "shown").alarming
