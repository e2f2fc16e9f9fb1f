"""Findings are printed with severity, description and remedy."""

from __future__ import annotations

import pytest

from leadworth.health_findings import STYLES, HealthFinding, Severity, show


@pytest.mark.parametrize("severity", list(Severity))
def test_a_finding_is_printed_as_plain_text(severity: Severity, capsys: pytest.CaptureFixture[str]) -> None:
    show(HealthFinding(severity, "store", "[bold] has 3 rows", "do this"))
    first, second = capsys.readouterr().out.splitlines()
    assert first.split() == [severity, "store", "[bold]", "has", "3", "rows"]
    assert second.strip() == "what to do: do this"
    assert severity in STYLES


def test_without_a_remedy_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    show(HealthFinding(Severity.OK, "store", "answers"))
    assert len(capsys.readouterr().out.splitlines()) == 1
