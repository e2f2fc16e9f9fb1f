"""The check of API versions warns before a version ends and fails afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from scripts import check_versions


def clock(days: int) -> Any:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2026, 11, 28, tzinfo=tz) + timedelta(days=days)

    return Clock


def test_default_versions_are_supported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(check_versions, "datetime", clock(0))
    check_versions.main()
    assert "platforms:" in capsys.readouterr().out


def test_an_ended_version_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(check_versions, "datetime", clock(3_650))
    with pytest.raises(SystemExit):
        check_versions.main()
    assert "raise the versions" in capsys.readouterr().err
