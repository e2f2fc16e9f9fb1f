"""What the tests of the pulls share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeat and poll without the waits of a real platform."""
    monkeypatch.setattr("reporting.pulls.pull_http.WAIT_SECONDS", 0.01)
    monkeypatch.setattr("reporting.pulls.report_polling.FIRST_SECONDS", 0.0)
