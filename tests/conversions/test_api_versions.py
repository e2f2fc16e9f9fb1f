"""Ends of API versions."""

from __future__ import annotations

from datetime import date

import pytest

from conversions.api_versions import endings
from leadworth.export_settings import ExportSettings


@pytest.mark.parametrize(
    ("version", "today", "expected"),
    [
        ("v24.0", date(2026, 8, 1), []),
        ("v24.0", date(2026, 8, 7), ["meta v24.0 ends on 2026-10-06"]),
        ("v24.0", date(2027, 8, 7), ["meta v24.0 ends on 2026-10-06"]),
        ("v26.0", date(2026, 8, 7), []),
        ("v1.0", date(2026, 8, 7), ["meta v1.0 is not a version that leadworth knows"]),
    ],
)
def test_a_version_is_named_when_it_ends_or_is_unknown(version: str, today: date, expected: list[str]) -> None:
    settings = ExportSettings(meta={"version": version})  # type: ignore[call-arg]
    assert [str(end) for end in endings(settings, today) if end.platform == "meta"] == expected
