"""Checks of the doctor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from features.lookup_lists import LookupList
from leadworth.health_findings import Severity
from serving import doctor_checks
from tests.serving.running import settings_in


@pytest.mark.parametrize(("age", "level"), [(89, Severity.OK), (92, Severity.WARN)])
def test_old_lists_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: int, level: Severity) -> None:
    day = datetime.now(UTC).date() - timedelta(days=age)
    monkeypatch.setattr("features.lookup_lists.lists", lambda: (LookupList("mail.toml", "1", day, "0" * 16, "MIT"),))
    (found,) = doctor_checks.lists(settings_in(tmp_path))
    assert found.level is level
    assert (f"mail.toml is of {day}" in found.what) == (level is Severity.WARN)
