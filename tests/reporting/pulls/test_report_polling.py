"""Waiting for a report."""

from __future__ import annotations

import pytest

from leadworth.http_errors import UnansweredError
from reporting.pulls.report_polling import wait_for


def test_a_report_is_waited_for() -> None:
    answers = iter([None, None, ""])
    assert wait_for(lambda: next(answers), 10.0) == ""


def test_a_report_that_is_not_ready_in_time_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reporting.pulls.report_polling.FIRST_SECONDS", 0.02)
    with pytest.raises(UnansweredError, match="not ready after"):
        wait_for(lambda: None, 0.1)
